"""Photoshop's resources: IPTC's places go, and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.photo import xmp
from nearfar.photo.jpeg.photoshop import without_places
from photo.test_exif import made

PLACES = (26, 27, 90, 92, 95, 100, 101)


def dataset(number: int, value: bytes, record: int = 2) -> bytes:
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


def extended(number: int, value: bytes) -> bytes:
    return bytes((0x1C, 2, number)) + b"\x80\4" + len(value).to_bytes(4, "big") + value


def block(number: int, data: bytes, name: bytes = b"", signature: bytes = b"8BIM") -> bytes:
    title = bytes((len(name),)) + name
    title += bytes(len(title) % 2)
    size = len(data).to_bytes(4, "big")
    return signature + number.to_bytes(2, "big") + title + size + data + bytes(len(data) % 2)


KEPT = dataset(0, b"\x1b%G", 1) + dataset(5, b"Title") + dataset(120, b"Caption")


@pytest.mark.parametrize("number", PLACES)
@pytest.mark.parametrize("write", [dataset, extended])
def test_each_place_goes(number: int, write: type[object]) -> None:
    around = block(0x03ED, b"resolution"), block(0x0BB7, b"abc", b"name", b"MeSa")
    resources = around[0] + block(0x0404, KEPT + write(number, b"Secret") + dataset(80, b"By")) + around[1]
    after = without_places(resources)
    assert after == around[0] + block(0x0404, KEPT + dataset(80, b"By")) + around[1]
    assert without_places(after) is after


def test_without_a_place_nothing_changes() -> None:
    for resources in (b"", block(0x0404, KEPT), block(0x0404, KEPT + bytes(3)) + bytes(5), block(1, b"")):
        assert without_places(resources) is resources
    other_record = block(0x0404, dataset(90, b"no city", 3))
    assert without_places(other_record) is other_record


def test_a_true_digest_stays_true_and_a_stale_one_stale() -> None:
    secret = KEPT + dataset(90, b"Secret")
    digest = hashlib.md5(secret).digest()
    after = without_places(block(0x0425, digest) + block(0x0404, secret))
    assert after == block(0x0425, hashlib.md5(KEPT).digest()) + block(0x0404, KEPT)
    stale = block(0x0425, bytes(16))
    assert without_places(stale + block(0x0404, secret)) == stale + block(0x0404, KEPT)


def test_exif_and_xmp_inside_are_cleaned() -> None:
    packet = xmp.build({"photoshop:City": "Secret", "dc:format": "x"})
    after = without_places(block(0x0422, made()) + block(0x0424, packet))
    assert after is not None
    assert b"Secret" not in after
    assert b"dc:format" in after
    assert after.startswith(block(0x0422, made(gps=False)))


@pytest.mark.parametrize(
    "resources",
    [
        b"8BIM",
        b"8BIM\4\4\0\0\0\0\0\x09short",
        b"JUNK\4\4\0\0\0\0\0\0",
        block(1, b"x") * 1_001,
    ],
)
def test_damaged_resources_are_nothing(resources: bytes) -> None:
    assert without_places(resources) is None


@pytest.mark.parametrize(
    "iptc", [b"\x1c\2", KEPT + b"\x1c\2\x5a\0\xffSecret", KEPT + b"junk", dataset(5, b"") * 10_001]
)
def test_damaged_iptc_goes_whole(iptc: bytes) -> None:
    assert without_places(block(0x0404, iptc) + block(1, b"x")) == block(1, b"x")


@given(
    st.lists(st.tuples(st.sampled_from([5, 25, 90, 95, 120]), st.binary(max_size=9))), st.binary(max_size=9)
)
def test_what_stays_is_what_was_there(entries: list[tuple[int, bytes]], other: bytes) -> None:
    resources = block(0x0404, b"".join(dataset(*entry) for entry in entries)) + block(7, other)
    kept = b"".join(dataset(*entry) for entry in entries if entry[0] not in PLACES)
    assert without_places(resources) == block(0x0404, kept) + block(7, other)


@given(st.binary(max_size=200))
def test_no_bytes_escape(data: bytes) -> None:
    without_places(data)
    without_places(block(0x0404, data))
