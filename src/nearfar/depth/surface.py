"""Which neighbouring pixels of a depth map lie on one surface, and the triangles that span it.

A plane is *linear in disparity* over the picture, however it is slanted; an edge is a jump that no slope
beside it explains::

    disparity   ____                         . '
               a    |b          cut      . '        not cut: the slope goes on
                    |______          . '
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import DepthKind

_GRAZING = float(np.tan(np.radians(2.0)))
"""A surface seen at less than two degrees is taken for an edge that a filter has smeared."""


@dataclass(frozen=True, slots=True)
class Links:
    """Which pixels hang together: with the next in the row (H, W-1), with the next in the column (H-1, W)."""

    right: NDArray[np.bool_]
    down: NDArray[np.bool_]


def camera_of(
    depth_map: DepthMap, calibration: Calibration | None, field_of_view: float | None
) -> Calibration:
    """The calibration to use for a map: the one given, one of a field of view (radians), or the map's own.

    A lens of which only Apple's coefficients are known, without a table, counts as rectilinear.
    Raises ValueError when there is none, or when both are given.
    """
    if calibration is not None and field_of_view is not None:
        raise ValueError("give calibration= or field_of_view=, not both")
    if field_of_view is not None:
        return Calibration.from_field_of_view(field_of_view, depth_map.size)
    camera = calibration if calibration is not None else depth_map.calibration
    if camera is None:
        raise ValueError(
            "the map has no calibration, so its pixels have no direction: "
            "give calibration= or field_of_view= (radians, horizontal)"
        )
    return rectilinear_if_unknown(camera)


def rectilinear_if_unknown(camera: Calibration) -> Calibration:
    """The camera, without its lens when the lens has no table."""
    return camera if camera.bends else camera.rectified()


def surface_disparity(depth_map: DepthMap) -> NDArray[np.float32]:
    """(H, W) float32 disparity of the points in front of the camera, 0 at infinity, NaN elsewhere."""
    values = depth_map.to(DepthKind.DISPARITY, dtype=np.float32).values
    with np.errstate(invalid="ignore"):
        return np.where((values >= 0) & (values < np.inf), values, np.float32(np.nan)).astype(np.float32)


def ray_steps(rays: NDArray[np.floating]) -> tuple[float, float]:
    """How far the rays (H, W, 3) of neighbours lie apart at z = 1: along a row and down a column."""
    height, width = rays.shape[:2]
    across = np.abs(np.diff(rays[height // 2, :, 0]))
    down = np.abs(np.diff(rays[:, width // 2, 1]))
    steps = [
        float(np.median(part[np.isfinite(part)])) if np.isfinite(part).any() else 0.0
        for part in (across, down)
    ]
    fallback = max(steps) or 1.0
    return steps[0] or fallback, steps[1] or fallback


def links(disparity: NDArray[np.float32], steps: tuple[float, float], edge: float) -> Links:
    """Tell which neighbours lie on one surface.

    Two pixels do when their depths differ by less than the share `edge` of the nearer one, or when the slope
    on one side of them goes on across them to within that share, so that a slanted plane is one surface; not
    where it would be seen at less than two degrees. `steps` are those of `ray_steps`. Raises ValueError
    unless `edge` is positive.
    """
    if not edge > 0:
        raise ValueError(f"edge must be positive (a share of the depth, such as 0.05); got {edge}")
    right = _row_links(disparity, edge, steps[0] / _GRAZING)
    down = _row_links(disparity.T, edge, steps[1] / _GRAZING).T
    return Links(right, np.ascontiguousarray(down))


def _row_links(disparity: NDArray[np.float32], edge: float, steepest: float) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        jump = disparity[:, 1:] - disparity[:, :-1]
        least = np.minimum(disparity[:, 1:], disparity[:, :-1])
        allowed = np.float32(edge) * least
        linked: NDArray[np.bool_] = np.abs(jump) <= allowed
        second = np.abs(jump[:, 1:] - jump[:, :-1])
        straight = np.zeros_like(linked)
        straight[:, 1:] |= second <= allowed[:, 1:]
        straight[:, :-1] |= second <= allowed[:, :-1]
        linked |= straight & (np.abs(jump) <= np.float32(max(steepest, edge)) * least)
    return linked


def triangles(disparity: NDArray[np.float32], joined: Links) -> NDArray[np.int64]:
    """(F, 3) indices into the H·W pixels: two triangles for each square of linked pixels, or one.

    Each triangle has two sides along the grid, both linked. The square is split along the diagonal that
    keeps more, then along the one with the smaller jump. Seen from the camera they run counter-clockwise.
    """
    height, width = disparity.shape
    index = np.arange(height * width).reshape(height, width)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    top, bottom = joined.right[:-1], joined.right[1:]
    left, right = joined.down[:, :-1], joined.down[:, 1:]
    #  a ── b     diagonal a–d: triangles a c d, a d b
    #  │    │     diagonal b–c: triangles a c b, b c d
    #  c ── d
    acd, adb = left & bottom, top & right
    acb, bcd = left & top, bottom & right
    kept_ad = acd.astype(np.int8) + adb
    kept_bc = acb.astype(np.int8) + bcd
    with np.errstate(invalid="ignore"):
        jump_ad = np.abs(disparity[:-1, :-1] - disparity[1:, 1:])
        jump_bc = np.abs(disparity[:-1, 1:] - disparity[1:, :-1])
        falling = (kept_ad > kept_bc) | ((kept_ad == kept_bc) & ~(jump_bc < jump_ad))
    parts = [
        np.stack([corner[chosen] for corner in corners], axis=1)
        for chosen, corners in (
            (acd & falling, (a, c, d)),
            (adb & falling, (a, d, b)),
            (acb & ~falling, (a, c, b)),
            (bcd & ~falling, (b, c, d)),
        )
    ]
    return np.concatenate(parts)
