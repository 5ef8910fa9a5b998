"""Laws of `Metadata`: lenient reading, a location that leaves no trace, blocks for an upright picture."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
