"""A picture with depth as it looks from a little beside where it was taken.

    disparity ── far to near, each pixel to where it is seen now ──▶ which pixel is seen where
    what near things hide, guessed from around it ── the same ─────▶ in the holes that they leave
    colour there ── bilinear, from where the surface says exactly ──▶ the picture, with its disparity

The camera slides in its own plane, and its picture is shifted to keep one disparity in place: its principal
point moves. Two layers, after Shade et al., "Layered Depth Images", SIGGRAPH 1998.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Parallax"]

_STEP = 1.0
"""Pixels that two neighbours must move apart for one of them to hide something."""
_RIM = 2
"""Pixels beside an edge whose colour is mixed from both sides."""
_BESIDE = 4
"""So many times the reach of the motion, a near thing says nothing of what is behind its edge."""
_SLOPE = 4
"""Pixels that a map blurred over an edge takes from one side to the other, at most, and half of that."""
_CRACK = 2
"""Pixels: holes no wider than this are closed from beside."""
_STEEP = 0.1
"""The share of the nearer disparity by which both sides of an edge differ."""


class Parallax:
    """A picture and its disparity, ready to be seen from elsewhere.

    Args:
        color: (H, W, 3) uint8, with a margin all around of what comes into view by the motion.
        disparity: (H, W) float32, finite.
        size: (width, height) px of what is seen, in the middle.
        reach: px that the nearest or farthest thing moves at most.

    Attributes:
        still: the disparity that stays in place.
        slide: px that one unit of disparity moves at the end of the reach.
    """

    def __init__(
        self, color: NDArray[np.uint8], disparity: NDArray[np.float32], size: tuple[int, int], reach: float
    ) -> None:
        low, high = (float(value) for value in np.quantile(disparity, (0.005, 0.995)))
        self.still = (low + high) / 2.0
        self.slide = reach / max((high - low) / 2.0, 1e-6 * max(abs(self.still), 1e-30))
        self._low, self._high = low, high
        height, width = disparity.shape
        self._inner = ((width - size[0]) // 2, (height - size[1]) // 2)
        self._size = size
        disparity = _crisp(disparity)
        self._front = _Layer.of(color, disparity, np.ones(disparity.shape, np.bool_))
        hidden, beside = self._hidden(disparity)
        self._behind = _Layer.of(*_pulled_in(color, disparity, beside), hidden)

    def _hidden(self, disparity: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(H, W) bool: near an edge before a farther thing, which the motion may show there; and what
        tells nothing of that farther thing, being near as well.
        """
        reach = math.ceil(self.slide * (self._high - self._low)) + 1
        moved = np.clip(disparity, self._low, self._high) * np.float32(self.slide)
        hides = moved - _least_around(moved, 1) > _STEP
        hidden = (moved - _least_around(moved, reach) > _STEP) & _spread(hides, reach)
        least, most = (sign * _least_around(sign * moved, _BESIDE * reach) for sign in (1, -1))
        near = (moved - least > (most - least) / 2) & _spread(hides, _BESIDE * reach)
        return hidden, _spread(near | hidden, _RIM + 1)

    def seen_from(self, x: float, y: float) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """The picture (h, w, 3) and its disparity (h, w) from (x, y), in -1..1 of the reach to each side."""
        slide = (np.float32(-x * self.slide), np.float32(-y * self.slide))
        (width, height), (left, top) = self._size, self._inner
        columns = np.arange(left, left + width, dtype=np.float32)
        rows = np.arange(top, top + height, dtype=np.float32)[:, np.newaxis]
        source = self._source(self._front, slide)
        disparity = self._front.disparity.ravel()[np.maximum(source, 0)]
        motion = self._motion(disparity)
        color = _sampled(self._front.color, columns - slide[0] * motion, rows - slide[1] * motion)
        if (source < 0).any():
            behind = self._source(self._behind, slide)
            y_, x_ = np.nonzero((source < 0) & (behind >= 0))
            disparity[y_, x_] = self._behind.disparity.ravel()[behind[y_, x_]]
            motion = self._motion(disparity[y_, x_])
            color[y_, x_] = _sampled(
                self._behind.color,
                x_ + np.float32(left) - slide[0] * motion,
                y_ + np.float32(top) - slide[1] * motion,
            )
            _patch(color, disparity, (source < 0) & (behind < 0))
        return np.ascontiguousarray(color.view(np.uint8).reshape(height, width, 4)[..., :3]), disparity

    def _motion(self, disparity: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.clip(disparity, self._low, self._high) - np.float32(self.still)

    def _source(self, layer: _Layer, slide: tuple[np.float32, np.float32]) -> NDArray[np.int32]:
        """(h, w): which pixel of the layer is seen, counted along its rows; -1 where none is."""
        (width, height), (left, top) = self._size, self._inner
        motion = self._motion(layer.ordered)
        x = layer.x + np.rint(slide[0] * motion).astype(np.int32) - left
        y = layer.y + np.rint(slide[1] * motion).astype(np.int32) - top
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        seen = np.full(width * height, -1, np.int32)
        # The nearest is written last, and stays.
        seen[(y * width + x)[inside]] = layer.order[inside]
        return _closed(seen.reshape(height, width), layer.disparity)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A surface: packed colours (H, W), disparity (H, W), and its pixels from far to near."""

    color: NDArray[np.uint32]
    disparity: NDArray[np.float32]
    order: NDArray[np.int32]
    ordered: NDArray[np.float32]
    x: NDArray[np.int32]
    y: NDArray[np.int32]

    @classmethod
    def of(cls, color: NDArray[np.uint8], disparity: NDArray[np.float32], part: NDArray[np.bool_]) -> _Layer:
        packed = np.zeros((*disparity.shape, 4), np.uint8)
        packed[..., :3] = color
        chosen = np.flatnonzero(part)
        order = chosen[np.argsort(disparity.ravel()[chosen], kind="stable")].astype(np.int32)
        y, x = np.divmod(order, np.int32(disparity.shape[1]))
        return cls(packed.view(np.uint32)[..., 0], disparity, order, disparity.ravel()[order], x, y)


def _sampled(packed: NDArray[np.uint32], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.uint32]:
    """Bilinear samples of packed colours, two channels in one word: weights are of 1/16."""
    height, width = packed.shape
    x = np.clip(x, 0, np.float32(width - 1.01))
    y = np.clip(y, 0, np.float32(height - 1.01))
    left, top = x.astype(np.int32), y.astype(np.int32)
    across = ((x - left) * np.float32(16)).astype(np.uint32)
    down = ((y - top) * np.float32(16)).astype(np.uint32)
    start = top * np.int32(width) + left
    flat = packed.ravel()
    weights = ((16 - across) * (16 - down), across * (16 - down), (16 - across) * down, across * down)
    even = np.full(x.shape, 0x00800080, np.uint32)
    odd = even.copy()
    for offset, weight in zip((0, 1, width, width + 1), weights, strict=True):
        value = flat[start + np.int32(offset)]
        even += (value & np.uint32(0x00FF00FF)) * weight
        odd += ((value >> np.uint32(8)) & np.uint32(0x00FF00FF)) * weight
    result: NDArray[np.uint32] = ((even >> np.uint32(8)) & np.uint32(0x00FF00FF)) | (
        odd & np.uint32(0xFF00FF00)
    )
    return result


def _patch(color: NDArray[np.uint32], disparity: NDArray[np.float32], holes: NDArray[np.bool_]) -> None:
    """Fill the few pixels that neither layer covers from the farther one of their neighbours, in place."""
    for _ in range(64):
        rows, columns = np.nonzero(holes)
        if not len(rows):
            return
        best = np.full(len(rows), np.inf, np.float32)
        picked = np.full(len(rows), -1, np.int64)
        height, width = holes.shape
        for down, right in ((0, -1), (0, 1), (-1, 0), (1, 0)):
            y, x = np.clip(rows + down, 0, height - 1), np.clip(columns + right, 0, width - 1)
            better = ~holes[y, x] & (disparity[y, x] < best)
            best[better] = disparity[y, x][better]
            picked[better] = (y * width + x)[better]
        found = picked >= 0
        target = rows[found], columns[found]
        color[target] = color.ravel()[picked[found]]
        disparity[target] = disparity.ravel()[picked[found]]
        holes[target] = False


def _closed(source: NDArray[np.int32], disparity: NDArray[np.float32]) -> NDArray[np.int32]:
    """Close holes up to `_CRACK` pixels wide by the farther of their sides: a surface that turns away gets
    them, or an edge so low that what is behind it is as good as beside it.
    """
    height, width = source.shape
    seen, flat = source.reshape(-1), disparity.reshape(-1)
    for wide in range(1, _CRACK + 1):
        for step, last in ((1, width), (width, height)):
            holes = np.flatnonzero(seen < 0)
            place = holes % width if step == 1 else holes // width
            holes = holes[(place > 0) & (place + wide < last)]
            before, within, after = (seen[holes + step * k] for k in (-1, wide - 1, wide))
            chosen = (before >= 0) & (within < 0) & (after >= 0)
            a, b = before[chosen], after[chosen]
            for k in range(wide):
                seen[holes[chosen] + step * k] = np.where(flat[a] < flat[b], a, b)
    return source


def _crisp(disparity: NDArray[np.float32]) -> NDArray[np.float32]:
    """The map with slopes between near and far made into steps, a little outside of what is near: what is
    mixed of both at its rim stays with it, where it is not seen.
    """
    for _ in range(2):
        least, most = _least_around(disparity, _SLOPE), -_least_around(-disparity, _SLOPE)
        steep = most - least > _STEEP * np.maximum(np.abs(most), 1e-6)
        near = disparity - least > most - disparity
        disparity = np.where(steep, np.where(near, most, least), disparity)
    most = -_least_around(-disparity, _RIM)
    return np.where(most - disparity > _STEEP * np.abs(most), most, disparity)


def _least_around(values: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """The least value in the square of that radius around each pixel."""
    for axis in (0, 1):
        padded = np.pad(values, [(radius, radius) if k == axis else (0, 0) for k in (0, 1)], mode="edge")
        width = 1
        while width < 2 * radius + 1:  # windows grow: the least of two that overlap is that of both
            step = min(width, 2 * radius + 1 - width)
            count = padded.shape[axis] - step
            parts = np.split(padded, [count], axis=axis)[0], np.split(padded, [step], axis=axis)[1]
            padded = np.minimum(*parts)
            width += step
        values = padded
    return values


def _spread(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """The mask, larger by a radius to all sides."""
    return np.asarray(_least_around(np.where(mask, np.float32(0), np.float32(1)), radius) == 0)


def _pulled_in(
    color: NDArray[np.uint8], disparity: NDArray[np.float32], hidden: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Colour and disparity with the hidden part guessed: what is known around it, drawn into it.

    Push-pull (Gortler et al., "The Lumigraph", SIGGRAPH 1996): means of what is known at ever coarser scales.
    """
    known = ~hidden
    values = np.concatenate([color.astype(np.float32), disparity[..., np.newaxis]], axis=-1)
    filled = _push_pull(values * known[..., np.newaxis], known.astype(np.float32))
    return np.rint(np.clip(filled[..., :3], 0, 255)).astype(np.uint8), np.ascontiguousarray(filled[..., 3])


def _push_pull(values: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted values (H, W, C) where the weight is, and their coarser means where it is not."""
    height, width = weight.shape
    if min(height, width) <= 2:
        total = max(float(weight.sum()), 1e-6)
        mean = values.sum(axis=(0, 1)) / np.float32(total)
        return np.asarray(values + (1 - weight)[..., np.newaxis] * mean)
    padding = [(0, height % 2), (0, width % 2)]

    def halved(array: NDArray[Any]) -> NDArray[Any]:
        wide = np.pad(array, [*padding, *[(0, 0)] * (array.ndim - 2)], mode="edge")
        return np.asarray(wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2])

    known = halved(weight)
    scale = np.minimum(known, 1) / np.maximum(known, np.float32(1e-6))
    coarse = _push_pull(halved(values) * scale[..., np.newaxis], np.minimum(known, 1))
    return np.asarray(values + (1 - weight)[..., np.newaxis] * _doubled(coarse, height, width))


def _doubled(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Twice the size, smoothly: a quarter from the next pixel."""
    for axis, count in ((0, height), (1, width)):
        side = values.shape[axis]
        before = np.take(values, np.maximum(np.arange(side) - 1, 0), axis=axis)
        after = np.take(values, np.minimum(np.arange(side) + 1, side - 1), axis=axis)
        pair = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis=axis + 1)
        shape = list(values.shape)
        shape[axis] *= 2
        values = np.take(pair.reshape(shape), np.arange(count), axis=axis)
    return values.astype(np.float32)
