"""A certificate of one's own: https for a phone or a headset in the same network, without a public name.

    an authority ──signs──▶ localhost, desk.local, 192.168.1.5     nearfar/tls/server.pem, for this user alone
      │ its key is thrown away
      └─ nearfar/tls/authority.crt: what a phone is told to trust

No key is left that could sign for any other name: to trust the authority is to trust this server and no more.
It is kept for as long as it holds and has all names; a new one has to be trusted anew.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nearfar.errors import MissingExtra

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

__all__ = ["Certificate", "own_certificate", "settings_folder"]

_HOLDS = timedelta(days=397)
"""Browsers take none that is made for longer than 398 days."""
_SLACK = timedelta(days=1)
"""Before now: other devices' clocks are not ours."""
_RENEWED = timedelta(days=14)
"""Before its end."""
_MOST_NAMES = 24
"""Of former networks the newest are kept, so that to be home again takes no new certificate."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What https shows.

    Attributes:
        file: certificate, authority and key, in PEM.
        authority: what other devices can be told to trust, in PEM.
        names: hosts that it is for, names and numbers.
        until: when it ends.
        fingerprint: SHA-256 of the authority, as browsers show it.
    """

    file: Path
    authority: Path
    names: tuple[str, ...]
    until: datetime
    fingerprint: str


def settings_folder() -> Path:
    """Where the settings of this user are."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "nearfar"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/nearfar"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "nearfar"


def own_certificate(names: Iterable[str], folder: Path | None = None) -> Certificate:
    """The certificate of this user for these hosts: the one that there is, or a new one.

    Args:
        names: that it must have; numbers without brackets.
        folder: where it is kept; left out, ``tls`` of `settings_folder`.

    Raises:
        MissingExtra: the library for it is not installed.
        OSError: it can be neither read nor written.
    """
    if find_spec("cryptography") is None:
        raise MissingExtra("https", extra="studio")
    place = settings_folder() / "tls" if folder is None else folder
    wanted = dict.fromkeys(names)
    found = _kept(place)
    if found is not None and found.until - datetime.now(UTC) > _RENEWED and set(wanted) <= set(found.names):
        return found
    former = found.names if found is not None else ()
    _make(place, tuple(dict.fromkeys((*wanted, *former)))[:_MOST_NAMES])
    made = _kept(place)
    if made is None:
        raise OSError(f"{place}: the certificate that was written there cannot be read")
    return made


def _kept(folder: Path) -> Certificate | None:
    """What is there and can be used, or None."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    file = folder / "server.pem"
    try:
        text = file.read_bytes()
        server, authority = x509.load_pem_x509_certificates(text)
        load_pem_private_key(text, None)
        held = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, TypeError, x509.ExtensionNotFound):  # none, or no longer whole
        return None
    return Certificate(
        file,
        folder / "authority.crt",
        tuple(str(name.value) for name in held),
        server.not_valid_after_utc,
        authority.fingerprint(SHA256()).hex(":").upper(),
    )


def _make(folder: Path, names: tuple[str, ...]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID

    now = datetime.now(UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _named(f"nearfar authority of {now:%Y-%m-%d %H:%M}")
    authority = (
        _begun(issuer, issuer, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(authority_key, SHA256())
    )
    server = (
        _begun(_named("nearfar"), issuer, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName(list(map(_alternative, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown = authority.public_bytes(Encoding.PEM)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / "authority.crt", shown, 0o644)
    _write(folder / "server.pem", server.public_bytes(Encoding.PEM) + shown + secret, 0o600)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, now: datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now - _SLACK + _HOLDS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(name: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509

    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _write(file: Path, data: bytes, mode: int) -> None:
    """All of it or nothing, whoever writes at the same time; nobody sees it with other rights."""
    handle, name = tempfile.mkstemp(dir=file.parent)  # for this user alone
    try:
        with os.fdopen(handle, "wb") as made:
            made.write(data)
        Path(name).chmod(mode)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
