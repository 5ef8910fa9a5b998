"""Hypothesis strategies and analytic scenes for depth maps."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, Quality

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)


def values_of(kind: DepthKind, dtype: type[np.floating[Any]], *, odd: bool = True) -> st.SearchStrategy[Any]:
    """Arrays (H, W) of what a map of that kind may hold; `odd` lets in NaN, infinity, 0 and negatives."""
    width = 16 if dtype is np.float16 else 32
    ordinary = st.floats(2.0**-10, 2.0**10, width=width)
    strange = [np.nan, np.inf, 0.0] + ([-1.5, -0.0] if kind is DepthKind.DISPARITY else [-0.0])
    elements = ordinary | st.sampled_from(strange) if odd else ordinary
    return hnp.arrays(dtype, SHAPES, elements=elements)


@st.composite
def depth_maps(draw: st.DrawFn, *, odd: bool = True) -> DepthMap:
    """Any small map without calibration."""
    kind = draw(st.sampled_from(DepthKind))
    values = draw(values_of(kind, draw(st.sampled_from([np.float16, np.float32])), odd=odd))
    confidence = None
    if draw(st.booleans()):
        confidence = draw(hnp.arrays(np.float32, values.shape, elements=st.floats(0, 1, width=32)))
    return DepthMap(
        values,
        kind,
        draw(st.sampled_from(Accuracy)),
        draw(st.sampled_from(Quality)),
        draw(st.booleans()),
        draw(st.booleans()),
        None,
        confidence,
    )


def camera(size: tuple[int, int], field_of_view: float = 1.0) -> Calibration:
    """A camera whose axis is off the middle, and whose reference picture is larger than `size`."""
    made = Calibration.from_field_of_view(field_of_view, (size[0] * 4, size[1] * 4))
    matrix = made.intrinsics.copy()
    matrix[:2, 2] += (size[0] * 0.2, -size[1] * 0.1)
    return made.replace(intrinsics=matrix)


def plane(
    calibration: Calibration, size: tuple[int, int], normal: NDArray[np.float64], distance: float
) -> DepthMap:
    """The depth of the plane ``normal · p = -distance`` as the camera sees it, the normal towards it."""
    facing = calibration.rays(size).astype(np.float64) @ -normal
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(facing > 0, distance / facing, np.nan)
    return DepthMap(depth.astype(np.float32), calibration=calibration)


@st.composite
def normals_towards(draw: st.DrawFn, most_degrees: float) -> NDArray[np.float64]:
    """A direction at most so far from the one that looks straight into the camera."""
    tilt = np.radians(draw(st.floats(0, most_degrees)))
    turn = draw(st.floats(0, 2 * np.pi))
    return np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), -np.cos(tilt)])
