"""Runs a kernel at every SIMD level of this CPU and with several numbers of threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nearfar import _native

THREADS = (1, 2, 4)


def everywhere(kernel: Callable[[], Any]) -> Any:
    """What the kernel gives, after making sure that it gives the same bits in every setting."""
    level, threads = _native.simd_level(), _native.thread_count()
    try:
        results = [_at(name, count, kernel) for name in _native.simd_levels() for count in THREADS]
    finally:
        _native.set_simd_level(level)
        _native.set_thread_count(threads)
    assert len({bits(result) for result in results}) == 1
    return results[0]


def _at(level: str, threads: int, kernel: Callable[[], Any]) -> Any:
    _native.set_simd_level(level)
    _native.set_thread_count(threads)
    return kernel()


def bits(array: Any) -> bytes:
    """The bytes of an array with every NaN made the same one."""
    copied = np.array(array)
    if copied.dtype.kind == "f":
        copied[np.isnan(copied)] = np.nan
    return copied.tobytes()
