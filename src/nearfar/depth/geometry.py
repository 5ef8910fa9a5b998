"""From a depth map to space: points, the way surfaces face, and surfaces.

::

    pixel (x, y), depth z ──▶ point = z · ray(x, y)          ray.z = 1: depth is planar, never along the ray
    plane n·p = d         ──▶ disparity = (n / d)·ray        so a plane is linear in disparity
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.arrays import as_picture, frozen
from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import DepthKind
from nearfar.depth.mesh import Mesh
from nearfar.depth.point_cloud import Axes, PointCloud
from nearfar.depth.pose import Pose
from nearfar.depth.surface import Links, camera_of, links, ray_steps, surface_disparity, triangles

EDGE = 0.05
"""The share of the depth by which neighbours on one surface may differ, unless a slope explains more."""


def points(
    depth_map: DepthMap,
    color: ArrayLike | None = None,
    *,
    world_from_camera: Pose | None = None,
    calibration: Calibration | None = None,
    field_of_view: float | None = None,
) -> PointCloud:
    """The point of each pixel that has a finite depth above 0, row by row, in metres.

    `color` is (H', W', 3) uint8 of the same view in any size: what lies under a pixel is averaged, or the
    nearest pixel taken where it is smaller. Points are in camera axes (x right, y down, z forward), or in
    those of the world, y up, with `world_from_camera`. The calibration is the map's own unless `calibration`
    or `field_of_view` (radians, horizontal) is given; lens distortion is undone where the lens is known.
    A map that is not metric gives points in its own unit.
    Raises ValueError when there is no calibration.
    """
    camera = camera_of(depth_map, calibration, field_of_view)
    positions, seen = _positions(depth_map, camera.rays(depth_map.size))
    kept = positions[seen]
    colors = None if color is None else frozen(sample_color(color, depth_map.size)[seen])
    return PointCloud(_placed(kept, world_from_camera), colors, axes=_axes(world_from_camera))


def mesh(
    depth_map: DepthMap,
    color: ArrayLike | None = None,
    *,
    edge: float = EDGE,
    world_from_camera: Pose | None = None,
    calibration: Calibration | None = None,
    field_of_view: float | None = None,
) -> Mesh:
    """The surface that a depth map shows: two triangles for each square of four neighbours, cut at edges.

    Neighbours hang together when their depths differ by less than the share `edge` of the nearer one, or when
    the slope beside them goes on across them: slanted planes stay whole down to a grazing angle of 2°.
    Vertices are the pixels' points that some triangle uses. The other arguments are those of `points`.
    Raises ValueError when there is no calibration or `edge` is not positive.
    """
    camera = camera_of(depth_map, calibration, field_of_view)
    rays = camera.rays(depth_map.size)
    positions, seen = _positions(depth_map, rays)
    disparity = np.where(seen, surface_disparity(depth_map), np.float32(np.nan)).astype(np.float32)
    faces = triangles(disparity, links(disparity, ray_steps(rays), edge))
    used = np.zeros(disparity.size, np.bool_)
    used[faces] = True
    renumbered = (np.cumsum(used) - 1).astype(np.uint32)[faces]
    vertices = _placed(positions.reshape(-1, 3)[used], world_from_camera)
    if world_from_camera is not None and world_from_camera.is_mirrored:
        renumbered = renumbered[:, ::-1]
    colors = None if color is None else frozen(sample_color(color, depth_map.size).reshape(-1, 3)[used])
    return Mesh(vertices, frozen(renumbered), colors, axes=_axes(world_from_camera))


def normals(
    depth_map: DepthMap,
    *,
    radius: int = 2,
    edge: float = EDGE,
    calibration: Calibration | None = None,
    field_of_view: float | None = None,
) -> NDArray[np.float32]:
    """The direction that the surface faces at each pixel: (H, W, 3) float32 of length 1, towards the camera.

    In camera axes (x right, y down, z forward). For each pixel the plane that fits best, in disparity, the
    pixels up to `radius` away that hang together with it (see `mesh`): exact on planes, and never across an
    edge. NaN at holes, at infinity, and where fewer than three pixels out of line hang together.
    Raises ValueError when there is no calibration, `radius` is below 1 or `edge` is not positive.
    """
    if radius < 1:
        raise ValueError(f"radius must be at least 1 pixel; got {radius}")
    camera = camera_of(depth_map, calibration, field_of_view)
    rays = camera.rays(depth_map.size)
    disparity = surface_disparity(depth_map)
    disparity[np.isnan(rays[..., 0])] = np.nan
    steps = ray_steps(rays)
    gradient_x, gradient_y = _fit_planes(disparity, rays, steps, links(disparity, steps, edge), radius)
    planes = np.stack(
        [gradient_x, gradient_y, disparity - rays[..., 0] * gradient_x - rays[..., 1] * gradient_y], axis=-1
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        planes /= -np.linalg.norm(planes, axis=-1, keepdims=True)
    return planes.astype(np.float32)


def sample_color(color: ArrayLike, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture of the same view at `size` (width, height): (H, W, 3) uint8, averaged or nearest.

    Raises TypeError or ValueError unless `color` is (H', W', 3) uint8.
    """
    picture = as_picture(color)
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    from PIL import Image

    shrinks = size[0] <= width and size[1] <= height
    method = Image.Resampling.BOX if shrinks else Image.Resampling.NEAREST
    return np.array(Image.fromarray(np.ascontiguousarray(picture)).resize(size, method))


def _positions(
    depth_map: DepthMap, rays: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    depth = depth_map.to(DepthKind.DEPTH, dtype=np.float32).values
    with np.errstate(invalid="ignore", over="ignore"):
        positions: NDArray[np.float32] = rays * depth[..., np.newaxis]
        seen: NDArray[np.bool_] = (depth > 0) & np.isfinite(positions).all(axis=-1)
    return positions, seen


def _placed(positions: NDArray[np.float32], world_from_camera: Pose | None) -> NDArray[np.float32]:
    if world_from_camera is None:
        return frozen(positions)
    return frozen(world_from_camera.apply(positions).astype(np.float32))


def _axes(world_from_camera: Pose | None) -> Axes:
    return "camera" if world_from_camera is None else "world"


def _fit_planes(
    disparity: NDArray[np.float32],
    rays: NDArray[np.float32],
    steps: tuple[float, float],
    joined: Links,
    radius: int,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The slopes of ``disparity = level + gx·(rx - rx0) + gy·(ry - ry0)``: least squares around each pixel.

    Sums are taken relative to the pixel and in units of a step, which keeps float32 exact enough.
    """
    x = rays[..., 0] / np.float32(steps[0])
    y = rays[..., 1] / np.float32(steps[1])
    reach = _Reach(joined, radius)
    n, sx, sy, sd, sxx, sxy, syy, sxd, syd = (np.zeros(disparity.shape, np.float32) for _ in range(9))
    n += np.isfinite(disparity)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if dx == dy == 0:
                continue
            here, there = _overlap(disparity.shape, dy, dx)
            counts = reach.at(dy, dx)[here]
            ax = np.where(counts, x[there] - x[here], 0)
            ay = np.where(counts, y[there] - y[here], 0)
            ad = np.where(counts, disparity[there] - disparity[here], 0)
            for total, part in (
                *((n, counts), (sx, ax), (sy, ay), (sd, ad)),
                *((sxx, ax * ax), (sxy, ax * ay), (syy, ay * ay), (sxd, ax * ad), (syd, ay * ad)),
            ):
                total[here] += part
    with np.errstate(invalid="ignore", divide="ignore"):
        sxx -= sx * sx / n
        sxy -= sx * sy / n
        syy -= sy * sy / n
        sxd -= sx * sd / n
        syd -= sy * sd / n
        determinant = sxx * syy - sxy * sxy
        # Three pixels in an L, the least that spans a plane, have 1/3; pixels in line have 0.
        determinant[~(determinant > 0.01)] = np.nan
        gradient_x = (sxd * syy - syd * sxy) / determinant
        gradient_y = (syd * sxx - sxd * sxy) / determinant
    return gradient_x / np.float32(steps[0]), gradient_y / np.float32(steps[1])


class _Reach:
    """Which pixels nearby can be reached along linked neighbours: a row, then a column, or the other way."""

    def __init__(self, joined: Links, radius: int) -> None:
        height, width = joined.right.shape[0], joined.down.shape[1]
        self.shape = (height, width)
        everywhere = np.ones(self.shape, np.bool_)
        self.rows, self.columns = {0: everywhere}, {0: everywhere}
        for k in range(radius):
            for runs, step, axis in ((self.rows, joined.right, 1), (self.columns, joined.down, 0)):
                forth, back = np.zeros(self.shape, np.bool_), np.zeros(self.shape, np.bool_)
                ahead, behind = [slice(None), slice(None)], [slice(None), slice(None)]
                ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
                first, last = tuple(behind), tuple(ahead)
                forth[first] = step & runs[k][last]
                back[last] = step & runs[-k][first]
                runs[k + 1], runs[-k - 1] = forth, back

    def at(self, dy: int, dx: int) -> NDArray[np.bool_]:
        """(H, W) bool: whether each pixel reaches the one `dy` below and `dx` to the right."""
        reached = np.zeros(self.shape, np.bool_)
        here, beside = _overlap(self.shape, 0, dx)
        reached[here] = self.rows[dx][here] & self.columns[dy][beside]
        here, below = _overlap(self.shape, dy, 0)
        reached[here] |= self.columns[dy][here] & self.rows[dx][below]
        return reached


def _overlap(shape: tuple[int, ...], dy: int, dx: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of a picture whose pixels have a neighbour at (dy, dx), and that neighbour's part."""
    height, width = shape
    here = (slice(max(0, -dy), max(0, height - max(0, dy))), slice(max(0, -dx), max(0, width - max(0, dx))))
    there = (slice(max(0, dy), max(0, height + min(0, dy))), slice(max(0, dx), max(0, width + min(0, dx))))
    return here, there
