"""Coding depth maps: what their tags say of their range, at its edges."""

from __future__ import annotations

import numpy as np
import pytest

import nearfar as nf
from nearfar.photo import xmp
from nearfar.photo.depth_images import depth_image

COLOR = np.zeros((24, 32, 3), np.uint8)


@pytest.mark.parametrize("container", ["heic", "jpeg"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_map_without_a_finite_value_has_no_range(container, value: float):
    depth = nf.DepthMap(np.full((12, 16), value, np.float32))
    back = nf.open(nf.Photo(COLOR, depth).file_data(container))
    found = back.summary()["depth"]
    assert (found["min"], found["max"]) == (None, None)
    assert found["metric"] is True
    assert back.depth is not None
    assert np.array_equal(back.depth.values, depth.values.astype(np.float16), equal_nan=True)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("largest", [65504.0, 65520.0, 1e6, 1e30])
def test_a_range_beyond_half_floats_is_written_in_full_and_without_a_warning(largest: float):
    values = np.linspace(1, largest, 192, dtype=np.float32).reshape(12, 16)
    image = depth_image(nf.DepthMap(values, metric=False))
    assert float(xmp.parse(image.xmp).tags["apdi:FloatMaxValue"]) == np.float32(largest)
