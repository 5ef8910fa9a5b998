"""A JPEG with restart markers, cut into strips that are decoded at the same time.

    SOS ▒▒ RST0 ▒▒ RST1 … ▒▒ RST7 ▒▒ RST0 …          iPhone cameras restart at every row of blocks
       └── strip 0 (8n rows) ───┘└── strip 1 …        each strip: the same tables, its own height

Coding starts afresh behind each restart marker, so that the strips' samples are those of the whole picture,
bit for bit. That holds only where no filter runs across rows: pictures with vertically subsampled colour
(4:2:0) are not cut. Markers count modulo 8, hence the 8.
Source: ITU-T T.81, B.2.1 and E.2.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.photo.jpeg.segments import Header, Scans, Segment
from nearfar.photo.threads import beside

__all__ = ["Strip", "cut", "decode_strips"]

_SOF0, _SOF1, _DRI = 0xC0, 0xC1, 0xDD
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_MIN_PIXELS = 500_000  # below, handing work to a thread costs more than it saves


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows `top` to `top + height` of a picture, as a JPEG of their own."""

    top: int
    height: int
    stream: bytes


def cut(data: bytes, header: Header, scans: Scans, segments: Sequence[Segment]) -> list[Strip]:
    """Cut a picture into as many strips as are worth a thread; none where it cannot be cut.

    Args:
        data: the file.
        header: the picture's segments.
        scans: its coded part.
        segments: those of its segments that a decoder needs.
    """
    frame = header.frame
    wanted = min(_native.thread_count(), frame.width * frame.height // _MIN_PIXELS)
    if wanted < 2 or scans.count != 1 or scans.end is None or frame.marker not in (_SOF0, _SOF1):
        return []
    rows = _rows_per_restart(data, header)
    if rows is None:
        return []
    begin = header.scan + 2 + int.from_bytes(data[header.scan + 2 : header.scan + 4], "big")
    marks = list(_RESTART.finditer(data, begin, scans.end))
    count = -(-frame.height // rows)
    if len(marks) != count - 1 or any(data[mark.end() - 1] & 7 != n & 7 for n, mark in enumerate(marks)):
        return []
    firsts = sorted({first for part in range(wanted) if (first := part * count // wanted + 4 & ~7) < count})
    starts = [begin, *(mark.end() for mark in marks)]
    strips = []
    for first, following in zip(firsts, [*firsts[1:], count], strict=True):
        top, bottom = first * rows, min(following * rows, frame.height)
        end = marks[following - 1].start() if following < count else scans.end - 2
        head = b"".join(_with_height(data, segment, frame.marker, bottom - top) for segment in segments)
        stream = b"".join(
            (b"\xff\xd8", head, data[header.scan : begin], data[starts[first] : end], b"\xff\xd9")
        )
        strips.append(Strip(top, bottom - top, stream))
    return strips if len(strips) > 1 else []


def decode_strips(
    strips: Sequence[Strip],
    picture: NDArray[np.uint8],
    decode_into: Callable[[bytes, NDArray[np.uint8]], object],
) -> NDArray[np.uint8]:
    """Decode strips into the picture that they are of, and give it; the first on the calling thread."""

    def run(strip: Strip) -> None:
        decode_into(strip.stream, picture[strip.top : strip.top + strip.height])

    jobs = [beside(partial(run, strip)) for strip in strips[1:]]
    try:
        run(strips[0])
    finally:
        for job in jobs:
            job.result()
    return picture


def _rows_per_restart(data: bytes, header: Header) -> int | None:
    """Pixel rows between restart markers; None where no whole rows, or rows that touch their neighbours."""
    interval = 0
    for segment in header.segments:
        if segment.marker == _DRI and segment.end - segment.payload == 2:
            interval = int.from_bytes(data[segment.payload : segment.end], "big")
    frame = header.frame
    segment = next(segment for segment in header.segments if segment.marker == frame.marker)
    factors = [data[segment.payload + 7 + 3 * n] for n in range(frame.components)]
    if frame.components == 1:
        factors = [0x11]  # a single component is coded block by block, whatever its factors say
    across, down = max(factor >> 4 for factor in factors), {factor & 15 for factor in factors}
    if not interval or not across or len(down) != 1 or 0 in down:
        return None
    blocks = -(-frame.width // (8 * across))
    return 8 * down.pop() * (interval // blocks) if interval % blocks == 0 else None


def _with_height(data: bytes, segment: Segment, frame_marker: int, height: int) -> bytes:
    if segment.marker != frame_marker:
        return data[segment.start : segment.end]
    at = segment.payload + 1
    return data[segment.start : at] + height.to_bytes(2, "big") + data[at + 2 : segment.end]
