"""Real phone photos: what is in them, and that nothing is lost on the way through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf

pytestmark = pytest.mark.samples

DISPARITY = nf.DepthKind.DISPARITY
APPLE: dict[str, dict[str, Any]] = {
    "iphone13pro_dualwide.heic": {
        "size": (4032, 3024),
        "depth": (768, 576),
        "range": (1.498046875, 4.3828125),
        "f": 3032.594,
        "center": (1988.451, 1512.307),
        "pixel": 1.9e-6,
        "f_number": 2.8,
        "gain_map": True,
        "mattes": [],
    },
    "iphonex_depth.jpg": {
        "size": (3024, 4032),
        "depth": (576, 768),
        "range": (0.650879, 2.509766),
        "f": 6112.781,
        "center": (1524.836, 2027.089),
        "pixel": 1e-6,
        "f_number": 4.5,
        "gain_map": False,
        "mattes": [],
    },
    "iphonex_depth_matte.jpg": {
        "size": (3024, 4032),
        "depth": (576, 768),
        "range": (0.864746, 1.366211),
        "f": 6073.921,
        "center": (1517.900, 2031.964),
        "pixel": 1e-6,
        "f_number": 4.5,
        "gain_map": False,
        "mattes": [nf.MatteKind.PORTRAIT],
    },
    "iphone12mini_depth_gainmap.jpg": {
        "size": (4032, 3024),
        "depth": (768, 576),
        "range": (0.229614, 4.835938),
        "f": 3077.546,
        "center": (2025.283, 1497.390),
        "pixel": 1.4e-6,
        "f_number": 2.8,
        "gain_map": True,
        "mattes": [],
    },
}


@pytest.fixture(params=sorted(APPLE))
def apple(request: pytest.FixtureRequest, samples: Path) -> tuple[Path, dict[str, Any]]:
    return samples / "photos" / "apple" / request.param, APPLE[request.param]


def test_an_iphone_photo_gives_its_depth_with_all_that_apple_says_of_it(
    apple: tuple[Path, dict[str, Any]],
) -> None:
    path, facts = apple
    photo = nf.open(path)
    depth = photo.depth
    assert depth is not None
    assert photo.size == facts["size"]
    assert (depth.width, depth.height) == facts["depth"]
    assert (depth.kind, depth.accuracy, depth.quality) == (DISPARITY, nf.Accuracy.RELATIVE, nf.Quality.HIGH)
    assert depth.filtered
    assert depth.metric
    assert depth.dtype == np.float32
    assert not np.isnan(depth.values).any()
    low, high = facts["range"]
    step = (high - low) / 255
    assert low - 1e-6 <= depth.values.min() <= low + 12 * step
    assert high - 12 * step <= depth.values.max() <= high + 1e-6
    calibration = depth.calibration
    assert calibration is not None
    assert calibration.reference_size == facts["size"]
    assert calibration.fx == calibration.fy == pytest.approx(facts["f"], abs=1e-3)
    assert (calibration.cx, calibration.cy) == pytest.approx(facts["center"], abs=1e-3)
    assert calibration.pixel_size is not None
    assert calibration.pixel_size > 0
    assert photo.edits.f_number == facts["f_number"]
    assert photo.edits.focus is None
    assert photo.has_gain_map == facts["gain_map"]
    assert list(photo.mattes) == facts["mattes"]


def test_every_tag_of_the_depth_image_can_be_read(samples: Path) -> None:
    tags = nf.open(samples / "photos/apple/iphone13pro_dualwide.heic").depth_tags
    assert tags["depthData:DepthDataVersion"] == "65541"
    assert tags["apdi:NativeFormat"] == "1751411059"
    assert tags["depthBlurEffect:RenderingParameters"].startswith("UkVORA")
    assert len(tags["depthData:LensDistortionCoefficients"]) == 8


def test_the_heic_range_is_the_exact_one_of_the_sei(samples: Path) -> None:
    depth = nf.open(samples / "photos/apple/iphone13pro_dualwide.heic").depth
    assert depth is not None
    assert depth.values.min() >= np.float32(1.498046875)
    assert depth.values.max() == np.float32(4.3828125)


def test_colour_is_upright_srgb_and_aligned_with_depth(apple: tuple[Path, dict[str, Any]]) -> None:
    path, facts = apple
    photo = nf.open(path)
    width, height = facts["size"]
    assert photo.color.shape == (height, width, 3)
    assert photo.color.dtype == np.uint8
    assert not photo.color.flags.writeable
    assert photo.color is photo.color


def test_the_matte_is_a_matte_and_not_the_depth(samples: Path) -> None:
    photo = nf.open(samples / "photos/apple/iphonex_depth_matte.jpg")
    matte = photo.mattes[nf.MatteKind.PORTRAIT]
    assert matte.values.shape == (2016, 1512)
    assert matte.values.max() > 250
    assert matte.values.min() < 5


def test_a_photo_without_depth_says_so(samples: Path) -> None:
    photo = nf.open(samples / "photos/no-depth/samsung_gainmap.heic")
    assert photo.depth is None
    assert photo.has_gain_map
    assert not photo.has_depth
    with pytest.raises(nf.NoDepth, match=r"samsung_gainmap\.heic: edits are stored") as caught:
        photo.with_edits(f_number=2.0)
    assert "gain map" in caught.value.found


def test_a_spatial_photo_gives_both_pictures_and_their_rig(samples: Path) -> None:
    photo = nf.open(samples / "photos/spatial/visionpro_spatial.heic")
    assert photo.depth is None
    pair = photo.stereo
    assert pair is not None
    assert pair.left.shape == pair.right.shape == (2560, 2560, 3)
    assert not np.array_equal(pair.left, pair.right)
    assert pair.rig.baseline == pytest.approx(0.063807, abs=1e-6)
    assert pair.rig.left.fx == pytest.approx(1525.44, abs=0.01)
    assert (pair.rig.left.cx, pair.rig.left.cy) == (1280, 1280)


def same(one: nf.Photo, other: nf.Photo) -> None:
    """Every value of two photos is identical."""
    assert one.depth is not None
    assert other.depth is not None
    assert one.depth.equals(other.depth)
    assert one.metadata == other.metadata
    assert one.edits == other.edits
    assert list(one.mattes) == list(other.mattes)
    assert all(np.array_equal(one.mattes[kind].values, other.mattes[kind].values) for kind in one.mattes)


def test_saving_an_opened_photo_gives_the_same_bytes(
    apple: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, _ = apple
    copy = tmp_path / path.name
    nf.open(path).save(copy)
    assert copy.read_bytes() == path.read_bytes()


def test_an_edit_keeps_picture_depth_and_metadata(apple: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    path, _ = apple
    photo = nf.open(path)
    copy = tmp_path / path.name
    photo.with_edits(f_number=1.4, focus=(0.25, 0.75)).save(copy)
    again = nf.open(copy)
    assert again.edits.f_number == 1.4
    assert again.edits.focus == (0.25, 0.75)
    back = again.with_edits(f_number=photo.edits.f_number, focus=None)
    back.save(copy)
    same(photo, nf.open(copy))
    assert np.array_equal(nf.open(copy).color, photo.color)


def test_a_replaced_depth_map_is_what_is_read_back(
    apple: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, facts = apple
    photo = nf.open(path)
    assert photo.depth is not None
    width, height = facts["depth"]
    ramp = np.linspace(0.5, 2.0, width * height, dtype=np.float32).reshape(height, width)
    mine = photo.depth.with_values(ramp)
    copy = tmp_path / path.name
    photo.with_depth(mine).save(copy)
    again = nf.open(copy)
    assert again.depth is not None
    assert again.depth.calibration is None
    assert np.abs(again.depth.values - ramp).max() <= 2.5 * 1.5 / 255
    assert np.array_equal(again.color, photo.color)
    assert again.metadata == photo.metadata
    assert again.edits == photo.edits
    assert again.has_gain_map == photo.has_gain_map


def test_converting_keeps_depth_mattes_metadata_and_gain_map(
    apple: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, facts = apple
    photo = nf.open(path)
    target = "jpeg" if photo.container == "heic" else "heic"
    copy = tmp_path / f"converted.{target}"
    photo.save(copy)
    again = nf.open(copy)
    assert again.container == target
    assert again.size == photo.size
    assert photo.depth is not None
    assert again.depth is not None
    low, high = facts["range"]
    assert np.abs(again.depth.values - photo.depth.values).max() <= 2.5 * (high - low) / 255
    assert again.depth.replace(values=photo.depth.values).equals(photo.depth)
    assert again.edits == photo.edits
    assert again.has_gain_map == photo.has_gain_map
    assert list(again.mattes) == list(photo.mattes)
    assert again.metadata.icc == photo.metadata.icc
    assert again.metadata.device == photo.metadata.device
    assert again.metadata.captured == photo.metadata.captured
    difference = np.abs(again.color[::7, ::7].astype(int) - photo.color[::7, ::7])
    assert difference.mean() < 4


def test_the_location_goes_when_asked_and_nothing_else(
    apple: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, _ = apple
    photo = nf.open(path)
    copy = tmp_path / path.name
    photo.save(copy, metadata="no-location")
    again = nf.open(copy)
    assert again.metadata.location is None
    assert again.metadata.device == photo.metadata.device
    assert again.depth is not None
    assert photo.depth is not None
    assert again.depth.equals(photo.depth)
