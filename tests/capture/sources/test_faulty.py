"""`faulty:`: the frames of another source with faults that are the same each time."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from nearfar.capture import (
    DeviceInfo,
    DeviceName,
    Faults,
    FaultySource,
    ManualClock,
    PacedSource,
    Source,
    StillSource,
    open_source,
)
from nearfar.testing import SourceConformance
from testing.made import FORMATS, Lawful
from testing.running import played

RATE = 20.0
VGA = FORMATS[0]


def seen(faults: Faults, count: int = 200) -> list[Any]:
    """Everything that comes of so many frames of the inner source, and its end."""
    source, clock = FaultySource(Lawful(count), faults), ManualClock(100.0)
    items = played(source, clock=clock)
    source.stop()
    return items


class TestDropsJitterAndSkew(SourceConformance):
    def open(self) -> Source:
        return FaultySource(Lawful(), Faults(drop=0.2, jitter=0.01, skew=0.004, seed=3))


class TestStalls(SourceConformance):
    def open(self) -> Source:
        return FaultySource(Lawful(), Faults(stall=(0.2, 0.3)))


class TestJumps(SourceConformance):
    def open(self) -> Source:
        return FaultySource(Lawful(), Faults(jump=(0.1, 3600.0)))


class TestUnplugged(SourceConformance):
    finite = True

    def open(self) -> Source:
        return FaultySource(Lawful(), Faults(unplug=0.2, back=0.0))


def test_without_faults_all_comes_as_it_was() -> None:
    *frames, end = seen(Faults(), 20)
    assert [frame.sequence for frame in frames] == list(range(20))
    assert np.allclose([frame.time for frame in frames], 100.0 + np.arange(20) / RATE)
    assert "end" in str(end)


@pytest.mark.parametrize("skew", [0.0, 0.003])
def test_the_share_that_is_asked_for_is_dropped_of_each_stream(skew: float) -> None:
    *frames, _ = seen(Faults(drop=0.3, skew=skew, seed=1), 600)
    for stream in ("color", "depth"):
        there = {frame.sequence for frame in frames if getattr(frame, stream) is not None}
        assert len(there) == pytest.approx(420, abs=50)
    told = [frame for frame in frames if frame.dropped]
    assert bool(told) == (not skew)
    assert all(reason is nf.DropReason.DISCONTINUITY for frame in told for reason in frame.dropped.values())


def test_the_same_seed_has_the_same_faults() -> None:
    def story(seed: int) -> list[tuple[int, float, tuple[str, ...]]]:
        faults = Faults(drop=0.3, jitter=0.02, seed=seed)
        return [(frame.sequence, frame.time, tuple(frame.dropped)) for frame in seen(faults, 60)[:-1]]

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_jitter_is_bounded_and_keeps_order() -> None:
    *frames, _ = seen(Faults(jitter=0.2, seed=5))
    early = 100.0 + np.array([frame.sequence for frame in frames]) / RATE - [frame.time for frame in frames]
    assert early.min() >= -1e-9
    assert early.max() <= 0.2
    assert early.max() > 0.05
    assert np.diff([frame.time for frame in frames]).min() > 0


@pytest.mark.parametrize("skew", [0.004, -0.004])
def test_skewed_depth_is_so_much_behind_its_colour(skew: float) -> None:
    *frames, _ = seen(Faults(skew=skew), 20)
    color = {frame.sequence: frame.time for frame in frames if frame.color is not None}
    depth = {frame.sequence: frame.time for frame in frames if frame.depth is not None}
    assert color.keys() == depth.keys() == set(range(20))
    assert all(depth[k] - color[k] == pytest.approx(skew) for k in color)
    assert np.diff([frame.time for frame in frames]).min() > 0


def test_a_stall_is_a_gap_of_its_length() -> None:
    *frames, _ = seen(Faults(stall=(1.0, 0.5)), 100)
    gaps = np.diff([frame.time for frame in frames])
    assert np.count_nonzero(gaps > 0.1) == 3
    assert gaps.max() == pytest.approx(0.5 + 1 / RATE)


@pytest.mark.parametrize("by", [-30.0, 30.0])
def test_the_clock_jumps_once(by: float) -> None:
    *frames, _ = seen(Faults(jump=(1.0, by)), 60)
    steps = np.diff([frame.time for frame in frames])
    assert np.count_nonzero(np.abs(steps - 1 / RATE) > 1e-6) == 1
    assert steps[np.argmax(np.abs(steps))] == pytest.approx(by + 1 / RATE)


def test_a_clock_that_jumps_is_the_devices_own() -> None:
    class Own(Lawful):
        info = DeviceInfo("made:own", "A camera with its own clock", clock="device")

    assert FaultySource(Lawful(), Faults()).info.clock == "host"
    assert FaultySource(Lawful(), Faults(jump=(1.0, 1.0))).info.clock == "device"
    assert FaultySource(Own(), Faults()).info.clock == "device"


def test_names_of_devices_within_devices_are_taken_apart_again() -> None:
    name = str(DeviceName("faulty", "made:own?a=b", {"drop": "0.5"}))
    assert FaultySource(Lawful(), Faults(), name=name).info.name == name
    assert DeviceName.parse(FaultySource(Lawful(), Faults()).info.name).rest == "made:lawful"


def test_it_is_unplugged_and_comes_back() -> None:
    source, clock = FaultySource(Lawful(), Faults(unplug=0.09, back=2.0)), ManualClock()
    assert source.info.returns
    for _ in range(3):
        *frames, end = played(source, clock=clock)
        assert [frame.sequence for frame in frames] == [0, 1]
        assert isinstance(end, nf.DeviceLost)
        with pytest.raises(nf.DeviceLost, match="unplugged"):
            source.start(VGA, print, clock)
        clock.advance(2.0)
    source.stop()


def test_without_a_return_it_is_gone_for_good() -> None:
    source, clock, emitted = FaultySource(Lawful(), Faults(unplug=0.0)), ManualClock(), queue.Queue[Any]()
    assert not source.info.returns
    source.start(VGA, emitted.put, clock)
    assert isinstance(emitted.get(timeout=10.0), nf.DeviceLost)
    source.stop()
    clock.advance(1e6)
    with pytest.raises(nf.DeviceLost):
        source.start(VGA, emitted.put, clock)
    with pytest.raises(nf.DeviceLost):
        source.still(VGA, 0.0)


def test_it_takes_photos_if_the_inner_source_does() -> None:
    class Blind(PacedSource):
        info, formats, frame = Lawful.info, Lawful.formats, Lawful.frame

    assert isinstance(FaultySource(Lawful(), Faults()), StillSource)
    assert not isinstance(FaultySource(Blind(), Faults()), StillSource)


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("faulty:nowhere:1", nf.DeviceNotFound, "no scheme"),
        ("faulty:" * 2000 + "x:1", nf.DeviceNotFound, "within one another"),
    ],
)
def test_what_cannot_be_opened_is_named(name: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        open_source(name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"drop": 2.0}, "share"),
        ({"jitter": -1.0}, "seconds"),
        ({"skew": float("nan")}, "finite"),
        ({"stall": (1.0, float("inf"))}, "seconds"),
    ],
)
def test_faults_that_mean_nothing_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Faults(**options)
