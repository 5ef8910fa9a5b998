"""Messages as bytes: what goes in comes out, and what is wrong is refused in words."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.errors import CorruptFile
from nearfar.studio.messages import (
    FROM_PAGE,
    FROM_SERVER,
    PROTOCOL,
    Blob,
    ColorPart,
    ConfidencePart,
    DepthPart,
    DepthSupportPart,
    Ended,
    FrameMessage,
    Hello,
    Matrix,
    Message,
    Problem,
    Taken,
    ViewPart,
    Wanted,
)
from nearfar.studio.wire import decode, encode
from nearfar.xr import DepthDataFormat, DepthType, DepthUsage

KINDS = FROM_SERVER + FROM_PAGE

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
whole = st.integers(0, 2**53 - 1)
text = st.text(st.characters(codec="utf-8"), max_size=40)
blobs = st.binary(max_size=70).map(lambda data: Blob(memoryview(data)))
matrices = st.tuples(*[finite] * 16).map(Matrix)
types = st.sampled_from(DepthType)
depths = st.builds(
    DepthPart,
    blobs,
    st.sampled_from(["plain", "short", "packed"]),
    st.none() | types,
    st.sampled_from(DepthDataFormat),
    whole,
    whole,
    finite,
    st.sampled_from(["relative", "absolute"]),
    matrices,
    st.none() | matrices,
    st.none() | matrices,
)
views = st.builds(ViewPart, st.sampled_from(["none", "left", "right"]), st.tuples(*[finite] * 4), matrices)
supports = st.builds(
    DepthSupportPart,
    st.lists(types).map(tuple),
    st.lists(st.sampled_from(DepthDataFormat)).map(tuple),
    st.lists(st.sampled_from(DepthUsage)).map(tuple),
)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        Hello,
        st.just(PROTOCOL),
        text,
        st.sampled_from(["spec", "arcore", "quest"]),
        st.lists(st.sampled_from(["inline", "immersive-vr", "immersive-ar"])).map(tuple),
        st.lists(text, max_size=10).map(tuple),
        st.none() | supports,
        st.sampled_from(["linear", "window-space"]),
        finite,
        text,
    ),
    st.builds(
        FrameMessage,
        whole,
        finite,
        st.none() | depths,
        st.none() | st.builds(ColorPart, blobs, whole, whole),
        st.lists(views, max_size=2).map(tuple),
        st.none() | matrices,
        st.none() | st.builds(ConfidencePart, blobs, whole, whole),
    ),
    st.builds(Problem, text),
    st.builds(Ended, text),
    st.builds(
        Wanted,
        st.sampled_from([None, "plain", "short", "packed"]),
        st.booleans(),
        st.none() | types,
        st.booleans(),
    ),
    st.builds(Taken, whole),
)


def packed(header: Any, *data: bytes, length: int | None = None) -> bytes:
    """A packet by hand: whatever header, with its length as it is or as told."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    front = struct.pack("<I", len(raw) if length is None else length) + raw
    front += bytes(-len(front) % 8)
    return front + b"".join(blob + bytes(-len(blob) % 8) for blob in data)


def wanted(depth: Any, color: Any, depth_type: Any) -> dict[str, Any]:
    return {
        "type": "wanted",
        "depth": depth,
        "color": color,
        "depthType": depth_type,
        "confidence": False,
        "blobs": [],
    }


@given(messages)
def test_what_goes_in_comes_out(message: Message) -> None:
    assert decode(encode(message), KINDS) == message


@given(messages)
def test_blobs_begin_at_multiples_of_eight(message: Message) -> None:
    packet = encode(message)
    assert len(packet) % 8 == 0
    (length,) = struct.unpack_from("<I", packet)
    place = 4 + length + -(4 + length) % 8
    for size in json.loads(packet[4 : 4 + length])["blobs"]:
        place += size + -size % 8
    assert place == len(packet)


@given(messages, st.data())
def test_a_packet_that_was_cut_or_changed_is_refused_or_read(message: Message, data: st.DataObject) -> None:
    packet = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    for hostile in (bytes(packet), bytes(packet[: data.draw(st.integers(0, len(packet)))])):
        try:
            found = decode(hostile, KINDS)
        except CorruptFile:
            continue
        assert isinstance(found, KINDS)


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_or_read(packet: bytes) -> None:
    with pytest.raises(CorruptFile):
        decode(packet, FROM_PAGE)


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (b"", "of 0 bytes"),
        (b"\1\0\0", "of 3 bytes"),
        (packed({"type": "taken", "blobs": [], "sequence": 1}, length=2**32 - 1), "header of 4,294,967,295"),
        (packed(b"x" * 70000), "header of 70,000"),
        (packed(b"\xff\xfe"), "not JSON"),
        (packed(b"[" * 60000), "not JSON"),
        (packed(b"9" * 60000), "not JSON"),
        (packed(b'{"type":"taken","blobs":[],"sequence":NaN}'), "not JSON"),
        (packed([1]), "not an object"),
        (packed({"type": "taken", "sequence": 1}), "whose blobs are None"),
        (packed({"type": "taken", "sequence": 1, "blobs": [0] * 5}), "whose blobs are"),
        (packed({"type": "taken", "sequence": 1, "blobs": [-1]}), "blob of -1"),
        (packed({"type": "taken", "sequence": 1, "blobs": [True]}, b"x"), "blob of True"),
        (packed({"type": "taken", "sequence": 1, "blobs": [2**60]}, b"x"), "blob of 1152921504606846976"),
        (packed({"type": "taken", "sequence": 1, "blobs": []}, b"more"), "that ends at"),
        (packed({"type": "frame", "blobs": []}), "of type 'frame', not wanted or taken"),
        (packed({"type": [], "blobs": []}), "of type"),
        (packed({"type": "taken", "sequence": True, "blobs": []}), "taken.sequence True"),
        (packed({"type": "taken", "sequence": 1.5, "blobs": []}), "taken.sequence 1.5"),
        (packed({"type": "taken", "sequence": 2**60, "blobs": []}), "which is no int"),
        (packed({"type": "taken", "blobs": []}), "not an object of sequence"),
        (packed({"type": "taken", "sequence": 1, "more": 1, "blobs": []}), "not an object of sequence"),
        (
            packed(wanted("zip", True, None)),
            "not 'plain' or 'short' or 'packed'",
        ),
        (
            packed(wanted(None, "yes", None)),
            "which is no bool",
        ),
        (
            packed(wanted(None, True, "rough")),
            "which is no DepthType",
        ),
    ],
)
def test_what_is_wrong_with_a_packet_is_said(packet: bytes, words: str) -> None:
    with pytest.raises(CorruptFile) as caught:
        decode(packet, FROM_PAGE)
    assert words in str(caught.value)


@pytest.mark.parametrize("place", [-1, 1, True, None, "0"])
def test_a_blob_that_is_not_there_is_refused(place: object) -> None:
    color = {"data": {"blob": place}, "width": 1, "height": 1}
    header = {"type": "frame", "sequence": 1, "time": 0, "depth": None, "color": color, "views": []}
    with pytest.raises(CorruptFile, match=r"frame\.color\.data .* none of its 1 blobs"):
        decode(packed({**header, "viewerPose": None, "confidence": None, "blobs": [1]}, b"x"), FROM_SERVER)


def test_a_number_that_is_none_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(FrameMessage(1, float("nan"), None, None, (), None))


def test_what_is_no_unicode_is_sent_as_question_marks() -> None:
    assert decode(encode(Problem("\udcff.heic")), FROM_SERVER) == Problem("?.heic")


def test_blobs_are_views_of_the_packet() -> None:
    picture = np.arange(12, dtype=np.uint8)
    packet = encode(FrameMessage(1, 0.5, None, ColorPart(Blob(memoryview(picture)), 4, 3), (), None))
    found = decode(packet, FROM_SERVER)
    assert isinstance(found, FrameMessage)
    assert found.color is not None
    assert found.color.data.obj is packet
    assert bytes(found.color.data) == picture.tobytes()


def test_a_packet_to_try() -> None:
    """The one that docs/stream-format.md prints."""
    packet = encode(Taken(7))
    assert packet == b'(\0\0\0{"type":"taken","sequence":7,"blobs":[]}\0\0\0\0'
    assert decode(packet, FROM_PAGE) == Taken(7)
