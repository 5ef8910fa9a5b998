"""Whether pages had the newest frames there were for them: told by what they saw, however fast the machine.

    page    frame k-2 ── taken ──▶ server chooses frame k ──▶ frame k
    others                   … frame m …

Two frames may be on their way to a page: what comes next is chosen once the last but one is known to be
taken. All times are of the machine's one clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

__all__ = ["Given", "passed_over", "stale"]


class Given(NamedTuple):
    """A frame that a page had: its number, when the device had it, when the page had it and had said so."""

    sequence: int
    time: float
    received: float
    taken: float


Pages = Sequence[Sequence[Given]]


def stale(pages: Pages) -> list[Given]:
    """Frames that were older than one which some page had when it was chosen what to send."""
    seen = sorted((each.received, each.sequence) for page in pages for each in page)
    times = [received for received, _ in seen]
    newest = [seen[0][1]]
    for _, sequence in seen[1:]:
        newest.append(max(newest[-1], sequence))
    return [
        given
        for before, _, given in _threes(pages)
        if given.sequence < newest[bisect_right(times, before.received) - 1]
    ]


def passed_over(pages: Pages) -> list[Given]:
    """Frames sent in place of an earlier one that another page had, though this one waited for it.

    Only where that page had it before the device had the next: else the next may have come before the server
    turned to this page, and the newest is what it is to send.
    """
    prompt = _prompt(pages)
    moments = [moment for moment, _ in prompt]
    found = []
    for since, given in _waited(pages):
        due = bisect_right(moments, since)
        if due < len(prompt) and given.sequence > prompt[due][1]:
            found.append(given)
    return found


def _waited(pages: Pages) -> Iterator[tuple[float, Given]]:
    """Since when the server knew that a page waited for what it was given; where that can be told.

    A page waits when it has said that the last but one is taken, and has the last; the server knows when it
    answers a page that spoke later.
    """
    answers = sorted((asked.received, answer.received) for asked, _, answer in _threes(pages))
    asked_at, known_at = [asked for asked, _ in answers], [known for _, known in answers]
    for place in reversed(range(len(known_at) - 1)):
        known_at[place] = min(known_at[place : place + 2])
    for first, second, given in _threes(pages):
        place = bisect_right(asked_at, max(first.taken, second.received))
        if place < len(known_at):
            yield known_at[place], given


def _threes(pages: Pages) -> Iterator[tuple[Given, Given, Given]]:
    """Of each page every frame with the two before it, these first."""
    for page in pages:
        yield from zip(page, page[1:], page[2:], strict=False)


def _prompt(pages: Pages) -> list[tuple[float, int]]:
    """Frames that some page had before there was the next: when the device had them, and their numbers."""
    times: dict[int, float] = {}
    first: dict[int, float] = {}
    for given in chain.from_iterable(pages):
        times[given.sequence] = given.time
        first[given.sequence] = min(given.received, first.get(given.sequence, given.received))
    return [
        (times[one], one)
        for one, other in pairwise(sorted(times))
        if other == one + 1 and first[one] < times[other]
    ]
