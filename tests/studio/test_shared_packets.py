"""The frame that all pages share is the one that a WebSocket would make of the message."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from nearfar.studio.shared_packets import SharedPacket, shared


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 200_000])
def test_it_is_read_as_one_whole_message(length: int) -> None:
    packet = SharedPacket(bytes(range(256)) * 1000)[:length]
    made = SharedPacket(packet)
    reader = StreamReader()
    reader.feed_data(made.framed)
    reader.feed_eof()
    reading = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as read:
        next(reading)
    assert read.value.value == Frame(Opcode.BINARY, packet)
    assert made == packet


def test_it_is_made_once() -> None:
    packet = shared(b"depth")
    assert isinstance(packet, SharedPacket)
    assert packet.framed is packet.framed


def test_a_large_one_is_not_copied() -> None:
    packet = bytes(1 << 20)
    assert shared(packet) is packet
