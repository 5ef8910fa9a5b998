"""The HEVC codec: pillow-heif, given one coded picture at a time in the smallest file that holds it.

    coded bytes + hvcC ─▶ sizes checked ─▶ a one-item HEIC ─▶ libde265 ─▶ samples
    samples ─▶ x265 ─▶ a one-item HEIC ─▶ our box reader ─▶ coded bytes + hvcC

Nothing else of pillow-heif is used for auxiliary images: it knows neither their XMP nor how to write them.
"""

from __future__ import annotations

import io
import os
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import CorruptFile
from nearfar.photo.heic import hevc
from nearfar.photo.heic.boxes import Source, box, full_box
from nearfar.photo.heic.meta import Meta, parse_meta
from nearfar.photo.heic.properties import Nclx, build_ispe, build_nclx, placement
from nearfar.photo.limits import Limits

SRGB = Nclx(primaries=1, transfer=13, matrix=6, full_range=True)
"""The colour of pictures without a profile: BT.709 primaries, sRGB curve, BT.601 matrix, full range."""

LOSSLESS = -1
"""The quality at which samples of one channel come back bit for bit."""

_PADDING = 64
"""A coded picture may be this much wider or higher than it says it is: less than one coding tree block."""

_STILL = {"x265:ctu": "16", "x265:psy-rd": "0", "x265:rd": "1"}
"""What x265's "ultrafast" does beside, for colour: half the time, for the same error in files within 3 % of
the size. Larger blocks win nothing in a picture that has noise or detail all over."""
_SMALL_BLOCKS = 2_228_224
"""Pixels up to which they may be so small: a level above 4.1 asks for 32 (H.265, A.4.1)."""

_FILLED = threading.Event()
"""Set once an encoder has filled x265's tables."""
_filling = [threading.Lock()]
"""Held by the first encoder; a child process that was forked meanwhile has one of its own."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _filling.__setitem__(0, threading.Lock()))

_CODEC_ERRORS = (ValueError, EOFError, RuntimeError, OSError, MemoryError, SyntaxError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """A picture in HEVC: its ``hvcC`` box, its coded bytes, and its (width, height)."""

    configuration: bytes
    payload: bytes
    size: tuple[int, int]


def check_coded(meta: Meta, item: int, payload: bytes, size: tuple[int, int]) -> hevc.CodedFormat:
    """Refuse an HEVC item whose parameter sets ask the decoder for more than its ``ispe`` says.

    Returns the format of the first sequence parameter set. Raises CorruptFile for sizes that contradict each
    other,
    cut-off NAL units, or several pictures in one item; LimitExceeded for a size over the limit.
    """
    source = meta.source
    found = meta.required(item, "hvcC")
    configuration = hevc.parse_configuration(source, found.body, found.end)
    sets = [(unit, found.start) for unit in configuration.units if hevc.unit_type(unit) == hevc.SPS]
    offset, pictures = meta.offset_of(item), 0
    for unit in hevc.nal_units(source, payload, configuration.length_size, offset):
        kind = hevc.unit_type(unit)
        if kind == hevc.SPS:
            sets.append((bytes(unit[: hevc.SET_BYTES]), offset))
        elif kind < 32 and len(unit) > 2 and unit[2] >> 7:
            pictures += 1
    if pictures != 1:
        raise source.corrupt(f"item {item} holds {pictures} coded pictures, not one", offset)
    if not sets:
        raise source.corrupt(f"the HEVC item {item} has no sequence parameter set", found.start)
    formats = [_check_format(source, hevc.parse_sps(source, unit, at), size, at) for unit, at in sets]
    return formats[0]


def _check_format(
    source: Source, coded: hevc.CodedFormat, size: tuple[int, int], offset: int
) -> hevc.CodedFormat:
    source.check_pixels(coded.size, offset, "coded picture")
    for given, said in zip(coded.size, size, strict=True):
        if not said <= given < said + _PADDING:
            width, height = coded.size
            raise source.corrupt(f"a picture of {size[0]}×{size[1]} is coded as {width}×{height}", offset)
    return coded


def prepare_hevc(
    meta: Meta, item: int, size: tuple[int, int], points: Nclx | None = None
) -> Callable[[], NDArray[Any]]:
    """Check one HEVC item of the file, and give the function that decodes it, neither cropped nor turned.

    That returns (H, W) for a picture of one channel, else (H, W, 3) RGB; uint8, or uint16 holding the codes
    of a deeper picture as they are. `size` is the (width, height) of its ``ispe``; `points` the colour that
    the file says, where it does: else it is what the coded picture says.
    """
    payload = meta.payload(item)
    check_coded(meta, item, payload, size)
    found = meta.required(item, "hvcC")
    source = meta.source
    decode_whole = prepare_file(wrap(source.raw(found), payload, size, points), source, meta.offset_of(item))

    def decode() -> NDArray[Any]:
        samples = decode_whole()
        if samples.shape[0] < size[1] or samples.shape[1] < size[0]:
            raise source.corrupt(
                f"item {item} decodes to {samples.shape[1]}×{samples.shape[0]} pixels", found.start
            )
        return samples[: size[1], : size[0]]

    return decode


def prepare_file(data: bytes, source: Source, offset: int) -> Callable[[], NDArray[Any]]:
    """Give the function that decodes the primary picture of a HEIC file, cropped and turned as it says.

    Errors speak of `source`.
    """
    import pillow_heif

    def refused(error: Exception) -> CorruptFile:
        return source.corrupt(f"the HEVC decoder refuses the picture: {error}", offset)

    def decode() -> NDArray[Any]:
        try:
            return np.asarray(picture)
        except _CODEC_ERRORS as error:
            raise refused(error) from error

    try:
        picture = pillow_heif.open_heif(data, convert_hdr_to_8bit=False, hdr_to_16bit=False)
    except _CODEC_ERRORS as error:
        raise refused(error) from error
    return decode


def wrap(configuration: bytes, payload: bytes, size: tuple[int, int], points: Nclx | None = None) -> bytes:
    """Build the smallest HEIC file that holds one coded picture."""
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    color = b"" if points is None else build_nclx(points)
    count = 3 if color else 2
    properties = box(
        b"iprp",
        box(b"ipco", configuration, build_ispe(size), color),
        full_box(b"ipma", 0, 0, struct.pack(">IHB", 1, 1, count), bytes((0x81, 2, 3)[:count])),
    )
    head = (
        full_box(b"hdlr", 0, 0, b"\0\0\0\0pict", bytes(13))
        + full_box(b"pitm", 0, 0, b"\0\1")
        + full_box(b"iinf", 0, 0, b"\0\1", full_box(b"infe", 2, 0, b"\0\1\0\0hvc1\0"))
        + properties
    )
    where = len(start) + 12 + len(head) + _ILOC_BYTES + 8
    location = full_box(b"iloc", 0, 0, struct.pack(">HHHHHII", 0x4400, 1, 1, 0, 1, where, len(payload)))
    return b"".join((start, full_box(b"meta", 0, 0, head, location), box(b"mdat", payload)))


_ILOC_BYTES = 12 + 18


def encode_hevc(
    samples: NDArray[Any], *, quality: int, preset: str, points: Nclx = SRGB, threads: bool = True
) -> CodedPicture:
    """Encode (H, W) uint8, or (H, W, 3) uint8 or uint16 (kept at 10 bits) RGB.

    Args:
        samples: the picture.
        quality: 0..100, or `LOSSLESS`.
        preset: x265's name for how much time it may take, "ultrafast" .. "placebo".
        points: the colour that is noted in the picture; its matrix and range are used.
        threads: let x265 use more than the calling thread.
    """
    import pillow_heif

    height, width = samples.shape[:2]
    mode = "L" if samples.ndim == 2 else "RGB" if samples.dtype == np.uint8 else "RGB;16"
    settings = {"preset": preset}
    if preset == "ultrafast" and samples.ndim == 3 and width * height <= _SMALL_BLOCKS:
        settings |= _STILL
    if not threads:
        settings["x265:pools"] = "none"
        settings["x265:frame-threads"] = "1"
    options: dict[str, Any] = {"quality": quality, "enc_params": settings}
    if samples.ndim == 3:
        options.update(
            color_primaries=points.primaries,
            transfer_characteristics=points.transfer,
            matrix_coefficients=points.matrix,
            full_range_flag=int(points.full_range),
        )
    out = io.BytesIO()
    with _first_alone():
        pillow_heif.encode(mode, (width, height), np.ascontiguousarray(samples).tobytes(), out, **options)
    return _unwrap(out.getvalue())


@contextmanager
def _first_alone() -> Iterator[None]:
    """Let the first picture of a process be encoded before any other is begun.

    x265 fills its table of functions when its first encoder opens, and one that opens on another thread
    meanwhile calls what is not there yet: the process ends with a segmentation fault.
    """
    if not _FILLED.is_set():
        with _filling[0]:
            if not _FILLED.is_set():
                yield
                _FILLED.set()
                return
    yield


def worst_error(coded: CodedPicture, samples: NDArray[Any]) -> int:
    """The largest difference between 8-bit samples and what a decoder makes of them."""
    source = Source(b"", file=None, limits=Limits())
    decoded = prepare_file(wrap(coded.configuration, coded.payload, coded.size), source, 0)()
    height, width = samples.shape
    shown = decoded[:height, :width]
    return int(np.max(np.maximum(shown, samples) - np.minimum(shown, samples)))


def _unwrap(data: bytes) -> CodedPicture:
    """Take the coded picture out of a file that pillow-heif has made."""
    source = Source(data, file=None, limits=Limits(max_pixels=1 << 32))
    meta = parse_meta(source, next(each for each in source.top_level() if each.kind == "meta"))
    return CodedPicture(
        source.raw(meta.required(meta.primary, "hvcC")),
        meta.payload(meta.primary),
        placement(meta, meta.primary, "picture").coded,
    )


def encode_tiles(
    color: NDArray[Any], tile: int, *, quality: int, preset: str, workers: int
) -> list[CodedPicture]:
    """Encode (H, W, 3) as square tiles, row by row; the last ones repeat the picture's edge."""
    height, width = color.shape[:2]
    places = [(y, x) for y in range(0, height, tile) for x in range(0, width, tile)]

    def encode(place: tuple[int, int]) -> CodedPicture:
        y, x = place
        part = color[y : y + tile, x : x + tile]
        missing = (tile - part.shape[0], tile - part.shape[1])
        if any(missing):
            part = np.pad(part, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        return encode_hevc(part, quality=quality, preset=preset, threads=False)

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(workers, len(places))) as pool:
        return list(pool.map(encode, places))
