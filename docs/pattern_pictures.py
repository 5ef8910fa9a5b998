"""Make the picture of the structured-light page: a still life, its infrared picture, and what is decoded.

``python docs/pattern_pictures.py`` writes docs/images/structured-light.jpg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import nearfar as nf
from nearfar.depth import false_colour

TARGET = Path(__file__).resolve().parent / "images" / "structured-light.jpg"
SIZE = (640, 480)
PANEL = (420, 315)
GAP = 10
CAPTION = 18


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


def sheet(panels: list[tuple[str, NDArray[np.uint8]]], columns: int = 3) -> Image.Image:
    """The panels in rows, each under its name."""
    rows = -(-len(panels) // columns)
    cell = (PANEL[0] + GAP, PANEL[1] + CAPTION + GAP)
    page = Image.new("RGB", (columns * cell[0] - GAP, rows * cell[1] - GAP), "white")
    draw = ImageDraw.Draw(page)
    for number, (name, picture) in enumerate(panels):
        x, y = number % columns * cell[0], number // columns * cell[1]
        draw.text((x, y + 2), name, fill="black")
        page.paste(Image.fromarray(picture).resize(PANEL, Image.Resampling.LANCZOS), (x, y + CAPTION))
    return page


if __name__ == "__main__":
    main()
