"""Where a server listens, and by which names and numbers others reach it.

--host    localhost ──▶ 127.0.0.1 and ::1       this machine alone
          0.0.0.0   ──▶ every IPv4 address      names: localhost, desk, desk.local; LAN: 192.168.1.5
          desk      ──▶ what the name stands for
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass

__all__ = ["LOOPBACK_NAMES", "Place", "lan_addresses", "machine_names", "place_of"]

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What this machine calls itself in a page's address."""
_LOOPBACK = ("127.0.0.1", "::1")
_EVERYWHERE = {"0.0.0.0": ("0.0.0.0",), "::": ("0.0.0.0", "::")}  # noqa: S104
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)
_TRIES = 20
"""To find a port that is free on all addresses."""
_WAITING = 128
"""Connections that the system holds until they are taken."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen.

    Attributes:
        host: as it was said.
        addresses: of this machine, as numbers.
    """

    host: str
    addresses: tuple[str, ...]

    @property
    def is_local(self) -> bool:
        """Whether only this machine gets there."""
        return all(ipaddress.ip_address(address).is_loopback for address in self.addresses)

    @property
    def is_everywhere(self) -> bool:
        """Whether all addresses of this machine lead there, its own among them."""
        return self.host in _EVERYWHERE

    @property
    def names(self) -> tuple[str, ...]:
        """Of this place in a page's address, in lower case; the first is the one for this machine."""
        host = bracketed(self.host.lower())
        if self.is_local:
            return tuple(dict.fromkeys((*LOOPBACK_NAMES, host)))
        if self.is_everywhere:
            return (*LOOPBACK_NAMES, *machine_names())
        return tuple(dict.fromkeys((host, *machine_names(), *map(bracketed, self.addresses))))

    @property
    def lan_names(self) -> tuple[str, ...]:
        """By which other devices get there, the best first."""
        if self.is_local:
            return ()
        return lan_addresses() or machine_names() if self.is_everywhere else (bracketed(self.host.lower()),)

    def listen(self, port: int) -> list[socket.socket]:
        """Listen on all addresses, with the same port; 0 takes one that is free.

        ``::1`` is left out where this machine has none.

        Raises:
            OSError: the port is taken or not for us, or an address is not this machine's.
        """
        for _ in range(_TRIES):
            try:
                return self._listen_once(port)
            except OSError as problem:
                if port or problem.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, f"no port is free on all of {', '.join(self.addresses)}")

    def _listen_once(self, port: int) -> list[socket.socket]:
        made: list[socket.socket] = []
        for address in self.addresses:
            try:
                made.append(_bound(address, made[0].getsockname()[1] if made else port))
            except OSError as problem:
                if not (made and problem.errno in _ABSENT):
                    for each in made:
                        each.close()
                    raise
        return made


def place_of(host: str) -> Place:
    """The place that a host's name or number stands for.

    Raises:
        OSError: it stands for none.
    """
    if host == "localhost":
        return Place(host, _LOOPBACK)
    if host in _EVERYWHERE:
        return Place(host, _EVERYWHERE[host])
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OSError(errno.EADDRNOTAVAIL, f"{host} is no address of this machine: {_choices()}") from None
    return Place(host, tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))


def machine_names() -> tuple[str, ...]:
    """What this machine is called in its network, in lower case."""
    name = socket.gethostname().lower().removesuffix(".local")
    return (f"{name}.local", name) if name and name not in LOOPBACK_NAMES else ()


def lan_addresses() -> tuple[str, ...]:
    """The IPv4 addresses of this machine by which others may reach it; first the one that leads out."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: the system only chooses a way
        found.append(probe.getsockname()[0])
    with suppress(OSError, UnicodeError):
        entries = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_STREAM)
        found += [str(entry[4][0]) for entry in entries]
    usable = (each for each in found if not ipaddress.ip_address(each).is_loopback and each != "0.0.0.0")  # noqa: S104
    return tuple(dict.fromkeys(usable))


def bracketed(host: str) -> str:
    """A host as an address of the web has it."""
    return f"[{host}]" if ":" in host else host


def _choices() -> str:
    return f"choose one of {', '.join(('localhost', *lan_addresses(), '0.0.0.0'))}"  # noqa: S104


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) what it knows to be for TCP, else the second half of an answer waits
    # for the other side's word on the first: 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: else another program could listen as well
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(_WAITING)
    except OSError as problem:
        made.close()
        raise _in_words(problem, address, port) from None
    return made


def _in_words(problem: OSError, address: str, port: int) -> OSError:
    if problem.errno == errno.EADDRINUSE:
        return OSError(errno.EADDRINUSE, f"port {port} of {address} is in use: choose another")
    if problem.errno == errno.EACCES:
        return OSError(errno.EACCES, f"port {port} is for the system's own servers: choose one above 1023")
    if problem.errno == errno.EADDRNOTAVAIL:
        return OSError(errno.EADDRNOTAVAIL, f"{address} is no address of this machine: {_choices()}")
    return problem
