"""Make the picture of the page on sparse depth: what a room's 576 points and its small map become.

``python docs/sparse_pictures.py`` writes docs/images/sparse-depth.jpg.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from stereo_pictures import sheet

import nearfar as nf
from nearfar.depth import false_colour, resample

TARGET = Path(__file__).resolve().parent / "images" / "sparse-depth.jpg"
SIZE = (640, 480)
Seen = Callable[[nf.DepthMap], NDArray[np.uint8]]


def main() -> None:
    camera = nf.Calibration.from_field_of_view(1.0, SIZE)
    room = nf.scene.render(nf.scene.load("room", seed=3), camera, samples=8)
    truth = room.depth_map
    finite = truth.values[np.isfinite(truth.values)]
    reach = {"near": float(finite.min()), "far": float(finite.max())}

    def seen(depth: nf.DepthMap) -> NDArray[np.uint8]:
        return false_colour(depth, **reach)

    points = lidar(truth)
    small = truth.replace(values=truth.values[4::8, 4::8])
    panels = [
        ("the picture", room.color),
        ("576 points of depth", dots(points, room.color, seen)),
        ("complete", seen(nf.estimate.complete(points, room.color))),
        ("the exact depth", seen(truth)),
        ("a map of 80 by 60, interpolated", seen(resample(small, SIZE))),
        ("the same, upsample", seen(nf.estimate.upsample(small, room.color))),
    ]
    sheet(panels).save(TARGET, quality=82, optimize=True)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


def lidar(truth: nf.DepthMap) -> NDArray[np.float64]:
    """(N, 3): 24×24 points in pixels and metres, where there is depth."""
    y, x = (
        grid.ravel()
        for grid in np.meshgrid(*(((np.arange(24) + 0.5) * side / 24) for side in truth.shape), indexing="ij")
    )
    depth = truth.values[y.astype(int), x.astype(int)]
    return np.column_stack([x, y, depth])[np.isfinite(depth)]


def dots(points: NDArray[np.float64], color: NDArray[np.uint8], seen: Seen) -> NDArray[np.uint8]:
    """Draw each point as a square of 7×7 pixels on the dimmed picture."""
    values = np.full(color.shape[:2], np.nan, np.float32)
    for x, y, depth in points:
        values[max(int(y) - 3, 0) : int(y) + 4, max(int(x) - 3, 0) : int(x) + 4] = depth
    drawn = ~np.isnan(values)
    return np.where(drawn[..., None], seen(nf.DepthMap(values)), color // 4)


if __name__ == "__main__":
    main()
