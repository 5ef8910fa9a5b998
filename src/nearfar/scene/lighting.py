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

from nearfar.scene.casting import Caster
from nearfar.scene.values import Lamp, Sky

__all__ = ["Lit", "bake"]

Array = NDArray[np.float64]

_OFFSET = 5e-4
_CHUNK = 4096
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

    Light is irradiance over pi: times the albedo it is the radiance that leaves.
    """
    positions = np.concatenate([still.positions, moving[0]])
    normals = np.concatenate([still.normals, moving[1]])
    direct, key = _direct(caster, positions, normals, lamps, sky)
    directions = _cosine_directions(rays)
    hits = np.empty((len(positions), rays), np.int32)
    escaped = np.zeros((len(positions), 3))
    for start in range(0, len(positions), _CHUNK):
        part = slice(start, start + _CHUNK)
        world = _around(normals[part], directions, start)
        origins = np.repeat(positions[part] + _OFFSET * normals[part], rays, axis=0).astype(np.float32)
        found = caster.first_hits(origins, world.reshape(-1, 3)).reshape(-1, rays)
        hits[part] = found
        if sky.shine > 0.0:
            light = _sky_light(sky, world) * (found < 0)[..., np.newaxis]
            escaped[part] = sky.shine * light.mean(axis=1)
    light = direct
    count = len(still.positions)
    for _ in range(2):
        at_faces = light[:count][still.faces].mean(axis=1) * still.albedo + still.emission
        sent = np.concatenate([at_faces, np.zeros((1, 3))]).astype(np.float32)
        indirect = np.empty_like(direct)
        for start in range(0, len(positions), _CHUNK):
            part = slice(start, start + _CHUNK)
            indirect[part] = sent[hits[part]].mean(axis=1)
        light = direct + _smoothed(indirect + escaped, still.faces, count)
    whole = np.concatenate([light, key[:, np.newaxis]], axis=1)
    fine = _short_edges(still, _THIN)
    return _evened(whole, fine, count, 5) if len(fine) else whole


def _direct(
    caster: Caster, positions: NDArray[np.float32], normals: NDArray[np.float32], lamps: list[Lamp], sky: Sky
) -> tuple[Array, Array]:
    """Light from lamps and sun (V, 3), and how much of the key light (the sun, or the first lamp) arrives."""
    light = np.zeros((len(positions), 3))
    key = np.zeros(len(positions))
    origins = np.ascontiguousarray(positions + _OFFSET * normals)
    sun = np.array(sky.sun_color)
    if sun.any():
        spots = _sun_directions(sky)
        for spot in spots:
            cosine = normals @ spot
            seen = cosine > 0
            free = ~caster.blocked(*_rays(origins[seen], np.broadcast_to(spot, (int(seen.sum()), 3)) * 100.0))
            light[seen] += (free * cosine[seen])[:, np.newaxis] * sun / len(spots)
            key[seen] += free / len(spots)
    for number, lamp in enumerate(lamps):
        corner, right, up = np.array(lamp.corner), np.array(lamp.right), np.array(lamp.up)
        normal = np.cross(right, up)
        area = float(np.linalg.norm(normal))
        normal /= area
        across, down = 3, 3
        for cell in range(across * down):
            spot = corner + right * ((cell % across + 0.5) / across) + up * ((cell // across + 0.5) / down)
            away = spot - origins
            square = np.maximum((away * away).sum(axis=1), 1e-4)
            cosine = (away * normals).sum(axis=1)
            facing = -(away @ normal)
            seen = (cosine > 0) & (facing > 0)
            free = ~caster.blocked(*_rays(origins[seen], away[seen] * 0.999))
            weight = free * (cosine * facing / (square * square))[seen] * (area / (across * down * math.pi))
            # Near a lamp one spot outshines what the whole of it could send.
            light[seen] += np.minimum(weight, 1.0 / (across * down))[:, np.newaxis] * np.array(lamp.radiance)
            if number == 0 and not sun.any():
                key[seen] += free / (across * down)
    return light, key


def _rays(
    origins: Array, away: Array
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    return (
        np.ascontiguousarray(origins, np.float32),
        np.ascontiguousarray(away, np.float32),
        np.ones(len(origins), np.float32),
    )


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


def _around(normals: NDArray[np.float32], directions: Array, start: int) -> NDArray[np.float32]:
    """(N, R, 3): the directions about each normal, turned by an angle of the vertex's own."""
    angle = ((np.arange(start, start + len(normals)) * 0.6180339887) % 1.0) * (2 * math.pi)
    flat = np.where(np.abs(normals[:, 2:]) < 0.7, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    across = np.cross(normals, flat)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    beside = np.cross(normals, across)
    c, s = np.cos(angle)[:, np.newaxis], np.sin(angle)[:, np.newaxis]
    frame = np.stack([c * across + s * beside, c * beside - s * across, normals], axis=1)
    return np.ascontiguousarray(np.einsum("rk,nkj->nrj", directions, frame), np.float32)


def _sky_light(sky: Sky, directions: NDArray[np.float32]) -> Array:
    up = directions[..., 1:2]
    over = 1 - (1 - np.clip(up, 0, 1)) ** 2
    under = np.clip(-4 * up, 0, 1)
    horizon = np.array(sky.horizon)
    above = horizon * (1 - over) + np.array(sky.overhead) * over
    return np.asarray(np.where(up >= 0, above, horizon * (1 - under) + np.array(sky.below) * under))


def _smoothed(light: Array, faces: NDArray[np.int32], count: int) -> Array:
    """The first ``count`` rows evened out along the edges of the faces."""
    return _evened(light, np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), count, 2)


def _short_edges(lit: Lit, length: float) -> NDArray[np.int32]:
    """(E, 2) vertices of the edges below a length, metres."""
    pairs = np.concatenate([lit.faces[:, [0, 1]], lit.faces[:, [1, 2]], lit.faces[:, [2, 0]]])
    edges = lit.positions[pairs[:, 0]] - lit.positions[pairs[:, 1]]
    short: NDArray[np.int32] = pairs[(edges * edges).sum(axis=1) < length * length]
    return short


def _evened(light: Array, pairs: NDArray[np.int32], count: int, rounds: int) -> Array:
    for _ in range(rounds):
        total = light[:count].copy()
        weight = np.ones(count)
        for a, b in ((0, 1), (1, 0)):
            weight += np.bincount(pairs[:, a], minlength=count)
            for channel in range(light.shape[1]):
                total[:, channel] += np.bincount(pairs[:, a], light[pairs[:, b], channel], minlength=count)
        light = np.concatenate([total / weight[:, np.newaxis], light[count:]])
    return light
