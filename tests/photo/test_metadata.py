"""Laws of `Metadata`: lenient reading, a location that leaves no trace, blocks for an upright picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.depth.kinds import Orientation
from nearfar.photo import exif, xmp
from nearfar.photo.metadata import Location, Metadata
from nearfar.photo.tiff import read_tiff
from photo.test_exif import made

PLACES = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 exif:GPSLatitude="35,42.08N" photoshop:City="Secretville" dc:format="image/jpeg" tiff:Orientation="6">
<exif:GPSLongitude>139,44.30E</exif:GPSLongitude><exif:FNumber>24/10</exif:FNumber>
<photoshop:State>Secretstate</photoshop:State><photoshop:Country>Secretland</photoshop:Country>
<core:Location>Secret street</core:Location><core:CountryCode>SCR</core:CountryCode>
<ext:LocationShown><rdf:Bag>
<rdf:li rdf:parseType="Resource"><ext:City>Secretville</ext:City></rdf:li></rdf:Bag>
</ext:LocationShown>
<ext:LocationCreated rdf:parseType="Resource"><ext:City>Secretville</ext:City></ext:LocationCreated>
<photoshop:Headline>Kept</photoshop:Headline>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_without_location_cleans_both_blocks_and_nothing_else() -> None:
    before = Metadata(exif=made(), xmp=PLACES, icc=b"profile")
    after = before.without_location()
    assert before.location is not None
    assert after.location is None
    assert after.icc == b"profile"
    assert after.xmp is not None
    assert not re.search(rb"Secret|GPS|35,42|139,44|SCR", after.xmp)
    kept = xmp.parse(after.xmp).tags
    assert kept == {
        "dc:format": "image/jpeg",
        "tiff:Orientation": "6",
        "exif:FNumber": "24/10",
        "photoshop:Headline": "Kept",
    }
    assert after.without_location() == after


def test_metadata_without_a_location_is_unchanged() -> None:
    packet = xmp.build({"dc:format": "image/jpeg"})
    before = Metadata(exif=made(gps=False), xmp=packet)
    assert before.without_location() == before
    assert Metadata().without_location() == Metadata()


def test_damaged_blocks_read_as_nothing_and_leave_no_location() -> None:
    damaged = Metadata(exif=b"MM\0*\0\0\0\xff" + bytes(9), xmp=b"<x:xmpmeta exif:GPSLatitude='35,42N'")
    assert damaged.device is None
    assert damaged.location is None
    assert damaged.orientation is Orientation.UP
    assert damaged.without_location() == Metadata()


@pytest.mark.parametrize("orientation", list(Orientation))
def test_for_upright_turns_orientation_and_size(orientation: Orientation) -> None:
    before = Metadata(exif=exif.build(orientation=orientation, size=(4032, 3024), model="dual"), xmp=PLACES)
    after = before.for_upright()
    assert after.orientation is Orientation.UP
    assert after.tags.size == orientation.oriented_size((4032, 3024))
    assert after.device == before.device == "dual"
    assert after.xmp is not None
    assert xmp.parse(after.xmp).tags["tiff:Orientation"] == "1"
    assert after.for_upright() == after


def test_for_upright_unlinks_a_thumbnail_on_its_side() -> None:
    upright = Metadata(exif=made()).for_upright()
    assert upright.exif is not None
    assert upright.tags == exif.read(made(orientation=1))
    assert [d.name for d in read_tiff(upright.exif).directories] == ["image", "gps"]


def test_a_photo_made_here_gets_a_minimal_block() -> None:
    assert Metadata().for_upright().tags == exif.ExifTags(orientation=Orientation.UP, software="nearfar")


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_locations_are_places_on_earth(latitude: float, longitude: float) -> None:
    assert Location(latitude, longitude).altitude is None
    with pytest.raises(ValueError, match="no such place"):
        Location(latitude + 181, longitude)


def test_repr_does_not_show_the_place() -> None:
    shown = repr(Metadata(exif=made(), xmp=PLACES))
    assert shown.startswith("Metadata(Made Here, exif: 560 bytes, xmp: ")
    assert not re.search(r"35|139|Secret", shown.replace("560", "").split("xmp")[0])


def test_blocks_are_bytes() -> None:
    with pytest.raises(TypeError, match="exif must be bytes"):
        Metadata(exif=bytearray(made()))


def test_the_signature_of_exif_is_taken_off() -> None:
    """Pillow gives it with every block; kept, it would hide all tags and be written twice."""
    about = Metadata(exif=b"Exif\0\0" + made())
    assert about == Metadata(exif=made())
    assert about.location is not None


RENDERED_FROM = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"
 xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"
 xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="00"
 xmlns:GContainer="http://ns.google.com/photos/1.0/container/"
 xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" GDepth:Format="RangeInverse">
<GContainer:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><dc:a>1</dc:a></rdf:li></rdf:Seq>
</GContainer:Directory></rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_a_rendering_says_nothing_of_other_images_and_keeps_the_rest() -> None:
    rendered = Metadata(made(orientation=6), RENDERED_FROM, b"profile").for_rendering(
        {"nearfar:Renderer": "1"}, size=(40, 30)
    )
    assert rendered.icc == b"profile"
    assert rendered.orientation is Orientation.UP
    assert rendered.xmp is not None
    packet = xmp.parse(rendered.xmp)
    assert packet.tags == {"dc:format": "image/jpeg", "nearfar:Renderer": "1"}
    assert not packet.structures
    assert rendered.exif is not None
    assert all(directory.name != "thumbnail" for directory in read_tiff(rendered.exif).directories)


@pytest.mark.parametrize("packet", [None, b"<broken"])
def test_a_rendering_of_a_photo_without_xmp_has_the_note_alone(packet: bytes | None) -> None:
    rendered = Metadata(None, packet).for_rendering({"nearfar:Renderer": "1"}, size=(40, 30))
    assert rendered.xmp is not None
    assert xmp.parse(rendered.xmp).tags == {"nearfar:Renderer": "1"}


@pytest.mark.samples
@pytest.mark.parametrize("name", ["iphone13pro_dualwide.heic", "iphonex_depth_matte.jpg"])
def test_a_rendering_of_a_phones_photo_is_no_portrait(samples: Path, name: str) -> None:
    before = nf.open(samples / "photos" / "apple" / name).metadata
    after = before.for_rendering({}, size=(100, 80))
    marks = []
    for block in (before.exif, after.exif):
        assert block is not None
        tiff = read_tiff(block, strict=False)
        marks.append(tiff.numbers(tiff.find("exif", 0xA401)))
        sides = [tiff.numbers(tiff.find("exif", tag)) for tag in (0xA002, 0xA003)]
    assert marks == [(8,), (1,)]
    assert sides == [(100,), (80,)]
    for name in ("device", "captured", "location", "lens", "f_number", "exposure_time", "iso"):
        assert getattr(after, name) == getattr(before, name), name
