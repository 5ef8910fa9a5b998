"""Where things lie in a JPEG: segments up to the first scan, and the true end of the coded picture.

    SOI  APP0 APP1 APP2 … DQT SOF DHT  SOS ▒▒▒▒▒ (tables SOS ▒▒▒▒▒)* EOI
    └────────── read_header ─────────┘ └────────── find_end ──────────┘

Nothing is decoded, and no length is believed beyond the bytes that are there.
Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nearfar.errors import CorruptFile, LimitExceeded
from nearfar.photo.bytesource import Bytes

__all__ = [
    "EXIF",
    "EXTENDED_XMP",
    "ICC",
    "MPF",
    "XMP",
    "Frame",
    "Header",
    "Scans",
    "Segment",
    "find_end",
    "read_header",
    "segment_bytes",
]

EXIF = (0xE1, b"Exif\0\0")
XMP = (0xE1, b"http://ns.adobe.com/xap/1.0/\0")
EXTENDED_XMP = (0xE1, b"http://ns.adobe.com/xmp/extension/\0")
MPF = (0xE2, b"MPF\0")
ICC = (0xE2, b"ICC_PROFILE\0")

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_MAX_SEGMENTS = 4096  # 256 MiB of extended XMP need as many; cameras write twenty
_MAX_MARKERS = 1000  # of the scans and tables of one image; progressive pictures have some thirty
# In entropy-coded data FF is followed by 00 (stuffed), RSTn or more FF (fill); markers below C0 are reserved.
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_SCAN = b"\xff\xda"


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker with its payload: `start` is the first FF (fill bytes included), `end` past the payload."""

    marker: int
    start: int
    payload: int
    end: int

    def holds(self, data: Bytes, kind: tuple[int, bytes]) -> bool:
        """Tell whether this is an application segment of a kind, such as `EXIF`."""
        marker, signature = kind
        if self.marker != marker:
            return False
        return data[self.payload : min(self.payload + len(signature), self.end)] == signature

    def content(self, data: Bytes, kind: tuple[int, bytes]) -> bytes:
        """Give what follows the kind's signature."""
        return data[self.payload + len(kind[1]) : self.end]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame header: SOF0..15 by its marker's second byte."""

    marker: int
    precision: int
    width: int
    height: int
    components: int
    offset: int

    @property
    def lossless(self) -> bool:
        """Whether the samples are coded without loss (SOF3)."""
        return self.marker == 0xC3


@dataclass(frozen=True, slots=True)
class Header:
    """One JPEG up to its first scan: `start` is its SOI, `scan` its first SOS marker."""

    start: int
    segments: tuple[Segment, ...]
    frame: Frame
    scan: int

    def find(self, data: Bytes, kind: tuple[int, bytes]) -> Iterator[Segment]:
        """Walk the application segments of a kind."""
        return (segment for segment in self.segments if segment.holds(data, kind))


@dataclass(frozen=True, slots=True)
class Scans:
    """The coded part of a JPEG: `end` is past its EOI, None where it has none before another image begins."""

    end: int | None
    count: int


def read_header(data: Bytes, start: int = 0, *, file: str | None = None) -> Header:
    """Read the segments of the JPEG at `start` up to its first scan.

    Raises:
        CorruptFile: no SOI, a segment past the end of the file, no frame before the first scan.
        LimitExceeded: more than 4,096 segments.
    """
    if data[start : start + 2] != b"\xff\xd8":
        raise CorruptFile("no JPEG begins here", file=file, offset=start)
    segments: list[Segment] = []
    frame: Frame | None = None
    position = start + 2
    while True:
        segment = _read_segment(data, position, file)
        if segment.marker == _SOS:
            break
        if segment.marker in (_SOI, _EOI):
            raise CorruptFile("the JPEG ends before its first scan", file=file, offset=segment.start)
        if segment.marker in _FRAMES and frame is None:
            frame = _read_frame(data, segment, file)
        segments.append(segment)
        position = segment.end
        if len(segments) > _MAX_SEGMENTS:
            raise LimitExceeded(
                f"the JPEG has more than {_MAX_SEGMENTS:,} segments",
                file=file,
                offset=position,
                limit=_MAX_SEGMENTS,
            )
    if frame is None:
        raise CorruptFile("the JPEG has a scan but no frame header", file=file, offset=segment.start)
    return Header(start, tuple(segments), frame, segment.start)


def find_end(data: bytes, scan: int) -> Scans:
    """Walk the scans that begin with the SOS marker at `scan` to the picture's EOI."""
    position, count = scan, 0
    for _ in range(_MAX_MARKERS):
        found = _MARKER.search(data, position)
        if found is None:
            break
        marker = data[found.end() - 1]
        if marker == _EOI:
            return Scans(found.end(), count)
        if marker == _SOI:
            break
        count += marker == _SOS
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        position = found.end() + max(length, 2)
    else:
        count += data.count(_SCAN, position)  # what the walk did not reach counts, for the limits
    return Scans(None, count)


def segment_bytes(kind: tuple[int, bytes], content: bytes) -> bytes:
    """Build an application segment.

    Raises:
        ValueError: the content is longer than a segment can be.
    """
    marker, signature = kind
    length = 2 + len(signature) + len(content)
    if length > 0xFFFF:
        raise ValueError(f"a JPEG segment holds {0xFFFF - 2 - len(signature):,} bytes, not {len(content):,}")
    return bytes((0xFF, marker)) + length.to_bytes(2, "big") + signature + content


def _read_segment(data: Bytes, position: int, file: str | None) -> Segment:
    start = position
    head = data[position : position + 4]
    while head[:2] == b"\xff\xff":
        position += 1
        head = data[position : position + 4]
    if head[:1] != b"\xff" or len(head) < 2:
        raise CorruptFile("no JPEG marker where one must be", file=file, offset=position)
    marker = head[1]
    position += 2
    if marker in (_SOI, _EOI, _TEM) or 0xD0 <= marker <= 0xD7:
        return Segment(marker, start, position, position)
    length = int.from_bytes(head[2:], "big")
    if length < 2 or position + length > len(data):
        raise CorruptFile(
            f"a JPEG segment of {length} bytes passes the end of the file", file=file, offset=start
        )
    return Segment(marker, start, position + 2, position + length)


def _read_frame(data: Bytes, segment: Segment, file: str | None) -> Frame:
    payload = data[segment.payload : segment.end]
    if len(payload) < 6 or len(payload) != 6 + 3 * payload[5] or payload[5] == 0:
        raise CorruptFile("the JPEG's frame header has the wrong length", file=file, offset=segment.start)
    height, width = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    return Frame(segment.marker, payload[0], width, height, payload[5], segment.start)
