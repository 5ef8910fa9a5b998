"""Threads for Python's share of the work: painting pictures, casting rays. Both mostly run without the lock.

    in_background(paint, …) ──▶ a Future          in_parallel(cast, bands) ──▶ the results, in order

A task's own tasks run one after another, and it must not wait for a Future.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from nearfar import _native

__all__ = ["in_background", "in_parallel"]

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


_here = threading.local()


def _enter() -> None:
    _here.inside = True


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "nearfar-scene", _enter)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # the child has none of these threads


def in_background(work: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> Future[T]:
    """What the work will give, on as many threads as kernels have."""
    return _threads(_native.thread_count()).submit(work, *arguments, **keywords)


def in_parallel(work: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """What the work gives for each item."""
    items, count = list(items), _native.thread_count()
    if count == 1 or len(items) <= 1 or hasattr(_here, "inside"):
        return [work(item) for item in items]
    return list(_threads(count).map(work, items))
