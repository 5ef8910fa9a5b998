"""The rule of the synchroniser: nothing wrongly paired, nothing lost, nothing waited for without end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.schedules import Item, Schedule, schedules
from nearfar.capture.pairing import Pairing
from soaking import rounds

Group = tuple[Item | None, ...]


def played(schedule: Schedule) -> list[Group]:
    """All groups, with time running from one arrival or deadline to the next."""
    pairing: Pairing[Item] = Pairing(2, schedule.period)
    groups: list[Group] = []
    for now, stream, time, item in schedule.events:
        while (due := pairing.deadline) is not None and due <= now:
            groups += pairing.advance(due)
        groups += pairing.offer(stream, time, item, now)
    return groups + pairing.flush()


def check(schedule: Schedule) -> int:
    """Every item once, no wrong pair, no pair missed; how many pairs there were."""
    groups = played(schedule)
    items = [item for group in groups for item in group if item is not None]
    assert sorted(items) == sorted(event[3] for event in schedule.events)
    assert all(item is None or item[0] == stream for group in groups for stream, item in enumerate(group))
    paired = [group for group in groups if None not in group]
    assert all(first[1] == second[1] for first, second in paired), "a wrong pair"
    assert schedule.true_pairs() <= {first[1] for first, _ in paired}, "a pair was missed"
    return len(paired)


@pytest.mark.soak
@pytest.mark.parametrize("leaps", [False, True])
def test_drops_jitter_skew_and_leaps_never_pair_wrongly(leaps: bool) -> None:
    count = rounds(5_000, 500_000)
    pairs = sum(check(schedule) for schedule in schedules(np.random.default_rng(leaps), count, leaps=leaps))
    print(f"{count} schedules, {pairs} pairs, 0 wrong, 0 unaccounted")
    assert pairs > 5 * count


@given(
    st.lists(st.tuples(st.integers(0, 2), st.floats(-1e6, 1e6), st.floats(0.0, 0.2)), max_size=60),
    st.integers(1, 3),
    st.floats(1e-3, 1.0),
)
def test_whatever_comes_everything_comes_out_once_and_in_time(
    events: list[tuple[int, float, float]], streams: int, period: float
) -> None:
    pairing: Pairing[int] = Pairing(streams, period)
    groups, now = [], 0.0
    for number, (stream, time, later) in enumerate(events):
        now += later
        groups += pairing.advance(now)
        assert pairing.deadline is None or pairing.deadline > now
        groups += pairing.offer(stream % streams, time, number, now)
    groups += pairing.advance(now + 2.0 * period)
    assert pairing.pending == 0
    assert pairing.deadline is None
    assert pairing.flush() == []
    assert sorted(item for group in groups for item in group if item is not None) == list(range(len(events)))
    for stream in range(streams):
        column = [group[stream] for group in groups if group[stream] is not None]
        assert column == sorted(column), "a stream keeps its order"


def groups_of(*samples: tuple[int, float], streams: int = 2) -> list[tuple[float | None, ...]]:
    """What comes of samples (stream, time) that come at once, at 10 Hz; each stands for itself."""
    pairing: Pairing[float] = Pairing(streams, 0.1)
    return [group for stream, time in samples for group in pairing.offer(stream, time, time, 0.0)]


def test_a_primary_sample_waits_for_its_partner_or_a_later_one() -> None:
    assert groups_of((0, 1.0)) == []
    assert groups_of((0, 1.0), (1, 1.0)) == [(1.0, 1.0)]
    assert groups_of((0, 1.0), (1, 1.04)) == [(1.0, 1.04)]
    assert groups_of((0, 1.0), (1, 1.06)) == [(1.0, None)]
    assert groups_of((0, 1.0), (1, 0.96)) == [(1.0, 0.96)]
    assert groups_of((0, 1.0), (1, 0.94)) == [(None, 0.94)]


def test_what_is_older_than_the_next_primary_sample_goes_alone() -> None:
    assert groups_of((1, 1.0)) == []
    assert groups_of((1, 1.0), (0, 1.0)) == [(1.0, 1.0)]
    assert groups_of((1, 1.0), (0, 1.1)) == [(None, 1.0)]
    assert groups_of((1, 1.0), (1, 1.1), (0, 1.1)) == [(None, 1.0), (1.1, 1.1)]


def test_all_other_streams_are_waited_for() -> None:
    assert groups_of((0, 1.0), (1, 1.0), streams=3) == []
    assert groups_of((0, 1.0), (2, 1.1), (1, 1.0), streams=3) == [(1.0, 1.0, None)]
    assert groups_of((2, 1.0), (1, 1.0), (0, 1.0), streams=3) == [(1.0, 1.0, 1.0)]
    assert groups_of((0, 1.0), streams=1) == [(1.0,)]


def test_nobody_is_waited_for_longer_than_two_periods() -> None:
    pairing: Pairing[str] = Pairing(2, 0.1)
    assert pairing.offer(0, 1.0, "primary", 5.0) == []
    assert pairing.deadline == pytest.approx(5.2)
    assert pairing.advance(5.19) == []
    assert pairing.advance(5.2) == [("primary", None)]
    assert pairing.offer(1, 1.0, "late", 5.3) == [(None, "late")]


def test_a_stream_that_was_silent_for_seven_gaps_is_not_waited_for() -> None:
    pairing: Pairing[int] = Pairing(2, 0.125)
    groups = [pairing.offer(0, number / 8, number, number / 8) for number in range(12)]
    assert [len(given) for given in groups] == [0, 0, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1]
    assert pairing.offer(1, 1.5, 12, 1.5) == []
    assert pairing.offer(0, 1.5, 12, 1.5) == [(12, 12)]


def test_after_a_pause_of_all_streams_partners_are_waited_for_again() -> None:
    pairing: Pairing[str] = Pairing(2, 0.125)
    assert pairing.offer(0, 0.0, "a", 0.0) + pairing.offer(1, 0.0, "a", 0.0) == [("a", "a")]
    assert pairing.offer(1, 60.0, "b", 60.0) == []
    assert pairing.offer(0, 60.0, "b", 60.0) == [("b", "b")]


def test_a_slow_stream_is_not_silent() -> None:
    pairing: Pairing[float] = Pairing(2, 0.1)
    groups = []
    for number in range(40):
        time = number / 10
        if number % 10 == 0:
            groups += pairing.offer(0, time, time, time)
        groups += pairing.offer(1, time, time, time)
        groups += pairing.advance(time)
    assert [group for group in groups if group[0] is not None] == [
        (time, time) for time in (0.0, 1.0, 2.0, 3.0)
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_a_step_back_parts_what_was_from_what_comes(first: int) -> None:
    pairing: Pairing[str] = Pairing(2, 0.1)
    groups = pairing.offer(0, 9.0, "a", 0.0) + pairing.offer(1, 9.0, "a", 0.0)
    groups += pairing.offer(first, 8.5, "b", 0.0)
    assert pairing.offer(1 - first, 9.1, "old", 0.0) == [("old", None) if first else (None, "old")]
    assert pairing.offer(1 - first, 8.5, "b", 0.0) == [("b", "b")]
    assert groups == [("a", "a")]


def test_a_flush_gives_what_waits() -> None:
    pairing: Pairing[str] = Pairing(2, 0.1)
    assert pairing.offer(0, 1.0, "before", 0.0) == []
    assert pairing.flush() == [("before", None)]
    assert pairing.offer(1, 1.0, "after", 0.0) == []
    assert pairing.offer(0, 1.0, "after", 0.0) == [("after", "after")]


@pytest.mark.parametrize("period", [0.0, -1.0, math.inf, math.nan])
def test_a_period_is_positive(period: float) -> None:
    with pytest.raises(ValueError, match="period"):
        Pairing(2, period)
    with pytest.raises(ValueError, match="stream"):
        Pairing(0, 1.0)
