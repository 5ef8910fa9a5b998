"""`MeteredSource`: a source like the one within, and what it counts."""

from __future__ import annotations

import pytest

from nearfar.capture import Faults, FaultySource, ManualClock, Source, SystemClock
from nearfar.errors import DeviceBusy, DeviceLost
from nearfar.studio.metering import MeteredSource
from nearfar.testing import SourceConformance
from testing.made import Lawful
from testing.running import played


class TestMetered(SourceConformance):
    def open(self) -> Source:
        return MeteredSource(Lawful())


class TestMeteredAndFaulty(SourceConformance):
    finite = True

    def open(self) -> Source:
        return MeteredSource(FaultySource(Lawful(30), Faults(drop=0.3, skew=0.004, seed=2)))


class TestMeteredVirtualCamera(SourceConformance):
    def open(self) -> Source:
        from nearfar.capture import open_source

        return MeteredSource(open_source("virtual:lidar?size=160x120"))


def test_every_frame_is_counted_as_given_or_lost() -> None:
    source = MeteredSource(FaultySource(Lawful(400), Faults(drop=0.3, seed=5)))
    items = played(source)
    frames = [item for item in items[:-1] if item.color is not None]
    meter = source.meter
    assert meter.frames == len(frames)
    last = max(item.sequence for item in items[:-1])
    first = min(item.sequence for item in items[:-1])
    assert meter.frames + meter.lost == last + 1 - first
    assert meter.without_depth == sum("depth" in item.dropped for item in items[:-1]) > 0


def test_an_end_is_no_problem_and_a_loss_is() -> None:
    source = MeteredSource(Lawful(3))
    played(source)
    assert (source.meter.running, source.meter.problem, source.meter.frames) == (False, None, 3)
    source.stop()
    source = MeteredSource(FaultySource(Lawful(), Faults(unplug=0.2)))
    clock = ManualClock(100.0)
    played(source, clock=clock)
    assert not source.meter.running
    assert "unplugged" in str(source.meter.problem)
    source.stop()
    with pytest.raises(DeviceLost):
        source.start(source.formats[0], lambda _: None, clock)
    assert "unplugged" in str(source.meter.problem)


def test_who_is_refused_does_not_disturb_the_counts() -> None:
    source = MeteredSource(Lawful())
    source.start(source.formats[0], lambda _: None, SystemClock())
    with pytest.raises(DeviceBusy):
        source.start(source.formats[0], lambda _: None, SystemClock())
    assert source.meter.running
    assert source.meter.problem is None
    source.stop()
    assert not source.meter.running
    assert source.meter.rate == 0.0


def test_all_starts_are_counted_together() -> None:
    source = MeteredSource(Lawful(3))
    for start in (1, 2, 3):
        played(source)
        source.stop()
        assert (source.meter.frames, source.meter.total) == (3, 3 * start)
