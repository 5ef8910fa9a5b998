"""32 pages at one server, for two minutes under `make soak`: `benchmarks.studio_load`, but for haste."""

from __future__ import annotations

import sys

import pytest

from soaking import rounds

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc"),
]


def test_pages_that_stall_cost_no_memory_and_no_other_page_its_frames() -> None:
    from benchmarks.offering import passed_over, stale
    from benchmarks.studio_load import measure

    found = measure(rounds(3, 120))
    slowest, fastest = min(found.shares), max(found.shares)
    print(f"\n{slowest:.1%} to {fastest:.1%} of {found.given:.1f} frames/s, {found.cores:.2f} cores")
    assert found.growth < 20_000_000
    assert not stale(found.pages), "a page is sent the newest frame"
    assert not passed_over(found.pages), "a page that waits is sent the next frame"
    assert slowest > 0.5 * fastest, "no healthy page is starved"
