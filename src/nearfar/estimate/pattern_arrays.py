"""Pictures that go into structured-light values: checked once, then nobody's to write to."""

from __future__ import annotations

import operator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import EstimationError

_Scalar = TypeVar("_Scalar", bound=np.generic)


def sealed(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """An array that was just made, as a read-only view that cannot be made writable again."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array.view()


def kept(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """A caller's array: as it is when `sealed`, else a read-only copy."""
    base = array.base
    if isinstance(base, np.ndarray) and not (array.flags.writeable or base.flags.writeable):
        return np.ascontiguousarray(array)
    return sealed(np.array(array, order="C"))


def as_infrared(name: str, image: Any) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Check that `image` is a grey picture: (H, W) uint8 or uint16. Raises EstimationError."""
    array = np.asarray(image)
    if array.dtype not in (np.uint8, np.uint16):
        raise EstimationError(f"{name} must be uint8 or uint16; got {array.dtype}")
    if array.ndim != 2 or 0 in array.shape:
        raise EstimationError(f"{name} must have shape (H, W) with at least one pixel; got {array.shape}")
    return array


def as_whole(name: str, number: int) -> int:
    """A whole number as an int, never rounded. Raises EstimationError."""
    try:
        return operator.index(number)
    except TypeError:
        raise EstimationError(f"{name} must be a whole number, not {number!r}") from None


def as_size(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) as two positive ints. Raises EstimationError."""
    try:
        width, height = (operator.index(side) for side in size)
    except (TypeError, ValueError):
        raise EstimationError(f"size must be (width, height) in whole pixels, not {size!r}") from None
    if width < 1 or height < 1:
        raise EstimationError(f"size must be positive, not {width}×{height}")
    return width, height
