"""What server and pages say to one another as TypeScript, so that pages are checked against the server.

    messages.py ──┬─ python -m nearfar.studio.typescript web/protocol ──┬─▶ web/protocol/messages.ts
    answers.py  ──┘                                                     └─▶ web/protocol/answers.ts

A test compares the files with what this writes.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from nearfar.studio import answers, messages
from nearfar.studio.messages import FROM_PAGE, FROM_SERVER, FROM_STUDIO, PROTOCOL, Blob, Matrix
from nearfar.studio.wire import camel_case

__all__ = ["answers_as_typescript", "as_typescript", "main"]

_HEAD = """\
// The messages between a nearfar server and its pages, written from src/nearfar/studio/messages.py.
// Don't edit: python -m nearfar.studio.typescript web/protocol
//
// One binary WebSocket message each: u32 length of the header, the header (JSON), zeros up to a multiple of
// 8, then the blobs, each padded likewise. Little-endian. docs/stream-format.md has it in full.

"""

_BASE = """\
export const PROTOCOL = {protocol};

/** Bytes behind the header: the place of one in `blobs`. */
export interface BlobReference {{
  readonly blob: number;
}}

/** 16 numbers, column by column, each a float32. */
export type Matrix = readonly number[];

/** What the header of each message has besides the message: the length of each blob in bytes. */
export interface Blobs {{
  readonly blobs: readonly number[];
}}
"""
_ANSWERS = """\
// What the studio's page and its server say over HTTP, written from src/nearfar/studio/answers.py.
// Don't edit: python -m nearfar.studio.typescript web/protocol

"""
_WIDTH = 110


def as_typescript() -> str:
    """The text of messages.ts."""
    parts = [_BASE.format(protocol=PROTOCOL), *_declared(messages)]
    unions = {"FromServer": FROM_SERVER, "FromPage": FROM_PAGE, "FromStudio": FROM_STUDIO}
    for name, union in unions.items():
        parts.append(f"export type {name} = {' | '.join(kind.__name__ for kind in union)};\n")
    return _HEAD + "\n".join(parts)


def answers_as_typescript() -> str:
    """The text of answers.ts."""
    return _ANSWERS + "\n".join(_declared(answers))


def main(arguments: list[str]) -> int:
    """Write both files into the folder that the one argument names."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m nearfar.studio.typescript FOLDER\n")
        return 2
    folder = Path(arguments[0])
    (folder / "messages.ts").write_text(as_typescript(), encoding="utf-8")
    (folder / "answers.ts").write_text(answers_as_typescript(), encoding="utf-8")
    return 0


def _declared(module: ModuleType) -> list[str]:
    """A module's choices of words and its dataclasses, as it has them."""
    kinds = (
        value
        for value in vars(module).values()
        if inspect.isclass(value) and is_dataclass(value) and value.__module__ == module.__name__
    )
    choices = (_enumeration(name, words) for name, words in _choices(module))
    return [*choices, *(_interface(kind, module) for kind in kinds)]


def _choices(module: ModuleType) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name for a choice of words, with its words."""
    for name, value in vars(module).items():
        if get_origin(value) is Literal:
            yield name, get_args(value)
        elif inspect.isclass(value) and issubclass(value, Enum):
            yield name, tuple(entry.value for entry in value)


def _enumeration(name: str, words: tuple[str, ...]) -> str:
    return f"export type {name} = {' | '.join(repr(word) for word in words)};\n"


def _interface(kind: Any, module: ModuleType) -> str:
    about, of_fields = _documented(kind)
    lines = [*_comment(about, ""), f"export interface {kind.__name__} {{"]
    if hasattr(kind, "type"):
        lines.append(f"  readonly type: {kind.type!r};")
    hints = get_type_hints(kind)
    for field in fields(kind):
        lines += _comment(of_fields.get(field.name, ""), "  ")
        lines.append(f"  readonly {camel_case(field.name)}: {_type_of(hints[field.name], module)};")
    return "\n".join([*lines, "}", ""])


def _type_of(kind: Any, module: ModuleType) -> str:
    """A Python annotation as TypeScript has it."""
    names = {Blob: "BlobReference", Matrix: "Matrix", NoneType: "null", bool: "boolean", str: "string"}
    if kind in names:
        return names[kind]
    if kind in (int, float):
        return "number"
    for name, value in vars(module).items():
        if value is kind or (get_origin(value) is Literal and value == kind):
            return name
    arguments = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return " | ".join(_type_of(each, module) for each in arguments)
    if get_origin(kind) is tuple:
        if arguments[1:] == (...,):
            return f"readonly {_type_of(arguments[0], module)}[]"
        return f"readonly [{', '.join(_type_of(each, module) for each in arguments)}]"
    raise TypeError(
        f"messages cannot have a field of type {kind!r}: TypeScript's word for it is not known here"
    )


def _documented(kind: Any) -> tuple[str, dict[str, str]]:
    """A docstring's words, and those on each attribute."""
    text = inspect.getdoc(kind) or ""
    about, _, attributes = text.partition("\n\nAttributes:\n")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)
    return about, {name: " ".join(words.split()) for name, words in found}


def _comment(text: str, indent: str) -> list[str]:
    """A documentation comment: names in camel case, lines no longer than the others."""
    if not text:
        return []
    words = re.sub(r"`+(\w+)`+", lambda found: f"`{camel_case(found[1])}`", text)
    words = words.replace("``", "`").replace("None", "null")
    single = f"{indent}/** {' '.join(words.split())} */"
    if len(single) <= _WIDTH:
        return [single]
    lines, line = [f"{indent}/**"], f"{indent} *"
    for word in words.split():
        if len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = f"{indent} *"
        line += f" {word}"
    return [*lines, line, f"{indent} */"]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
