"""Twin of native/scene: rays against every face, planes, bilinear halvings, a sensor and its print."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def first_faces(positions: NDArray, faces: NDArray, rays: NDArray) -> tuple[NDArray, NDArray]:
    """The nearest face of each ray from the origin, or -1; and where rounding may decide otherwise."""
    directions = rays.astype(np.float64)
    nearest = np.full(len(rays), np.inf)
    best = np.full(len(rays), -1, np.int32)
    doubtful = np.zeros(len(rays), bool)
    for index, face in enumerate(faces):
        a, b, c = positions[face].astype(np.float64)
        volume = a @ np.cross(b, c)
        if volume == 0:
            continue
        edges = np.stack([directions @ np.cross(p, q) for p, q in ((b, c), (c, a), (a, b))]) / volume
        scale = np.array([np.linalg.norm(np.cross(p, q)) for p, q in ((b, c), (c, a), (a, b))]) / abs(volume)
        with np.errstate(divide="ignore"):
            depth = 1 / edges.sum(axis=0)
        inside = (edges >= 0).all(axis=0) & (depth > 0)
        near_edge = (np.abs(edges) < 1e-6 * scale[:, np.newaxis]).any(axis=0)
        doubtful |= near_edge & (edges > -2e-6 * scale[:, np.newaxis]).all(axis=0)
        doubtful |= inside & np.isfinite(nearest) & (np.abs(depth / nearest - 1) < 1e-5)
        wins = inside & (depth < nearest)
        nearest[wins] = depth[wins]
        best[wins] = index
    return best, doubtful


def depths(positions: NDArray, faces: NDArray, rays: NDArray, hits: NDArray) -> NDArray:
    """Where each ray meets the plane of its face."""
    corners = positions[faces[np.maximum(hits, 0)]].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        return (corners[:, 0] * normal).sum(-1) / (rays * normal).sum(-1)


def sky(colors: NDArray, directions: NDArray) -> NDArray:
    """Overhead, horizon and below by how far a direction points up."""
    overhead, horizon, below = colors
    up = (directions / np.linalg.norm(directions, axis=1, keepdims=True))[:, 1:2]
    over = 1 - (1 - np.clip(up, 0, 1)) ** 2
    under = np.clip(-4 * up, 0, 1)
    upper = horizon * (1 - over) + overhead * over
    return np.where(up >= 0, upper, horizon * (1 - under) + below * under)


def texture(picture: NDArray[np.uint8], place: NDArray, footprint: float) -> NDArray:
    """Linear colours at texture coordinates (N, 2) over a square footprint that both axes share."""
    level, levels = picture, [picture]
    while max(level.shape[:2]) > 1:
        level = _half(level)
        levels.append(level)
    height, width = picture.shape[:2]
    # The footprint is longer along the axis with more texels: it is covered by taps along that axis.
    longer, shorter = footprint * max(height, width), footprint * min(height, width)
    shorter = max(shorter, longer / 4, 1.0)
    taps = min(max(math.ceil(longer / shorter - 0.01), 1), 4)
    mantissa, exponent = math.frexp(shorter * shorter)
    at = min((exponent - 1 + 2 * mantissa - 1) / 2, len(levels) - 1.0)
    fine, share = int(at), at - int(at)
    total = np.zeros((len(place), 3))
    axis = 0 if width >= height else 1
    for tap in range(taps):
        moved = place - np.floor(place)
        if taps > 1:
            moved[:, axis] += footprint * ((tap + 0.5) / taps - 0.5)
        total += (1 - share) * _bilinear(levels[fine], moved) / taps
        if share > 0:
            total += share * _bilinear(levels[fine + 1], moved) / taps
    return total


def _half(level: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = level.shape[:2]
    down, across = min(height, 2), min(width, 2)
    squares = level.astype(np.float64) ** 2
    blocks = squares.reshape(height // down, down, width // across, across, 4)
    return (np.sqrt(blocks.mean(axis=(1, 3))) + 0.5).astype(np.uint8)


def _bilinear(level: NDArray[np.uint8], place: NDArray) -> NDArray:
    height, width = level.shape[:2]
    linear = (level[..., :3] / 255.0) ** 2
    x, y = place[:, 0] * width - 0.5, place[:, 1] * height - 0.5
    left, upper = np.floor(x).astype(int), np.floor(y).astype(int)
    right, lower = (x - left)[:, np.newaxis], (y - upper)[:, np.newaxis]

    def at(dy: int, dx: int) -> NDArray:
        return linear[(upper + dy) % height, (left + dx) % width]

    top = at(0, 0) * (1 - right) + at(0, 1) * right
    return top * (1 - lower) + (at(1, 0) * (1 - right) + at(1, 1) * right) * lower


def develop(
    linear: NDArray[np.float32],
    exposure: float,
    electrons: float,
    read_noise: float,
    vignetting: float,
    seed: int,
) -> NDArray[np.int64]:
    height, width = linear.shape[:2]
    y, x = np.mgrid[:height, :width] + 0.5 - np.array((height, width)).reshape(2, 1, 1) / 2
    gain = exposure * (1 - vignetting * (x * x + y * y) / (height * height + width * width) * 4)
    light = np.clip(linear.astype(np.float64) * gain[..., np.newaxis], 0, 1e6)
    if electrons > 0:
        spread = np.sqrt(light * electrons + read_noise**2)
        draws = np.array([_normal((_hash(seed) + i) % 2**64) for i in range(linear.size)]).reshape(
            linear.shape
        )
        light = np.maximum(light + spread * draws / electrons, 0)
    share = np.floor(light / (light + 1) * 8192 + 0.5) / 8192
    with np.errstate(divide="ignore"):
        stepped = np.where(share < 1, share / (1 - np.minimum(share, 1 - 1e-9)), 1e9)
        print_ = np.where(stepped <= 0.5, stepped, 1 - 0.25 / stepped)
    code = np.where(print_ <= 0.0031308, 12.92 * print_, 1.055 * print_ ** (1 / 2.4) - 0.055)
    return np.clip(code * 255 + 0.5, 0, 255).astype(np.int64)


def _hash(key: int) -> int:
    key = (key + 0x9E3779B97F4A7C15) % 2**64
    key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) % 2**64
    return key ^ (key >> 31)


def _normal(key: int) -> float:
    total = 0
    for half in range(2):
        drawn = _hash((2 * key + half) % 2**64)
        total += sum((drawn >> (16 * k)) & 0xFFFF for k in range(4))
    return (total - 4 * 65535) / 53509.8
