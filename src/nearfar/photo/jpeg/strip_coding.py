"""A large picture, coded in strips at the same time and joined to one JPEG with restart markers.

    ▒▒ RST0 ▒▒ RST1 … ▒▒ RST7 ▒▒ RST0 …     a marker behind every row of blocks, as iPhone cameras write
    └─── strip (8n rows) ──┘└── strip …     each coded alone, by the same tables

Coding starts afresh behind each marker, so that the bytes are those of the whole picture, coded at once with
such markers: how it was cut does not show. Whoever reads it may cut it again (`strips`).
Source: ITU-T T.81, B.2.1 and E.1.4.
"""

from __future__ import annotations

import io
import os
from functools import partial
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.photo.jpeg.segments import read_header
from nearfar.photo.threads import beside

__all__ = ["MIN_PIXELS", "encode_in_strips"]

MIN_PIXELS = 1 << 20
"""Of a picture that is coded so, and about the least of a strip: less is not worth a thread."""

_ROWS = 64
"""Markers count modulo 8, and a block has 8 rows: strips of so many rows all count from 0."""
_JOINT = b"\xff\xd7"
_EOI_BYTES = 2


def encode_in_strips(color: NDArray[np.uint8], quality: int) -> bytes:
    """Code an RGB picture (H, W, 3), 4:4:4; the same bytes on any number of threads."""
    height, width = color.shape[:2]
    wanted = max(1, min(_native.thread_count(), height * width // MIN_PIXELS))
    rows = -(-height // (wanted * _ROWS)) * _ROWS
    parts = [color[top : top + rows] for top in range(0, height, rows)]
    jobs = [beside(partial(_encode, part, quality)) for part in parts[1:]]
    try:
        first = _encode(parts[0], quality)
    finally:
        others = [job.result() for job in jobs]
    header = read_header(first)
    frame = next(segment for segment in header.segments if segment.marker == header.frame.marker)
    at = frame.payload + 1
    joined = [first[:at], height.to_bytes(2, "big"), first[at + 2 : -_EOI_BYTES]]
    for other in others:
        joined += [_JOINT, other[_first_code(other) : -_EOI_BYTES]]
    return b"".join((*joined, first[-_EOI_BYTES:]))


def _first_code(stream: bytes) -> int:
    scan = read_header(stream).scan
    return scan + 2 + int.from_bytes(stream[scan + 2 : scan + 4], "big")


def _encode(part: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(part))
    with _scratch() as out:
        picture.save(out, "JPEG", quality=quality, subsampling="4:4:4", restart_marker_rows=1)
        out.seek(0)
        return out.read()


def _scratch() -> IO[bytes]:
    """A file in memory: only where Pillow writes to a descriptor it lets go of the interpreter."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("nearfar"), "w+b")
    return io.BytesIO()
