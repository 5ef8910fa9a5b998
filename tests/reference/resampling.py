"""Twin of native/depth/resample: weights of each axis as a matrix, summed in a fixed order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def resample(values: NDArray[np.float32], height: int, width: int, method: int) -> NDArray[np.float32]:
    if method == 1:
        rows = (2 * np.arange(height) + 1) * values.shape[0] // (2 * height)
        columns = (2 * np.arange(width) + 1) * values.shape[1] // (2 * width)
        return values[np.ix_(rows, columns)]
    down, across = axis_weights(values.shape[0], height), axis_weights(values.shape[1], width)
    finite, infinite = np.isfinite(values), np.isposinf(values)
    planes = np.stack([np.where(finite, values, 0).astype(np.float64), finite * 1.0, infinite * 1.0])
    total, known, far = _sum_in_order(across, _sum_in_order(down, planes, axis=1), axis=2)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = (total / known).astype(np.float32)
    mean[far > known] = np.inf
    mean[known + far < 0.5 - 1e-9] = np.nan
    return mean


def axis_weights(source: int, target: int) -> NDArray[np.float64]:
    """(target, source): how much each source pixel counts in each target pixel; rows add up to 1."""
    weights = np.zeros((target, source))
    for i in range(target):
        if target < source:  # cover: shares of [i·source, (i+1)·source), in 1/target pixels
            for j in range(source):
                shared = min((i + 1) * source, (j + 1) * target) - max(i * source, j * target)
                if shared > 0:
                    weights[i, j] = shared / source
        else:  # interpolate: the centre in units of 1/(2·target) of a source pixel, beyond the first centre
            offset = max((2 * i + 1) * source - target, 0)
            left, rest = divmod(offset, 2 * target)
            right = rest / (2 * target) if left + 1 < source else 0.0
            weights[i, left] = 1.0 - right
            if right:
                weights[i, left + 1] = right
    return weights


def _sum_in_order(
    weights: NDArray[np.float64], planes: NDArray[np.float64], axis: int
) -> NDArray[np.float64]:
    """Weighted sums along an axis of (3, H, W), one source pixel after the other; weight 0 adds nothing."""
    target, source = weights.shape
    shape = list(planes.shape)
    shape[axis] = target
    sums = np.zeros(shape)
    spread = [1, 1, 1]
    spread[axis] = target
    for j in range(source):
        sums += weights[:, j].reshape(spread) * planes.take([j], axis=axis)
    return sums
