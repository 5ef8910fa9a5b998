"""How other devices reach a server: what `serve` and `studio` take for it, and what they print of it.

--host --port --token --tls --qr ──▶ Network.open(server) ──▶ .announce(server) ──▶ addresses, a QR code
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.messages import WrongUsage, note, printable, tell
from nearfar.errors import MissingExtra

if TYPE_CHECKING:
    from nearfar.studio import AppServer

__all__ = ["Network"]

_PORT = 8080

Served = TypeVar("Served", bound="AppServer")


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Network:
    """Where to listen, and who is let in. A command has it as one parameter, and all these options."""

    port: Annotated[
        int | None,
        Parameter(
            validator=Number(gte=0, lte=65535),
            help=f"Where to listen; 0 finds a free one. Default: {_PORT}, or a free one where that is taken.",
        ),
    ] = None
    host: Annotated[
        str, Parameter(help="Who can connect: this machine alone, or with 0.0.0.0 who has the token.")
    ] = "localhost"
    token: Annotated[
        str | None, Parameter(help="What lets in, 12 letters and digits or more. Default: made at random.")
    ] = None
    tls: Annotated[
        bool, Parameter(help="Serve https, which phones and headsets ask for; its certificate is made here.")
    ] = False
    qr: Annotated[
        bool, Parameter(help="Print the address as a QR code, also where the output is no terminal.")
    ] = False

    def open(self, make: Callable[..., Served]) -> Served:
        """Have a server listen there.

        Args:
            make: makes it of `host`, `port`, `token` and `tls`.

        Raises:
            OSError: it cannot listen there.
            WrongUsage: no such token can be; a QR code of an address that nobody else reaches.
        """
        try:
            server = self._listening(make)
        except ValueError as problem:
            raise WrongUsage(str(problem)) from None
        if self.qr and server.lan_url is None:
            server.close()
            raise WrongUsage("--qr is for other devices, which cannot connect: add --host 0.0.0.0")
        return server

    def _listening(self, make: Callable[..., Served]) -> Served:
        wanted = partial(make, host=self.host, token=self.token, tls=self.tls)
        try:
            return wanted(port=_PORT if self.port is None else self.port)
        except OSError as problem:
            if self.port is not None or problem.errno != errno.EADDRINUSE:
                raise
        return wanted(port=0)

    def announce(self, server: AppServer, about: str, place: str = "") -> str:
        """Print the address to load, what is there, and how other devices get there.

        Args:
            server: listens already.
            about: what is there.
            place: in the page, to begin with: ``#photos``.

        Returns:
            The address for this machine.
        """
        address = f"{server.url}{place}"
        tell(address)
        tell(printable(about))
        if server.lan_url is not None:
            tell(f"Other devices in this network: {server.lan_url}")
            if server.certificate is None:
                note("on other devices browsers give WebXR to https pages alone: add --tls for it")
            else:
                tell(f"They warn of its certificate: go on, or trust {server.certificate.authority} there.")
            self._show_code(server.lan_url)
        sys.stdout.flush()
        return address

    def _show_code(self, address: str) -> None:
        if not (self.qr or sys.stdout.isatty()):
            return
        if find_spec("segno") is None:
            if self.qr:
                raise MissingExtra("--qr", extra="studio")
            return
        import segno

        try:
            "▀▄█".encode(sys.stdout.encoding)
        except UnicodeEncodeError:
            note("this terminal has no characters for a QR code")
            return
        segno.make(address, error="l", micro=False).terminal(sys.stdout, compact=True)
