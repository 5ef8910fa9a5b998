"""Clocks: nobody waits too short, nobody is forgotten."""

from __future__ import annotations

import threading

import pytest

from nearfar.capture import Clock, ManualClock, SystemClock


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock(5.0)])
def test_a_clock_is_one(clock: Clock) -> None:
    assert isinstance(clock, Clock)
    assert clock.now() <= clock.now()


def test_the_system_clock_wakes_when_it_is_time() -> None:
    clock, condition = SystemClock(), threading.Condition()
    until = clock.now() + 0.01
    with condition:
        while clock.now() < until:
            clock.wait(condition, until)
    assert clock.now() >= until


def test_a_hand_moved_clock_wakes_whom_it_reaches() -> None:
    clock, condition = ManualClock(), threading.Condition()
    woken: list[float] = []

    def sleeper(until: float) -> None:
        with condition:
            while clock.now() < until:
                clock.wait(condition, until)
            woken.append(until)

    threads = [threading.Thread(target=sleeper, args=(until,)) for until in (1.0, 2.0, 3.0)]
    for thread in threads:
        thread.start()
    for thread, until in zip(threads, (1.0, 2.0, 3.0), strict=True):
        clock.advance(until - clock.now())
        thread.join(10.0)
        assert not thread.is_alive()
    assert woken == [1.0, 2.0, 3.0]
    assert clock.next_wake is None


def test_time_that_has_come_is_not_waited_for() -> None:
    clock, condition = ManualClock(5.0), threading.Condition()
    with condition:
        clock.wait(condition, 5.0)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        ManualClock().advance(-1.0)
