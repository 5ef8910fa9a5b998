"""Large pictures in strips of rows: each strip stays in the processor's cache, a few threads share them.

NumPy lets go of the interpreter while it computes, so plain threads are enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["in_strips"]

_PIXELS = 1 << 17
_THREADS = min(4, os.cpu_count() or 1)


def in_strips(height: int, width: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(first_row, end_row)`` for strips that cover all rows, in parallel where there are many."""
    rows = max(1, _PIXELS // max(width, 1))
    strips = [(first, min(first + rows, height)) for first in range(0, height, rows)]
    if len(strips) < 2 * _THREADS:
        for first, end in strips:
            work(first, end)
        return
    with ThreadPoolExecutor(_THREADS) as pool:
        for done in [pool.submit(work, first, end) for first, end in strips]:
            done.result()
