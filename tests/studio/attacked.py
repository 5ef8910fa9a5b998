"""A server in a process of its own, to be attacked: it has few files, and a token to be known."""

from __future__ import annotations

import http.client
import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from nearfar.studio.messages import FROM_SERVER, FrameMessage, Hello, Taken, Wanted
from nearfar.studio.wire import decode, encode
from soaking import rounds
from studio.conftest import PATIENCE

TOKEN = "a-token_of.the~test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
_NOTE = "note: on other devices browsers give WebXR to https pages alone: add --tls for it\n"
MOST_MEMORY = 400 << 20
GIGABYTE = rounds((1 << 30) // 100, 1 << 30)
"""Of what is sent, bytes; a hundredth of one in ``make test``."""
FLAT = 24 << 20
"""By how much memory may grow that does not grow with what is sent: the system counts in large pieces."""
_PIECE = bytes(1 << 18)


@dataclass(frozen=True)
class Attacked:
    """A server in a process of its own."""

    port: int
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def peak(self) -> int:
        """The most memory that it ever had, bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) << 10

    @property
    def files(self) -> int:
        """How many it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def request(self, path: str = "/", method: str = "GET", **headers: str) -> bytes:
        """The head of a request that would be let in, but for what is said otherwise."""
        lines = {"Host": f"localhost:{self.port}", **BEARER, **headers}
        said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        return f"{method} {path} HTTP/1.1\r\n{said}\r\n".encode()

    def poured(self, head: bytes, size: int) -> tuple[int, str]:
        """The answer to a request with so many bytes behind its head, as many of them as are taken."""
        chunked = b"chunked" in head
        with self.connect() as page:
            page.sendall(head)
            with suppress(OSError):
                for _ in range(size // len(_PIECE)):
                    page.sendall(b"%x\r\n%b\r\n" % (len(_PIECE), _PIECE) if chunked else _PIECE)
                page.sendall(b"0\r\n\r\n" if chunked else bytes(size % len(_PIECE)))
            answer = http.client.HTTPResponse(page)
            answer.begin()
            return answer.status, answer.read().decode()

    def stream(self) -> connect:
        return connect(
            f"ws://localhost:{self.port}/nearfar/stream",
            origin=self.origin,  # type: ignore[arg-type]
            additional_headers=BEARER,
            compression=None,
            max_size=None,
        )

    def load(self, title: str) -> tuple[int, bool]:
        """The status of the page, and whether it is the one. Who has just left may still be counted."""
        end = time.monotonic() + PATIENCE
        while True:
            connection = http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE)
            try:
                connection.request("GET", "/", headers=BEARER)
                answer = connection.getresponse()
                if answer.status != 503 or time.monotonic() > end:
                    return answer.status, title.encode() in answer.read()
            except ConnectionError:
                assert time.monotonic() < end
            finally:
                connection.close()

    def assert_well(self, title: str) -> None:
        """It answers and streams, has not grown, and has nothing left of whoever was there."""
        assert self.load(title) == (200, True)
        with self.stream() as stream:
            assert isinstance(_heard(stream), Hello)
            stream.send(encode(Wanted("packed", color=False)))
            frame = _heard(stream)
            assert isinstance(frame, FrameMessage)
            stream.send(encode(Taken(frame.sequence)))
        assert self.peak < MOST_MEMORY


def _heard(stream: ClientConnection) -> object:
    packet = stream.recv(PATIENCE)
    assert isinstance(packet, bytes)
    return decode(packet, FROM_SERVER)


@contextmanager
def attacked_server(log: Path, *words: str) -> Iterator[Attacked]:
    """Run a command that serves other devices; at the end it is there, or has ended well."""
    network = ["--host", "0.0.0.0", "--port", "0", "--token", TOKEN]
    command = [sys.executable, "-m", "nearfar", *words, "--device", "virtual:lidar?size=64x48", *network]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
        try:
            assert process.stdout is not None
            port = re.search(r":(\d+)/", process.stdout.readline())
            assert port is not None, log.read_text()
            yield Attacked(int(port[1]), process)
            assert process.poll() in (None, 0)
            assert log.read_text().replace(_NOTE, "") == ""
        finally:
            process.kill()
