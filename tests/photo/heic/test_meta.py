"""The item model: every table that is written is read back, in each of its forms."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.errors import UnsupportedFile
from nearfar.photo.heic import tables
from nearfar.photo.heic.boxes import Source, box, full_box, integers
from nearfar.photo.heic.locations import Extent, Location
from nearfar.photo.heic.meta import Association, AssociationBox, Group, Reference, parse_meta
from nearfar.photo.limits import Limits
from photo.heic.forge import Entry, Forge, forged, meta_box, read_meta

ids = st.integers(1, 0xFFFFFFFF)
narrow = st.integers(1, 0xFFFF)
kinds = st.sampled_from(["cdsc", "auxl", "thmb", "prem"])


@st.composite
def forges(draw: st.DrawFn) -> Forge:
    """Files of a few items with any ids, references and properties."""
    numbers = draw(st.lists(draw(st.sampled_from([ids, narrow])), min_size=1, max_size=6, unique=True))
    forge = Forge(primary=numbers[0])
    pool = [box(b"free", bytes([n])) for n in range(draw(st.sampled_from([3, 200])))]
    for number in numbers:
        chosen = draw(st.lists(st.sampled_from(pool), max_size=4, unique=True))
        content_type = draw(st.sampled_from(["", "application/rdf+xml", "text/plain"]))
        forge.add(
            Entry(
                "mime" if content_type else "hvc1",
                draw(st.binary(max_size=20)),
                [(data, draw(st.booleans())) for data in chosen],
                draw(st.booleans()),
                draw(st.integers(0, 1)),
                content_type,
            ),
            number,
        )
    for _ in range(draw(st.integers(0, 4))):
        some = st.sampled_from(numbers)
        forge.refer(draw(kinds), draw(some), *draw(st.lists(some, min_size=1, max_size=3)))
    return forge


@settings(max_examples=60)
@given(forges())
def test_tables_are_read_as_written(forge: Forge) -> None:
    meta = read_meta(forge.build())
    assert meta.primary == forge.primary
    assert list(meta.items) == list(forge.items)
    for number, entry in forge.items.items():
        item = meta.items[number]
        assert (item.kind, item.hidden, item.content_type) == (entry.kind, entry.hidden, entry.content_type)
        assert meta.payload(number) == entry.payload
        assert [meta.source.raw(each) for each in meta.properties_of(number)] == [
            p[0] for p in entry.properties
        ]
        assert [use.essential for use in meta.associations[number]] == [p[1] for p in entry.properties]
    assert list(meta.references) == forge.references


@settings(max_examples=60)
@given(forges())
def test_unchanged_tables_are_built_as_they_were(forge: Forge) -> None:
    meta = read_meta(forge.build())
    raw = {child.kind: meta.source.raw(child) for child in meta.children}

    def version(kind: str) -> int:
        return raw[kind][8]

    infe = [item.raw for item in meta.items.values()]
    assert tables.build_iinf(infe, version=version("iinf")) == raw["iinf"]
    assert tables.build_iref(meta.references, version=version("iref")) == raw["iref"]
    assert raw["iprp"].endswith(tables.build_ipma(meta.association_boxes[0]))
    assert tables.build_iloc(meta.locations, version=version("iloc")) == raw["iloc"]
    assert tables.build_pitm(meta.primary) == raw["pitm"]


def located(iloc: bytes, data: bytes = b"0123456789") -> Forge:
    """A file whose picture item has its bytes where `iloc` says; `data` lies in idat."""
    forge = Forge()
    forge.add(Entry("hvc1", b"", []))
    forge.replace["idat"] = box(b"idat", data)
    forge.replace["iloc"] = iloc
    return forge


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize("size", [4, 8])
@pytest.mark.parametrize("base", [0, 4, 8])
def test_locations_of_every_form(version: int, size: int, base: int) -> None:
    """Two extents of the file, given with a base offset, in each version and width."""
    marker = b"<<first>>....<second>"
    forge = located(b"")
    forge.replace["iloc"] = b"placeholder!"
    forge.before = box(b"free", marker)
    start = 24 + 8
    offset = 0 if base else start
    iloc = full_box(
        b"iloc",
        version,
        0,
        bytes([size << 4 | size, base << 4]),
        integers(4 if version == 2 else 2, [1]),
        integers(4 if version == 2 else 2, [1]),
        integers(2 if version else 0, [0]),
        b"\0\0",
        integers(base, [start]),
        b"\0\2",
        integers(size, [offset, 9]),
        integers(size, [offset + 13, 8]),
    )
    forge.replace["iloc"] = iloc
    meta = read_meta(forge.build())
    assert meta.payload(1) == b"<<first>><second>"
    assert meta.locations[1].extents == (Extent(0, start, 9), Extent(0, start + 13, 8))


def test_an_extent_without_a_length_reaches_to_the_end() -> None:
    iloc = full_box(b"iloc", 1, 0, b"\x40\0\0\1\0\1\0\1\0\0\0\1", struct.pack(">I", 4))
    assert read_meta(located(iloc).build()).payload(1) == b"456789"


@pytest.mark.parametrize(("construction", "reference"), [(2, 0), (0, 1)], ids=["items", "another-file"])
def test_bytes_elsewhere_are_unsupported(construction: int, reference: int) -> None:
    iloc = tables.build_iloc({1: Location(construction, reference, (Extent(0, 1 << 31, 5),))})
    meta = read_meta(located(iloc).build())
    with pytest.raises(UnsupportedFile):
        meta.payload(1)


@given(
    st.lists(
        st.tuples(ids, st.lists(st.tuples(st.integers(0, 0x7FFF), st.booleans()), max_size=3)), max_size=4
    )
)
def test_associations_widen_where_they_must(entries: list[tuple[int, list[tuple[int, bool]]]]) -> None:
    uses = tuple((item, tuple(Association(*each) for each in mine)) for item, mine in entries)
    data = tables.build_ipma(AssociationBox(0, 0, uses))
    wide = any(use.number > 127 for _, mine in uses for use in mine)
    assert data[11] & 1 == wide
    assert data[8] == int(any(item > 0xFFFF for item, _ in uses))


def test_old_item_entries_are_read() -> None:
    """Version 0 of infe: a content type and no item type."""
    forge = forged()
    old = full_box(b"infe", 0, 0, b"\0\2\0\0", b"name\0", b"text/plain\0", b"\0")
    forge.replace["iinf"] = tables.build_iinf([tables.build_infe(1, "hvc1", hidden=False), old])
    item = read_meta(forge.build()).items[2]
    assert (item.kind, item.content_type) == ("mime", "text/plain")


def test_a_compressed_item_is_not_taken_for_xmp() -> None:
    forge = forged()
    packed = full_box(b"infe", 2, 0, b"\0\2\0\0mime\0", b"application/rdf+xml\0", b"deflate\0")
    forge.replace["iinf"] = tables.build_iinf([tables.build_infe(1, "hvc1", hidden=False), packed])
    assert read_meta(forge.build()).items[2].content_type == "application/rdf+xml; deflate"


@given(st.lists(ids, min_size=2, max_size=5), st.binary(max_size=8))
def test_groups_are_read_and_built(members: list[int], rest: bytes) -> None:
    raw = full_box(b"ster", 0, 0, integers(4, [9, len(members), *members]), rest)
    forge = forged()
    forge.groups.append(raw)
    (group,) = read_meta(forge.build()).groups
    assert group == Group("ster", 9, tuple(members), raw)
    assert tables.build_group(group, members) == raw


def test_a_file_may_hold_its_meta_box_last_and_other_boxes_between() -> None:
    forge = forged()
    forge.media_first, forge.before, forge.after = True, box(b"free", b"x"), b"SEFT"
    source = Source(forge.build(), file=None, limits=Limits())
    meta = parse_meta(source, meta_box(source))
    assert meta.payload(1) == forge.items[1].payload
    assert meta.references == ()
    assert Reference("cdsc", 1, (2,)) not in meta.references
