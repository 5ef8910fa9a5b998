"""What was made of a file, kept for the next who asks: so many bytes of it, what was used last goes last.

get(key, make) ─┬─ kept ─────────────────────────▶ at once
                ├─ being made for somebody else ─▶ when that is done
                └─ make() ──▶ kept
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """Values by key. Belongs to one event loop.

    Args:
        most: bytes of all together; a value that is larger by itself is made anew each time.
        size: of a value, bytes.
    """

    def __init__(self, most: int, size: Callable[[Made], int]) -> None:
        self._most = most
        self._size = size
        self._held: OrderedDict[Hashable, Made] = OrderedDict()
        self._full = 0
        self._coming: dict[Hashable, asyncio.Task[Made]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        """What belongs to a key; made by the first who asks, for all who ask meanwhile.

        It is made to its end even if nobody waits for it any more. What `make` raises is not kept.
        """
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        task = self._coming.get(key)
        if task is None:
            task = asyncio.create_task(self._made(key, make))
            self._coming[key] = task
            task.add_done_callback(lambda done: self._arrived(key, done))
        return await asyncio.shield(task)

    def peek(self, key: Hashable) -> Made | None:
        """What is kept; None where nothing is."""
        return self._held.get(key)

    def put(self, key: Hashable, value: Made) -> None:
        """Keep what was made elsewhere."""
        size = self._size(value)
        if size > self._most or key in self._held:
            return
        self._held[key] = value
        self._full += size
        while self._full > self._most:
            _, oldest = self._held.popitem(last=False)
            self._full -= self._size(oldest)

    def forget(self, about: Callable[[Hashable], bool]) -> None:
        """Keep no longer what has such a key, nor what is being made for one."""
        for key in [key for key in self._coming if about(key)]:
            del self._coming[key]
        for key in [key for key in self._held if about(key)]:
            self._full -= self._size(self._held.pop(key))

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        made = await make()
        if self._coming.get(key) is asyncio.current_task():
            self.put(key, made)
        return made

    def _arrived(self, key: Hashable, task: asyncio.Task[Made]) -> None:
        if self._coming.get(key) is task:
            del self._coming[key]
        if not task.cancelled():
            task.exception()  # told to whoever still waits
