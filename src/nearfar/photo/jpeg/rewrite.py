"""An edit without loss: new segments and images around coded data that is copied byte for byte.

    old   [SOI Exif XMP MPF ICC │ tables, scans, EOI] [SOI XMP MPF │ …EOI] [SOI XMP MPF │ …EOI] trailer
    new   [SOI Exif'XMP'MPF'ICC │ ═════ as it was ═] [SOI XMP'MPF'│ ════]       removed        [new] ═════

Only segments of the kinds that change are replaced. Bytes between images and after the last stay where they
are; new images go after the last one, before the trailer (which readers find from the end of the file). The
MPF index, which holds the places and sizes of all, is written last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from nearfar.depth import Orientation
from nearfar.errors import FileError
from nearfar.photo import xmp as xmp_packets
from nearfar.photo.auxiliary import Changes, Keep
from nearfar.photo.exif import build as build_exif
from nearfar.photo.jpeg import mpf
from nearfar.photo.jpeg.compose import exif_segment, secondary_jpeg, secondary_xmp_segment, xmp_segments
from nearfar.photo.jpeg.document import JpegDocument, Part
from nearfar.photo.jpeg.extended_xmp import GUID_TAG
from nearfar.photo.jpeg.google_container import with_item_length
from nearfar.photo.jpeg.photoshop import PHOTOSHOP
from nearfar.photo.jpeg.places import Item, clean
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, MPF, XMP, Header, Segment, find_end, segment_bytes

__all__ = ["rewrite"]

Piece: TypeAlias = bytes | memoryview

_KINDS = (EXIF, XMP, EXTENDED_XMP, MPF, PHOTOSHOP)
_APP0 = (0xE0, b"")
_OTHER = (0, b"")


@dataclass(slots=True)
class _Head:
    """A picture's segments before its first scan, each with its kind, while they are being changed."""

    items: list[Item]

    @classmethod
    def of(cls, data: bytes, header: Header) -> _Head:
        view = memoryview(data)
        return cls([(_kind(data, segment), view[segment.start : segment.end]) for segment in header.segments])

    def drop(self, kind: tuple[int, bytes]) -> None:
        self.items = [item for item in self.items if item[0] is not kind]

    def put(
        self, kind: tuple[int, bytes], segments: Sequence[Piece], after: Sequence[tuple[int, bytes]]
    ) -> None:
        """Replace the segments of a kind; where there are none, put them after the last of other kinds."""
        place = next((at for at, item in enumerate(self.items) if item[0] is kind), None)
        if place is None:
            place = 0
            while place < len(self.items) and self.items[place][0] is _APP0:
                place += 1
            places = [at for at, item in enumerate(self.items) if any(item[0] is other for other in after)]
            place = max(place, places[-1] + 1) if places else place
        self.drop(kind)
        self.items[place:place] = [(kind, segment) for segment in segments]

    def pieces(self) -> list[Piece]:
        return [b"\xff\xd8", *(piece for _, piece in self.items)]


@dataclass(slots=True)
class _Image:
    """An image on its way into the new file."""

    head: list[Piece]
    coded: Piece
    number: int
    entry: mpf.Entry | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.head)) + len(self.coded)


def rewrite(document: JpegDocument, changes: Changes) -> Sequence[Piece]:
    """Give the pieces of a document's file with the changes made; the same bytes where there are none.

    When the Exif is replaced or removed, that of secondary images, which only repeats it, is removed. One
    that turned the picture gives way to one that says how and nothing else of the photo.

    Raises:
        KeyError: a change names an image that is not there.
        ValueError: new metadata does not fit.
    """
    known = {part.number for part in document.secondaries}
    missing = sorted((changes.remove | changes.auxiliary_xmp.keys()) - known)
    if missing:
        raise KeyError(f"the photo has no image {missing[0]}")
    if not changes or (changes == Changes(without_location=True) and not _tells_a_place(document)):
        return [document.data]
    layout: list[_Image | Piece] = [b""]  # the primary goes here when all else is known
    packet = document.xmp if isinstance(changes.xmp, Keep) else changes.xmp
    count = 1 + len(known - changes.remove) + len(changes.add)
    view = memoryview(document.data)
    primary_end, following = _extent(document, 0)
    layout.append(view[primary_end:following])
    last = 0
    for place, part in enumerate(document.secondaries, start=1):
        end, following = _extent(document, place)
        if part.number not in changes.remove:
            image = _secondary(document, part, end, changes, count)
            packet = with_item_length(packet, end - part.header.start, image.size)
            last = len(layout)
            layout.append(image)
        layout.append(view[end:following])
    free = max(known, default=0) + 1
    layout[last + 1 : last + 1] = [
        _Image([secondary_jpeg(image, count)], b"", number)
        for number, image in enumerate(changes.add, start=free)
    ]
    return _with_primary(document, changes, packet, layout, view[document.primary.scan : primary_end])


def _with_primary(
    document: JpegDocument, changes: Changes, packet: bytes | None, layout: list[_Image | Piece], coded: Piece
) -> Sequence[Piece]:
    """Write the primary picture's segments and the index; give the pieces of the file."""
    head = _Head.of(document.data, document.primary)
    if not isinstance(changes.exif, Keep):
        exif = changes.exif
        if not exif and document.orientation is not Orientation.UP:
            exif = build_exif(orientation=document.orientation)  # else the picture would turn
        head.put(EXIF, [exif_segment(exif)] if exif else [], ())
    if packet != document.xmp:
        if not _same_extension(document, packet):
            head.drop(EXTENDED_XMP)
        head.put(XMP, xmp_segments(packet) if packet else [], (EXIF,))
    if changes.without_location:
        head.items = clean(head.items, document.data, document.primary, file=document.file)
    secondaries = sorted(
        (item for item in layout if isinstance(item, _Image)), key=lambda image: image.number
    )
    if not secondaries and changes.remove:
        head.drop(MPF)
    if not secondaries or (document.index is None and not changes.add):
        return _flat([*head.pieces(), coded], layout)
    head.put(MPF, [_index_segment(document, {}, secondaries, 0)], (EXIF, XMP, EXTENDED_XMP))
    pieces = head.pieces()
    at = next(n for n, item in enumerate(head.items, start=1) if item[0] is MPF)
    place = sum(map(len, pieces[:at])) + 4 + len(MPF[1])
    position = sum(map(len, pieces)) + len(coded)
    positions = {0: (0, position)}
    for item in layout[1:]:
        size = item.size if isinstance(item, _Image) else len(item)
        if isinstance(item, _Image):
            positions[item.number] = (position, size)
        position += size
    pieces[at] = _index_segment(document, positions, secondaries, place)
    return _flat([*pieces, coded], layout)


def _index_segment(
    document: JpegDocument, positions: dict[int, tuple[int, int]], secondaries: Sequence[_Image], place: int
) -> bytes:
    """Write the MPF index: in the old one's shape where it lists the same images, else in Apple's."""
    index = document.index
    old = index.entries if index else ()
    numbers = {image.number + 1: n for n, image in enumerate(secondaries, start=2)} | {1: 1}
    first = old[0] if old else mpf.Entry(0, 0, 0)
    entries = []
    for number, entry in [
        (0, first),
        *((image.number, image.entry or mpf.Entry(0, 0, 0)) for image in secondaries),
    ]:
        position, size = positions.get(number, (0, 0))
        entries.append(replace(mpf.remap(entry, numbers), position=position, size=size))
    if index is None:
        return segment_bytes(MPF, mpf.build_index(entries, place))
    if [image.number for image in secondaries] == list(range(1, len(old))):
        segment = next(document.primary.find(document.data, MPF))
        content = bytearray(segment.content(document.data, MPF))
        table = mpf.pack_entries(entries, place, index.order)
        content[index.table : index.table + len(table)] = table
        return segment_bytes(MPF, bytes(content))
    return segment_bytes(MPF, mpf.build_index(entries, place, index.order))


def _secondary(document: JpegDocument, part: Part, end: int, changes: Changes, count: int) -> _Image:
    data, header = document.data, part.header
    head = _Head.of(data, header)
    if not isinstance(changes.exif, Keep):
        head.drop(EXIF)
    if part.number in changes.auxiliary_xmp:
        head.put(XMP, [secondary_xmp_segment(changes.auxiliary_xmp[part.number])], (EXIF,))
    if changes.without_location:
        head.items = clean(head.items, data, header, file=document.file)
    if changes.add or changes.remove:
        for segment in header.find(data, MPF):
            content = mpf.with_count(segment.content(data, MPF), count)
            head.put(MPF, [segment_bytes(MPF, content)], ())
    return _Image(head.pieces(), memoryview(data)[header.scan : end], part.number, part.entry)


def _tells_a_place(document: JpegDocument) -> bool:
    for header in (document.primary, *(part.header for part in document.secondaries)):
        items = _Head.of(document.data, header).items
        if clean(items, document.data, header, file=document.file) != items:
            return True
    return False


def _extent(document: JpegDocument, place: int) -> tuple[int, int]:
    """Give where the image at a place in the file ends, and where the next image, or the file's end, is."""
    headers = (document.primary, *(part.header for part in document.secondaries))
    following = headers[place + 1].start if place + 1 < len(headers) else len(document.data)
    end = find_end(document.data, headers[place].scan).end
    return (end if end is not None and end <= following else following), following


def _same_extension(document: JpegDocument, packet: bytes | None) -> bool:
    """Tell whether a new packet names the extended packet that the file has."""
    if packet is None or document.xmp is None:
        return False
    try:
        guid = xmp_packets.parse(document.xmp, file=document.file).tags.get(GUID_TAG)
    except FileError:
        return False
    return guid is not None and xmp_packets.parse(packet).tags.get(GUID_TAG) == guid


def _kind(data: bytes, segment: Segment) -> tuple[int, bytes]:
    if segment.marker == _APP0[0]:
        return _APP0
    return next((kind for kind in _KINDS if segment.holds(data, kind)), _OTHER)


def _flat(primary: Sequence[Piece], layout: Sequence[_Image | Piece]) -> list[Piece]:
    out = list(primary)
    for item in layout[1:]:
        out += [*item.head, item.coded] if isinstance(item, _Image) else [item]
    return [piece for piece in out if len(piece)]
