"""`Room`: how many connections there may be at the same time, and whose."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from nearfar.studio.crowds import Room

HERE, DESK, PHONE, LINK = "127.0.0.1", "192.0.2.7", "192.0.2.8", "fe80::1%eth0"


class Visitors:
    """Connections from one address and another."""

    def __init__(self, room: Room, closing: ExitStack) -> None:
        self._room, self._closing = room, closing

    def come(self, address: str, count: int = 1) -> list[socket.socket]:
        """So many more, as many as there is room for."""
        came = [self._closing.enter_context(socket.socket()) for _ in range(count)]
        return [each for each in came if self._room.refusal(each, address) is None]

    def words(self, address: str) -> str | None:
        """What the next one is told."""
        return self._room.refusal(self._closing.enter_context(socket.socket()), address)


@pytest.fixture
def visitors() -> Iterator[Visitors]:
    """For a room of 12, with 3 for one address and 2 that are left to others."""
    with ExitStack() as closing:
        yield Visitors(Room(12, 3, 2), closing)


@pytest.mark.parametrize("address", [DESK, "2001:db8::1", LINK])
def test_one_address_has_its_share_and_others_have_theirs(visitors: Visitors, address: str) -> None:
    assert len(visitors.come(address, 9)) == 3
    said = visitors.words(address)
    assert said is not None
    assert "from your device" in said
    assert visitors.words(PHONE) is None
    assert visitors.words(HERE) is None


def test_others_leave_some_to_this_machine(visitors: Visitors) -> None:
    came = sum(len(visitors.come(f"192.0.2.{each}", 3)) for each in range(1, 20))
    assert came == 10
    said = visitors.words(PHONE)
    assert said is not None
    assert "Too many ask at once" in said
    assert len(visitors.come(HERE, 9)) == 2


@pytest.mark.parametrize("address", [HERE, "127.1.2.3", "::1"])
def test_this_machine_has_more_and_leaves_some_to_others(visitors: Visitors, address: str) -> None:
    assert len(visitors.come(address, 20)) == 10
    assert visitors.words(HERE) is not None
    assert len(visitors.come(DESK, 1) + visitors.come(PHONE, 9)) == 2


def test_who_leaves_makes_room(visitors: Visitors) -> None:
    held = visitors.come(DESK, 3)
    assert visitors.words(DESK) is not None
    held[0].close()
    assert visitors.words(DESK) is None
    assert visitors.words(DESK) is not None


def test_who_has_no_address_any_more_is_someone_else(visitors: Visitors) -> None:
    assert len(visitors.come("", 9)) == 3
