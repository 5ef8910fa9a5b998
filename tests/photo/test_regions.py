"""Where the subject is: what cameras and people wrote, upright whichever way the picture lies."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import nearfar as nf
from nearfar.depth import orient_array
from nearfar.photo import xmp
from nearfar.photo.regions import read_regions

SIZE = (96, 64)
BOX = (0.125, 0.25, 0.25, 0.125)
"""A rectangle of the stored picture, of whole pixels."""
KINDS = nf.RegionKind

ELEMENTS = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#">
<mwg-rs:Regions rdf:parseType="Resource">
<mwg-rs:AppliedToDimensions rdf:parseType="Resource"><stDim:h>64</stDim:h><stDim:w>96</stDim:w>
<stDim:unit>pixel</stDim:unit></mwg-rs:AppliedToDimensions>
<mwg-rs:RegionList><rdf:Seq>
<rdf:li rdf:parseType="Resource"><mwg-rs:Type>{kind}</mwg-rs:Type><mwg-rs:Name>Ann &amp; co</mwg-rs:Name>
<mwg-rs:Area rdf:parseType="Resource"><stArea:x>{x}</stArea:x><stArea:y>{y}</stArea:y><stArea:w>{w}</stArea:w>
<stArea:h>{h}</stArea:h><stArea:unit>normalized</stArea:unit></mwg-rs:Area></rdf:li>
</rdf:Seq></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""
ATTRIBUTES = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:a="http://ns.adobe.com/xmp/sType/Area#" xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#">
<r:Regions><rdf:Description><r:AppliedToDimensions d:w="96" d:h="64" d:unit="pixel"/>
<r:RegionList><rdf:Bag><rdf:li><rdf:Description r:Type="{kind}" r:Name="Ann &amp; co">
<r:Area a:x="{x}" a:y="{y}" a:w="{w}" a:h="{h}" a:unit="normalized"/></rdf:Description></rdf:li>
</rdf:Bag></r:RegionList></rdf:Description></r:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""
FORMS = {"elements": ELEMENTS, "attributes": ATTRIBUTES}


def packet(form: str = "elements", kind: str = "Face", box: tuple[float, ...] = BOX) -> bytes:
    x, y, w, h = box
    return FORMS[form].format(kind=kind, x=x + w / 2, y=y + h / 2, w=w, h=h).encode()


def exif_block(area: tuple[int, ...], *, orientation: int = 1, size: tuple[int, int] | None = SIZE) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    details = block.get_ifd(0x8769)
    details[0x9214] = area
    if size is not None:
        details[0xA002], details[0xA003] = size
    return block.tobytes()


def area(box: tuple[float, ...] = BOX) -> tuple[int, int, int, int]:
    x, y, w, h = box
    return (
        round((x + w / 2) * SIZE[0]), round((y + h / 2) * SIZE[1]), round(w * SIZE[0]), round(h * SIZE[1])
    )  # fmt: skip


def marked() -> NDArray[np.uint8]:
    """The stored picture: the rectangle is white."""
    picture = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    x, y, w, h = (round(part * side) for part, side in zip(BOX, SIZE * 2, strict=True))
    picture[y : y + h, x : x + w] = 255
    return picture


def box_of(picture: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(picture > 127)
    height, width = picture.shape
    return (
        columns.min() / width, rows.min() / height,
        (columns.max() + 1 - columns.min()) / width, (rows.max() + 1 - rows.min()) / height,
    )  # fmt: skip


def lying(orientation: nf.Orientation, form: str) -> nf.Photo:
    """A JPEG whose white rectangle is marked by XMP as a face and by EXIF as the subject."""
    made = nf.Photo(np.repeat(marked()[:, :, None], 3, 2)).file_data("jpeg")
    about = nf.Metadata(exif_block(area(), orientation=orientation), packet(form))
    return nf.open(nf.open(made).with_metadata(about).file_data("jpeg"))


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("orientation", list(nf.Orientation))
def test_regions_lie_where_the_upright_picture_shows_them(orientation: nf.Orientation, form: str) -> None:
    photo = lying(orientation, form)
    seen = box_of(photo.color[:, :, 0])
    assert [region.kind for region in photo.regions] == [KINDS.FACE, KINDS.SUBJECT]
    for region in photo.regions:
        assert region.box == pytest.approx(seen, abs=1e-6)


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("orientation", list(nf.Orientation))
def test_regions_stay_where_they_are_when_a_photo_is_stored_upright(
    orientation: nf.Orientation, form: str
) -> None:
    photo = lying(orientation, form)
    for container in ("heic", "jpeg"):
        upright = nf.open(nf.open(photo.file_data("heic")).file_data(container))
        for before, after in zip(photo.regions, upright.regions, strict=True):
            assert after.kind is before.kind
            assert after.box == pytest.approx(before.box, abs=1e-6)
    assert upright.metadata.xmp is not None
    assert b"Ann &amp; co" in upright.metadata.xmp


@given(
    st.sampled_from(list(nf.Orientation)),
    st.tuples(*[st.floats(0, 1)] * 4).filter(lambda box: box[0] + box[2] <= 1 and box[1] + box[3] <= 1),
)
def test_turning_there_and_back_is_nothing(
    orientation: nf.Orientation, box: tuple[float, float, float, float]
) -> None:
    region = nf.Region(KINDS.PET, *box)
    assert region.oriented(orientation).oriented(orientation.inverse).box == pytest.approx(box, abs=1e-12)


def test_a_region_turns_as_the_pixels_do() -> None:
    for orientation in nf.Orientation:
        turned = nf.Region(KINDS.FOCUS, *BOX).oriented(orientation)
        assert turned.box == pytest.approx(box_of(orient_array(marked(), orientation)))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ((48, 32), (0.5, 0.5, 0, 0)),
        ((48, 32, 24), (0.375, 0.3125, 0.25, 0.375)),
        ((48, 32, 48, 16), (0.25, 0.375, 0.5, 0.25)),
        ((48, 32, 480, 16), (0, 0.375, 1, 0.25)),  # the part that is in the picture
    ],
)
def test_exif_writes_a_point_a_circle_or_a_rectangle(
    written: tuple[int, ...], expected: tuple[float, ...]
) -> None:
    (found,) = read_regions(nf.Metadata(exif_block(written)), SIZE)
    assert found.kind is KINDS.SUBJECT
    assert found.box == pytest.approx(expected)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ((0, 0, 0, 0), SIZE),
        ((500, 36, 10, 10), SIZE),
        ((1,), SIZE),
        ((1, 2, 3, 4, 5), SIZE),
        ((48, 36), (96, 96)),
    ],
)
def test_an_area_of_nothing_or_of_another_picture_is_left_out(
    written: tuple[int, ...], size: tuple[int, int]
) -> None:
    assert read_regions(nf.Metadata(exif_block(written, size=size)), SIZE) == ()


def test_the_kinds_that_are_known_are_read_and_no_others() -> None:
    for text, kind in (("Face", KINDS.FACE), ("Pet", KINDS.PET), ("Focus", KINDS.FOCUS)):
        assert [region.kind for region in read_regions(nf.Metadata(xmp=packet(kind=text)), SIZE)] == [kind]
    assert read_regions(nf.Metadata(xmp=packet(kind="BarCode")), SIZE) == ()
    unused = packet(kind="Focus").replace(
        b"<mwg-rs:Name>", b"<mwg-rs:FocusUsage>EvaluatedNotUsed</mwg-rs:FocusUsage><mwg-rs:Name>"
    )
    assert read_regions(nf.Metadata(xmp=unused), SIZE) == ()


def test_pixels_and_circles_are_understood() -> None:
    circle = packet().replace(b"<stArea:w>0.25</stArea:w>", b"").replace(b"stArea:h>", b"stArea:d>")
    found = read_regions(nf.Metadata(xmp=circle), SIZE)
    assert found[0].box == pytest.approx((0.25 - 0.125 / 3, 0.25, 0.25 / 3, 0.125))
    x, y, w, h = (part * side for part, side in zip(BOX, SIZE * 2, strict=True))
    pixels = packet(box=(x, y, w, h)).replace(b"normalized", b"pixel")
    assert read_regions(nf.Metadata(xmp=pixels), SIZE)[0].box == pytest.approx(BOX)


def test_regions_of_a_picture_of_another_shape_are_left_out() -> None:
    assert read_regions(nf.Metadata(xmp=packet()), (96, 96)) == ()
    assert len(read_regions(nf.Metadata(xmp=packet()), (960, 640))) == 1


@pytest.mark.parametrize("number", ["nan", "inf", "-1e99", "1e400", "", "x", "2.5", "-0.5"])
@pytest.mark.parametrize("field", ["x", "y", "w", "h"])
def test_hostile_numbers_are_left_out_or_cut(field: str, number: str) -> None:
    old = {"x": "0.25", "y": "0.3125", "w": "0.25", "h": "0.125"}[field]
    data = packet().replace(f"<stArea:{field}>{old}<".encode(), f"<stArea:{field}>{number}<".encode())
    assert number.encode() in data
    for region in read_regions(nf.Metadata(xmp=data), SIZE):
        assert all(0 <= part <= 1 for part in region.box)


def test_thousands_of_regions_and_broken_packets_are_survived() -> None:
    start, end = (packet().index(mark) for mark in (b"<rdf:li", b"</rdf:Seq>"))
    many = packet()[:start] + packet()[start:end] * 2000 + packet()[end:]
    assert 0 < len(read_regions(nf.Metadata(xmp=many), SIZE)) <= 200
    assert read_regions(nf.Metadata(xmp=packet()[:-30]), SIZE) == ()


@pytest.mark.parametrize(
    "box", [(0.5, 0.5, 0.6, 0.1), (-0.1, 0, 0.2, 0.2), (0, 0, -0.1, 0.2), (0, 0, 1, np.nan)]
)
def test_a_region_outside_of_the_picture_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="within"):
        nf.Region(KINDS.FACE, *box)


def test_a_packet_is_rewritten_in_its_place_alone() -> None:
    data = packet()
    assert xmp.parse(data).rewrite("mwg-rs:Regions", lambda _: {}) == data
    changed = xmp.parse(data).rewrite(
        "mwg-rs:Regions", lambda fields: {"stArea:x": "<1>"} if "stArea:x" in fields else {}
    )
    assert changed == data.replace(b"<stArea:x>0.25<", b"<stArea:x>&lt;1&gt;<")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("apple/iphone12mini_depth_gainmap.jpg", ["subject"]),
        ("apple/iphone13pro_dualwide.heic", ["subject"]),
        ("apple/iphonex_depth.jpg", ["focus", "subject"]),
        ("apple/iphonex_depth_matte.jpg", ["face", "focus", "subject"]),
        ("android/lensblur_gdepth_1.jpg", ["focus"]),
        ("android/lensblur_gdepth_2.jpg", ["focus"]),
        ("no-depth/samsung_gainmap.heic", []),
    ],
)
def test_real_photos_have_the_regions_that_exiftool_sees(
    samples: Path, tool: Callable[[str], str], name: str, expected: list[str]
) -> None:
    path = samples / "photos" / name
    photo = nf.open(path)
    assert [region.kind.value for region in photo.regions] == expected
    asked = ["-SubjectArea", "-RegionAreaX", "-RegionAreaW", "-RegionType", "-FocalPointX"]
    done = subprocess.run([tool("exiftool"), "-j", "-n", *asked, path], capture_output=True, check=True)
    told = json.loads(done.stdout)[0]
    middles = {region.kind: region.x + region.width / 2 for region in photo.regions}
    if "SubjectArea" in told:
        x, _, width, _ = map(float, told["SubjectArea"].split())
        assert middles[KINDS.SUBJECT] == pytest.approx(x / photo.size[0], abs=1e-6)
        assert photo.regions[-1].width == pytest.approx(width / photo.size[0], abs=1e-6)
    if "RegionType" in told:
        types, places = (
            told[key] if isinstance(told[key], list) else [told[key]] for key in ("RegionType", "RegionAreaX")
        )
        for kind, x in zip(types, places, strict=True):
            assert middles[KINDS(kind.lower())] == pytest.approx(float(x), abs=1e-6)
    if "FocalPointX" in told:
        assert middles[KINDS.FOCUS] == pytest.approx(told["FocalPointX"])
