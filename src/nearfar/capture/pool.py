"""`Pool`: how many buffers of a stream somebody still holds.

A buffer is held while any array that looks into its memory lives, be it the frame's own, a slice of it or a
view. What owns the memory is watched, so that the number is what is really kept::

    frame.color ── base ──▶ base ──▶ owner ◀── weak reference ── Pool
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pool"]

_Array = NDArray[Any]


class _Watch(weakref.ref[_Array]):
    """A weak reference that knows by which number the pool calls the buffer."""

    __slots__ = ("key",)
    key: int


class Pool:
    """Counts the living buffers of a stream, up to a limit.

    Args:
        limit: how many may live at once.
    """

    __slots__ = ("_forget", "_living", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        living: dict[int, _Watch] = {}

        def forget(watch: weakref.ref[_Array]) -> None:
            # Called by whoever lets go last, on any thread, so it takes no lock: the dict's own pop is whole.
            living.pop(watch.key, None)  # type: ignore[attr-defined]

        self._living = living
        self._forget = forget

    def __len__(self) -> int:
        """How many buffers live."""
        return len(self._living)

    def admit(self, array: _Array) -> bool:
        """Count a frame's buffer in; False when too many live already. Memory that is known counts once."""
        base = array.base
        while type(base) is np.ndarray:
            array, base = base, base.base
        key, living = id(array), self._living
        if key in living:
            return True
        if len(living) >= self.limit:
            return False
        watch = _Watch(array, self._forget)
        watch.key = key
        living[key] = watch
        return True
