"""Boxes: what is written is read, and no length is believed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.errors import CorruptFile, LimitExceeded
from nearfar.photo.heic.boxes import MAX_BOXES, MAX_NESTING, Source, box, box_header, full_box
from nearfar.photo.limits import Limits

kinds = st.binary(min_size=4, max_size=4).filter(lambda kind: kind != b"uuid")


def source(data: bytes) -> Source:
    return Source(data, file="x.heic", limits=Limits())


@given(st.lists(st.tuples(kinds, st.binary(max_size=40)), max_size=8))
def test_written_boxes_are_read_back(content: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(box(kind, body) for kind, body in content)
    found = source(data).boxes(0, len(data))
    assert [(each.kind.encode("latin-1"), data[each.body : each.end]) for each in found] == content


def test_a_64_bit_size_and_a_size_of_0_are_read() -> None:
    data = b"\0\0\0\1mdat" + (20).to_bytes(8, "big") + b"abcd" + b"\0\0\0\0free" + b"rest"
    large, last = source(data).boxes(0, len(data))
    assert data[large.body : large.end] == b"abcd"
    assert data[last.body : last.end] == b"rest"


def test_a_body_over_4_gib_gets_a_64_bit_size() -> None:
    assert box_header(b"mdat", 1 << 32) == b"\0\0\0\1mdat" + ((1 << 32) + 16).to_bytes(8, "big")
    assert box_header(b"mdat", 4) == b"\0\0\0\x0cmdat"


@given(st.binary(max_size=64))
def test_any_bytes_are_boxes_or_refused(data: bytes) -> None:
    found = []
    with contextlib.suppress(CorruptFile):
        found = source(data).boxes(0, len(data))
    if found:
        assert [each.start for each in found] + [len(data)] == [0] + [each.end for each in found]


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0",
        b"\0\0\0\7free",
        b"\0\0\0\x10free",
        b"\0\0\0\1free\0\0\0\0",
        b"\0\0\0\1free" + (15).to_bytes(8, "big") + bytes(8),
        b"\0\0\0\1free" + (1 << 63).to_bytes(8, "big"),
        b"\0\0\0\x10uuid" + bytes(8),
    ],
    ids=["cut", "size-7", "past-the-end", "no-64-bit-size", "64-bit-size-15", "64-bit-size-huge", "cut-uuid"],
)
def test_a_size_that_cannot_be_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptFile) as caught:
        source(data).boxes(0, len(data))
    assert (caught.value.file, caught.value.offset) == ("x.heic", 0)


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"ipco", data)
    return data


def test_nesting_is_limited() -> None:
    data = nested(MAX_NESTING)
    fine = source(data)
    fine.check_nesting(fine.boxes(0, len(data))[0], 1)
    data = nested(MAX_NESTING + 1)
    deep = source(data)
    with pytest.raises(LimitExceeded) as caught:
        deep.check_nesting(deep.boxes(0, len(data))[0], 1)
    assert (caught.value.limit, caught.value.value) == (MAX_NESTING, MAX_NESTING + 1)


def test_nesting_through_full_boxes_counts() -> None:
    data = b""
    for _ in range(40):
        data = full_box(b"meta", 0, 0, data)
    deep = source(data)
    with pytest.raises(LimitExceeded):
        deep.check_nesting(deep.boxes(0, len(data))[0], 1)


def test_the_number_of_boxes_is_limited() -> None:
    data = box(b"free") * (MAX_BOXES + 1)
    with pytest.raises(LimitExceeded):
        source(data).boxes(0, len(data))
    with pytest.raises(LimitExceeded):
        source(data).top_level()


def test_what_follows_the_last_sound_box_is_kept_apart() -> None:
    head = box(b"ftyp", b"heic") + full_box(b"meta", 0, 0)
    found = source(head + b"SEFT trailer").top_level()
    assert [each.kind for each in found] == ["ftyp", "meta", ""]
    assert found[-1].end == len(head) + 12
    with pytest.raises(CorruptFile):
        source(head + b"\0\0\1\0mdat" + bytes(8)).top_level()
    with pytest.raises(CorruptFile):
        source(b"SEFT trailer" + head).top_level()
