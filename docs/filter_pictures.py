"""Make the pictures of the filter page: a rendered room, a noisy camera's depth of it, and each filter.

``python docs/filter_pictures.py`` writes docs/images/filter-*.jpg, before on the left and after on the right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import nearfar as nf
from nearfar.depth import false_colour
from nearfar.estimate import filters

FOLDER = Path(__file__).resolve().parent / "images"
SIZE = (320, 240)
GAP = 8
CAPTION = 16
MAX_STEP = 0.05


def main() -> None:
    camera = nf.Calibration.from_field_of_view(1.1, SIZE)
    scene = nf.scene.load("room", seed=2)
    view = nf.scene.render(scene, camera, samples=8)
    truth = view.depth_map.to(nf.DepthKind.DISPARITY)
    raw = measured(truth, np.random.default_rng(1))
    stream = [measured(truth, np.random.default_rng(seed)) for seed in range(1, 7)]
    finite = truth.to(nf.DepthKind.DEPTH).values
    near, far = (float(bound) for bound in np.percentile(finite[np.isfinite(finite)], (0.5, 99)))

    def seen(depth_map: nf.DepthMap) -> NDArray[np.uint8]:
        return false_colour(depth_map, near=near, far=far)

    steady, phone = filters.TemporalFilter(), filters.SmoothedStream()
    for frame in stream:
        averaged = steady(frame)
        ahead = phone(frame)
    assert ahead is not None
    clean = filters.remove_speckles(raw, 60, MAX_STEP)
    for name, before, after, told in (
        ("truth", view.color, seen(truth), ("picture", "exact depth")),
        ("spatial", seen(raw), seen(filters.spatial(raw)), ("before", "spatial")),
        ("temporal", seen(stream[-1]), seen(averaged), ("before", "TemporalFilter, 6 frames")),
        ("holes", seen(raw), seen(filters.fill_holes(raw)), ("before", "fill_holes")),
        ("speckles", seen(raw), seen(clean), ("before", "remove_speckles")),
        ("median", seen(raw), seen(filters.median(raw, 5)), ("before", "median, size 5")),
        (
            "guided",
            seen(raw),
            seen(filters.guided(raw, view.color, fill=True)),
            ("before", "guided, fill=True"),
        ),
        (
            "bilateral",
            seen(raw),
            seen(filters.joint_bilateral(raw, view.color, fill=True)),
            ("before", "joint_bilateral, fill=True"),
        ),
        ("behind", seen(raw), seen(filters.fill_behind(raw, view.color)), ("before", "fill_behind")),
        ("gate", seen(raw), seen(filters.gate(raw, 0.5)), ("before", "gate, 0.5")),
        ("threshold", seen(raw), seen(filters.threshold(raw, 0.1, 4.0)), ("before", "threshold, 0.1..4 m")),
        ("decimate", seen(raw), seen(filters.decimate(raw, 4)), ("before", "decimate, 4")),
        ("phone", seen(stream[-2]), seen(ahead), ("before", "SmoothedStream, 6 frames")),
    ):
        target = FOLDER / f"filter-{name}.jpg"
        side_by_side((before, after), told).save(target, quality=64, optimize=True)
        print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


def measured(truth: nf.DepthMap, generator: np.random.Generator) -> nf.DepthMap:
    """What a stereo camera might see: noise, torn edges, lost pixels and spots, islands of wrong matches."""
    values = truth.values.astype(np.float32)
    height, width = values.shape
    noise = generator.normal(0, 0.008, values.shape)
    slope = np.hypot(*np.gradient(values))
    sure = np.clip(1 - slope / 0.05, 0, 1) * generator.uniform(0.55, 1, values.shape)
    lost = (slope > 0.03) & (generator.random(values.shape) < 0.7)
    lost |= generator.random(values.shape) < 0.01
    y, x = np.mgrid[:height, :width]
    fixed = np.random.default_rng(7)
    for _ in range(5):  # shiny spots, always the same
        spot = np.hypot((x - fixed.uniform(0, width)) / 1.6, y - fixed.uniform(0, height)) < fixed.uniform(
            5, 11
        )
        lost |= spot
    noisy = values + noise
    for _ in range(14):
        island = np.hypot(x - generator.uniform(0, width), y - generator.uniform(0, height)) < 2.6
        noisy[island] = generator.uniform(0.3, 1.2)
        sure[island] *= 0.4
    confidence = np.where(lost, 0, sure).astype(np.float32)
    return truth.replace(values=np.where(lost, np.nan, noisy).astype(np.float32), confidence=confidence)


def side_by_side(pictures: tuple[NDArray[np.uint8], ...], names: tuple[str, ...]) -> Image.Image:
    page = Image.new("RGB", (len(pictures) * (SIZE[0] + GAP) - GAP, SIZE[1] + CAPTION), "white")
    draw = ImageDraw.Draw(page)
    for number, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        x = number * (SIZE[0] + GAP)
        draw.text((x, 2), name, fill="black")
        page.paste(Image.fromarray(picture).resize(SIZE, Image.Resampling.NEAREST), (x, CAPTION))
    return page


if __name__ == "__main__":
    main()
