"""A message that many pages are sent at once.

packet ──▶ its WebSocket frame, made once ──▶ page, page, page …
      └──▶ as it is, by other ways
"""

from __future__ import annotations

from functools import cached_property

from websockets.frames import BINARY, Frame

__all__ = ["SharedPacket", "shared"]

_LARGEST = 1 << 18
"""Of packets that are shared, bytes: larger ones go by lanes, and a copy more would keep one page waiting."""


class SharedPacket(bytes):
    """A message's bytes. What a server sends has no mask: to every page it is the same frame."""

    @cached_property
    def framed(self) -> bytes:
        """The message as one binary frame of a WebSocket without extensions."""
        return Frame(BINARY, self).serialize(mask=False)


def shared(packet: bytes) -> bytes:
    """The packet, as a `SharedPacket` where that pays."""
    return SharedPacket(packet) if len(packet) <= _LARGEST else packet
