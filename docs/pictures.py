"""Make the picture of README from a photo that nearfar makes itself: colour, depth, and points from the side.

``python docs/pictures.py`` writes docs/images/front.png; examples/make_depth_photo.py casts the rays.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import nearfar as nf
from nearfar.depth import false_colour

ROOT = Path(__file__).resolve().parent.parent
HEIGHT = 300
GAP = 12
PAPER = (255, 255, 255)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "made.heic")
        subprocess.run([sys.executable, ROOT / "examples" / "make_depth_photo.py", made], check=True)
        photo = nf.open(made)
        depth = photo.depth
        assert depth is not None
        panels = [
            Image.fromarray(photo.color),
            Image.fromarray(false_colour(depth, scale=True)),
            Image.fromarray(seen_from_the_side(depth.points(color=photo.color))),
        ]
    scaled = [
        panel.resize((round(panel.width * HEIGHT / panel.height), HEIGHT), Image.Resampling.LANCZOS)
        for panel in panels
    ]
    sheet = Image.new("RGB", (sum(p.width for p in scaled) + GAP * (len(scaled) - 1), HEIGHT), PAPER)
    left = 0
    for panel in scaled:
        sheet.paste(panel, (left, 0))
        left += panel.width + GAP
    target = ROOT / "docs" / "images" / "front.png"
    sheet.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {sheet.width}×{sheet.height}, {target.stat().st_size / 1000:.0f} kB")


def seen_from_the_side(cloud: nf.PointCloud, size: tuple[int, int] = (1040, 780)) -> NDArray[np.uint8]:
    """Draw the points as a camera to the left of the scene and above it sees them: (H, W, 3) uint8."""
    assert cloud.colors is not None
    place, target = np.array([-1.05, -0.75, 0.0]), np.array([0.02, 0.22, 1.75])
    points = looking_at(place, target).inverse().apply(cloud.positions)
    view = nf.Calibration.from_field_of_view(1.05, size)
    pixels = view.project(points)
    picture = np.full((size[1], size[0], 3), 24, np.uint8)
    far_first = np.argsort(-points[:, 2], kind="stable")
    corner = np.floor(np.nan_to_num(pixels[far_first], nan=-9.0)).astype(int)
    x, y = (corner[:, None, None, axis] + grid for axis, grid in enumerate(np.mgrid[:3, :3]))
    inside = (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
    colors = np.broadcast_to(cloud.colors[far_first][:, None, None], (*x.shape, 3))
    # Of several colours for one pixel the last one stays, which is that of the nearest point.
    picture[y[inside], x[inside]] = colors[inside]
    return picture


def looking_at(place: NDArray[np.float64], target: NDArray[np.float64]) -> nf.Pose:
    """The pose of a camera at `place` that looks at `target`, upright (y down)."""
    forward = (target - place) / np.linalg.norm(target - place)
    right = np.cross((0.0, 1.0, 0.0), forward)
    right /= np.linalg.norm(right)
    return nf.Pose(np.column_stack([right, np.cross(forward, right), forward]), place)


if __name__ == "__main__":
    main()
