"""Laws of the EXIF reader and its edits: nothing else changes, no place is left behind, no input escapes."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nearfar.depth.kinds import Orientation
from nearfar.errors import CorruptFile, FileError, LimitExceeded
from nearfar.photo import exif
from nearfar.photo.tiff import read_tiff

PHOTOS = [
    "apple/iphone12mini_depth_gainmap.jpg",
    "apple/iphonex_depth.jpg",
    "apple/iphonex_depth_matte.jpg",
    "apple/iphone13pro_dualwide.heic",
    "no-depth/samsung_gainmap.heic",
    "android/lensblur_gdepth_1.jpg",
]
TOKYO = ((35, 1, 42, 1, 482, 100), (139, 1, 44, 1, 1820, 100), (298, 10))


def block(path: Path) -> bytes:
    """The EXIF block of a real photo, from its "II" or "MM"."""
    if path.suffix == ".heic":
        import pillow_heif

        data = bytes(pillow_heif.open_heif(path).info["exif"])
    else:
        with Image.open(path) as image:
            data = bytes(image.info["exif"])
    return data.removeprefix(b"Exif\0\0")


def made(order: str = ">", *, orientation: int | None = 6, gps: bool = True) -> bytes:
    """A block with text, a thumbnail directory and a GPS directory, in either byte order."""

    def entry(tag: int, kind: int, count: int, value: bytes | int) -> bytes:
        raw = struct.pack(order + "I", value) if isinstance(value, int) else value.ljust(4, b"\0")
        return struct.pack(order + "HHI", tag, kind, count) + raw

    def directory(entries: list[bytes], next_at: int) -> bytes:
        return struct.pack(order + "H", len(entries)) + b"".join(entries) + struct.pack(order + "I", next_at)

    image_at, behind = 8, 200
    gps_at, thumbnail_at = 300, 500
    image = [entry(0x010F, 2, 10, behind)]
    if orientation is not None:
        image.append(entry(0x0112, 3, 1, struct.pack(order + "H", orientation)))
    if gps:
        image.append(entry(0x8825, 4, 1, gps_at))
    latitude, longitude, altitude = (struct.pack(f"{order}{len(v)}I", *v) for v in TOKYO)
    places = [
        entry(1, 2, 2, b"N"),
        entry(2, 5, 3, 400),
        entry(3, 2, 2, b"W"),
        entry(4, 5, 3, 424),
        entry(5, 1, 1, b"\1"),
        entry(6, 5, 1, 448),
    ]
    data = bytearray(560)
    pieces = [
        (0, {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, image_at)),
        (image_at, directory(image, thumbnail_at)),
        (behind, b"Made Here\0"),
        (thumbnail_at, directory([entry(0x0103, 3, 1, struct.pack(order + "H", 6))], 0)),
    ]
    if gps:
        pieces += [(gps_at, directory(places, 0)), (400, latitude + longitude + altitude)]
    for at, piece in pieces:
        data[at : at + len(piece)] = piece
    return bytes(data)


@pytest.mark.parametrize("order", "<>")
def test_reads_both_byte_orders(order: str) -> None:
    tags = exif.read(made(order))
    assert (tags.make, tags.orientation) == ("Made Here", Orientation.RIGHT)
    assert tags.location is not None
    assert tags.location.latitude == pytest.approx(35 + 42 / 60 + 4.82 / 3600)
    assert tags.location.longitude == pytest.approx(-(139 + 44 / 60 + 18.2 / 3600))
    assert tags.location.altitude == pytest.approx(-29.8)


@pytest.mark.parametrize("order", "<>")
def test_without_location_leaves_no_byte_of_it(order: str) -> None:
    before = made(order)
    after = exif.without_location(before)
    assert len(after) == len(before)
    assert exif.read(after) == exif.read(made(order, gps=False))
    assert after[300:500] == bytes(200), "the GPS directory and its values"
    assert after[500:] == before[500:]
    assert after[200:300] == before[200:300]
    assert exif.without_location(after) is after


def test_without_location_spares_what_others_use() -> None:
    data = bytearray(made())
    struct.pack_into(">I", data, 8 + 2 + 8, 424)  # Make now lies on top of the longitude
    after = exif.without_location(bytes(data))
    assert after[424:434] == data[424:434]
    assert after[400:424] == bytes(24)
    assert after[434:456] == bytes(22)


def test_a_gps_entry_that_points_to_another_directory_only_loses_the_entry() -> None:
    data = bytearray(made())
    struct.pack_into(">I", data, 8 + 2 + 24 + 8, 500)
    tags = read_tiff(exif.without_location(bytes(data)))
    assert [d.name for d in tags.directories] == ["image", "thumbnail"]
    assert tags.find("thumbnail", 0x0103) is not None


def test_a_gps_directory_that_cannot_be_found_is_an_error_not_a_leak() -> None:
    data = bytearray(made())
    struct.pack_into(">I", data, 8 + 2 + 24 + 8, 60000)
    with pytest.raises(CorruptFile):
        exif.without_location(bytes(data))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", list(Orientation))
def test_with_orientation_changes_its_two_bytes(order: str, orientation: Orientation) -> None:
    before = made(order, orientation=1)
    after = exif.with_orientation(before, orientation)
    assert exif.read(after).orientation is orientation
    assert len(after) == len(before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == (orientation != 1)


@pytest.mark.parametrize("order", "<>")
def test_with_orientation_adds_the_tag_at_the_end(order: str) -> None:
    before = made(order, orientation=None)
    after = exif.with_orientation(before, 8)
    assert exif.read(before).orientation is None
    assert exif.read(after) == exif.read(made(order, orientation=8))
    assert after[:4] == before[:4]
    assert after[8 : len(before)] == before[8:]
    assert [d.name for d in read_tiff(after).directories] == ["image", "thumbnail", "gps"]


@pytest.mark.parametrize("name", PHOTOS)
def test_edits_of_real_photos_keep_every_other_tag(samples: Path, name: str) -> None:
    before = block(samples / "photos" / name)
    tags = exif.read(before)
    after = exif.with_orientation(exif.without_location(before), 6)
    for field in exif.ExifTags.__dataclass_fields__:
        expected = {"location": None, "orientation": Orientation.RIGHT}.get(field, getattr(tags, field))
        assert getattr(exif.read(after), field) == expected
    gps = next((d for d in read_tiff(before).directories if d.name == "gps"), None)
    if gps is not None:
        for entry in gps.entries:
            assert after[entry.at : entry.at + 12] == bytes(12)
            assert entry.inline or after[entry.offset : entry.offset + entry.size] == bytes(entry.size)


def test_reads_what_a_phone_wrote(samples: Path) -> None:
    tags = exif.read(block(samples / "photos/apple/iphone13pro_dualwide.heic"))
    assert (tags.make, tags.model, tags.software) == ("Apple", "iPhone 13 Pro", "16.2")
    assert tags.captured == datetime(2023, 2, 21, 14, 33, 8, 302000, timezone(timedelta(hours=3)))
    assert (tags.f_number, tags.iso, tags.focal_length, tags.focal_length_35mm) == (1.5, 125, 0.0057, 0.026)
    assert tags.size == (4032, 3024)
    assert tags.location is not None
    assert round(tags.location.latitude, 3) == 44.850
    assert tags.hdr_headroom == pytest.approx(0.8786434536)
    assert tags.hdr_gain is None


@pytest.mark.tools
@pytest.mark.parametrize("name", [name for name in PHOTOS if name.endswith(".jpg")])
def test_exiftool_sees_no_gps_no_warnings_and_the_same_rest(
    samples: Path, tmp_path: Path, tool: Callable[[str], str], name: str
) -> None:
    before = block(samples / "photos" / name)

    def listing(data: bytes) -> dict[str, object]:
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=b"Exif\0\0" + data)
        path = tmp_path / "block.jpg"
        path.write_bytes(buffer.getvalue())
        command = [tool("exiftool"), "-j", "-G1", "-a", "-u", "-n", "-warning", "-all", str(path)]
        groups = ("System", "File", "ExifTool", "Composite", "SourceFile")
        tags = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
        assert "ExifTool:Warning" not in tags
        return {key: value for key, value in tags.items() if key.split(":")[0] not in groups}

    old, new = listing(before), listing(exif.without_location(before))
    assert not [key for key in new if key.startswith("GPS:") or "GPSInfo" in key]
    assert new == {key: value for key, value in old.items() if not key.startswith("GPS:")}


def test_build_reads_back() -> None:
    from nearfar.depth.calibration import Calibration

    camera = Calibration(
        intrinsics=[[3032.594, 0, 2016], [0, 3032.594, 1512], [0, 0, 1]],
        reference_size=(4032, 3024),
        pixel_size=1.9e-6,
    )
    when = datetime(2026, 1, 2, 3, 4, 5, 678000, timezone(-timedelta(hours=3, minutes=30)))
    data = exif.build(
        orientation=6, size=(4032, 3024), captured=when, make="Virtual", model="dual", calibration=camera
    )
    assert exif.read(data) == exif.ExifTags(
        orientation=Orientation.RIGHT,
        make="Virtual",
        model="dual",
        software="nearfar",
        captured=when,
        focal_length=pytest.approx(3032.594 * 1.9e-6, abs=1e-8),
        focal_length_35mm=0.026,
        size=(4032, 3024),
    )
    assert exif.read(exif.build()) == exif.ExifTags(orientation=Orientation.UP, software="nearfar")


@given(st.floats(1e-12, 1.0) | st.just(1.0), st.floats(1e-3, 1e12))
def test_any_focal_length_can_be_built_from(pixel_size: float, focal: float) -> None:
    from nearfar.depth.calibration import Calibration

    camera = Calibration([[focal, 0, 2016], [0, focal, 1512], [0, 0, 1]], (4032, 3024), pixel_size)
    found = exif.read(exif.build(calibration=camera)).focal_length
    metres = focal * pixel_size
    if 1e-6 < metres < 4e6:
        assert found == pytest.approx(metres, abs=1e-9, rel=1e-3)
    elif metres > 4.3e6:
        assert found is None


@given(st.data())
def test_no_input_breaks_out_of_the_error_tree(data: st.DataObject) -> None:
    block = bytearray(made(data.draw(st.sampled_from("<>"))))
    for _ in range(data.draw(st.integers(0, 6))):
        block[data.draw(st.integers(0, 559))] = data.draw(st.sampled_from([0, 1, 2, 4, 0x25, 0x88, 0xFF]))
    mutated = bytes(block[: data.draw(st.integers(0, 560))])
    for attempt in (
        lambda: exif.read(mutated),
        lambda: exif.read(mutated, strict=False),
        lambda: exif.with_orientation(mutated, 3),
        lambda: exif.without_location(mutated),
    ):
        try:
            result = attempt()
        except FileError:
            continue
        else:
            if isinstance(result, bytes):
                exif.read(result, strict=False)


@given(st.binary(max_size=80))
def test_random_bytes_stay_in_the_error_tree(data: bytes) -> None:
    for head in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        try:
            exif.read(head + data, strict=False)
        except FileError:
            continue


def test_broken_structures_name_their_offset() -> None:
    loop = bytearray(made(gps=False))
    struct.pack_into(">I", loop, 8 + 2 + 24, 8)
    with pytest.raises(CorruptFile, match="twice") as caught:
        exif.read(bytes(loop), base=100)
    assert caught.value.offset == 108
    assert exif.read(bytes(loop), strict=False).make == "Made Here"
    with pytest.raises(CorruptFile, match="outside"):
        exif.read(b"MM\0*\xff\xff\xff\xff")
    with pytest.raises(LimitExceeded):
        exif.read(b"MM\0*\0\0\0\x08\xff\xff" + bytes(12 * 65535 + 4))
