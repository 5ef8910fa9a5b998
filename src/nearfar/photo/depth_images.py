"""What the codes of an auxiliary image mean: depth map, matte or gain map, and back to codes.

    StoredImage + its XMP ──▶ DepthHeader ──(decode)──▶ DepthMap
    DepthMap ──▶ NewImage (8-bit codes, or 16-bit half floats where there are holes)

The container is not known here; the tag names and their units are `nearfar.depth`'s.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import (
    PIXEL_FORMATS,
    Calibration,
    DepthKind,
    DepthMap,
    DepthTags,
    Matte,
    MatteKind,
    Orientation,
    calibration_from_tags,
    calibration_tags,
    depth_tags,
    fill,
    matte_tags,
    orient_array,
    parse_depth_tags,
)
from nearfar.errors import CorruptFile, LossWarning
from nearfar.photo import xmp
from nearfar.photo.auxiliary import CONFIDENCE_URN, DEPTH_URN, DepthRange, NewImage, StoredImage

__all__ = [
    "GAIN_MAP_URN",
    "DepthEncoding",
    "DepthFormat",
    "DepthHeader",
    "carried_depth_tags",
    "confidence_image",
    "depth_header",
    "depth_image",
    "is_depth",
    "is_gain_map",
    "matte_image",
    "matte_kind",
    "read_confidence",
    "read_depth",
    "read_matte",
    "tags_of",
]

DepthFormat = Literal["apple", "gdepth", "dynamic-depth"]
DepthEncoding = Literal["auto", "8-bit", "16-bit"]

GAIN_MAP_URN = "urn:com:apple:photo:2020:aux:hdrgainmap"
_DEPTH_URNS = frozenset(
    {DEPTH_URN, "urn:mpeg:mpegB:cicp:systems:auxiliary:depth", "urn:mpeg:avif:2019:auxid:depth"}
)
_MATTE_URNS = {
    MatteKind.PORTRAIT: "urn:com:apple:photo:2018:aux:portraiteffectsmatte",
    MatteKind.SKIN: "urn:com:apple:photo:2019:aux:semanticskinmatte",
    MatteKind.HAIR: "urn:com:apple:photo:2019:aux:semantichairmatte",
    MatteKind.TEETH: "urn:com:apple:photo:2019:aux:semanticteethmatte",
    MatteKind.GLASSES: "urn:com:apple:photo:2020:aux:semanticglassesmatte",
    MatteKind.SKY: "urn:com:apple:photo:2020:aux:semanticskymatte",
}
_MATTE_KINDS = {urn: kind for kind, urn in _MATTE_URNS.items()}
_METRIC_TAG = "nearfar:Metric"
_LARGEST_HALF = 65504.0

_SIX_DECIMALS = re.compile(r"-?\d+\.\d{6}")
"""How Apple prints a range's end, rounded."""

_log = logging.getLogger("nearfar.photo")


@dataclass(frozen=True, slots=True)
class DepthHeader:
    """A stored depth map before its codes are decoded.

    Attributes:
        image: where it lies.
        tags: its AVDepthData tags; None where the file has none (a plain HEIF depth image).
        kind: depth or disparity.
        minimum, maximum: values at the lowest and highest code; None for 16-bit maps that do not say.
        code_range: lowest and highest code; None where the samples are half floats themselves.
        metric: False when the units are arbitrary.
        calibration: of the upright map.
        packet: every tag of its XMP.
        format: whose manner of storing depth it is; None for a plain HEIF depth image.
    """

    image: StoredImage
    tags: DepthTags | None
    kind: DepthKind
    minimum: float | None
    maximum: float | None
    code_range: tuple[int, int] | None
    metric: bool
    calibration: Calibration | None
    packet: Mapping[str, Any]
    format: DepthFormat | None = None

    @property
    def said(self) -> DepthTags:
        """Accuracy, quality and filtering: as tagged, else what holds for the format."""
        return self.tags or DepthTags(filtered=self.format == "gdepth")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright map."""
        width, height = self.image.size
        return (height, width) if self.image.orientation.swaps_axes else (width, height)

    @property
    def dtype(self) -> np.dtype[Any]:
        """float16 where half floats are stored, else float32."""
        return np.dtype(np.float16 if self.code_range is None else np.float32)


def tags_of(image: StoredImage, *, file: str | None = None) -> Mapping[str, Any]:
    """Give the XMP tags of an auxiliary image, by "prefix:Name"; empty where it has no packet."""
    return xmp.parse(image.xmp, file=file, offset=image.xmp_offset).tags if image.xmp else {}


def is_depth(image: StoredImage) -> bool:
    """Tell whether the image is a depth or disparity map."""
    return image.urn in _DEPTH_URNS


def is_gain_map(image: StoredImage) -> bool:
    """Tell whether the image is an HDR gain map, of Apple or Samsung."""
    return image.urn.endswith(":aux:hdrgainmap")


def matte_kind(image: StoredImage) -> MatteKind | None:
    """Give the kind of matte that the image is, or None."""
    return _MATTE_KINDS.get(image.urn)


def depth_header(image: StoredImage, *, file: str | None = None) -> DepthHeader:
    """Read what is said of a stored depth map, without decoding it.

    Raises:
        CorruptFile: a tag is not what it must be.
    """
    packet = tags_of(image, file=file)
    try:
        tags = parse_depth_tags(packet) if "apdi:StoredFormat" in packet else None
        calibration = calibration_from_tags(packet)
    except ValueError as error:
        raise CorruptFile(f"the depth image's XMP: {error}", file=file) from error
    metric = str(packet.get(_METRIC_TAG, "True")) != "False"
    if calibration is not None:
        calibration = calibration.oriented(image.orientation)
    if tags is None:
        return _untagged_header(image, packet, calibration)
    raw = tags.stored_format in (PIXEL_FORMATS["hdis"], PIXEL_FORMATS["hdep"])
    minimum, maximum = _range(tags, image.depth_range, exact_text=_is_full_precision(packet))
    if tags.kind is None:
        raise CorruptFile("the depth image's XMP says neither depth nor disparity", file=file)
    return DepthHeader(
        image,
        tags,
        tags.kind,
        minimum,
        maximum,
        None if raw else _code_range(tags, image),
        metric and (raw or minimum is not None),
        calibration,
        packet,
        "apple",
    )


def _code_range(tags: DepthTags, image: StoredImage) -> tuple[int, int]:
    top = 0xFFFF if image.coding == "lossless-jpeg" else 0xFF
    low = 0 if tags.int_min is None else tags.int_min
    high = top if tags.int_max is None else tags.int_max
    return (low, high) if low < high else (0, top)


def _untagged_header(
    image: StoredImage, packet: Mapping[str, Any], calibration: Calibration | None
) -> DepthHeader:
    """A plain HEIF depth image: its SEI says the range, if anything does (H.265 G.14.2.3)."""
    found = image.depth_range
    code_range = (0, 0xFFFF if image.coding == "lossless-jpeg" else 0xFF)
    if found is None:
        return DepthHeader(
            image, None, DepthKind.DISPARITY, None, None, code_range, False, calibration, packet
        )
    kind = DepthKind.DEPTH if found.representation == 2 else DepthKind.DISPARITY
    return DepthHeader(image, None, kind, found.minimum, found.maximum, code_range, True, calibration, packet)


def _range(tags: DepthTags, sei: DepthRange | None, *, exact_text: bool) -> tuple[float | None, float | None]:
    """Give the range at the codes' ends: the more precise of the SEI and the XMP text.

    Apple's XMP is rounded to six decimals and its SEI is exact; nearfar writes the XMP in full where six
    decimals would lose something, and the SEI has but 17 bits.
    """
    low, high = tags.float_min, tags.float_max
    if sei is None:
        return low, high
    if low is None or high is None:
        return sei.minimum, sei.maximum
    slack = max(abs(low), abs(high)) * 2e-5 + 1e-6
    if abs(low - sei.minimum) > slack or abs(high - sei.maximum) > slack:
        _log.warning("the depth image's SEI and XMP disagree on its range; the SEI is taken")
        return sei.minimum, sei.maximum
    return (low, high) if exact_text else (sei.minimum, sei.maximum)


def _range_text(value: float) -> str:
    """Print a range's end: six decimals as Apple does where a half float stands behind it, else in full."""
    is_half = 0.01 <= abs(value) <= _LARGEST_HALF and float(np.float16(value)) == value
    if is_half or value == 0:
        return f"{value:.6f}"
    text = repr(float(value))
    return f"{text}0" if _SIX_DECIMALS.fullmatch(text) else text  # not to be taken for a rounded one


def _is_full_precision(packet: Mapping[str, Any]) -> bool:
    ends = (str(packet.get("apdi:FloatMinValue", "")), str(packet.get("apdi:FloatMaxValue", "")))
    return any(text and not _SIX_DECIMALS.fullmatch(text) for text in ends)


def read_depth(
    header: DepthHeader,
    samples: NDArray[Any],
    *,
    confidence: StoredImage | None = None,
    file: str | None = None,
) -> DepthMap:
    """Give the upright depth map of decoded samples: float32 for codes, float16 for half floats.

    Raises:
        FileError: the samples are not what the tags say, or the confidence cannot be decoded.
    """
    image = header.image
    values = _values(header, samples, file)
    values = orient_array(values, image.orientation)
    values.flags.writeable = False
    said = header.said
    try:
        return DepthMap(
            values,
            header.kind,
            said.accuracy,
            said.quality,
            filtered=said.filtered,
            metric=header.metric,
            calibration=header.calibration,
            confidence=None if confidence is None else read_confidence(confidence, values.shape),
        )
    except ValueError as error:
        raise CorruptFile(f"the depth image: {error}", file=file) from error


def _values(header: DepthHeader, samples: NDArray[Any], file: str | None) -> NDArray[Any]:
    if header.code_range is None:
        if samples.dtype != np.uint16:
            raise CorruptFile("the depth image is tagged as half floats but holds 8-bit codes", file=file)
        return samples.view(np.float16)
    low, high = header.code_range
    minimum = 0.0 if header.minimum is None else header.minimum
    maximum = 1.0 if header.maximum is None else header.maximum
    return _native.decode_codes(samples, low, high, minimum, maximum)


def read_confidence(image: StoredImage, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    """Decode nearfar's confidence image; None where its shape is not the map's."""
    codes = orient_array(image.decode(), image.orientation)
    return (codes.astype(np.float32) / np.float32(255)) if codes.shape == shape else None


def read_matte(image: StoredImage, kind: MatteKind) -> Matte:
    """Decode a stored matte, upright."""
    samples = image.decode()
    if samples.dtype == np.uint16:
        samples = (samples >> 8).astype(np.uint8)
    return Matte(orient_array(samples, image.orientation), kind)


def depth_image(
    depth: DepthMap,
    *,
    orientation: Orientation = Orientation.UP,
    extra_tags: Mapping[str, str | None] | None = None,
    encoding: DepthEncoding = "auto",
) -> NewImage:
    """Code a depth map for a file.

    Args:
        depth: the upright map.
        orientation: that of the stored primary picture; the codes are turned back to lie as it does.
        extra_tags: more XMP tags for its packet (edits).
        encoding: "8-bit" fills holes first and marks the map filtered (error ≤ 0.5 code of its range before
            the codec); "16-bit" stores half floats, lossless, with holes (NaN) and infinity; "auto" takes 16
            bits for maps with holes or infinite values, as Apple does, else 8.
    """
    finite = bool(np.isfinite(depth.values).all())
    wide = encoding == "16-bit" or (encoding == "auto" and not finite)
    if not wide and not finite:
        depth = _finite(depth)
    stored = depth.oriented(orientation.inverse)
    ends = _finite_range(stored)
    if wide:
        with np.errstate(over="ignore"):
            half = stored.to(dtype=np.float16)
        _say_rounded(stored, half, ends)
        samples: NDArray[Any] = np.ascontiguousarray(half.values).view(np.uint16)
        tags = depth_tags(
            half,
            stored_format=PIXEL_FORMATS["hdis" if depth.kind is DepthKind.DISPARITY else "hdep"],
            code_range=None,
            value_range=ends,
        )
    else:
        ends = ends or (0.0, 0.0)
        samples = _native.encode_codes(np.asarray(stored.values, dtype=np.float32), *ends)
        tags = depth_tags(stored, stored_format=PIXEL_FORMATS["L008"], code_range=(0, 255), value_range=ends)
    if ends is not None:
        tags["apdi:FloatMinValue"], tags["apdi:FloatMaxValue"] = map(_range_text, ends)
    if not depth.metric:
        tags[_METRIC_TAG] = "False"
    tags.update({name: text for name, text in (extra_tags or {}).items() if text is not None})
    representation = 1 if depth.kind is DepthKind.DISPARITY else 2
    depth_range = None if wide or ends is None else DepthRange(*ends, representation)
    return NewImage(DEPTH_URN, samples, xmp.build(tags), depth_range)


def _say_rounded(depth: DepthMap, half: DepthMap, ends: tuple[float, float] | None) -> None:
    """Warn where half floats are coarser than 8-bit codes of the map's range would be, or overflow."""
    if ends is None or depth.dtype == np.float16:
        return
    finite = np.isfinite(depth.values)
    with np.errstate(invalid="ignore"):
        off = np.abs(half.values.astype(np.float32) - depth.values)[finite].max()
    if off > 0.5 * (ends[1] - ends[0]) / 255 and off > 0:
        warnings.warn(
            f"16 bits hold half floats: values of this map change by up to {off:g}", LossWarning, stacklevel=8
        )


def _finite(depth: DepthMap) -> DepthMap:
    """Fill the holes of a map and bring infinity down to its largest finite value, for 8-bit codes."""
    filled = fill(depth) if bool(np.isnan(depth.values).any()) else depth
    values = np.array(filled.values)
    infinite = np.isinf(values)
    if bool(np.isnan(values).any()) or bool(infinite.all()):
        raise ValueError("the depth map has no finite value: 8-bit codes have none to give; use 16 bits")
    values[infinite] = values[~infinite].max()
    return filled.replace(values=values, filtered=True)


def _finite_range(depth: DepthMap) -> tuple[float, float] | None:
    """Give the least and the largest value; None where no pixel has one, as the tags then say no range."""
    finite = depth.values[np.isfinite(depth.values)]
    if finite.size == 0:
        return None
    return float(finite.min()), float(finite.max())


def carried_depth_tags(header: DepthHeader) -> dict[str, str | tuple[str, ...]]:
    """Give the tags that a stored map needs in another container, where no SEI and no rotation is."""
    tags: dict[str, str | tuple[str, ...]] = {}
    disparity = header.kind is DepthKind.DISPARITY
    if header.tags is None:
        tags["apdi:AuxiliaryImageType"] = header.kind.value
        tags["apdi:NativeFormat"] = str(PIXEL_FORMATS["fdis" if disparity else "fdep"])
        tags["apdi:StoredFormat"] = str(PIXEL_FORMATS["L008"])
        tags["depthData:Accuracy"], tags["depthData:Quality"] = "relative", "high"
        tags["depthData:Filtered"] = "False"
        if not header.metric:
            tags[_METRIC_TAG] = "False"
    if header.code_range is not None:
        tags["apdi:IntMinValue"], tags["apdi:IntMaxValue"] = map(str, header.code_range)
        low = 0.0 if header.minimum is None else header.minimum
        high = 1.0 if header.maximum is None else header.maximum
        tags["apdi:FloatMinValue"], tags["apdi:FloatMaxValue"] = _range_text(low), _range_text(high)
    if header.calibration is not None and header.image.orientation != Orientation.UP:
        tags.update(calibration_tags(header.calibration))
    return tags


def confidence_image(depth: DepthMap, *, orientation: Orientation = Orientation.UP) -> NewImage | None:
    """Code a depth map's confidence in 8 bits, lossless where the container can; None without one."""
    if depth.confidence is None:
        return None
    codes = np.rint(depth.confidence * 255).astype(np.uint8)
    packet = xmp.build(_plain_tags(CONFIDENCE_URN))
    return NewImage(CONFIDENCE_URN, orient_array(codes, orientation.inverse), packet, lossless=True)


def matte_image(matte: Matte, *, orientation: Orientation = Orientation.UP) -> NewImage:
    """Code a matte as Apple does: 8 bits, linear."""
    samples = orient_array(matte.values, orientation.inverse)
    return NewImage(_MATTE_URNS[matte.kind], samples, xmp.build(matte_tags(matte.kind)))


def _plain_tags(image_type: str) -> dict[str, str | tuple[str, ...]]:
    gray = str(PIXEL_FORMATS["L008"])
    return {"apdi:AuxiliaryImageType": image_type, "apdi:NativeFormat": gray, "apdi:StoredFormat": gray}
