"""The options of a device's name, read one by one: ``scheme:rest?fps=15&size=640x480``.

{"fps": "15"} ── read_options(device, options, {"fps": number(1, 240)}) ──▶ {"fps": 15.0}
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from nearfar.errors import InvalidConfiguration

__all__ = ["Reader", "number", "numbers", "one_of", "read_options", "size", "whole"]

Reader = Callable[[str], Any]
"""Makes a value of a text; ValueError says in words what the text should be."""


def read_options(device: str, options: Mapping[str, str], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The values of the options that are given, by their names.

    Raises:
        InvalidConfiguration: an option that has no reader, or a text that its reader refuses.
    """
    values: dict[str, Any] = {}
    for key, text in options.items():
        reader = readers.get(key)
        if reader is None:
            known = ", ".join(readers)
            raise InvalidConfiguration(f"it has no option {key!r}: there are {known}", device=device)
        try:
            values[key] = reader(text)
        except ValueError as error:
            raise InvalidConfiguration(f"option {key}={text!r}: {error}", device=device) from None
    return values


def number(least: float, most: float) -> Reader:
    """Read a number within bounds, both included."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ValueError(f"it is a number, {least:g}..{most:g}")
        return value

    return read


def numbers(first: Reader, second: Reader, form: str) -> Reader:
    """Read two numbers with a comma between them; ``form`` is how they are written."""

    def read(text: str) -> tuple[float, float]:
        one, comma, other = text.partition(",")
        if not comma:
            raise ValueError(f"it is {form}")
        return first(one), second(other)

    return read


def whole(least: int, most: int) -> Reader:
    """Read a whole number within bounds, both included."""

    def read(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise ValueError(f"it is a whole number, {least}..{most}")
        return int(text)

    return read


def one_of(*words: str) -> Reader:
    """Read one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it is {', '.join(words[:-1])} or {words[-1]}")
        return text

    return read


def size(least: tuple[int, int] = (16, 16)) -> Callable[[str], tuple[int, int]]:
    """Read (width, height) px of a picture to stream, at least so large."""

    def read(text: str) -> tuple[int, int]:
        found = re.fullmatch("([0-9]{1,4})[x×]([0-9]{1,4})", text)
        width, height = (int(found[1]), int(found[2])) if found else (0, 0)
        if not (least[0] <= width <= 4096 and least[1] <= height <= 4096):
            raise ValueError(f"it is WIDTHxHEIGHT, {least[0]}x{least[1]} to 4096x4096 px")
        return width, height

    return read
