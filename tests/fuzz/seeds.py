"""What fuzzing grows from: small files that nearfar writes or that are forged, and the structure of samples.

Sample photos are used where $NEARFAR_SAMPLES names them, with their coded pictures cut short: what is left is
what parsers read.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import io
import os
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import nearfar as nf
from fuzz.calibrations import CALIBRATIONS
from nearfar import _native
from nearfar.capture import Recorder
from nearfar.capture.takes.mcap_records import RECORD_HEAD
from nearfar.capture.takes.scanning import TakeFile, scan
from nearfar.depth import calibration_tags
from nearfar.depth.calibration_files import CalibrationFormat
from nearfar.photo import exif, heic, icc, jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN, Changes, DepthRange, NewImage
from nearfar.photo.gain_map import parse_tone_map
from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.depth_sei import build_depth_subtype
from nearfar.photo.heic.edit import Edit
from nearfar.photo.heic.properties import build_auxc, build_ispe
from nearfar.photo.jpeg.photoshop import PHOTOSHOP
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, find_end, segment_bytes
from nearfar.photo.limits import Limits
from photo.heic.forge import Entry, Forge, forged, picture_entry, ramp

SHORT = 48
"""Bytes that a coded picture of a sample keeps."""


@functools.cache
def photo() -> nf.Photo:
    """A small photo with all that can be written: 8-bit depth, calibration, a matte, edits, EXIF."""
    rng = np.random.default_rng(1)
    matrix = np.array([[30.0, 0, 16], [0, 30.0, 12], [0, 0, 1]])
    depth = nf.DepthMap(
        rng.uniform(0.5, 2, (12, 16)).astype(np.float32),
        nf.DepthKind.DISPARITY,
        calibration=nf.Calibration(matrix, (32, 24), pixel_size=1e-6),
    )
    matte = nf.Matte(rng.integers(0, 256, (12, 16), np.uint8))
    about = nf.Metadata(exif=exif_with_everything(), xmp=xmp.build({"photoshop:City": "Somewhere"}))
    color = rng.integers(0, 256, (24, 32, 3), np.uint8)
    edits = nf.Edits(f_number=2.8, focus=(0.5, 0.5))
    return nf.Photo(color, depth, [matte], metadata=about, edits=edits)


@functools.cache
def files(container: nf.photo.writing.Container) -> tuple[bytes, ...]:
    """Whole photos of a container: with depth, with holes in it, with nothing, forged, cut from samples."""
    made = photo()
    assert made.depth is not None
    holes = np.array(made.depth)
    holes[3:5] = np.nan
    photos = (made, nf.Photo(made.color, made.depth.replace(values=holes)), nf.Photo(made.color))
    written = [each.file_data(container) for each in photos]
    if container == "heic":
        return (*written, derived_heic(), spatial_heic(), idat_heic(), *sample_heics())
    return (*written, gdepth_jpeg(), leaky_jpeg(), *sample_jpegs())


def derived_heic() -> bytes:
    """A grid of two tiles, its HDR rendering, a gain map and a thumbnail."""
    forge = Forge(primary=3)
    tile = picture_entry(ramp(64, 64, colour=True), hidden=True)
    forge.add(tile)
    forge.add(Entry(tile.kind, tile.payload, tile.properties, hidden=True))
    payload = struct.pack(">4B2H", 0, 0, 0, 1, 128, 64)
    forge.add(Entry("grid", payload, [(build_ispe((128, 64)), False)], construction=1))
    forge.refer("dimg", 3, 1, 2)
    rendering = forge.add(Entry("tmap", tone_map(), [(build_ispe((128, 64)), False)]))
    gain = picture_entry(ramp(64, 64), urn="urn:com:apple:photo:2020:aux:hdrgainmap", hidden=True)
    forge.refer("dimg", rendering, 3, forge.add(gain))
    forge.refer("auxl", 5, 3)
    thumbnail = forge.add(Entry("jpeg", small_jpeg(), [(build_ispe((9, 7)), False)], hidden=True))
    forge.refer("thmb", thumbnail, 3)
    forge.describe(3, xmp.build({"exif:GPSLatitude": "35,42N"}))
    forge.exif(3, exif_with_everything())
    forge.groups.append(full_box(b"altr", 0, 0, integers(4, [9, 2, rendering, 3])))
    return forge.build()


def spatial_heic() -> bytes:
    """A stereo pair with its cameras."""
    one = 1 << 16
    inner = full_box(b"cmin", 0, 1 | 16 << 8 | 16 << 16, struct.pack(">5i", one, one // 2, one // 2, one, 0))
    outer = full_box(b"cmex", 0, 0x1F, struct.pack(">6i", 60_000, -1_000, 0, 0, 0, 1 << 29))
    forge = Forge()
    for _ in range(2):
        forge.add(picture_entry(ramp(64, 64, colour=True), inner, outer))
    forge.groups.append(full_box(b"ster", 0, 0, integers(4, [9, 2, 1, 2])))
    return forge.build()


def idat_heic() -> bytes:
    """A turned and cropped picture with a map in JPEG, items inside the meta box, and a movie behind."""
    forge = forged(box(b"irot", b"\1"), box(b"imir", b"\0"), size=(64, 64))
    map16 = _native.lossless_jpeg_encode(np.arange(99, dtype=np.uint16).reshape(9, 11))
    properties = [(build_ispe((11, 9)), False), (build_auxc(DEPTH_URN, depth_subtype()), True)]
    forge.refer("auxl", forge.add(Entry("jpeg", bytes(map16), properties, hidden=True)), 1)
    gray = [(build_ispe((9, 7)), False), (build_auxc("urn:x", b""), True)]
    forge.refer("auxl", forge.add(Entry("jpeg", small_jpeg(), gray, hidden=True)), 1)
    forge.describe(2, xmp.build({"apdi:AuxiliaryImageType": "disparity"}))
    forge.items[max(forge.items)].construction = 1
    chunks = full_box(b"stco", 0, 0, integers(4, [1, 16]))
    forge.after = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", chunks)))))
    return forge.build()


def depth_subtype() -> bytes:
    """The subtype of ``auxC`` that holds a depth range."""
    return build_depth_subtype(DepthRange(0.5, 4.25))


def tone_map() -> bytes:
    """The payload of a ``tmap`` item of one channel."""
    row = struct.pack(">10I", 0, 1, 2, 1, 1, 1, 1, 64, 1, 64)
    payload = struct.pack(">BHHB4I", 0, 0, 0, 0, 0, 1, 2, 1) + row
    parse_tone_map(payload)
    return payload


def small_jpeg(mode: str = "L", **options: object) -> bytes:
    """A baseline JPEG of 9×7 pixels."""
    out = io.BytesIO()
    Image.new(mode, (9, 7)).save(out, "JPEG", **options)
    return out.getvalue()


def jpegs() -> list[bytes]:
    """JPEGs of every coding that cameras use: gray, colour, CMYK, progressive, restarted, lossless."""
    kinds = [small_jpeg(mode) for mode in ("L", "RGB", "CMYK")]
    kinds.append(small_jpeg("RGB", progressive=True))
    kinds.append(small_jpeg("RGB", restart_marker_rows=1))
    return [*kinds, *lossless_jpegs(), *files("jpeg")[:2]]


def lossless_jpegs() -> list[bytes]:
    """Lossless maps: smooth ones with each predictor, and noise."""
    rng = np.random.default_rng(2)
    smooth = np.cumsum(rng.integers(0, 9, (8, 11)), axis=1).astype(np.uint16)
    made = [bytes(_native.lossless_jpeg_encode(smooth, predictor)) for predictor in range(1, 8)]
    return [*made, bytes(_native.lossless_jpeg_encode(rng.integers(0, 65536, (5, 7), np.uint16)))]


def gdepth_jpeg(*, extended: bool = False) -> bytes:
    """A photo of Google's early kind; `extended` puts its depth into a second packet, in two pieces."""
    out = io.BytesIO()
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8)).save(out, "PNG")
    tags = {
        "GDepth:Format": "RangeInverse",
        "GDepth:Near": "0.5",
        "GDepth:Far": "4",
        "GDepth:Units": "mm",
        "GFocus:FocalDistance": "1.5",
    }
    pictures = {
        "GDepth:Data": base64.b64encode(out.getvalue()).decode(),
        "GDepth:Confidence": base64.b64encode(small_jpeg()).decode(),
    }
    color = np.zeros((8, 8, 3), np.uint8)
    if not extended:
        return jpeg.compose(color, xmp=xmp.build({**tags, **pictures}))
    packet, guid = xmp.build(pictures), "0123456789ABCDEF" * 2
    plain = jpeg.compose(color, xmp=xmp.build({**tags, "xmpNote:HasExtendedXMP": guid}))
    half = len(packet) // 2
    pieces = ((at, packet[at : at + half + 1]) for at in (0, half + 1))
    segments = b"".join(
        segment_bytes(EXTENDED_XMP, guid.encode() + struct.pack(">II", len(packet), at) + piece)
        for at, piece in pieces
    )
    return plain[:20] + segments + plain[20:]


def photoshop_resources() -> bytes:
    """IPTC with a place and its digest, EXIF and XMP, as Photoshop keeps them."""
    records = b"".join(
        b"\x1c\x02" + bytes((number,)) + len(text).to_bytes(2, "big") + text
        for number, text in ((5, b"Title"), (90, b"City"), (101, b"Land"))
    )
    digest = hashlib.md5(records, usedforsecurity=False).digest()
    place = xmp.build({"photoshop:City": "City"})
    blocks = ((0x0425, digest), (0x0404, records), (0x0422, exif_with_everything()), (0x0424, place))
    return b"".join(
        b"8BIM"
        + number.to_bytes(2, "big")
        + bytes(2)
        + len(data).to_bytes(4, "big")
        + data
        + bytes(len(data) % 2)
        for number, data in blocks
    )


def leaky_jpeg() -> bytes:
    """A JPEG that has Photoshop's resources and a second image, with a movie behind."""
    map8 = NewImage("urn:x", np.zeros((5, 7), np.uint8), xmp.build({"apdi:AuxiliaryImageType": "urn:x"}))
    data = jpeg.compose(np.zeros((8, 8, 3), np.uint8), [map8], exif=exif_with_everything())
    photoshop = segment_bytes(PHOTOSHOP, photoshop_resources())
    return data[:2] + photoshop + data[2:] + b"\0\0\0\x18ftypmp42 a movie"


def exif_with_everything() -> bytes:
    """A block with a place, a thumbnail and a maker note of Apple's form."""
    note = b"Apple iOS\0\0\1MM" + struct.pack(">H", 2)
    note += struct.pack(">HHII", 0x21, 10, 1, 44) + struct.pack(">HHII", 0x30, 10, 1, 52)
    note += struct.pack(">I", 0) + struct.pack(">4i", 3, 2, 1, 4)
    place = struct.pack(">6I", 35, 1, 42, 1, 482, 100)
    at = 8 + 2 + 12 * 5 + 4
    exif_at = at
    gps_at = exif_at + 2 + 12 * 3 + 4
    thumbnail_at = gps_at + 2 + 12 * 4 + 4
    values_at = thumbnail_at + 2 + 12 * 2 + 4
    note_at = values_at + len(place)
    time_at = note_at + len(note)

    def directory(following: int, *entries: tuple[int, int, int, int]) -> bytes:
        rows = b"".join(struct.pack(">HHII", *entry) for entry in entries)
        return struct.pack(">H", len(entries)) + rows + struct.pack(">I", following)

    return b"".join(
        (
            b"MM\0*\0\0\0\x08",
            directory(
                thumbnail_at,
                (0x0110, 2, 4, 0x616263 << 8),
                (0x0112, 3, 1, 6 << 16),
                (0x0131, 2, 4, 0x6E6600 << 8),
                (0x8769, 4, 1, exif_at),
                (0x8825, 4, 1, gps_at),
            ),
            directory(0, (0x9003, 2, 20, time_at), (0x927C, 7, len(note), note_at), (0xA002, 4, 1, 32)),
            directory(
                0, (1, 2, 2, 0x4E << 24), (2, 5, 3, values_at), (3, 2, 2, 0x57 << 24), (4, 5, 3, values_at)
            ),
            directory(0, (0x0201, 4, 1, values_at), (0x0202, 4, 1, 8)),
            place,
            note,
            b"2026:01:02 03:04:05\0",
        )
    )


def exif_blocks() -> list[bytes]:
    """Blocks that nearfar writes, one with everything, and those of the samples."""
    found = [document.exif for document in _sample_documents() if document.exif]
    return [exif.build(), exif.build(orientation=6, size=(32, 24)), exif_with_everything(), *found]


def profiles() -> list[bytes]:
    """Colour profiles: ours, one with tables for littlecms, and those of the samples."""
    found = [document.icc for document in _sample_documents() if document.icc]
    return [*icc.PROFILES.values(), *dict.fromkeys(found)]


def packets() -> list[bytes]:
    """XMP packets: of auxiliary images, of places, gain maps, in UTF-16, and those of the samples."""
    ours = [image.xmp for data in files("heic")[:2] for image in _heic(data).images if image.xmp]
    gain = xmp.build({"hdrgm:GainMapMax": ("1", "2", "3"), "hdrgm:Gamma": "1.0", "hdrgm:OffsetSDR": "0.1"})
    nested = xmp.build({"dc:format": "image/jpeg"}).replace(
        b"</rdf:Description>",
        b'<E:LocationShown xmlns:E="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li'
        b' rdf:parseType="Resource"><E:City>A&amp;B</E:City></rdf:li></rdf:Bag></E:LocationShown>'
        b"<!-- c --><?p i?></rdf:Description>",
    )
    found = [image.xmp for document in _sample_documents() for image in document.images if image.xmp]
    found += [document.xmp for document in _sample_documents() if document.xmp]
    short = [packet for packet in dict.fromkeys(found) if len(packet) < 20_000]
    return [*ours, gain, nested, ours[0].decode().encode("utf-16"), *short]


def tag_texts() -> list[bytes]:
    """Calibrations as tags, one ``name<tab>value|value…`` to the line, for `targets.read_tags`."""
    depth = photo().depth
    assert depth is not None
    assert depth.calibration is not None
    lens = nf.LensTable(None, None, (16.5, 12.25), (1e-3, 0.0, -2e-5), (-1e-3, 0.0, 2e-5))
    sets = [calibration_tags(depth.calibration.replace(distortion=lens))]
    sets += [dict(xmp.parse(packet).tags) for packet in packets()[:3]]
    return [
        "\n".join(f"{n}\t{v if isinstance(v, str) else '|'.join(v)}" for n, v in tags.items()).encode()
        for tags in sets
    ]


def shapes(suffix: str) -> Callable[[], list[bytes]]:
    """A cloud and a mesh in the format of a suffix."""

    def seeds() -> list[bytes]:
        small = nf.DepthMap(np.linspace(1, 1.1, 20, dtype=np.float32).reshape(4, 5))
        cloud = small.points(color=np.zeros((4, 5, 3), np.uint8), field_of_view=1.0)
        mesh = small.mesh(color=np.zeros((4, 5, 3), np.uint8), field_of_view=1.0)
        made = [_saved(cloud.save, suffix), _saved(mesh.save, suffix)]
        if suffix == ".ply":
            made += [ASCII_PLY, EVEN_PLY, UNEVEN_PLY]
        return made

    return seeds


def calibrations(kind: CalibrationFormat) -> Callable[[], list[bytes]]:
    """Cameras and pairs in the files of another tool, as nearfar writes them and as that tool does."""

    def seeds() -> list[bytes]:
        camera = nf.Calibration(np.array([[500.0, 0, 320.5], [0, 501.0, 240.5], [0, 0, 1]]), (640, 480))
        table = nf.LensTable([0.0, 0.01, 0.03], [0.0, -0.01, -0.03], (320.0, 240.0))
        lenses = [nf.BrownConrady(0.1, -0.2, 0.001, 0.002), nf.Fisheye(0.01, 0.0, 0.0, 0.0)]
        lenses = {"apple": [table], "middlebury": []}.get(kind, lenses)
        moved = camera.replace(pose=nf.Pose(np.eye(3), np.array([0.1, 0.0, 0.0])))
        values = [camera, *(camera.replace(distortion=lens) for lens in lenses), nf.StereoRig(camera, moved)]
        written = []
        for value in values:
            with contextlib.suppress(ValueError):
                write = functools.partial(nf.write_calibration, value, format=kind)
                written.append(_saved(write, ".txt"))
        return [*written, CALIBRATIONS[kind].encode()]

    return seeds


ASCII_PLY = b"""ply
format ascii 1.0
comment a triangle
element vertex 3
property float x
property double y
property float z
element face 1
property list uchar int vertex_indices
end_header
0 0 1
1 0 1
0 1 1
3 0 1 2
"""

_LIST_PLY = b"""ply
format binary_little_endian 1.0
element vertex 1
property float x
property float y
property float z
element face 3
property list uchar ushort marks
property list uint uchar vertex_indices
property uchar flag
end_header
""" + bytes(12)
EVEN_PLY = _LIST_PLY + b"\1\7\0\3\0\0\0\0\0\0\5" * 3
"""Lists of one length, which are read all at once."""
UNEVEN_PLY = EVEN_PLY[:-11] + b"\0\4\0\0\0\0\0\0\0\5"
"""The last row's lists have other lengths, so all are read one by one."""


def _saved(save: Callable[[Path], object], suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / f"seed{suffix}"
        save(path)
        return path.read_bytes()


# Takes


def takes() -> list[bytes]:
    """Recordings in every coding; their chunks without checksums, so that bent ones are read."""
    frames = [
        nf.Frame(k / 30, k, np.zeros((12, 16, 3), np.uint8), photo().depth, nf.Pose.identity())
        for k in range(2)
    ]
    sure = np.ones((12, 16), np.float32)
    frames.append(nf.Frame(0.1, 2, depth=frames[0].depth.replace(confidence=sure)))
    codings = (
        {"color": "raw", "compression": "none"},
        {"color": "jpeg", "compression": "none", "depth": "packed"},
        {"color": "raw", "compression": "none", "depth": "millimetres"},
        {"color": "jpeg", "compression": "zstd"},
    )
    made = [_without_checksums(_recorded(frames, coding)) for coding in codings]
    return [*made, made[0][: len(made[0]) // 2]]


def _recorded(frames: Sequence[nf.Frame], coding: dict[str, str]) -> bytes:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "seed.mcap"
        with Recorder(path, **coding) as recorder:
            for frame in frames:
                recorder.write(frame, wait=True)
            recorder.event("seed", message="of fuzzing")
        return path.read_bytes()


def _without_checksums(take: bytes) -> bytes:
    bare = bytearray(take)
    for chunk in scan(TakeFile(take)).chunks:
        at = chunk.offset + RECORD_HEAD.size + 24
        bare[at : at + 4] = bytes(4)
    return bytes(bare)


# The samples


def _heic(data: bytes) -> heic.HeicDocument:
    return heic.open_document(data, file=None, limits=Limits())


@functools.cache
def _sample_documents() -> tuple[heic.HeicDocument | jpeg.JpegDocument, ...]:
    folder = os.environ.get("NEARFAR_SAMPLES")
    if not folder:
        return ()
    paths = sorted(path for path in (Path(folder) / "photos").rglob("*") if path.is_file())
    heics = [_heic(path.read_bytes()) for path in paths if path.suffix == ".heic"]
    return (*heics, *(jpeg.open_document(path.read_bytes()) for path in paths if path.suffix == ".jpg"))


def sample_heics() -> Iterator[bytes]:
    """The HEIC samples with all their tables, and a few bytes of each coded picture."""
    for document in _sample_documents():
        if isinstance(document, heic.HeicDocument):
            edit = Edit(document.meta)
            for item, entry in document.meta.items.items():
                if entry.kind in ("hvc1", "jpeg"):
                    edit.payloads[item] = document.meta.payload(item)[:SHORT]
            yield b"".join(edit.pieces(document.meta.source.top_level()))


def sample_jpegs() -> Iterator[bytes]:
    """The JPEG samples with all segments but extended XMP, a few bytes of each scan, and a true index."""
    for document in _sample_documents():
        if isinstance(document, jpeg.JpegDocument):
            data, pieces = document.data, []
            for header in (document.primary, *(part.header for part in document.secondaries)):
                kept = [s for s in header.segments if not s.holds(data, EXTENDED_XMP)]
                scan = data[header.scan : header.scan + SHORT]
                end = find_end(scan, 0).end
                pieces += [b"\xff\xd8", *(data[s.start : s.end] for s in kept)]
                pieces.append(scan if end else scan.rstrip(b"\xff") + b"\xff\xd9")
            short = jpeg.open_document(b"".join(pieces))
            block = next(short.primary.find(short.data, EXIF)).content(short.data, EXIF)
            yield b"".join(short.rewrite(Changes(exif=block)))
