"""Make the pictures of docs/guide/portrait.md and of README from one photo that nearfar takes itself.

``python docs/portrait_pictures.py`` writes docs/images/portrait.jpg and portrait-front.jpg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from panels import GAP, sheet
from PIL import Image

import nearfar as nf

IMAGES = Path(__file__).resolve().parent / "images"
DEVICE = "virtual:dual?scene=portrait&seed=1"
BEHIND = (0.85, 0.45)
"""A place on the shelf of books."""
FRONT = (600, 450)


def main() -> None:
    photo = nf.shoot(DEVICE)
    person, shelf = (
        nf.portrait(photo, f_number=1.4),
        nf.portrait(photo, f_number=1.4, focus=BEHIND),
    )
    panels = [
        ("as virtual:dual took it", photo.color),
        ("f/1.4", person.color),
        ("f/4", nf.portrait(photo, f_number=4).color),
        ("f/1.4, focused on the books", shelf.color),
    ]
    sheet(panels, columns=2).save(IMAGES / "portrait.jpg", quality=88, optimize=True)
    beside([photo.color, person.color, shelf.color]).save(
        IMAGES / "portrait-front.jpg", quality=88, optimize=True
    )
    for name in ("portrait.jpg", "portrait-front.jpg"):
        print(f"{name}: {(IMAGES / name).stat().st_size / 1000:.0f} kB")


def beside(pictures: list[NDArray[np.uint8]]) -> Image.Image:
    """The pictures in a row."""
    page = Image.new("RGB", (len(pictures) * (FRONT[0] + GAP) - GAP, FRONT[1]), "white")
    for number, picture in enumerate(pictures):
        small = Image.fromarray(picture).resize(FRONT, Image.Resampling.LANCZOS)
        page.paste(small, (number * (FRONT[0] + GAP), 0))
    return page


if __name__ == "__main__":
    main()
