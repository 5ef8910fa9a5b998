"""Light, worked out once when a scene is built and kept at its vertices.

    lamps, sun ── shadow rays ──▶ direct light ─┐
    rays all around each vertex ── what they hit ┴─▶ twice bounced light ──▶ light (V, 4)

Lamps and the sun are sampled at fixed places, the surroundings by the same directions at every vertex, turned
at random: the same scene has the same light every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.scene.casting import Caster
from nearfar.scene.tasks import in_parallel
from nearfar.scene.values import Lamp, Sky

__all__ = ["Lit", "bake"]

Array = NDArray[np.float64]

_OFFSET = 5e-4
_CHUNK = 2048
_THIN = 0.0025
"""Things finer than this, metres, have the same light all around: hair lets it through."""


@dataclass(frozen=True, slots=True)
class Lit:
    """What is lit: vertices in the world, and what their faces (F, 3) send back and send out."""

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    albedo: Array
    emission: Array


def bake(
    still: Lit,
    caster: Caster,
    lamps: list[Lamp],
    sky: Sky,
    *,
    moving: tuple[NDArray[np.float32], NDArray[np.float32]],
    rays: int = 48,
) -> Array:
    """(V, 4) light at the vertices of what stands still, then of what moves: linear, the key light's share.

    Light is irradiance over pi: times the albedo it is the radiance that leaves. ``caster`` is that of what
    stands still; ``rays`` a multiple of 4.
    """
    positions = np.concatenate([still.positions, moving[0]])
    normals = np.concatenate([still.normals, moving[1]])
    edges = _edges(still.faces)
    fine = _short(still.positions, edges, _THIN)
    shared = np.zeros(len(positions), np.bool_)
    shared[fine] = True
    looks = _looks(caster, positions, normals, sky, shared, rays)
    direct = _direct(caster, positions, normals, lamps, sky, shared)
    light = direct[:, :3]
    count = len(still.positions)
    for _ in range(2):
        at_faces = light[:count][still.faces].mean(axis=1) * still.albedo + still.emission
        sent = at_faces.astype(np.float32)
        indirect = np.empty_like(light)
        for look in looks:
            indirect[look.numbers] = _native.mean_sent(sent, look.hits) + look.escaped
        light = direct[:, :3] + _evened(indirect, edges, count, 2)
    whole = np.concatenate([light, direct[:, 3:]], axis=1)
    return _evened(whole, fine, count, 5) if len(fine) else whole


@dataclass(frozen=True, slots=True)
class _Look:
    """What rays from the vertices of these numbers hit (N, R), and what they have of the sky (N, 3)."""

    numbers: NDArray[np.int32]
    hits: NDArray[np.int32]
    escaped: Array


def _looks(
    caster: Caster,
    positions: NDArray[np.float32],
    normals: NDArray[np.float32],
    sky: Sky,
    shared: NDArray[np.bool_],
    rays: int,
) -> list[_Look]:
    """Every vertex looks around, with all the rays or, where neighbours share their light, each fourth."""
    all_ways = _cosine_directions(rays)
    colors = sky.shine * np.array((sky.overhead, sky.horizon, sky.below))

    def look(asked: tuple[NDArray[np.int32], Array]) -> _Look:
        numbers, ways = asked
        origins, directions = _native.rays_about(positions, normals, numbers, ways, _OFFSET)
        hits = caster.first_hits(origins, directions).reshape(len(numbers), -1)
        return _Look(numbers, hits, _native.mean_sky(colors, directions, hits))

    asked = []
    for group, ways in (
        (~shared, all_ways[np.newaxis]),
        (shared, np.ascontiguousarray(all_ways.reshape(-1, 4, 3).swapaxes(0, 1))),
    ):
        asked += [(numbers, ways) for numbers in _in_chunks(group)]
    return in_parallel(look, asked)


def _in_chunks(group: NDArray[np.bool_]) -> list[NDArray[np.int32]]:
    numbers = np.flatnonzero(group).astype(np.int32)
    return [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]


def _spots(lamps: list[Lamp], sky: Sky) -> Array:
    """(S, 12) points of lamps and directions of the sun, as the kernels read them (native/scene/bake.hpp)."""
    spots: list[list[float]] = []
    sun = np.array(sky.sun_color)
    if sun.any():
        ways = _sun_directions(sky)
        spots += [[*way, 0, 0, 0, *(sun / len(ways)), 1 / len(ways), math.inf, 1] for way in ways]
    across, down = 3, 3
    for number, lamp in enumerate(lamps):
        corner, right, up = np.array(lamp.corner), np.array(lamp.right), np.array(lamp.up)
        share = 1.0 / (across * down)
        front = np.cross(right, up) * (share / math.pi)
        key = share if number == 0 and not sun.any() else 0.0
        for cell in range(across * down):
            place = corner + right * ((cell % across + 0.5) / across) + up * ((cell // across + 0.5) / down)
            # Near a lamp one spot outshines what the whole of it could send.
            spots.append([*place, *front, *lamp.radiance, key, share, 0])
    return np.array(spots, np.float64).reshape(-1, 12)


def _direct(
    caster: Caster,
    positions: NDArray[np.float32],
    normals: NDArray[np.float32],
    lamps: list[Lamp],
    sky: Sky,
    shared: NDArray[np.bool_],
) -> Array:
    """(V, 4) light of lamps and sun, and how much of the key light (the sun, or the first lamp) arrives.

    Where neighbours share their light, each asks every third spot alone.
    """
    spots = _spots(lamps, sky)
    direct = np.empty((len(positions), 4))

    def light(asked: tuple[NDArray[np.int32], int]) -> None:
        numbers, each = asked
        rays = _native.rays_to_spots(positions[numbers], normals[numbers], spots, _OFFSET, each)
        origins, ways, ends, weight = rays
        free = ~caster.blocked(origins, ways, np.ones(len(ways), np.float32))
        direct[numbers] = _native.light_of_spots(ends, weight, free, spots, len(numbers))

    asked = [(numbers, 1) for numbers in _in_chunks(~shared)] + [
        (numbers, 3) for numbers in _in_chunks(shared)
    ]
    in_parallel(light, asked)
    return direct


def _sun_directions(sky: Sky) -> Array:
    sun = np.array(sky.sun_direction) / np.linalg.norm(sky.sun_direction)
    beside = np.cross(sun, (0.0, 0.0, 1.0) if abs(sun[2]) < 0.9 else (1.0, 0.0, 0.0))
    beside /= np.linalg.norm(beside)
    other = np.cross(sun, beside)
    angle = np.arange(12) * 2.399963
    reach = sky.sun_spread * np.sqrt((np.arange(12) + 0.5) / 12)
    spots = sun + reach[:, np.newaxis] * (
        np.cos(angle)[:, np.newaxis] * beside + np.sin(angle)[:, np.newaxis] * other
    )
    return np.asarray(spots / np.linalg.norm(spots, axis=1, keepdims=True))


def _cosine_directions(count: int) -> Array:
    """Directions about +z, as dense as their cosine: a sunflower lifted onto the half ball."""
    reach = np.sqrt((np.arange(count) + 0.5) / count)
    angle = np.arange(count) * 2.399963
    return np.stack([reach * np.cos(angle), reach * np.sin(angle), np.sqrt(1 - reach * reach)], -1)


def _edges(faces: NDArray[np.int32]) -> NDArray[np.int32]:
    """(3·F, 2): the vertices of the edges of the faces."""
    return np.concatenate([np.ascontiguousarray(faces[:, pair]) for pair in ([0, 1], [1, 2], [2, 0])])


def _short(positions: NDArray[np.float32], edges: NDArray[np.int32], length: float) -> NDArray[np.int32]:
    """The edges below a length, metres."""
    ways = positions[edges[:, 0]] - positions[edges[:, 1]]
    short: NDArray[np.int32] = edges[(ways * ways).sum(axis=1) < length * length]
    return short


def _evened(light: Array, edges: NDArray[np.int32], count: int, rounds: int) -> Array:
    """The first ``count`` rows evened out along edges."""
    return np.concatenate([_native.evened(light[:count], edges, rounds), light[count:]])
