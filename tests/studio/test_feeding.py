"""`Feed`: one device in the place of another, while pages watch."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from nearfar.errors import CaptureError, DeviceBusy, DeviceLost
from nearfar.studio.feeding import Exchanged, Feed, SharedFrame, Watcher
from nearfar.studio.messages import Ended
from nearfar.xr import DepthType
from studio.conftest import PATIENCE
from studio.hand_fed import HandFed, frame_of


async def next_of(watcher: Watcher) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await watcher.next()


async def sequence(watcher: Watcher) -> int:
    news = await next_of(watcher)
    assert isinstance(news, SharedFrame)
    return news.sequence


async def give(device: HandFed, number: int) -> None:
    await asyncio.to_thread(device.give, frame_of(number))


def test_who_watches_goes_on_with_another_device() -> None:
    async def story() -> None:
        old, new = HandFed(), HandFed()
        feed = Feed(old)
        async with feed.watched() as first, feed.watched() as second:
            await give(old, 900)
            assert await sequence(first) == 900  # the second one has not looked yet
            await feed.exchange(new)
            assert (old.stops, new.starts) == (1, 1)
            await give(new, 3)
            for watcher in (first, second):
                assert isinstance(await next_of(watcher), Exchanged)
                assert await sequence(watcher) == 3
            assert feed.device is new
        await feed.close()
        assert new.stops == 1

    asyncio.run(story())


def test_a_device_that_nobody_watches_is_not_started() -> None:
    async def story() -> None:
        old, new = HandFed(), HandFed()
        feed = Feed(old)
        await feed.exchange(new)
        assert (old.starts, new.starts) == (0, 0)
        async with feed.watched() as watcher:
            await give(new, 1)
            assert await sequence(watcher) == 1  # it never knew another
        await feed.close()
        assert old.starts == 0

    asyncio.run(story())


def test_the_same_camera_can_be_exchanged_for_itself() -> None:
    async def story() -> None:
        device = HandFed()
        feed = Feed(device)
        async with feed.watched() as watcher:
            await feed.exchange(device)
            assert (device.starts, device.stops) == (2, 1)
            assert isinstance(await next_of(watcher), Exchanged)
        await feed.close()

    asyncio.run(story())


def test_a_patient_feed_tells_of_a_failure_and_waits_for_another_device() -> None:
    async def story() -> None:
        broken, refusing, well = HandFed(), HandFed(), HandFed()
        refusing.refusal = DeviceBusy("another program has it", device="second")
        feed = Feed(broken, patient=True)
        assert feed.failure is None
        async with feed.watched() as watcher:
            broken.end(DeviceLost("the cable is out", device="first"))
            end = await next_of(watcher)
            assert isinstance(end, Ended)
            assert "the cable is out" in end.reason
            assert isinstance(feed.failure, DeviceLost)
            await feed.exchange(refusing)
            assert isinstance(await next_of(watcher), Exchanged)
            end = await next_of(watcher)
            assert isinstance(end, Ended)
            assert "another program has it" in end.reason
            assert isinstance(feed.failure, DeviceBusy)
            async with feed.watched() as late:
                assert isinstance(await next_of(late), Ended)
            await feed.exchange(well)
            assert feed.failure is None
            assert isinstance(await next_of(watcher), Exchanged)
            await give(well, 7)
            assert await sequence(watcher) == 7
        await feed.close()

    asyncio.run(story())


def test_without_patience_a_failure_is_an_error() -> None:
    async def story() -> None:
        old, refusing = HandFed(), HandFed()
        refusing.refusal = DeviceBusy("another program has it", device="second")
        feed = Feed(old)
        async with feed.watched():
            with pytest.raises(DeviceBusy):
                await feed.exchange(refusing)
            assert old.stops == 1
        await feed.close()

    asyncio.run(story())


class SlowToStart(HandFed):
    """It starts when it is told that it `may`."""

    def __init__(self) -> None:
        super().__init__()
        self.may, self.asked = threading.Event(), threading.Event()

    def start(self, depth_type: DepthType | None = None) -> None:
        self.asked.set()
        assert self.may.wait(PATIENCE)
        super().start(depth_type)


def test_a_device_that_was_starting_when_the_exchange_was_given_up_is_stopped_at_the_end() -> None:
    async def story() -> None:
        slow = SlowToStart()
        feed = Feed(HandFed(), patient=True)
        async with feed.watched():
            exchange = asyncio.create_task(feed.exchange(slow))
            assert await asyncio.to_thread(slow.asked.wait, PATIENCE)
            exchange.cancel()
            with pytest.raises(asyncio.CancelledError):
                await exchange
            closing = asyncio.create_task(feed.close())
            slow.may.set()
            await closing
        assert (slow.starts, slow.stops) == (1, 1)

    asyncio.run(story())


def test_a_closed_feed_starts_no_device() -> None:
    async def story() -> None:
        device = HandFed()
        feed = Feed(device)
        await feed.close()
        with pytest.raises(CaptureError, match="ending"):
            async with feed.watched():
                raise AssertionError("nothing is to be watched")
        assert device.starts == 0

    asyncio.run(story())
