"""A depth map as another camera sees it.

The map's surface is projected as triangles and drawn into the new picture, the nearest on top::

    source pixels ─ links ─▶ triangles ─ pose, target camera ─▶ drawn, nearest wins ─▶ holes where nothing is

All is done in homogeneous disparity: a point at infinity (disparity 0) turns with the camera and stays there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.arrays import frozen, picture_size
from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import DepthKind
from nearfar.depth.pose import Pose
from nearfar.depth.surface import (
    Links,
    camera_of,
    links,
    ray_steps,
    rectilinear_if_unknown,
    surface_disparity,
    triangles,
)

_SMALL_BOX = 3
"""Triangles whose pixels lie in a box up to this wide are drawn box by box, all at once."""
_CHUNK = 1 << 15
"""How many triangles are worked on at a time: few enough to stay in the processor's cache."""
_FRAGMENTS = 1 << 20
"""How many pixels of large triangles are worked on at a time."""
_BEHIND = 1e-9
"""The least part of a ray that must point forward; what has less is behind the camera or beside it."""
_NO_AREA = 1e-9
"""In square pixels: a triangle seen edge on, which covers no pixel centre."""
_SLACK = np.float32(1e-4)
"""How far outside a triangle, as a share of it, a pixel centre still counts: rounding must not open seams."""


def reproject(
    depth_map: DepthMap,
    target: Calibration,
    size: tuple[int, int],
    *,
    target_from_source: Pose,
    edge: float = 0.05,
    calibration: Calibration | None = None,
) -> DepthMap:
    """The map as the camera `target` sees it, (width, height) = `size`, after moving by `target_from_source`.

    Surfaces are kept whole and cut at edges, as `DepthMap.mesh` does with `edge`; what is enlarged has no
    pinholes, the nearest surface wins, and where nothing is seen are holes. A pixel alone is drawn as one
    pixel. Kind, dtype, accuracy and units stay; the calibration is `target`; confidence is dropped.
    The source camera is the map's calibration unless `calibration` is given; poses of the two calibrations
    are not looked at. Raises ValueError without a camera, on a `size` that is not two positive whole numbers,
    and unless `edge` is positive.
    """
    size = picture_size("size", size)
    source = camera_of(depth_map, calibration, None)
    disparity = surface_disparity(depth_map)
    rays = source.rays(depth_map.size)
    disparity[np.isnan(rays[..., 0])] = np.nan
    joined = links(disparity, ray_steps(rays), edge)
    vertices, joined = _bordered(disparity, joined)
    corners = _project(vertices, _bordered_rays(source, depth_map.size), target, size, target_from_source)
    nearest = np.full(size[0] * size[1], -np.inf, np.float32)
    _draw_triangles(corners, triangles(vertices, joined), size, nearest)
    inner = corners.reshape(*vertices.shape, 3)[1:-1, 1:-1].reshape(-1, 3)
    _draw_points(inner, size, nearest)
    nearest[nearest < 0] = np.nan
    moved = replace(
        depth_map,
        values=frozen(nearest.reshape(size[1], size[0])),
        kind=DepthKind.DISPARITY,
        calibration=target,
        confidence=None,
    )
    return moved.to(depth_map.kind, dtype=depth_map.dtype)


def _bordered(disparity: NDArray[np.float32], joined: Links) -> tuple[NDArray[np.float32], Links]:
    """The map with a ring of vertices on the picture's border, so that its outer half pixels are drawn."""
    height, width = disparity.shape
    padded = np.pad(disparity, 1, mode="edge")
    rows = padded[1:-1]
    if width > 1:
        rows[:, 0] = _outward(disparity[:, 0], disparity[:, 1], joined.right[:, 0])
        rows[:, -1] = _outward(disparity[:, -1], disparity[:, -2], joined.right[:, -1])
    down = np.pad(joined.down, ((0, 0), (1, 1)), mode="edge")
    padded[0], padded[-1] = rows[0], rows[-1]
    if height > 1:
        padded[0] = _outward(rows[0], rows[1], down[0])
        padded[-1] = _outward(rows[-1], rows[-2], down[-1])
    right = np.pad(joined.right, ((0, 0), (1, 1)), constant_values=True)
    right = np.pad(right, ((1, 1), (0, 0)), mode="edge")
    down = np.pad(down, ((1, 1), (0, 0)), constant_values=True)
    present = ~np.isnan(padded)
    return padded, Links(
        right & present[:, 1:] & present[:, :-1],
        down & present[1:] & present[:-1],
    )


def _outward(
    last: NDArray[np.float32], before: NDArray[np.float32], linked: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Half a pixel beyond the last one, along the slope where there is one."""
    beyond = last + (last - before) / 2
    return np.where(linked & (beyond >= 0), beyond, last).astype(np.float32)


def _bordered_rays(source: Calibration, size: tuple[int, int]) -> NDArray[np.float64]:
    """Rays (H+2, W+2, 3) through the pixel centres and the ring on the border."""
    x, y = (
        np.concatenate([[0.0], np.arange(count) + 0.5, [count]]) * (reference / count)
        for count, reference in zip(size, source.reference_size, strict=True)
    )
    return source.unproject(np.stack(np.meshgrid(x, y), axis=-1))


def _project(
    disparity: NDArray[np.float32],
    rays: NDArray[np.float64],
    target: Calibration,
    size: tuple[int, int],
    target_from_source: Pose,
) -> NDArray[np.float64]:
    """(N, 3): x and y of each vertex in pixels of the target, and its disparity there; NaN when behind it."""
    here = disparity.reshape(-1, 1).astype(np.float64)
    moved = rays.reshape(-1, 3) @ target_from_source.rotation.T + here * target_from_source.translation
    forward = np.where(moved[:, 2:] > _BEHIND, moved[:, 2:], np.nan)
    directions = moved / forward
    pixels = rectilinear_if_unknown(target).project(directions)
    pixels *= np.array(size) / np.array(target.reference_size)
    return np.concatenate([pixels, here / forward], axis=1)


def _draw_triangles(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    size: tuple[int, int],
    nearest: NDArray[np.float32],
) -> None:
    """Draw the faces (F, 3) of vertices (N, 3) x, y, disparity into the flat picture `nearest`."""
    columns = [np.ascontiguousarray(column) for column in vertices.T]
    for begin in range(0, len(faces), _CHUNK):
        part = faces[begin : begin + _CHUNK].T
        x, y, disparity = ([column[corner] for corner in part] for column in columns)
        low_x, wide = _box(x, size[0])
        low_y, high = _box(y, size[1])
        drawn = np.flatnonzero((wide > 0) & (high > 0))
        x, y, disparity = ([corner[drawn] for corner in column] for column in (x, y, disparity))
        low_x, low_y, wide, high = low_x[drawn], low_y[drawn], wide[drawn], high[drawn]
        planes = _planes(x, y, disparity, low_x, low_y)
        first = low_y.astype(np.int64) * size[0] + low_x.astype(np.int64)
        small = (wide <= _SMALL_BOX) & (high <= _SMALL_BOX)
        for right, down in product(range(_SMALL_BOX), repeat=2):
            chosen = np.flatnonzero(small & (wide > right) & (high > down))
            target = first[chosen] + (down * size[0] + right)
            _draw_fragments(planes[:, chosen], np.float32(right), np.float32(down), target, nearest)
        for chosen, rights, downs in _large_boxes(wide, high, np.flatnonzero(~small)):
            target = first[chosen] + downs * size[0] + rights
            places = rights.astype(np.float32), downs.astype(np.float32)
            _draw_fragments(planes[:, chosen], *places, target, nearest)


def _box(corners: list[NDArray[np.float64]], limit: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The first pixel whose centre lies between three corners, along one axis, and how many do; 0 for NaN."""
    first, second, third = corners
    least = np.minimum(np.minimum(first, second), third)
    most = np.maximum(np.maximum(first, second), third)
    slack = float(_SLACK) + 0.5
    low = np.ceil(np.maximum(least - slack, 0))
    count = np.floor(np.minimum(most - 0.5 + float(_SLACK), limit - 1)) - low + 1
    return low, np.nan_to_num(np.maximum(count, 0)).astype(np.int64)


def _planes(
    x: list[NDArray[np.float64]],
    y: list[NDArray[np.float64]],
    disparity: list[NDArray[np.float64]],
    low_x: NDArray[np.float64],
    low_y: NDArray[np.float64],
) -> NDArray[np.float32]:
    """(9, F): the weights of the second and third corner, each as a + b·x + c·y with (x, y) counted in pixels
    from the first of the triangle's box; then the first corner's disparity and what the others add to it.
    """
    bx, by, cx, cy = x[1] - x[0], y[1] - y[0], x[2] - x[0], y[2] - y[0]
    area = bx * cy - by * cx
    area[np.abs(area) < _NO_AREA] = np.nan
    px, py = low_x + 0.5 - x[0], low_y + 0.5 - y[0]
    planes = np.empty((9, len(area)), np.float32)
    planes[0] = (px * cy - py * cx) / area
    planes[1] = cy / area
    planes[2] = -cx / area
    planes[3] = (py * bx - px * by) / area
    planes[4] = -by / area
    planes[5] = bx / area
    planes[6] = disparity[0]
    planes[7] = disparity[1] - disparity[0]
    planes[8] = disparity[2] - disparity[0]
    return planes


def _draw_fragments(
    planes: NDArray[np.float32],
    x: NDArray[np.float32] | np.float32,
    y: NDArray[np.float32] | np.float32,
    target: NDArray[np.int64],
    nearest: NDArray[np.float32],
) -> None:
    """One pixel of each triangle, (x, y) from its box's first, drawn where it lies inside."""
    second = planes[0] + planes[1] * x + planes[2] * y
    third = planes[3] + planes[4] * x + planes[5] * y
    inside = (second >= -_SLACK) & (third >= -_SLACK) & (second + third <= 1 + _SLACK)
    disparity = planes[6] + second * planes[7] + third * planes[8]
    np.maximum.at(nearest, target[inside], np.maximum(disparity[inside], 0))


def _large_boxes(
    wide: NDArray[np.int64], high: NDArray[np.int64], large: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Each pixel of large triangles' boxes as (triangle, x, y), a bounded number at a time."""
    areas = wide[large] * high[large]
    begin = 0
    while begin < len(large):
        total = np.cumsum(areas[begin:])
        count = max(1, int(np.searchsorted(total, _FRAGMENTS, side="right")))
        chosen, share = large[begin : begin + count], areas[begin : begin + count]
        triangle = np.repeat(chosen, share)
        pixel = np.arange(len(triangle)) - np.repeat(np.cumsum(share) - share, share)
        down, right = np.divmod(pixel, wide[triangle])
        yield triangle, right, down
        begin += count


def _draw_points(pixels: NDArray[np.float64], size: tuple[int, int], nearest: NDArray[np.float32]) -> None:
    """Give the pixels that no triangle covers the nearest point that falls on them."""
    with np.errstate(invalid="ignore"):
        inside = ((pixels[:, :2] >= 0) & (pixels[:, :2] < size)).all(axis=1)
    kept = pixels[inside]
    target = kept[:, 1].astype(np.int64) * size[0] + kept[:, 0].astype(np.int64)
    free = nearest[target] == -np.inf
    np.maximum.at(nearest, target[free], kept[free, 2].astype(np.float32))
