"""Sources run on a clock that a test moves."""

from __future__ import annotations

import queue
from typing import Any

import nearfar as nf
from nearfar.capture import Format, ManualClock, Source


def played(
    source: Source, format: Format | None = None, clock: ManualClock | None = None, most: int = 1 << 30
) -> list[Any]:
    """What a source gives from its start on: up to its end, or the most items."""
    emitted, items = queue.Queue[Any](), list[Any]()
    clock = clock or ManualClock(100.0)
    source.start(format or source.formats[0], emitted.put, clock)
    while len(items) < most and (not items or isinstance(items[-1], nf.Frame)):
        try:
            items.append(emitted.get(timeout=0.0005))
        except queue.Empty:
            if (wake := clock.next_wake) is not None:
                clock.advance(max(wake - clock.now(), 0.0))
    return items


def first_frames(source: Source, count: int, format: Format | None = None) -> list[nf.Frame]:
    """The first frames of a source, which is stopped then."""
    try:
        items = played(source, format, most=count)
    finally:
        source.stop()
    assert all(isinstance(item, nf.Frame) for item in items), items
    return items
