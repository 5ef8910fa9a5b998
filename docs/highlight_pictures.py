"""Make the picture of docs/guide/highlights.md: a photo that nearfar takes, by night, with lamps behind.

``python docs/highlight_pictures.py`` writes docs/images/highlights.jpg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from panels import sheet
from PIL import Image

import nearfar as nf

IMAGES = Path(__file__).resolve().parent / "images"
DEVICE = "virtual:dual?scene=portrait&seed=1"
NIGHT = (0.10, 0.12, 0.20)
SIZE = (1008, 756)


def main() -> None:
    photo = nf.shoot(DEVICE)
    color = np.asarray(Image.fromarray(photo.color).resize(SIZE, Image.Resampling.BOX))
    depth = photo.require_depth().to(nf.DepthKind.DISPARITY, dtype="float32")
    disparity = nf.estimate.upsample(depth, guide=color).values
    light = with_lamps(nf.effects.recover_highlights(color) * np.float32(NIGHT), disparity)
    taken = encoded(light)
    settings = {
        "focus_disparity": nf.effects.focus_disparity(photo).disparity,
        "strength": nf.effects.blur_strength(photo, 1.4, size=SIZE),
    }
    panels = [
        ("as a camera takes it: lamps end at white", taken),
        ("blurred as it is", nf.effects.lens_blur(taken, disparity, **settings)),
        ('highlights="recover"', nf.effects.lens_blur(taken, disparity, highlights="recover", **settings)),
        ("blurred with the lamps' true light", encoded(nf.effects.lens_blur(light, disparity, **settings))),
    ]
    sheet(panels, columns=2).save(IMAGES / "highlights.jpg", quality=88, optimize=True)
    print(f"highlights.jpg: {(IMAGES / 'highlights.jpg').stat().st_size / 1000:.0f} kB")


def with_lamps(light: NDArray[np.float32], disparity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Hang lamps, 6 to 20 times brighter than white, before what is farthest."""
    random = np.random.default_rng(4)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    behind = disparity < np.quantile(disparity, 0.35)
    for _ in range(34):
        across, down, radius = random.uniform((0, 0, 3), (light.shape[1], 0.6 * light.shape[0], 5.5))
        lit = np.clip(radius - np.hypot(x + 0.5 - across, y + 0.5 - down) + 0.5, 0, 1) * behind
        lamp = random.uniform(6, 20) * np.array((1, random.uniform(0.55, 0.95), random.uniform(0.25, 0.8)))
        light = light + (lit[..., None] * (lamp - light)).astype(np.float32)
    return light


def encoded(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    held = np.clip(light, 0, 1)
    code = np.where(held <= 0.0031308, 12.92 * held, 1.055 * held ** (1 / 2.4) - 0.055)
    return np.rint(code * 255).astype(np.uint8)


if __name__ == "__main__":
    main()
