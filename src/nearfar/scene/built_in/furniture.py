"""Furniture: what stands in rooms."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from nearfar.scene import textures
from nearfar.scene.building import Builder
from nearfar.scene.built_in import things
from nearfar.scene.built_in.things import Random, painted, plain, tone
from nearfar.scene.surfaces import Surface, box, grid, patch, tube, turn_x, turn_y, turn_z
from nearfar.scene.values import Material

__all__ = ["book_case", "chair", "low_table", "odd_things", "sofa", "window"]

Place = tuple[float, float, float]


def window(builder: Builder, random: Random, x: float, opening: tuple[float, float, float, float]) -> None:
    """Frame, bars, sill, curtains and the garden outside; the window is in the wall at -x."""
    low, high, sill, top = opening
    white = plain((0.92, 0.92, 0.9), reflectance=0.04)
    middle, tall, wide = (low + high) / 2, top - sill, high - low
    for z, y, size_z, size_y in (
        (low, (sill + top) / 2, 0.05, tall),
        (high, (sill + top) / 2, 0.05, tall),
        (middle, (sill + top) / 2, 0.035, tall),
        (middle, sill, wide, 0.05),
        (middle, top, wide, 0.05),
        (middle, sill + tall * 0.68, wide, 0.03),
    ):
        builder.add("window", box((0.07, size_y, size_z), step=0.1).moved(-x - 0.03, y, z), white)
    builder.add(
        "window sill", box((0.22, 0.03, wide + 0.16), step=0.08).moved(-x + 0.06, sill - 0.02, middle), white
    )
    view = textures.garden(int(random.integers(1 << 30)))
    outside = Material((0.0, 0.0, 0.0), texture=view, emission=(1.3, 1.35, 1.45))
    builder.add("garden", patch((-x - 2.5, -1.0, middle + 3.5), (0, 0, -7.0), (0, 4.5, 0), step=1.0), outside)
    cloth = painted(
        textures.cloth(int(random.integers(1 << 30)), tone(random, (0.05, 0.35), (0.75, 0.92)), threads=48)
    )
    for side in (-1, 1):
        edge = middle + side * (wide / 2 + 0.16)
        builder.add("curtain", _curtain(0.42, 2.05, edge, -x + 0.11, random), cloth)
    rod = np.array([[-x + 0.11, top + 0.17, low - 0.55], [-x + 0.11, top + 0.17, high + 0.55]])
    builder.add("curtain rod", tube(rod, 0.012, sides=10), plain((0.3, 0.24, 0.18), reflectance=0.05))


def _curtain(width: float, height: float, z: float, x: float, random: Random) -> Surface:
    u, v = np.meshgrid(np.linspace(0, 1, 70), np.linspace(0, 1, 24))
    phase = random.uniform(0, 6)
    fold = np.sin(2 * math.pi * 6.3 * u + phase + 0.6 * np.sin(2.4 * v)) * (0.018 + 0.022 * (1 - v))
    points = np.stack([x + fold, 0.12 + v * height, z + (0.5 - u) * width * (1 + 0.06 * (1 - v))], -1)
    return grid(points).mapped((2.4, 8.0))


def sofa(builder: Builder, random: Random, cloth: Material, at: Place) -> None:
    """A sofa facing +z, its middle at ``at``."""
    x, y, z = at
    soft = partial(box, step=0.06, tile=0.22, bend=3)
    for piece in (
        soft((1.9, 0.22, 0.82), radius=0.04).moved(0, 0.23, 0),
        soft((1.9, 0.52, 0.2), radius=0.08).turned(turn_x(-0.12)).moved(0, 0.56, -0.33),
        soft((0.2, 0.42, 0.86), radius=0.085).moved(-0.98, 0.36, 0),
        soft((0.2, 0.42, 0.86), radius=0.085).moved(0.98, 0.36, 0),
        soft((0.87, 0.15, 0.66), radius=0.055).moved(-0.44, 0.41, 0.08),
        soft((0.87, 0.15, 0.66), radius=0.055).moved(0.44, 0.41, 0.08),
    ):
        builder.add("sofa", piece.moved(x, y, z), cloth)
    legs = plain((0.2, 0.13, 0.08), reflectance=0.04)
    for leg_x in (-0.92, 0.92):
        for leg_z in (-0.34, 0.34):
            builder.add("sofa", box((0.05, 0.13, 0.05)).moved(x + leg_x, y + 0.065, z + leg_z), legs)
    covers = [
        textures.stripes(
            int(random.integers(1 << 30)), [tone(random, (0.3, 0.8), (0.5, 0.9)), (0.9, 0.88, 0.82)]
        ),
        textures.cloth(int(random.integers(1 << 30)), tone(random, (0.5, 0.9), (0.5, 0.8)), threads=20),
        textures.wallpaper(
            int(random.integers(1 << 30)), (0.85, 0.8, 0.7), tone(random, (0.4, 0.9), (0.3, 0.6))
        ),
    ]
    for k, cover in enumerate(covers):
        pillow = things.cushion(0.42, 0.42, 0.17, tile=0.42 if k else 0.3)
        pillow = (
            pillow.turned(turn_z(random.uniform(-0.3, 0.3)))
            .turned(turn_x(-0.35))
            .turned(turn_y(random.uniform(-0.4, 0.4)))
        )
        builder.add(
            "cushions",
            pillow.moved(x - 0.68 + 0.6 * k + random.uniform(-0.08, 0.08), y + 0.70, z - 0.1),
            painted(cover),
        )


def low_table(builder: Builder, wood: Material, at: Place) -> None:
    """A table of 1.1 × 0.6 m, 42 cm high."""
    x, y, z = at
    builder.add(
        "table", box((1.1, 0.035, 0.6), radius=0.006, step=0.03, tile=1.1).moved(x, y + 0.4025, z), wood
    )
    for leg_x in (-0.48, 0.48):
        for leg_z in (-0.24, 0.24):
            leg = np.array([[leg_x, 0.39, leg_z], [leg_x * 1.06, 0.0, leg_z * 1.08]])
            path = leg[0] + np.linspace(0, 1, 6)[:, np.newaxis] * (leg[1] - leg[0])
            builder.add("table", tube(path + np.array(at), np.linspace(0.022, 0.014, 6), sides=12), wood)


def chair(builder: Builder, metal: Material, seat: Material, at: Place, turn: float) -> None:
    """A chair of thin rods."""
    rods = []
    for x in (-0.2, 0.2):
        rods += [[(x * 1.12, 0.0, z * 1.15), (x, 0.44, z)] for z in (-0.19, 0.19)]
        rods.append([(x, 0.44, -0.19), (x * 0.95, 0.66, -0.22), (x * 0.9, 0.86, -0.26)])
    for k in range(7):
        x = -0.165 + 0.055 * k
        rods.append([(x, 0.5, -0.2), (x, 0.68, -0.225), (x * 0.95, 0.84, -0.255)])
    rods += [[(-0.18, 0.86, -0.26), (0.18, 0.86, -0.26)], [(-0.19, 0.5, -0.2), (0.19, 0.5, -0.2)]]
    rods += [[(-0.21, 0.2, 0.2), (0.21, 0.2, 0.2)], [(-0.21, 0.2, -0.21), (0.21, 0.2, -0.21)]]
    for rod in rods:
        corners = np.array(rod, np.float64)
        share = np.linspace(0, len(corners) - 1, 4 * len(corners))
        path = np.stack([np.interp(share, np.arange(len(corners)), corners[:, k]) for k in range(3)], -1)
        builder.add("chair", tube(path, 0.008, sides=8).turned(turn_y(turn)).moved(*at), metal)
    pad = box((0.42, 0.05, 0.42), radius=0.022, step=0.05, tile=0.25).turned(turn_y(turn))
    builder.add("chair", pad.moved(at[0], at[1] + 0.465, at[2]), seat)


def book_case(builder: Builder, random: Random, wood: Material, at: Place, width: float) -> None:
    """An open case of five shelves with books and a few things, facing +z."""
    height, depth, thick = 1.95, 0.3, 0.025
    x, y, z = at
    for side in (-1, 1):
        board = box((thick, height, depth), step=0.08, tile=0.9)
        builder.add("book case", board.moved(x + side * (width - thick) / 2, y + height / 2, z), wood)
    builder.add(
        "book case",
        box((width, height, 0.012), step=0.08, tile=0.9).moved(x, y + height / 2, z - depth / 2 + 0.006),
        wood,
    )
    levels = np.linspace(0.05, height - thick / 2, 6)
    for level in levels:
        builder.add(
            "book case",
            box((width - 2 * thick, thick, depth), step=0.06, tile=0.9).moved(x, y + level, z),
            wood,
        )
    covers = [
        painted(textures.spines(int(random.integers(1 << 30))), reflectance=0.04, gloss=5) for _ in range(2)
    ]
    for k, level in enumerate(levels[:-1]):
        room_above = float(levels[k + 1] - level) - thick
        share = float(random.uniform(0.5, 0.97))
        left = x - width / 2 + thick + 0.01
        if random.random() < 0.35:
            left += (width - 2 * thick) * (1 - share) - 0.02
        row = things.book_row(random, (width - 2 * thick) * share, room_above, 0.2)
        builder.add("books", row.moved(left, y + level + thick / 2, z - 0.06), covers[k % 2])
        free = x + (width / 2 - 0.16 if left < x - width / 2 + 0.1 else -width / 2 + 0.16)
        if share < 0.8:
            jar = things.vase(min(0.2, room_above * 0.8), 0.05, 0.025)
            glaze = plain(tone(random, (0.1, 0.8), (0.4, 0.9)), reflectance=0.06, gloss=8)
            builder.add("jar", jar.moved(free, y + level + thick / 2, z), glaze)


def odd_things(builder: Builder, random: Random, x: float, z: float, *, plain_room: bool) -> None:
    """What differs from room to room: leaning boards, a ladder, stacked boxes, a slatted screen."""
    if plain_room or random.random() < 0.35:
        board = box((0.9, 1.4, 0.02), step=0.1).turned(turn_x(-0.25)).turned(turn_y(random.uniform(0.2, 0.9)))
        builder.add(
            "board", board.moved(-x + 0.75, 0.7, z * 0.1), plain(tone(random, (0.0, 0.15), (0.7, 0.9)))
        )
    choice = int(random.integers(0, 3))
    if choice == 0:
        for k in range(2):
            carton = painted(textures.cloth(int(random.integers(1 << 30)), (0.66, 0.52, 0.36), threads=128))
            block = box((0.42 - 0.06 * k, 0.32, 0.36), step=0.06, tile=0.6).turned(
                turn_y(random.uniform(-0.5, 0.5))
            )
            builder.add("cartons", block.moved(x - 0.5, 0.16 + 0.32 * k, 0.55), carton)
    elif choice == 1:
        wood = painted(textures.wood(int(random.integers(1 << 30)), (0.7, 0.55, 0.38)))
        for side in (-0.2, 0.2):
            rail = box((0.035, 1.8, 0.05), step=0.1, tile=0.5).moved(side, 0.9, 0)
            builder.add(
                "ladder", rail.turned(turn_x(-0.22)).turned(turn_y(-1.3)).moved(x - 0.5, 0.0, 0.35), wood
            )
        for k in range(6):
            rung = tube(np.array([[-0.2, 0.25 + 0.27 * k, 0], [0.2, 0.25 + 0.27 * k, 0]]), 0.012, sides=8)
            builder.add(
                "ladder", rung.turned(turn_x(-0.22)).turned(turn_y(-1.3)).moved(x - 0.5, 0.0, 0.35), wood
            )
    else:
        slat = painted(textures.wood(int(random.integers(1 << 30)), (0.5, 0.38, 0.26)))
        for k in range(16):
            bar = box((0.012, 1.3, 0.03), step=0.15, tile=0.4).moved(-0.4 + 0.05 * k, 0.65, 0)
            builder.add("screen", bar.turned(turn_y(-0.9)).moved(x - 0.55, 0.0, 0.45), slat)
