"""How a studio ends: soon, whatever its threads wait for; and nothing that it started goes on after it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
import pytest

import nearfar as nf
from nearfar.studio import Library, StudioServer
from nearfar.studio.guarding import Entrance
from nearfar.studio.photo_downloads import make_download
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.studio_app import make_studio_app
from studio.conftest import PATIENCE
from studio.photo_pages import PHOTOS

ENDING = 3 * PATIENCE
"""Seconds until a test says that it doesn't end; it takes one, on a machine with nothing else to do."""
CAMERA = "virtual:lidar?size=64x48"
STUCK = """
import threading
from pathlib import Path

def open_stuck(rest, options):
    Path(rest).touch()
    threading.Event().wait()
"""


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """A folder with a plug-in whose camera is never open: it says by a file that somebody waits for it."""
    folder = tmp_path / "plugins"
    about = folder / "stuck_camera-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck-camera\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[nearfar.devices]\nstuck = stuck_camera:open_stuck\n")
    (folder / "stuck_camera.py").write_text(STUCK)
    return folder


@contextmanager
def started(
    folder: Path, *words: str, plugins: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`nearfar studio` as people start it: the process, and the address that it prints."""
    command = [sys.executable, "-m", "nearfar", "studio", "--no-browser", "--port", "0"]
    known = {} if plugins is None else {"PYTHONPATH": str(plugins)}
    with subprocess.Popen(
        [*command, "--folder", str(folder), *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **known},
    ) as process:
        try:
            assert process.stdout is not None
            address = re.match(r"http://localhost:\d+", process.stdout.readline())
            assert address is not None
            yield process, address[0]
        finally:
            process.kill()


def become(test: Callable[[], bool]) -> bool:
    """Whether something comes true while a test is patient."""
    pause = threading.Event()
    for _ in range(int(ENDING * 20)):
        if test():
            return True
        pause.wait(0.05)
    return test()


posix = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@posix
@pytest.mark.parametrize("way", ["SIGINT", "SIGTERM"])
def test_a_camera_that_does_not_open_holds_nothing_up(tmp_path: Path, stuck: Path, way: str) -> None:
    """A thread waits for it for ever; whoever ends the studio does not."""
    asked = tmp_path / "asked"
    with started(tmp_path, "--device", f"stuck:{asked}", plugins=stuck) as (process, _):
        assert become(asked.exists)
        number = signal.Signals[way]
        process.send_signal(number)
        assert process.wait(ENDING) in (0, -number)


def test_threads_of_the_loop_hold_nothing_up(tmp_path: Path) -> None:
    """The app's own end, whoever serves it: a thread goes on for which the loop would wait for ever."""
    told = threading.Event()

    async def living() -> None:
        app = make_studio_app(CAMERA, Library(tmp_path), entrance=Entrance(1))
        async with app.router.lifespan_context(app):
            asyncio.get_running_loop().run_in_executor(None, told.wait)

    running = threading.Thread(target=lambda: asyncio.run(living()))
    running.start()
    running.join(ENDING)
    ended = not running.is_alive()
    told.set()
    running.join()
    assert ended


def threads() -> set[threading.Thread]:
    """Those that live, but for the ones that a process keeps for the next scene or photo."""
    shared = ("nearfar-scene", "nearfar-photo")
    return {each for each in threading.enumerate() if not each.name.startswith(shared)}


def test_an_app_that_ends_leaves_no_threads(tmp_path: Path) -> None:
    """Those that read photos and takes, render portraits and drive the camera."""
    before = threads()
    with serving(tmp_path) as address:
        headers = {"Origin": address}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=2 * ENDING) as page:
            name = page.post("/studio/shots").json()["id"]
            for path in (f"{PHOTOS}/{name}", f"{PHOTOS}/{name}/portrait.jpg?side=64", "/studio/takes"):
                page.get(path).raise_for_status()
    assert become(lambda: threads() <= before)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A studio in this process, and its address."""
    server = StudioServer(CAMERA, Library(folder), port=0)
    running = threading.Thread(target=server.run)
    running.start()
    try:
        yield server.url.rstrip("/")
    finally:
        server.stop()
        running.join(ENDING)
        assert not running.is_alive()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A library with a photo that takes seconds to be coded anew."""
    photos = tmp_path / "library" / "photos"
    photos.mkdir(parents=True)
    color = np.random.default_rng(1).integers(0, 256, (1800, 2400, 3), np.uint8)
    nf.Photo(color).save(photos / "large.jpg", color_quality=60)
    return photos.parent


def makers(process: int) -> list[int]:
    """The processes of a process that make downloads, with those that have ended and were not reaped."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_its = f"\nPPid:\t{process}\n" in (each / "status").read_text()
            if is_its and b"photo_downloads" in (each / "cmdline").read_bytes():
                found.append(int(each.name))
    return found


@contextmanager
def halted_maker(process: int) -> Iterator[int]:
    """The process that makes a download for another: it will not come to its end by itself."""
    assert become(lambda: bool(makers(process)))
    (maker,) = makers(process)
    os.kill(maker, signal.SIGSTOP)
    try:
        yield maker
    finally:
        with suppress(ProcessLookupError):
            os.kill(maker, signal.SIGKILL)


def ask_for_download(address: str) -> threading.Thread:
    def ask() -> None:
        with suppress(httpx.HTTPError):
            httpx.get(f"{address}{PHOTOS}/large.jpg/download/heic", timeout=ENDING, trust_env=False)

    asking = threading.Thread(target=ask)
    asking.start()
    return asking


@linux
@pytest.mark.parametrize("way", ["SIGINT", "SIGTERM"])
def test_a_program_that_ends_leaves_no_maker_of_a_download(large: Path, way: str) -> None:
    with started(large) as (process, address):
        asking = ask_for_download(address)
        with halted_maker(process.pid) as maker:
            process.send_signal(signal.Signals[way])
            process.wait(ENDING)
            asking.join()
            assert become(lambda: not is_running(maker))


@linux
def test_a_server_that_ends_reaps_the_maker_of_a_download(large: Path) -> None:
    """Where the program goes on, nothing is left of it: no process, and no entry of one."""
    with ExitStack() as halting:
        with serving(large) as address:
            asking = ask_for_download(address)
            maker = halting.enter_context(halted_maker(os.getpid()))
        asking.join()
        assert become(lambda: not Path(f"/proc/{maker}").exists())


@linux
def test_a_maker_whose_turn_to_be_waited_for_never_came_is_reaped(large: Path) -> None:
    """Whoever asked left while all threads of the loop had other things to do."""
    photo = PhotoFile.at(large / "photos" / "large.jpg")

    async def give_up() -> int:
        told = threading.Event()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        busy = loop.run_in_executor(None, told.wait)
        making = asyncio.create_task(make_download(photo, "heic", large / "made.heic"))
        while not makers(os.getpid()):
            await asyncio.sleep(0.01)
        (maker,) = makers(os.getpid())
        making.cancel()
        with suppress(asyncio.CancelledError):
            await making
        told.set()
        await busy
        return maker

    maker = asyncio.run(give_up())
    assert become(lambda: not Path(f"/proc/{maker}").exists())


def is_running(process: int) -> bool:
    """Whether it is more than an entry that nobody has read."""
    with suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False
