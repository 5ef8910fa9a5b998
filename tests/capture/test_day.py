"""A day at 60 frames a second, on a clock moved by hand: no memory grows, no frame is unaccounted for."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from capture.hand import DISPARITY, LIMIT, HandCamera, session_of
from nearfar.capture import Format, ManualClock, OutputCounts
from nearfar.depth import DropReason
from soaking import rounds

RATE = 60.0
DAY = int(24 * 3600 * RATE)
AHEAD = 64
LOST = 0.001
"""The share of exposures of each stream that the device itself loses."""


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_day_of_pairs_takes_no_memory_and_loses_none() -> None:
    pairs, clock = rounds(DAY // 100, DAY), ManualClock()
    camera = HandCamera(formats=(Format(8, 6, 1.0, RATE, (DISPARITY,)),))
    room, complete, parts = threading.Semaphore(AHEAD), [0], dict.fromkeys(("color", "depth"), 0)
    exposed = dict.fromkeys(parts, 0)

    def callback(frame: nf.Frame) -> None:
        color, depth = frame.color is not None, frame.depth is not None
        parts["color"] += color
        parts["depth"] += depth
        complete[0] += color and depth
        room.release(color + depth)

    video = nf.VideoOutput(always_discards_late_data=False)
    depth = nf.DepthOutput(filtering_enabled=False, always_discards_late_data=False)
    session, _ = session_of(camera, depth, video, clock=clock, max_live_frames=2 * AHEAD)
    random, warm, begun = np.random.default_rng(0), 0, time.perf_counter()
    with nf.Synchronizer([depth, video], callback), session:
        session.start()
        for number in range(pairs):
            if number % 1000 == 0:
                jitters, lost = random.random((1000, 2)) * 0.002, random.random((1000, 2)) < LOST
            now = clock.now()
            for place, stream in enumerate(parts):
                if lost[number % 1000, place]:
                    continue
                assert room.acquire(timeout=LIMIT)
                moment = now + float(jitters[number % 1000, place])
                camera.shoot(moment, number, color=stream == "color", depth=stream == "depth")
                exposed[stream] = number + 1
            clock.advance(1.0 / RATE)
            if number == min(pairs // 4, 100_000):
                warm = resident()
        session.stop()
    grown, seconds = resident() - warm, time.perf_counter() - begun
    for output in (video, depth):
        given = parts[output.stream]
        gaps = {DropReason.DISCONTINUITY: exposed[output.stream] - given}
        assert output.counts == OutputCounts(exposed[output.stream], given, gaps)
    print(
        f"{pairs} pairs, {complete[0]} complete, {pairs / seconds:,.0f} a second, RSS +{grown / 1e6:.2f} MB"
    )
    assert complete[0] > (1 - 3 * LOST) * pairs
    assert grown < 5_000_000
