"""Make the pictures of docs/guide/lens-blur.md from a scene that nearfar renders itself.

``python docs/lens_pictures.py`` writes docs/images/lens-blur.jpg.
"""

from __future__ import annotations

from pathlib import Path

from panels import sheet

import nearfar as nf

IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    camera = nf.Calibration.from_field_of_view(0.8, (560, 420))
    seen = nf.scene.render(nf.scene.load("portrait"), camera, samples=16)
    nearness = 1 / seen.depth
    person = float(nearness[210, 280])
    panels = [("sharp everywhere", seen.color)]
    for title, focus, shape in (
        ("focused on the person", person, "disc"),
        ("on what is behind", float(nearness.min()), "disc"),
        ("five blades and cat's eyes", person, nf.effects.Aperture(5, cats_eye=0.8)),
    ):
        blurred = nf.effects.lens_blur(
            seen.color, nearness, focus_disparity=focus, strength=25, shape=shape, highlights="recover"
        )
        panels.append((title, blurred))
    sheet(panels, columns=2).save(IMAGES / "lens-blur.jpg", quality=85, optimize=True)


if __name__ == "__main__":
    main()
