"""Who may ask: pages of this server in a browser that may come in, and nobody else.

    request ──▶ Host is ours? ──▶ Origin is the Host's? ──▶ a method for here? ──▶ the app
                  └─ no: 403, 405 or 421 with the reason in words

Any page in a browser can send requests to whatever the browser reaches, this server among it. What keeps such
a page out: a name of its own that points here is not among ours (DNS rebinding), its origin is not ours
(WebSockets, scripted requests, all that changes anything), and what it embeds without asking is marked as
ours alone (Cross-Origin-Resource-Policy, Fetch Metadata).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["NAMES", "OWN_PAGES", "Entrance", "Guard"]

NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What this machine calls itself in a page's address."""

OWN_PAGES: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
}
"""What pages that we wrote ourselves are held to: nothing from elsewhere, no script in a page's text."""

_READING = ("GET", "HEAD")
_COMMANDS = ("POST", "DELETE")
_ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Entrance:
    """By which addresses a server is reached.

    Attributes:
        port: where it listens.
        names: of the machine in a page's address, in lower case, IPv6 in brackets.
        numbers: whether addresses of digits will do, whichever they are. No page can take one of those for
            its own name, so it is safe; which ones lead here is for the network to know.
        scheme: of the address.
    """

    port: int
    names: tuple[str, ...] = NAMES
    numbers: bool = False
    scheme: Literal["http", "https"] = "http"

    @property
    def address(self) -> str:
        """One of them, for people."""
        return f"{self.scheme}://{self.names[0]}:{self.port}/"

    def is_ours(self, host: str) -> bool:
        """Whether a request's Host, in lower case, is one of ours."""
        usual = ":443" if self.scheme == "https" else ":80"
        name, colon, port = host.rpartition(":")
        if not colon or "]" in port:
            name, port = host, usual[1:]
        if port != str(self.port):
            return False
        return name in self.names or (self.numbers and _is_number(name))


def _is_number(name: str) -> bool:
    with suppress(ValueError):
        if name.startswith("["):
            return name.endswith("]") and bool(ipaddress.IPv6Address(name[1:-1]))
        return bool(ipaddress.IPv4Address(name))
    return False


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    reason: str
    allowed: tuple[str, ...] = ()


class Guard:
    """An ASGI app that lets through to another one what comes from this server's own pages.

    `PageServer` gives a port and is done; `StudioServer` says more::

        Middleware(Guard, entrance=entrance, commands=("/studio/",), headers=OWN_PAGES)

    Args:
        app: what answers.
        entrance: by which addresses it is reached.
        commands: what the paths begin with that take POST and DELETE as well, from our own pages only (the
            Origin must be there and ours). Refusals there are JSON: ``{"reason": "…"}``.
        headers: that each answer has, where the app did not set them itself.
    """

    def __init__(
        self,
        app: ASGIApp,
        entrance: Entrance,
        commands: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._app = app
        self._entrance = entrance
        self._commands = commands
        self._headers = {} if headers is None else dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                marked = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    marked.setdefault(name, value)
                marked.update(_ALWAYS)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send_marked)
        else:
            await self._answer(scope, refusal)(scope, receive, send_marked)

    def _answer(self, scope: Scope, refusal: _Refusal) -> Response:
        headers = {"Allow": ", ".join(refusal.allowed)} if refusal.allowed else None
        if scope["type"] == "http" and self._takes_commands(scope):
            words = json.dumps({"reason": refusal.reason})
            return Response(words, refusal.status, headers, "application/json")
        return PlainTextResponse(f"{refusal.reason}\n", refusal.status, headers)

    def _takes_commands(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return path.startswith(self._commands)

    def _refusal(self, scope: Scope) -> _Refusal | None:
        """Why a request is not answered, or None."""
        headers = Headers(scope=scope)
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or not self._entrance.is_ours(hosts[0]):
            asked = ", ".join(hosts) or "no host"
            whose = "" if self._entrance.numbers else ", for this machine alone"
            return _Refusal(421, f"This is {self._entrance.address}{whose}; asked for was {asked}.")
        own = f"{self._entrance.scheme}://{hosts[0]}"
        origins = headers.getlist("origin")
        if any(origin.lower() != own for origin in origins) or len(origins) > 1:
            return _Refusal(
                403, f"Only pages of {own} may ask for this; the Origin was {', '.join(origins)}."
            )
        if scope["type"] == "websocket":
            if not origins:
                return _Refusal(403, f"Only pages of {own} may open a stream; the request has no Origin.")
            return None
        return self._refusal_of_method(scope, headers, own)

    def _refusal_of_method(self, scope: Scope, headers: Headers, own: str) -> _Refusal | None:
        method, commanding = scope["method"], self._takes_commands(scope)
        allowed = _READING + _COMMANDS if commanding else _READING
        if method not in allowed:
            return _Refusal(405, f"Here is nothing to {method}: only {', '.join(allowed)}.", allowed)
        if method in _COMMANDS and "origin" not in headers:
            return _Refusal(403, f"Only pages of {own} may {method}; the request has no Origin.")
        site = headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") and headers.get("sec-fetch-mode") != "navigate":
            return _Refusal(403, f"Only pages of {own} may use this; the request came from another site.")
        return None
