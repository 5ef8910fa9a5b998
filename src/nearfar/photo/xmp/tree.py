"""The XML under a packet, as a bounded tree that knows where in the text each element stands.

Untrusted: document types and entities are refused, depth, size and number of parts are limited, and the
checks that can be made without a parser come before it.
"""

from __future__ import annotations

import codecs
import pyexpat
from dataclasses import dataclass

from nearfar.errors import CorruptFile, LimitExceeded
from nearfar.photo.limits import MAX_XMP_BYTES
from nearfar.photo.xmp.names import canonical

__all__ = ["Node", "Source", "read_source", "read_tree"]

_MAX_PARTS = 50_000
"""Elements and attributes that a packet may have. Those of phones have a hundred."""

_MAX_DEPTH = 64

_ENCODINGS = (  # order matters: UTF-32's byte order marks begin with UTF-16's
    (codecs.BOM_UTF8, "utf-8", True),
    (codecs.BOM_UTF32_LE, "utf-32-le", True),
    (codecs.BOM_UTF32_BE, "utf-32-be", True),
    (codecs.BOM_UTF16_LE, "utf-16-le", True),
    (codecs.BOM_UTF16_BE, "utf-16-be", True),
    (b"<\0\0\0", "utf-32-le", False),
    (b"\0\0\0<", "utf-32-be", False),
    (b"<\0", "utf-16-le", False),
    (b"\0<", "utf-16-be", False),
)


class Node:
    """An element. `start` is where its start tag begins in the text, `close` where its end tag does."""

    __slots__ = ("attributes", "children", "close", "name", "start", "text")

    def __init__(self, name: str, attributes: dict[str, str], start: int) -> None:
        self.name = name
        self.attributes = attributes
        self.start = start
        self.close = start
        self.text = ""
        self.children: list[Node] = []


class _Names(dict[str, str]):
    """Canonical names by expat's, worked out once for each packet."""

    def __missing__(self, expanded: str) -> str:
        name = self[expanded] = canonical(expanded)
        return name


@dataclass(frozen=True, slots=True)
class Source:
    """A packet's text in UTF-8, and what stood around it: encoding, byte order mark, trailing NULs."""

    text: bytes
    encoding: str
    mark: bytes
    tail: bytes

    def encode(self, text: bytes) -> bytes:
        """Give an edited text the original's encoding and surroundings."""
        body = text if self.encoding == "utf-8" else text.decode("utf-8").encode(self.encoding)
        return self.mark + body + self.tail


def read_source(data: bytes, *, file: str | None, offset: int, max_bytes: int = MAX_XMP_BYTES) -> Source:
    """Find a packet's encoding, bring it to UTF-8 and refuse what is too large to parse."""
    if len(data) > max_bytes:
        raise LimitExceeded(
            f"the XMP packet has {len(data):,} bytes, over the limit of {max_bytes:,}",
            file=file, offset=offset, limit=max_bytes, value=len(data),
        )  # fmt: skip
    mark, encoding = b"", "utf-8"
    for head, name, is_mark in _ENCODINGS:
        if data.startswith(head):
            mark, encoding = (head if is_mark else b""), name
            break
    body = data[len(mark) :]
    if encoding == "utf-8":
        text = body.rstrip(b"\0")
        tail = body[len(text) :]
    else:
        try:
            decoded = body.decode(encoding)
        except UnicodeDecodeError as error:
            reason = f"the XMP packet is not {encoding}: {error.reason}"
            raise CorruptFile(reason, file=file, offset=offset) from None
        stripped = decoded.rstrip("\0")
        text, tail = stripped.encode("utf-8"), decoded[len(stripped) :].encode(encoding)
    # No element or attribute is without one of these, but for the few that are still open at the end.
    parts = text.count(b"</") + text.count(b"/>") + text.count(b"=")
    if parts > _MAX_PARTS:
        raise LimitExceeded(
            f"the XMP packet has about {parts:,} elements and attributes, over the limit of {_MAX_PARTS:,}",
            file=file, offset=offset, limit=_MAX_PARTS, value=parts,
        )  # fmt: skip
    return Source(text, encoding, mark, tail)


def read_tree(text: bytes, *, file: str | None, offset: int) -> Node:
    """Parse a packet's UTF-8 text.

    Raises:
        CorruptFile: it is not well-formed XML, or declares a document type.
        LimitExceeded: it is nested more than 64 deep.
    """
    parser = pyexpat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    names = _Names()
    pieces: list[str] = []  # text since the last tag; only leaves have text that means anything
    root = Node("", {}, 0)
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _MAX_DEPTH:
            raise LimitExceeded(
                f"the XMP packet has more than {_MAX_DEPTH} levels",
                file=file, offset=offset + parser.CurrentByteIndex, limit=_MAX_DEPTH, value=len(stack),
            )  # fmt: skip
        if attributes:
            attributes = {names[key]: value for key, value in attributes.items()}
        node = Node(names[name], attributes, parser.CurrentByteIndex)
        stack[-1].children.append(node)
        stack.append(node)
        pieces.clear()

    def end(_: str) -> None:
        node = stack.pop()
        node.close = parser.CurrentByteIndex
        if pieces:
            if not node.children:
                node.text = "".join(pieces)
            pieces.clear()

    def refuse(*_: object) -> None:
        place = offset + parser.CurrentByteIndex
        raise CorruptFile("the XMP packet declares a document type or entities", file=file, offset=place)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = pieces.append
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except pyexpat.ExpatError as error:
        reason = f"the XMP packet is not well-formed XML: {pyexpat.ErrorString(error.code)}"
        place = offset + max(parser.ErrorByteIndex, 0)
        raise CorruptFile(reason, file=file, offset=place) from None
    return root.children[0]
