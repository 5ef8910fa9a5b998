"""A desk by a window: monitor, keyboard, books, paper, pencils, a lamp; a fan turns."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from nearfar.depth import Pose
from nearfar.scene import textures
from nearfar.scene.building import Builder, looking_at
from nearfar.scene.built_in import things
from nearfar.scene.built_in.things import Random, painted, plain, tone
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
from nearfar.scene.values import Lamp, Material, Scene, Sky

__all__ = ["desk"]

_TOP = 0.74
"""Height of the desk, metres; the wall behind it is at z = -0.42."""


def desk(seed: int) -> Scene:
    """Build the desk; seed 0 is the one that pictures show, others differ in things, places and camera."""
    random = np.random.default_rng(3000 + seed)
    sky = Sky(
        (0.5, 0.55, 0.65), (0.7, 0.7, 0.7), (0.3, 0.27, 0.23), shine=0.35,
        mirrored=((0.8, 0.8, 0.82), (0.8, 0.78, 0.75), (0.35, 0.28, 0.22)),
    )  # fmt: skip
    side = -1.0 if seed % 3 != 1 else 1.0
    window = Lamp((side * 1.5, 0.95, -side * 0.45), (0.0, 0.0, side * 1.1), (0.0, 1.1, 0.0), (6.6, 7.0, 7.8))
    builder = Builder(sky, [window])
    _around(builder, random)
    _screen_and_keys(builder, random)
    _paper(builder, random, side)
    _small_things(builder, random)
    _lamp(builder, random, side)
    _fan(builder, random, -side)
    place = (random.uniform(-0.15, 0.25), random.uniform(1.24, 1.38), random.uniform(0.98, 1.12))
    return builder.finish(
        "desk", looking_at(place, (random.uniform(-0.06, 0.06), 0.84, -0.12)), brightness=1.4
    )


def _around(builder: Builder, random: Random) -> None:
    """The desk, the wall with a pin board, the floor."""
    number = int(random.integers(1 << 30))
    tops = [
        lambda: textures.wood(number, (0.62, 0.45, 0.29), size=1024, rings=12.0),
        lambda: textures.wood(number, (0.42, 0.28, 0.18), size=1024, rings=9.0),
        lambda: textures.plaster(number, (0.82, 0.81, 0.78)),
        lambda: textures.marble(number, (0.8, 0.79, 0.77), (0.45, 0.44, 0.45)),
    ]
    material = painted(tops[int(random.integers(0, 4)) if number % 2 else 0](), reflectance=0.05, gloss=7)
    builder.add(
        "desk",
        box((1.7, 0.035, 0.8), radius=0.006, step=0.025, tile=1.0).moved(0, _TOP - 0.0175, 0),
        material,
    )
    for x in (-0.78, 0.78):
        for z in (-0.34, 0.34):
            builder.add("desk", box((0.05, 0.7, 0.05), step=0.1).moved(x, 0.355, z), plain((0.2, 0.2, 0.21)))
    wall = painted(textures.plaster(number + 1, tone(random, (0.05, 0.25), (0.74, 0.86))))
    if int(random.integers(0, 4)) == 3:
        wall = painted(
            textures.tiles(number + 1, tone(random, (0.05, 0.3), (0.6, 0.8)), count=6), reflectance=0.05
        )
    builder.add("wall", patch((-1.9, 0, -0.42), (3.8, 0, 0), (0, 2.4, 0), step=0.05, tile=1.1), wall)
    builder.add(
        "floor",
        patch((-1.9, 0, 1.6), (3.8, 0, 0), (0, 0, -2.02), step=0.2, tile=1.4),
        painted(textures.boards(number + 2)),
    )
    at = (-0.52 + random.uniform(-0.05, 0.05), 1.33, -0.42)
    rim, inner = things.frame(0.72, 0.5, rim=0.025, deep=0.018)
    builder.add("pin board", rim.moved(*at), painted(textures.wood(number + 3)))
    builder.add("pin board", inner.moved(*at), painted(_cork(number)))
    for k in range(7):
        wide, tall = random.uniform(0.07, 0.14), random.uniform(0.07, 0.13)
        sheet = _curled(wide, tall, random.uniform(0.0, 0.02)).turned(turn_z(random.uniform(-0.2, 0.2)))
        plain_color = tone(random, (0.3, 0.5), (0.8, 0.95))
        paint = (
            partial(textures.written_page, number + k, 256),
            partial(textures.painting, number + k, 256),
            partial(textures.plaster, k, plain_color, 64),
        )[k % 3]
        x, y = at[0] - 0.27 + 0.18 * (k % 4) + random.uniform(-0.02, 0.02), at[1] + 0.11 - 0.22 * (k // 4)
        builder.add("notes", sheet.moved(x, y, at[2] + 0.008), painted(paint()))
        pin = plain(tone(random, (0.5, 0.55), (0.6, 0.9)), reflectance=0.05, gloss=7)
        builder.add("notes", ball(0.006, segments=12).moved(x, y + tall * 0.42, at[2] + 0.014), pin)


@textures.painter
def _cork(seed: int) -> textures.Array:
    noise = textures.clouds((256, 256), (64, 64), seed, 2)
    return np.array((0.68, 0.5, 0.33)) * (1 + 0.16 * noise)[..., np.newaxis]


def _curled(width: float, height: float, lift: float) -> Surface:
    """A sheet of paper about the origin, facing +z, its lower edge lifted."""
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 7), np.linspace(-0.5, 0.5, 9))
    return grid(np.stack([u * width, v * height, lift * np.clip(0.3 - v, 0, 1) ** 2 * (1 + u)], -1))


def _screen_and_keys(builder: Builder, random: Random) -> None:
    """Monitor, keyboard, mouse and its cable."""
    number = int(random.integers(1 << 30))
    black = plain((0.11, 0.11, 0.12), reflectance=0.04, gloss=6)
    metal = plain((0.6, 0.6, 0.62), reflectance=0.25, gloss=6)
    turn, at = turn_y(float(random.uniform(-0.2, 0.05))), (0.22, _TOP, -0.22)
    for surface, material in (
        (box((0.62, 0.37, 0.022), radius=0.006, step=0.05).moved(0, 0.33, 0), black),
        (box((0.05, 0.2, 0.02), step=0.05).moved(0, 0.11, -0.02), metal),
        (box((0.24, 0.012, 0.18), radius=0.005, step=0.04).moved(0, 0.006, 0), metal),
    ):
        builder.add("monitor", surface.turned(turn).moved(*at), material)
    glow = textures.screen(number)
    shown = Material((0.02, 0.02, 0.02), glow, 0.04, 9, (0.9, 0.9, 0.9))
    builder.add(
        "monitor", patch((-0.298, 0.157, 0.0115), (0.596, 0, 0), (0, 0.346, 0)).turned(turn).moved(*at), shown
    )
    light = plain((0.75, 0.75, 0.74), reflectance=0.04)
    caps = plain((0.88, 0.88, 0.86) if random.random() < 0.5 else (0.2, 0.2, 0.22), reflectance=0.04)
    slant = turn_x(0.07)
    angle, place = turn_y(float(random.uniform(-0.1, 0.1))), (0.1, _TOP + 0.012, 0.12)
    builder.add(
        "keyboard",
        box((0.44, 0.014, 0.135), radius=0.005, step=0.05).turned(slant).turned(angle).moved(*place),
        light,
    )
    keys = []
    for row in range(5):
        x = -0.212
        while x < 0.205:
            wide = 0.024 if not (row == 0 and -0.09 < x < 0.02) else 0.13
            wide = min(wide, 0.212 - x)
            keys.append(
                box((wide, 0.009, 0.022), radius=0.003).moved(x + wide / 2, 0.0105, 0.05 - 0.0252 * row)
            )
            x += wide + 0.0045
    builder.add("keyboard", joined(keys).turned(slant).turned(angle).moved(*place), caps)
    mouse = ball(1.0, segments=32).stretched(0.032, 0.022, 0.055)
    builder.add("mouse", mouse.turned(turn_y(0.2)).moved(0.43, _TOP + 0.012, 0.15), light)
    share = np.linspace(0, 1, 40)
    cable = np.stack(
        [0.43 + 0.12 * np.sin(5 * share) * share, 0 * share + _TOP + 0.003, 0.1 - 0.42 * share], -1
    )
    builder.add("cable", tube(cable, 0.002, sides=6), black)


def _paper(builder: Builder, random: Random, side: float) -> None:
    """An open notebook, loose sheets, a stack of books, a leaning folder."""
    number = int(random.integers(1 << 30))
    turn, at = turn_y(float(random.uniform(0.1, 0.45))), (-0.36, _TOP, 0.17)
    for half in (-1.0, 1.0):
        u, v = np.meshgrid(np.linspace(0, 1, 14), np.linspace(-0.5, 0.5, 6))
        swell = 0.012 * np.sin(math.pi * np.clip(u * 1.05, 0, 1)) ** 0.6 * (1 - 0.5 * u) + 0.003
        leaf = (
            grid(np.stack([half * u * 0.15, swell, -v * 0.21 * half], -1))
            if half < 0
            else grid(np.stack([u * 0.15, swell, -v * 0.21], -1))
        )
        if half < 0:
            leaf = grid(np.stack([-u[:, ::-1] * 0.15, swell[:, ::-1], -v * 0.21], -1))
        builder.add(
            "notebook",
            leaf.turned(turn).moved(*at),
            painted(textures.written_page(number + int(half), 512, 15)),
        )
    builder.add(
        "notebook",
        box((0.31, 0.003, 0.22), radius=0.001, step=0.05).turned(turn).moved(at[0], _TOP + 0.0015, at[2]),
        plain((0.3, 0.12, 0.1)),
    )
    pen = tube([(-0.07, 0.018, 0.05), (0.06, 0.019, -0.04)], 0.0045, sides=10).turned(turn).moved(*at)
    builder.add("pencils", pen, plain(tone(random, (0.4, 0.55), (0.3, 0.7)), reflectance=0.05, gloss=7))
    for k in range(3):
        sheet = (
            _curled(0.21, 0.297, 0.012 * k)
            .turned(turn_x(-math.pi / 2))
            .turned(turn_y(float(random.uniform(-0.6, 0.6))))
        )
        builder.add(
            "sheets",
            sheet.moved(0.62 + 0.03 * k, _TOP + 0.002 + 0.002 * k, 0.2),
            painted(textures.written_page(number + 9 + k, 512, 12)),
        )
    covers = painted(textures.spines(number + 20), reflectance=0.05, gloss=6)
    page = painted(textures.stripes(number + 21, [(0.93, 0.91, 0.85), (0.82, 0.8, 0.74)], count=64))
    rise = _TOP
    for k in range(int(random.integers(3, 6))):
        thick, wide, deep = random.uniform(0.018, 0.04), random.uniform(0.2, 0.25), random.uniform(0.14, 0.18)
        spin = turn_y(float(random.uniform(-0.3, 0.3)))
        board = box((wide, thick, deep), radius=0.002, step=0.05).mapped(
            (0.06, 0.5), (float(random.random()), 0.1 * k)
        )
        builder.add("books", board.turned(spin).moved(-0.62, rise + thick / 2, -0.2), covers)
        builder.add(
            "books",
            box((wide * 0.98, thick * 0.8, deep * 1.01)).turned(spin).moved(-0.615, rise + thick / 2, -0.2),
            page,
        )
        rise += float(thick)
    if random.random() < 0.6:
        slab = (
            box((0.3, 0.36, 0.006), radius=0.002, step=0.06).turned(turn_x(-0.22)).turned(turn_y(-side * 0.2))
        )
        builder.add(
            "folder",
            slab.moved(0.68, _TOP + 0.18, -0.32),
            plain(tone(random, (0.1, 0.5), (0.5, 0.85)), reflectance=0.03),
        )


def _small_things(builder: Builder, random: Random) -> None:
    """Mug, cup of pencils, cactus, ruler."""
    glaze = plain(tone(random, (0.2, 0.55), (0.5, 0.9)), reflectance=0.06, gloss=8)
    x, z = -0.12 + random.uniform(-0.03, 0.03), 0.0 + random.uniform(-0.03, 0.05)
    wall = [
        (1e-4, 0),
        (0.036, 0),
        (0.041, 0.006),
        (0.042, 0.09),
        (0.0385, 0.09),
        (0.0375, 0.012),
        (1e-4, 0.012),
    ]
    builder.add("mug", lathe(wall, segments=40).moved(x, _TOP, z), glaze)
    angle = np.linspace(-1.35, 1.35, 15)
    handle = np.stack([0.04 + 0.028 * np.cos(angle), 0.048 + 0.03 * np.sin(angle), 0 * angle], -1)
    builder.add(
        "mug",
        tube(handle, 0.0055, sides=10).turned(turn_y(float(random.uniform(-0.5, 0.9)))).moved(x, _TOP, z),
        glaze,
    )
    builder.add(
        "mug",
        lathe([(0.0385, 0.075), (1e-4, 0.075)], segments=32).moved(x, _TOP, z),
        plain((0.2, 0.11, 0.06), reflectance=0.05, gloss=9),
    )
    cup = (-0.36, _TOP, -0.2)
    steel = plain((0.55, 0.55, 0.57), reflectance=0.3, gloss=6)
    builder.add(
        "pencil cup",
        lathe(
            [(1e-4, 0), (0.04, 0), (0.04, 0.1), (0.0375, 0.1), (0.0375, 0.004), (1e-4, 0.004)], segments=36
        ).moved(*cup),
        steel,
    )
    for _ in range(9):
        turn, lean = random.uniform(0, 6.3), random.uniform(0.08, 0.3)
        foot = np.array((0.02 * math.cos(turn + 2.5), 0.006, 0.02 * math.sin(turn + 2.5)))
        way = np.array((lean * math.cos(turn), 1.0, lean * math.sin(turn)))
        way *= random.uniform(0.14, 0.19) / np.linalg.norm(way)
        along = np.array((0.0, 0.3, 0.6, 0.9, 1.0))[:, np.newaxis]
        radius = np.array((0.0037, 0.0037, 0.0037, 0.0037, 0.0006))
        builder.add(
            "pencils",
            tube(foot + along * way + np.array(cup), radius, sides=6),
            plain(tone(random, (0.4, 0.55), (0.4, 0.95)), reflectance=0.04),
        )
    pot = (0.66, _TOP, -0.05)
    builder.add(
        "pot",
        lathe(
            [
                (1e-4, 0),
                (0.045, 0),
                (0.055, 0.08),
                (0.06, 0.08),
                (0.06, 0.095),
                (0.05, 0.095),
                (0.048, 0.08),
                (1e-4, 0.08),
            ],
            segments=32,
        ).moved(*pot),
        painted(textures.terrazzo(int(random.integers(1 << 30)), (0.75, 0.55, 0.45), 256, 120)),
    )
    stems, leaves = things.leafy_plant(random, 0.26, stems=12)
    builder.add("plant", stems.moved(pot[0], pot[1] + 0.08, pot[2]), plain((0.34, 0.4, 0.2)))
    builder.add(
        "plant",
        leaves.moved(pot[0], pot[1] + 0.08, pot[2]),
        plain((0.27, 0.43, 0.2), reflectance=0.05, gloss=4),
    )
    ruler = painted(_ruler(), reflectance=0.04)
    builder.add(
        "ruler",
        box((0.3, 0.003, 0.03), radius=0.001, step=0.05)
        .turned(turn_y(float(random.uniform(-0.5, 0.5))))
        .moved(0.0, _TOP + 0.0015, 0.29),
        ruler,
    )


@textures.painter
def _ruler(size: int = 512) -> textures.Array:
    picture = np.broadcast_to(np.array((0.85, 0.75, 0.5)), (64, size, 3)).copy()
    for k in range(128):
        length = 28 if k % 10 == 0 else 20 if k % 5 == 0 else 12
        picture[64 - length :, k * size // 128 : k * size // 128 + 1] = (0.12, 0.1, 0.08)
    return picture


def _lamp(builder: Builder, random: Random, side: float) -> None:
    """A jointed lamp, off by day."""
    paint = plain(tone(random, (0.3, 0.55), (0.3, 0.75)), reflectance=0.05, gloss=7)
    x, z = side * 0.62, -0.27
    if side < 0:
        x -= 0.14
    builder.add(
        "lamp",
        lathe([(1e-4, 0.0), (0.085, 0.0), (0.085, 0.012), (0.02, 0.022), (1e-4, 0.022)], segments=40).moved(
            x, _TOP, z
        ),
        paint,
    )
    elbow = np.array((x - side * 0.02, _TOP + 0.32, z - 0.02))
    tip = np.array((x - side * 0.26, _TOP + 0.47, z + 0.12))
    foot = np.array((x, _TOP + 0.02, z))
    for shift in (np.array((0.0, 0.0, -0.008)), np.array((0.0, 0.0, 0.008))):
        for joint in ((foot, elbow), (elbow, tip)):
            builder.add("lamp", tube([end + shift for end in joint], 0.004, sides=8), paint)
    builder.add("lamp", ball(0.013, segments=16).moved(*elbow), paint)
    shade = lathe(
        [(0.075, -0.085), (0.068, -0.05), (0.035, 0.0), (0.018, 0.012), (0.016, 0.035), (1e-4, 0.037)],
        segments=40,
    )
    tilt = turn_z(-side * 0.45)
    builder.add("lamp", shade.turned(tilt).moved(*tip), paint)
    builder.add(
        "lamp",
        shade.inside_out().stretched(0.97, 0.98, 0.97).turned(tilt).moved(*tip),
        plain((0.9, 0.9, 0.88)),
    )


def _fan(builder: Builder, random: Random, side: float) -> None:
    """A table fan behind a cage of wires; its blades turn with time."""
    at = np.array((side * 0.64 if side < 0 else 0.78, _TOP + 0.24, -0.2))
    metal = plain((0.72, 0.72, 0.74), reflectance=0.3, gloss=7)
    body = plain(tone(random, (0.1, 0.4), (0.6, 0.9)), reflectance=0.05, gloss=7)
    facing = turn_y(-side * 0.45)
    builder.add(
        "fan",
        lathe(
            [(1e-4, -0.24), (0.075, -0.24), (0.07, -0.222), (0.014, -0.205), (0.012, -0.03)], segments=36
        ).moved(*(at - facing @ (0, 0, 0.05))),
        body,
    )
    motor = lathe([(1e-4, -0.045), (0.03, -0.045), (0.034, 0.0), (0.025, 0.035), (1e-4, 0.04)], segments=32)
    builder.add("fan", motor.turned(turn_x(math.pi / 2)).moved(0, 0, -0.045).turned(facing).moved(*at), body)
    angle = np.linspace(0, 2 * math.pi, 49)
    wires = []
    for radius, z in (
        (0.125, 0.0),
        (0.115, 0.024),
        (0.08, 0.034),
        (0.04, 0.037),
        (0.115, -0.024),
        (0.07, -0.034),
    ):
        wires.append(
            tube(
                np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * angle + z], -1), 0.0013, sides=5
            )
        )
    for k in range(28):
        turn = turn_z(2 * math.pi * k / 28)
        for sign in (1, -1):
            rib = np.array([(0.012, 0, 0.038), (0.07, 0, 0.036), (0.112, 0, 0.025), (0.125, 0, 0)]) * (
                1,
                1,
                sign,
            )
            wires.append(tube(rib, 0.0009, sides=4).turned(turn))
    builder.add("fan", joined(wires).turned(facing).moved(*at), metal)
    speed = float(random.uniform(2.0, 4.0))

    def turning(time: float) -> Pose:
        return Pose(facing @ turn_z(speed * time), at)

    blades = []
    for k in range(4):
        u, v = np.meshgrid(np.linspace(0.018, 0.1, 8), np.linspace(-1, 1, 8))
        across = v * (0.01 + 0.35 * u)
        blade = grid(np.stack([u, across, 0.35 * across], -1)).turned(turn_z(math.pi * k / 2))
        blades += [blade]
    part = builder.moving(turning)
    builder.add(
        "fan blades",
        joined(blades),
        plain(tone(random, (0.3, 0.5), (0.4, 0.7)), reflectance=0.05, gloss=6),
        part=part,
    )
    hub = ball(0.02, segments=20).stretched(1, 1, 0.7)
    builder.add("fan blades", hub, metal, part=part)
