"""The part of YAML that calibration files use, read strictly and within bounds.

Mappings and sequences, indented or in brackets, plain and quoted scalars, tags, comments, one document, and
OpenCV's ``%YAML:1.0``.  Anchors, aliases, block scalars and scalars over several lines are refused: no
calibration needs them, and they are how small files grow large.  Scalars stay text; the readers say what they
expect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Fault", "Node", "Unsupported", "parse_yaml"]

MAX_DEPTH = 32
MAX_NODES = 65_536

Value: TypeAlias = "str | list[Node] | dict[str, Node] | None"


class Fault(ValueError):
    """What is wrong with a file, and on which line (counted from 1), if it has lines."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason if line is None else f"line {line}: {reason}")


class Unsupported(Fault):
    """The file is sound, but says something that is not read."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands: text, a list, a mapping or None; ``tag`` is as written, with ``!``."""

    value: Value
    line: int
    tag: str = ""


# Possessive throughout, so that no line can be scanned twice.
_KEY = re.compile(
    r"""(?:"((?:[^"\\]|\\.)*+)"\s*+|'((?:[^']|'')*+)'\s*+"""
    r"""|([^\s\-?:,\[\]{}#&*!|>'"%@`][^:#]*+|-[^\s:][^:#]*+)):(?:\s++|$)"""
)
_FLOW_KEY = re.compile(r"""["']?([^\s:,\[\]{}"'#]++)["']?\s*+:""")
_TAG = re.compile(r"(![^\s,\[\]{}]*)(?:\s+|$)")
_PLAIN_END = re.compile(r"\s#")
_FLOW_PLAIN = re.compile(r"[^,\[\]{}#\n:]+(?::[^\s,\[\]{}:]+)*")
_DOUBLE = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_SINGLE = re.compile(r"'((?:[^'\n]|'')*)'")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "/": "/", " ": " "}


@dataclass(slots=True)
class _Line:
    number: int
    indent: int
    text: str


def parse_yaml(text: str) -> Node:
    """The one document in ``text``. Raises `Fault` with the line of whatever is not in the subset."""
    parser = _Parser(_lines(text))
    if not parser.lines:
        raise Fault("the file is empty", 1)
    root = parser.block(parser.lines[0].indent, 1)
    if parser.i < len(parser.lines):
        raise Fault("this line is indented less than the ones before it", parser.lines[parser.i].number)
    return root


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    started = False
    ended: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if line.startswith("%") and not lines:
            continue
        if ended is not None:
            raise Unsupported("a second document; only one per file is read", ended)
        if line.startswith("---"):
            if started or lines:
                # A printed message ends in this; it begins a document only if something follows.
                ended = number
            started = True
            stripped = stripped[3:].strip()
            if not stripped or stripped.startswith("#"):
                continue
            raise Unsupported("content beside the document's start ('---')", number)
        if stripped == "..." and not line[0].isspace():
            break
        indent = len(line) - len(line.lstrip(" "))
        if line[indent] == "\t":
            raise Fault("a tab in the indentation", number)
        lines.append(_Line(number, indent, stripped))
    return lines


class _Parser:
    """A reader over lines; ``i`` is the line it stands on."""

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.i = 0
        self.nodes = 0

    # Indented collections

    def block(self, indent: int, depth: int) -> Node:
        """The collection or scalar that starts on this line at ``indent``."""
        line = self.lines[self.i]
        if depth > MAX_DEPTH:
            raise Fault(f"nested deeper than {MAX_DEPTH} levels", line.number)
        if _is_item(line.text):
            return self._sequence(indent, depth)
        if _KEY.match(line.text):
            return self._mapping(indent, depth)
        node, _ = self._inline(line.text, depth)
        return node

    def _mapping(self, indent: int, depth: int) -> Node:
        first = self.lines[self.i].number
        entries: dict[str, Node] = {}
        while self.i < len(self.lines) and self.lines[self.i].indent == indent:
            line = self.lines[self.i]
            match = None if _is_item(line.text) else _KEY.match(line.text)
            if match is None:
                raise Fault(f"expected 'key: value', found {_shown(line.text)}", line.number)
            key = _key(match, line.number)
            if key in entries:
                raise Fault(f"{key!r} stands here a second time", line.number)
            entries[key] = self._entry(line.text[match.end() :], indent, depth)
        self._no_deeper(indent)
        return self._made(entries, first)

    def _sequence(self, indent: int, depth: int) -> Node:
        first = self.lines[self.i].number
        items: list[Node] = []
        while self.i < len(self.lines) and self.lines[self.i].indent == indent:
            line = self.lines[self.i]
            if not _is_item(line.text):
                break
            rest = line.text[1:].lstrip()
            if _is_item(rest) or (rest and _KEY.match(rest)):
                # "- key: value" is a mapping whose first line happens to stand behind the dash.
                line.indent += len(line.text) - len(rest)
                line.text = rest
                items.append(self.block(line.indent, depth + 1))
            else:
                items.append(self._entry(rest, indent, depth, of_sequence=True))
        self._no_deeper(indent)
        return self._made(items, first)

    def _entry(self, rest: str, indent: int, depth: int, *, of_sequence: bool = False) -> Node:
        """The value behind a key or a dash: on the same line, or indented below."""
        line = self.lines[self.i]
        tag = ""
        if match := _TAG.match(rest):
            tag, rest = match[1], rest[match.end() :]
        if rest and not rest.startswith("#"):
            node, _ = self._inline(rest, depth)
            return Node(node.value, node.line, tag)
        self.i += 1
        if self.i < len(self.lines):
            below = self.lines[self.i]
            if below.indent > indent or (below.indent == indent and not of_sequence and _is_item(below.text)):
                node = self.block(below.indent, depth + 1)
                return Node(node.value, node.line, tag)
        return self._made(None, line.number, tag)

    def _no_deeper(self, indent: int) -> None:
        if self.i < len(self.lines) and self.lines[self.i].indent > indent:
            raise Fault("this line is indented more than the ones it belongs to", self.lines[self.i].number)

    def _made(self, value: Value, line: int, tag: str = "") -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Fault(f"more than {MAX_NODES} values", line)
        return Node(value, line, tag)

    # Values on a line, and bracketed collections over several

    def _inline(self, text: str, depth: int) -> tuple[Node, int]:
        """The value that starts with ``text``, the end of the current line; moves on to the next line."""
        number = self.lines[self.i].number
        if text[0] in "[{":
            self.lines[self.i].text = text
            node, at = self._flow(0, depth + 1)
            text, number = self.lines[self.i].text, self.lines[self.i].number
        elif text[0] in "\"'":
            node, at = self._quoted(text, 0, number)
        elif text[0] in "|>&*@`%":
            raise Unsupported(f"{text[0]!r} starts something that calibration files don't use", number)
        else:
            end = _PLAIN_END.search(text)
            at = len(text) if end is None else end.start()
            node = self._made(_plain(text[:at]), number)
        tail = text[at:].strip()
        if tail and not tail.startswith("#"):
            raise Fault(f"unexpected {_shown(tail)} behind a value", number)
        self.i += 1
        return node, at

    def _quoted(self, text: str, at: int, number: int) -> tuple[Node, int]:
        match = (_DOUBLE if text[at] == '"' else _SINGLE).match(text, at)
        if match is None:
            raise Fault("a quoted text has no end on its line", number)
        value = _unescaped(match[1], number) if text[at] == '"' else match[1].replace("''", "'")
        return self._made(value, number), match.end()

    def _skip(self, at: int) -> int:
        """Move over blanks, comments and line ends inside brackets; the position on the line now current."""
        while True:
            line = self.lines[self.i]
            while at < len(line.text) and line.text[at] in " \t":
                at += 1
            if at < len(line.text) and not (line.text[at] == "#" and (at == 0 or line.text[at - 1] in " \t")):
                return at
            if self.i + 1 >= len(self.lines):
                raise Fault("a bracket is never closed", line.number)
            self.i += 1
            at = 0

    def _flow(self, at: int, depth: int) -> tuple[Node, int]:
        """The value at position ``at`` of the current line, inside brackets, and the position behind it."""
        at = self._skip(at)
        line = self.lines[self.i]
        if depth > MAX_DEPTH:
            raise Fault(f"nested deeper than {MAX_DEPTH} levels", line.number)
        if match := _TAG.match(line.text, at):
            node, at = self._flow(match.end(), depth + 1)
            return Node(node.value, node.line, match[1]), at
        mark = line.text[at]
        if mark in "\"'":
            return self._quoted(line.text, at, line.number)
        if mark == "[":
            return self._flow_sequence(at + 1, depth)
        if mark == "{":
            return self._flow_mapping(at + 1, depth)
        plain = _FLOW_PLAIN.match(line.text, at)
        if plain is None or mark in "|>&*@`%":
            raise Fault(f"unexpected {_shown(line.text[at:])} inside brackets", line.number)
        return self._made(_plain(plain[0].strip()), line.number), plain.end()

    def _flow_sequence(self, at: int, depth: int) -> tuple[Node, int]:
        first = self.lines[self.i].number
        items: list[Node] = []
        while True:
            at = self._skip(at)
            if self.lines[self.i].text[at] == "]":
                return self._made(items, first), at + 1
            node, at = self._flow(at, depth + 1)
            items.append(node)
            at = self._separator(at, "]")

    def _flow_mapping(self, at: int, depth: int) -> tuple[Node, int]:
        first = self.lines[self.i].number
        entries: dict[str, Node] = {}
        while True:
            at = self._skip(at)
            line = self.lines[self.i]
            if line.text[at] == "}":
                return self._made(entries, first), at + 1
            # OpenCV writes "{ a:1 }", without the blank behind the colon.
            match = _FLOW_KEY.match(line.text, at)
            if match is None:
                raise Fault(f"expected 'key: value', found {_shown(line.text[at:])}", line.number)
            if match[1] in entries:
                raise Fault(f"{match[1]!r} stands here a second time", line.number)
            entries[match[1]], at = self._flow(match.end(), depth + 1)
            at = self._separator(at, "}")

    def _separator(self, at: int, close: str) -> int:
        """Move over a comma, or stay in front of the closing bracket."""
        at = self._skip(at)
        line = self.lines[self.i]
        if line.text[at] == ",":
            return at + 1
        if line.text[at] == close:
            return at
        raise Fault(f"expected ',' or '{close}', found {_shown(line.text[at:])}", line.number)


def _is_item(text: str) -> bool:
    return text == "-" or text.startswith("- ")


def _plain(text: str) -> str | None:
    return None if text in ("", "~", "null", "Null", "NULL") else text


def _key(match: re.Match[str], line: int) -> str:
    if match[1] is not None:
        return _unescaped(match[1], line)
    return match[2].replace("''", "'") if match[2] is not None else match[3].rstrip()


def _unescaped(text: str, line: int) -> str:
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise Unsupported(f"the escape \\{match[1]}", line)
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", one, text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
