"""What goes into a filter and what comes out: plain arrays as they are, a `DepthMap` as a `DepthMap`.

uint16 array   ──▶ uint16, holes 0                 ──▶ uint16 array
float array    ──▶ float32, holes NaN and 0        ──▶ float32 array
DepthMap       ──▶ float32, holes NaN              ──▶ DepthMap
"""

from __future__ import annotations

import operator
import warnings
from dataclasses import dataclass
from typing import Any, Generic, SupportsIndex, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import DepthKind, DepthMap
from nearfar.errors import EstimationError

Frame = TypeVar("Frame", bound=DepthMap | NDArray[Any])
"""A depth map: a DepthMap, or an (H, W) array of uint16 or floats."""


@dataclass(frozen=True, slots=True)
class Opened(Generic[Frame]):
    """A frame, and its numbers ready for a kernel: (H, W), C-contiguous, uint16 or float32."""

    frame: Frame
    values: NDArray[Any]

    @property
    def depth_map(self) -> DepthMap | None:
        """The frame when it is a DepthMap."""
        return self.frame if isinstance(self.frame, DepthMap) else None

    @property
    def kind(self) -> DepthKind | None:
        """What the numbers of a DepthMap mean; an array does not say."""
        return self.frame.kind if isinstance(self.frame, DepthMap) else None

    @property
    def zero(self) -> bool:
        """True when 0 is a hole as well as NaN."""
        return self.depth_map is None

    @property
    def step(self) -> float:
        """What one unit of a filter's `delta` is in these numbers."""
        return 1.0 if self.depth_map is None else 0.001

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(H, W) bool: True where there is a value."""
        known: NDArray[np.bool_] = ~np.isnan(self.values)
        if self.zero:
            known &= self.values != 0
        return known

    @property
    def floats(self) -> NDArray[np.float32]:
        """(H, W) float32 with NaN in every hole."""
        return np.where(self.valid, self.values, np.float32(np.nan)).astype(np.float32, copy=False)

    def settled(self, floats: NDArray[np.float32], *, fill: bool) -> Frame:
        """Smoothed `floats` as what the frame was.

        Holes stay what they were where `fill` is False or nothing is there; infinity stays. What lies beyond
        the frame's own values is cut to them, so that it fits their type and kind. Integers are rounded half
        to even.
        """
        kept = np.isnan(floats) | np.isinf(self.values)
        valid = self.valid
        if not fill:
            kept |= ~valid
        counted = self.values[valid & np.isfinite(self.values)]
        if counted.size:
            floats = np.clip(floats, np.float32(counted.min()), np.float32(counted.max()))
        if self.values.dtype == np.uint16:
            floats = np.rint(np.nan_to_num(floats, nan=0.0))
        merged = np.where(kept, self.values, floats).astype(self.values.dtype, copy=False)
        return self.closed(merged, filtered=True)

    def closed(self, values: NDArray[Any], *, filtered: bool) -> Frame:
        """New numbers as what the frame was, read-only.

        In a DepthMap what was a hole, or has become one, gets confidence 0.
        """
        values.flags.writeable = False
        source = self.depth_map
        if source is None:
            return cast("Frame", values)
        confidence = source.confidence
        if confidence is not None:
            confidence = np.where(source.valid & ~np.isnan(values), confidence, np.float32(0))
        made = source.replace(
            values=values.astype(source.dtype, copy=False),
            confidence=confidence,
            filtered=source.filtered or filtered,
        )
        return cast("Frame", made)


def opened(frame: Frame) -> Opened[Frame]:
    """Check a frame. Raises TypeError on another type or dtype, EstimationError on another shape."""
    if isinstance(frame, DepthMap):
        return Opened(frame, np.ascontiguousarray(frame.values, np.float32))
    if not isinstance(frame, np.ndarray):
        raise TypeError(f"give a DepthMap or a NumPy array (H, W), not {type(frame).__name__}")
    is_integer = frame.dtype.newbyteorder("=") == np.uint16
    if not is_integer and frame.dtype.kind != "f":
        raise TypeError(
            f"a depth array is uint16 (0 is a hole) or float (NaN is a hole); got {frame.dtype}. "
            "Convert it with .astype(np.uint16) or .astype(np.float32)"
        )
    if frame.ndim != 2 or 0 in frame.shape:
        raise EstimationError(f"a depth array has shape (H, W) with at least one pixel; got {frame.shape}")
    with np.errstate(over="ignore"):
        return Opened(frame, np.ascontiguousarray(frame, np.uint16 if is_integer else np.float32))


def whole(name: str, value: SupportsIndex, least: int, most: int, meaning: str = "") -> int:
    """A whole number in a range, or TypeError or EstimationError with the range in its message."""
    told = f"{name} must be a whole number {least}..{most}{meaning}; got {value!r}"
    try:
        number = operator.index(value)
    except TypeError:
        if isinstance(value, float | np.floating) and value.is_integer():
            number = int(value)
        else:
            raise TypeError(told) from None
    if not least <= number <= most:
        raise EstimationError(told)
    return number


def real(name: str, value: float, least: float, most: float, meaning: str = "") -> float:
    """A number in a range, or TypeError or EstimationError with the range in its message."""
    told = f"{name} must be a number {least:g}..{most:g}{meaning}; got {value!r}"
    given: object = value
    if isinstance(given, str | bytes):  # which float() would read
        raise TypeError(told)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(told) from None
    if not least <= number <= most:
        raise EstimationError(told)
    return number


def warn_idle(message: str) -> None:
    """Tell the caller of a filter that an option of theirs does nothing, and why."""
    warnings.warn(message, UserWarning, stacklevel=3)
