"""The grain of a picture, measured, so that what a blur removes can be put back.

blocks of 8 × 8 px ── flat ones, by brightness ──▶ how strong, how coarse, how much alike in the channels
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native

__all__ = ["Grain", "add_grain", "measure_grain"]

_LEVELS = 32
_BINS = 12
_BLOCK = 8
_MOST_BLOCKS = 16384
_FEWEST = 24
_FLAT = 0.2
"""Share of the blocks of one brightness that count as flat: those with the least variance."""

_MOST_UNEVEN = 2.0
"""How much stronger than in the middle of all grain may be at one brightness: rough surfaces look alike."""

_LOW = 1.4
"""By how many deviations the mean of the lowest fifth of normal values lies below their mean."""

_GRAIN, _TEXTURE = 0.58, 0.66
"""Correlation of neighbours up to which it is all grain, and from which on it is all texture."""

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grain:
    """Grain of a picture, in its own samples (0..1 in integers).

    Attributes:
        levels: (3, 32) standard deviations at levels of brightness from 0 to 1: the mean of red, green and
            blue, of floats its square root.
        tap: 0..1: coarseness. The filter (tap, 1, tap) along both axes makes such grain from even grain.
        shared: 0..1: how much of it is the same in red, green and blue.
    """

    levels: Float32
    tap: float
    shared: float


def measure_grain(picture: NDArray[Any]) -> Grain | None:
    """Measure a sharp picture's grain; None where there is none.

    In the flattest blocks of each brightness what is left after a plane is taken out is grain, if neighbours
    are not too much alike. Rounding to integers does not count.

    Args:
        picture: (H, W, 3) uint8, uint16 or float32.
    """
    values, brightness = _blocks(picture)
    bins = np.minimum((brightness * _BINS).astype(int), _BINS - 1)
    rounding = (1 / np.iinfo(picture.dtype).max) ** 2 / 12 if picture.dtype.kind == "u" else 0.0
    places, deviations, flat = [], [], []
    for at in range(_BINS):
        own = values[bins == at]
        if len(own) < _FEWEST:
            continue
        chosen, variance = _flattest(_without_plane(own))
        grain = variance - rounding if variance.mean() > 2 * rounding else np.zeros(3, np.float32)
        texture = np.clip((_neighbours(chosen) - _GRAIN) / (_TEXTURE - _GRAIN), 0, 1)
        places.append((at + 0.5) / _BINS)
        deviations.append(np.sqrt(np.maximum(grain, 0)) * (1 - texture))
        flat.append(chosen)
    if not places or not np.any(deviations):
        return None
    rest = np.concatenate([part for part, deviation in zip(flat, deviations, strict=True) if deviation.any()])
    light = np.linspace(0, 1, _LEVELS)
    found = np.array(deviations)
    found = np.minimum(found, _MOST_UNEVEN * np.median(found[found.any(axis=1)], axis=0))
    levels = [np.interp(light, places, channel) for channel in found.T]
    return Grain(np.array(levels, np.float32), _tap(_neighbours(rest)), _shared(rest))


def add_grain(
    blurred: NDArray[Any],
    disparity: Float32,
    grain: Grain,
    *,
    focus_disparity: float,
    strength: float,
    cancel: threading.Event | None = None,
) -> NDArray[Any]:
    """Put grain back where a lens blur has removed it, in proportion to what it has removed.

    What a disc of radius r px leaves of grain is the share 1/(π r²) of its variance (more of coarse grain);
    the rest is added. The same bits come out every time.

    Args:
        blurred: (H, W, 3) of the dtype that was measured.
        disparity: (H, W), as given to the blur.
        grain: of the sharp picture.
        focus_disparity: as given to the blur.
        strength: as given to the blur.
        cancel: set by another thread, it ends the call.

    Raises:
        concurrent.futures.CancelledError: `cancel` was set.
    """
    return _native.add_grain(
        blurred, disparity, focus_disparity, strength, grain.levels, grain.tap, grain.shared, cancel=cancel
    )


def _blocks(picture: NDArray[Any]) -> tuple[Float32, Float32]:
    """Give (n, 8, 8, 3) blocks from all over the picture that are nowhere clipped, and their brightness."""
    down, across = (side // _BLOCK for side in picture.shape[:2])
    whole = picture[: down * _BLOCK, : across * _BLOCK].reshape(down, _BLOCK, across, _BLOCK, 3)
    step = max(1, int(np.ceil(np.sqrt(down * across / _MOST_BLOCKS))))
    chosen = whole[::step, :, ::step].swapaxes(1, 2).reshape(-1, _BLOCK, _BLOCK, 3)
    top = np.float32(np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1)
    values = chosen.astype(np.float32) / top
    spread = values.reshape(len(values), 3 * _BLOCK * _BLOCK)
    inside = spread.min(axis=1, initial=1) > 0
    if picture.dtype.kind == "u":
        inside &= spread.max(axis=1, initial=0) < 0.98
    values = values[inside]
    brightness = values.mean(axis=(1, 2, 3))
    return values, brightness if picture.dtype.kind == "u" else np.sqrt(np.minimum(brightness, 1))


def _without_plane(blocks: Float32) -> Float32:
    axis = np.arange(_BLOCK, dtype=np.float32) - np.float32((_BLOCK - 1) / 2)
    axis /= np.sqrt(np.square(axis).sum() * _BLOCK)
    rest = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    down = np.einsum("nyxc,y->nc", rest, axis)[:, None, None] * axis[:, None, None]
    right = np.einsum("nyxc,x->nc", rest, axis)[:, None, None] * axis[None, :, None]
    return np.asarray(rest - down - right, np.float32)


def _flattest(rest: Float32) -> tuple[Float32, Float32]:
    """Give the flattest blocks, by their green, and the variance of grain in each channel.

    The flattest blocks of mere grain have less than its variance, as χ² says; less still if it is coarse.
    """
    freedom = _BLOCK * _BLOCK - 3
    each = np.square(rest).sum(axis=(1, 2)) / freedom
    count = max(1, round(_FLAT * len(each)))
    chosen = rest[np.argsort(each[:, 1], kind="stable")[:count]]
    independent = freedom / (1 + 2 * _neighbours(chosen) ** 2) ** 2
    return chosen, np.sort(each, axis=0)[:count].mean(axis=0) / (1 - _LOW * np.sqrt(2 / independent))


def _neighbours(rest: Float32) -> float:
    """Give the correlation of green with its neighbours."""
    green = rest[..., 1].astype(np.float64)
    across = (green[:, :, 1:] * green[:, :, :-1]).mean()
    down = (green[:, 1:] * green[:, :-1]).mean()
    return float((across + down) / 2 / max(np.square(green).mean(), 1e-20))


def _tap(correlation: float) -> float:
    """Give t for which even grain, filtered by (t, 1, t), has this correlation: 2 t/(1 + 2 t²)."""
    wanted = min(max(correlation, 0.0), 0.66)
    if wanted < 1e-3:
        return 0.0
    return float((1 - np.sqrt(max(1 - 2 * wanted * wanted, 0.0))) / (2 * wanted))


def _shared(rest: Float32) -> float:
    """Give the correlation of green with red and blue."""
    red, green, blue = np.moveaxis(rest.astype(np.float64), 3, 0)
    power = [max(np.square(channel).mean(), 1e-20) for channel in (red, green, blue)]
    with_red = (red * green).mean() / np.sqrt(power[0] * power[1])
    with_blue = (blue * green).mean() / np.sqrt(power[2] * power[1])
    return float(np.clip((with_red + with_blue) / 2, 0, 1))
