"""Whose turn it is: of each page the last thing that it asked for; what it asked for before is given up.

    a page   f/1.4 ─x  f/1.8 ─x  f/2 ───▶ answered     x: 409, and its work ends within some milliseconds
    another      f/4 ───────────────────▶ answered     each page has one thing done at a time
    one that goes away  f/8 ─x                          nobody is answered, its work ends as well

What is done in no time comes to its end first: else a slider that moves faster than that would show nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request

from nearfar.studio.bodies import until_gone
from nearfar.studio.refusals import Refused

__all__ = ["Turn", "Turns", "off_the_loop"]

Done = TypeVar("Done")
Work = Callable[["Turn"], Coroutine[Any, Any, Done]]

_MOST_WAITING = 64
"""Requests that have not been answered, of all pages."""


class Turn:
    """One request's. Its work says by `nearly_done` that what is left takes no time."""

    def __init__(self) -> None:
        self.is_nearly_done = False

    def nearly_done(self) -> None:
        """From now on no newer request of the page ends this one."""
        self.is_nearly_done = True


@dataclass(slots=True, eq=False)
class _Page:
    """Who asks: its requests that have not been answered, and which of them is the last."""

    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    turn: Turn | None = None
    task: asyncio.Task[Any] | None = None


class Turns:
    """Who waits for an answer. Belongs to one event loop."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._waiting = 0

    async def answer(self, request: Request, client: str | None, work: Work[Done]) -> Done:
        """Do the work of a request, unless its page asks for something newer, or goes away.

        Args:
            request: its connection is watched; its body is not wanted.
            client: which page it is; without it nothing is given up for it.
            work: cancelled when nobody waits for it any more.

        Raises:
            Refused: 409 a newer request of the page has come; 503 too many wait.
        """
        if self._waiting >= _MOST_WAITING:
            raise Refused(503, "Too many portraits are asked for at once. Try again in a moment.")
        page = _Page() if client is None else self._pages.setdefault(client, _Page())
        if page.task is not None and page.turn is not None and not page.turn.is_nearly_done:
            page.task.cancel()
        turn = Turn()
        task = asyncio.create_task(_in_turn(page, work, turn))
        page.turn, page.task = turn, task
        left = asyncio.create_task(until_gone(request))
        page.waiting += 1
        self._waiting += 1
        try:
            await asyncio.wait((task, left), return_when=asyncio.FIRST_COMPLETED)
            if not task.done() or task.cancelled():
                raise Refused(409, "This page has asked for another portrait since: this one was given up.")
            return task.result()
        finally:
            left.cancel()
            task.cancel()
            page.waiting -= 1
            self._waiting -= 1
            if client is not None and not page.waiting:
                del self._pages[client]


async def _in_turn(page: _Page, work: Work[Done], turn: Turn) -> Done:
    async with page.one_at_a_time:
        return await work(turn)


async def off_the_loop(workers: Executor, work: Callable[[threading.Event], Done]) -> Done:
    """What a worker makes; whoever cancels the wait sets the event that the work was given."""
    cancel = threading.Event()
    try:
        return await asyncio.get_running_loop().run_in_executor(workers, work, cancel)
    except asyncio.CancelledError:
        cancel.set()
        raise
