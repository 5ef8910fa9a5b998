"""Make the picture of the stereo page: a room that nearfar renders, and what each effort finds of its depth.

``python docs/stereo_pictures.py`` writes docs/images/stereo.jpg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from panels import sheet

import nearfar as nf
from nearfar.depth import false_colour

TARGET = Path(__file__).resolve().parent / "images" / "stereo.jpg"
SIZE = (640, 480)


def main() -> None:
    left = nf.Calibration.from_field_of_view(1.1, SIZE)
    rig = nf.StereoRig(left, left.replace(pose=nf.Pose(np.eye(3), (0.1, 0.0, 0.0))))
    scene = nf.scene.load("room", seed=2)
    room = nf.scene.render_pair(scene, rig, samples=8, noise=nf.scene.SensorNoise())
    truth = room.left.depth_map
    finite = truth.values[np.isfinite(truth.values)]
    reach = {"near": float(finite.min()), "far": float(finite.max())}

    def seen(depth: nf.DepthMap) -> NDArray[np.uint8]:
        return false_colour(depth, **reach)

    panels = [("left", room.left.color), ("right", room.right.color), ("the exact depth", seen(truth))]
    for name, effort, fill in (
        ("standard, what both cameras see", "standard", False),
        ("standard, filled", "standard", True),
        ("best, filled", "best", True),
    ):
        match = nf.estimate.match_stereo(
            room.left.color, room.right.color, max_shift="auto", effort=effort, fill=fill
        )
        panels.append((name, seen(nf.estimate.stereo_depth(match, rig))))
    sheet(panels).save(TARGET, quality=82, optimize=True)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
