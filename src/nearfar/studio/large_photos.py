"""Room for what is large: one such photo is decoded at a time, and its memory goes back to the system.

small photo ──▶ at once                large photo ──▶ its turn ──▶ decoded ──▶ memory given back
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from nearfar.studio.memory import give_back

__all__ = ["is_large", "room_for"]

_PIXELS, _BYTES = 12_600_000, 32 << 20
"""Of a picture and of a file, from which on it is large."""

_turn = threading.Lock()


def is_large(pixels: int, file_bytes: int = 0) -> bool:
    """Whether a picture of so many pixels, or its file, is large."""
    return pixels > _PIXELS or file_bytes > _BYTES


@contextmanager
def room_for(pixels: int) -> Iterator[None]:
    """Decode so many pixels in this block; where that is a lot, nothing else that is."""
    if not is_large(pixels):
        yield
        return
    with _turn:
        try:
            yield
        finally:
            give_back()
