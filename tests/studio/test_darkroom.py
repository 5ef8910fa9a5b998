"""A darkroom does jobs in a process that takes so much memory and no more, and outlives whatever they do."""

from __future__ import annotations

import asyncio
import errno
import os
import pickle
import sys
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nearfar.errors import LimitExceeded, MissingExtra
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.library import Library
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import PortraitLook
from nearfar.studio.refusals import Refused
from studio.conftest import PATIENCE

MEGABYTE = 1 << 20
needs_pipes_with_names = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")


class Unreadable:
    """It makes a pickle that nobody can read; as a job, or as what comes of one."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return eval, ("1 / 0",)

    def __call__(self) -> None:
        """Never comes to it."""


class Lacking(Exception):
    """An error that a pickle takes and does not bring back."""

    def __init__(self, *, what: str) -> None:
        super().__init__(f"it lacks {what}")


def lack() -> None:
    raise Lacking(what="sense")


def filled(megabytes: int) -> Callable[[], int]:
    """A job that takes so much memory."""
    return partial(eval, f"len(bytes({megabytes} << 20))")


async def opened(pipe: Path) -> int:
    """A pipe to write to, once somebody reads it."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as problem:
            if problem.errno != errno.ENXIO:
                raise
            await asyncio.sleep(0.01)


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    darkroom = Darkroom(768 * MEGABYTE)
    yield darkroom
    darkroom.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, PATIENCE))


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


async def end_of(process: int) -> None:
    while not gone(process):
        await asyncio.sleep(0.01)


def test_what_comes_of_a_job_comes_back(darkroom: Darkroom, tmp_path: Path) -> None:
    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        assert process != os.getpid()
        assert await asyncio.gather(*(darkroom.careful(partial(pow, 2, n)) for n in range(20))) == [
            2**n for n in range(20)
        ]
        with pytest.raises(Refused, match="no photo") as refused:
            await darkroom.look(partial(PhotoFile.found, Library(tmp_path).photos, "nothing"))
        assert refused.value.status == 404
        with pytest.raises(FileNotFoundError):
            await darkroom.look(partial(os.stat, "nothing"))
        with pytest.raises(RuntimeError):
            await darkroom.look(partial(eval, "lambda: None"))
        assert await darkroom.look(os.getpid) == process

    run(talk())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count what a process holds")
def test_no_job_takes_more_memory_than_there_is(darkroom: Darkroom) -> None:
    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        assert await darkroom.look(filled(64)) == 64 * MEGABYTE
        for _ in range(3):
            with pytest.raises(LimitExceeded, match="more memory"):
                await darkroom.look(filled(768))
        many = [darkroom.look(filled(300)) for _ in range(8)]
        for each in await asyncio.gather(*many, return_exceptions=True):
            assert isinstance(each, LimitExceeded) or each == 300 * MEGABYTE
        assert await darkroom.look(filled(300)) == 300 * MEGABYTE
        assert await darkroom.look(os.getpid) == process

    run(talk())


def test_a_job_that_ends_the_process_costs_what_was_under_way(darkroom: Darkroom) -> None:
    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        with pytest.raises(Refused, match="broke off") as refused:
            await darkroom.look(os.abort)
        assert refused.value.status == 503
        assert await darkroom.look(os.getpid) != process

    run(talk())


@needs_pipes_with_names
def test_who_leaves_frees_the_place_in_the_queue(darkroom: Darkroom, tmp_path: Path) -> None:
    pipe, unwanted = tmp_path / "pipe", tmp_path / "unwanted"
    os.mkfifo(pipe)

    async def talk() -> None:
        first = asyncio.create_task(darkroom.careful(pipe.read_text))
        writing = await opened(pipe)
        leaving = asyncio.create_task(darkroom.careful(unwanted.mkdir))
        last = asyncio.create_task(darkroom.careful(os.getpid))
        beside = await darkroom.look(os.getpid)  # by its answer the two have come
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert await darkroom.look(os.getpid) == beside
        os.write(writing, b"go on")
        os.close(writing)
        assert await first == "go on"
        assert await last == beside
        assert not unwanted.exists()

    run(talk())


@pytest.mark.parametrize(
    "work", [Unreadable(), Unreadable, partial(exec, "raise GeneratorExit")], ids=["job", "answer", "none"]
)
def test_whoever_cannot_be_answered_is_told_so(darkroom: Darkroom, work: Callable[[], Any]) -> None:
    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        with pytest.raises(Refused, match="broke off"):
            await darkroom.look(work)
        assert await darkroom.look(os.getpid) != process

    run(talk())


def test_an_error_that_pickles_do_not_bring_back_comes_in_its_words(darkroom: Darkroom) -> None:
    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        with pytest.raises(RuntimeError, match="Lacking: it lacks sense"):
            await darkroom.look(lack)
        assert await darkroom.look(os.getpid) == process

    run(talk())


def test_an_extra_that_is_missing_is_told_from_process_to_process() -> None:
    problem = MissingExtra("this", extra="scene")
    back = pickle.loads(pickle.dumps(problem))
    assert (type(back), str(back), back.extra) == (MissingExtra, str(problem), "scene")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count what a process holds")
def test_what_libraries_hold_for_each_processor_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of their threads has a stack that counts: on a large machine they alone have what photos need."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "64")
    darkroom = Darkroom(128 * MEGABYTE)
    run(_same(darkroom.look(filled(96)), 96 * MEGABYTE))
    darkroom.close()


async def _same(found: Coroutine[Any, Any, int], expected: int) -> None:
    assert await found == expected


def test_nothing_comes_from_the_folder_where_somebody_is(
    darkroom: Darkroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('this is not the one')")
    monkeypatch.chdir(tmp_path)
    run(_same(darkroom.look(partial(int, "7")), 7))


def test_a_process_that_cannot_be_started_is_no_photo_that_is_gone(
    darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk() -> None:
        for executable in ("", "/nowhere/python"):
            monkeypatch.setattr(sys, "executable", executable)
            with pytest.raises(Refused, match="cannot be started") as refused:
                await darkroom.look(os.getpid)
            assert refused.value.status == 503

    run(talk())


@needs_pipes_with_names
def test_what_nobody_waits_for_keeps_no_process(tmp_path: Path) -> None:
    darkroom, pipe = Darkroom(patience=0.05), tmp_path / "pipe"
    os.mkfifo(pipe)

    async def talk() -> None:
        leaving = asyncio.create_task(darkroom.careful(pipe.read_text))
        writing = await opened(pipe)
        process = await darkroom.look(os.getpid)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        await end_of(process)
        os.close(writing)

    run(talk())
    darkroom.close()


@needs_pipes_with_names
def test_who_closes_it_waits_for_nothing(darkroom: Darkroom, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        waiting = asyncio.create_task(darkroom.careful(pipe.read_text))
        writing = await opened(pipe)
        darkroom.close()
        with pytest.raises(Refused):
            await waiting
        os.close(writing)
        await end_of(process)
        with pytest.raises(Refused, match="ending"):
            await darkroom.look(os.getpid)

    run(talk())


def test_a_process_without_jobs_gives_its_memory_back() -> None:
    darkroom = Darkroom(patience=0.05)

    async def talk() -> None:
        process = await darkroom.look(os.getpid)
        await end_of(process)
        assert await darkroom.look(os.getpid) != process

    run(talk())
    darkroom.close()


def test_event_loops_may_come_and_go(darkroom: Darkroom) -> None:
    processes = {asyncio.run(darkroom.look(os.getpid)) for _ in range(3)}
    assert len(processes) == 1


def test_a_portrait_that_cannot_be_is_refused_in_words(darkroom: Darkroom, tmp_path: Path) -> None:
    async def talk() -> None:
        with pytest.raises(Refused, match=r"no photo 'gone.heic'") as refused:
            await darkroom.portrait(PhotoFile(tmp_path / "gone.heic", "1"), PortraitLook())
        assert refused.value.status == 404

    run(talk())
