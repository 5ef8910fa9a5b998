"""How far things move between two pictures: the range of shifts that a matcher has to search.

    both pictures, small ── match over most of the width ──▶ shifts ── largest that can be believed ──▶ range

At a small size the whole range costs little. What matches there is believed where it covers a part of the
picture, or lies not far beyond what does: a repeated pattern also matches itself, far off, in specks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native

__all__ = ["find_max_shift"]

_WIDTH = 240
"""Pictures are searched at this width, px; narrower ones as they are."""
_REACH = 0.6
"""The share of the width that is searched: what is nearer shows the two cameras different things."""
_PART = 0.0025
"""The share of the picture that shifts without a step must cover to be believed by themselves."""
_BEYOND = 1.5
"""Up to this many times the largest of those, others are believed too."""
_STRAY = 0.0002
"""The share of the picture that may have still larger shifts: they are taken for strays."""
_MARGIN = 1.05
_MARGIN_PIXELS = 0.25
"""What small pictures may hide, px of theirs."""
_STEP = 16


def find_max_shift(left: NDArray[Any], right: NDArray[Any]) -> int:
    """The range of shifts to search in a rectified pair: what ``max_shift="auto"`` takes.

    Args:
        left: (H, W) or (H, W, C) uint8 or uint16.
        right: the same, of the same size.

    Returns:
        Px, at least the largest shift of things that cover about 1/1000 of the picture; a multiple of 16, or
        the width where that is less.
    """
    from nearfar.estimate.matching import match_stereo

    height, width = int(left.shape[0]), int(left.shape[1])
    size = (min(width, _WIDTH), max(1, round(height * min(width, _WIDTH) / width)))
    found = match_stereo(
        _small(left, size), _small(right, size), max_shift=max(1, int(_REACH * size[0])), effort="standard"
    )
    largest = _largest_believed(np.where(found.valid, found.shift, np.float32(np.nan)))
    if largest is None:
        return min(width, _STEP * max(1, round(width / 8 / _STEP)))
    needed = (largest * _MARGIN + _MARGIN_PIXELS) * width / size[0]
    return min(width, _STEP * max(1, int(np.ceil(needed / _STEP))))


def _small(picture: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """The picture in gray at another (width, height), its range of values kept."""
    gray = picture[..., :3].mean(axis=2, dtype=np.float32) if picture.ndim == 3 else picture
    whole = np.ascontiguousarray(gray, dtype=np.float32)
    return np.rint(_native.resample(whole, size[1], size[0], 0)).astype(picture.dtype)


def _largest_believed(shift: NDArray[np.float32]) -> float | None:
    """The largest shift but for strays; None where nothing was found."""
    large = shift[_areas(shift) >= _PART * shift.size]
    if large.size:
        return _but_for_strays(shift[shift <= _BEYOND * _but_for_strays(large, shift.size)], shift.size)
    there = shift[np.isfinite(shift)]
    return _but_for_strays(there, shift.size) if there.size else None


def _but_for_strays(values: NDArray[np.float32], pixels: int) -> float:
    """The largest value when a small share of that many pixels is left out."""
    return float(np.sort(values)[-1 - min(int(_STRAY * pixels), values.size - 1)])


def _areas(shift: NDArray[np.float32]) -> NDArray[np.intp]:
    """How many pixels belong to the part that each lies in: neighbours in it differ by 1 px at most.

    Every pixel takes the least label around it, and then the label of that label, until nothing changes.
    """
    label = np.arange(shift.size).reshape(shift.shape)
    across, down = (np.abs(np.diff(shift, axis=axis)) <= 1.0 for axis in (1, 0))
    while True:
        least = label.copy()
        for joined, here, there in (
            (across, np.s_[:, 1:], np.s_[:, :-1]),
            (across, np.s_[:, :-1], np.s_[:, 1:]),
            (down, np.s_[1:], np.s_[:-1]),
            (down, np.s_[:-1], np.s_[1:]),
        ):
            np.minimum(least[here], label[there], out=least[here], where=joined)
        parent = np.arange(shift.size)
        np.minimum.at(parent, label.ravel(), least.ravel())
        least = parent[parent][label]
        if np.array_equal(least, label):
            break
        label = least
    areas: NDArray[np.intp] = np.bincount(label.ravel(), minlength=shift.size)[label]
    return np.where(np.isnan(shift), 0, areas)
