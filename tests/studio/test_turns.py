"""Laws of `Turns`: the last request of a page is answered, and what nobody waits for any more ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request

from nearfar.studio import turns as turns_module
from nearfar.studio.json_answers import Refused
from nearfar.studio.turns import Turn, Turns, off_the_loop
from studio.conftest import PATIENCE


def request_of(gone: asyncio.Event) -> Request:
    """A request of somebody who goes away when told to."""
    said = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        for message in said:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "GET", "path": "/", "headers": []}, receive)


class Work:
    """Something that takes until it is told to end."""

    def __init__(self, *, brief: bool = False) -> None:
        self.brief = brief
        self.begun, self.go_on, self.cancelled = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, turn: Turn) -> str:
        if self.brief:
            turn.nearly_done()
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return "done"


def run(scene: Callable[[Turns], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(PATIENCE):
            await scene(Turns())

    asyncio.run(within())


def test_a_newer_request_of_a_page_ends_its_older_one() -> None:
    async def scene(turns: Turns) -> None:
        old, new, stays = Work(), Work(), asyncio.Event()
        first = asyncio.create_task(turns.answer(request_of(stays), "page", old))
        await old.begun.wait()
        second = asyncio.create_task(turns.answer(request_of(stays), "page", new))
        await old.cancelled.wait()
        with pytest.raises(Refused, match="another portrait") as refusal:
            await first
        assert refusal.value.status == 409
        new.go_on.set()
        assert await second == "done"

    run(scene)


def test_what_is_nearly_done_is_answered_and_only_the_last_of_those_that_wait() -> None:
    async def scene(turns: Turns) -> None:
        brief, between, last, stays = Work(brief=True), Work(), Work(), asyncio.Event()
        first = asyncio.create_task(turns.answer(request_of(stays), "page", brief))
        await brief.begun.wait()
        second = asyncio.create_task(turns.answer(request_of(stays), "page", between))
        await asyncio.sleep(0)
        third = asyncio.create_task(turns.answer(request_of(stays), "page", last))
        with pytest.raises(Refused, match="another portrait"):
            await second
        assert not between.begun.is_set()
        assert not last.begun.is_set()  # a page has one thing done at a time
        brief.go_on.set()
        assert await first == "done"
        last.go_on.set()
        assert await third == "done"

    run(scene)


def test_what_is_nearly_done_ends_when_its_page_leaves() -> None:
    async def scene(turns: Turns) -> None:
        brief, next_one, leaves = Work(brief=True), Work(), asyncio.Event()
        first = asyncio.create_task(turns.answer(request_of(leaves), "page", brief))
        await brief.begun.wait()
        second = asyncio.create_task(turns.answer(request_of(asyncio.Event()), "page", next_one))
        leaves.set()
        with pytest.raises(Refused):
            await first
        next_one.go_on.set()
        assert await second == "done"
        assert brief.cancelled.is_set()

    run(scene)


@pytest.mark.parametrize("names", [("one", "other"), (None, None), ("one", None)])
def test_pages_do_not_end_one_anothers(names: tuple[str | None, str | None]) -> None:
    async def scene(turns: Turns) -> None:
        works, stays = (Work(), Work()), asyncio.Event()
        tasks = [
            asyncio.create_task(turns.answer(request_of(stays), name, work))
            for name, work in zip(names, works, strict=True)
        ]
        for work in works:
            await work.begun.wait()
            work.go_on.set()
        assert await asyncio.gather(*tasks) == ["done", "done"]

    run(scene)


def test_a_page_that_has_its_answer_loses_nothing_by_the_next_request() -> None:
    async def scene(turns: Turns) -> None:
        stays = asyncio.Event()
        for _ in range(3):
            work = Work()
            work.go_on.set()
            assert await turns.answer(request_of(stays), "page", work) == "done"
            assert not work.cancelled.is_set()

    run(scene)


def test_what_is_done_for_somebody_who_leaves_ends() -> None:
    async def scene(turns: Turns) -> None:
        work, leaves = Work(), asyncio.Event()
        task = asyncio.create_task(turns.answer(request_of(leaves), None, work))
        await work.begun.wait()
        leaves.set()
        await work.cancelled.wait()
        with pytest.raises(Refused):
            await task

    run(scene)


def test_what_is_done_ends_with_the_server() -> None:
    async def scene(turns: Turns) -> None:
        work = Work()
        task = asyncio.create_task(turns.answer(request_of(asyncio.Event()), "page", work))
        await work.begun.wait()
        task.cancel()
        await work.cancelled.wait()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(scene)


def test_what_goes_wrong_reaches_who_asked() -> None:
    async def fails(_: Turn) -> None:
        raise ValueError("no such thing")

    async def scene(turns: Turns) -> None:
        with pytest.raises(ValueError, match="no such thing"):
            await turns.answer(request_of(asyncio.Event()), "page", fails)

    run(scene)


def test_too_many_at_once_are_told_so() -> None:
    async def scene(turns: Turns) -> None:
        works = [Work() for _ in range(turns_module._MOST_WAITING)]
        stays = asyncio.Event()
        tasks = [asyncio.create_task(turns.answer(request_of(stays), None, work)) for work in works]
        for work in works:
            await work.begun.wait()
        with pytest.raises(Refused, match="at once") as refusal:
            await turns.answer(request_of(stays), None, Work())
        assert refusal.value.status == 503
        for work in works:
            work.go_on.set()
        assert await asyncio.gather(*tasks) == ["done"] * len(works)

    run(scene)


def test_a_worker_is_told_when_nobody_waits() -> None:
    begun, told = threading.Event(), threading.Event()

    def work(cancel: threading.Event) -> None:
        begun.set()
        if cancel.wait(PATIENCE):
            told.set()

    async def scene(_: Turns) -> None:
        task = asyncio.create_task(off_the_loop(pool, work))
        await asyncio.to_thread(begun.wait, PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with ThreadPoolExecutor(1) as pool:
        run(scene)
    assert told.is_set()
