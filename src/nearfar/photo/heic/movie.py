"""A movie beside the pictures: its chunk offsets count from the start of the file, and move with the media
data.

Source: ISO/IEC 14496-12, section 8.7.5 (stco, co64).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nearfar.photo.heic.boxes import CONTAINERS, Box, Source
from nearfar.photo.heic.layout import Layout

MAX_CHUNKS = 100_000
"""A file whose movies have more chunks is not edited; the movie of a live photo has some ten."""


def moved_movie(source: Source, boxes: Sequence[Box], layout: Layout) -> list[bytes | memoryview]:
    """The pieces of `layout`, with the chunk offsets of every ``moov`` box put right.

    Raises UnsupportedFile where an offset no longer fits its field, LimitExceeded for more chunks than
    `MAX_CHUNKS`.
    """
    movies = [each for each in boxes if each.kind == "moov"]
    if not movies:
        return layout.pieces
    new = bytearray(b"".join(layout.pieces))
    chunks = 0
    for movie in movies:
        for table in _offset_tables(source, movie):
            size = 8 if table.kind == "co64" else 4
            count = source.integer(table.body + 4, 4, table.end)
            if table.body + 8 + size * count > table.end:
                raise source.corrupt(f"the chunk offsets ({count:,}) reach past their box", table.start)
            chunks += count
            if chunks > MAX_CHUNKS:
                raise source.exceeded("chunks of movies", table.start, value=chunks, limit=MAX_CHUNKS)
            for at in range(table.body + 8, table.body + 8 + size * count, size):
                now = layout.moved_chunk(source.integer(at, size, table.end))
                if now is None:
                    continue
                if now >= 1 << (8 * size):
                    raise source.unsupported("a movie's chunk moves past 4 GiB", at)
                place = layout.moved(at)
                new[place : place + size] = now.to_bytes(size, "big")
    return [bytes(new)]


def _offset_tables(source: Source, container: Box) -> Iterator[Box]:
    for child in source.boxes(container.body, container.end):
        if child.kind in ("stco", "co64"):
            yield child
        elif child.kind in CONTAINERS - {"meta"}:
            yield from _offset_tables(source, child)
