"""Make the pictures of docs/guide/virtual-cameras.md: what each virtual camera gives, and how far off it is.

``python docs/virtual_pictures.py`` writes docs/images/virtual-cameras.jpg and virtual-errors.png.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from panels import sheet
from PIL import Image, ImageDraw, ImageFont

from nearfar.capture import open_source
from nearfar.capture.virtual import VirtualCamera
from nearfar.depth import false_colour

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.camera_errors import CAMERAS, errors_by_distance

IMAGES = Path(__file__).resolve().parent / "images"
SIZE = (960, 560)
AREA = (70, 20, 680, 500)
"""Left, top, right and bottom of the plot in its picture."""
METRES = (0.25, 7.0)
ERRORS = (2e-4, 1.0)
COLORS = {"dual": "#0072b2", "dualwide": "#56b4e9", "truedepth": "#d55e00", "lidar": "#009e73"}
"""Safe for colour-blind eyes (Okabe and Ito, 2008)."""


def main() -> None:
    panels: list[tuple[str, NDArray[np.uint8]]] = []
    for subject in CAMERAS:
        panels += three(subject.name)
    page = sheet(panels, columns=3)
    page.save(IMAGES / "virtual-cameras.jpg", quality=82, optimize=True)
    plot().save(IMAGES / "virtual-errors.png", optimize=True)
    for name in ("virtual-cameras.jpg", "virtual-errors.png"):
        print(f"{name}: {(IMAGES / name).stat().st_size / 1000:.0f} kB")


def three(name: str) -> list[tuple[str, NDArray[np.uint8]]]:
    """Colour, measured depth and true depth of one frame, in one range of colours."""
    camera = open_source(f"virtual:{name}")
    assert isinstance(camera, VirtualCamera)
    frame, truth = camera.frame(camera.formats[0], 0, 0.0), camera.truth(0.0).depth_map
    assert frame.color is not None
    assert frame.depth is not None
    near, far = (float(value) for value in np.nanquantile(truth.values, (0.002, 0.998)))
    size = f"{frame.depth.width} by {frame.depth.height}"
    return [
        (f"virtual:{name}", frame.color),
        (f"its depth, {size}; stripes are holes", false_colour(frame.depth, near=near, far=far)),
        ("the truth", false_colour(truth.to(frame.depth.kind), near=near, far=far)),
    ]


def plot() -> Image.Image:
    """Typical errors by distance as dots on lines, the published models dashed."""
    page = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(14)
    _axes(draw, font)
    for row, subject in enumerate(CAMERAS):
        color, bands = COLORS[subject.name], errors_by_distance(subject)
        places = [_place(band.middle, band.typical) for band in bands]
        draw.line(places, fill=color, width=3)
        for x, y in places:
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=color)
        _dashed(draw, subject.model, bands[0].near, bands[-1].far, color)
        top = AREA[1] + 60 * row
        draw.line((AREA[2] + 20, top + 9, AREA[2] + 50, top + 9), fill=color, width=3)
        draw.text((AREA[2] + 58, top), f"virtual:{subject.name}", fill="black", font=font)
        draw.text((AREA[2] + 20, top + 20), f"- -  {subject.model_name}", fill=color, font=font)
    return page


def _axes(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> None:
    for metres in (0.25, 0.5, 1, 2, 4, 7):
        x, _ = _place(metres, ERRORS[0])
        draw.line((x, AREA[1], x, AREA[3]), fill="#dddddd")
        draw.text((x, AREA[3] + 6), f"{metres:g} m", fill="black", font=font, anchor="ma")
    for error, name in ((1e-3, "1 mm"), (1e-2, "1 cm"), (1e-1, "10 cm"), (1.0, "1 m")):
        _, y = _place(METRES[0], error)
        draw.line((AREA[0], y, AREA[2], y), fill="#dddddd")
        draw.text((AREA[0] - 8, y), name, fill="black", font=font, anchor="rm")
    draw.rectangle(AREA, outline="#888888")
    middle = (AREA[0] + AREA[2]) / 2
    draw.text((middle, AREA[3] + 28), "typical error by distance", fill="black", font=font, anchor="ma")


def _dashed(
    draw: ImageDraw.ImageDraw, model: Callable[[float], float], near: float, far: float, color: str
) -> None:
    steps = np.geomspace(near, far, 41)
    for start, end in zip(steps[::2], steps[1::2], strict=False):
        draw.line((_place(start, model(start)), _place(end, model(end))), fill=color, width=1)


def _place(metres: float, error: float) -> tuple[float, float]:
    across = math.log(metres / METRES[0]) / math.log(METRES[1] / METRES[0])
    up = math.log(max(error, ERRORS[0]) / ERRORS[0]) / math.log(ERRORS[1] / ERRORS[0])
    return AREA[0] + across * (AREA[2] - AREA[0]), AREA[3] - up * (AREA[3] - AREA[1])


if __name__ == "__main__":
    main()
