"""Coroutines that wait for what another thread does.

coroutine ── future = add() ── await future ◀── wake() ── any thread
"""

from __future__ import annotations

import asyncio

__all__ = ["Awaiting"]


class Awaiting:
    """Who waits for the next change of something; guarded by its owner's lock."""

    def __init__(self) -> None:
        self._futures: list[asyncio.Future[None]] = []

    def add(self) -> asyncio.Future[None]:
        """What the coroutine that calls this may await: it is done at the next change."""
        future = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        return future

    def wake(self) -> None:
        """Have all of them look again."""
        if not self._futures:
            return
        waiting, self._futures = self._futures, []
        for future in waiting:
            try:
                future.get_loop().call_soon_threadsafe(_finish, future)
            except RuntimeError:
                continue  # the loop is closed: nobody waits any more


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
