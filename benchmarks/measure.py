"""How a claim is measured: ours and the peer's take turns, and medians are compared."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, both figures as text, and the ratio against its bar."""

    claim: str
    ours: str
    peer: str
    ratio: str
    bar: str


def take_turns(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int = 15
) -> tuple[float, float]:
    """Run both in turn, after one warm-up each, and give the median seconds of each."""
    times = interleaved((ours, peer), rounds)
    return statistics.median(times[0]), statistics.median(times[1])


def interleaved(calls: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Run all in turn, after one warm-up each, and give the seconds of every run of each.

    As in `timeit`, the garbage collector rests meanwhile.
    """
    for call in calls:
        call()
    times: list[list[float]] = [[] for _ in calls]
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for call, taken in zip(calls, times, strict=True):
                start = time.perf_counter()
                call()
                taken.append(time.perf_counter() - start)
    finally:
        gc.enable()
    return times


def compared(claim: str, ours: float, peer: float, bar: str) -> Row:
    """Give the row of two times in seconds."""
    return Row(claim, f"{ours * 1e3:.3g} ms", f"{peer * 1e3:.3g} ms", f"{ours / peer:.2g}×", bar)
