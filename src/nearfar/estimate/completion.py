"""A few points of depth become a map as large as their picture.

    points  ·   ·   ·         each point carries a plane; a pixel lets the points around it vote, by distance,
              ·   ·   ·  ──▶  by colour and by what lies between, and takes the value of the plane that wins:
    picture ▒▒▒▒│░░░░░        surfaces end where the picture's do

The work is done on a picture small enough to have about ten pixels from point to point, then enlarged by
`upsample`, so a phone's picture costs hardly more than a small one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, PointCloud
from nearfar.errors import EstimationError
from nearfar.estimate.guides import as_guide
from nearfar.estimate.pairs import check_aspect
from nearfar.estimate.upsampling import disparities, upsample

_PIXELS_APART = 10.0
"""Working pixels from one point to the next."""
_MOST_PIXELS = 1_000_000
"""Working pixels at most."""
_AGREE = 0.015
"""The share of the points' range by which two planes may differ and still be one surface."""
_FINEST = 0.002
"""The same as a share of the values."""


@dataclass(frozen=True, slots=True)
class _Points:
    """(N,) each: places in pixels of the guide, pixel 0 covering 0..1, and values linear along a surface."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    linear: NDArray[np.float64]


def complete(
    sparse: DepthMap | PointCloud | ArrayLike, guide: ArrayLike, *, calibration: Calibration | None = None
) -> DepthMap:
    """Depth at every pixel of `guide`, a picture of the view, from one point or more.

    ``sparse`` is one of

    - a `DepthMap` of any size, most of it holes: each value stands at the centre of its pixel, stretched to
      the guide. Its own confidence is not asked. The result has its kind, dtype, accuracy and calibration;
    - an (N, 3) array of x, y and depth: pixels of the guide, with pixel (0, 0) covering 0..1, and metres;
    - a `PointCloud` in camera axes: needs the guide's `calibration`, through which it is projected. Points
      outside the picture are left out.

    The last two give ``DepthKind.DEPTH``, ``Accuracy.ABSOLUTE``, with `calibration` where given.
    ``guide`` is (H, W) or (H, W, 3), uint8, uint16 or float in 0..1.

    Each point gets the plane that the points around it support most. At a pixel the twelve nearest points
    vote by distance, colour and the worst colour on the straight way between; planes that agree vote
    together, and the winners' mean is the value. It lies in the range of those points' disparity or beyond
    by at most half of that range. The pixel of a point keeps the point's value. Of several points in a pixel
    only the nearest to the camera counts.

    ``confidence`` is 1 there, and elsewhere the winners' share of the votes, less where all were far or
    unlike. The result is marked as filtered: most of it was not measured.

    Raises EstimationError where there is no point at all (in the picture), for points that are not finite
    or not above 0 m, for a guide that is empty, of another shape or holds NaN, and for a `calibration` of
    another aspect ratio; TypeError for another dtype; ValueError for a missing or a needless `calibration`.

    Source: the votes are those of nearfar.estimate.upsample, of points in place of samples.
    """
    picture = as_guide(guide)
    height, width = picture.shape[:2]
    if isinstance(sparse, DepthMap):
        if calibration is not None:
            raise ValueError("a DepthMap has a calibration of its own: leave calibration out")
        model, points = sparse, _of_map(sparse, (height, width))
    else:
        model = DepthMap(np.zeros((1, 1), np.float32), accuracy=Accuracy.ABSOLUTE, calibration=calibration)
        if calibration is not None:
            check_aspect((width, height), calibration, "guide")
        points = _of_points(sparse, (height, width), calibration)
    points = _foremost(points, (height, width), (1.0, 1.0))
    values, confidence = _dense(points, picture, model)
    _keep(points, values, confidence, model.kind)
    with np.errstate(over="ignore"):
        values = values.astype(model.dtype, copy=False)
    return model.replace(values=values, confidence=confidence, filtered=True)


def _of_map(sparse: DepthMap, size: tuple[int, int]) -> _Points:
    linear = disparities(np.asarray(sparse.values, np.float32), sparse.kind)
    rows, columns = np.nonzero(np.isfinite(linear))
    if not rows.size:
        raise EstimationError("sparse has no value: there is nothing to complete from")
    x = (columns + 0.5) * np.float64(size[1] / sparse.width)
    y = (rows + 0.5) * np.float64(size[0] / sparse.height)
    return _Points(x, y, linear[rows, columns])


def _of_points(
    sparse: PointCloud | ArrayLike, size: tuple[int, int], calibration: Calibration | None
) -> _Points:
    if isinstance(sparse, PointCloud):
        array = _projected(sparse, size, calibration)
    else:
        array = np.asarray(sparse)
        if array.dtype.kind not in "fiu":
            raise TypeError(f"points must be numbers; got {array.dtype}")
        if np.ma.isMaskedArray(sparse):
            raise TypeError("points must not be a masked array: leave out what is masked")
        array = array.astype(np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise EstimationError(f"points must have shape (N, 3): x, y, depth; got {array.shape}")
    usable = np.isfinite(array).all(axis=1) & (array[:, 2] >= np.finfo(np.float32).tiny)
    if not usable.all():
        x, y, depth = array[np.argmin(usable)]
        raise EstimationError(
            f"points must be finite, and their depth above 0 m; got x {x:g}, y {y:g}, depth {depth:g}"
        )
    inside = ((array[:, :2] >= 0) & (array[:, :2] < size[::-1])).all(axis=1)
    if not inside.any():
        raise EstimationError(
            f"none of {len(array)} points lies in the picture, {size[1]}×{size[0]}: x and y are its pixels"
        )
    x, y, depth = np.ascontiguousarray(array[inside].T)
    return _Points(x, y, 1.0 / depth)


def _projected(
    cloud: PointCloud, size: tuple[int, int], calibration: Calibration | None
) -> NDArray[np.float64]:
    """(N, 3): x and y in the guide's pixels and the depth of what lies before the camera."""
    if calibration is None:
        raise ValueError("a PointCloud needs calibration, that of the guide")
    if cloud.axes != "camera":
        raise EstimationError("the cloud must be in camera axes: transform it with the camera's pose")
    ahead = cloud.positions[cloud.positions[:, 2] > 0].astype(np.float64)
    scale = np.array(size[::-1]) / calibration.reference_size
    pixels = calibration.project(ahead) * scale
    seen = np.isfinite(pixels).all(axis=1)
    return np.column_stack([pixels[seen], ahead[seen, 2]])


def _foremost(points: _Points, size: tuple[int, int], pitch: tuple[float, float]) -> _Points:
    """Of the points in each cell, `pitch` (down, across) pixels large, the nearest: it hides the others."""
    row, column = _cells(points, size, pitch)
    cell = row * size[1] + column
    order = np.lexsort((-points.linear, cell))
    first = np.diff(cell[order], prepend=-1) > 0
    kept = np.sort(order[first])
    return _Points(points.x[kept], points.y[kept], points.linear[kept])


def _cells(
    points: _Points, size: tuple[int, int], pitch: tuple[float, float]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(N,) each: the row and the column of the cell that each point lies in, of (rows, columns) cells."""
    row = np.minimum((points.y / pitch[0]).astype(np.int64), size[0] - 1)
    column = np.minimum((points.x / pitch[1]).astype(np.int64), size[1] - 1)
    return row, column


def _dense(
    points: _Points, picture: NDArray[np.uint8], model: DepthMap
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Values of the model's kind and their confidence, writable and of the picture's size."""
    height, width = picture.shape[:2]
    spacing = math.sqrt(height * width / len(points.x))
    shrink = max(1.0, spacing / _PIXELS_APART, math.sqrt(height * width / _MOST_PIXELS))
    rows, columns = math.ceil(height / shrink), math.ceil(width / shrink)
    down, across = height / rows, width / columns
    colours = _native.sample_guide(picture, rows, columns, (down / 2, down), (across / 2, across), 0.625)
    few = _foremost(points, (rows, columns), (down, across))
    linear, confidence = _native.complete(
        colours, few.x / across, few.y / down, few.linear, _threshold(points.linear)
    )
    values = _of_kind(linear, model.kind)
    if (rows, columns) == (height, width):
        return values, np.array(confidence)
    small = DepthMap(values, model.kind, confidence=confidence)
    large = upsample(small, picture, sampling="centre")
    return np.array(large.values), np.array(large.confidence)


def _threshold(linear: NDArray[np.float64]) -> float:
    low, middle, high = np.quantile(linear, (0.02, 0.5, 0.98), method="nearest")
    return float(max(_AGREE * (high - low), _FINEST * abs(middle), 1e-9))


def _of_kind(linear: NDArray[np.float64], kind: DepthKind) -> NDArray[np.float32]:
    if kind is DepthKind.DISPARITY:
        return linear.astype(np.float32)
    with np.errstate(divide="ignore", over="ignore"):
        depth: NDArray[np.float32] = (1.0 / linear).astype(np.float32)
    return depth


def _keep(
    points: _Points, values: NDArray[np.float32], confidence: NDArray[np.float32], kind: DepthKind
) -> None:
    """Give each point's own pixel its value."""
    height, width = values.shape
    own = _cells(points, (height, width), (1.0, 1.0))
    values[own] = _of_kind(points.linear, kind)
    confidence[own] = 1.0
