"""A sheet of named pictures: how the pages of the manual set before and after side by side.

stereo_pictures, pattern_pictures ── sheet ──▶ one image, each picture under its name
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

__all__ = ["sheet"]

PANEL = (420, 315)
GAP = 10
CAPTION = 18


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
