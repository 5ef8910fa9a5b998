"""What all servers here are made of: sockets that listen, uvicorn as we want it, and how it ends.

    AppServer(make_app, host=…, port=…)   sockets ──▶ Entrance ──▶ make_app ──▶ the ASGI app
      .url                                the address to load on this machine, with the token if there is one
      .lan_url                            the same for other devices
      .run() … .stop(), Ctrl-C            answers until then

`PageServer` is one, `StudioServer` another.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import secrets
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from nearfar.studio.addresses import Place, place_of
from nearfar.studio.certificates import Certificate, own_certificate
from nearfar.studio.connections import BrokenOff, prompt_connections
from nearfar.studio.crowds import Crowd, CrowdedSocket, Room
from nearfar.studio.guarding import Entrance
from nearfar.studio.memory import keep_little
from nearfar.studio.web_sockets import patient_web_sockets

__all__ = ["AppServer"]

_LONGEST_HEAD = 16 << 10
"""Of a request, bytes."""
_CONNECTIONS, _OF_ONE_ADDRESS, _LEFT_TO_OTHERS = 512, 64, 64
"""As `Room` has them: a browser's pages take a handful together, and two more each for its stream."""
_MOST_REQUESTS = 256
"""Under way, with those that are streams."""
_FRAMES_PER_SECOND = 1000
"""Of a WebSocket, whatever they are."""
_IDLE = 5
"""Seconds that a connection without a request is kept."""
_PING = 20.0
"""Seconds between two pings, and until the answer."""
_CLOSING = 1
"""Seconds for what is under way when the server ends."""
_TOKEN_BYTES = 18
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{12,128}")


class AppServer:
    """A server that listens from its birth on, and answers while `run` runs.

    To make one of an app, derive from it::

        class StudioServer(AppServer):
            def __init__(self, …, *, host="localhost", port=8080, token=None, tls=False) -> None:
                def app(entrance: Entrance) -> ASGIApp:
                    return make_studio_app(…, entrance=entrance)

                super().__init__(app, host=host, port=port, token=token, tls=tls)

    The app's outermost middleware is to be `Guard` with that entrance, and what it holds open (a device, a
    recording) ends with its lifespan.

    Args:
        make_app: makes the app, once it is known by which addresses it is reached.
        host: ``"localhost"``, for this machine alone; one of its names or addresses; ``"0.0.0.0"``, all of
            them.
        port: 0 takes one that is free.
        token: what lets in, at least 12 letters, digits, ``.``, ``_``, ``~`` or ``-``. Left out, one is made
            at random for each host but this machine alone.
        tls: serve https, by `own_certificate`.
        patience: seconds until a connection has made its request.
        taking: seconds in which something is to be taken of what is sent.
        message_bytes: of one WebSocket message that comes in.

    Raises:
        MissingExtra: ``tls`` without the library for it.
        OSError: no such host; the port is taken, or is not for us; and what `make_app` raises.
        ValueError: no such token may be.
    """

    certificate: Certificate | None = None
    """What https shows, where there is any."""

    def __init__(
        self,
        make_app: Callable[[Entrance], ASGIApp],
        *,
        host: str = "localhost",
        port: int = 8080,
        token: str | None = None,
        tls: bool = False,
        patience: float = 10.0,
        taking: float = 20.0,
        message_bytes: int = 4096,
    ) -> None:
        if token is not None and not _TOKEN.fullmatch(token):
            raise ValueError("a token has 12 to 128 letters, digits or any of . _ ~ -")
        self._place = place_of(host)
        if tls:
            self.certificate = own_certificate(_certified(self._place))
        self._sockets = self._place.listen(port)
        try:
            self.entrance = self._entrance(token)
            app = make_app(self.entrance)
        except BaseException:
            self.close()
            raise
        self._server = _PatientServer(
            uvicorn.Config(
                Crowd(app, _MOST_REQUESTS),
                log_config=None,
                log_level="error",
                access_log=False,
                loop="asyncio",
                http=prompt_connections(patience, taking),
                ws=patient_web_sockets(taking, _FRAMES_PER_SECOND),
                ws_max_size=message_bytes,
                ws_per_message_deflate=False,
                ws_ping_interval=_PING,
                ws_ping_timeout=_PING,
                lifespan="on",
                proxy_headers=False,
                server_header=False,
                h11_max_incomplete_event_size=_LONGEST_HEAD,
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_CLOSING,
                ssl_certfile=self.certificate.file if self.certificate else None,
            ),
            patience,
        )

    def _entrance(self, token: str | None) -> Entrance:
        local = self._place.is_local
        return Entrance(
            int(self._sockets[0].getsockname()[1]),
            self._place.names,
            numbers=not local,
            scheme="https" if self.certificate else "http",
            token=token or ("" if local else secrets.token_urlsafe(_TOKEN_BYTES)),
            authority=self.certificate.authority if self.certificate else None,
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.entrance.port

    @property
    def url(self) -> str:
        """The address to load: by name, as some frameworks take no other for a place of one's own."""
        return self._with_token(self.entrance.address)

    @property
    def lan_url(self) -> str | None:
        """The address to load on other devices; None where this machine alone is let in."""
        names = self._place.lan_names
        return self._with_token(self.entrance.address_by(names[0])) if names else None

    def _with_token(self, address: str) -> str:
        return f"{address}?token={self.entrance.token}" if self.entrance.token else address

    def run(self) -> None:
        """Answer until `stop`, or until Ctrl-C where this is the main thread.

        From then on the process keeps little of the memory that it frees.
        """
        keep_little()
        log = logging.getLogger("uvicorn.error")
        log.addFilter(self._is_news)
        try:
            room, secure = Room(_CONNECTIONS, _OF_ONE_ADDRESS, _LEFT_TO_OTHERS), self.certificate is not None
            self._sockets = [CrowdedSocket.of(each, room, secure=secure) for each in self._sockets]
            with contextlib.suppress(KeyboardInterrupt):  # it is how one ends a server
                self._server.run(sockets=self._sockets)
        finally:
            log.removeFilter(self._is_news)
            self.close()

    def _is_news(self, record: logging.LogRecord) -> bool:
        """Not what is cut off when the server ends, nor what was broken off or refused and told why."""
        told = record.exc_info is not None and isinstance(record.exc_info[1], BrokenOff)
        refused = "without completing handshake" in record.msg
        return not (self._server.should_exit or told or refused)

    def stop(self) -> None:
        """End `run`, from any thread."""
        self._server.should_exit = True

    def close(self) -> None:
        """Listen no longer."""
        for each in self._sockets:
            each.close()


class _PatientServer(uvicorn.Server):
    """uvicorn's, which would leave the device running at a second Ctrl-C. It ends in a second as it is."""

    def __init__(self, config: uvicorn.Config, patience: float) -> None:
        super().__init__(config)
        self._patience = patience

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.force_exit = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer. Who does not come to the point in TLS's handshake is let go, as later on."""
        loop = asyncio.get_running_loop()
        if self.config.is_ssl:
            limits = {"ssl_handshake_timeout": self._patience, "ssl_shutdown_timeout": float(_CLOSING)}
            loop.create_server = functools.partial(loop.create_server, **limits)  # type: ignore[method-assign]
        await super().startup(sockets)


def _certified(place: Place) -> tuple[str, ...]:
    """The names and numbers that a certificate is to hold."""
    return tuple(name.strip("[]") for name in dict.fromkeys((*place.names, *place.lan_names)))
