"""Options of devices' names: read, or refused with the option, the text and what it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import nearfar as nf
from nearfar.capture.options import number, numbers, one_of, read_options, size, whole


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (number(0, 1), "0.25", 0.25),
        (numbers(number(0, 1), number(-5, 5), "A,B"), "1,-2.5", (1.0, -2.5)),
        (whole(0, 9), "7", 7),
        (one_of("fast", "best"), "best", "best"),
        (size(), "640x480", (640, 480)),
    ],
)
def test_a_value_is_read(reader: Callable[[str], Any], text: str, value: Any) -> None:
    assert read_options("made:1", {"key": text}, {"key": reader}) == {"key": value}


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (number(0, 1), "2"),
        (number(0, 1), "nan"),
        (number(0, 1), "one"),
        (numbers(number(0, 1), number(0, 1), "A,B"), "1"),
        (whole(0, 9), "10"),
        (whole(0, 9), "1.0"),
        (whole(0, 9), "9" * 5000),
        (one_of("fast", "best"), "slow"),
        (size(), "640"),
        (size(), "0x480"),
        (size((64, 48)), "63x48"),
        (size(), "9999x9999"),
    ],
)
def test_what_is_no_value_is_refused(reader: Callable[[str], Any], text: str) -> None:
    with pytest.raises(nf.InvalidConfiguration, match="option key=") as caught:
        read_options("made:1", {"key": text}, {"key": reader})
    assert caught.value.device == "made:1"


def test_an_unknown_option_is_answered_with_those_there_are() -> None:
    with pytest.raises(nf.InvalidConfiguration, match="no option 'kye': there are key"):
        read_options("made:1", {"kye": "1"}, {"key": size()})
