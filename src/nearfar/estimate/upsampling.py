"""A small depth map at the size of its picture, with the picture's edges.

    depth   near near │ far  far        a pixel between samples *picks* the surface that it belongs to, by
    colour  red  red red │ blue         distance and colour, and takes that surface's value at its own place:
    result  near near near │ far        an edge moves to where the colours change, and a slope stays a slope

The mean of both sides, which interpolation gives at an edge, is the depth of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.depth import DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.guides import as_guide

Sampling = Literal["auto", "centre", "corner"]
"""Where in its cell of the picture a value of a small map was taken."""

_SPOT = 0.25
"""Half-width, in samples, of the tent over which a sample's colour is averaged: edges are sharp in it."""
_SURROUNDINGS = 0.625
"""The same where two places for a sample are compared: it evens out that some fall between pixels."""
_JUMP = 0.012
"""The share of a map's range that is a jump between neighbours, if no slope explains it."""
_FINEST = 0.002
"""The same as a share of the values: float16 and noise stay below it."""
_ENOUGH = 2.5
"""Standard errors by which the corner must explain the edges better than the centre."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the samples of each axis lie: at first + i·step pixels, pixel 0 covering 0..1."""

    down: tuple[float, float]
    across: tuple[float, float]


def upsample(depth_map: DepthMap, guide: ArrayLike, *, sampling: Sampling = "auto") -> DepthMap:
    """The map at the size of `guide`, a picture of the same view; edges follow the picture.

    ``guide`` is (H, W) or (H, W, 3), uint8, uint16 or float in 0..1, at least as large as the map each way;
    the ratio need not be whole, nor the same both ways. Each pixel looks at the 4×4 samples around it.
    Where they lie on one surface, it interpolates linearly; elsewhere it picks one surface by a vote of
    distance and colour, and takes the value of the plane through that surface's samples. So a value lies
    between those of one surface, or beyond by at most half of their range. Depth is interpolated as
    disparity, in which planes are linear.

    A pixel is a hole where the four samples nearest to it are: a hole never grows, and a value reaches at
    most one sample into one. Kind, accuracy, dtype and calibration (which speaks of its own reference
    size) stay; confidence is carried from the samples that were picked, 0 in holes. A map of the guide's
    size is returned as it is.

    Made for measuring. For lens blur `nearfar.effects.align_disparity` does better where the map's values
    are averages: it finds things that are thinner than a sample.

    ``sampling`` says where the values were taken: ``"centre"``, the middle of each one's cell, as
    averaging, sensors and most networks do; ``"corner"``, the first pixel, as ``map[::4, ::4]`` does.
    ``"auto"`` takes the centre, unless the size fits every n-th pixel, n ≥ 3, and the edges fit the
    picture clearly better so.

    Raises TypeError for what is no DepthMap or another dtype, EstimationError for a guide that is smaller
    than the map, has another shape, or holds NaN, and ValueError for another `sampling`.

    Source: Kopf et al., Joint bilateral upsampling, SIGGRAPH 2007 (the weights; chosen by, not averaged).
    """
    if not isinstance(depth_map, DepthMap):
        raise TypeError(f"depth_map must be a DepthMap; got {type(depth_map).__name__}")
    if sampling not in ("auto", "centre", "corner"):
        raise ValueError(f"sampling must be 'auto', 'centre' or 'corner', not {sampling!r}")
    picture = as_guide(guide)
    height, width = picture.shape[:2]
    if depth_map.width > width or depth_map.height > height:
        raise EstimationError(
            f"guide, {width}×{height}, must not be smaller than depth_map, "
            f"{depth_map.width}×{depth_map.height}: to shrink a map, use nearfar.depth.resample"
        )
    if depth_map.size == (width, height):
        return depth_map
    values = np.ascontiguousarray(depth_map.values, np.float32)
    threshold = jump(values, depth_map.kind)
    grid = _registered(depth_map, values, threshold, picture, sampling)
    found, confidence = _native.upsample(
        picture,
        values,
        depth_map.confidence,
        _native.sample_guide(picture, *depth_map.shape, grid.down, grid.across, _SPOT),
        grid.down,
        grid.across,
        depth_map.kind is DepthKind.DEPTH,
        threshold,
    )
    with np.errstate(over="ignore"):
        found = found.astype(depth_map.dtype, copy=False)
    return depth_map.replace(values=found, confidence=confidence)


def jump(values: NDArray[np.float32], kind: DepthKind) -> float:
    """What counts as a jump between neighbouring samples, in the unit of disparity."""
    linear = disparities(values, kind)
    finite = linear[np.isfinite(linear)]
    if not finite.size:
        return 0.0
    low, middle, high = np.quantile(finite, (0.02, 0.5, 0.98), method="nearest")
    return float(max(_JUMP * (high - low), _FINEST * abs(middle)))


def disparities(values: NDArray[np.float32], kind: DepthKind) -> NDArray[np.float64]:
    """The values as float64 in which a plane is linear: disparity as it is, depth as its reciprocal."""
    exact = values.astype(np.float64)
    if kind is DepthKind.DISPARITY:
        return exact
    with np.errstate(divide="ignore"):
        inverse: NDArray[np.float64] = 1.0 / exact
    return inverse


def _registered(
    depth_map: DepthMap,
    values: NDArray[np.float32],
    threshold: float,
    picture: NDArray[np.uint8],
    sampling: Sampling,
) -> _Grid:
    """Where the samples lie in the picture."""
    (rows, columns), (height, width) = depth_map.shape, picture.shape[:2]
    centre = _Grid((height / rows / 2, height / rows), (width / columns / 2, width / columns))
    if sampling == "centre":
        return centre
    if sampling == "corner":
        strided = _strided(depth_map.shape, (height, width), middle=False)
        return strided or _Grid((0.5, height / rows), (0.5, width / columns))
    right, below = _edges(disparities(values, depth_map.kind), threshold)
    best, best_gain = centre, _ENOUGH
    usual = _contrast(_colours(picture, depth_map.shape, centre), right, below)
    for middle in (True, False):
        grid = _strided(depth_map.shape, (height, width), middle=middle)
        if grid is None or max(grid.down[1], grid.across[1]) < 3 or usual.size < 2:
            continue
        gain = _contrast(_colours(picture, depth_map.shape, grid), right, below) - usual
        certain = gain.mean() / max(gain.std(), 1e-9) * np.sqrt(gain.size)
        if certain >= best_gain:
            best, best_gain = grid, certain
    return best


def _strided(shape: tuple[int, int], size: tuple[int, int], *, middle: bool) -> _Grid | None:
    """The grid of every n-th pixel, from the first or from the middle one of n; None if no n fits."""
    axes = []
    for count, pixels in zip(shape, size, strict=True):
        steps = {-(-pixels // count), pixels // count}
        fits = [n for n in sorted(steps) if len(range(n // 2 if middle else 0, pixels, n)) == count]
        if not fits:
            return None
        axes.append((fits[-1] // 2 + 0.5 if middle else 0.5, float(fits[-1])))
    return _Grid(*axes)


def _colours(picture: NDArray[np.uint8], shape: tuple[int, int], grid: _Grid) -> NDArray[np.float32]:
    return _native.sample_guide(picture, *shape, grid.down, grid.across, _SURROUNDINGS)


def _edges(linear: NDArray[np.float64], threshold: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a sample and its right, or its lower, neighbour differ by a jump."""
    with np.errstate(invalid="ignore"):
        right, below = (np.abs(np.diff(linear, axis=axis)) > 2 * threshold for axis in (1, 0))
    return right, below


def _contrast(
    colours: NDArray[np.float32], right: NDArray[np.bool_], below: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How unlike the colours on both sides of each edge are: the more, the better the map lies."""
    across = np.abs(np.diff(colours, axis=1)[right]).sum(axis=1, dtype=np.float64)
    down = np.abs(np.diff(colours, axis=0)[below]).sum(axis=1, dtype=np.float64)
    capped: NDArray[np.float64] = np.minimum(np.concatenate([across, down]), 150.0)
    return capped
