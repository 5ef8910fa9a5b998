"""Edit without loss: what was not named comes out byte for byte, and what was taken out is gone."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from nearfar.depth import Orientation
from nearfar.photo.auxiliary import DEPTH_URN, Changes, DepthRange, NewImage
from nearfar.photo.heic import open_document
from nearfar.photo.heic.boxes import Source, full_box, integers
from nearfar.photo.limits import Limits
from nearfar.photo.metadata import Metadata
from photo.heic.edits import MATTE, PLACE, assert_kept, new_map, rewritten, rich, tiff
from photo.heic.forge import Entry, Forge, forged, payloads, picture_entry, ramp

HEICS = (
    "apple/iphone13pro_dualwide.heic",
    "no-depth/samsung_gainmap.heic",
    "spatial/visionpro_spatial.heic",
)


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
    plain = bytes(_native.lossless_jpeg_encode(bits))
    assert after.meta.payload(image.key).endswith(plain[2:])
    assert image.xmp == b"<x/>"
    told = rewritten(after, Changes(auxiliary_xmp={image.key: b"<another/>"}))
    assert (told.images[0].xmp, set(told.meta.items)) == (b"<another/>", {1, image.key})
    assert told.meta.payload(image.key).endswith(plain[2:])
    assert b"<x/>" not in told.data
    large = b"<x>" + bytes(70_000) + b"</x>"
    assert rewritten(told, Changes(auxiliary_xmp={image.key: large})).images[0].xmp == large
    (again,) = rewritten(after, Changes(add=(NewImage(DEPTH_URN, bits, large),))).images[1:]
    assert again.xmp == large


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


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(KeyError, match=r"\[7\]"):
        open_document(forged().build()).rewrite(Changes(remove=frozenset({7})))


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


def test_an_empty_item_behind_a_cut_stays_readable() -> None:
    forge = forged()
    exif = forge.add(Entry("Exif", b"\0\0\0\6Exif\0\0" + tiff(1, PLACE), hidden=True, construction=1))
    forge.refer("cdsc", exif, 1)
    empty = forge.add(Entry("wxyz", b"", construction=1))
    after = rewritten(open_document(forge.build()), Changes(exif=None))
    assert after.meta.payload(empty) == b""
    assert PLACE not in after.data
