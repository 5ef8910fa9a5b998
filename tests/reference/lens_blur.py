"""Twin of native/effects at full size: layers of a whole picture, laid over one another, no tiles.

It is for pictures whose blur lies behind the focus and stays below 8 px, with effort "fast": nothing is drawn
at a smaller size, no pixel is split, and nothing is uncovered.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHARP, LEAST_WIDTH, STEP = 0.5, 1.0, 0.2
TRUSTED, ALL_KNOWN, SLICES = 0.002, 0.999, 32

Map = NDArray[np.float64]


def layer_bounds(largest: float) -> list[float]:
    """Outer bounds of the layers behind the sharp one."""
    bounds: list[float] = []
    bound = SHARP
    while bound < largest:
        bound = bound + max(LEAST_WIDTH, STEP * bound) if bounds else 1.5 * LEAST_WIDTH
        bounds.append(bound)
    return bounds


def disc(radius: float) -> Map:
    """The share of a disc in each pixel, shrunk by what a pixel blurs; one pixel for a small one."""
    shrunk = np.sqrt(max(radius**2 - 4 / 12, 0))
    if shrunk < 0.3:
        return np.ones((1, 1))
    reach = int(np.ceil(shrunk - 0.5 + 1e-6))
    places = np.arange(-reach, reach + 1)
    x = places[:, np.newaxis] - 0.5 + (np.arange(SLICES) + 0.5) / SLICES
    half = np.sqrt(np.maximum(shrunk**2 - x**2, 0))
    if shrunk >= 3.4:  # whole columns, by their mean height
        half = half.mean(axis=1, keepdims=True)
    covered = np.minimum(half, places[:, np.newaxis, np.newaxis] + 0.5)
    covered = np.maximum(covered - np.maximum(-half, places[:, np.newaxis, np.newaxis] - 0.5), 0)
    weights = covered.mean(axis=2)
    return weights / weights.sum()


def widened(plane: Map, reach: int) -> Map:
    """With what is guessed beyond the border: first to the sides, then above and below."""
    for axis in (1, 0):
        pad = [(0, 0)] * plane.ndim
        pad[axis] = (reach, reach)
        plane = 0.7 * np.pad(plane, pad, mode="edge") + 0.3 * np.pad(plane, pad, mode="symmetric")
    return plane


def spread(plane: Map, weights: Map) -> Map:
    """Each pixel gathers; beyond the border it finds the border's pixel, and some of the mirrored picture."""
    reach = len(weights) // 2
    wide = widened(plane, reach)
    height, width = plane.shape
    total = np.zeros_like(plane)
    for (j, i), weight in np.ndenumerate(weights):
        total += weight * wide[j : j + height, i : i + width]
    return total


def blur_far(
    image: NDArray[np.float32], disparity: NDArray[np.float32], focus: float, strength: float
) -> Map:
    """Linear light of a picture (H, W, 3), blurred behind the focus."""
    circles = (np.float32(focus) - disparity) * np.float32(strength)
    assert circles.min() > -SHARP
    assert circles.max() < 8
    layers = np.digitize(circles, [SHARP, *layer_bounds(float(circles.max()))[:-1]])
    result, coverage = np.zeros(image.shape), np.zeros(disparity.shape)
    for layer in range(layers.max(), -1, -1):
        own = layers == layer
        if not own.any():
            continue
        radius = abs(float(circles[own].astype(np.float64).mean())) if layer else 0.0
        weights = disc(radius)
        seen = spread((layers >= layer).astype(np.float64), weights)
        mask = own.astype(np.float64)
        gain = 1 / np.maximum(seen, TRUSTED if len(weights) > 1 else 0.02)
        alpha = spread(mask, weights) * gain
        scale = np.where(alpha > 1, gain / np.maximum(alpha, 1e-9), gain)
        alpha = np.minimum(alpha, 1)
        for p in range(3):
            light = spread(mask * image[..., p], weights) * scale
            result[..., p] = result[..., p] * (1 - alpha) + light
        coverage = coverage * (1 - alpha) + alpha
    return result / np.maximum(coverage, 1e-4)[..., np.newaxis]
