"""GDepth of Android photos as depth maps."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from nearfar.photo import jpeg, xmp

CODES = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


def android(**tags: str) -> bytes:
    """A JPEG with a GDepth record of `CODES`."""
    buffer = io.BytesIO()
    Image.fromarray(CODES).save(buffer, "PNG")
    record = {
        "GDepth:Format": "RangeInverse",
        "GDepth:Near": "0.5",
        "GDepth:Far": "4",
        "GDepth:Mime": "image/png",
        "GDepth:Data": base64.b64encode(buffer.getvalue()).decode(),
        **{f"GDepth:{name}": value for name, value in tags.items()},
    }
    return jpeg.compose(np.full((24, 32, 3), 128, np.uint8), [], xmp=xmp.build(record))


def depth_of(data: bytes) -> nf.DepthMap:
    depth = nf.open(data).depth
    assert depth is not None
    return depth


def test_range_inverse_follows_google_s_formula() -> None:
    depth = depth_of(android())
    n = CODES.astype(np.float64) / 255
    expected = 4 * 0.5 / (4 - n * (4 - 0.5))
    assert depth.kind is nf.DepthKind.DISPARITY
    assert np.allclose(depth.to(nf.DepthKind.DEPTH).values, expected, rtol=1e-5)
    assert depth.values[0, 0] == depth.values.max(), "code 0 is the nearest"


def test_range_linear_in_millimetres_comes_in_metres() -> None:
    depth = depth_of(android(Format="RangeLinear", Near="500", Far="4000", Units="mm"))
    assert depth.kind is nf.DepthKind.DEPTH
    assert depth.metric
    assert np.allclose(depth.values, 0.5 + CODES / 255 * 3.5, rtol=1e-5)


def test_units_that_nobody_stated_are_not_metric() -> None:
    assert not depth_of(android()).metric


def test_the_summary_names_the_format() -> None:
    summary = nf.open(android()).summary()
    assert summary["format"] == "gdepth"
    assert summary["depth"]["min"] == pytest.approx(0.25)
    assert summary["depth"]["max"] == pytest.approx(2)


def test_converting_says_what_is_lost_and_leaves_no_stale_tag() -> None:
    photo = nf.open(android())
    with pytest.warns(nf.LossWarning, match="original"):
        data = photo.file_data("heic")
    again = nf.open(data)
    assert again.depth is not None
    assert photo.depth is not None
    step = (2 - 0.25) / 255
    assert np.abs(again.depth.values - photo.depth.values).max() <= 1.5 * step
    assert again.metadata.xmp is None or not any(
        name.startswith("GDepth:") for name in xmp.parse(again.metadata.xmp).tags
    )


def test_what_gdepth_has_no_place_for_is_refused_in_its_own_file() -> None:
    photo = nf.open(android())
    with pytest.raises(nf.PhotoError, match="HEIC"):
        photo.with_edits(f_number=2.0).file_data("jpeg")
    with pytest.raises(nf.PhotoError, match="HEIC"):
        photo.with_depth(None).file_data("jpeg")
    with pytest.warns(nf.LossWarning):
        assert nf.open(photo.with_edits(f_number=2.0).file_data("heic")).edits.f_number == 2.0


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "size", "near", "far"),
    [
        ("lensblur_gdepth_1.jpg", (1536, 2048), 18.849538803100586, 633.323486328125),
        ("lensblur_gdepth_2.jpg", (768, 1024), 12.423587799072266, 390.539306640625),
    ],
)
def test_lens_blur_photos_have_their_depth(
    samples: Path, name: str, size: tuple[int, int], near: float, far: float, tmp_path: Path
) -> None:
    path = samples / "photos" / "android" / name
    photo = nf.open(path)
    depth = photo.depth
    assert depth is not None
    assert (depth.width, depth.height) == photo.size == size
    assert not depth.metric
    metres = depth.to(nf.DepthKind.DEPTH).values
    assert near * 0.999 <= metres.min()
    assert metres.max() <= far * 1.001
    photo.save(tmp_path / name)
    assert (tmp_path / name).read_bytes() == path.read_bytes()
