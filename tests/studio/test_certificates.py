"""https by a certificate of one's own: who trusts its authority reads the page, and it is renewed in time."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from websockets.sync.client import connect

import nearfar.studio.certificates as certificates
from nearfar.errors import MissingExtra
from nearfar.studio.certificates import own_certificate
from nearfar.studio.streaming import Limits
from studio.conftest import PATIENCE, Serve

NAMES = ("localhost", "desk.local", "192.168.1.5", "::1")


def test_it_is_for_its_names_and_for_this_user_alone(tmp_path: Path) -> None:
    made = own_certificate(NAMES, tmp_path / "tls")
    assert made.names == NAMES
    assert timedelta(days=390) < made.until - datetime.now(UTC) < timedelta(days=398)
    if os.name == "posix":
        assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
        assert stat.S_IMODE(made.file.parent.stat().st_mode) == 0o700
    assert made.file.read_bytes().count(b"BEGIN PRIVATE KEY") == 1, "the authority's own is gone"
    assert b"PRIVATE KEY" not in made.authority.read_bytes()


def test_it_is_kept_while_it_holds(tmp_path: Path) -> None:
    first = own_certificate(NAMES, tmp_path)
    assert own_certificate(NAMES[:2], tmp_path) == first
    more = own_certificate(("localhost", "10.0.0.7"), tmp_path)
    assert more.fingerprint != first.fingerprint
    assert set(more.names) == {*NAMES, "10.0.0.7"}, "so that to go home needs no third"
    assert own_certificate(NAMES, tmp_path) == more


def test_it_is_renewed_before_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = own_certificate(NAMES, tmp_path)
    monkeypatch.setattr(certificates, "_RENEWED", timedelta(days=400))
    assert own_certificate(NAMES, tmp_path).fingerprint != first.fingerprint


@pytest.mark.parametrize("left", ["nothing", "garbage", "half", "no key"])
def test_what_is_not_whole_is_made_anew(tmp_path: Path, left: str) -> None:
    first = own_certificate(NAMES, tmp_path)
    whole = first.file.read_bytes()
    pieces = {
        "nothing": b"",
        "garbage": b"garbage",
        "half": whole[: len(whole) // 4],
        "no key": whole[: whole.index(b"-----BEGIN PRIVATE")],
    }
    first.file.write_bytes(pieces[left])
    again = own_certificate(NAMES, tmp_path)
    assert again.fingerprint != first.fingerprint
    assert again.names == NAMES


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pip install 'nearfar\[studio\]'"):
        own_certificate(NAMES, tmp_path)


def test_https_is_read_by_who_trusts_it(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME" if sys.platform == "linux" else "APPDATA", str(tmp_path))
    server = serve(tls=True)
    assert server.certificate is not None
    assert server.certificate.authority.is_relative_to(tmp_path)
    assert server.url == f"https://localhost:{server.port}/"
    trusting = ssl.create_default_context(cafile=server.certificate.authority)
    for host in ("localhost", "127.0.0.1"):
        url = f"https://{host}:{server.port}/"
        with urllib.request.urlopen(url, timeout=PATIENCE, context=trusting) as answer:
            assert b"<title>Start</title>" in answer.read()
    with urllib.request.urlopen(f"{server.url}nearfar/authority.crt", context=trusting) as answer:
        assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
        assert answer.read() == server.certificate.authority.read_bytes()
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(server.url, timeout=PATIENCE, context=ssl.create_default_context())
    address = f"wss://localhost:{server.port}/nearfar/stream"
    with connect(address, origin=server.url[:-1], ssl=trusting) as stream:  # type: ignore[arg-type]
        assert stream.recv(PATIENCE)


def test_who_says_nothing_in_tls_is_let_go(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME" if sys.platform == "linux" else "APPDATA", str(tmp_path))
    server = serve(tls=True, limits=Limits(request=0.1))
    for said in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("localhost", server.port), PATIENCE) as silent:
            silent.sendall(said)
            with suppress(ConnectionResetError):
                while silent.recv(4096):
                    pass


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def test_the_cookie_of_https_goes_by_https_alone(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME" if sys.platform == "linux" else "APPDATA", str(tmp_path))
    server = serve(tls=True, token="a-token_of.the~test")
    assert server.certificate is not None
    trusting = ssl.create_default_context(cafile=server.certificate.authority)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), Stay())
    with pytest.raises(urllib.error.HTTPError) as sent:
        opener.open(server.url, timeout=PATIENCE)
    with sent.value as answer:
        assert answer.code == 303
        assert "Secure" in answer.headers["Set-Cookie"].split("; ")
