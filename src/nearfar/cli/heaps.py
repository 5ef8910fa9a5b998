"""Memory of a process that runs for long: what threads have freed is used again by others.

thread ─┐           glibc makes up to eight heaps to a core, and each keeps what its busiest moment took: a
thread ─┼─▶ heap    camera that starts over and over, on new threads each time, would take more and more.
thread ─┘
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

__all__ = ["few_heaps"]

_M_ARENA_MAX = -8
"""Of glibc's mallopt; other libraries ignore what they do not know."""
_HEAPS = 2


def few_heaps() -> None:
    """Have the threads of this process share two heaps, where the system's library would make more."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)
