"""What is kept of portraits that were prepared, for how long, and who goes first."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import nearfar as nf
from effects.test_portraits import FAR, photo_of, two_planes
from nearfar.effects import PreparedPortrait
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import LARGEST_SIDE, PortraitLook
from nearfar.studio.portrait_workers import PortraitWorkers
from studio.conftest import PATIENCE

FULL, PREVIEW = PortraitLook(2.0, FAR), PortraitLook(2.0, FAR, 160)


@pytest.fixture
def files(tmp_path: Path) -> list[PhotoFile]:
    for name in "abc":
        photo_of(two_planes()).save(tmp_path / f"{name}.heic")
    return [PhotoFile.at(tmp_path / f"{name}.heic") for name in "abc"]


def run(talk: Callable[[PortraitWorkers], Awaitable[None]]) -> None:
    async def begin() -> None:
        await asyncio.wait_for(talk(PortraitWorkers()), PATIENCE)

    asyncio.run(begin())


async def rendered(workers: PortraitWorkers, file: PhotoFile, look: PortraitLook = FULL) -> bytes:
    return await workers.jpeg(file, look, lambda: None)


def prepared() -> int:
    """How many there are in memory, of anybody."""
    gc.collect()
    return sum(isinstance(each, PreparedPortrait) for each in gc.get_objects())


def expected(file: PhotoFile) -> bytes:
    return nf.portrait(nf.open(file.path), f_number=2.0, focus=FAR).file_data("jpeg", color_quality=88)


def test_of_full_pictures_one_is_kept(files: list[PhotoFile]) -> None:
    async def talk(workers: PortraitWorkers) -> None:
        before = prepared()
        found = await asyncio.gather(*(rendered(workers, file) for file in files))
        assert found == [expected(file) for file in files]
        assert prepared() == before + 1

    run(talk)


def test_nothing_is_kept_of_a_photo_that_is_gone(files: list[PhotoFile]) -> None:
    async def talk(workers: PortraitWorkers) -> None:
        before = prepared()
        for look in (PREVIEW, FULL):
            await rendered(workers, files[0], look)
        await rendered(workers, files[1], PREVIEW)
        assert prepared() == before + 3
        workers.forget("c.heic")
        assert prepared() == before + 3
        workers.forget("a.heic")
        assert prepared() == before + 1
        workers.forget(None)
        assert prepared() == before

    run(talk)


def test_nothing_is_kept_of_a_photo_that_goes_while_it_is_prepared(files: list[PhotoFile]) -> None:
    async def talk(workers: PortraitWorkers) -> None:
        before = prepared()
        waiting = asyncio.create_task(rendered(workers, files[0]))
        await asyncio.sleep(0)
        workers.forget("a.heic")
        assert await waiting == expected(files[0])
        del waiting
        assert prepared() == before

    run(talk)


def test_what_nobody_has_asked_for_gives_way(files: list[PhotoFile]) -> None:
    async def talk(workers: PortraitWorkers) -> None:
        ahead = workers._ahead
        ahead._begin(files[0])
        assert await rendered(workers, files[1]) == expected(files[1])
        assert not workers._full.has(files[0], LARGEST_SIDE)
        assert workers._full.has(files[1], LARGEST_SIDE)
        assert await rendered(workers, files[0]) == expected(files[0])

    run(talk)


def test_what_is_asked_for_meanwhile_gives_way_no_more(files: list[PhotoFile]) -> None:
    async def talk(workers: PortraitWorkers) -> None:
        ahead = workers._ahead
        ahead._begin(files[0])
        cancel = ahead._cancel
        found = await asyncio.gather(*(rendered(workers, file) for file in files))
        assert found == [expected(file) for file in files]
        assert not cancel.is_set()

    run(talk)


def test_nothing_is_prepared_ahead_while_somebody_waits(files: list[PhotoFile]) -> None:
    async def talk(workers: PortraitWorkers) -> None:
        waiting = asyncio.create_task(rendered(workers, files[0]))
        await asyncio.sleep(0)
        workers._ahead._begin(files[1])
        assert workers._ahead._task is None
        await waiting

    run(talk)
