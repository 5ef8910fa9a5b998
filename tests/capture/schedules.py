"""Random schedules of two streams: drops, jitter, skew, delays and leaps of the clock, and their truth.

An item is (stream, number of the exposure, whether it was dropped and told).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Item = tuple[int, int, bool]
FRAMES = 16
DROPS = 0.3
JITTER = 0.005
SILENCE = 6
"""A stream that gave nothing for so many exposures may be taken for dead; then its next one is a surprise."""


@dataclass(frozen=True)
class Schedule:
    """What arrives, in order: (now, stream, time, item); the period; where the clock leaps, or None."""

    events: list[tuple[float, int, float, Item]]
    period: float
    leap_at: int | None

    def true_pairs(self) -> set[int]:
        """The exposures of which both streams told something, but near a leap and after long silence."""
        seen = [{item[1] for _, _, _, item in self.events if item[0] == stream} for stream in (0, 1)]
        leap = self.leap_at
        leaping = range(0)
        if leap is not None:  # until both streams have shown it, and a little longer
            shown = [min(numbers - set(range(leap)), default=FRAMES) for numbers in seen]
            leaping = range(leap - 2, max(shown) + 3)
        return {
            number
            for number in seen[0] & seen[1]
            if number not in leaping
            and (number < SILENCE or all(numbers & set(range(number - SILENCE, number)) for numbers in seen))
        }


def schedules(random: np.random.Generator, count: int, *, leaps: bool) -> Iterator[Schedule]:
    """As many schedules, made a thousand at a time."""
    for begin in range(0, count, 1000):
        yield from _block(random, min(1000, count - begin), leaps)


def _block(random: np.random.Generator, count: int, leaps: bool) -> Iterator[Schedule]:
    shape = (count, FRAMES, 2)
    period = random.choice([1 / 15, 1 / 30, 1 / 60], count)
    # The stamps of partners are less than half a period apart, skew and both jitters together.
    jitter = random.random(count) * np.minimum(JITTER, 0.49 * period) / 2
    skew = (2 * random.random(count) - 1) * (0.495 * period - 2 * jitter)
    skews = np.stack([np.zeros(count), skew], axis=1)[:, None]
    exposed = np.arange(FRAMES)[None, :, None] * period[:, None, None]
    stamps = exposed + skews + jitter[:, None, None] * (2 * random.random(shape) - 1)
    # One stream may be later than the other by one and a half periods, less the jitter of the arrivals.
    delay = random.random((count, 1, 2)) * np.maximum(1.4 * period - JITTER, 0)[:, None, None]
    arrived = np.maximum.accumulate(exposed + skews + delay + JITTER * random.random(shape), axis=1)
    leap_at = np.where(random.random(count) < 0.7, random.integers(1, FRAMES, count), FRAMES)
    size = np.exp(random.uniform(np.log(0.7), np.log(3600), count)) * random.choice([-1, 1], count)
    if leaps:
        stamps = stamps + (np.arange(FRAMES)[None, :, None] >= leap_at[:, None, None]) * size[:, None, None]
    fate = random.random(shape)
    order = np.argsort(arrived.reshape(count, -1), axis=1, kind="stable")
    for index in range(count):
        yield Schedule(
            list(_events(order[index], arrived[index], stamps[index], fate[index])),
            float(period[index]),
            int(leap_at[index]) if leaps and leap_at[index] < FRAMES else None,
        )


def _events(
    order: NDArray[Any], arrived: NDArray[Any], stamps: NDArray[Any], fate: NDArray[Any]
) -> Iterator[tuple[float, int, float, Item]]:
    nows, times, fates = arrived.ravel().tolist(), stamps.ravel().tolist(), fate.ravel().tolist()
    for place in order.tolist():
        if fates[place] >= DROPS / 2:  # else lost, and nobody says so
            frame, stream = divmod(place, 2)
            yield nows[place], stream, times[place], (stream, frame, fates[place] < DROPS)
