"""A packet and its tags: RDF read into plain values, edits spliced into the original text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from nearfar.photo.limits import MAX_XMP_BYTES
from nearfar.photo.xmp.splice import Splice
from nearfar.photo.xmp.tree import Node, Source, read_source, read_tree

__all__ = ["Packet", "Structure", "Tag", "parse"]

Tag: TypeAlias = str | tuple[str, ...]
"""A tag's value: text, or the texts of an rdf:Seq, Bag or Alt."""

Structure: TypeAlias = "Tag | tuple[Structure, ...] | Mapping[str, Structure]"
"""A tag's value where it is nested: fields by name, arrays of those."""

_ARRAYS = ("rdf:Seq", "rdf:Bag", "rdf:Alt")


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """A parsed XMP packet.

    Attributes:
        data: its bytes as they came.
        tags: simple tags and arrays of texts, by name. Where a tag stands twice the first counts.
        structures: nested tags, by name; to be read only.
    """

    data: bytes
    tags: Mapping[str, Tag]
    structures: Mapping[str, Structure]
    _source: Source
    _root: Node

    def set(self, tags: Mapping[str, Tag | None]) -> bytes:
        """Give the packet with these tags set (None: taken out) and everything else byte for byte.

        A tag that is there keeps its place and form; a new one goes to the end of the description that has
        others of its namespace, or of the first. Setting what is already so changes no byte.

        Raises:
            ValueError: a name has an unknown prefix, or a value holds characters that XML cannot.
            CorruptFile: the packet has no rdf:RDF to put a tag into.
        """
        splice = Splice(self._source.text, self._root)
        gone = {name for name, value in tags.items() if value is None}
        if not gone.isdisjoint(self.tags) or not gone.isdisjoint(self.structures):
            splice.remove(gone)
        for name, value in tags.items():
            if value is not None and self.tags.get(name) != value:
                splice.set(name, value)
        return self._source.encode(splice.result()) if splice.edits else self.data

    def remove(self, names: Iterable[str]) -> bytes:
        """Give the packet without these tags; a name that is not there is no error."""
        return self.set(dict.fromkeys(names))

    def rewrite(self, tag: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> bytes:
        """Give the packet with other texts inside of a nested tag and everything else byte for byte.

        Args:
            tag: the tag; where it is not there nothing changes.
            change: asked for every element of it: from the texts right below, by name, to those that change.

        Raises:
            CorruptFile: an attribute's prefix cannot be resolved.
        """
        splice = Splice(self._source.text, self._root)
        splice.rewrite(tag, change)
        return self._source.encode(splice.result()) if splice.edits else self.data

    def split(self, size: int) -> tuple[bytes, bytes]:
        """Move the longest tags into a second packet, so that the first has at most `size` bytes.

        Raises:
            ValueError: what cannot be moved is longer.
        """
        splice = Splice(self._source.text, self._root)
        spans = {name: sum(end - start for start, end in each) for name, each in splice.spans().items()}
        left = len(self._source.text)
        moved: set[str] = set()
        for name in sorted(spans, key=lambda name: -spans[name]):
            if left <= size:
                break
            left -= spans[name]
            moved.add(name)
        splice.remove(moved)
        main = splice.result()
        if len(main) > size:
            raise ValueError(f"the XMP packet does not fit into {size:,} bytes, even without its tags")
        return main, splice.extract(moved)


def parse(data: bytes, *, file: str | None = None, offset: int = 0, max_bytes: int = MAX_XMP_BYTES) -> Packet:
    """Read an XMP packet: UTF-8, or UTF-16 or UTF-32 with or without a byte order mark.

    Args:
        data: the packet, with or without its xpacket wrapper.
        file: the file that it came from, for messages.
        offset: where it begins in that file, for messages.
        max_bytes: the longest packet to accept.

    Raises:
        CorruptFile: not well-formed XML, or with a document type.
        LimitExceeded: too large, too deep, or too many elements.
    """
    for known in tuple(_recent):
        if known.data is data:
            return known
    packet = _parse(data, file, offset, max_bytes)
    if len(data) <= _RECENT_BYTES:
        _recent[:] = [packet, *_recent[:7]]
    return packet


_RECENT_BYTES = 64 << 10
_recent: list[Packet] = []
"""The packets parsed last: on its way to a user a packet is asked by several rooms, each with the same bytes
object. Known by identity, so that the same file opened again is read again."""


def _parse(data: bytes, file: str | None, offset: int, max_bytes: int) -> Packet:
    source = read_source(data, file=file, offset=offset, max_bytes=max_bytes)
    root = read_tree(source.text, file=file, offset=offset + len(source.mark))
    tags: dict[str, Tag] = {}
    structures: dict[str, Structure] = {}
    for description in descriptions(root):
        for name, value in _fields(description).items():
            if name in tags or name in structures:
                continue
            if isinstance(value, str):
                tags[name] = value
            elif isinstance(value, tuple) and all(isinstance(item, str) for item in value):
                tags[name] = tuple(str(item) for item in value)
            else:
                structures[name] = value
    return Packet(data, MappingProxyType(tags), MappingProxyType(structures), source, root)


def descriptions(root: Node) -> list[Node]:
    """Give the rdf:Description elements, in order; none where there is no rdf:RDF."""
    if root.name == "rdf:RDF":
        return root.children
    return next((node.children for node in root.children if node.name == "rdf:RDF"), [])


def _fields(node: Node) -> dict[str, Structure]:
    """Read the fields of a description or of a structure: its attributes, then its elements."""
    fields: dict[str, Structure] = {
        name: value for name, value in node.attributes.items() if not name.startswith(("rdf:", "xml:"))
    }
    for child in node.children:
        fields.setdefault(child.name, _value(child))
    return fields


def _value(node: Node) -> Structure:
    """Read one property element (RDF/XML syntax 7.2.14 onwards, as far as XMP uses it)."""
    children = node.children
    if not children:
        if not node.attributes:
            return node.text
        if "rdf:resource" in node.attributes:
            return node.attributes["rdf:resource"]
        return _fields(node) or node.text
    only = children[0]
    if len(children) == 1 and only.name in _ARRAYS:
        return tuple(_value(item) for item in only.children)
    if len(children) == 1 and only.name == "rdf:Description":
        node = only
    fields = _fields(node)
    return fields.get("rdf:value", fields)
