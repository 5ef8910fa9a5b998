"""A still life for portraits: a bust with hair of single strands, a plant's thin stems, lights far behind."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Pose
from nearfar.scene import textures
from nearfar.scene.building import Builder, looking_at
from nearfar.scene.built_in import things
from nearfar.scene.built_in.things import Random, painted, plain, tone
from nearfar.scene.surfaces import Surface, ball, box, grid, joined, lathe, patch, tube, tubes, turn_x, turn_y
from nearfar.scene.values import Lamp, Material, Scene, Sky

__all__ = ["portrait"]

Array = NDArray[np.float64]
Color = tuple[float, float, float]

_HEAD = np.array((0.0, 1.5, 0.0))
"""Where the middle of the head is, metres; the face looks along +z."""

_SKINS = ((0.87, 0.67, 0.56), (0.78, 0.57, 0.44), (0.62, 0.43, 0.32), (0.45, 0.31, 0.24), (0.9, 0.74, 0.64))
_HAIRS = ((0.42, 0.27, 0.16), (0.16, 0.11, 0.09), (0.62, 0.44, 0.26), (0.48, 0.22, 0.12), (0.55, 0.53, 0.5))


def portrait(seed: int) -> Scene:
    """Build the bust; seed 0 is the one that pictures show, others differ in looks, light and camera."""
    random = np.random.default_rng(2000 + seed)
    sky = Sky(
        (0.10, 0.11, 0.14), (0.16, 0.16, 0.18), (0.08, 0.07, 0.06), shine=0.6,
        mirrored=((0.4, 0.4, 0.45), (0.5, 0.48, 0.46), (0.2, 0.16, 0.13)),
    )  # fmt: skip
    side = 1.0 if seed % 2 == 0 else -1.0
    key = Lamp((-1.45 * side - 0.35, 1.5, 1.5), (0.75, 0.0, 0.45 * side), (0.0, 0.9, 0.0), (12.0, 11.0, 9.6))
    rim = Lamp((1.2 * side - 0.3, 1.6, -0.9), (-0.2, 0.0, -0.7 * side), (0.0, 0.8, 0.0), (8.0, 8.6, 10.0))
    builder = Builder(sky, [_towards(key, _HEAD), _towards(rim, _HEAD)])
    _backdrop(builder, random)
    angle = float(random.uniform(-0.35, 0.35)) if seed else 0.32
    _bust(builder, random, turn_y(angle))
    _beside(builder, random, side)
    place = (random.uniform(-0.1, 0.1), 1.47 + random.uniform(-0.05, 0.08), 0.92 + random.uniform(-0.1, 0.15))
    return builder.finish("portrait", looking_at(place, (0.0, 1.42, 0.0)), brightness=1.1)


def _towards(lamp: Lamp, target: Array) -> Lamp:
    """The lamp with its front to the target."""
    corner, right, up = np.array(lamp.corner), np.array(lamp.right), np.array(lamp.up)
    if np.cross(right, up) @ (target - corner) > 0:
        return lamp
    turned = corner + right
    place = (float(turned[0]), float(turned[1]), float(turned[2]))
    return Lamp(place, (-lamp.right[0], -lamp.right[1], -lamp.right[2]), lamp.up, lamp.radiance)


def _backdrop(builder: Builder, random: Random) -> None:
    """A room out of the light: a panelled wall, shelves with books, strings of lights."""
    number = int(random.integers(1 << 30))
    wall = painted(textures.plaster(number, tone(random, (0.15, 0.4), (0.42, 0.62)), amount=0.03))
    builder.add("wall", patch((-3.5, 0, -2.4), (7, 0, 0), (0, 3.2, 0), step=0.15, tile=1.4), wall)
    floor = painted(textures.boards(number + 1, (0.42, 0.3, 0.2)), reflectance=0.05, gloss=6)
    builder.add("floor", patch((-3.5, 0, 2.0), (7, 0, 0), (0, 0, -4.4), step=0.2, tile=1.6), floor)
    wood = painted(textures.wood(number + 2, (0.5, 0.35, 0.22)), reflectance=0.04, gloss=6)
    covers = painted(textures.spines(number + 3), reflectance=0.04)
    for k in range(5):
        level = 0.55 + 0.36 * k
        builder.add("shelf", box((1.9, 0.025, 0.26), step=0.1, tile=0.9).moved(0.75, level, -2.25), wood)
        row = things.book_row(random, float(random.uniform(1.0, 1.85)), 0.3, 0.2)
        builder.add("books", row.moved(-0.18, level + 0.0125, -2.31), covers)
    for side in (-0.2, 1.7):
        builder.add("shelf", box((0.03, 2.0, 0.26), step=0.15, tile=0.9).moved(side, 1.05, -2.25), wood)
    rim, inner = things.frame(0.7, 0.9, rim=0.04)
    builder.add("picture", rim.moved(-1.05, 1.62, -2.4), plain((0.25, 0.2, 0.14), reflectance=0.05, gloss=7))
    builder.add("picture", inner.moved(-1.05, 1.62, -2.4), painted(textures.painting(number + 4)))
    wires, bulbs = [], []
    for k in range(4):
        sag = float(random.uniform(0.12, 0.3))
        share = np.linspace(0, 1, 33)
        x = -1.9 + 3.9 * share
        y = 2.15 - 0.22 * k + float(random.uniform(-0.1, 0.1)) - sag * 4 * share * (1 - share)
        z = np.full(33, -1.75 + 0.12 * k)
        path = np.stack([x, y, z], -1)
        wires.append(tube(path, 0.002, sides=5))
        bulbs += [ball(0.013, segments=10).moved(*(spot - (0, 0.018, 0))) for spot in path[1::3]]
    builder.add("lights", joined(wires), plain((0.06, 0.06, 0.05)))
    builder.add("lights", joined(bulbs), Material((0.9, 0.9, 0.9), emission=(9.0, 5.6, 2.4)))


def _bust(builder: Builder, random: Random, turn: Array) -> None:
    """Head, neck, shoulders and hair, turned about the upright axis."""
    number = int(random.integers(1 << 30))
    pick = int(random.integers(0, len(_SKINS))) if number % 3 else 0
    skin = painted(_face_picture(number, _SKINS[pick]), reflectance=0.03, gloss=4)
    place = tuple(float(value) for value in _HEAD)
    builder.add("head", _head().turned(turn).moved(*place), skin)
    neck = lathe([(0.066, -0.22), (0.056, -0.16), (0.053, -0.11), (0.055, -0.04)], segments=40)
    flesh = painted(textures.plaster(number, _SKINS[pick], size=128, amount=0.03), reflectance=0.03, gloss=4)
    builder.add("head", neck.turned(turn_x(0.10)).moved(0, 0, -0.012).turned(turn).moved(*place), flesh)
    ears = [
        ball(1.0, segments=20)
        .stretched(0.008, 0.031, 0.018)
        .turned(turn_y(-0.35 * side))
        .moved(0.077 * side, -0.008, -0.008)
        for side in (-1.0, 1.0)
    ]
    builder.add("head", joined(ears).turned(turn).moved(*place), flesh)
    knit = painted(_knit(number, tone(random, (0.2, 0.5), (0.35, 0.75))))
    builder.add("sweater", _shoulders().turned(turn_y(0.4 * math.asin(turn[0, 2]))).moved(*place), knit)
    collar = tube(_ring(0.066, 0.062, -0.172, -0.012), 0.017, sides=14, repeats=8.0)
    builder.add("sweater", collar.turned(turn).moved(*place), knit)
    hair = plain(_HAIRS[int(random.integers(0, len(_HAIRS)))], reflectance=0.03, gloss=3)
    builder.add("hair", _hair(random).turned(turn).moved(*place), hair)


def _ring(width: float, deep: float, y: float, z: float) -> Array:
    angle = np.linspace(0, 2 * math.pi, 41)
    return np.stack([width * np.sin(angle), y - 0.012 * np.cos(angle), z + deep * np.cos(angle)], -1)


def _radius(azimuth: Array, elevation: Array) -> Array:
    """How far the head's surface is from its middle, metres; azimuth 0 is the face."""
    x, y, z = np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)
    wide = 0.078 - 0.016 * np.clip(-y, 0, 1) ** 1.5 * (1 + np.clip(z, 0, 1))
    deep = np.where(z > 0, 0.088, 0.098)
    high = np.where(y > 0, 0.108, 0.115)
    base = 1.0 / np.sqrt((x / wide) ** 2 + (y / high) ** 2 + (z / deep) ** 2)

    def bump(at: float, up: float, across: float, tall: float) -> Array:
        sides = np.minimum(np.abs(azimuth - at), np.abs(azimuth + at))
        return np.where(
            np.cos(azimuth) > 0, np.exp(-((sides / across) ** 2) - ((elevation - up) / tall) ** 2), 0.0
        )

    nose = (
        bump(0.0, -0.16, 0.10, 0.15) * 0.013
        + bump(0.0, -0.26, 0.13, 0.075) * 0.015
        + bump(0.12, -0.29, 0.07, 0.05) * 0.005
    )
    brow = bump(0.36, 0.17, 0.30, 0.07) * 0.0045
    socket = -bump(0.38, 0.03, 0.18, 0.10) * 0.011
    lid = bump(0.38, 0.015, 0.14, 0.06) * 0.009
    cheek = bump(0.52, -0.25, 0.22, 0.2) * 0.004
    lips = (
        bump(0.0, -0.50, 0.22, 0.035) * 0.006
        + bump(0.0, -0.575, 0.19, 0.04) * 0.0065
        - bump(0.0, -0.538, 0.26, 0.012) * 0.004
    )
    chin = bump(0.0, -0.83, 0.28, 0.14) * 0.009 - bump(0.0, -0.67, 0.25, 0.06) * 0.003
    return np.asarray(base + nose + brow + socket + lid + cheek + lips + chin)


def _head() -> Surface:
    """The head about its middle, the face to +z."""
    # Closer lines where the face is.
    even = np.linspace(-1, 1, 161)
    azimuth = math.pi * (0.55 * even + 0.45 * even**3)
    elevation = np.linspace(-math.pi / 2, math.pi / 2, 121)
    u, v = np.meshgrid(azimuth, elevation)
    reach = _radius(u, v)
    points = np.stack([reach * np.sin(u) * np.cos(v), reach * np.sin(v), reach * np.cos(u) * np.cos(v)], -1)
    coordinates = np.stack([u / (2 * math.pi) + 0.5, 0.5 - v / math.pi], -1)
    return grid(points, around=True, coordinates=coordinates)


@textures.painter
def _face_picture(seed: int, skin: tuple[float, float, float], size: int = 1024) -> textures.Array:
    """Skin over the whole head by azimuth and elevation: lips, brows, lashes, a warm nose and cheeks."""
    u = np.abs(((np.arange(size) + 0.5) / size - 0.5) * 2 * math.pi)
    v = (0.5 - (np.arange(size) + 0.5) / size) * math.pi
    noise = textures.clouds((size, size), (24, 24), seed, 4)
    pores = textures.clouds((size, size), (256, 256), seed + 1, 2)
    picture = np.array(skin) * (1 + 0.035 * noise + 0.03 * pores)[..., np.newaxis]

    def tinted(
        share: Callable[[Array, Array], Array],
        out: float,
        low: float,
        high: float,
        color: Color,
        strokes: Array | None = None,
    ) -> None:
        """Mix a colour in by a share of azimuth and elevation, which counts within these bounds alone."""
        part = np.ix_((v > low) & (v < high), u < out)
        weight = share(u[part[1]], v[part[0]])
        weight = np.clip(weight if strokes is None else weight * strokes[part], 0, 1)[..., np.newaxis]
        picture[part] = picture[part] * (1 - weight) + np.array(color) * np.array(skin) * weight

    def spot(x: Array, y: Array, at: float, up: float, across: float, tall: float) -> Array:
        return np.asarray(np.exp(-(((x - at) / across) ** 2) - ((y - up) / tall) ** 2))

    def cheeks(x: Array, y: Array) -> Array:
        return 0.5 * (spot(x, y, 0.5, -0.28, 0.25, 0.16) + spot(x, y, 0, -0.27, 0.14, 0.08))

    def mouth(x: Array, y: Array) -> Array:
        inside = 1.25 - np.abs(y + 0.54) / (0.085 * np.clip(1 - (x / 0.27) ** 2, 0.001, 1))
        return 0.75 * np.clip(3 * np.clip(inside, 0, 1), 0, 1)

    def between_lips(x: Array, y: Array) -> Array:
        return 0.7 * np.exp(-(((y + 0.538) / 0.010) ** 2)) + 0 * x

    def brows(x: Array, y: Array) -> Array:
        line = np.exp(-(((y - 0.185 - 0.10 * (x - 0.2) * (0.62 - x) * 4) / 0.026) ** 2))
        return 0.85 * line * np.clip((x - 0.14) * 25, 0, 1) * np.clip((0.66 - x) * 12, 0, 1)

    def lashes(x: Array, y: Array) -> Array:
        line = np.exp(-(((y + 0.022 - 1.1 * (x - 0.38) ** 2) / 0.010) ** 2))
        return 0.9 * line * np.clip(1.6 - np.abs(x - 0.38) / 0.1, 0, 1)

    tinted(cheeks, 1.8, -1.2, 0.6, (1.04, 0.82, 0.78))
    tinted(mouth, 0.27, -0.66, -0.42, (0.88, 0.55, 0.55))
    tinted(between_lips, 0.25, -0.6, -0.48, (0.5, 0.28, 0.28))
    hairs = 0.75 + 0.35 * textures.clouds((size, size), (64, 512), seed + 2, 1)
    tinted(brows, 0.66, -0.1, 0.45, (0.3, 0.25, 0.22), hairs)
    tinted(lashes, 0.55, -0.1, 0.15, (0.18, 0.13, 0.12))
    return np.clip(picture, 0, 1)


def _shoulders() -> Surface:
    """The upper body below the head's middle."""
    heights = np.array((-0.6, -0.47, -0.37, -0.3, -0.262, -0.238, -0.218, -0.201, -0.186, -0.174))
    half_width = np.array((0.19, 0.2, 0.212, 0.215, 0.205, 0.18, 0.145, 0.11, 0.08, 0.066))
    half_depth = np.array((0.115, 0.12, 0.12, 0.112, 0.103, 0.095, 0.088, 0.08, 0.07, 0.064))
    fine = np.linspace(0, len(heights) - 1, 46)
    y, wide, deep = (
        np.interp(fine, np.arange(len(heights)), values) for values in (heights, half_width, half_depth)
    )
    kernel = np.array((0.25, 0.5, 0.25))
    for _ in range(4):
        for values in (y, wide, deep):
            values[1:-1] = np.convolve(values, kernel, "valid")
    angle = np.linspace(0, 2 * math.pi, 81)
    s, c = np.sin(angle), np.cos(angle)
    power = 0.8
    x = wide[:, np.newaxis] * np.sign(s) * np.abs(s) ** power
    z = deep[:, np.newaxis] * np.sign(c) * np.abs(c) ** power - 0.02
    chest = 0.018 * np.exp(-(((y[:, np.newaxis] + 0.42) / 0.1) ** 2)) * np.clip(c, 0, 1)
    rise = 0.016 * np.clip(-c, -0.4, 1) * np.clip((y[:, np.newaxis] + 0.32) / 0.1, 0, 1)
    points = np.stack([x, np.broadcast_to(y[:, np.newaxis], x.shape) + rise, z + chest], -1)
    return grid(points, around=True).mapped((9.0, 4.0))


@textures.painter
def _knit(seed: int, color: tuple[float, float, float], size: int = 256) -> textures.Array:
    """Rows of stitches, each a pair of slanted loops."""
    y, x = np.mgrid[:size, :size] / size * 16
    slant = np.abs((x % 1) - 0.5) * 1.3
    loop = 0.5 + 0.5 * np.cos(2 * math.pi * (y + slant))
    rib = np.sin(math.pi * ((2 * x) % 1))
    fuzz = 0.08 * textures.clouds((size, size), (64, 64), seed, 3) + 0.06 * textures.clouds(
        (size, size), (4, 4), seed + 1
    )
    return np.asarray(np.array(color) * (0.5 + 0.42 * loop * rib**0.7 + 0.15 * rib + fuzz)[..., np.newaxis])


def _hair(random: Random, locks: int = 130, strands: int = 12) -> Surface:
    """Single strands in locks from the parting down to the shoulders, and a few that stand off."""
    drawn = []
    for lock in range(locks):
        side = 1.0 if lock % 2 else -1.0
        # From the parting outwards; 0 is at the forehead, 1 at the back of the head.
        back = (lock // 2 + random.uniform(0, 1)) / (locks / 2)
        goal = side * (1.15 + 1.9 * back + random.uniform(-0.12, 0.12))
        length = random.uniform(0.24, 0.36) - 0.08 * (1 - back)
        curl, phase = random.uniform(0.003, 0.009), random.uniform(0, 6.3)
        shape = (back, goal, length, curl, phase, 0.0)
        drawn += [(*shape, *_whims(random)) for _ in range(strands)]
    for _ in range(90):  # each of its own, a little off the head
        back = random.uniform(0, 1)
        goal = random.choice((-1.0, 1.0)) * (1.1 + 1.9 * back)
        length, phase = random.uniform(0.1, 0.3), random.uniform(0, 6.3)
        drawn.append((back, goal, length, 0.02, phase, 0.016, *_whims(random)))
    paths = _strands(np.array(drawn))
    return tubes(paths, np.linspace(0.00042, 0.00022, paths.shape[1]), sides=3)


def _whims(random: Random) -> tuple[float, ...]:
    """What tells a strand from the others of its lock."""
    return (*random.standard_normal(3), random.uniform(0, 0.012), *random.standard_normal(3))


def _strands(drawn: Array) -> Array:
    """(S, 11, 3) points of hairs: each along the head from the parting to its side, then hanging.

    ``drawn`` (S, 13): where it starts (0..1 along the parting), the azimuth that it goes to, its length, curl
    and phase, how far it stands off, and its whims.
    """
    share = np.linspace(0, 1, 11)
    back, goal, length, curl, phase, lift, *whims = drawn.T[..., np.newaxis]
    side = np.sign(goal)
    azimuth0 = 0.15 * goal + (math.pi * side - 0.15 * goal) * np.maximum(back * 1.6 - 0.6, 0.0)
    azimuth0 = azimuth0 + 0.10 * side + 0.05 * whims[0]
    elevation0 = 1.05 - 0.12 * np.cos(math.pi * back)
    elevation0 = elevation0 + 0.45 * np.sin(math.pi * np.minimum(back * 1.1, 1.0)) + 0.05 * whims[1]
    over = np.clip(share / 0.45, 0, 1)
    azimuth = azimuth0 + (goal + 0.07 * whims[2] - azimuth0) * over**0.7
    elevation = elevation0 + (-0.12 - elevation0) * over**1.35
    reach = _radius(azimuth, np.clip(elevation, -0.2, 1.5)) + (0.004 + whims[3] + lift * share)
    x = reach * np.sin(azimuth) * np.cos(elevation)
    y = reach * np.sin(elevation)
    z = reach * np.cos(azimuth) * np.cos(elevation)
    hang = np.clip(share - 0.45, 0, 1) / 0.55
    y -= hang * (length - 0.05)
    out = 0.028 * np.sin(math.pi * 0.5 * hang) - 0.02 * hang**2
    x += np.sin(goal) * out + curl * share * np.sin(phase + 9 * share)
    z += np.cos(goal) * out + curl * share * np.cos(phase + 7 * share)
    astray = 0.0036 * share
    return np.stack([x + whims[4] * astray, y + whims[5] * astray, z + whims[6] * astray], -1)


def _beside(builder: Builder, random: Random, side: float) -> None:
    """A vase with fine grasses before the shoulder, and a mobile that turns."""
    glaze = plain(tone(random, (0.2, 0.6), (0.4, 0.8)), reflectance=0.06, gloss=8)
    x, z = 0.33 * side, 0.05
    table = painted(
        textures.wood(int(random.integers(1 << 30)), (0.45, 0.3, 0.18)), reflectance=0.05, gloss=7
    )
    builder.add("stand", box((0.3, 0.03, 0.3), step=0.05, tile=0.4).moved(x, 1.08, z), table)
    builder.add("vase", things.vase(0.2, 0.06, 0.026).moved(x, 1.095, z), glaze)
    straw = plain((0.72, 0.6, 0.36))
    stalks, ears = [], []
    for _ in range(26):
        turn, lean, tall = random.uniform(0, 6.3), random.uniform(0.02, 0.3), random.uniform(0.28, 0.48)
        share = np.linspace(0, 1, 9)
        out = tall * lean * share**2
        path = np.stack([out * math.cos(turn), tall * share, out * math.sin(turn)], -1)
        stalks.append(tube(path, np.linspace(0.0009, 0.0004, 9), sides=4))
        tip, way = path[-1], path[-1] - path[-2]
        for k in range(7):
            at = tip - way * 0.14 * k
            hair = (
                at
                + np.stack([np.zeros(3), np.linspace(0, 0.022, 3), np.zeros(3)], -1)
                @ turn_x(random.normal(0, 0.5)).T
            )
            ears.append(tube(hair @ np.eye(3), np.array((0.0011, 0.0007, 0.0002)), sides=4))
    builder.add("grass", joined(stalks).moved(x, 1.27, z), straw)
    builder.add("grass", joined(ears).moved(x, 1.27, z), straw)

    hook = np.array((-0.55 * side, 2.02, -0.75))

    def turning(time: float) -> Pose:
        return Pose(turn_y(0.9 * time), hook)

    part = builder.moving(turning)
    wires, arms = [tube([(0, 0, 0), (0, -0.2, 0)], 0.0008, sides=4)], []
    crossing = np.array((0.0, -0.2, 0.0))
    for k in range(3):
        angle = 2 * math.pi * k / 3
        end = crossing + np.array((0.17 * math.cos(angle), 0.0, 0.17 * math.sin(angle)))
        below = end - np.array((0.0, 0.1 + 0.05 * k, 0.0))
        wires += [tube([crossing, end], 0.0012, sides=5), tube([end, below], 0.0006, sides=4)]
        arms.append(ball(0.04 - 0.006 * k, segments=24).moved(*below))
    builder.add("mobile", joined(wires), plain((0.2, 0.2, 0.2)), part=part)
    for arm in arms:
        builder.add(
            "mobile", arm, plain(tone(random, (0.3, 0.55), (0.5, 0.85)), reflectance=0.05, gloss=7), part=part
        )
