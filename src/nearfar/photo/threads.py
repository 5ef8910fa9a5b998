"""A few threads that live on, for work beside the calling thread's: started at first use, gone after a fork.

Decoders and NumPy let go of the interpreter while they compute, so plain threads are enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from nearfar import _native

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["beside"]

_Result = TypeVar("_Result")

_pool: list[ThreadPoolExecutor] = []


def beside(work: Callable[[], _Result]) -> Future[_Result]:
    """Run a function on one of nearfar's threads. It must not wait for another such function."""
    if not _pool:
        from concurrent.futures import ThreadPoolExecutor

        _pool.append(ThreadPoolExecutor(max(1, _native.thread_count() - 1), "nearfar-photo"))
    return _pool[-1].submit(work)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.clear)  # a child has none of its parent's threads
