"""Who may ask: pages of this server in a browser on this machine, and nobody else.

    request ──▶ Host is ours? ──▶ Origin is the Host's? ──▶ GET or HEAD? ──▶ the app
                  └─ no: 403, 405 or 421 with the reason in words

The server is bound to this machine's own addresses, yet any page in a browser here can send requests to
them. What keeps such a page out: a name of its own that points here is not among ours (DNS rebinding), its
origin is not ours (WebSockets, scripted requests), and what it embeds without asking is marked as ours alone
(Cross-Origin-Resource-Policy, Fetch Metadata).
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["NAMES", "Guard"]

NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What this machine calls itself in a page's address."""

_METHODS = ("GET", "HEAD")
_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    reason: str


class Guard:
    """An ASGI app that lets through to another one what comes from this machine's own pages.

    Args:
        app: what answers.
        port: where the server listens.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port
        self._hosts = {f"{name}:{port}" for name in NAMES}
        if port == _HTTP_PORT:
            self._hosts |= set(NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            answer = PlainTextResponse(f"{refusal.reason}\n", refusal.status, dict(_HEADERS))
            if refusal.status == 405:
                answer.headers["Allow"] = ", ".join(_METHODS)
            await answer(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_marked)

    def _refusal(self, scope: Scope) -> _Refusal | None:
        """Why a request is not answered, or None."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            asked = ", ".join(hosts) or "no host"
            return _Refusal(
                421, f"This is http://localhost:{self._port}/, for this machine alone; asked for was {asked}."
            )
        own = f"http://{hosts[0].lower()}"
        origins = headers.getlist("origin")
        if any(origin.lower() != own for origin in origins) or len(origins) > 1:
            return _Refusal(
                403, f"Only pages of {own} may ask for this; the Origin was {', '.join(origins)}."
            )
        if scope["type"] == "websocket":
            if not origins:
                return _Refusal(403, f"Only pages of {own} may open a stream; the request has no Origin.")
            return None
        if scope["method"] not in _METHODS:
            return _Refusal(
                405, f"Here is nothing to {scope['method']}: files are for {' and '.join(_METHODS)}."
            )
        site = headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") and headers.get("sec-fetch-mode") != "navigate":
            return _Refusal(403, f"Only pages of {own} may use this; the request came from another site.")
        return None
