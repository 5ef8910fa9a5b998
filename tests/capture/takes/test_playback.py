"""A take is a device: it passes the law of sources, keeps its timing, seeks and loops."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from capture.takes.made import record, same_map, scene
from nearfar.capture import ManualClock, open_source
from nearfar.errors import CaptureError, CorruptFile, DeviceLost, DeviceNotFound, InvalidConfiguration
from nearfar.testing import SourceConformance


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("takes") / "a take.mcap"
    record(path, [frame.replace(sequence=frame.sequence + 7) for frame in scene(20)], color="raw")
    return path


class TestATake(SourceConformance):
    finite = True

    @pytest.fixture(autouse=True)
    def made(self, take: Path) -> None:
        self.device = f"take:{take}"


class TestATakeForEver(SourceConformance):
    @pytest.fixture(autouse=True)
    def made(self, take: Path) -> None:
        self.device = f"take:{take}?loop=1&start=0.5&rate=2"


class TestATakeAsFastAsCanBe(SourceConformance):
    finite = True

    @pytest.fixture(autouse=True)
    def made(self, take: Path) -> None:
        self.device = f"take:{take}?fast=1"


class TestATakeOfTwoStreams(SourceConformance):
    """Colour and depth in frames of their own."""

    finite = True

    @pytest.fixture(autouse=True)
    def made(self, tmp_path: Path) -> None:
        path = tmp_path / "a.mcap"
        frames = []
        for frame in scene(20):
            frames += [
                frame.replace(depth=None),
                frame.replace(color=None, pose=None, time=frame.time + 0.004),
            ]
        record(path, frames)
        self.device = f"take:{path}"


def play(device: str, *, until: int, start: float = 50.0, step: float = 1 / 240) -> list[Any]:
    """What the device gives on a clock that is moved by hand, until so many things came or it ended."""
    source, clock, seen = open_source(device), ManualClock(start), []
    came = threading.Condition()

    def emit(item: Any) -> None:
        with came:
            seen.append(item)
            came.notify_all()

    source.start(source.formats[0], emit, clock)
    try:
        while len(seen) < until and not (seen and isinstance(seen[-1], CaptureError)):
            with came:
                came.wait(0.002)
            wake = clock.next_wake
            if wake is not None:
                clock.advance(max(0.0, min(wake - clock.now(), step)))
    finally:
        source.stop()
    return seen


def test_frames_come_as_they_were_at_their_times(take: Path) -> None:
    *frames, end = play(f"take:{take}", until=99)
    assert isinstance(end, DeviceLost)
    assert len(frames) == 20
    for found, frame in zip(frames, scene(20), strict=True):
        assert found.time == pytest.approx(50.0 + frame.time - 100.0, abs=1e-6)
        assert found.sequence == frame.sequence
        same_map(found.depth, frame.depth)
        np.testing.assert_array_equal(found.color, frame.color)
        assert found.pose.equals(frame.pose)


def test_it_can_be_faster_and_begin_later_and_anew(take: Path) -> None:
    frames = play(f"take:{take}?rate=2&start=0.5&loop=1", until=12)
    steps = np.diff([frame.time for frame in frames])
    np.testing.assert_allclose(steps, 1 / 60, atol=1e-6)
    assert [frame.sequence for frame in frames[:5]] == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(frames[0].color, scene(20)[15].color)
    np.testing.assert_array_equal(frames[5].color, frames[0].color)
    assert [frame.sequence for frame in frames] == list(range(len(frames)))


def test_a_clock_that_was_set_back_is_no_harm(tmp_path: Path) -> None:
    made = scene(6)
    made[3:] = [frame.replace(time=frame.time - 60.0, sequence=k) for k, frame in enumerate(made[3:])]
    record(tmp_path / "a.mcap", made)
    *frames, _ = play(f"take:{tmp_path}/a.mcap", until=99)
    np.testing.assert_allclose(np.diff([frame.time for frame in frames]), 1 / 30, atol=1e-6)
    assert [frame.sequence for frame in frames] == list(range(6))


def test_depth_comes_in_other_kinds_when_asked_for(take: Path) -> None:
    source = open_source(f"take:{take}")
    listed = source.formats[0]
    assert [(each.kind.value, each.dtype) for each in listed.supported_depth_formats] == [
        ("depth", "float32"),
        ("depth", "float16"),
        ("disparity", "float32"),
        ("disparity", "float16"),
    ]
    assert listed.rate == pytest.approx(30.0, rel=1e-3)
    assert listed.size == (64, 48)


def test_what_cannot_be_played_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    for name, error, words in (
        (f"take:{tmp_path}/none.mcap", DeviceNotFound, "no such file"),
        (f"take:{path}?speed=2", InvalidConfiguration, "speed"),
        (f"take:{path}?rate=0", InvalidConfiguration, "rate"),
        (f"take:{path}", nf.errors.UnsupportedFile, "no frame"),
    ):
        if not path.exists():
            record(path, [])
        with pytest.raises(error, match=words):
            open_source(name)
    depth = nf.DepthMap(np.ones((10, 40), np.float32))
    record(path, [nf.Frame(0.0, color=np.zeros((30, 40, 3), np.uint8), depth=depth)], overwrite=True)
    with pytest.raises(nf.errors.UnsupportedFile, match="aspect ratio"):
        open_source(f"take:{path}")


def test_a_take_whose_camera_lost_its_first_frames_plays_those_that_came(tmp_path: Path) -> None:
    lost = {"color": nf.DropReason.LATE_DATA, "depth": nf.DropReason.LATE_DATA}
    made = [frame.replace(time=frame.time + 5.0, sequence=frame.sequence + 40) for frame in scene(3)]
    gone = [nf.Frame(at / 30, at, dropped=lost) for at in range(40)]
    record(tmp_path / "a.mcap", [*gone, *made], color="raw")
    source = open_source(f"take:{tmp_path}/a.mcap")
    assert source.formats[0].size == (64, 48)
    record(tmp_path / "b.mcap", gone, color="raw")
    with pytest.raises(nf.errors.UnsupportedFile, match="none of its frames"):
        open_source(f"take:{tmp_path}/b.mcap")


def test_damage_in_the_middle_ends_the_stream_with_its_reason(take: Path, tmp_path: Path) -> None:
    from nearfar.capture.takes.scanning import TakeFile, scan

    data = bytearray(take.read_bytes())
    chunk = scan(TakeFile(bytes(data))).chunks[-1]
    data[chunk.data + chunk.stored // 2] ^= 0x10
    path = tmp_path / "a.mcap"
    path.write_bytes(data)
    try:
        *_, end = play(f"take:{path}", until=99)
    except CorruptFile:
        return
    assert isinstance(end, DeviceLost)
    assert "CorruptFile" in str(end)
