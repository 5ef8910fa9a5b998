"""Stereo matching: how far to the left the right camera sees what each pixel of the left picture shows.

    left   . . . A . .        shift of A = 2 px: near things shift far, far things little;
    right  . A . . . .        x_right = x_left - shift

Semi-global matching: a census and brightness cost for each pixel and shift, gathered along five or eight
paths on which changes of shift are charged; winners that the right view confirms are kept, the others are
holes or filled from behind; edges are drawn to those of the picture, and weak shifts to the plane around
them. The same bits with any number of threads and any of the CPUs that a build is for.

Source: Hirschmüller, "Stereo Processing by Semiglobal Matching and Mutual Information", PAMI 2008.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.errors import EstimationError

__all__ = ["Effort", "StereoMatch", "match_stereo"]

Effort = Literal["fast", "standard", "best"]

MOST_SHIFT = 511
"""The largest ``max_shift``, px: shifts are kept in 16 bits with 6 of them for parts of a pixel."""

_OCCLUDED = 1
"""The state bit of a pixel that the right camera does not see (native/estimate/stereo/checks.hpp)."""


@dataclass(frozen=True, slots=True, eq=False)
class StereoMatch:
    """What `match_stereo` found, for the left picture (H, W).

    Attributes:
        shift: float32 px, 0 or more; NaN where nothing was found (nowhere, if filled).
        confidence: float32 0..1, how far ahead of the second best the matches around were, less near steps
            of the shift and where few were kept; 0 where there is no shift. A filled pixel has what the kept
            ones around it give it.
        occluded: bool, what the left camera sees and the right one does not.
        max_shift: the range that was searched, px.
        effort: how much time was spent.
    """

    shift: NDArray[np.float32]
    confidence: NDArray[np.float32]
    occluded: NDArray[np.bool_]
    max_shift: int
    effort: Effort

    def __post_init__(self) -> None:
        shape = np.shape(self.shift)
        for name in ("shift", "confidence", "occluded"):
            array = np.asarray(getattr(self, name))
            if array.ndim != 2 or array.shape != shape:
                raise ValueError(f"{name} must be (H, W) as shift is, {shape}; got {array.shape}")
            object.__setattr__(self, name, _read_only(array.copy() if array.flags.writeable else array))

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Where there is a shift, bool (H, W)."""
        return _read_only(~np.isnan(self.shift))

    def __reduce__(self) -> tuple[type[StereoMatch], tuple[Any, ...]]:
        return type(self), (self.shift, self.confidence, self.occluded, self.max_shift, self.effort)


def match_stereo(
    left: NDArray[Any],
    right: NDArray[Any],
    *,
    max_shift: int | Literal["auto"] = 128,
    effort: Effort = "standard",
    fill: bool = False,
    cancel: threading.Event | None = None,
) -> StereoMatch:
    """Match a rectified pair: rows of both pictures see the same things.

    Args:
        left: (H, W) grey or (H, W, 3) RGB, uint8 or uint16.
        right: the same size, channels and dtype.
        max_shift: px, 1..511: shifts of 0 up to less than this are searched. "auto" looks how far things move
            in both pictures made small, and misses what is near and covers less than 1/1000 of them.
        effort: "fast" matches at half size, then at full size near what it found; "standard" searches all at
            full size; "best" does so twice, the second time near what it found, along more paths, and takes
            some four times as long. Pictures below 32 px know no "fast".
        fill: give every pixel a shift, from what lies behind where the right camera sees nothing.
        cancel: set by another thread, it ends the call.

    Returns:
        Shifts of the left view, from its left border on. Two constant pictures match nowhere.

    Raises:
        EstimationError: pictures that differ in size or kind; a max_shift that the width can't hold; an
            unknown effort.
        TypeError: another dtype, or a cancel that is no event.
        concurrent.futures.CancelledError: `cancel` was set.
    """
    left, right = _checked_pair(left, right)
    height, width = left.shape[:2]
    if effort not in get_args(Effort):
        raise EstimationError(f"effort must be 'fast', 'standard' or 'best', not {effort!r}")
    max_shift = _checked_range(max_shift, left, right)
    channels = left.shape[2] if left.ndim == 3 else 1
    shift, state, rating = _native.match_stereo(
        left.reshape(height, width * channels),
        right.reshape(height, width * channels),
        channels,
        int(max_shift),
        get_args(Effort).index(effort),
        cancel,
    )
    confidence = rating * np.float32(1 / 255)
    if not fill:
        kept = state == 0
        shift = np.where(kept, shift, np.float32("nan"))
        confidence = np.where(kept, confidence, np.float32(0))
    return StereoMatch(
        shift=_read_only(shift),
        confidence=_read_only(confidence),
        occluded=_read_only((state & _OCCLUDED).view(np.bool_)),
        max_shift=max_shift,
        effort=effort,
    )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _checked_range(
    max_shift: int | Literal["auto"], left: NDArray[np.uint8], right: NDArray[np.uint8]
) -> int:
    """The number of shifts to search; "auto" is looked for."""
    if max_shift == "auto":
        from nearfar.estimate.shift_range import find_max_shift

        return min(find_max_shift(left, right), MOST_SHIFT)
    if isinstance(max_shift, bool) or not isinstance(max_shift, int | np.integer):
        raise TypeError(f"max_shift must be a whole number or 'auto', not {max_shift!r}")
    if not 1 <= max_shift <= MOST_SHIFT:
        raise EstimationError(
            f"max_shift must be 1..{MOST_SHIFT} px, not {max_shift}; match smaller pictures for more"
        )
    if max_shift > left.shape[1]:
        raise EstimationError(
            f"max_shift {max_shift} px is more than the pictures' width, {left.shape[1]} px"
        )
    return int(max_shift)


def _checked_pair(left: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both contiguous, uint8 or spread over uint16, (H, W) or (H, W, 3)."""
    left, right = np.asarray(left), np.asarray(right)
    for name, picture in (("left", left), ("right", right)):
        if picture.dtype not in (np.uint8, np.uint16):
            raise TypeError(f"{name} must be uint8 or uint16, not {picture.dtype}")
        if picture.ndim not in (2, 3) or picture.size == 0 or (picture.ndim == 3 and picture.shape[2] != 3):
            raise EstimationError(f"{name} must be a picture (H, W) or (H, W, 3), not {picture.shape}")
    if left.shape[:2] != right.shape[:2]:
        sizes = " and ".join(f"{p.shape[1]}×{p.shape[0]}" for p in (left, right))
        raise EstimationError(f"the pictures differ in size: {sizes} px")
    if left.ndim != right.ndim or left.dtype != right.dtype:
        kinds = " and ".join(f"{p.shape} {p.dtype}" for p in (left, right))
        raise EstimationError(
            f"the pictures must be of one kind: both grey or both RGB, one dtype; got {kinds}"
        )
    if left.dtype == np.uint16:
        left, right = _spread(left, right)
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


def _spread(left: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Both scaled alike, so that all but the brightest 0.1 % fill 16 bits: 10 or 12 keep their contrast."""
    counts = np.bincount(left.ravel(), minlength=1 << 16) + np.bincount(right.ravel(), minlength=1 << 16)
    brightest = int(np.searchsorted(np.cumsum(counts), 0.999 * counts.sum()))
    table = np.minimum(np.arange(1 << 16) * (65535.0 / max(brightest, 255)) + 0.5, 65535.0).astype(np.uint16)
    return table[left], table[right]
