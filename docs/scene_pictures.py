"""Make the picture of docs/guide/scenes.md: the built-in scenes and their depth.

``python docs/scene_pictures.py`` writes docs/images/scenes.jpg.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import nearfar as nf
from nearfar.depth import false_colour

TARGET = Path(__file__).resolve().parent / "images" / "scenes.jpg"
SIZE = (320, 240)
GAP = 6


def main() -> None:
    camera = nf.Calibration.from_field_of_view(1.1, SIZE)
    names = nf.scene.BUILT_IN
    sheet = Image.new("RGB", (len(names) * (SIZE[0] + GAP) - GAP, 2 * SIZE[1] + GAP), (255, 255, 255))
    for place, name in enumerate(names):
        seen = nf.scene.render(nf.scene.load(name), camera, samples=16)
        left = place * (SIZE[0] + GAP)
        sheet.paste(Image.fromarray(seen.color), (left, 0))
        depth = seen.depth_map.to(nf.DepthKind.DISPARITY)
        sheet.paste(Image.fromarray(false_colour(depth)), (left, SIZE[1] + GAP))
    sheet.save(TARGET, quality=88, optimize=True)
    print(f"{TARGET.name}: {sheet.width}×{sheet.height}, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
