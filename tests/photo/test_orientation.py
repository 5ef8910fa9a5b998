"""Photos that lie on their side in the file: everything comes upright, and what is put in comes back so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import nearfar as nf
from nearfar.depth import orient_array
from nearfar.photo import exif, heic
from nearfar.photo.auxiliary import CONFIDENCE_URN

IROT = {nf.Orientation.LEFT: 1, nf.Orientation.DOWN: 2, nf.Orientation.RIGHT: 3}
"""Quarter turns counter-clockwise that bring such a picture upright (ISO/IEC 23008-12, 6.5.10)."""
CASES = [("heic", orientation) for orientation in IROT] + [("jpeg", found) for found in nf.Orientation]
STEP = 2.5 / 255


def stored_color() -> NDArray[np.uint8]:
    y, x = np.mgrid[0:72, 0:96]
    return np.stack([2 * x, 3 * y, 255 - x - y], axis=2).astype(np.uint8)


def stored_depth() -> nf.DepthMap:
    values = np.linspace(0.5, 3.0, 36 * 48, dtype=np.float32).reshape(36, 48)
    matrix = np.array([[81.0, 0, 40.5], [0, 81.0, 30.25], [0, 0, 1]])
    confidence = (np.arange(36 * 48).reshape(36, 48) % 256 / np.float32(255)).astype(np.float32)
    return nf.DepthMap(
        values,
        nf.DepthKind.DISPARITY,
        filtered=True,
        calibration=nf.Calibration(matrix, (96, 72), pixel_size=1e-6),
        confidence=confidence,
    )


def stored_matte() -> nf.Matte:
    return nf.Matte(np.linspace(0, 255, 36 * 48).reshape(36, 48).astype(np.uint8), nf.MatteKind.HAIR)


def lying(container: str, orientation: nf.Orientation) -> bytes:
    """A file whose samples are the stored ones and that says how to turn them upright."""
    made = nf.Photo(
        stored_color(), stored_depth(), [stored_matte()], edits=nf.Edits(f_number=2.8, focus=(0.1, 0.7))
    )
    data = made.file_data(container)
    if container == "heic":
        flat, turned = (b"\0\0\0\x09irot" + bytes([turns]) for turns in (0, IROT[orientation]))
        assert data.count(flat) == 1, "one shared property turns the picture and all that belongs to it"
        return data.replace(flat, turned)
    photo = nf.open(data)
    assert photo.metadata.exif is not None
    block = exif.with_orientation(photo.metadata.exif, orientation)
    return photo.with_metadata(nf.Metadata(block, photo.metadata.xmp, photo.metadata.icc)).file_data("jpeg")


def depth_of(photo: nf.Photo) -> nf.DepthMap:
    assert photo.depth is not None
    return photo.depth


def assert_same_camera(depth: nf.DepthMap, expected: nf.DepthMap) -> None:
    """Two maps have the same calibration and, within what JPEG may change, the same confidence."""
    assert depth.calibration is not None
    assert expected.calibration is not None
    assert depth.calibration.reference_size == expected.calibration.reference_size
    assert np.allclose(depth.calibration.intrinsics, expected.calibration.intrinsics, atol=1e-3)
    assert np.allclose(depth.calibration.pose.rotation, expected.calibration.pose.rotation, atol=1e-6)
    assert depth.confidence is not None
    assert expected.confidence is not None
    assert np.abs(depth.confidence - expected.confidence).max() <= 2.01 / 255


def check_upright(photo: nf.Photo, orientation: nf.Orientation, slack: float) -> None:
    expected = stored_depth().oriented(orientation)
    depth = depth_of(photo)
    assert depth.shape == expected.shape
    assert np.abs(depth.values - expected.values).max() <= slack * STEP
    assert_same_camera(depth, expected)
    color = orient_array(stored_color(), orientation)
    assert photo.color.shape == color.shape
    assert np.abs(photo.color.astype(int) - color).mean() < 6
    matte = stored_matte().oriented(orientation)
    assert np.abs(photo.mattes[nf.MatteKind.HAIR].values.astype(int) - matte.values).max() <= 3
    summary = photo.summary()
    assert (summary["depth"]["width"], summary["depth"]["height"]) == (depth.width, depth.height)
    assert [(each["width"], each["height"]) for each in summary["mattes"]] == [(matte.width, matte.height)]
    assert photo.edits.focus == (0.1, 0.7)


@pytest.mark.parametrize(("container", "orientation"), CASES)
def test_everything_comes_upright(container: str, orientation: nf.Orientation) -> None:
    check_upright(nf.open(lying(container, orientation)), orientation, 2.5)


@pytest.mark.parametrize(("container", "orientation"), CASES)
@pytest.mark.filterwarnings("ignore::nearfar.errors.LossWarning")
def test_converting_keeps_everything_upright(container: str, orientation: nf.Orientation) -> None:
    other = "jpeg" if container == "heic" else "heic"
    check_upright(nf.open(nf.open(lying(container, orientation)).file_data(other)), orientation, 5)


@pytest.mark.parametrize(("container", "orientation"), CASES)
@pytest.mark.parametrize("bits", ["8-bit", "16-bit"])
def test_what_is_put_in_upright_comes_back_upright(
    container: str, orientation: nf.Orientation, bits: str
) -> None:
    photo = nf.open(lying(container, orientation))
    old = depth_of(photo)
    values = np.linspace(1, 2, old.width * old.height, dtype=np.float32).reshape(old.shape).astype(np.float16)
    mine = old.replace(values=values)
    matte = nf.Matte(
        np.linspace(255, 0, values.size).reshape(values.shape).astype(np.uint8), nf.MatteKind.SKIN
    )
    changed = photo.with_depth(mine).with_mattes([matte])
    again = nf.open(changed.file_data(container, depth_encoding=bits))
    off = np.abs(depth_of(again).values.astype(np.float32) - values).max()
    assert off == 0 if bits == "16-bit" else off <= 2.5 / 255
    assert_same_camera(depth_of(again), mine)
    assert list(again.mattes) == [nf.MatteKind.SKIN]
    assert np.abs(again.mattes[nf.MatteKind.SKIN].values.astype(int) - matte.values).max() <= 3
    assert np.array_equal(again.color, photo.color)


def test_taking_the_depth_out_takes_its_confidence_and_edits_along() -> None:
    photo = nf.open(lying("heic", nf.Orientation.RIGHT))
    data = photo.with_depth(None).file_data("heic")
    bare = nf.open(data)
    assert bare.depth is None
    assert not bare.edits
    assert not photo.with_depth(None).edits
    assert CONFIDENCE_URN not in [image.urn for image in heic.open_document(data).images]
