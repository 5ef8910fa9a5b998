"""Where bytes lie after an edit: wide tables, media data of every form, movies, shared and odd places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.errors import UnsupportedFile
from nearfar.photo.auxiliary import Changes
from nearfar.photo.heic import open_document, tables
from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.layout import merged, without
from nearfar.photo.heic.locations import Extent, Location
from photo.heic.edits import PLACE, assert_kept, new_map, rewritten, rich, tiff
from photo.heic.forge import Entry, Forge, forged, payloads, picture_entry, ramp


def test_ids_past_65535_widen_every_table() -> None:
    forge = Forge(primary=0xFFFF)
    forge.add(picture_entry(ramp(96, 128, colour=True)), 0xFFFF)
    document = open_document(forge.build())
    after = rewritten(document, Changes(add=(new_map(),), xmp=b"<x/>"))
    assert_kept(document, after)
    assert after.images[0].key > 0xFFFF
    assert after.images[0].xmp == b"<new/>"
    assert after.xmp == b"<x/>"


@pytest.mark.parametrize("item", [1, 0xFFFFFFFF])
def test_new_ids_are_free_ones(item: int) -> None:
    """Beside an item of the last id, and a group that has the next one (found by fuzzing)."""
    forge = Forge(primary=item)
    forge.add(picture_entry(ramp(96, 128, colour=True)), item)
    forge.groups = [full_box(b"altr", 0, 0, integers(4, [2, 1, item]))]
    after = rewritten(open_document(forge.build()), Changes(add=(new_map(),), xmp=b"<x/>"))
    ids = sorted({*after.meta.items} - {item})
    assert ids == ([1, 3, 4] if item != 1 else [3, 4, 5])
    assert after.images[0].xmp == b"<new/>"


def test_an_item_that_uses_255_properties_takes_no_more() -> None:
    forge = forged()
    forge.items[1].properties += [(box(b"free", bytes([n])), False) for n in range(251)]
    forge.exif(1, tiff(6))
    with pytest.raises(UnsupportedFile):
        open_document(forge.build()).rewrite(Changes(exif=None))


def test_many_properties_widen_the_associations() -> None:
    forge = forged()
    forge.items[1].properties += [(box(b"free", bytes([n])), False) for n in range(125)]
    document = open_document(forge.build())
    after = rewritten(document, Changes(add=(new_map(),)))
    assert_kept(document, after)
    assert after.meta.association_boxes[0].flags == 1
    assert after.images[0].size == (128, 96)


def test_a_file_without_media_data_gets_some() -> None:
    forge = forged()
    forge.items[1].construction = 1
    data = forge.build()
    data = data[: -8 - len(b"")] if data.endswith(box(b"mdat")) else data
    document = open_document(data + b"trail")
    after = rewritten(document, Changes(add=(new_map(),)))
    assert_kept(document, after)
    assert [b.kind for b in after.meta.source.top_level()] == ["ftyp", "meta", "mdat", ""]
    np.testing.assert_array_equal(after.decode_color(), document.decode_color())


def test_media_data_to_the_end_of_the_file_stays_open() -> None:
    forge = forged()
    forge.exif(1, tiff(1, PLACE))
    data = forge.build()
    at = data.index(b"mdat") - 4
    document = open_document(data[:at] + b"\0\0\0\0" + data[at + 4 :])
    after = rewritten(document, Changes(add=(new_map(),), exif=None))
    assert after.images[0].size == (128, 96)
    assert PLACE not in after.data
    assert after.data[after.data.index(b"mdat") - 4 :][:4] == b"\0\0\0\0"


def test_a_64_bit_media_box_stays_one() -> None:
    forge = forged()
    data = forge.build()
    at = data.index(b"mdat") - 4
    body = data[at + 8 :]
    forge.replace["iloc"] = tables.build_iloc({1: Location(0, 0, (Extent(0, at + 16, len(body)),))})
    data = forge.build()[:at] + b"\0\0\0\1mdat" + (len(body) + 16).to_bytes(8, "big") + body
    document = open_document(data)
    after = rewritten(document, Changes(add=(new_map(),)))
    assert_kept(document, after)
    assert after.data[at:].count(b"\0\0\0\1mdat") == 1


def test_bytes_that_two_items_share_stay_until_both_are_gone() -> None:
    forge, ids = rich()
    forge.items[ids["matte"]].properties = forge.items[ids["depth"]].properties
    document = open_document(forge.build())
    locations = dict(document.meta.locations)
    locations[ids["matte"]] = locations[ids["depth"]]
    forge.replace["iloc"] = tables.build_iloc(locations)
    shared = open_document(forge.build())
    codes = shared.images[0].decode()
    after = rewritten(shared, Changes(remove=frozenset({ids["depth"]})))
    np.testing.assert_array_equal(after.images[0].decode(), codes)
    none = rewritten(after, Changes(remove=frozenset({ids["matte"]})))
    assert document.meta.payload(ids["depth"]) not in none.data


def test_bytes_outside_the_media_data_are_kept_or_blanked_in_place() -> None:
    """Extents in a box of its own, and inside the meta box."""
    forge = forged()
    forge.before = box(b"free", PLACE)
    forge.items[1].construction = 1
    forge.exif(1, tiff(1))
    data = forge.build()
    document = open_document(data)
    idat = document.meta.idat
    assert idat is not None
    picture = Location(0, 0, (Extent(0, idat.body, idat.end - idat.body),))
    exif = Location(0, 0, (Extent(0, data.index(PLACE), len(PLACE)),))
    forge.replace["iloc"] = tables.build_iloc({1: picture, 2: exif})
    odd = open_document(forge.build())
    assert odd.meta.payload(2) == PLACE
    after = rewritten(odd, Changes(exif=None))
    assert after.meta.payload(1) == odd.meta.payload(1)
    assert after.data[24:][: 8 + len(PLACE)] == box(b"free", bytes(len(PLACE)))


@pytest.mark.parametrize("kind", ["stco", "co64"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_movie_beside_the_pictures_finds_its_chunks(kind: str, place: str) -> None:
    forge, ids = rich()
    clip = b"frames of a movie"
    media = forge.add(Entry("clip", clip))
    size = 8 if kind == "co64" else 4

    def movie(offset: int) -> bytes:
        table = full_box(kind.encode(), 0, 0, integers(4, [1]), integers(size, [offset]))
        inner = box(b"minf", box(b"stbl", box(b"stsd", b"x"), table))
        return box(b"moov", box(b"mvhd", b"y"), box(b"trak", box(b"mdia", inner)))

    setattr(forge, place, movie(0))
    setattr(forge, place, movie(forge.build().index(clip)))
    document = open_document(forge.build())
    after = rewritten(document, Changes(exif=None, add=(new_map(),)))
    assert after.meta.payload(media) == clip
    at = after.data.index(kind.encode()) + 12
    assert int.from_bytes(after.data[at : at + size], "big") == after.data.index(clip)
    assert_kept(document, after, changed={ids["exif"]})


def test_pieces_are_views_of_the_old_file() -> None:
    forge, ids = rich()
    document = open_document(forge.build())
    pieces = document.rewrite(Changes(auxiliary_xmp={ids["depth"]: b"<x/>"}))
    kept = sum(len(piece) for piece in pieces if isinstance(piece, memoryview) and piece.obj is document.data)
    assert kept >= sum(len(payload) for payload in payloads(document.meta).values()) - len(b"<depth/>") - 100


ranges = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda r: (min(r), max(r))), max_size=6
)


@given(ranges, ranges)
def test_ranges_are_sets(ours: list[tuple[int, int]], theirs: list[tuple[int, int]]) -> None:
    def members(some: list[tuple[int, int]]) -> set[int]:
        return {n for start, end in some for n in range(start, end)}

    assert members(merged(ours)) == members(ours)
    assert members(without(ours, theirs)) == members(ours) - members(theirs)
    flat = [n for each in merged(ours) for n in each]
    assert flat == sorted(set(flat))
