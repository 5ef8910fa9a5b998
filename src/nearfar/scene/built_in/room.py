"""A furnished living room, by day: light through a window and from a lamp that swings; a ball rolls."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nearfar.depth import Pose
from nearfar.scene import textures
from nearfar.scene.building import Builder, looking_at
from nearfar.scene.built_in import furniture, things
from nearfar.scene.built_in.things import Random, painted, plain, tone
from nearfar.scene.surfaces import ball, box, lathe, patch, tube, turn_x, turn_y
from nearfar.scene.values import Lamp, Material, Scene, Sky

__all__ = ["room"]


@dataclass(frozen=True, slots=True)
class _Size:
    """Half the width and depth of the room, and its height, metres; the back wall is at -z."""

    x: float
    z: float
    height: float


def room(seed: int) -> Scene:
    """Build the room; seed 0 is the one that pictures show, others differ in layout, colours and camera."""
    random = np.random.default_rng(1000 + seed)
    size = _Size(random.uniform(2.2, 2.7), random.uniform(1.9, 2.3), random.uniform(2.45, 2.75))
    window = (-0.75, 0.45, 0.85, 2.1)  # z from, z to, y from, y to, in the left wall
    radiance = (7.0, 7.6, 8.6)
    sky = Sky(
        (0.6, 0.75, 1.0), (0.9, 0.95, 1.0), (0.4, 0.4, 0.38), shine=0.0,
        mirrored=((0.9, 0.88, 0.85), (1.1, 1.1, 1.1), (0.35, 0.27, 0.2)),
        sun_direction=(-0.62, 0.52, 0.28 + 0.2 * float(random.uniform(-1, 1))),
        sun_color=(9.0, 7.9, 6.2), sun_spread=0.018,
    )  # fmt: skip
    lamp = Lamp(
        (-size.x - 0.02, window[2], window[0]),
        (0.0, 0.0, window[1] - window[0]),
        (0.0, window[3] - window[2], 0.0),
        radiance,
    )
    builder = Builder(sky, [_facing_in(lamp)])
    _shell(builder, random, size, window)
    furniture.window(builder, random, size.x, window)
    _sofa_corner(builder, random, size)
    _table_group(builder, random, size)
    _back_wall(builder, random, size)
    furniture.odd_things(builder, random, size.x, size.z, plain_room=seed % 4 == 3)
    _what_moves(builder, random, size)
    place = (size.x * 0.55 + random.uniform(-0.15, 0.15), random.uniform(1.25, 1.5), size.z - 0.25)
    target = (random.uniform(-0.55, -0.15), random.uniform(0.72, 0.9), -size.z * 0.6)
    return builder.finish("room", looking_at(place, target), brightness=1.15)


def _facing_in(lamp: Lamp) -> Lamp:
    """The window's light must shine towards +x: right × up is +x."""
    return Lamp(
        tuple(np.add(lamp.corner, lamp.right)), tuple(np.negative(lamp.right)), lamp.up, lamp.radiance
    )


def _shell(builder: Builder, random: Random, size: _Size, window: tuple[float, float, float, float]) -> None:
    """Floor, ceiling, walls with the window's hole, skirting."""
    x, z, height = size.x, size.z, size.height
    kinds = [
        lambda: painted(
            textures.boards(int(random.integers(1 << 30)), (0.60, 0.42, 0.27)), reflectance=0.05, gloss=6
        ),
        lambda: painted(
            textures.boards(int(random.integers(1 << 30)), (0.42, 0.30, 0.22), count=8),
            reflectance=0.05,
            gloss=6,
        ),
        lambda: painted(
            textures.terrazzo(int(random.integers(1 << 30)), (0.70, 0.68, 0.64)), reflectance=0.05, gloss=7
        ),
        lambda: painted(
            textures.tiles(int(random.integers(1 << 30)), (0.62, 0.52, 0.44)), reflectance=0.05, gloss=7
        ),
    ]
    floor = kinds[0 if builder.sky.sun_direction[2] < 0.3 else int(random.integers(0, 4))]()
    builder.add("floor", patch((-x, 0, z), (2 * x, 0, 0), (0, 0, -2 * z), step=0.05, tile=1.6), floor)
    paint = painted(textures.plaster(int(random.integers(1 << 30)), (0.86, 0.85, 0.82)))
    builder.add("ceiling", patch((-x, height, -z), (2 * x, 0, 0), (0, 0, 2 * z), step=0.15, tile=1.5), paint)
    wall = painted(textures.plaster(int(random.integers(1 << 30)), tone(random, (0.05, 0.25), (0.72, 0.86))))
    ground = tone(random, (0.1, 0.3), (0.6, 0.82))
    motif = tuple(min(1.0, value * float(random.uniform(0.72, 0.86))) for value in ground)
    back = random.integers(0, 3)
    if back == 0 or builder.sky.sun_direction[2] < 0.3:
        paper = painted(
            textures.wallpaper(int(random.integers(1 << 30)), ground, (motif[0], motif[1], motif[2]))
        )
    elif back == 1:
        paper = painted(
            textures.stripes(int(random.integers(1 << 30)), [ground, (motif[0], motif[1], motif[2])])
        )
    else:
        paper = wall
    builder.add("back wall", patch((-x, 0, -z), (2 * x, 0, 0), (0, height, 0), step=0.07, tile=0.55), paper)
    builder.add("right wall", patch((x, 0, -z), (0, 0, 2 * z), (0, height, 0), step=0.1, tile=1.3), wall)
    builder.add("front wall", patch((x, 0, z), (-2 * x, 0, 0), (0, height, 0), step=0.2, tile=1.3), wall)
    low, high, sill, top = window
    for z0, z1, y0, y1 in (
        (-z, z, 0, sill),
        (-z, z, top, height),
        (-z, low, sill, top),
        (high, z, sill, top),
    ):
        part = patch((-x, y0, z1), (0, 0, z0 - z1), (0, y1 - y0, 0), step=0.1, tile=1.3)
        builder.add("left wall", part, wall)
    white = plain((0.9, 0.9, 0.88), reflectance=0.04)
    for bar in (
        box((2 * x, 0.09, 0.018), step=0.1).moved(0, 0.045, -z + 0.009),
        box((0.018, 0.09, 2 * z), step=0.1).moved(x - 0.009, 0.045, 0),
        box((0.018, 0.09, 2 * z), step=0.1).moved(-x + 0.009, 0.045, 0),
    ):
        builder.add("skirting", bar, white)


def _sofa_corner(builder: Builder, random: Random, size: _Size) -> None:
    """A sofa at the back wall with cushions, a rug before it, a picture above."""
    cloth = painted(textures.cloth(int(random.integers(1 << 30)), tone(random, (0.15, 0.55), (0.35, 0.62))))
    middle = -size.x + 1.35 + random.uniform(-0.1, 0.15)
    furniture.sofa(builder, random, cloth, (middle, 0.0, -size.z + 0.46))
    rug = painted(textures.rug(int(random.integers(1 << 30))))
    angle = float(random.uniform(-0.15, 0.15))
    mat = box((2.0, 0.014, 1.4), radius=0.005, step=0.05).turned(turn_y(angle))
    builder.add("rug", mat.moved(middle + 0.25, 0.008, -size.z + 1.65), rug)
    for k, (width, height) in enumerate(((0.7, 0.5), (0.34, 0.44))):
        rim, inner = things.frame(width, height)
        at = (middle - 0.35 + 0.85 * k, 1.55 + 0.05 * k, -size.z)
        builder.add(
            "picture", rim.moved(*at), plain(tone(random, (0, 0.5), (0.1, 0.35)), reflectance=0.05, gloss=7)
        )
        builder.add("picture", inner.moved(*at), painted(textures.painting(int(random.integers(1 << 30)))))


def _table_group(builder: Builder, random: Random, size: _Size) -> None:
    """A low table with a vase, books and fruit."""
    wood = painted(textures.wood(int(random.integers(1 << 30)), (0.5, 0.33, 0.2)), reflectance=0.05, gloss=7)
    x, z = -size.x + 1.75 + random.uniform(-0.1, 0.2), -size.z + 1.75
    furniture.low_table(builder, wood, (x, 0.0, z))
    top = 0.42
    glaze = plain(tone(random, (0.3, 0.8), (0.3, 0.8)), reflectance=0.06, gloss=8)
    builder.add("vase", things.vase(0.27, 0.075, 0.032).moved(x - 0.3, top, z + 0.05), glaze)
    stems, leaves = things.leafy_plant(random, 0.34, stems=8)
    green = plain((0.26, 0.42, 0.2), reflectance=0.04, gloss=4)
    builder.add("twigs", stems.moved(x - 0.3, top + 0.2, z + 0.05), plain((0.35, 0.26, 0.16)))
    builder.add("twigs", leaves.moved(x - 0.3, top + 0.2, z + 0.05), green)
    builder.add(
        "bowl",
        things.bowl(0.15, 0.075).moved(x + 0.28, top, z - 0.06),
        plain((0.86, 0.84, 0.8), reflectance=0.06, gloss=8),
    )
    skin = painted(_orange(int(random.integers(1 << 30))), reflectance=0.04, gloss=5)
    for piece in things.fruit(random, 5, 0.04, 0.062):
        builder.add("fruit", piece.moved(x + 0.28, top + 0.016, z - 0.06), skin)
    covers = painted(textures.spines(int(random.integers(1 << 30))), reflectance=0.04, gloss=6)
    page = painted(textures.stripes(3, [(0.92, 0.9, 0.84), (0.8, 0.78, 0.72)], count=48))
    rise = top
    for k in range(3):
        thick = float(random.uniform(0.018, 0.035))
        turn = turn_y(float(random.uniform(-0.5, 0.5)))
        cover = (
            box((0.21, thick, 0.15), radius=0.002)
            .mapped((0.06, 0.3), (float(random.random()), 0.1 * k))
            .turned(turn)
        )
        builder.add("books", cover.moved(x + 0.02, rise + thick / 2, z + 0.12), covers)
        builder.add(
            "books",
            box((0.205, thick * 0.75, 0.152)).turned(turn).moved(x + 0.024, rise + thick / 2, z + 0.12),
            page,
        )
        rise += thick


@textures.painter
def _orange(seed: int) -> textures.Array:
    noise = textures.clouds((256, 256), (64, 64), seed, 2)
    return (
        np.array((0.9, 0.52, 0.12))
        * (1 + 0.08 * noise + 0.1 * textures.clouds((256, 256), (3, 3), seed))[..., np.newaxis]
    )


def _back_wall(builder: Builder, random: Random, size: _Size) -> None:
    """A book case at the back wall's right, a chair, a standing lamp, a plant."""
    wood = painted(
        textures.wood(int(random.integers(1 << 30)), (0.62, 0.47, 0.32)), reflectance=0.04, gloss=6
    )
    width = 1.1
    furniture.book_case(builder, random, wood, (size.x - width / 2 - 0.15, 0.0, -size.z + 0.16), width)
    metal = plain((0.25, 0.25, 0.27), reflectance=0.3, gloss=6)
    seat = painted(
        textures.cloth(int(random.integers(1 << 30)), tone(random, (0.2, 0.7), (0.4, 0.7)), threads=24)
    )
    furniture.chair(builder, metal, seat, (size.x - 0.85, 0.0, -0.35), float(random.uniform(2.2, 4.4)))
    pot = painted(textures.terrazzo(int(random.integers(1 << 30)), (0.72, 0.5, 0.38)))
    x, z = size.x * 0.12, -size.z + 0.32
    builder.add(
        "pot",
        lathe(
            [
                (1e-3, 0),
                (0.13, 0),
                (0.17, 0.3),
                (0.18, 0.3),
                (0.18, 0.33),
                (0.155, 0.33),
                (0.15, 0.28),
                (1e-3, 0.28),
            ],
            segments=36,
        ).moved(x, 0, z),
        pot,
    )
    stems, leaves = things.leafy_plant(random, 1.05, stems=14)
    builder.add("plant", stems.moved(x, 0.28, z), plain((0.32, 0.36, 0.18)))
    builder.add(
        "plant",
        leaves.moved(x, 0.28, z),
        painted(_leaf_skin(int(random.integers(1 << 30))), reflectance=0.05, gloss=4),
    )


@textures.painter
def _leaf_skin(seed: int) -> textures.Array:
    x = np.abs(np.linspace(-1, 1, 128))
    y = np.linspace(0, 1, 128)[:, np.newaxis]
    veins = (
        np.clip(1 - 14 * np.abs((y * 7 - x * 1.6) % 1 - 0.5), 0, 1) * 0.18 + np.clip(1 - x * 22, 0, 1) * 0.35
    )
    base = (
        np.array((0.20, 0.38, 0.16)) * (1 + 0.2 * textures.clouds((128, 128), (4, 4), seed))[..., np.newaxis]
    )
    return np.asarray(base + veins[..., np.newaxis] * (0.5, 0.55, 0.3))


def _what_moves(builder: Builder, random: Random, size: _Size) -> None:
    """The hanging lamp swings, the ball rolls to and fro."""
    hook = np.array([random.uniform(-0.6, -0.2), size.height, -size.z + 1.6])
    period, reach = float(random.uniform(1.8, 2.3)), float(random.uniform(0.10, 0.16))

    def swing(time: float) -> Pose:
        angle = reach * math.sin(2 * math.pi * time / period + 0.7)
        return Pose(turn_y(0.6) @ turn_x(angle) @ turn_y(-0.6), hook)

    part = builder.moving(swing)
    shade = lathe([(0.19, -0.86), (0.175, -0.80), (0.10, -0.70), (0.03, -0.66), (0.012, -0.64)], segments=40)
    enamel = plain(tone(random, (0.5, 0.8), (0.35, 0.7)), reflectance=0.06, gloss=8)
    builder.add("hanging lamp", shade, enamel, part=part)
    white = Material((0.8, 0.8, 0.8), emission=(1.2, 1.0, 0.7))
    builder.add("hanging lamp", shade.inside_out().stretched(0.98, 1, 0.98), white, part=part)
    builder.add(
        "hanging lamp",
        ball(0.045, segments=20).moved(0, -0.77, 0),
        Material((0.8, 0.8, 0.8), emission=(9.0, 7.5, 5.0)),
        part=part,
    )
    cord = np.stack([np.zeros(12), np.linspace(-0.65, 0, 12), np.zeros(12)], -1)
    builder.add("hanging lamp", tube(cord, 0.0035, sides=6), plain((0.1, 0.1, 0.1)), part=part)

    radius, middle, way = 0.11, np.array([0.35, 0.0, 0.15]), float(random.uniform(0.35, 0.6))

    def roll(time: float) -> Pose:
        run = way * math.sin(2 * math.pi * time / 5.0)
        return Pose(turn_x(run / radius), middle + np.array((0.0, radius, run)))

    pattern = painted(
        textures.checks(
            int(random.integers(1 << 30)), (tone(random, (0.6, 0.9), (0.6, 0.9)), (0.92, 0.9, 0.86)), 256, 6
        ),
        reflectance=0.04,
        gloss=7,
    )
    builder.add("ball", ball(radius, segments=40), pattern, part=builder.moving(roll))
    wave = np.linspace(0, 1, 40)
    cable = np.stack(
        [size.x - 0.3 - 0.5 * wave, 0.004 + 0 * wave, -0.1 + 0.9 * wave + 0.05 * np.sin(9 * wave)], -1
    )
    builder.add("cable", tube(cable, 0.003, sides=6), plain((0.08, 0.08, 0.08)))
