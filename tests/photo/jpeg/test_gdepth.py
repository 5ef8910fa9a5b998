"""GDepth records: of real Lens Blur photos, and made ones with every odd choice that the format allows."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nearfar.errors import CorruptFile, FileError, LimitExceeded, UnsupportedFile
from nearfar.photo import jpeg, xmp
from nearfar.photo.jpeg.extended_xmp import split_extended
from nearfar.photo.jpeg.segments import EXTENDED_XMP
from nearfar.photo.limits import Limits
from photo.jpeg import made

LENS_BLUR = {
    "lensblur_gdepth_1": ((1536, 2048), 18.849538803100586, 633.323486328125, "26.517597"),
    "lensblur_gdepth_2": ((768, 1024), 12.423587799072266, 390.539306640625, "16.577824"),
}
TAGS = {"GDepth:Format": "RangeLinear", "GDepth:Near": "0.5", "GDepth:Far": "4", "GDepth:Mime": "image/png"}


def png(samples: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def opened(tags: dict[str, str], limits: Limits | None = None) -> jpeg.JpegDocument:
    return jpeg.open_document(jpeg.compose(made.picture(), xmp=xmp.build(tags)), limits=limits)


@pytest.mark.samples
@pytest.mark.parametrize("name", LENS_BLUR)
def test_lens_blur_photos(samples: Path, name: str) -> None:
    size, near, far, focus = LENS_BLUR[name]
    document = jpeg.open_document((samples / "photos" / "android" / f"{name}.jpg").read_bytes())
    assert document.images == ()
    record = document.gdepth
    assert record is not None
    assert (record.format, record.near, record.far) == ("RangeInverse", near, far)
    assert (record.units, record.measure_type) == ("m", "OpticalAxis")
    assert record.tags["GFocus:FocalDistance"] == focus
    codes = record.decode()
    assert codes.dtype == np.uint8
    assert codes.shape == size[::-1]
    assert codes.max() > codes.min()
    assert record.decode_confidence() is None
    original = record.original()
    assert original is not None
    assert jpeg.open_document(original).size == size


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_png_codes_of_both_depths_come_back(dtype: type[np.unsignedinteger]) -> None:
    samples = np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (7, 9)).astype(dtype)
    record = opened({**TAGS, "GDepth:Data": png(samples), "GDepth:Confidence": png(samples[::-1])}).gdepth
    assert record is not None
    np.testing.assert_array_equal(record.decode(), samples)
    np.testing.assert_array_equal(record.decode_confidence(), samples[::-1])
    assert "GDepth:Data" not in record.tags


def test_large_records_travel_in_the_extension() -> None:
    samples = made.noise(300, 400)
    record = opened({**TAGS, "GDepth:Data": png(samples)}).gdepth
    assert record is not None
    np.testing.assert_array_equal(record.decode(), samples)


def test_jpeg_codes_are_read() -> None:
    coded = base64.b64encode(jpeg.compose(np.repeat(made.picture()[:, :, :1], 3, 2))).decode()
    record = opened({**TAGS, "GDepth:Data": coded, "GDepth:MeasureType": "OpticalRay"}).gdepth
    assert record is not None
    assert record.measure_type == "OpticRay"
    assert np.abs(record.decode().astype(int) - made.picture()[:, :, 0]).max() < 12


def test_a_photo_without_a_record_has_none() -> None:
    assert opened({"dc:format": "x"}).gdepth is None
    assert jpeg.open_document(jpeg.compose(made.picture())).gdepth is None


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"GDepth:Near": "nan"}, CorruptFile),
        ({"GDepth:Near": "x"}, CorruptFile),
        ({"GDepth:Near": "0"}, CorruptFile),
        ({"GDepth:Far": "0.1"}, CorruptFile),
        ({"GDepth:Format": "Other"}, UnsupportedFile),
        ({"GDepth:Data": "****"}, FileError),
        ({"GDepth:Data": "R0lGODlh"}, UnsupportedFile),
        ({"GDepth:Data": png(made.noise())[:60]}, CorruptFile),
        ({"GDepth:Data": png(made.noise())[:200]}, CorruptFile),
    ],
)
def test_broken_records_are_refused(change: dict[str, str], kind: type[FileError]) -> None:
    document = opened({**TAGS, "GDepth:Data": png(made.noise()), **change})
    with pytest.raises(kind):
        document.gdepth.decode()
    assert document.decode_color().shape == (48, 64, 3)


def test_a_record_over_the_limit_is_refused() -> None:
    record = opened({**TAGS, "GDepth:Data": png(made.noise(100, 100))}, Limits(max_pixels=5000)).gdepth
    assert record is not None
    with pytest.raises(LimitExceeded, match="100×100"):
        record.decode()


@pytest.mark.parametrize("fault", ["gap", "twice", "length", "bomb"])
def test_a_broken_extension_is_refused(fault: str) -> None:
    guid = "A" * 32
    pieces = list(split_extended(xmp.build({**TAGS, "GDepth:Data": png(made.noise(300, 300))}), guid))
    assert len(pieces) > 1
    if fault == "gap":
        del pieces[0]
    elif fault == "twice":
        pieces.append(pieces[0])
    else:
        number = len(pieces[0]) if fault == "length" else 0xFFFFFFFF
        pieces = [piece[:32] + number.to_bytes(4, "big") + piece[36:] for piece in pieces]
    from nearfar.photo.jpeg.segments import segment_bytes

    data = jpeg.compose(made.picture(), xmp=xmp.build({"xmpNote:HasExtendedXMP": guid}))
    at = jpeg.open_document(data).primary.segments[-1].end
    document = jpeg.open_document(
        data[:at] + b"".join(segment_bytes(EXTENDED_XMP, p) for p in pieces) + data[at:]
    )
    with pytest.raises(LimitExceeded if fault == "bomb" else CorruptFile):
        _ = document.gdepth
