"""Frames for ``for`` and ``async for``: the other way to take them beside callbacks.

for frame in output:            the thread that asks waits
async for frame in output:      the event loop goes on meanwhile
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from nearfar.capture.delivery import Callback, Delivery
from nearfar.errors import InvalidConfiguration

if TYPE_CHECKING:
    from nearfar.depth import Frame

__all__ = ["Deliverer", "FrameIterator"]


class FrameIterator(Iterator["Frame"], AsyncIterator["Frame"]):
    """Takes the frames that wait and those that come; ends when the session stops, after what still waits.

    An interruption does not end it. Several iterators of one output share its frames: each goes to one.
    """

    def __init__(self, delivery: Delivery, timeout: float | None, *, ended: bool) -> None:
        self._delivery = delivery
        self._timeout = timeout
        self._ends = delivery.ends - ended  # an end behind: it is over already

    def __iter__(self) -> FrameIterator:
        return self

    def __aiter__(self) -> FrameIterator:
        return self

    def __next__(self) -> Frame:
        delivery = self._delivery
        with delivery.condition:
            entry = delivery.take()
            until = None if self._timeout is None else delivery.clock.now() + self._timeout
            while entry is None:
                if self._is_over(until):
                    raise StopIteration
                delivery.await_change(until)
                entry = delivery.take()
        return delivery.assembled(entry)

    async def __anext__(self) -> Frame:
        delivery, loop = self._delivery, asyncio.get_running_loop()
        until = None if self._timeout is None else loop.time() + self._timeout
        while True:
            with delivery.condition:
                delivery.watch()
                entry = delivery.take()
                if entry is not None:
                    break
                if delivery.ends != self._ends:
                    raise StopAsyncIteration
                future = delivery.awaiting.add()
            try:
                async with asyncio.timeout_at(until):
                    await future
            except TimeoutError:
                raise StopAsyncIteration from None
        return await loop.run_in_executor(None, delivery.assembled, entry)

    def _is_over(self, until: float | None) -> bool:
        return self._delivery.ends != self._ends or (
            until is not None and self._delivery.clock.now() >= until
        )


class Deliverer:
    """What outputs and synchronisers have in common: frames go to a callback or to iterators."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def set_callback(
        self,
        callback: Callback | None,
        *,
        on_drop: Callback | None = None,
        callback_executor: Executor | None = None,
    ) -> None:
        """Have a function called with each frame, one at a time, on the delivery thread.

        An exception in one is reported by the session, and things go on.

        Args:
            callback: takes a `Frame`; None to call nothing any more, and iterate.
            on_drop: takes a `Frame` without data, whose ``dropped`` says why, for each that was dropped.
            callback_executor: runs the callbacks instead of the delivery thread, still one at a time.
        """
        self._delivery.set_callbacks(callback, on_drop, callback_executor)

    def frames(self, timeout: float | None = None) -> FrameIterator:
        """An iterator, for ``for`` and ``async for``, over the frames that wait and those that come.

        It ends when the session stops, but not when it is interrupted.

        Args:
            timeout: seconds; it ends when so long no frame came.

        Raises:
            InvalidConfiguration: the frames go to a callback.
        """
        if self._delivery.has_callback:
            raise InvalidConfiguration(
                "its frames go to a callback: set_callback(None) first, or add another output"
            )
        ended = self._delivery.over and not self._runs()
        return FrameIterator(self._delivery, timeout, ended=ended)

    def __iter__(self) -> FrameIterator:
        """`frames`."""
        return self.frames()

    def __aiter__(self) -> FrameIterator:
        """`frames`."""
        return self.frames()

    def _runs(self) -> bool:
        raise NotImplementedError
