"""Apple's auxiliary dictionary: floats go there and back unchanged, nonsense is named."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrations import calibrations
from depth.maps import depth_maps
from nearfar.depth import Calibration, DepthKind, DepthMap, Orientation
from nearfar.depth.dictionary import DATA, DESCRIPTION, METADATA
from nearfar.errors import LossWarning

CODES = {
    "apdi:NativeFormat": "1751411059",
    "apdi:IntMinValue": "0",
    "apdi:IntMaxValue": "255",
    "apdi:FloatMinValue": "1.000000",
    "apdi:FloatMaxValue": "3.000000",
    "depthData:Filtered": "True",
}


def described(width: int, height: int, stride: int, pixel_format: int, **more: int) -> dict[str, int]:
    return {"Width": width, "Height": height, "BytesPerRow": stride, "PixelFormat": pixel_format} | more


@given(depth_maps())
def test_there_and_back(depth: DepthMap) -> None:
    kind, dictionary = depth.to_dictionary()
    assert kind == f"kCGImageAuxiliaryDataType{depth.kind.value.capitalize()}"
    back = DepthMap.from_dictionary(dictionary)
    assert back.equals(depth.replace(metric=True, confidence=None))
    description = dictionary[DESCRIPTION]
    assert len(dictionary[DATA]) == description["BytesPerRow"] * description["Height"]


@given(calibrations(lens=False))
def test_the_calibration_goes_along(calibration: Calibration) -> None:
    depth = DepthMap(np.ones((2, 3), np.float16), DepthKind.DISPARITY, calibration=calibration)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LossWarning)
        _, dictionary = depth.to_dictionary()
    back = DepthMap.from_dictionary(dictionary).calibration
    assert back is not None
    np.testing.assert_allclose(back.intrinsics, calibration.intrinsics, rtol=1e-5)
    assert back.reference_size == calibration.reference_size
    np.testing.assert_allclose(back.pose.to_matrix(), calibration.pose.to_matrix(), atol=1e-4)


def test_pixel_formats_are_apples() -> None:
    seen = {}
    for kind in DepthKind:
        for dtype in (np.float16, np.float32):
            _, dictionary = DepthMap(np.ones((1, 1), dtype), kind).to_dictionary()
            seen[dictionary[DESCRIPTION]["PixelFormat"].to_bytes(4, "big")] = (kind, dtype)
    assert seen == {
        b"hdep": (DepthKind.DEPTH, np.float16),
        b"fdep": (DepthKind.DEPTH, np.float32),
        b"hdis": (DepthKind.DISPARITY, np.float16),
        b"fdis": (DepthKind.DISPARITY, np.float32),
    }


@given(st.integers(0, 9), st.booleans())
def test_padding_at_the_end_of_rows_is_left_out(padding: int, last: bool) -> None:
    values = np.arange(1, 7, dtype="<f4").reshape(2, 3)
    rows = [row.tobytes() + bytes(padding) for row in values]
    data = b"".join(rows)
    if not last and padding:
        data = data[:-padding]
    dictionary = {DATA: data, DESCRIPTION: described(3, 2, 12 + padding, 0x66646570)}
    np.testing.assert_array_equal(DepthMap.from_dictionary(dictionary).values, values)


def test_codes_become_values_by_their_range() -> None:
    dictionary = {
        DATA: bytes([0, 255, 51, 204]),
        DESCRIPTION: described(2, 2, 2, 0x4C303038),
        METADATA: CODES,
    }
    depth = DepthMap.from_dictionary(dictionary)
    np.testing.assert_allclose(depth.values, [[1, 3], [1.4, 2.6]], rtol=1e-6)
    assert depth.kind is DepthKind.DISPARITY
    assert depth.filtered


def test_codes_outside_their_range_are_taken_for_its_ends() -> None:
    narrow = CODES | {"apdi:IntMinValue": "16", "apdi:IntMaxValue": "235"}
    for layout, pixel_format in (("u1", 0x4C303038), ("<u2", 0x4C303136)):
        codes = np.array([[0, 16, 235, 255]], layout)
        description = described(4, 1, codes.nbytes, pixel_format)
        dictionary = {DATA: codes.tobytes(), DESCRIPTION: description, METADATA: narrow}
        np.testing.assert_array_equal(DepthMap.from_dictionary(dictionary).values, [[1, 1, 3, 3]])


@pytest.mark.parametrize("ends", [("255", "0"), ("7", "7")])
def test_a_range_of_codes_that_does_not_grow_is_refused(ends: tuple[str, str]) -> None:
    tags = CODES | dict(zip(("apdi:IntMinValue", "apdi:IntMaxValue"), ends, strict=True))
    dictionary = {DATA: bytes(2), DESCRIPTION: described(2, 1, 2, 0x4C303038), METADATA: tags}
    with pytest.raises(ValueError, match="range"):
        DepthMap.from_dictionary(dictionary)


@pytest.mark.parametrize("orientation", Orientation)
def test_an_orientation_in_the_description_is_applied(orientation: Orientation) -> None:
    depth = DepthMap(np.arange(1, 7, dtype=np.float32).reshape(2, 3))
    _, dictionary = depth.to_dictionary()
    dictionary[DESCRIPTION]["Orientation"] = int(orientation)
    assert DepthMap.from_dictionary(dictionary).equals(depth.oriented(orientation))


GOOD: dict[str, Any] = {
    DATA: bytes(24),
    DESCRIPTION: described(3, 2, 12, 0x66646570),
    METADATA: {"depthData:Accuracy": "absolute"},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({DATA: None}, DATA),
        ({DATA: bytes(23)}, "too few"),
        ({DESCRIPTION: None}, DESCRIPTION),
        ({DESCRIPTION: {"Width": 3}}, "PixelFormat"),
        ({DESCRIPTION: described(0, 2, 12, 0x66646570)}, "go together"),
        ({DESCRIPTION: described(3, 2, 11, 0x66646570)}, "go together"),
        ({DESCRIPTION: described(3, 2, -12, 0x66646570)}, "go together"),
        ({DESCRIPTION: described(3, 2**40, 12, 0x66646570)}, "too few"),
        ({DESCRIPTION: described(3, 2, 12, 7)}, "holds no depth"),
        ({DESCRIPTION: described(3, 2, 12, 0x66646570, Orientation=9)}, "Orientation"),
        ({DESCRIPTION: described(3, 2, 3, 0x4C303038)}, "depth or disparity"),
        (
            {DESCRIPTION: described(3, 2, 3, 0x4C303038), METADATA: {"apdi:NativeFormat": "1751411059"}},
            "range",
        ),
        ({METADATA: {"depthData:Accuracy": "perhaps"}}, "depthData:Accuracy"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], message: str) -> None:
    assert DepthMap.from_dictionary(GOOD).accuracy.value == "absolute"
    with pytest.raises(ValueError, match=message):
        DepthMap.from_dictionary(GOOD | change)
