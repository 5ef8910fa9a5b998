"""Edits in place: maker notes hold offsets of their own that nobody can adjust, so no byte moves."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

from nearfar.depth import Orientation
from nearfar.errors import CorruptFile
from nearfar.photo.exif_tags import ORIENTATION, SUBJECT_AREA, SUBJECT_LOCATION, read
from nearfar.photo.tiff import Directory, Tiff, read_directory, read_tiff

__all__ = ["as_rendering", "turned_upright", "with_orientation", "without_location"]

_GPS = 0x8825
_CUSTOM_RENDERED = 0xA401
_PORTRAITS = (7, 8)
"""What phones write into CustomRendered for a picture with depth, with HDR and without."""


def with_orientation(exif: bytes, orientation: Orientation | int, *, file: str | None = None) -> bytes:
    """Give the block with another orientation and every other byte and offset as it was.

    A block that has no orientation tag gets a longer first directory at its end; the old table stays unused.

    Raises:
        CorruptFile: the first directory is broken.
    """
    value = int(Orientation(orientation))
    tiff = read_tiff(exif, file=file, strict=False)
    image = tiff.directories[0]
    entry = struct.pack(tiff.order + "HHIHH", ORIENTATION, 3, 1, value, 0)
    edited = bytearray(exif)
    for offset in range(image.at + 2, image.at + 2 + 12 * image.count, 12):
        if struct.unpack_from(tiff.order + "H", exif, offset)[0] == ORIENTATION:
            edited[offset : offset + 12] = entry
            return bytes(edited)
    table = [
        exif[offset : offset + 12] for offset in range(image.at + 2, image.at + 2 + 12 * image.count, 12)
    ]
    table = sorted([*table, entry], key=lambda raw: int(struct.unpack_from(tiff.order + "H", raw)[0]))
    edited += bytes(len(edited) % 2)
    struct.pack_into(tiff.order + "I", edited, 4, len(edited))
    edited += struct.pack(tiff.order + "H", len(table)) + b"".join(table)
    return bytes(edited) + struct.pack(tiff.order + "I", image.next_at)


def turned_upright(exif: bytes, *, file: str | None = None) -> bytes:
    """Give the block for the same picture stored upright.

    The orientation becomes UP, the recorded pixel size changes its axes with it, the subject's area turns
    along, and a thumbnail that would lie on its side is unlinked.

    Raises:
        CorruptFile: the first directory is broken.
    """
    tags = read(exif, file=file, strict=False)
    turned = tags.orientation or Orientation.UP
    if turned is Orientation.UP:
        return exif
    edited = bytearray(with_orientation(exif, Orientation.UP, file=file))
    tiff = read_tiff(bytes(edited), file=file, strict=False)
    image = tiff.directories[0]
    if image.next_at:
        struct.pack_into(tiff.order + "I", edited, image.end - 4, 0)
    width, height = tiff.find("exif", 0xA002), tiff.find("exif", 0xA003)
    if turned.swaps_axes and width and height:
        for entry, other in ((width, height), (height, width)):
            edited[entry.at + 2 : entry.at + 12] = exif[other.at + 2 : other.at + 12]
    if tags.size is not None:
        columns, rows = tags.size
        new_columns, new_rows = turned.oriented_size(tags.size)
        (a, b), (c, d) = turned.camera_matrix()[:2, :2].tolist()

        def turn(x: float, y: float, *extent: float) -> tuple[float, ...]:
            across, down = x / columns - 0.5, y / rows - 0.5
            middle = ((a * across + b * down + 0.5) * new_columns, (c * across + d * down + 0.5) * new_rows)
            return (*middle, *(reversed(extent) if turned.swaps_axes else extent))

        _move_subject(edited, tiff, turn)
    return bytes(edited)


def as_rendering(exif: bytes, size: tuple[int, int], *, file: str | None = None) -> bytes:
    """Give the block of an upright picture for one that was rendered from it, without depth.

    It is no longer marked as a portrait, whose depth programs would look for, but as custom rendered; a
    thumbnail, which would show the picture before, is unlinked; the recorded size is `size`.

    Raises:
        CorruptFile: the first directory is broken.
    """
    tiff = read_tiff(exif, file=file, strict=False)
    edited = bytearray(exif)
    image = tiff.directories[0]
    if image.next_at:
        struct.pack_into(tiff.order + "I", edited, image.end - 4, 0)
    mark = tiff.find("exif", _CUSTOM_RENDERED)
    marked = tiff.numbers(mark)
    if mark is not None and mark.type == 3 and marked is not None and marked[0] in _PORTRAITS:
        struct.pack_into(tiff.order + "H", edited, mark.offset, 1)
    for tag, side in zip((0xA002, 0xA003), size, strict=True):
        entry = tiff.find("exif", tag)
        if entry is not None and entry.count == 1 and entry.type in (3, 4):
            raw = struct.pack(tiff.order + "HHI", tag, 4, 1) + struct.pack(tiff.order + "I", side)
            edited[entry.at : entry.at + 12] = raw
    before = read(exif, file=file, strict=False).size
    if before is not None and before != size:
        scales = (size[0] / before[0], size[1] / before[1]) * 2

        def scale(*area: float) -> tuple[float, ...]:
            return tuple(number * by for number, by in zip(area, scales, strict=False))

        _move_subject(edited, tiff, scale)
    return bytes(edited)


def _move_subject(edited: bytearray, tiff: Tiff, move: Callable[..., tuple[float, ...]]) -> None:
    """Write the subject's area and location anew, in the numbers' own type and place."""
    for tag, most in ((SUBJECT_AREA, 4), (SUBJECT_LOCATION, 2)):
        entry = tiff.find("exif", tag)
        if entry is None or not 2 <= entry.count <= most or entry.type not in (3, 4):
            continue
        top = 0xFFFF if entry.type == 3 else 0xFFFFFFFF
        form = f"{tiff.order}{entry.count}{'H' if entry.type == 3 else 'I'}"
        moved = move(*struct.unpack_from(form, edited, entry.offset))
        struct.pack_into(form, edited, entry.offset, *(min(max(round(each), 0), top) for each in moved))


def without_location(exif: bytes, *, file: str | None = None) -> bytes:
    """Give the block without its GPS directory: its entry gone, its table and values zeroed.

    The maker note and all other tags stay; bytes that another directory uses too are not zeroed. A block
    without a GPS directory comes back as the identical object.

    Raises:
        CorruptFile: the block is so broken that the place of the GPS values is not known.
    """
    tiff = read_tiff(exif, file=file, strict=False)
    others = [directory for directory in tiff.directories if directory.name != "gps"]
    pointing = {directory.at: _gps_offsets(tiff, directory) for directory in others}
    if not any(pointing.values()):
        return exif
    edited = bytearray(exif)
    places = set().union(*pointing.values()) - pointing.keys()
    for start, end in _extents(tiff, [read_directory(tiff, "gps", place) for place in places]):
        edited[start:end] = bytes(end - start)
    for start, end in [(0, 8), *_extents(tiff, others)]:
        edited[start:end] = exif[start:end]
    for directory in others:
        if pointing[directory.at]:
            _drop_entries(edited, tiff.order, directory, _GPS)
    return bytes(edited)


def _gps_offsets(tiff: Tiff, directory: Directory) -> set[int]:
    """Where a directory's GPS entries point to."""
    offsets = set()
    for at in range(directory.at + 2, directory.at + 2 + 12 * directory.count, 12):
        tag, kind, count, offset = struct.unpack_from(tiff.order + "HHII", tiff.data, at)
        if tag == _GPS:
            if kind not in (4, 13) or count != 1:
                raise CorruptFile("EXIF's GPS entry points nowhere", file=tiff.file, offset=tiff.base + at)
            offsets.add(int(offset))
    return offsets


def _extents(tiff: Tiff, directories: Iterable[Directory]) -> list[tuple[int, int]]:
    """The byte ranges of tables, values and thumbnails, sorted and without overlaps."""
    extents = []
    for directory in directories:
        extents.append((directory.at, directory.end))
        extents += [
            (entry.offset, entry.offset + entry.size) for entry in directory.entries if not entry.inline
        ]
        for start_tag, length_tag in ((0x0201, 0x0202), (0x0111, 0x0117)):
            start, length = (tiff.numbers(directory.find(tag)) for tag in (start_tag, length_tag))
            if start and length and 0 <= start[0] <= start[0] + length[0] <= len(tiff.data):
                extents.append((int(start[0]), int(start[0] + length[0])))
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(extents):
        begin, end = (max(begin, merged[-1][1]) if merged else begin), min(end, len(tiff.data))
        if begin < end:
            merged.append((begin, end))
    return merged


def _drop_entries(edited: bytearray, order: str, directory: Directory, tag: int) -> None:
    """Take a tag out of a directory's table; what follows in the table moves up, zeros fill the gap."""
    first, end = directory.at + 2, directory.at + 2 + 12 * directory.count
    table = [bytes(edited[at : at + 12]) for at in range(first, end, 12)]
    kept = [entry for entry in table if struct.unpack_from(order + "H", entry)[0] != tag]
    struct.pack_into(order + "H", edited, directory.at, len(kept))
    tail = b"".join(kept) + struct.pack(order + "I", directory.next_at)
    limit = min(directory.end, len(edited))
    edited[first:limit] = tail.ljust(limit - first, b"\0")
