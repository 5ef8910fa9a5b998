"""Names of devices: taken apart and put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.capture import DeviceName, open_source

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(
    st.sampled_from(["virtual", "take", "x-1"]),
    WORDS,
    st.dictionaries(WORDS, WORDS, max_size=3),
)
def test_a_name_comes_back_from_its_text(scheme: str, rest: str, options: dict[str, str]) -> None:
    name = DeviceName(scheme, rest, options)
    assert DeviceName.parse(str(name)) == name


def test_a_name_can_hold_another() -> None:
    inner = DeviceName("photo", "a b/IMG?1.HEIC", {"scale": "2"})
    outer = DeviceName("faulty", str(inner), {"drop": "0.1"})
    assert DeviceName.parse(DeviceName.parse(str(outer)).rest) == inner


def test_a_plain_name_is_read_as_it_looks() -> None:
    parsed = DeviceName.parse("virtual:dual?scene=desk&seed=3")
    assert (parsed.scheme, parsed.rest, dict(parsed.options)) == (
        "virtual",
        "dual",
        {"scene": "desk", "seed": "3"},
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dual", "scheme:rest"),
        (":dual", "scheme:rest"),
        ("virtual:dual?seed", "key=value"),
        ("virtual:dual?a=1&a=2", "twice"),
    ],
)
def test_what_is_no_name_is_refused(name: str, words: str) -> None:
    with pytest.raises(nf.DeviceNotFound, match=words) as caught:
        DeviceName.parse(name)
    assert caught.value.device == name


def test_an_unknown_scheme_is_answered_with_those_there_are() -> None:
    with pytest.raises(nf.DeviceNotFound, match="virtual"):
        open_source("nowhere:1")
