"""`nearfar.open`: from a path, bytes or a binary file to a `Photo`.

The container is recognised by the first bytes, its tables are read, and nothing is decoded. A file that is
named is read piece by piece, as far as something is asked for; bytes and streams are held in memory.
"""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from nearfar.errors import LimitExceeded, UnsupportedFile
from nearfar.photo.auxiliary import KEEP, Document
from nearfar.photo.bytesource import Bytes, FileBytes
from nearfar.photo.contents import Contents
from nearfar.photo.limits import MAX_FILE_BYTES, Limits
from nearfar.photo.photo import Photo
from nearfar.photo.state import State, Stored

__all__ = ["open", "reopened"]

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"hevc", b"hevx", b"msf1"})
_DEFAULTS = Limits()
_SNIFF_BYTES = 64


def open(
    file: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    *,
    max_pixels: int = _DEFAULTS.max_pixels,
    max_items: int = _DEFAULTS.max_items,
) -> Photo:
    """Open a photo, with the depth and all else that it carries.

    Nothing is decoded yet: `Photo.color`, `Photo.depth` and the rest decode when first asked for. They read
    from a named file then, which must be there unchanged; no descriptor stays open in between.

    Args:
        file: path, the file's bytes, or a binary file (read from where it stands).
        max_pixels: refuse pictures of more pixels.
        max_items: refuse files of more items or images.

    Raises:
        OSError: the file cannot be read.
        UnsupportedFile: neither HEIC nor JPEG, or a coding that is not handled.
        CorruptFile: its bytes contradict themselves.
        LimitExceeded: it asks for more than the limits allow.
    """
    limits = Limits(max_pixels=max_pixels, max_items=max_items)
    if isinstance(file, (str, os.PathLike)):
        document = _open_named(os.fspath(file), limits)
    else:
        data, name = _read(file)
        document = _open_document(data, name, limits)
    return Photo.of(State(Stored(Contents(document)), KEEP, KEEP, KEEP, KEEP, KEEP))


def reopened(data: bytes, file: str | None, limits: Limits) -> Contents:
    """Give what a file held whose bytes were kept: a pickled photo takes them along."""
    return Contents(_open_document(data, file, limits))


def _open_named(name: str, limits: Limits) -> Document:
    with io.FileIO(name) as stream:
        if not FileBytes.suits(os.fstat(stream.fileno())):
            with io.BufferedReader(stream) as whole:
                return _open_document(_read_stream(whole, name)[0], name, limits)
        data = FileBytes(stream, name)
        _container(data[:_SNIFF_BYTES], name)
        _check_size(len(data), name)
        return _open_document(data, name, limits)


def _read(file: bytes | bytearray | memoryview | BinaryIO) -> tuple[bytes, str | None]:
    if isinstance(file, bytes):
        return file, None
    if isinstance(file, (bytearray, memoryview)):
        return bytes(file), None
    if not hasattr(file, "read"):
        raise TypeError(f"a photo is opened from a path, bytes or a binary file, not {type(file).__name__}")
    given = getattr(file, "name", None)
    return _read_stream(file, given if isinstance(given, str) else None)


def _read_stream(stream: BinaryIO | io.BufferedReader, name: str | None) -> tuple[bytes, str | None]:
    """Read a stream whose first bytes are a photo's; of anything else read no further."""
    head = stream.read(_SNIFF_BYTES)
    if not isinstance(head, bytes):
        raise TypeError("the file must be opened in binary mode")
    _container(head, name)
    pieces, size = [head], len(head)
    while piece := stream.read(MAX_FILE_BYTES + 1 - size):  # a raw stream may give less than is asked for
        pieces.append(piece)
        size += len(piece)
        _check_size(size, name)
    return b"".join(pieces), name


def _check_size(size: int, name: str | None) -> None:
    if size > MAX_FILE_BYTES:
        raise LimitExceeded(
            f"the file is over {MAX_FILE_BYTES >> 20} MiB", file=name, limit=MAX_FILE_BYTES, value=size
        )


def _container(head: bytes, name: str | None) -> str:
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))}
        if brands & _HEIF_BRANDS:
            return "heic"
        found = head[8:12].decode("latin-1").strip()
        raise UnsupportedFile(f"an ISO media file of brand {found!r}, not a HEIC photo", file=name, offset=8)
    what = "the file is empty" if not head else "the file is neither HEIC nor JPEG"
    raise UnsupportedFile(f"{what}; nearfar reads photos in HEIC and JPEG", file=name, offset=0)


def _open_document(data: Bytes, name: str | None, limits: Limits) -> Document:
    if _container(data[:_SNIFF_BYTES], name) == "jpeg":
        from nearfar.photo import jpeg

        return jpeg.open_document(data, file=name, limits=limits)
    from nearfar.photo import heic

    return heic.open_document(data, file=name, limits=limits)
