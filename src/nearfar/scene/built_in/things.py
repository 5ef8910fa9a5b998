"""Things that more than one scene uses: books, cushions, plants, pictures, cups."""

from __future__ import annotations

import math
from concurrent.futures import Future

import numpy as np

from nearfar.scene import textures
from nearfar.scene.surfaces import (
    Surface,
    ball,
    box,
    grid,
    joined,
    lathe,
    patch,
    tube,
    turn_x,
    turn_y,
    turn_z,
)
from nearfar.scene.values import Material

__all__ = [
    "Random",
    "book_row",
    "bowl",
    "cushion",
    "frame",
    "leafy_plant",
    "painted",
    "plain",
    "tone",
    "vase",
]

Random = np.random.Generator
Color = tuple[float, float, float]


def plain(color: Color, *, reflectance: float = 0.0, gloss: int = 5) -> Material:
    """A material of one sRGB colour."""
    linear = tuple(float(value) for value in np.array(color) ** 2.2)
    return Material((linear[0], linear[1], linear[2]), reflectance=reflectance, gloss=gloss)


def painted(picture: Future[textures.Texels], *, reflectance: float = 0.0, gloss: int = 5) -> Material:
    """A material that carries a picture."""
    return Material(texture=picture, reflectance=reflectance, gloss=gloss)


def tone(random: Random, saturation: tuple[float, float], value: tuple[float, float]) -> Color:
    """A colour drawn at random from hues that go together."""
    hue = float(random.choice(textures.HUES)) + random.normal(0, 0.012)
    return textures.from_hue(hue, random.uniform(*saturation), random.uniform(*value))


def book_row(random: Random, width: float, height: float, depth: float, *, count: int = 16) -> Surface:
    """Books side by side on x from 0 to ``width``, standing on y = 0, spines to +z; see `spines`."""
    books: list[Surface] = []
    x = 0.0
    while True:
        thick, tall, deep = (
            random.uniform(0.014, 0.045),
            height * random.uniform(0.72, 0.98),
            depth * random.uniform(0.75, 1),
        )
        if x + thick > width:
            return joined(books)
        book = box((thick, tall, deep), radius=0.003, step=0.12)
        lean = random.uniform(-0.12, 0.0) if random.random() < 0.1 else 0.0
        cell = int(random.integers(0, count))
        book = book.mapped((1 / count, 1.0), (cell / count, 0.0)).turned(turn_z(lean))
        books.append(
            book.moved(x + thick / 2 + abs(lean) * tall / 2, tall / 2, deep / 2 - random.uniform(0, 0.02))
        )
        x += thick + 0.0015 + abs(lean) * tall


def cushion(width: float, height: float, thick: float, *, tile: float = 0.25) -> Surface:
    """A pillow about the origin, its face to +z."""
    count = 16
    edge = np.linspace(-1, 1, count)
    u, v = np.meshgrid(edge, edge)
    swell = ((1 - u**4) * (1 - v**4)) ** 0.55
    pinch = 1 - 0.07 * (1 - np.abs(u) ** 3) * v**2
    squeeze = 1 - 0.07 * (1 - np.abs(v) ** 3) * u**2
    sides = []
    for side in (1, -1):
        points = np.stack(
            [u * squeeze * width / 2 * side, v * pinch * height / 2, swell * thick / 2 * side], -1
        )
        sides.append(grid(points).mapped((width / tile, height / tile)))
    return joined(sides)


def frame(width: float, height: float, *, rim: float = 0.03, deep: float = 0.025) -> tuple[Surface, Surface]:
    """A picture frame about the origin, facing +z: the rim, and the picture within."""
    bars = [
        box((width, rim, deep), step=0.2).moved(0, (height - rim) / 2, deep / 2),
        box((width, rim, deep), step=0.2).moved(0, -(height - rim) / 2, deep / 2),
        box((rim, height - 2 * rim, deep), step=0.2).moved((width - rim) / 2, 0, deep / 2),
        box((rim, height - 2 * rim, deep), step=0.2).moved(-(width - rim) / 2, 0, deep / 2),
    ]
    inner = patch(
        (-width / 2 + rim, -height / 2 + rim, deep / 3), (width - 2 * rim, 0, 0), (0, height - 2 * rim, 0)
    )
    return joined(bars), inner


def vase(height: float, belly: float, neck: float) -> Surface:
    """A turned vase on y = 0, open at the top."""
    share = np.linspace(0, 1, 24)
    radius = neck + (belly - neck) * np.sin(math.pi * np.clip(share * 1.15 + 0.05, 0, 1)) ** 1.3
    radius[-3:] += np.array([0.0, 0.03, 0.09]) * belly
    outer = np.stack([radius, share * height], -1)
    inner = np.stack([radius[::-1] * 0.93, share[::-1] * height * 0.99 + 0.004], -1)
    return lathe(np.concatenate([[(1e-4, 0.0)], outer, inner[:-2]]), segments=40)


def bowl(radius: float, height: float) -> Surface:
    """A shallow bowl on y = 0."""
    angle = np.linspace(0, math.pi / 2, 12)
    outer = np.stack(
        [radius * np.sin(angle) * 0.9 + 0.1 * radius * np.sin(angle) ** 8, height * (1 - np.cos(angle))], -1
    )
    inner = outer[::-1] * (0.95, 0.93) + (0, height * 0.06)
    return lathe(np.concatenate([outer, inner]), segments=40)


def leafy_plant(random: Random, height: float, *, stems: int = 9) -> tuple[Surface, Surface]:
    """A plant on y = 0: its thin stems, and its leaves."""
    lines, leaves = [], []
    for _ in range(stems):
        turn, lean = random.uniform(0, 2 * math.pi), random.uniform(0.15, 0.75)
        share = np.linspace(0, 1, 9)
        reach = height * random.uniform(0.6, 1.0)
        out = reach * lean * share**1.7
        path = np.stack(
            [out * math.cos(turn), reach * share * (1 - 0.25 * lean * share), out * math.sin(turn)], -1
        )
        lines.append(tube(path, np.linspace(0.0035, 0.0012, 9), sides=6))
        for _ in range(int(random.integers(3, 6))):
            at = path[int(random.integers(4, 9))]
            size = height * random.uniform(0.14, 0.26)
            leaf = _leaf(size, size * random.uniform(0.28, 0.5), random.uniform(0.1, 0.5))
            leaf = leaf.turned(turn_x(random.uniform(-0.9, 0.3))).turned(
                turn_y(-turn + math.pi / 2 + random.uniform(-1.2, 1.2))
            )
            leaves.append(leaf.moved(*at))
    return joined(lines), joined(leaves)


def _leaf(length: float, width: float, droop: float) -> Surface:
    """A leaf from the origin along +z."""
    along, across = np.meshgrid(np.linspace(0, 1, 9), np.linspace(-1, 1, 5), indexing="ij")
    wide = width / 2 * np.sin(math.pi * along**0.8) ** 0.8
    points = np.stack(
        [across * wide, 0.25 * wide * across**2 - droop * length * along**2, along * length], -1
    )
    return grid(points[:, ::-1])


def fruit(random: Random, count: int, radius: float, spread: float) -> list[Surface]:
    """A heap of round fruit on y = 0."""
    heap = []
    for k in range(count):
        size = radius * random.uniform(0.85, 1.1)
        turn = k * 2.4 + random.uniform(0, 0.4)
        ring = 0.0 if k == count - 1 else spread
        rise = size if k < count - 1 else radius * 2.2
        shape = ball(size, segments=24).stretched(1.0, random.uniform(0.88, 0.96), 1.0)
        heap.append(shape.moved(ring * math.cos(turn), rise, ring * math.sin(turn)))
    return heap
