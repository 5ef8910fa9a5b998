"""Pictures for surfaces, made from noise: wood, cloth, wallpaper, book spines, pages, rugs.

    seed, colours ── a painter, in the background ──▶ (H, W, 3 or 4) in 0..1 ── as_texels ──▶ texels

A picture holds sRGB and, where gloss varies, a factor of the reflectance. All repeat without a seam, and a
seed gives the same one every time. Whoever calls for one gets a Future, and can go on building meanwhile.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.scene.tasks import in_background

__all__ = [
    "HUES",
    "as_texels",
    "boards",
    "checks",
    "cloth",
    "clouds",
    "from_hue",
    "garden",
    "marble",
    "painter",
    "painting",
    "plaster",
    "rug",
    "screen",
    "spines",
    "stripes",
    "terrazzo",
    "tiles",
    "wallpaper",
    "wood",
    "written_page",
]

P = ParamSpec("P")
Array = NDArray[np.float64]
Texels = NDArray[np.uint8]
Color = tuple[float, float, float]

HUES = (0.03, 0.07, 0.11, 0.14, 0.32, 0.45, 0.53, 0.58, 0.61, 0.97)
"""Hues (0..1 around the wheel) that walls, cloth and rugs draw theirs from."""


def as_texels(picture: Array) -> Texels:
    """The texture's code of a picture: square roots of linear light and of the reflectance."""
    return _native.texels(np.ascontiguousarray(picture, np.float64))


def painter(paint: Callable[P, Array]) -> Callable[P, Future[Texels]]:
    """A function that gives a picture, as one that has it painted in the background, as texels."""

    @functools.wraps(paint)
    def begun(*arguments: P.args, **keywords: P.kwargs) -> Future[Texels]:
        return in_background(lambda: as_texels(paint(*arguments, **keywords)))

    return begun


def clouds(shape: tuple[int, int], cells: tuple[int, int], seed: int, octaves: int = 4) -> Array:
    """Smooth noise about 0 (roughly -1..1) that repeats; ``cells`` (down, across) of the coarsest octave."""
    generator = np.random.default_rng(seed)
    values, weights = [], []
    for octave in range(octaves):
        down, across = (min(count << octave, side) for count, side in zip(cells, shape, strict=True))
        values.append(generator.random((down, across)) * 2 - 1)
        weights.append(0.5**octave)
    norm = sum(weight * weight for weight in weights)
    return _native.smooth_noise(values, weights, 1.3 / math.sqrt(norm), *shape)


def _blend(low: ArrayLike, high: ArrayLike, share: Array) -> Array:
    share = np.clip(share, 0, 1)[..., np.newaxis]
    return np.asarray(low) * (1 - share) + np.asarray(high) * share


def _grain(shape: tuple[int, int], seed: int, rings: float) -> Array:
    """Wood grain along the rows, 0..1."""
    rows = (np.arange(shape[0]) / shape[0])[:, np.newaxis]
    warp = clouds(shape, (4, 1), seed, 3) * 0.35 + clouds(shape, (2, 2), seed + 1, 2) * 0.5
    ring = 0.5 + 0.5 * np.sin(2 * math.pi * (rows * rings + warp * rings * 0.12 + 0.5 * warp))
    fibre = clouds(shape, (128, 4), seed + 2, 3)
    return 0.5 * ring * np.sqrt(ring) + 0.25 + 0.18 * fibre


@painter
def wood(seed: int, tone: Color = (0.55, 0.36, 0.2), size: int = 512, rings: float = 7.0) -> Array:
    """One board's grain, running across the picture."""
    grain = _grain((size, size), seed, rings)
    pores = clouds((size, size), (256, 16), seed + 5, 2)
    tone_array = np.array(tone)
    picture = _blend(tone_array * 1.2, tone_array * 0.62, grain)
    return np.asarray(picture * (1 - 0.14 * np.clip(pores - 0.35, 0, 1))[..., np.newaxis])


@painter
def boards(seed: int, tone: Color = (0.58, 0.4, 0.25), size: int = 1024, count: int = 10) -> Array:
    """A floor of long boards, each its own piece of wood, with dark joints."""
    generator = np.random.default_rng(seed)
    grain = _grain((size, size), seed, 40.0)
    of_board = np.arange(size) * count // size
    start = generator.random(count)
    shade = generator.normal(0, 0.09, 2 * count)
    hue = generator.normal(0, 0.025, 2 * count)
    shift = generator.integers(0, size, 2 * count)
    tone_array = np.array(tone)
    edge = np.minimum((np.arange(size) * count / size) % 1.0, 1 - (np.arange(size) * count / size) % 1.0)
    gloss = 0.5 + 0.4 * clouds((size, size), (8, 8), seed + 9)
    picture = np.empty((size, size, 4))
    for board in range(count):
        rows = np.flatnonzero(of_board == board)
        along = (np.arange(size) / size + start[board]) % 1.0
        part = np.empty((len(rows), size, 3))
        for piece, columns in (
            (2 * board, np.flatnonzero(along <= 0.5)),
            (2 * board + 1, np.flatnonzero(along > 0.5)),
        ):
            own = grain[np.ix_((rows + shift[piece]) % size, (columns + 2 * shift[piece]) % size)]
            color = _blend(tone_array * 1.15, tone_array * 0.7, own) * (1 + shade[piece])
            color[..., 0] *= 1 + hue[piece]
            color[..., 2] *= 1 - hue[piece]
            part[:, columns] = color
        joint = np.minimum(
            edge[rows, np.newaxis] * size / count, np.minimum(along % 0.5, 0.5 - along % 0.5) * size
        )
        depth = np.clip(joint / 2.0, 0, 1)
        picture[rows, :, :3] = part * (0.35 + 0.65 * depth)[..., np.newaxis]
        picture[rows, :, 3] = np.clip(gloss[rows] * depth, 0, 1)
    return picture


@painter
def cloth(seed: int, tone: Color, size: int = 256, threads: int = 32, other: Color | None = None) -> Array:
    """A weave of threads; ``other`` is the colour of the threads that run down."""
    x = np.arange(size) * (threads / size)
    y = x[:, np.newaxis]
    over = (np.floor(x) + np.floor(y)) % 2 == 0
    across = np.sin(math.pi * (y % 1)) * (0.75 + 0.25 * np.sin(math.pi * (x % 1)))
    down = np.sin(math.pi * (x % 1)) * (0.75 + 0.25 * np.sin(math.pi * (y % 1)))
    height = np.where(over, across, down)
    uneven = 0.10 * clouds((size, size), (threads, 4), seed) + 0.10 * clouds(
        (size, size), (4, threads), seed + 1
    )
    blotch = 0.05 * clouds((size, size), (3, 3), seed + 2)
    base = np.where(over[..., np.newaxis], np.array(tone), np.array(other or tone))
    return np.asarray(base * (0.62 + 0.45 * height + uneven + blotch)[..., np.newaxis])


@painter
def plaster(seed: int, tone: Color, size: int = 512, amount: float = 0.012) -> Array:
    """Painted wall: as good as plain, with a roller's faint grain."""
    noise = clouds((size, size), (6, 6), seed, 3) * 0.6 + clouds((size, size), (128, 128), seed + 1, 2)
    return np.array(tone) * (1 + amount * noise)[..., np.newaxis]


@painter
def stripes(seed: int, tones: list[Color], size: int = 256, count: int = 8) -> Array:
    """Upright stripes of uneven width, with a little weave."""
    generator = np.random.default_rng(seed)
    widths = generator.random(count) + 0.4
    edges = np.cumsum(widths) / widths.sum()
    index = np.searchsorted(edges, (np.arange(size) + 0.5) / size) % len(tones)
    picture = np.broadcast_to(np.array(tones)[index], (size, size, 3))
    return picture * (1 + 0.06 * clouds((size, size), (64, 64), seed + 1, 2))[..., np.newaxis]


@painter
def checks(seed: int, tones: tuple[Color, Color], size: int = 512, count: int = 8) -> Array:
    """A chequered cloth or floor."""
    y, x = np.mgrid[:size, :size] * count // size
    picture = np.where(((x + y) % 2 == 0)[..., np.newaxis], np.array(tones[0]), np.array(tones[1]))
    return picture * (1 + 0.10 * clouds((size, size), (16, 16), seed, 4))[..., np.newaxis]


@painter
def tiles(seed: int, tone: Color, size: int = 512, count: int = 4) -> Array:
    """Glazed tiles with pale joints."""
    generator = np.random.default_rng(seed)
    x = np.arange(size) * (count / size)
    cell = np.floor(x).astype(int)
    shade = generator.normal(0, 0.05, (count, count))[np.ix_(cell, cell)]
    inside = np.minimum(x % 1, 1 - x % 1)
    edge = np.minimum(inside, inside[:, np.newaxis])
    glaze = np.clip((edge - 0.02) / 0.015, 0, 1)
    body = np.array(tone) * (1 + shade + 0.05 * clouds((size, size), (8, 8), seed + 1))[..., np.newaxis]
    return np.dstack([_blend((0.72, 0.7, 0.66), (0, 0, 0), glaze) + body * glaze[..., np.newaxis], glaze])


@painter
def wallpaper(seed: int, ground: Color, motif: Color, size: int = 512) -> Array:
    """A mirrored ornament in staggered rows: the repeated texture that misleads matching."""
    half = size // 2
    noise = clouds((half, half // 2), (5, 3), seed, 3)
    y, x = np.mgrid[:half, : half // 2]
    oval = 1.0 - ((x + 0.5) / (half * 0.40)) ** 2 - ((y + 0.5 - half / 2) / (half * 0.46)) ** 2
    leaf = np.clip(40 * np.minimum(oval, np.abs(noise) - 0.28), 0, 1)
    cell = np.concatenate([leaf[:, ::-1], leaf], axis=1)
    shape = np.zeros((size, size))
    shape[:half, :half] = cell
    shape[half:, half:] = cell
    fine = 0.5 + 0.5 * np.sin(2 * math.pi * np.arange(size) / size * 64)
    paper = (
        np.array(ground)
        * (1 + 0.02 * fine + 0.02 * clouds((size, size), (64, 64), seed + 3, 2))[..., np.newaxis]
    )
    return paper * (1 - shape[..., np.newaxis]) + np.array(motif) * shape[..., np.newaxis]


@painter
def marble(seed: int, ground: Color, vein: Color, size: int = 512) -> Array:
    """Stone with thin veins."""
    warp = clouds((size, size), (3, 3), seed, 6)
    lines = np.exp(-np.abs(warp) * 14) * np.clip(0.5 + clouds((size, size), (4, 4), seed + 1), 0, 1)
    body = np.array(ground) * (1 + 0.05 * clouds((size, size), (6, 6), seed + 2))[..., np.newaxis]
    return np.asarray(
        _blend((0, 0, 0), np.asarray(vein), lines) + body * (1 - np.clip(lines, 0, 1))[..., np.newaxis]
    )


@painter
def terrazzo(seed: int, ground: Color, size: int = 512, chips: int = 420) -> Array:
    """Chips of stone in cement."""
    generator = np.random.default_rng(seed)
    picture = np.array(ground) * (1 + 0.03 * clouds((size, size), (32, 32), seed))[..., np.newaxis]
    for _ in range(chips):
        centre = generator.integers(0, size, 2)
        reach = int(generator.integers(3, size // 48 + 4))
        around = np.arange(-reach, reach + 1)
        rows, columns = ((around + at) % size for at in centre)
        x, y = around / reach, around[:, np.newaxis] / reach
        turn = generator.random() * math.pi
        a, b = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
        inside = np.abs(a) ** 1.3 + np.abs(b * (1.2 + generator.random())) ** 1.3 < 0.9
        tone = np.array(ground) * generator.uniform(0.35, 1.35) * generator.uniform(0.85, 1.15, 3)
        down, across = np.nonzero(inside)
        picture[rows[down], columns[across]] = tone
    return picture


def _writing(height: int, width: int, line: int, seed: int, ink: float = 0.85) -> Array:
    """Lines that read as words from afar: 0..1 ink."""
    generator = np.random.default_rng(seed)
    wide = max(int(line * 0.32), 1)
    ink_map = np.zeros((height, width))
    for top in range(line, height - line, line):
        x, bottom = line, top + int(line * 0.6)
        end = width - line - (int(generator.integers(0, width // 2)) if generator.random() < 0.2 else 0)
        while x < end:
            word = int(generator.integers(2, 9))
            for _ in range(word):
                tall = line * (0.62 if generator.random() < 0.3 else 0.42)
                if x + wide >= end:
                    break
                glyph = generator.random((3, 2)) < 0.7
                letter = glyph.repeat(max(int(tall) // 3, 1), 0).repeat(max(wide // 2, 1), 1)
                ink_map[bottom - len(letter) : bottom, x : x + letter.shape[1]] = letter
                x += wide + 1
            x += int(line * 0.35) + 1
    return ink_map * ink


@painter
def written_page(seed: int, size: int = 512, line: int = 14, paper: Color = (0.94, 0.92, 0.86)) -> Array:
    """A page of text."""
    page = np.array(paper) * (1 + 0.015 * clouds((size, size), (16, 16), seed))[..., np.newaxis]
    margin = size // 12
    ink = np.zeros((size, size))
    ink[margin:-margin, margin:-margin] = _writing(size - 2 * margin, size - 2 * margin, line, seed + 1)
    return _blend(page, (0.1, 0.1, 0.14), ink)


@painter
def spines(seed: int, count: int = 16, size: int = 1024) -> Array:
    """Book spines side by side, each a ``count``-th of the width: bands, titles, worn edges."""
    generator = np.random.default_rng(seed)
    wide = size // count
    picture = np.empty((size, size, 3))
    for book in range(count):
        hue = generator.random()
        tone = np.array(from_hue(hue, generator.uniform(0.15, 0.6), generator.uniform(0.2, 0.8)))
        spine = np.broadcast_to(tone, (size, wide, 3)).copy()
        ink = np.array((0.93, 0.86, 0.6)) if tone.mean() < 0.5 else np.array((0.12, 0.1, 0.1))
        for _ in range(int(generator.integers(1, 4))):
            top, tall = generator.uniform(0.03, 0.93), generator.uniform(0.004, 0.03)
            spine[int(top * size) : int((top + tall) * size)] = (
                ink if generator.random() < 0.6 else tone * 0.5
            )
        first, length = int(generator.uniform(0.12, 0.3) * size), int(generator.uniform(0.35, 0.55) * size)
        title = _writing(wide, length, max(wide // 2 - 2, 6), seed * 64 + book, 1.0).T
        spine[first : first + length] = _blend(spine[first : first + length], ink, title)
        across = np.linspace(-1, 1, wide)
        spine *= (1 - 0.35 * across**6)[np.newaxis, :, np.newaxis]
        picture[:, book * wide : (book + 1) * wide] = spine
    picture *= (1 + 0.07 * clouds((size, size), (64, 16), seed + 3, 3))[..., np.newaxis]
    return picture


def from_hue(hue: float, saturation: float, value: float) -> Color:
    """The sRGB colour of a hue (0..1 around the wheel, 0 is red), all in 0..1."""
    red, green, blue = (
        value * (1 - saturation * max(min(k, 4 - k, 1.0), 0.0))
        for k in ((n + 6 * hue) % 6 for n in (5, 3, 1))
    )
    return (red, green, blue)


@painter
def painting(seed: int, size: int = 512) -> Array:
    """A landscape of ridges under a sky, in brush strokes."""
    return _landscape(seed, size, size)


def _landscape(seed: int, size: int, rows: int) -> Array:
    """The upper rows of a `painting`."""
    generator = np.random.default_rng(seed)
    y = (np.arange(rows) / size)[:, np.newaxis]
    hue = float(generator.choice((0.56, 0.6, 0.05, 0.09)))
    picture = _blend(
        from_hue(hue, 0.35, 0.75), from_hue(hue + 0.12, 0.25, 0.97), y * 1.6 + np.zeros((1, size))
    )
    picture += 0.12 * np.clip(clouds((size, size), (5, 2), seed)[:rows], 0, 1)[..., np.newaxis]
    for ridge in range(4):
        line = 0.45 + 0.13 * ridge + 0.09 * clouds((4, size), (1, 3), seed + 10 + ridge, 5)[0]
        tone = np.array(
            from_hue(
                (0.6, 0.5, 0.36, 0.3)[ridge] + 0.1 * (hue - 0.3), 0.3 + 0.12 * ridge, 0.62 - 0.12 * ridge
            )
        )
        stroke = 1 + 0.22 * clouds((size, size), (48, 12), seed + 20 + ridge, 3)
        _cover(picture, tone, stroke[:rows], (y - line[np.newaxis]) * size / 3)
    return picture


def _cover(picture: Array, tone: Array, strokes: Array, share: Array) -> None:
    """Paint over a picture from the first row on of which something is covered."""
    first = int(np.argmax((share > 0).any(axis=1))) if (share > 0).any() else len(share)
    below = np.clip(share[first:], 0, 1)[..., np.newaxis]
    picture[first:] = picture[first:] * (1 - below) + tone * strokes[first:, :, np.newaxis] * below


@painter
def rug(seed: int, size: int = 512) -> Array:
    """A woven rug: borders and a mirrored field."""
    generator = np.random.default_rng(seed)
    hue = float(generator.choice((0.0, 0.04, 0.58, 0.33)))
    tones = np.array([from_hue(hue, 0.6, 0.45), from_hue(0.11, 0.22, 0.82), from_hue(hue + 0.07, 0.5, 0.25)])
    coarse = 64
    quarter = np.abs(clouds((coarse, coarse), (7, 7), seed, 2))
    field = np.digitize(
        np.block([[quarter, quarter[:, ::-1]], [quarter[::-1], quarter[::-1, ::-1]]]), [0.25, 0.55]
    )
    edge = np.minimum.reduce(np.broadcast_arrays(*(np.minimum(a, 127 - a) for a in np.mgrid[:128, :128])))
    field = np.where(edge < 14, np.where((edge // 2) % 2 == 0, 2, (edge // 7) % 2), field)
    picture = tones[np.kron(field, np.ones((size // 128, size // 128), int))]
    return picture * (0.9 + 0.14 * clouds((size, size), (128, 128), seed + 1, 2))[..., np.newaxis]


@painter
def garden(seed: int, size: int = 512) -> Array:
    """What is seen through a window: sky, trees, a hedge, out of focus."""
    y = (np.arange(size) / size)[:, np.newaxis]
    picture = _blend((0.55, 0.72, 0.95), (0.9, 0.94, 0.98), y * 1.5 + np.zeros((1, size)))
    for layer, (height, tone) in enumerate(
        ((0.45, (0.5, 0.62, 0.5)), (0.58, (0.3, 0.45, 0.22)), (0.78, (0.22, 0.36, 0.14)))
    ):
        line = height + 0.16 * clouds((4, size), (1, 4 + 3 * layer), seed + layer, 4)[0]
        leaf = 1 + 0.45 * clouds((size, size), (16, 16), seed + 7 + layer, 4)
        _cover(picture, np.array(tone), leaf, (y - line[np.newaxis]) * 24)
    return np.clip(picture, 0, 1)


@painter
def screen(seed: int, size: int = 512) -> Array:
    """A monitor's picture: a window of code beside a picture."""
    picture = np.broadcast_to(np.array((0.09, 0.1, 0.13)), (size, size, 3)).copy()
    left = int(size * 0.6)
    ink = _writing(size - 40, left - 30, 13, seed, 1.0)
    hue = clouds((size - 40, left - 30), (24, 6), seed + 1, 1)[..., np.newaxis]
    colors = np.where(
        hue > 0.25, (0.95, 0.75, 0.4), np.where(hue < -0.25, (0.55, 0.85, 0.6), (0.75, 0.8, 0.95))
    )
    picture[30:-10, 20 : left - 10] += ink[..., np.newaxis] * (colors - 0.1)
    picture[30 : size // 2, left + 10 : -14] = _landscape(seed, size, size // 2)[30:, left + 10 : -14]
    picture[size // 2 + 14 : -14, left + 10 : -14] = (0.16, 0.18, 0.22)
    bars = np.random.default_rng(seed).random(12)
    for k, bar in enumerate(bars):
        x = left + 20 + k * (size - left - 50) // 12
        picture[int(size * (0.93 - 0.3 * bar)) : int(size * 0.94), x : x + 8] = (0.35, 0.65, 0.95)
    picture[:20] = (0.2, 0.22, 0.27)
    return picture
