"""A depth map in the shape of Apple's auxiliary dictionary, and back.

What AVDepthData.dictionaryRepresentation(forAuxiliaryDataType:) gives and its
init(fromDictionaryRepresentation:) takes, so that values travel to and from code that speaks ImageIO::

    (kCGImageAuxiliaryDataTypeDisparity, {
        kCGImageAuxiliaryDataInfoData:             rows of samples, as bytes
        kCGImageAuxiliaryDataInfoDataDescription:  {Width, Height, BytesPerRow, PixelFormat}
        kCGImageAuxiliaryDataInfoMetadata:         {"depthData:Accuracy": "relative", …}   the tags of a photo
    })

Source: Apple, "Creating Auxiliary Depth Data Manually"; ImageIO, CGImageProperties.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth.apple_tags import (
    PIXEL_FORMATS,
    DepthTags,
    calibration_from_tags,
    depth_tags,
    parse_depth_tags,
)
from nearfar.depth.arrays import frozen
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import DepthKind, Orientation

DATA = "kCGImageAuxiliaryDataInfoData"
DESCRIPTION = "kCGImageAuxiliaryDataInfoDataDescription"
METADATA = "kCGImageAuxiliaryDataInfoMetadata"
TYPES = {
    DepthKind.DEPTH: "kCGImageAuxiliaryDataTypeDepth",
    DepthKind.DISPARITY: "kCGImageAuxiliaryDataTypeDisparity",
}
"""The names of ImageIO's auxiliary types; their values in files are URNs."""

_FLOAT_FORMATS = {
    PIXEL_FORMATS["hdis"]: (DepthKind.DISPARITY, "<f2"),
    PIXEL_FORMATS["fdis"]: (DepthKind.DISPARITY, "<f4"),
    PIXEL_FORMATS["hdep"]: (DepthKind.DEPTH, "<f2"),
    PIXEL_FORMATS["fdep"]: (DepthKind.DEPTH, "<f4"),
}
_CODE_FORMATS = {PIXEL_FORMATS["L008"]: "u1", PIXEL_FORMATS["L010"]: "<u2", PIXEL_FORMATS["L016"]: "<u2"}


def to_dictionary(depth_map: DepthMap) -> tuple[str, dict[str, Any]]:
    """The auxiliary type's name and the dictionary of a map; the samples are its floats, so nothing is lost.

    Confidence, and whether the map is metric, have no place there. A lens that Apple's tags cannot say is
    left out with a `LossWarning`.
    """
    half = depth_map.dtype == np.float16
    name = ("h" if half else "f") + ("dep" if depth_map.kind is DepthKind.DEPTH else "dis")
    samples = depth_map.values.astype("<f2" if half else "<f4", copy=False)
    description = {
        "Width": depth_map.width,
        "Height": depth_map.height,
        "BytesPerRow": depth_map.width * samples.itemsize,
        "PixelFormat": PIXEL_FORMATS[name],
    }
    tags = depth_tags(depth_map, stored_format=PIXEL_FORMATS[name], code_range=None, value_range=None)
    return TYPES[depth_map.kind], {DATA: samples.tobytes(), DESCRIPTION: description, METADATA: tags}


def from_dictionary(dictionary: Mapping[str, Any]) -> DepthMap:
    """The map in an auxiliary dictionary, its rows possibly padded, as floats or as codes with a range.

    Floats (hdis, fdis, hdep, fdep) are taken as they are. Codes (L008, L010, L016) become float32 by the
    range in the tags, and codes outside it count as its ends. An ``Orientation`` in the description is
    applied. Without metadata the map counts as relative, of high quality, unfiltered. Raises ValueError
    naming the entry that is missing or wrong.
    """
    description = _entry(dictionary, DESCRIPTION, Mapping)
    tags = parse_depth_tags(dictionary.get(METADATA) or {})
    code = _whole(description, "PixelFormat")
    if code in _FLOAT_FORMATS:
        kind, layout = _FLOAT_FORMATS[code]
        values: NDArray[Any] = _samples(dictionary, description, layout)
    elif code in _CODE_FORMATS:
        if tags.kind is None:
            raise ValueError(f"{METADATA} does not say whether the codes are depth or disparity")
        kind = tags.kind
        values = _decoded(_samples(dictionary, description, _CODE_FORMATS[code]), tags)
    else:
        known = ", ".join(
            name for name in PIXEL_FORMATS if PIXEL_FORMATS[name] in _FLOAT_FORMATS | _CODE_FORMATS
        )
        raise ValueError(f"PixelFormat {code} holds no depth; known are {known}")
    depth_map = DepthMap(
        frozen(values),
        kind,
        accuracy=tags.accuracy,
        quality=tags.quality,
        filtered=tags.filtered,
        calibration=calibration_from_tags(dictionary.get(METADATA) or {}),
    )
    return depth_map.oriented(Orientation(description.get("Orientation", 1)))


def _samples(dictionary: Mapping[str, Any], description: Mapping[str, Any], layout: str) -> NDArray[Any]:
    """(H, W) samples in native byte order, the padding at the end of rows left out."""
    data = _entry(dictionary, DATA, (bytes, bytearray, memoryview))
    width, height, stride = (_whole(description, name) for name in ("Width", "Height", "BytesPerRow"))
    dtype = np.dtype(layout)
    if min(width, height) < 1 or stride < width * dtype.itemsize:
        raise ValueError(f"Width {width}, Height {height} and BytesPerRow {stride} do not go together")
    view = memoryview(data).cast("B")
    # The last row need not be padded.
    if len(view) < (height - 1) * stride + width * dtype.itemsize:
        raise ValueError(f"{DATA} holds {len(view)} bytes, too few for {height} rows of {stride}")
    rows = np.ndarray((height, width), dtype, buffer=view, strides=(stride, dtype.itemsize))
    return rows.astype(dtype.newbyteorder("="))


def _decoded(codes: NDArray[Any], tags: DepthTags) -> NDArray[np.float32]:
    low, high = tags.int_min, tags.int_max
    if low is None or high is None or tags.float_min is None or tags.float_max is None:
        raise ValueError(f"{METADATA} does not give the range of the codes (IntMinValue to FloatMaxValue)")
    if low >= high:
        raise ValueError(f"{METADATA} gives no range of codes: IntMinValue {low}, IntMaxValue {high}")
    return _native.decode_codes(codes, low, high, tags.float_min, tags.float_max)


def _entry(dictionary: Mapping[str, Any], name: str, types: Any) -> Any:
    value = dictionary.get(name)
    if not isinstance(value, types):
        raise ValueError(f"{name} is missing or of the wrong type: {type(value).__name__}")
    return value


def _whole(description: Mapping[str, Any], name: str) -> int:
    try:
        return operator.index(description[name])
    except (KeyError, TypeError):
        raise ValueError(f"{DESCRIPTION} has no whole number {name}") from None
