"""What is fuzzed: every parser of bytes that a stranger may have made.

A target may raise `nearfar.NearfarError` and nothing else, and must come back within a second. Targets that
edit also check what they promise: the edited file opens, and its coded picture is the old one.
"""

from __future__ import annotations

import contextlib
import functools
import io
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import nearfar as nf
from fuzz import frame_packets, seeds
from nearfar import _native
from nearfar.capture import Take
from nearfar.capture.takes.playback import TakeSource
from nearfar.depth import Orientation, calibration_from_tags, parse_depth_tags
from nearfar.errors import CorruptFile, FileError, LimitExceeded, NearfarError, UnsupportedFile
from nearfar.photo import bytesource, color, exif, heic, icc, jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN, Changes, DepthRange, Document, NewImage
from nearfar.photo.edits import Edits
from nearfar.photo.gain_map import parse_tone_map, read_hdrgm
from nearfar.photo.heic.codec import check_coded
from nearfar.photo.heic.depth_sei import build_depth_subtype, parse_depth_range
from nearfar.photo.heic.jpeg_item import decode_jpeg
from nearfar.photo.heic.pictures import _leaves, read_grid
from nearfar.photo.heic.properties import placement
from nearfar.photo.jpeg import codec
from nearfar.photo.jpeg.photoshop import without_places
from nearfar.photo.jpeg.segments import find_end, read_header
from nearfar.photo.limits import Limits
from nearfar.photo.regions import read_regions, turned_packet
from nearfar.photo.writing import Container

LIMITS = Limits(max_pixels=20_000_000, max_items=200)
DECODED = Limits(max_pixels=1_000_000, max_items=200)
"""For targets that decode: an honest picture of 20 Mpx takes more than a second to bend and decode."""
ADDED = NewImage(DEPTH_URN, np.arange(12, dtype=np.uint16).reshape(3, 4), xmp.build({"dc:format": "x"}))


@dataclass(frozen=True)
class Target:
    """A parser and its seeds.

    Attributes:
        parse: reads an input.
        seeds: gives inputs to grow from.
        native: the parser is compiled, and no coverage is seen: inputs are bent by `mutations` instead.
    """

    parse: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    native: bool = False


def _opened(data: bytes) -> nf.Photo:
    return nf.open(data, max_pixels=LIMITS.max_pixels, max_items=LIMITS.max_items)


# Containers


def read_photo(data: bytes) -> None:
    """Open a photo of either container and ask for all that needs no decoder."""
    photo = _opened(data)
    contents = photo._state.contents
    assert contents is not None
    document = contents.document
    attempts: tuple[Callable[[], object], ...] = (
        lambda: photo.summary(location=True),
        lambda: repr(photo),
        lambda: (document.icc, document.stereo, getattr(document, "nclx", None)),
        lambda: photo.metadata.location,
    )
    _each(attempts)


def _each(attempts: Sequence[Callable[[], object]]) -> None:
    """Try all, so that an early refusal hides nothing behind it."""
    for attempt in attempts:
        try:
            attempt()
        except NearfarError:
            continue


def read_pieces(data: bytes) -> None:
    """Open a named file, read in small blocks when they are asked for: all must be as from bytes."""
    path = _room() / "input.photo"
    path.write_bytes(data)
    size = bytesource.BLOCK_BYTES
    try:
        bytesource.BLOCK_BYTES = 61
        by_pieces = _told(path)
    finally:
        bytesource.BLOCK_BYTES = size
    assert by_pieces == _told(data)


def _told(file: bytes | Path) -> object:
    try:
        photo = nf.open(file, max_pixels=LIMITS.max_pixels, max_items=LIMITS.max_items)
        return {**photo.summary(location=True), "file": None}, photo.metadata
    except FileError as error:
        return type(error), error.reason, error.offset


def edit(container: Container) -> Callable[[bytes], None]:
    """Edit a file in every way that copies its coded picture, and read the result."""

    def parse(data: bytes) -> None:
        photo = _opened(data)
        if photo.container != container:
            return
        contents = photo._state.contents
        assert contents is not None
        document = contents.document
        keys = frozenset(image.key for image in document.images)
        bare = xmp.build({"dc:format": "y"})
        changes = (
            Changes(remove=keys, exif=None, xmp=None),
            Changes(add=(ADDED,), xmp=bare, auxiliary_xmp=dict.fromkeys(keys, bare)),
            Changes(remove=frozenset(sorted(keys)[:1]), add=(ADDED,), exif=exif.build()),
        )
        for change in changes:
            _check_edit(document, functools.partial(document.rewrite, change))
        clean = _check_edit(document, lambda: [photo.file_data(container, metadata="no-location")])
        assert clean is None or nf.Metadata(clean.exif, clean.xmp).location is None
        _each([lambda: photo.with_mattes([]).with_edits(f_number=2.0).file_data(container)])

    return parse


def _check_edit(document: Document, rewrite: Callable[[], Sequence[bytes | memoryview]]) -> Document | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            new = b"".join(rewrite())
    except (UnsupportedFile, CorruptFile, LimitExceeded, nf.PhotoError):
        return None
    coded = _coded(document)
    again = (heic if document.container == "heic" else jpeg).open_document(new, limits=Limits(max_items=400))
    assert coded is None or _coded(again) == coded, "an edit has changed the coded picture"
    return again


def _coded(document: Document) -> bytes | None:
    """The coded bytes of the primary picture; None where they cannot be told."""
    if isinstance(document, heic.HeicDocument):
        meta = document.meta
        try:
            return b"".join(meta.payload(item) for item in _leaves(meta, document.picture))
        except NearfarError:
            return None
    assert isinstance(document, jpeg.JpegDocument)
    scan = document.primary.scan
    end = find_end(document.data, scan).end
    after = min((part.header.start for part in document.secondaries), default=len(document.data))
    return None if end is None or end > after else document.data[scan:end]


def decode_heic(data: bytes) -> None:
    """Take every picture of a HEIC file up to the HEVC decoder, and through the decoders of JPEG items."""
    document = heic.open_document(data, limits=LIMITS)
    meta = document.meta
    for item in (document.picture, *(image.key for image in document.images)):
        _each([functools.partial(_decode_item, document, item), functools.partial(meta.payload, item)])


def _decode_item(document: heic.HeicDocument, item: int) -> None:
    meta = document.meta
    if meta.items[item].kind == "grid":
        read_grid(meta, item, placement(meta, item, "picture").coded)
    for leaf in _leaves(meta, item):
        size = placement(meta, leaf, "picture").coded
        if meta.items[leaf].kind == "jpeg":
            DECODED.check_pixels(*size)
            decode_jpeg(meta, leaf, size)
        else:
            check_coded(meta, leaf, meta.payload(leaf), size)


def decode_photo(data: bytes) -> None:
    """Decode all that a photo holds, by the public door."""
    photo = _opened(data)
    contents = photo._state.contents
    assert contents is not None
    for size in (photo.size, *(image.size for image in contents.document.images)):
        Limits(max_pixels=100_000).check_pixels(*size)
    _each(
        (
            lambda: photo.depth,
            lambda: list(photo.mattes.values()),
            lambda: photo.color_as("linear-srgb", "float32", gain_map=True),
            lambda: photo.stereo,
        )
    )


def decode_jpeg_picture(data: bytes) -> None:
    """Decode one JPEG of any coding."""
    codec.decode(data, read_header(data), limits=DECODED)


def decode_lossless(data: bytes) -> None:
    """Decode a lossless JPEG by the native coder, whose errors are builtin ones."""
    try:
        _native.lossless_jpeg_decode(data, DECODED.max_pixels)
    except ValueError as error:
        raise CorruptFile(str(error)) from error


def read_google_depth(data: bytes) -> None:
    """Join the extended packet of a JPEG, read its GDepth record and decode what is in it."""
    document = jpeg.open_document(data, limits=DECODED)
    record = document.gdepth
    if record is not None:
        _each((record.size, record.decode, record.decode_confidence, record.original))
        _ = _opened(data).depth


# Metadata


def edit_xmp(data: bytes) -> None:
    """Parse a packet, read what it may mean, and edit it; what was edited must parse, with what was set."""
    packet = xmp.parse(data)
    edited = xmp.parse(packet.set(Edits.from_tags(packet.tags).changed(f_number=2.0).to_tags(packet.tags)))
    assert Edits.from_tags(edited.tags).f_number == 2.0
    shot = Edits.shot_from_tags(packet.tags)
    assert Edits.from_tags(xmp.parse(edited.set(shot.to_tags(edited.tags))).tags).f_number == shot.f_number
    _each([lambda: read_hdrgm(packet.tags)])
    about = nf.Metadata(xmp=data)
    assert about.without_location().location is None
    about.for_upright()
    for orientation in Orientation:
        read_regions(about, (4032, 3024), orientation)
        turned_packet(packet, orientation)
    wanted = {"depthBlurEffect:SimulatedAperture": "2.0", "nearfar:Focus": '<&">'}
    after = xmp.parse(packet.set(wanted)).tags
    assert all(after[name] == value for name, value in wanted.items())
    names = [*packet.tags, *packet.structures][:4]
    left = xmp.parse(packet.remove(names))
    assert not any(name in left.tags or name in left.structures for name in names)
    if "xmpNote:HasExtendedXMP" not in packet.tags:
        try:
            main, extension = packet.split(max(len(data) // 2, 200))
        except ValueError:
            return
        xmp.parse(main)
        xmp.parse(extension)


def edit_exif(data: bytes) -> None:
    """Read a block strictly and leniently, and edit it; no edit may leave a place."""
    _each((lambda: exif.read(data), lambda: exif.read(data, strict=False)))
    about = nf.Metadata(exif=data)
    assert about.without_location().location is None
    assert about.for_upright().orientation is Orientation.UP
    assert about.for_rendering({}, size=(403, 302)).orientation is Orientation.UP
    read_regions(about, about.tags.size or (4032, 3024), about.orientation)
    _each([functools.partial(exif.with_orientation, data, turn) for turn in (1, 6)])
    exif.without_location(data)


def clean_photoshop(data: bytes) -> None:
    """Take the places out of Photoshop's resources; the second time there is none."""
    cleaned = without_places(data)
    assert cleaned is None or without_places(cleaned) is cleaned


def read_icc(data: bytes) -> None:
    """Read a profile, and convert a picture that has it."""
    picture = np.array([[[0, 128, 255], [7, 7, 7]]], np.uint8)
    color.convert(picture, data, space="linear-srgb", dtype="float32")
    icc.read_profile(data)


def read_tags(data: bytes) -> None:
    """Read depth and calibration of AVDepthData's tags, written as `seeds.tag_texts` does."""
    lines = (line.partition("\t") for line in data.decode("utf-8", "replace").splitlines())
    tags = {name: tuple(value.split("|")) if "|" in value else value for name, _, value in lines}
    with contextlib.suppress(ValueError):
        parse_depth_tags(tags)
    try:
        found = calibration_from_tags(tags)
    except ValueError:
        return
    if found is not None:
        found.oriented(Orientation.RIGHT).to_dict()


def read_sei(data: bytes) -> None:
    """Read a depth range; what can be read can be written."""
    found = parse_depth_range(data)
    if found is not None:
        low, high = np.float32(found.minimum), np.float32(found.maximum)
        if max(abs(low), abs(high)) < 2**64:
            build_depth_subtype(DepthRange(float(low), float(high), found.representation))


# Depth frames


def read_frame(data: bytes) -> None:
    """Decode a packet, as it is and with its checksum made good."""
    frame_packets.attempt(data)
    if len(data) >= 16:
        frame_packets.attempt(frame_packets.signed(data))


# Takes


def read_take(data: bytes) -> None:
    """Open a take, ask for its frames and events, and what it would be as a camera."""
    take = Take(data, max_pixels=DECODED.max_pixels)
    _each([lambda: take.device, lambda: list(take.events()), lambda: TakeSource(take, "take:x").formats])
    _each([lambda number=number: take[number] for number in range(min(len(take), 20))])


# Geometry


def _load(load: Callable[[Path], object], suffix: str) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        path = _room() / f"input{suffix}"
        path.write_bytes(data)
        return load(path)

    return parse


@functools.cache
def _room() -> Path:
    room = tempfile.TemporaryDirectory(prefix="nearfar-fuzz-")
    _room_kept.append(room)
    return Path(room.name)


_room_kept: list[tempfile.TemporaryDirectory[str]] = []


def _calibration(kind: nf.depth.calibration_files.CalibrationFormat | None) -> Callable[[bytes], object]:
    return lambda data: nf.read_calibration(io.BytesIO(data), format=kind)


def _all_calibrations() -> list[bytes]:
    return [seed for kind in seeds.CALIBRATIONS for seed in seeds.calibrations(kind)()]


def _both_containers() -> list[bytes]:
    return [*seeds.files("heic"), *seeds.files("jpeg")]


TARGETS: dict[str, Target] = {
    "heic": Target(read_photo, lambda: seeds.files("heic")),
    "pieces": Target(read_pieces, _both_containers),
    "heic-edit": Target(edit("heic"), lambda: seeds.files("heic")),
    "heic-images": Target(decode_heic, lambda: seeds.files("heic")),
    "jpeg": Target(read_photo, lambda: seeds.files("jpeg")),
    "jpeg-edit": Target(edit("jpeg"), lambda: seeds.files("jpeg")),
    "jpeg-picture": Target(decode_jpeg_picture, seeds.jpegs),
    "photo-pictures": Target(decode_photo, _both_containers),
    "lossless-jpeg": Target(decode_lossless, seeds.lossless_jpegs, native=True),
    "gdepth": Target(read_google_depth, lambda: [seeds.gdepth_jpeg(), seeds.gdepth_jpeg(extended=True)]),
    "xmp": Target(edit_xmp, seeds.packets),
    "exif": Target(edit_exif, seeds.exif_blocks),
    "photoshop": Target(clean_photoshop, lambda: [seeds.photoshop_resources()]),
    "icc": Target(read_icc, seeds.profiles),
    "depth-sei": Target(read_sei, lambda: [seeds.depth_subtype()]),
    "tone-map": Target(parse_tone_map, lambda: [seeds.tone_map()]),
    "tags": Target(read_tags, seeds.tag_texts),
    "depth-frame": Target(read_frame, frame_packets.packets),
    "ply-cloud": Target(_load(nf.PointCloud.load, ".ply"), seeds.shapes(".ply")),
    "ply-mesh": Target(_load(nf.Mesh.load, ".ply"), seeds.shapes(".ply")),
    "glb": Target(_load(nf.Mesh.load, ".glb"), seeds.shapes(".glb")),
    "gltf": Target(_load(nf.Mesh.load, ".gltf"), seeds.shapes(".gltf")),
    "calibration": Target(_calibration(None), _all_calibrations),
    "opencv": Target(_calibration("opencv"), seeds.calibrations("opencv")),
    "ros": Target(_calibration("ros"), seeds.calibrations("ros")),
    "kalibr": Target(_calibration("kalibr"), seeds.calibrations("kalibr")),
    "middlebury": Target(_calibration("middlebury"), seeds.calibrations("middlebury")),
    "take": Target(read_take, seeds.takes),
    "apple-json": Target(_calibration("apple"), seeds.calibrations("apple")),
}
