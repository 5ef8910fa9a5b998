"""Edits of a packet's text at exact places, so that all else stays byte for byte.

The tree says where elements begin; here their start tags are read again as raw text, to find attributes,
prefixes in scope and where the tag ends. The text is known to be well-formed, which makes that easy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from nearfar.errors import CorruptFile
from nearfar.photo.xmp.names import RDF, canonical, expand
from nearfar.photo.xmp.tree import Node
from nearfar.photo.xmp.writing import attribute_text, element_text

__all__ = ["Splice"]

_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<([^\s/>]+)")


@dataclass(frozen=True, slots=True)
class _Attribute:
    """An attribute in the text: raw name, quoted value, and the span with the white space before it."""

    name: str
    value: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _RawTag:
    """A start tag in the text."""

    name: str
    attributes: tuple[_Attribute, ...]
    start: int
    end: int
    empty: bool

    def scope(self, outer: dict[str, str]) -> dict[str, str]:
        """Prefix → URI inside this element."""
        scope = dict(outer)
        for attribute in self.attributes:
            prefix, _, name = attribute.name.rpartition(":")
            if prefix == "xmlns" or attribute.name == "xmlns":
                scope["" if not prefix else name] = attribute.value[1:-1].decode()
        return scope


@dataclass(slots=True)
class Splice:
    """A list of edits to a text, made tag by tag and applied at once."""

    text: bytes
    root: Node
    edits: list[tuple[int, int, bytes]] = field(default_factory=list)

    def result(self) -> bytes:
        """Apply the edits."""
        out, position = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            out += [self.text[position:start], new]
            position = end
        out.append(self.text[position:])
        return b"".join(out)

    def remove(self, tags: AbstractSet[str]) -> None:
        """Take out tags wherever they stand, with the white space before them."""
        for name, spans in self.spans().items():
            if name in tags:
                self.edits += [(start, end, b"") for start, end in spans]

    def spans(self) -> dict[str, list[tuple[int, int]]]:
        """Give where each tag stands, with the white space before it."""
        spans: dict[str, list[tuple[int, int]]] = {}
        for description, scope, raw in self._descriptions():
            for name, attribute in self._attributes(description, raw, scope).items():
                spans.setdefault(name, []).append((attribute.start, attribute.end))
            for child in description.children:
                spans.setdefault(child.name, []).append((self._lead(child.start), self._end(child)))
        return spans

    def extract(self, tags: AbstractSet[str]) -> bytes:
        """Give a packet that has these tags alone, as they stand in the text."""
        blocks = []
        for description, scope, raw in self._descriptions():
            found = self._attributes(description, raw, scope)
            taken = [attribute for name, attribute in found.items() if name in tags]
            names = (
                b' xmlns%b="%b"' % (f":{prefix}".encode() if prefix else b"", attribute_text(uri))
                for prefix, uri in scope.items()
            )
            attributes = b"".join(self.text[attribute.start : attribute.end] for attribute in taken)
            elements = b"".join(
                self.text[child.start : self._end(child)]
                for child in description.children
                if child.name in tags
            )
            if attributes or elements:
                open_tag = b'<rdf:Description rdf:about=""%b%b>' % (b"".join(names), attributes)
                blocks.append(open_tag + elements + b"</rdf:Description>")
        head = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="%b">' % RDF.encode()
        return head + b"".join(blocks) + b"</rdf:RDF></x:xmpmeta>"

    def set(self, tag: str, value: str | tuple[str, ...]) -> None:
        """Give a tag a value where it stands first, or insert it."""
        for description, scope, raw in self._descriptions():
            if tag in description.attributes:
                attribute = self._attributes(description, raw, scope)[tag]
                if isinstance(value, str):
                    start = attribute.end - len(attribute.value)
                    self.edits.append((start, attribute.end, b'"' + attribute_text(value) + b'"'))
                else:
                    self.edits.append((attribute.start, attribute.end, b""))
                    self._insert(tag, value)
                return
            for child in description.children:
                if child.name == tag:
                    self._replace(child, scope, value)
                    return
        self._insert(tag, value)

    def rewrite(self, tag: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
        """Change texts inside of a nested tag.

        Args:
            tag: the tag, wherever it stands as an element.
            change: from the attributes and the leaves right below an element, by name, to those that get
                another text; asked for every element of the tag.
        """
        for description, scope, _ in self._descriptions():
            for child in description.children:
                if child.name == tag:
                    self._rewrite_below(child, scope, change)

    def _rewrite_below(
        self, node: Node, scope: dict[str, str], change: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> None:
        raw = self._raw(node.start)
        scope = raw.scope(scope)
        leaves = {child.name: child for child in node.children if not child.children}
        changed = change({**{name: leaf.text for name, leaf in leaves.items()}, **node.attributes})
        attributes = self._attributes(node, raw, scope) if changed.keys() & node.attributes.keys() else {}
        for name, text in changed.items():
            if name in attributes:
                attribute = attributes[name]
                start = attribute.end - len(attribute.value)
                self.edits.append((start, attribute.end, b'"' + attribute_text(text) + b'"'))
            elif name in leaves and not self._raw(leaves[name].start).empty:
                leaf = leaves[name]
                self.edits.append((self._raw(leaf.start).end, leaf.close, element_text(text)))
        for child in node.children:
            if child.children or child.attributes:
                self._rewrite_below(child, scope, change)

    def _replace(self, node: Node, scope: dict[str, str], value: str | tuple[str, ...]) -> None:
        raw = self._raw(node.start)
        scope = raw.scope(scope)
        if isinstance(value, str):
            content = element_text(value)
        else:
            kind = node.children[0].name.removeprefix("rdf:") if node.children else "Seq"
            kind = kind if kind in ("Seq", "Bag", "Alt") else "Seq"
            content = self._array(scope, value, kind, self._indent(node))
        kept = b"".join(
            self.text[attribute.start : attribute.end]
            for attribute in raw.attributes
            if attribute.name.split(":")[0] in ("xmlns", "xml")
        )
        name = raw.name.encode()
        self.edits.append((node.start, self._end(node), b"<%b%b>%b</%b>" % (name, kept, content, name)))

    def _insert(self, tag: str, value: str | tuple[str, ...]) -> None:
        """Put a new element at the end of the description that suits it best."""
        places = list(self._descriptions())
        if not places:
            raise CorruptFile("the XMP packet has no rdf:Description to put a tag into")
        prefix, uri, name = expand(tag)
        family = canonical(f"{uri} ")
        node, scope, raw = next((place for place in places if _speaks(place[0], family)), places[0])
        lead = self._indent(node.children[-1]) if node.children else b""
        qualified, declaration = _qualify(scope, prefix, uri, name)
        content = element_text(value) if isinstance(value, str) else self._array(scope, value, "Seq", lead)
        element = b"%b<%b%b>%b</%b>" % (lead, qualified, declaration, content, qualified)
        if not raw.empty:
            place = self._end(node.children[-1]) if node.children else node.close
            self.edits.append((place, place, element))
            return
        slash = self.text.rindex(b"/", 0, raw.end)
        close = b"</%b>" % raw.name.encode()
        mine = [edit for edit in self.edits if edit[0] == slash]
        if mine:  # the second tag put into a description that was an empty element
            self.edits.remove(mine[0])
            element = mine[0][2][1 : -len(close)] + element
        self.edits.append((slash, raw.end, b">" + element + close))

    @staticmethod
    def _array(scope: dict[str, str], values: tuple[str, ...], kind: str, indent: bytes) -> bytes:
        qualified, declaration = _qualify(scope, "rdf", RDF, kind)
        item = b"rdf:li" if declaration else qualified.rpartition(b":")[0] + b":li"
        deeper = indent + b"   " if indent else b""
        deepest = deeper + b"   " if indent else b""
        items = b"".join(b"%b<%b>%b</%b>" % (deepest, item, element_text(value), item) for value in values)
        return b"%b<%b%b>%b%b</%b>%b" % (deeper, qualified, declaration, items, deeper, qualified, indent)

    def _descriptions(self) -> Iterator[tuple[Node, dict[str, str], _RawTag]]:
        """Walk the descriptions with the prefixes in their scope and their raw start tags."""
        scope: dict[str, str] = {}
        node: Node | None = self.root
        while node is not None:
            scope = self._raw(node.start).scope(scope)
            if node.name == "rdf:RDF":
                for child in node.children:
                    raw = self._raw(child.start)
                    yield child, raw.scope(scope), raw
                return
            node = next((child for child in node.children if child.name == "rdf:RDF"), None)

    @staticmethod
    def _attributes(node: Node, raw: _RawTag, scope: dict[str, str]) -> dict[str, _Attribute]:
        """Give the tags that are attributes of an element, by name."""
        found: dict[str, _Attribute] = {}
        for attribute in raw.attributes:
            prefix, colon, name = attribute.name.rpartition(":")
            if not colon:
                found[name] = attribute
            elif prefix in scope:
                found[canonical(f"{scope[prefix]} {name}")] = attribute
        tags = [name for name in node.attributes if not name.startswith(("rdf:", "xml:"))]
        lost = [name for name in tags if name not in found]
        if lost:  # its namespace is spelt with references, say; not to find it is not to take it out
            reason = f"the XMP attribute {lost[0]} has a prefix that cannot be resolved"
            raise CorruptFile(reason, offset=raw.start)
        return {name: found[name] for name in tags}

    def _raw(self, start: int) -> _RawTag:
        name = _NAME.match(self.text, start)
        if name is None:
            raise CorruptFile("the XMP packet's element is not where the parser saw it", offset=start)
        attributes, position = [], name.end()
        while found := _ATTRIBUTE.match(self.text, position):
            attributes.append(_Attribute(found[1].decode(), found[2], found.start(), found.end()))
            position = found.end()
        end = self.text.index(b">", position) + 1
        return _RawTag(name[1].decode(), tuple(attributes), start, end, self.text[end - 2 : end] == b"/>")

    def _end(self, node: Node) -> int:
        raw = self._raw(node.start)
        return raw.end if raw.empty else self.text.index(b">", node.close) + 1

    def _lead(self, start: int) -> int:
        """Where the white space before a place begins."""
        window = max(0, start - 4096)
        return window + len(self.text[window:start].rstrip(b" \t\r\n"))

    def _indent(self, node: Node) -> bytes:
        return self.text[self._lead(node.start) : node.start]


def _speaks(description: Node, family: str) -> bool:
    """Tell whether a description has tags of a namespace."""
    names = (*description.attributes, *(child.name for child in description.children))
    return any(name.startswith(family) for name in names)


def _qualify(scope: dict[str, str], prefix: str, uri: str, name: str) -> tuple[bytes, bytes]:
    """Give an element's name with a prefix in scope, else with ours and the declaration that it needs."""
    for known, bound in scope.items():
        if known and bound == uri:
            return f"{known}:{name}".encode(), b""
    return f"{prefix}:{name}".encode(), b' xmlns:%b="%b"' % (prefix.encode(), attribute_text(uri))
