"""Edit without loss: what was not named comes out byte for byte, and what was taken out is gone."""

from __future__ import annotations

import struct
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from nearfar.depth import Orientation
from nearfar.errors import UnsupportedFile
from nearfar.photo.auxiliary import DEPTH_URN, Changes, DepthRange, NewImage
from nearfar.photo.heic import HeicDocument, open_document, tables
from nearfar.photo.heic.boxes import Source, box, full_box, integers
from nearfar.photo.heic.layout import merged, without
from nearfar.photo.heic.locations import Extent, Location
from nearfar.photo.heic.properties import build_turning
from nearfar.photo.limits import Limits
from nearfar.photo.metadata import Metadata
from photo.heic.forge import Entry, Forge, forged, payloads, picture_entry, ramp

HEICS = (
    "apple/iphone13pro_dualwide.heic",
    "no-depth/samsung_gainmap.heic",
    "spatial/visionpro_spatial.heic",
)
MATTE = "urn:com:apple:photo:2018:aux:portraiteffectsmatte"
PLACE = b"a place that must not stay behind"


def tiff(orientation: int, text: bytes = b"") -> bytes:
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0) + text


def rewritten(document: HeicDocument, changes: Changes) -> HeicDocument:
    return open_document(b"".join(document.rewrite(changes)))


def new_map(size: tuple[int, int] = (128, 96), urn: str = DEPTH_URN, **fields: Any) -> NewImage:
    return NewImage(urn, ramp(size[1], size[0]), b"<new/>", DepthRange(0.5, 2.5), **fields)


def assert_kept(
    before: HeicDocument, after: HeicDocument, *, changed: AbstractSet[int] = frozenset()
) -> None:
    """Every item but `changed` has its bytes, its properties, its references; so has every other box."""
    old, new = before.meta, after.meta
    for item in set(old.items) - set(changed):
        assert new.items[item].raw == old.items[item].raw
        assert new.payload(item) == old.payload(item)
        assert [new.source.raw(p) for p in new.properties_of(item)] == [
            old.source.raw(p) for p in old.properties_of(item)
        ]
        assert new.associations.get(item) == old.associations.get(item)
    gone = set(old.items) - set(new.items)
    for reference in old.references:
        if reference.source not in gone and gone.isdisjoint(reference.targets):
            assert reference in new.references
    for child in old.children:
        if child.kind not in ("iinf", "iref", "iprp", "iloc", "idat", "grpl"):
            assert old.source.raw(child) in [new.source.raw(each) for each in new.children]
    others = [b for b in old.source.top_level() if b.kind not in ("meta", "mdat", "moov")]
    others_now = [b for b in new.source.top_level() if b.kind not in ("meta", "mdat", "moov")]
    assert [old.source.raw(b) for b in others] == [new.source.raw(b) for b in others_now]


@pytest.mark.samples
@pytest.mark.parametrize("name", HEICS)
def test_no_change_is_the_same_file(samples: Path, name: str) -> None:
    data = (samples / "photos" / name).read_bytes()
    (piece,) = open_document(data).rewrite(Changes())
    assert piece is data


@pytest.mark.samples
@pytest.mark.parametrize("name", HEICS)
def test_edits_of_real_photos_keep_the_rest(samples: Path, name: str) -> None:
    document = open_document((samples / "photos" / name).read_bytes())
    keys = [image.key for image in document.images]
    exif, xmp = document.exif, document.xmp
    assert exif is not None
    assert xmp is not None
    (exif_entry,) = (
        e for e in document.meta.sources(document.picture, "cdsc") if document.meta.items[e].kind == "Exif"
    )
    (xmp_entry,) = (
        e for e in document.meta.sources(document.picture, "cdsc") if document.meta.items[e].kind == "mime"
    )
    told = rewritten(document, Changes(xmp=b"<new/>", auxiliary_xmp=dict.fromkeys(keys, b"<aux/>")))
    packets = {source for key in keys for source in document.meta.sources(key, "cdsc")}
    assert_kept(document, told, changed={xmp_entry, *packets})
    assert told.xmp == b"<new/>"
    assert all(image.xmp == b"<aux/>" for image in told.images)
    # Both pictures of a pair have the same packet; the second keeps its own.
    assert told.data.count(xmp) == document.data.count(xmp) - 1

    added = rewritten(document, Changes(add=(new_map(), new_map((64, 64), MATTE, lossless=True))))
    assert_kept(document, added)
    assert [image.urn for image in added.images[-2:]] == [DEPTH_URN, MATTE]
    assert all(image.orientation is document.orientation for image in added.images[-2:])
    np.testing.assert_array_equal(added.images[-1].decode(), ramp(64, 64))

    bare = rewritten(document, Changes(exif=None, xmp=None))
    other = {e.id for e in document.meta.items.values() if e.kind == "Exif"}
    assert_kept(document, bare, changed={exif_entry, xmp_entry, *other})
    assert (bare.exif, bare.xmp) == (None, None)
    assert exif not in bare.data

    again = rewritten(bare, Changes(exif=exif, xmp=xmp))
    assert (again.exif, again.xmp) == (exif, xmp)
    np.testing.assert_array_equal(again.decode_color(), document.decode_color())


@pytest.mark.samples
def test_taking_out_the_depth_of_a_real_photo(samples: Path) -> None:
    document = open_document((samples / "photos" / HEICS[0]).read_bytes())
    codes = document.meta.payload(54)
    bare = rewritten(document, Changes(remove=frozenset({54})))
    assert set(document.meta.items) - set(bare.meta.items) == {54, 55}
    assert_kept(document, bare, changed={54, 55})
    assert codes not in bare.data
    assert len(bare.data) < len(document.data) - len(codes)
    back = rewritten(bare, Changes(add=(new_map((768, 576)),)))
    assert back.images[-1].depth_range == DepthRange(0.5, 2.5)


@pytest.mark.samples
def test_taking_out_a_gain_map_takes_its_rendering_and_group_along(samples: Path) -> None:
    document = open_document((samples / "photos" / HEICS[1]).read_bytes())
    bare = rewritten(document, Changes(remove=frozenset({37})))
    assert set(document.meta.items) - set(bare.meta.items) == {35, 36, 37, 38, 41}
    assert bare.images == ()
    assert bare.meta.groups == ()
    np.testing.assert_array_equal(bare.decode_color(), document.decode_color())


def rich() -> tuple[Forge, dict[str, int]]:
    """A file with a map, a matte, metadata, a thumbnail, an item and boxes that nobody knows."""
    forge = forged(*build_turning(Orientation.RIGHT))
    turn = build_turning(Orientation.RIGHT)
    ids = {"depth": forge.add(picture_entry(ramp(96, 128), *turn, urn=DEPTH_URN, hidden=True))}
    forge.refer("auxl", ids["depth"], 1)
    ids["depth xmp"] = forge.describe(ids["depth"], b"<depth/>")
    ids["matte"] = forge.add(picture_entry(ramp(64, 64), *turn, urn=MATTE, hidden=True))
    forge.refer("auxl", ids["matte"], 1)
    ids["exif"] = forge.exif(1, tiff(1, PLACE))
    ids["xmp"] = forge.describe(1, b"<picture/>")
    ids["thumbnail"] = forge.add(picture_entry(ramp(64, 64, colour=True)))
    forge.refer("thmb", ids["thumbnail"], 1)
    ids["unknown"] = forge.add(Entry("wxyz", b"unknown bytes", [(box(b"prop", b"x"), False)], construction=1))
    ids["secret"] = forge.add(Entry("mime", PLACE, content_type="application/rdf+xml", construction=1))
    forge.refer("cdsc", ids["secret"], ids["matte"])
    forge.groups = [full_box(b"eqiv", 0, 0, integers(4, [99, 2, 1, ids["depth"]]))]
    forge.extra = box(b"uuid", bytes(16), b"meta extra")
    forge.before, forge.after = box(b"free", b"before"), box(b"sefd", b"after") + b"SEFT"
    return forge, ids


@pytest.mark.parametrize("media_first", [False, True])
def test_every_edit_of_a_rich_file(media_first: bool) -> None:
    forge, ids = rich()
    forge.media_first = media_first
    document = open_document(forge.build())

    told = rewritten(document, Changes(auxiliary_xmp={ids["depth"]: b"<a longer packet/>" * 9}))
    assert_kept(document, told, changed={ids["depth xmp"]})
    assert told.images[0].xmp == b"<a longer packet/>" * 9

    bare = rewritten(document, Changes(remove=frozenset({ids["matte"]})))
    assert_kept(document, bare, changed={ids["matte"], ids["secret"]})
    assert bare.data.count(PLACE) == 1
    assert [image.key for image in bare.images] == [ids["depth"]]

    private = rewritten(document, Changes(exif=None, remove=frozenset({ids["matte"]})))
    assert PLACE not in private.data
    assert private.orientation is Orientation.RIGHT

    less = rewritten(document, Changes(remove=frozenset({ids["depth"]})))
    assert_kept(document, less, changed={ids["depth"], ids["depth xmp"]})
    assert less.meta.groups == ()

    replaced = rewritten(document, Changes(remove=frozenset({ids["depth"]}), add=(new_map(),)))
    assert replaced.images[-1].orientation is Orientation.RIGHT
    assert replaced.images[-1].xmp == b"<new/>"


def test_the_edited_file_edits_again() -> None:
    forge, ids = rich()
    document = open_document(forge.build())
    once = rewritten(document, Changes(auxiliary_xmp={ids["depth"]: b"<one/>"}, exif=tiff(1, b"shorter")))
    twice = rewritten(once, Changes(auxiliary_xmp={ids["depth"]: b"<depth/>"}, exif=tiff(1, PLACE)))
    assert len(twice.data) == len(document.data)
    assert payloads(twice.meta) == payloads(document.meta)


def test_a_packet_for_an_image_without_one_is_added() -> None:
    forge, ids = rich()
    document = open_document(forge.build())
    key = ids["matte"]
    forge.references = [r for r in forge.references if r.targets != (key,) or r.kind != "cdsc"]
    bare = open_document(forge.build())
    assert bare.images[1].xmp is None
    told = rewritten(bare, Changes(auxiliary_xmp={key: b"<matte/>"}))
    assert told.images[1].xmp == b"<matte/>"
    added = max(told.meta.items)
    assert told.meta.items[added].hidden
    assert added == max(document.meta.items) + 1 or added > 99


def test_a_shared_packet_stays_with_the_other() -> None:
    forge, ids = rich()
    shared = ids["depth xmp"]
    forge.references = [
        r._replace(targets=(ids["depth"], ids["matte"])) if r.source == shared else r
        for r in forge.references
        if r.source != ids["secret"]
    ]
    document = open_document(forge.build())
    told = rewritten(document, Changes(auxiliary_xmp={ids["depth"]: b"<mine/>"}))
    assert [image.xmp for image in told.images] == [b"<mine/>", b"<depth/>"]


def test_sixteen_bit_maps_are_added_losslessly() -> None:
    bits = np.linspace(0, 3, 50 * 70).astype(np.float16).reshape(50, 70).view(np.uint16)
    after = rewritten(open_document(forged().build()), Changes(add=(NewImage(DEPTH_URN, bits, b"<x/>"),)))
    (image,) = after.images
    assert image.coding == "lossless-jpeg"
    assert after.meta.items[image.key].kind == "jpeg"
    np.testing.assert_array_equal(image.decode(), bits)
    assert after.meta.payload(image.key) == bytes(_native.lossless_jpeg_encode(bits))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_exif_turned_stays_up_when_exif_goes(orientation: int) -> None:
    forge = forged()
    item = forge.add(picture_entry(ramp(96, 128), urn=DEPTH_URN, hidden=True))
    forge.refer("auxl", item, 1)
    forge.exif(1, tiff(orientation))
    document = open_document(forge.build())
    for changes in (Changes(exif=None), Changes(exif=tiff(1)), Changes(exif=tiff(6))):
        after = rewritten(document, changes)
        assert after.orientation == orientation
        assert after.images[0].orientation == orientation
        np.testing.assert_array_equal(after.decode_color(), document.decode_color())


def test_new_maps_name_the_rendering_where_the_file_does_so() -> None:
    for named in (True, False):
        forge = forged()
        depth = forge.add(picture_entry(ramp(96, 128), urn=MATTE, hidden=True))
        rendering = forge.add(Entry("tmap", bytes(62)))
        forge.refer("dimg", rendering, 1)
        forge.refer("auxl", depth, *([1, rendering] if named else [1]))
        after = rewritten(open_document(forge.build()), Changes(add=(new_map(),)))
        expected = (1, rendering) if named else (1,)
        assert after.meta.targets(after.images[-1].key, "auxl") == expected


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


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(KeyError, match=r"\[7\]"):
        open_document(forged().build()).rewrite(Changes(remove=frozenset({7})))


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


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_edit_keeps_what_it_does_not_name(data: st.DataObject) -> None:
    forge, ids = rich()
    forge.media_first = data.draw(st.booleans())
    document = open_document(forge.build())
    remove = data.draw(st.sets(st.sampled_from([ids["depth"], ids["matte"]])))
    packets = data.draw(
        st.dictionaries(st.sampled_from([ids["depth"], ids["matte"]]), st.binary(min_size=1, max_size=99))
    )
    exif = data.draw(st.sampled_from([None, tiff(1), tiff(6, b"!" * 50)]))
    after = rewritten(
        document,
        Changes(remove=frozenset(remove), auxiliary_xmp=packets, exif=exif, xmp=data.draw(st.binary())),
    )
    assert after.exif == exif
    named = {ids["exif"], ids["xmp"], ids["depth xmp"], ids["secret"], *remove}
    assert_kept(document, after, changed=named)
    for image in after.images:
        assert image.xmp == packets.get(image.key, b"<depth/>" if image.key == ids["depth"] else PLACE)
    source = Source(after.data, file=None, limits=Limits())
    assert source.top_level()[-1].end == len(after.data)


def located_tiff() -> bytes:
    """EXIF that names a place: 47°22'40" N, 8°32'30" E."""
    degrees = struct.pack("<6I", 47, 1, 22, 1, 40, 1), struct.pack("<6I", 8, 1, 32, 1, 30, 1)
    head = struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x8825, 4, 1, 26, 0)
    entries = (
        struct.pack("<HHI4s", 1, 2, 2, b"N"),
        struct.pack("<HHII", 2, 5, 3, 80),
        struct.pack("<HHI4s", 3, 2, 2, b"E"),
        struct.pack("<HHII", 4, 5, 3, 104),
    )
    return head + struct.pack("<H", 4) + b"".join(entries) + bytes(4) + b"".join(degrees)


PLACED_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:a="urn:a" a:kept="yes">'
    b"<exif:GPSLatitude>47,22.6667N</exif:GPSLatitude></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def placed_pair() -> Forge:
    """A pair whose pictures both name their place, in EXIF and in XMP."""
    forge = Forge()
    for number in (1, 2):
        forge.add(picture_entry(ramp(64, 128, colour=True)), number)
    forge.groups = [full_box(b"ster", 0, 0, integers(4, [99, 2, 1, 2]))]
    for number in (1, 2):
        forge.exif(number, located_tiff())
        forge.describe(number, PLACED_XMP)
    return forge


def test_a_place_goes_from_both_pictures_of_a_pair() -> None:
    document = open_document(placed_pair().build())
    metadata = Metadata(document.exif, document.xmp)
    assert metadata.location is not None
    clean = metadata.without_location()
    after = rewritten(document, Changes(exif=clean.exif, xmp=clean.xmp))
    assert struct.pack("<2I", 47, 1) not in after.data
    assert b"GPSLatitude" not in after.data
    assert after.data.count(b'a:kept="yes"') == 2
    assert set(after.meta.items) == set(document.meta.items)
    bare = rewritten(document, Changes(exif=None))
    assert "Exif" not in {item.kind for item in bare.meta.items.values()}


def test_a_place_that_stays_leaves_the_second_picture_alone() -> None:
    document = open_document(placed_pair().build())
    after = rewritten(document, Changes(exif=located_tiff() + b"more", xmp=PLACED_XMP + b" "))
    assert_kept(document, after, changed={3, 4})
