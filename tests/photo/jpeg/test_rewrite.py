"""Edits: what was coded is copied, the index is true, what is not understood is kept."""

from __future__ import annotations

import io
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nearfar.depth import Orientation
from nearfar.photo import jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN, Changes, NewImage
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, MPF, segment_bytes
from photo.jpeg import made

TRAILER = b"\0\0\0\x18ftypmp42 a motion photo \xff\xd8 in name only, SEFT"


def changed(data: bytes, **changes: object) -> bytes:
    return b"".join(jpeg.open_document(data).rewrite(Changes(**changes)))


def check_index(data: bytes, trailer: int = 0) -> None:
    """The index lists every image at its place with its size."""
    document = jpeg.open_document(data)
    if not document.secondaries:
        assert document.index is None
        return
    assert document.index is not None
    assert [part.header.start for part in document.secondaries] == sorted(
        entry.position for entry in document.index.entries[1:]
    )
    assert sum(entry.size for entry in document.index.entries) == len(data) - trailer
    for entry in document.index.entries:
        assert data[entry.position + entry.size - 2 : entry.position + entry.size] == b"\xff\xd9"
    for part in document.secondaries:
        for segment in part.header.find(data, MPF):
            assert data[segment.end - 8 : segment.end - 4] == len(document.index.entries).to_bytes(4, "big")


@pytest.fixture
def photo() -> bytes:
    return made.photo(made.depth_image(), made.matte_image()) + TRAILER


def test_no_change_is_no_change(photo: bytes) -> None:
    assert changed(photo) == photo


def test_the_same_metadata_again_change_no_byte(photo: bytes) -> None:
    document = jpeg.open_document(photo)
    same = {image.key: image.xmp for image in document.images}
    assert changed(photo, exif=document.exif, xmp=document.xmp, auxiliary_xmp=same) == photo


class TestRealPhotos:
    pytestmark = pytest.mark.samples

    @pytest.fixture(params=["iphone12mini_depth_gainmap", "iphonex_depth", "iphonex_depth_matte"])
    def data(self, request: pytest.FixtureRequest, samples: Path) -> bytes:
        return (samples / "photos" / "apple" / f"{request.param}.jpg").read_bytes()

    def test_an_edit_of_the_depth_tags_keeps_all_else(self, data: bytes) -> None:
        document = jpeg.open_document(data)
        image = next(image for image in document.images if image.urn == DEPTH_URN)
        assert image.xmp is not None
        packet = xmp.parse(image.xmp).set(
            {"depthBlurEffect:SimulatedAperture": "1.400000", "nearfar:Focus": "0.5 0.5"}
        )
        edited = changed(data, auxiliary_xmp={image.key: packet})
        assert made.scans(edited) == made.scans(data)
        check_index(edited)
        after = jpeg.open_document(edited)
        assert (after.exif, after.xmp, after.icc) == (document.exif, document.xmp, document.icc)
        for old, new in zip(document.images, after.images, strict=True):
            assert new.xmp == (packet if old.key == image.key else old.xmp)
        before = xmp.parse(image.xmp).tags
        assert (
            xmp.parse(packet).tags["depthBlurEffect:RenderingParameters"]
            == before["depthBlurEffect:RenderingParameters"]
        )

    def test_undone_it_is_the_same_file_with_true_sizes(self, data: bytes) -> None:
        document = jpeg.open_document(data)
        image = document.images[-1]
        assert image.xmp is not None
        packet = xmp.parse(image.xmp).set({"nearfar:Focus": "0.5 0.5"})
        back = changed(changed(data, auxiliary_xmp={image.key: packet}), auxiliary_xmp={image.key: image.xmp})
        assert len(back) == len(data)
        place = next(document.primary.find(data, MPF))
        assert back[: place.payload] == data[: place.payload]
        assert back[place.end :] == data[place.end :]

    def test_images_taken_out_and_put_in_again(self, data: bytes) -> None:
        document = jpeg.open_document(data)
        bare = changed(data, remove=frozenset(image.key for image in document.images))
        assert jpeg.open_document(bare).images == ()
        assert b"MPF\0" not in bare[: jpeg.open_document(bare).primary.scan].replace(b"AMPF\0", b"")
        assert made.scans(bare) == made.scans(data)[:1]
        again = changed(bare, add=(made.depth_image(), made.matte_image()))
        check_index(again)
        assert [image.urn for image in jpeg.open_document(again).images] == [DEPTH_URN, made.MATTE_URN]
        assert made.scans(again)[0] == made.scans(data)[0]


def test_the_trailer_stays_last(photo: bytes) -> None:
    for edited in (
        changed(photo, exif=None),
        changed(photo, remove=frozenset({1, 2})),
        changed(photo, add=(made.depth_image(5),)),
        changed(photo, remove=frozenset({2}), add=(made.depth_image(5),), xmp=None),
    ):
        assert edited.endswith(b"\xff\xd9" + TRAILER)
        check_index(edited, len(TRAILER))


def test_an_image_is_replaced(photo: bytes) -> None:
    new = made.depth_image(7, 31, 41)
    edited = changed(photo, remove=frozenset({1}), add=(new,))
    images = jpeg.open_document(edited).images
    assert [image.urn for image in images] == [made.MATTE_URN, DEPTH_URN]
    assert np.abs(images[1].decode().astype(int) - new.samples).max() <= 2
    assert images[1].xmp == new.xmp


def test_the_first_image_brings_the_index_and_the_last_takes_it_away() -> None:
    plain = jpeg.compose(made.picture(), exif=made.EXIF, xmp=made.XMP, icc=made.ICC)
    with_depth = changed(plain, add=(made.depth_image(),))
    check_index(with_depth)
    kinds = [segment.marker for segment in jpeg.open_document(with_depth).primary.segments[:5]]
    assert kinds == [0xE0, 0xE1, 0xE1, 0xE2, 0xE2]
    assert changed(with_depth, remove=frozenset({1})) == plain


def test_metadata_are_put_in_where_they_belong() -> None:
    bare = jpeg.compose(made.picture())
    full = jpeg.open_document(changed(bare, exif=made.EXIF, xmp=made.XMP))
    assert (full.exif, full.xmp) == (made.EXIF, made.XMP)
    assert [segment.marker for segment in full.primary.segments[:3]] == [0xE0, 0xE1, 0xE1]
    assert changed(full.data, exif=None, xmp=None) == bare


def test_exif_taken_out_is_out_of_all_images(photo: bytes) -> None:
    start = jpeg.open_document(photo).secondaries[0].header.start
    leaky = photo[: start + 2] + segment_bytes(EXIF, b"MM secret place") + photo[start + 2 :]
    assert b"secret place" not in changed(leaky, exif=None)
    assert b"secret place" in changed(leaky, xmp=None)


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_picture_stays_upright_without_its_exif(orientation: Orientation) -> None:
    told = made.exif(orientation) + b"secret"
    data = jpeg.compose(made.picture(), [made.depth_image()], exif=told)
    before = jpeg.open_document(data)
    after = jpeg.open_document(changed(data, exif=None))
    assert after.orientation is before.orientation is orientation
    assert b"secret" not in after.data
    assert (after.exif is None) == (orientation is Orientation.UP)
    np.testing.assert_array_equal(after.decode_color(), before.decode_color())
    check_index(after.data)


def test_unknown_segments_stay(photo: bytes) -> None:
    unknown = segment_bytes((0xED, b"Photoshop 3.0\0"), b"8BIM") + segment_bytes((0xFE, b""), b"a comment")
    data = photo[:20] + photo[20:]
    at = jpeg.open_document(data).primary.segments[0].end
    data = changed(data[:at] + unknown + data[at:], xmp=made.XMP)
    edited = changed(data, exif=None, add=(made.depth_image(3),), remove=frozenset({1}))
    assert unknown in edited


def test_other_tags_of_the_index_stay_when_its_images_do() -> None:
    data = made.photo(made.depth_image())
    segment = next(jpeg.open_document(data).primary.find(data, MPF))
    content = bytearray(segment.content(data, MPF) + b"vendor bytes")
    (offset,) = struct.unpack_from(">I", content, 50 + 16 + 8)
    struct.pack_into(">I", content, 50 + 16 + 8, offset + len(b"vendor bytes"))
    data = data[: segment.start] + segment_bytes(MPF, bytes(content)) + data[segment.end :]
    edited = changed(data, xmp=xmp.build({"dc:format": "longer than it was before"}))
    assert b"vendor bytes" in edited
    check_index(edited)


def test_an_extended_packet_stays_with_the_packet_that_names_it() -> None:
    packet = xmp.build({f"{{urn:x/}}T{n}": str(n) * 20_000 for n in range(1, 6)})
    data = jpeg.compose(made.picture(), xmp=packet)
    document = jpeg.open_document(data)
    assert document.xmp is not None
    edited = changed(data, xmp=xmp.parse(document.xmp).set({"dc:format": "new"}))
    assert jpeg.open_document(edited).extended_xmp() == document.extended_xmp()
    for gone in (changed(data, xmp=None), changed(data, xmp=made.XMP)):
        assert list(jpeg.open_document(gone).primary.find(gone, EXTENDED_XMP)) == []


def test_a_broken_packet_can_be_replaced() -> None:
    data = made.photo(made.depth_image())
    broken = data.replace(made.XMP, made.XMP.replace(b"<dc:format>", b"<dc:<ormat>"))
    assert jpeg.open_document(changed(broken, xmp=made.XMP)).xmp == made.XMP


def test_googles_list_of_items_follows_a_change_of_size() -> None:
    gain_map = NewImage("", made.noise(), xmp.build({"hdrgm:Version": "1.0", "apdi:AuxiliaryImageType": ""}))
    bare = made.photo(gain_map)
    part = jpeg.open_document(bare).secondaries[0]
    length = len(bare) - part.header.start
    directory = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Container="http://ns.google.com/photos/1.0/container/"'
        ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><Container:Directory><rdf:Seq>'
        '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary"/></rdf:li>'
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Length="{length}"/>'
        "</rdf:li>"
        "</rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    listed = changed(bare, xmp=directory.encode())
    edited = changed(listed, exif=None, add=(made.depth_image(),))
    assert jpeg.open_document(edited).xmp == directory.encode()
    assert gain_map.xmp is not None
    longer = xmp.parse(gain_map.xmp).set({"hdrgm:GainMapMax": "2.5"})
    grown = changed(listed, auxiliary_xmp={1: longer})
    grown_by = len(longer) - len(gain_map.xmp)
    assert jpeg.open_document(grown).xmp == directory.replace(str(length), str(length + grown_by)).encode()


def test_an_image_that_is_not_there_is_refused(photo: bytes) -> None:
    with pytest.raises(KeyError, match="no image 9"):
        changed(photo, remove=frozenset({9}))


def test_metadata_that_do_not_fit_are_refused(photo: bytes) -> None:
    with pytest.raises(ValueError, match="Exif holds"):
        changed(photo, exif=b"MM" + bytes(70_000))
    with pytest.raises(ValueError, match="auxiliary image's XMP"):
        changed(photo, auxiliary_xmp={1: bytes(70_000)})


steps = st.tuples(
    st.sets(st.integers(0, 3), max_size=2),
    st.integers(0, 2),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)


@given(st.lists(steps, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_any_chain_of_edits_keeps_scans_and_a_true_index(
    chain: list[tuple[set[int], int, bool, bool, int]],
) -> None:
    data = made.photo(made.depth_image(), made.matte_image()) + TRAILER
    for out, more, without_exif, edit, seed in chain:
        document = jpeg.open_document(data)
        keys = [image.key for image in document.images]
        gone = {keys[place] for place in out if place < len(keys)}
        kept = [image for image in document.images if image.key not in gone]
        packets = {image.key: made.depth_image(seed).xmp for image in kept[:1] if edit}
        changes = Changes(
            remove=frozenset(gone),
            add=tuple(made.depth_image(seed + n, 5 + n, 9) for n in range(more)),
            auxiliary_xmp=packets,
            exif=None if without_exif else made.EXIF,
        )
        new = b"".join(document.rewrite(changes))
        check_index(new, len(TRAILER))
        places = [0, *(1 + place for place, image in enumerate(document.images) if image.key not in gone)]
        old_scans = made.scans(data)
        assert made.scans(new)[: len(places)] == [old_scans[place] for place in places]
        assert new.endswith(TRAILER)
        data = new


@pytest.mark.tools
@pytest.mark.samples
def test_exiftool_has_no_warning_after_an_edit(
    samples: Path, tool: Callable[[str], str], tmp_path: Path
) -> None:
    data = (samples / "photos/apple/iphonex_depth_matte.jpg").read_bytes()
    path = tmp_path / "edited.jpg"
    path.write_bytes(changed(data, remove=frozenset({1}), add=(made.depth_image(),), xmp=made.XMP))
    told = subprocess.run(
        [tool("exiftool"), "-a", "-ee", "-s", str(path)], capture_output=True, text=True, check=True
    )
    assert "Warning" not in told.stdout
    assert "MPImage3" in told.stdout
    opened = Image.open(io.BytesIO(path.read_bytes()))
    assert opened.n_frames == 3
