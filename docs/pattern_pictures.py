"""Make the picture of the structured-light page: a still life, its infrared picture, and what is decoded.

``python docs/pattern_pictures.py`` writes docs/images/structured-light.jpg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from panels import sheet

import nearfar as nf
from nearfar.depth import false_colour

TARGET = Path(__file__).resolve().parent / "images" / "structured-light.jpg"
SIZE = (640, 480)


def main() -> None:
    camera = nf.Calibration.from_field_of_view(1.0, SIZE)
    still_life = nf.scene.render(nf.scene.load("portrait"), camera, samples=4)
    truth = still_life.depth_map
    view = nf.estimate.render_pattern(truth)
    depth = nf.estimate.decode_pattern(view.ir, view.reference, camera)
    model = nf.estimate.render_pattern(truth, mode="statistical")
    reach = {"near": float(np.nanmin(truth.values)), "far": float(np.nanpercentile(depth.values, 98))}
    assert depth.confidence is not None
    panels = [
        ("what one sees", still_life.color),
        ("what the infrared camera sees (brightened)", grey(np.sqrt(view.ir / 255.0))),
        ("the exact depth", false_colour(truth, **reach)),
        ("decode_pattern", false_colour(depth, **reach)),
        ("its confidence", grey(depth.confidence)),
        ('render_pattern(mode="statistical")', false_colour(model, **reach)),
    ]
    sheet(panels).save(TARGET, quality=80, optimize=True)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


def grey(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    levels = np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=2)


if __name__ == "__main__":
    main()
