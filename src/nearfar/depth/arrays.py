"""The manners of arrays inside values: adopted once, read-only for good, handed out without surprises.

::

    caller's array ── adopt ──▶ C-contiguous, read-only ──▶ __array__   np.asarray shares, np.array copies
                                                        ──▶ __dlpack__  shares with who can see "read-only"
"""

from __future__ import annotations

import operator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)

_CPU_DEVICE = (1, 0)
"""(kDLCPU, 0): the only device that these values live on."""
_READ_ONLY_VERSION = (1, 0)
"""The first DLPack version whose tensors can say that they are read-only."""


def adopt(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """`array` as a C-contiguous read-only array that nobody else can write to.

    Memory is shared when the array and all that it is a view of are read-only already; otherwise it is
    copied. Code that has just made an array passes it through `frozen`.
    """
    native = array.dtype.newbyteorder("=")
    if _is_frozen(array) and array.flags.c_contiguous and array.dtype == native and type(array) is np.ndarray:
        return array.view() if array.flags.owndata else array
    return frozen(np.array(array, dtype=native, order="C", copy=True, subok=False))


def frozen(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """An array that was just made here, read-only and C-contiguous, so that `adopt` needs no copy.

    What comes back is a view: an array that owns its memory can be made writable again, a view of a
    read-only one cannot.
    """
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array.view()


def _is_frozen(array: NDArray[Any]) -> bool:
    link: Any = array
    while isinstance(link, np.ndarray):
        if link.flags.writeable:
            return False
        link = link.base
    try:
        return link is None or memoryview(link).readonly
    except TypeError:
        return True  # memory that nothing but the array can reach


class ArrayValue:
    """An immutable value that stands for the array in its field ``values``."""

    __slots__ = ()

    values: NDArray[Any]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """NumPy's protocol: ``np.asarray(value)`` shares the read-only array, ``np.array(value)`` copies it.

        Raises ValueError for ``copy=False`` with a dtype that needs a conversion.
        """
        if dtype is not None and np.dtype(dtype) != self.values.dtype:
            if copy is False:
                raise ValueError(f"{self.values.dtype} values cannot be {np.dtype(dtype)} without a copy")
            return self.values.astype(dtype)
        return self.values.copy() if copy else self.values

    def __dlpack_device__(self) -> tuple[int, int]:
        """The DLPack device of the array: (1, 0), the CPU."""
        return _CPU_DEVICE

    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """DLPack's protocol (array API standard 2024.12, ``__dlpack__``).

        A consumer that reads DLPack 1.0 or later sees the read-only flag and shares the memory. An older one
        could write into it unknowingly and is given a copy. PyTorch asks for 1.0 and then overlooks the flag,
        so that writing to its tensor changes the value: give it ``np.array(value)``. Raises BufferError for a
        stream, for a device other than the CPU, and for ``copy=False`` when only a copy could be given.
        """
        if stream is not None:
            raise BufferError(f"the array lies in CPU memory, which has no streams; got stream={stream!r}")
        if dl_device is not None and tuple(dl_device) != _CPU_DEVICE:
            raise BufferError(f"the array lies on the CPU, device (1, 0); it cannot go to {dl_device}")
        versioned = max_version is not None and tuple(max_version) >= _READ_ONLY_VERSION
        if not versioned and copy is False:
            raise BufferError(
                "the array is read-only, which DLPack can say only from version 1.0 on (max_version=(1, 0)); "
                "without a copy it cannot be shared with an older consumer"
            )
        array = self.values if versioned and not copy else self.values.copy()
        return array.__dlpack__(max_version=max_version) if versioned else array.__dlpack__()


def picture_size(name: str, size: tuple[int, int]) -> tuple[int, int]:
    """``size`` as (width, height) of two positive ints, or a ValueError that names ``name``."""
    try:
        width, height = (operator.index(side) for side in size)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be (width, height) in whole pixels, not {size!r}") from None
    if width < 1 or height < 1:
        raise ValueError(f"{name} must be positive, not {width}x{height}")
    return width, height


def as_picture(color: ArrayLike) -> NDArray[np.uint8]:
    """Check that `color` is a picture: (H, W, 3) uint8, sRGB. Raises TypeError or ValueError."""
    picture = np.asarray(color)
    if picture.dtype != np.uint8:
        raise TypeError(f"color must be uint8 (sRGB, 0..255); got {picture.dtype}")
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"color must have shape (H, W, 3); got {picture.shape}")
    return picture


def as_vectors(name: str, value: ArrayLike, count: int | None = None) -> NDArray[np.float32]:
    """Check and adopt finite (N, 3) float32 vectors, `count` of them where given.

    Raises TypeError or ValueError.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be float32; got {array.dtype}")
    if array.ndim != 2 or array.shape[1] != 3 or (count is not None and len(array) != count):
        raise ValueError(f"{name} must have shape ({'N' if count is None else count}, 3); got {array.shape}")
    if array.dtype != np.float32:
        with np.errstate(over="ignore"):
            array = frozen(array.astype(np.float32))
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; NaN or infinity is in {name}")
    return adopt(array)


def as_colors(value: ArrayLike, count: int) -> NDArray[np.uint8]:
    """Check and adopt (N, 3) uint8 sRGB colours, N = `count`. Raises TypeError or ValueError."""
    array = np.asarray(value)
    if array.dtype != np.uint8:
        raise TypeError(f"colors must be uint8 (sRGB, 0..255); got {array.dtype}")
    if array.shape != (count, 3):
        raise ValueError(f"colors must have shape ({count}, 3), one for each position; got {array.shape}")
    return adopt(array)
