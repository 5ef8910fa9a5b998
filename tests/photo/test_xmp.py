"""XMP: what is set is read, what is not touched stays byte for byte, hostile packets are refused at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.errors import CorruptFile, FileError, LimitExceeded
from nearfar.photo import xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
OTHER_FORMS = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <r:RDF xmlns:r="{RDF}" xmlns:dd="http://ns.apple.com/depthData/1.0/">
  <r:Description r:about='' dd:Accuracy = 'absolute'
      xmlns:p='http://ns.apple.com/pixeldatainfo/1.0/' p:NativeFormat="1751411059" u:Secret="&lt;REND&gt;"
      xmlns:u="urn:unknown/">
   <dd:IntrinsicMatrix><r:Bag><r:li>1</r:li><r:li/></r:Bag></dd:IntrinsicMatrix>
   <!-- <dd:Quality>low</dd:Quality> -->
   <u:Deep r:parseType="Resource"><u:a>1</u:a><u:b><r:Description u:c="2"/></u:b></u:Deep>
   <u:Linked r:resource="urn:elsewhere"/>
  </r:Description>
  <r:Description r:about=""/>
 </r:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()
APPLE = xmp.build(
    {
        "apdi:AuxiliaryImageType": "disparity",
        "depthData:IntrinsicMatrix": ("1.5", "0", "2"),
        "depthData:Accuracy": "relative",
        "depthBlurEffect:RenderingParameters": "UkVORAIAAABAAQAAAwAAAI/C9TzNzEw+",
    }
)
EMPTY = f'<r:RDF xmlns:r="{RDF}"><r:Description r:about=""/></r:RDF>'.encode()
PACKETS = [
    APPLE,
    OTHER_FORMS,
    EMPTY,
    APPLE.decode().encode("utf-16"),
    OTHER_FORMS.decode().encode("utf-32-be"),
]

text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r &<>'\"]")
)
names = st.sampled_from(
    [
        "depthData:Accuracy",
        "depthData:IntrinsicMatrix",
        "apdi:NativeFormat",
        "nearfar:Focus",
        "{urn:unknown/}Secret",
        "{urn:unknown/}Deep",
        "{urn:else}New",
        "depthBlurEffect:SimulatedAperture",
    ]
)
values = text | st.lists(text, max_size=4).map(tuple)
packets = st.sampled_from(PACKETS)


def test_tags_are_read_in_every_form_under_our_prefixes() -> None:
    packet = xmp.parse(OTHER_FORMS)
    assert packet.tags == {
        "depthData:Accuracy": "absolute",
        "apdi:NativeFormat": "1751411059",
        "{urn:unknown/}Secret": "<REND>",
        "depthData:IntrinsicMatrix": ("1", ""),
        "{urn:unknown/}Linked": "urn:elsewhere",
    }
    assert packet.structures == {
        "{urn:unknown/}Deep": {"{urn:unknown/}a": "1", "{urn:unknown/}b": {"{urn:unknown/}c": "2"}}
    }


@given(packets, st.dictionaries(names, values, max_size=4))
@settings(max_examples=150, deadline=None)
def test_what_is_set_is_read_and_the_rest_is_as_before(
    data: bytes, tags: dict[str, str | tuple[str, ...]]
) -> None:
    packet = xmp.parse(data)
    back = xmp.parse(packet.set(tags))
    assert back.tags == {**packet.tags, **tags}
    assert back.structures == {name: value for name, value in packet.structures.items() if name not in tags}


@given(packets, st.dictionaries(names, values, max_size=4))
@settings(max_examples=100, deadline=None)
def test_what_is_taken_out_is_gone_and_the_rest_is_as_before(
    data: bytes, tags: dict[str, str | tuple[str, ...]]
) -> None:
    packet = xmp.parse(data)
    back = xmp.parse(xmp.parse(packet.set(tags)).remove(tags))
    assert back.tags == {name: value for name, value in packet.tags.items() if name not in tags}


@given(
    st.sampled_from([p for p in PACKETS if p is not EMPTY]),
    st.sets(st.sampled_from(["nearfar:Focus", "{urn:else}New"])),
)
def test_a_tag_put_in_and_taken_out_again_leaves_no_byte(data: bytes, tags: set[str]) -> None:
    assert xmp.parse(xmp.parse(data).set(dict.fromkeys(tags, "1"))).remove(tags) == data


@pytest.mark.parametrize("data", PACKETS)
def test_setting_what_is_so_already_changes_no_byte(data: bytes) -> None:
    packet = xmp.parse(data)
    assert packet.set(packet.tags) == data
    assert packet.remove(["depthData:Absent"]) == data


@pytest.mark.parametrize(
    ("data", "old", "new"),
    [(APPLE, b">relative<", b">changed<"), (OTHER_FORMS, b"'absolute'", b'"changed"')],
    ids=["element", "attribute"],
)
def test_an_edit_touches_one_place_only(data: bytes, old: bytes, new: bytes) -> None:
    assert xmp.parse(data).set({"depthData:Accuracy": "changed"}) == data.replace(old, new)


def test_none_takes_a_tag_out_while_others_are_set() -> None:
    data = xmp.parse(APPLE).set({"depthData:Accuracy": None, "depthData:Quality": "low"})
    assert "depthData:Accuracy" not in xmp.parse(data).tags
    assert xmp.parse(data).tags["depthData:Quality"] == "low"


@given(st.dictionaries(names, values, min_size=1))
@settings(max_examples=50, deadline=None)
def test_what_is_built_is_read(tags: dict[str, str | tuple[str, ...]]) -> None:
    assert xmp.parse(xmp.build(tags)).tags == tags


@given(packets, st.dictionaries(names, values, min_size=2, max_size=5), st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_a_split_packet_has_every_tag_in_one_half(
    data: bytes, tags: dict[str, str | tuple[str, ...]], room: int
) -> None:
    whole = xmp.parse(xmp.parse(data).set(tags))
    try:
        main, rest = whole.split(len(xmp.parse(data).remove(xmp.parse(data).tags)) + room)
    except ValueError:
        return
    first, second = xmp.parse(main), xmp.parse(rest)
    assert not first.tags.keys() & second.tags.keys()
    assert {**first.tags, **second.tags} == whole.tags
    assert {**first.structures, **second.structures} == whole.structures


@pytest.mark.parametrize("name", ["unknown:Name", "Name", ""])
def test_a_name_without_a_known_prefix_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no XMP tag"):
        xmp.parse(APPLE).set({name: "1"})


def test_characters_that_xml_cannot_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        xmp.parse(APPLE).set({"nearfar:Focus": "\0"})


def test_a_packet_without_rdf_has_no_tags_and_no_room_for_any() -> None:
    packet = xmp.parse(b"<a><b>1</b></a>")
    assert packet.tags == {}
    with pytest.raises(CorruptFile, match="rdf:Description"):
        packet.set({"nearfar:Focus": "1"})


def test_trailing_nuls_are_ignored_and_kept() -> None:
    data = APPLE + b"\0\0"
    assert xmp.parse(data).set({"depthData:Accuracy": "x"}).endswith(b"\n\0\0")


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def with_entities() -> bytes:
    lines = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    return b'<!DOCTYPE l [<!ENTITY l0 "lol">' + lines + b"]><a>&l8;</a>"


HOSTILE = {
    "entities": (with_entities(), CorruptFile),
    "document type": (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', CorruptFile),
    "unknown entity": (b"<a>&x;</a>", CorruptFile),
    "deep": (nested(100_000), LimitExceeded),
    "many elements": (b"<a>" + b"<b/>" * 500_000 + b"</a>", LimitExceeded),
    "some too many": (b"<a>" + b"<b/>" * 60_000 + b"</a>", LimitExceeded),
    "many attributes": (b"<a " + b"".join(b'a%d="" ' % n for n in range(300_000)) + b"/>", LimitExceeded),
    "large": (b"<a>" + b" " * (17 << 20) + b"</a>", LimitExceeded),
    "empty": (b"", CorruptFile),
    "binary": (bytes(range(256)), CorruptFile),
    "cut": (APPLE[:-20], CorruptFile),
    "half a character": (b"\xff\xfe<", CorruptFile),
    "not UTF-8": (b"<a>\xff</a>", CorruptFile),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_packets_are_refused_with_their_place(case: str) -> None:
    data, kind = HOSTILE[case]
    with pytest.raises(kind) as caught:
        xmp.parse(data, file="evil.jpg", offset=100)
    assert isinstance(caught.value, FileError)
    assert caught.value.file == "evil.jpg"
    assert caught.value.offset is not None
    assert caught.value.offset >= 100


GPS = b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
CROWDED = {
    "descriptions": b"".join(b'<rdf:Description exif:GPS%d="1"/>' % n for n in range(6_000)),
    "attributes": b"<rdf:Description %b/>" % b" ".join(b'exif:GPS%d="1"' % n for n in range(15_000)),
    "elements": b"<rdf:Description>%b</rdf:Description>"
    % b"".join(b"<exif:GPS%d>1</exif:GPS%d>" % (n, n) for n in range(15_000)),
}


@pytest.mark.parametrize("form", CROWDED)
def test_tens_of_thousands_of_tags_are_removed_and_moved_in_one_pass(form: str) -> None:
    """Work that grows with the square of the tags takes minutes here."""
    packet = xmp.parse(b"<rdf:RDF %b>%b</rdf:RDF>" % (GPS, CROWDED[form]))
    assert xmp.parse(packet.remove(packet.tags)).tags == {}
    main, extension = packet.split(len(packet.data) * 2 // 3)
    parts = [xmp.parse(part).tags for part in (main, extension)]
    assert parts[0].keys().isdisjoint(parts[1])
    assert {**parts[0], **parts[1]} == packet.tags


def test_an_attribute_without_a_prefix_can_be_removed() -> None:
    packet = xmp.parse(b'<rdf:RDF %b><rdf:Description gpsLatitude="1" exif:FNumber="2"/></rdf:RDF>' % GPS)
    assert xmp.parse(packet.remove(["gpsLatitude"])).tags == {"exif:FNumber": "2"}


def test_a_tag_that_cannot_be_found_in_the_text_is_not_left_in_it() -> None:
    escaped = GPS.replace(b"exif/1.0", b"exif&#x2f;1.0")
    packet = xmp.parse(b'<rdf:RDF %b><rdf:Description exif:GPSLatitude="35,42N"/></rdf:RDF>' % escaped)
    assert packet.tags == {"exif:GPSLatitude": "35,42N"}
    with pytest.raises(CorruptFile, match="cannot be resolved"):
        packet.remove(["exif:GPSLatitude"])


def test_sixty_four_levels_are_read() -> None:
    assert xmp.parse(nested(64)).tags == {}


@given(st.binary(max_size=80), st.integers(0, len(APPLE)), st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_a_broken_packet_raises_nothing_but_file_errors(noise: bytes, place: int, length: int) -> None:
    data = APPLE[:place] + noise + APPLE[place + length :]
    try:
        packet = xmp.parse(data)
        packet.set({"nearfar:Focus": "1", "depthData:IntrinsicMatrix": ("1",)})
    except FileError:
        return


@pytest.mark.samples
@pytest.mark.parametrize("name", ["iphone12mini_depth_gainmap", "iphonex_depth", "iphonex_depth_matte"])
def test_apples_packets_are_built_byte_for_byte(samples: Path, name: str) -> None:
    data = (samples / "photos" / "apple" / f"{name}.jpg").read_bytes()
    found = re.findall(rb"http://ns.adobe.com/xap/1.0/\0(<x:xmpmeta.*?</x:xmpmeta>\n)", data, re.DOTALL)
    assert len(found) >= 2
    for original in found:
        packet = xmp.parse(original)
        toolkit = re.search(rb'xmptk="([^"]*)"', original)
        assert toolkit is not None
        assert packet.structures or xmp.build(packet.tags, toolkit=toolkit[1].decode()) == original
