"""An auxiliary image made into an item: coded, and given the properties that Apple's files give it.

    8-bit codes  ─▶ HEVC, one channel ─▶ hvcC, ispe, [clap], irot, pixi, auxC
    16-bit codes ─▶ lossless JPEG     ─▶       ispe,         irot, pixi, auxC      with its XMP inside

The depth representation SEI in ``auxC`` carries the exact range.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nearfar.photo.auxiliary import NewImage
from nearfar.photo.heic import codec
from nearfar.photo.heic.depth_sei import build_depth_subtype
from nearfar.photo.heic.jpeg_item import with_packet_inside
from nearfar.photo.heic.properties import build_auxc, build_clap, build_ispe, build_pixi

HIGH_QUALITY = 100
"""Quality of auxiliary images that need not come back bit for bit: one code of error at most, which is
checked.
"""

PRESET = "ultrafast"
"""x265's preset for auxiliary images: codes are exact or nearly so whatever it is, and this one is the
fastest.
"""

MAX_ERROR = 1
"""Codes by which an 8-bit image may differ when it is not lossless."""


class CodedItem(NamedTuple):
    """An item to be written: its type, its bytes, its properties before and after the turn, and the XMP
    packet that an item of its own must carry.
    """

    kind: str
    payload: bytes
    shape: tuple[tuple[bytes, bool], ...]
    meaning: tuple[tuple[bytes, bool], ...]
    packet: bytes


def code_auxiliary(image: NewImage) -> CodedItem:
    """Code an auxiliary image."""
    height, width = image.samples.shape
    subtype = build_depth_subtype(image.depth_range) if image.depth_range else b""
    meaning: tuple[tuple[bytes, bool], ...] = ((build_auxc(image.urn, subtype), True),)
    if image.samples.dtype == np.uint16:
        from nearfar import _native

        payload = bytes(_native.lossless_jpeg_encode(np.ascontiguousarray(image.samples)))
        shape: Sequence[tuple[bytes, bool]] = ((build_ispe((width, height)), False),)
        packed = with_packet_inside(payload, image.xmp) if image.xmp else None
        packet = image.xmp if packed is None else b""
        meaning = ((build_pixi(1, 16), False), *meaning)
        return CodedItem("jpeg", packed or payload, tuple(shape), meaning, packet)
    coded = _code_hevc(image)
    shape = ((coded.configuration, True), *picture_shape(coded.size, (width, height)))
    return CodedItem("hvc1", coded.payload, tuple(shape), ((build_pixi(1, 8), False), *meaning), image.xmp)


def picture_shape(coded: tuple[int, int], size: tuple[int, int]) -> list[tuple[bytes, bool]]:
    """The size property, and the crop to `size` where the codec has coded more."""
    crop = [(build_clap(coded, size), True)] if coded != size else []
    return [(build_ispe(coded), False), *crop]


def _code_hevc(image: NewImage) -> codec.CodedPicture:
    """Code 8-bit samples; lossless when asked for, or when anything else is off by more than `MAX_ERROR`."""
    samples = image.samples
    if not image.lossless:
        coded = codec.encode_hevc(samples, quality=HIGH_QUALITY, preset=PRESET)
        if codec.worst_error(coded, samples) <= MAX_ERROR:
            return coded
    return codec.encode_hevc(samples, quality=codec.LOSSLESS, preset=PRESET)
