"""The whole matcher and its twin: what each stage hands on to the next."""

from __future__ import annotations

import numpy as np
import pytest

from nearfar import _native
from reference import stereo_match as twin
from reference.settings import everywhere
from reference.stereo import picture


def pair(height, width, channels, dtype, shifts):
    """A wall without texture, textured things before it, and grain."""
    generator = np.random.default_rng(height + width + shifts)
    ranges = np.full((height, width), shifts // 4)
    wall = np.full((height, width, channels), 120)
    for _ in range(6):
        top, left = generator.integers(0, height - 5), generator.integers(0, width - 9)
        part = np.s_[top : top + height // 3, left : left + width // 4]
        ranges[part] = generator.integers(shifts // 4, shifts)
        wall[part] = generator.integers(20, 230, wall[part].shape)
    right = np.take_along_axis(wall, np.minimum(np.arange(width) + ranges, width - 1)[..., None], axis=1)
    views = (view + generator.integers(-4, 5, view.shape) for view in (wall, right))
    scale = 257 if dtype == np.uint16 else 1
    return [np.ascontiguousarray((view * scale).reshape(height, -1).astype(dtype)) for view in views]


# From 96 x 128 on a smaller pair comes first, of a quarter where the standard effort has 32 shifts or more.
@pytest.mark.parametrize(
    ("height", "width", "channels", "dtype", "shifts", "effort"),
    [
        (21, 50, 3, np.uint8, 9, 1),
        (21, 50, 1, np.uint16, 9, 2),
        (70, 45, 3, np.uint8, 20, 1),
        (96, 128, 3, np.uint8, 17, 1),
        (97, 131, 1, np.uint8, 34, 1),
        (97, 129, 3, np.uint16, 18, 2),
        (192, 257, 1, np.uint8, 31, 1),
    ],
)
def test_the_matcher_is_its_twin(height, width, channels, dtype, shifts, effort) -> None:
    left, right = pair(height, width, channels, dtype, shifts)
    found = everywhere(lambda: np.stack(_native.match_stereo(left, right, channels, shifts, effort)))
    expected = twin.match(picture(left, channels), picture(right, channels), shifts, effort == 2)
    # The C library's exponential may round another way than NumPy's (test_stereo_planes.py).
    assert np.abs(found[0] - expected[0]).max() <= 1 / 64
    assert np.array_equal(found[1], expected[1])
    assert np.abs(found[2] - expected[2]).max() <= 1
