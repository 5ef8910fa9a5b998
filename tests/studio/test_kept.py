"""What was made is made once, kept as long as there is room, and never longer than it is true."""

from __future__ import annotations

import asyncio

import pytest

from nearfar.studio.kept import Kept


class Maker:
    """Makes so many bytes, and counts how often."""

    def __init__(self, kept: Kept[bytes]) -> None:
        self.kept = kept
        self.made: list[str] = []

    async def get(self, key: str, size: int) -> bytes:
        async def make() -> bytes:
            self.made.append(key)
            await asyncio.sleep(0)
            return bytes(size)

        return await self.kept.get(key, make)


def test_what_is_asked_for_at_once_is_made_once() -> None:
    async def run() -> None:
        maker = Maker(Kept(100, len))
        answers = await asyncio.gather(*(maker.get("a", 10) for _ in range(5)))
        assert {id(each) for each in answers} == {id(await maker.get("a", 10))}
        assert maker.made == ["a"]

    asyncio.run(run())


def test_what_was_used_last_goes_last() -> None:
    async def run() -> None:
        maker = Maker(Kept(100, len))
        for key in "abc":
            await maker.get(key, 30)
        await maker.get("a", 30)
        await maker.get("d", 30)  # b has to go
        for key in "acd":
            await maker.get(key, 30)
        assert maker.made == ["a", "b", "c", "d"]
        await maker.get("large", 101)
        await maker.get("large", 101)
        assert maker.made[4:] == ["large", "large"]
        assert maker.kept.peek("a") is not None

    asyncio.run(run())


def test_what_is_forgotten_makes_room() -> None:
    async def run() -> None:
        maker = Maker(Kept(100, len))
        for key in "abc":
            await maker.get(key, 30)
        maker.kept.forget(lambda key: key != "c")
        maker.kept.put("x", bytes(70))
        assert [maker.kept.peek(key) is not None for key in "abcx"] == [False, False, True, True]

    asyncio.run(run())


def test_a_failure_is_told_to_all_and_not_kept() -> None:
    async def run() -> None:
        kept: Kept[bytes] = Kept(100, len)
        failures = 0

        async def fail() -> bytes:
            nonlocal failures
            failures += 1
            await asyncio.sleep(0)
            raise OSError("broken")

        found = await asyncio.gather(*(kept.get("a", fail) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(each, OSError) for each in found)
        with pytest.raises(OSError, match="broken"):
            await kept.get("a", fail)
        assert failures == 2

    asyncio.run(run())


def test_who_leaves_does_not_take_it_from_the_others() -> None:
    async def run() -> None:
        maker = Maker(Kept(100, len))
        first, second = (asyncio.create_task(maker.get("a", 10)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == bytes(10)
        assert maker.made == ["a"]

    asyncio.run(run())


def test_what_is_forgotten_while_it_is_made_is_not_kept() -> None:
    async def run() -> None:
        maker = Maker(Kept(100, len))
        first = asyncio.create_task(maker.get("a", 10))
        await asyncio.sleep(0)
        maker.kept.forget(lambda key: key == "a")
        second = asyncio.create_task(maker.get("a", 20))
        assert [await first, await second] == [bytes(10), bytes(20)]
        assert maker.kept.peek("a") == bytes(20)

    asyncio.run(run())
