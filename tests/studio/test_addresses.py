"""Where a server listens, and what its places are called."""

from __future__ import annotations

import errno
import socket

import pytest

from nearfar.studio.addresses import lan_addresses, place_of


def test_this_machine_alone() -> None:
    place = place_of("localhost")
    assert (place.is_local, place.is_everywhere, place.lan_names) == (True, False, ())
    assert place.names == ("localhost", "127.0.0.1", "[::1]")


def test_every_address() -> None:
    place = place_of("0.0.0.0")
    assert (place.is_local, place.is_everywhere, place.addresses) == (False, True, ("0.0.0.0",))
    assert place.names[0] == "localhost"
    assert socket.gethostname().lower().removesuffix(".local") in place.names
    assert not any(address.startswith("127.") or address == "0.0.0.0" for address in lan_addresses())


def test_a_number_is_its_own_name() -> None:
    place = place_of("192.0.2.9")
    assert (place.is_local, place.lan_names, place.names[0]) == (False, ("192.0.2.9",), "192.0.2.9")
    assert place_of("fd00::9").names[0] == "[fd00::9]"
    assert place_of("127.0.0.9").is_local


def test_all_addresses_have_one_port() -> None:
    made = place_of("localhost").listen(0)
    try:
        assert len({each.getsockname()[1] for each in made}) == 1
        taken = made[0].getsockname()[1]
        with pytest.raises(OSError, match=f"port {taken} of 127.0.0.1 is in use"):
            place_of("localhost").listen(taken)
    finally:
        for each in made:
            each.close()


def test_answers_are_sent_at_once() -> None:
    """By asyncio's rule for it, which leaves out sockets that only turn out to be TCP."""
    (made,) = place_of("127.0.0.1").listen(0)
    with made:
        assert made.proto == socket.IPPROTO_TCP


def test_what_is_no_address_here_is_said() -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.9 is no address of this machine: choose one") as told:
        place_of("192.0.2.9").listen(0)
    assert told.value.errno == errno.EADDRNOTAVAIL
