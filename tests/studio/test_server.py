"""The server as a whole: addresses, the command, how it ends."""

from __future__ import annotations

import http.client
import importlib.util
import socket
from pathlib import Path

import pytest

import nearfar.studio
from nearfar.errors import MissingExtra
from nearfar.studio import PageServer, make_app
from studio.conftest import PATIENCE, Serve
from studio.hand_fed import HandFed

needs_ipv6 = pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
def test_it_listens_on_both_addresses_of_this_machine(serve: Serve, address: str) -> None:
    server = serve()
    connection = http.client.HTTPConnection(address, server.port, timeout=PATIENCE)
    connection.request("GET", "/", headers={"Host": f"localhost:{server.port}", "Connection": "close"})
    assert connection.getresponse().read()
    connection.close()


def test_it_listens_on_no_other_address(serve: Serve) -> None:
    server = serve()
    with socket.socket() as other:
        other.bind(("127.0.0.2", server.port))  # another program may have it: we don't


def test_a_port_in_use_is_said(folder: Path, device: HandFed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is in use"):
            PageServer(folder, device, port=port)


@needs_ipv6
def test_a_port_in_use_on_the_other_address_is_said(folder: Path, device: HandFed) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of ::1 is in use"):
            PageServer(folder, device, port=port)


def test_two_servers_share_nothing(serve: Serve) -> None:
    assert serve().port != serve().port


def test_what_cannot_be_served_is_refused(tmp_path: Path, device: HandFed) -> None:
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        make_app(tmp_path / "none", device, port=1)
    with pytest.raises(ValueError, match="profile must be one of spec, arcore, quest"):
        make_app(tmp_path, device, port=1, profile="phone")  # type: ignore[arg-type]


def test_a_missing_part_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearfar.studio, "_NEEDS", ("a_part_that_nobody_has",))
    with pytest.raises(MissingExtra, match=r"pip install 'nearfar\[studio\]'"):
        nearfar.studio.__getattr__("PageServer")
    assert importlib.util.find_spec("starlette") is not None
