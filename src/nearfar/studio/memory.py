"""What glibc keeps of freed memory: little, so that a server takes what it needs, not the sum of its peaks.

by itself    each thread keeps what it freed, blocks of up to 32 MiB, for its next call of malloc
keep_little  blocks of 4 MiB and more come from the system, and go back to it when they are freed
give_back    what was freed in smaller blocks goes back as well
"""

from __future__ import annotations

import ctypes
from functools import cache

__all__ = ["give_back", "keep_little"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Of `mallopt`, from malloc.h."""
_LARGE_BLOCK = 4 << 20
"""Bytes. A frame's arrays are smaller: they are made 60 times a second, and fresh memory costs time."""
_KEPT_FREE = 8 << 20
"""Bytes at the end of an arena."""
_ARENAS = 4


def keep_little() -> None:
    """From now on, keep little of what this process frees. Nothing happens where there is no glibc."""
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        for option, value in (
            (_MMAP_THRESHOLD, _LARGE_BLOCK),
            (_TRIM_THRESHOLD, _KEPT_FREE),
            (_ARENA_MAX, _ARENAS),
        ):
            mallopt(option, value)


def give_back() -> None:
    """Give freed memory back to the system."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


@cache
def _of_glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """A function of glibc; None where there is another library."""
    try:
        return ctypes.CDLL(None)[name]
    except (AttributeError, OSError, TypeError):
        return None
