"""Who may ask: pages of this server in a browser that may come in, and nobody else.

    request ──▶ Host is ours? ──▶ Origin is the Host's? ──▶ the token? ──▶ a method for here? ──▶ the app
                  └─ no: 403, 405 or 421 with the reason in words

Any page in a browser can send requests to whatever the browser reaches, this server among it. What keeps such
a page out: a name of its own that points here is not among ours (DNS rebinding), its origin is not ours
(WebSockets, scripted requests, all that changes anything), and what it embeds without asking is marked as
ours alone (Cross-Origin-Resource-Policy, Fetch Metadata).

Where the server is open to more than this machine, who may come in is who has the token. It comes once, in
the address that the server printed, and is a cookie from then on:

    /?token=… ──▶ 303 to /, Set-Cookie ──▶ /, with the cookie ──▶ the app
"""

from __future__ import annotations

import html
import ipaddress
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nearfar.studio.addresses import LOOPBACK_NAMES

__all__ = ["OWN_PAGES", "Entrance", "Guard"]

OWN_PAGES: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
}
"""What pages that we wrote ourselves are held to: nothing from elsewhere, no script in a page's text."""

_READING = ("GET", "HEAD")
_COMMANDS = ("POST", "DELETE")
_BEARER = "Bearer "
_ONWARD = '<!doctype html><meta http-equiv="refresh" content="0;url={0}"><a href="{0}">Go on</a>'
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
        token: what lets in, where that takes more than to be on this machine; else empty.
        authority: the file that other devices can be told to trust, where there is one.
    """

    port: int
    names: tuple[str, ...] = LOOPBACK_NAMES
    numbers: bool = False
    scheme: Literal["http", "https"] = "http"
    token: str = field(default="", repr=False)
    authority: Path | None = None

    @property
    def address(self) -> str:
        """One of them, for people."""
        return self.address_by(self.names[0])

    @property
    def cookie(self) -> str:
        """What the token's cookie is called: a browser has one jar for all servers of a machine."""
        return f"nearfar-{self.port}"

    def address_by(self, name: str) -> str:
        """Ours by a name of this machine, without the token."""
        return f"{self.scheme}://{name}:{self.port}/"

    def is_token(self, said: str) -> bool:
        """Whether that is the token; it takes as long whatever is wrong with it."""
        return secrets.compare_digest(said.encode(), self.token.encode())

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

        headers = Headers(scope=scope)
        refusal = self._refusal_of_place(scope, headers)
        if refusal is None and self._entrance.token:
            welcome = self._welcome(scope, headers)
            if welcome is not None:
                await welcome(scope, receive, send_marked)
                return
            refusal = self._refusal_of_token(scope, headers)
        if refusal is None and scope["type"] == "http":
            refusal = self._refusal_of_method(scope, headers)
        answer = self._app if refusal is None else self._answer(scope, refusal)
        await answer(scope, receive, send_marked)

    def _answer(self, scope: Scope, refusal: _Refusal) -> Response:
        headers = {"Allow": ", ".join(refusal.allowed)} if refusal.allowed else None
        if scope["type"] == "http" and self._takes_commands(scope):
            words = json.dumps({"reason": refusal.reason})
            return Response(words, refusal.status, headers, "application/json")
        return PlainTextResponse(f"{refusal.reason}\n", refusal.status, headers)

    def _takes_commands(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return path.startswith(self._commands)

    def _own(self, headers: Headers) -> str:
        return f"{self._entrance.scheme}://{headers['host'].lower()}"

    def _refusal_of_place(self, scope: Scope, headers: Headers) -> _Refusal | None:
        """Why a request has come to the wrong place, or from one; or None."""
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or not self._entrance.is_ours(hosts[0]):
            asked = ", ".join(hosts) or "no host"
            whose = "" if self._entrance.numbers else ", for this machine alone"
            return _Refusal(421, f"This is {self._entrance.address}{whose}; asked for was {asked}.")
        own = self._own(headers)
        origins = headers.getlist("origin")
        if any(origin.lower() != own for origin in origins) or len(origins) > 1:
            return _Refusal(
                403, f"Only pages of {own} may ask for this; the Origin was {', '.join(origins)}."
            )
        if scope["type"] == "websocket" and not origins:
            return _Refusal(403, f"Only pages of {own} may open a stream; the request has no Origin.")
        return None

    def _welcome(self, scope: Scope, headers: Headers) -> Response | None:
        """What answers a page's address with the token in it: the same without, and a cookie instead."""
        if scope["type"] != "http" or scope["method"] not in _READING:
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        others = [(name, value) for name, value in query if name != "token"]
        if not any(name == "token" and self._entrance.is_token(value) for name, value in query):
            return None
        path = scope.get("raw_path", b"/").decode("latin-1")
        place = f"{self._own(headers)}{path}{'?' if others else ''}{urlencode(others)}"
        answer: Response = RedirectResponse(place, 303)
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            # A link elsewhere led here: a redirect would count as its doing and go without the cookie.
            answer = HTMLResponse(_ONWARD.format(html.escape(place)))
        answer.set_cookie(
            self._entrance.cookie,
            self._entrance.token,
            secure=self._entrance.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    def _refusal_of_token(self, scope: Scope, headers: Headers) -> _Refusal | None:
        """Why someone is not let in, or None: they have the token, as a cookie or a header."""
        said = [line[len(_BEARER) :] for line in headers.getlist("authorization") if line.startswith(_BEARER)]
        for line in headers.getlist("cookie"):
            pairs = (part.strip().partition("=") for part in line.split(";"))
            said += [value for name, _, value in pairs if name == self._entrance.cookie]
        if any(self._entrance.is_token(token) for token in said):
            return None
        has_one = said or b"token=" in scope["query_string"]
        what = "that is not the token, which may have changed" if has_one else "this needs the token"
        return _Refusal(
            403,
            f"You are not let in: {what}. Load the whole address that was printed where the server was "
            f"started, {self._own(headers)}/?token=… (programs may send it as Authorization: Bearer …).",
        )

    def _refusal_of_method(self, scope: Scope, headers: Headers) -> _Refusal | None:
        own, method, commanding = self._own(headers), scope["method"], self._takes_commands(scope)
        allowed = _READING + _COMMANDS if commanding else _READING
        if method not in allowed:
            return _Refusal(405, f"Here is nothing to {method}: only {', '.join(allowed)}.", allowed)
        if method in _COMMANDS and "origin" not in headers:
            return _Refusal(403, f"Only pages of {own} may {method}; the request has no Origin.")
        site = headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") and headers.get("sec-fetch-mode") != "navigate":
            return _Refusal(403, f"Only pages of {own} may use this; the request came from another site.")
        return None
