"""GDepth read as a depth map: Google's polarity and units into ours.

    RangeInverse   codes are linear in 1/z  ──▶ disparity, 1/near at code 0
    RangeLinear    codes are linear in z    ──▶ depth, near at code 0

Millimetres become metres here. Lens Blur's units are arbitrary: its maps are not metric.
Source: https://developers.google.com/depthmap-metadata/encoding
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import DepthKind, DepthMap, orient_array
from nearfar.errors import FileError
from nearfar.photo import xmp
from nearfar.photo.auxiliary import StoredImage
from nearfar.photo.depth_images import DepthHeader

if TYPE_CHECKING:
    from nearfar.photo.jpeg.gdepth import GDepth

__all__ = ["gdepth_header", "read_gdepth_map", "read_original", "without_gdepth"]

_log = logging.getLogger("nearfar.photo")
_METRES = {"m": 1.0, "mm": 1e-3}


def gdepth_header(record: GDepth) -> DepthHeader:
    """Describe a GDepth record's map without decoding its codes.

    It is metric where the file names metres or millimetres itself and no Lens Blur focus record is there.
    """
    unit = _METRES.get(record.units, 1.0)
    near, far = record.near * unit, record.far * unit
    inverse = record.format == "RangeInverse"
    image = StoredImage(0, "", record.size(), record.orientation, "gdepth", None, None, lambda: record.decode)
    stated = record.tags.get("GDepth:Units") in _METRES
    return DepthHeader(
        image,
        None,
        DepthKind.DISPARITY if inverse else DepthKind.DEPTH,
        1 / far if inverse else near,
        1 / near if inverse else far,
        (0, 255),
        stated and not any(name.startswith("GFocus:") for name in record.tags),
        None,
        record.tags,
        "gdepth",
    )


def read_gdepth_map(header: DepthHeader, record: GDepth) -> DepthMap:
    """Decode a GDepth record, upright, as float32.

    Depth along the ray (MeasureType OpticRay) is given as stored: without a calibration, which GDepth does
    not carry, it cannot be made planar.

    Raises:
        FileError: the codes cannot be decoded.
    """
    low, high = header.minimum, header.maximum
    assert low is not None
    assert high is not None
    codes = record.decode()
    top = 0xFFFF if codes.dtype == np.uint16 else 0xFF
    if header.kind is DepthKind.DISPARITY:
        codes = top - codes  # code 0 is the nearest, and disparity grows towards the camera
    values = orient_array(_native.decode_codes(codes, 0, top, low, high), record.orientation)
    values.flags.writeable = False
    return DepthMap(
        values,
        header.kind,
        header.said.accuracy,
        header.said.quality,
        filtered=header.said.filtered,
        metric=header.metric,
        confidence=_confidence(record, values.shape),
    )


def read_original(record: GDepth, size: tuple[int, int]) -> tuple[NDArray[Any], bytes | None] | None:
    """Read the picture from before the blur, upright in its own colour space, and its profile.

    None where the file has none of the picture's (width, height), or one that cannot be read: then the
    picture itself is the best there is.
    """
    if not record.has_original:
        return None
    from nearfar.photo import jpeg

    try:
        document = jpeg.open_document(record.original() or b"")
        document = replace(document, orientation=record.orientation)
        return (document.decode_color(), document.icc) if document.size == size else None
    except FileError as error:
        _log.warning("the picture from before the blur is ignored: %s", error)
        return None


def _confidence(record: GDepth, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    codes: NDArray[Any] | None = record.decode_confidence()
    if codes is None:
        return None
    scaled = codes.astype(np.float32) / np.float32(0xFFFF if codes.dtype == np.uint16 else 0xFF)
    upright = orient_array(scaled, record.orientation)
    return upright if upright.shape == shape else None


def without_gdepth(packet: bytes) -> bytes:
    """Take out of a main packet what speaks of a GDepth record and its extension, for a file without them."""
    parsed = xmp.parse(packet)
    stale = ("GDepth:", "GImage:", "GFocus:", "xmpNote:HasExtendedXMP")
    return parsed.remove(name for name in parsed.tags if name.startswith(stale))
