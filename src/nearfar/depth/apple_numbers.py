"""Numbers in Apple's tags: printed as Apple prints them, read without trust.

Most are printed as CFNumbers (17 digits, "1", "0.0"); ranges and pixel sizes have six decimals. Lengths are
millimetres.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

import numpy as np

TagValue: TypeAlias = str | tuple[str, ...]
"""A tag's text, or the items of its ``rdf:Seq``."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_LONGEST_NUMBER = 400
_LARGEST_SINGLE = 3e38


def print_number(value: float) -> str:
    """A CFNumber's text: 17 significant digits without trailing zeros, and "0.0" for zero."""
    return ("-0.0" if np.signbit(value) else "0.0") if value == 0.0 else f"{value:.17g}"


def exact_millimetres(metres: float) -> Decimal:
    """``metres`` in millimetres, digit for digit, so that `read_metres` takes them back exactly."""
    return Decimal(repr(metres)).scaleb(3)


def _millimetres(metres: float) -> Decimal:
    """``metres`` in millimetres; as the float32 that Apple holds, where one reads back as ``metres``."""
    exact = exact_millimetres(metres)
    if abs(exact) > _LARGEST_SINGLE:
        return exact
    single = Decimal(float(np.float32(exact)))
    return single if read_metres(single) == metres else exact


def read_metres(millimetres: Decimal | str) -> float:
    """Metres of a number of millimetres; a text must have passed `is_number`."""
    # Shifting the decimal point rounds once, where dividing a float by 1000 would round twice.
    return float(Decimal(millimetres).scaleb(-3))


def print_millimetres(metres: float) -> str:
    """The CFNumber's text of a length in millimetres, which `read_metres` takes back exactly."""
    millimetres = _millimetres(metres)
    text = print_number(float(millimetres))
    return text if read_metres(text) == metres else str(millimetres)


def print_pixel_size(metres: float) -> str:
    """Millimetres with six decimals, or more where six don't tell the value."""
    exact = exact_millimetres(metres)
    text = f"{exact:.6f}"
    return text if read_metres(text) == metres else f"{exact:f}"


def is_number(text: str) -> bool:
    """Whether a text is a decimal number of sensible length; never "nan", "inf" or "1_000"."""
    return len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def read_number(tag: str, text: TagValue) -> float:
    """A finite number, or a ValueError that names ``tag``."""
    if not isinstance(text, str) or not is_number(text.strip()):
        raise ValueError(f"{tag} must be a number, not {shortened(text)}")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{tag} must be finite, not {shortened(text)}")
    return value


def read_whole(tag: str, text: TagValue, limit: int = 2**32) -> int:
    """A whole number from 0 to below ``limit``, or a ValueError that names ``tag``."""
    value = read_number(tag, text)
    if value != int(value) or not 0 <= value < limit:
        raise ValueError(f"{tag} must be a whole number from 0 to {limit - 1}, not {shortened(text)}")
    return int(value)


def read_numbers(tag: str, value: TagValue, count: Sequence[int]) -> tuple[float, ...]:
    """A sequence of as many finite numbers as ``count`` allows, or a ValueError that names ``tag``."""
    if not isinstance(value, tuple) or len(value) not in count:
        found = len(value) if isinstance(value, tuple) else shortened(value)
        wanted = str(count[0]) if len(count) == 1 else f"{count[0]} to {count[-1]}"
        raise ValueError(f"{tag} must be a sequence of {wanted} numbers, not {found}")
    return tuple(read_number(tag, item) for item in value)


def shortened(value: TagValue) -> str:
    """A tag's value for a message: at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def as_half(value: float) -> float:
    """The nearest half float, or NaN beyond the largest."""
    return float(np.float16(value)) if abs(value) <= float(np.finfo(np.float16).max) else float("nan")


def print_range_end(value: float, *, half: bool) -> str:
    """Six decimals as Apple prints them, or more where six don't tell the value (of a half float)."""
    text = f"{value:f}"
    return text if (nearest_half(text) if half else float(text)) == value else repr(float(value))


def nearest_half(text: str) -> float:
    """The half float that prints as ``text`` with six decimals, or the plain number."""
    value = float(text)
    half = as_half(value)
    return half if f"{half:f}" == text else value
