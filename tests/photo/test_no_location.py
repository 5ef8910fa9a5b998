"""``metadata="no-location"``: no part that can be read tells the place, and what cannot be read is named."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from nearfar.photo import jpeg, xmp
from nearfar.photo.heic.boxes import box
from nearfar.photo.heic.properties import build_ispe
from nearfar.photo.jpeg.extended_xmp import split_extended
from nearfar.photo.jpeg.photoshop import PHOTOSHOP
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, XMP, segment_bytes
from photo.heic.forge import Entry, Forge, forged, payloads, picture_entry, ramp, read_meta
from photo.jpeg import made
from photo.jpeg.test_photoshop import KEPT, block, dataset
from photo.test_exif import TOKYO
from photo.test_exif import made as exif_block

PLACE = xmp.build({"photoshop:City": "Secretville", "dc:format": "image/jpeg"})
CLEAN = xmp.parse(PLACE).remove(["photoshop:City"])
IPTC = block(0x03ED, b"12345") + block(0x0404, KEPT + dataset(90, b"Secretville") + dataset(92, b"Secret st"))
SECRETS = re.compile(rb"Secret|GPS|35,42|" + re.escape(TOKYO[0][4].to_bytes(4, "big")))


def inserted(data: bytes, *segments: bytes, at: int = 2) -> bytes:
    return data[:at] + b"".join(segments) + data[at:]


def saved(data: bytes) -> bytes:
    """The photo saved without location; any warning fails the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = nf.open(data)
        assert photo.container is not None
        return photo.file_data(photo.container, metadata="no-location")


def everything_jpeg() -> bytes:
    """A JPEG that tells its place in each way, in both of its pictures."""
    data = made.photo(made.matte_image())
    data = b"".join(jpeg.open_document(data).rewrite(jpeg_changes()))
    part = jpeg.open_document(data).secondaries[0].header.start
    leaky = segment_bytes(EXIF, exif_block()), segment_bytes(PHOTOSHOP, IPTC)
    return inserted(inserted(data, *leaky, at=part + 2), segment_bytes(PHOTOSHOP, IPTC))


def jpeg_changes() -> nf.photo.auxiliary.Changes:
    packet = xmp.parse(made.matte_image().xmp).set({"photoshop:City": "Secretville"})
    return nf.photo.auxiliary.Changes(exif=exif_block(), xmp=PLACE, auxiliary_xmp={1: packet})


def test_a_jpeg_tells_its_place_in_no_segment_of_any_picture() -> None:
    data = everything_jpeg()
    assert len(SECRETS.findall(data)) == 8
    after = saved(data)
    assert not SECRETS.search(after)
    assert made.scans(after) == made.scans(data)
    assert segment_bytes(PHOTOSHOP, block(0x03ED, b"12345") + block(0x0404, KEPT)) in after
    document = jpeg.open_document(after)
    assert document.xmp == CLEAN
    assert nf.open(after).metadata.device == "Made Here"
    assert document.images[0].xmp is not None
    assert xmp.parse(document.images[0].xmp).tags == xmp.parse(made.matte_image().xmp).tags
    assert saved(after) == after


@pytest.mark.parametrize("where", [2, "second"])
def test_iptc_alone_is_found(where: int | str) -> None:
    data = jpeg.compose(made.picture(), [made.depth_image()])
    at = jpeg.open_document(data).secondaries[0].header.start + 2 if where == "second" else 2
    after = saved(inserted(data, segment_bytes(PHOTOSHOP, IPTC), at=at))
    assert not SECRETS.search(after)
    assert b"Caption" in after


def test_resources_that_run_over_several_segments_are_read_as_one() -> None:
    cut = len(IPTC) - 20
    segments = [segment_bytes(PHOTOSHOP, part) for part in (IPTC[:cut], IPTC[cut:])]
    after = saved(inserted(made.photo(), *segments))
    assert not SECRETS.search(after)
    assert b"Caption" in after


def test_damaged_resources_go_whole() -> None:
    after = saved(inserted(made.photo(), segment_bytes(PHOTOSHOP, IPTC[:-3])))
    assert b"Photoshop" not in after


@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_a_photo_that_tells_no_place_stays_the_same_bytes(container: nf.photo.writing.Container) -> None:
    rng = np.random.default_rng(1)
    depth = nf.DepthMap(rng.uniform(1, 2, (12, 16)).astype(np.float32))
    data = nf.Photo(rng.integers(0, 256, (24, 32, 3), np.uint8), depth).file_data(container)
    assert saved(data) == data


def with_extension(packet: bytes, *, sound: bool = True) -> bytes:
    guid = hashlib.md5(packet).hexdigest().upper()
    main = xmp.build({"dc:format": "image/jpeg", "xmpNote:HasExtendedXMP": guid})
    pieces = [segment_bytes(EXTENDED_XMP, piece) for piece in split_extended(packet, guid)]
    stray = segment_bytes(EXTENDED_XMP, next(split_extended(PLACE, "0" * 32)))
    return inserted(made.photo(), segment_bytes(XMP, main), *(pieces if sound else pieces[1:]), stray)


def test_extended_xmp_is_cleaned_and_still_joined() -> None:
    long = xmp.build({"photoshop:City": "Secretville", "dc:title": "x" * 100_000})
    after = saved(with_extension(long))
    assert not SECRETS.search(after)
    assert jpeg.open_document(after).extended_xmp() == xmp.parse(long).remove(["photoshop:City"])
    assert saved(after) == after
    kept = xmp.build({"dc:title": "x" * 100_000})
    assert jpeg.open_document(saved(with_extension(kept))).extended_xmp() == kept


def test_an_extended_packet_with_a_piece_missing_goes_whole() -> None:
    long = xmp.build({"dc:title": "x" * 100_000, "photoshop:City": "Secretville"})
    after = saved(with_extension(long, sound=False))
    assert not SECRETS.search(after)
    packet = jpeg.open_document(after).xmp
    assert packet is not None
    assert dict(xmp.parse(packet).tags) == {"dc:format": "image/jpeg"}


def everything_heic() -> bytes:
    """A file whose pictures, auxiliary image and JPEG item all tell the place."""
    forge = Forge()
    for _ in range(2):
        forge.exif(forge.add(picture_entry(ramp(64, 64, colour=True))), exif_block())
    matte = forge.add(picture_entry(ramp(64, 64), urn=made.MATTE_URN, hidden=True))
    forge.refer("auxl", matte, 1)
    for item in (1, 3, matte):
        forge.describe(item, PLACE)
    coded = inserted(jpeg.compose(made.picture(7, 9)), segment_bytes(XMP, PLACE))
    forge.refer("thmb", forge.add(Entry("jpeg", coded, [(build_ispe((9, 7)), False)], hidden=True)), 1)
    return forge.build()


def test_a_heic_tells_its_place_in_no_item() -> None:
    data = everything_heic()
    assert len(SECRETS.findall(data)) > 4
    after = saved(data)
    assert not SECRETS.search(after)
    before, now = (payloads(read_meta(each)) for each in (data, after))
    assert before.keys() == now.keys()
    kinds = {item.id: item.kind for item in read_meta(after).items.values()}
    assert all(now[item] == before[item] for item, kind in kinds.items() if kind == "hvc1")
    assert {now[item] for item, kind in kinds.items() if kind == "mime"} == {CLEAN}
    assert saved(after) == after


def test_a_place_that_only_the_second_picture_tells_goes() -> None:
    forge = forged()
    other = forge.add(picture_entry(ramp(64, 64, colour=True)))
    forge.exif(other, exif_block())
    forge.exif(1, exif_block(gps=False))
    after = saved(forge.build())
    assert not SECRETS.search(after)


@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_a_photo_coded_anew_tells_no_place(container: nf.photo.writing.Container) -> None:
    source = everything_jpeg() if container == "heic" else everything_heic()
    after = nf.open(source).file_data(container, metadata="no-location")
    assert not SECRETS.search(after)
    assert list(nf.open(after).mattes) == [nf.MatteKind.PORTRAIT]


def odd_heics() -> Iterator[tuple[str, bytes]]:
    movie, vendor, note = forged(), forged(), forged()
    movie.after = box(b"moov", box(b"udta"))
    yield "a movie", movie.build()
    vendor.after = box(b"sefd", b"vendor")
    yield "a box 'sefd'", vendor.build()
    note.refer("cdsc", note.add(Entry("mime", b"{}", hidden=True, content_type="application/json")), 1)
    yield "'application/json'", note.build()


def odd_jpegs() -> Iterator[tuple[str, bytes]]:
    photo = made.photo(made.depth_image())
    yield "bytes behind the last picture", photo + b"\0\0\0\x18ftypmp42 a movie"
    yield "an APP6 segment", inserted(photo, segment_bytes((0xE6, b"GoPro\0"), b"GPS5"))


@pytest.mark.parametrize(("said", "data"), [*odd_heics(), *odd_jpegs()], ids=lambda value: str(value)[:30])
def test_what_cannot_be_looked_into_is_named(said: str, data: bytes, tmp_path: Path) -> None:
    photo = nf.open(data)
    assert photo.container is not None
    path = tmp_path / f"photo.{photo.container}"
    with pytest.warns(nf.PrivacyWarning, match=re.escape(said)) as caught:
        photo.save(path, metadata="no-location")
    assert caught[0].filename == __file__
    assert path.read_bytes() == data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo.save(path)


@pytest.mark.samples
def test_photos_of_phones_need_no_warning(samples: Path) -> None:
    for path in sorted((samples / "photos" / "apple").iterdir()):
        after = nf.open(saved(path.read_bytes()))
        assert after.metadata.location is None
