"""Twin of the kernels with which scenes are built: noise, texels, light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smooth_noise(octaves: list[NDArray], weights: list[float], scale: float, shape: tuple) -> NDArray:
    total = np.zeros(shape)
    for values, weight in zip(octaves, weights, strict=True):
        total += weight * _smooth(_smooth(values, shape[1], axis=1), shape[0], axis=0)
    return total * scale


def _smooth(values: NDArray, size: int, axis: int) -> NDArray:
    count = values.shape[axis]
    place = (np.arange(size) + 0.5) * (count / size)
    cell = np.floor(place).astype(int)
    share = place - cell
    share = share * share * (3 - 2 * share)
    share = share[:, np.newaxis] if axis == 0 else share
    return values.take(cell, axis) * (1 - share) + values.take((cell + 1) % count, axis) * share


def texels(picture: NDArray) -> NDArray[np.float64]:
    """The codes before they are rounded."""
    code = np.ones((*picture.shape[:2], 4))
    code[..., :3] = np.clip(picture[..., :3], 0, 1) ** 1.1
    if picture.shape[2] == 4:
        code[..., 3] = np.sqrt(np.clip(picture[..., 3], 0, 1))
    return code * 255


def rays_about(
    positions: NDArray, normals: NDArray, numbers: NDArray, directions: NDArray, offset: float
) -> tuple:
    normals = normals[numbers].astype(np.float64)
    origins = positions[numbers] + offset * normals
    angle = (numbers * 0.6180339887 % 1.0) * 2 * np.pi
    flat = np.where(np.abs(normals[:, 2:]) < 0.7, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    across = np.cross(normals, flat)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    beside = np.cross(normals, across)
    c, s = np.cos(angle)[:, np.newaxis], np.sin(angle)[:, np.newaxis]
    frame = np.stack([c * across + s * beside, c * beside - s * across, normals], axis=1)
    own = directions[numbers % len(directions)]
    ways = np.einsum("nrk,nkj->nrj", own, frame)
    return np.repeat(origins, own.shape[1], axis=0), ways.reshape(-1, 3)


def mean_sent(sent: NDArray, hits: NDArray) -> NDArray:
    return np.concatenate([sent, np.zeros((1, 3))])[np.maximum(hits, -1)].mean(axis=1)


def mean_sky(colors: NDArray, ways: NDArray, hits: NDArray) -> NDArray:
    overhead, horizon, below = colors
    up = ways[:, 1].reshape(*hits.shape, 1).astype(np.float64)
    over, under = 1 - (1 - np.clip(up, 0, 1)) ** 2, np.clip(-4 * up, 0, 1)
    light = np.where(up >= 0, horizon * (1 - over) + overhead * over, horizon * (1 - under) + below * under)
    return (light * (hits < 0)[..., np.newaxis]).mean(axis=1)


def spot_light(positions: NDArray, normals: NDArray, spots: NDArray, offset: float, each: int) -> NDArray:
    """(V, 4) where nothing is in the way."""
    light = np.zeros((len(positions), 4))
    for k, spot in enumerate(spots):
        place, front, sent, most, far = spot[:3], spot[3:6], spot[6:10], spot[10], spot[11]
        normal = normals.astype(np.float64)
        away = place - (positions + offset * normal)
        if far:
            weight = np.maximum(normal @ place, 0)
        else:
            square = np.maximum((away * away).sum(axis=1), 1e-4)
            cosine, facing = (away * normal).sum(axis=1), -(away @ front)
            weight = np.minimum(np.maximum(cosine, 0) * np.maximum(facing, 0) / square**2, most)
        asked = (np.arange(len(positions)) + k + k // each) % each == 0
        light[:, :3] += (each * asked * weight)[:, np.newaxis] * sent[:3]
        light[:, 3] += each * (asked & (weight > 0)) * sent[3]
    return light


def evened(values: NDArray, pairs: NDArray, rounds: int) -> NDArray:
    for _ in range(rounds):
        total, weight = values.copy(), np.ones(len(values))
        for a, b in ((0, 1), (1, 0)):
            np.add.at(weight, pairs[:, a], 1)
            np.add.at(total, pairs[:, a], values[pairs[:, b]])
        values = total / weight[:, np.newaxis]
    return values
