"""The tags that Apple writes beside a depth image, and what they mean here.

      DepthMap, Calibration ── depth_tags ──▶ {"depthData:Accuracy": "relative", ...} ── XMP ──▶ photo
                            ◀── parse_depth_tags, calibration_from_tags ──

A tag is ``"prefix:Name"`` with a prefix of `NAMESPACES`; its value is a string, or a tuple of strings for an
``rdf:Seq``.  Numbers are printed as Apple prints them, so that reading and writing a photo gives the same
text. This is the one place where a photo's millimetres and column-major matrices become metres and rows.

Source: AVDepthData, AVCameraCalibrationData; tag names and number formats as found in photos of iPhones.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nearfar.depth.apple_numbers import (
    TagValue,
    as_half,
    nearest_half,
    print_millimetres,
    print_number,
    print_pixel_size,
    print_range_end,
    read_metres,
    read_number,
    read_numbers,
    read_whole,
    shortened,
)
from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import Accuracy, DepthKind, MatteKind, Quality
from nearfar.depth.lens_table import MAX_COEFFICIENTS, LensTable
from nearfar.depth.pose import Pose
from nearfar.errors import LossWarning

__all__ = [
    "NAMESPACES",
    "PIXEL_FORMATS",
    "DepthTags",
    "Tags",
    "calibration_from_tags",
    "calibration_tags",
    "depth_tags",
    "matte_tags",
    "parse_depth_tags",
]

Tags: TypeAlias = dict[str, TagValue]

NAMESPACES: dict[str, str] = {
    "apdi": "http://ns.apple.com/pixeldatainfo/1.0/",
    "depthData": "http://ns.apple.com/depthData/1.0/",
    "depthBlurEffect": "http://ns.apple.com/depthBlurEffect/1.0/",
    "portraitLightingEffect": "http://ns.apple.com/portraitLightingEffect/2.0/",
    "portraitEffectsMatte": "http://ns.apple.com/portraitEffectsMatte/1.0/",
    "semanticSegmentationMatte": "http://ns.apple.com/semanticSegmentationMatte/1.0/",
    "HDRGainMap": "http://ns.apple.com/HDRGainMap/1.0/",
}
"""Prefix and URI of every namespace that Apple's depth tags live in."""

PIXEL_FORMATS = {
    name: int.from_bytes(name.encode("ascii"))
    for name in ("hdis", "fdis", "hdep", "fdep", "L008", "L010", "L016", "L00h", "L00f")
}
"""Core Video's four-character pixel formats as the numbers that the tags hold: hdis is 1751411059."""

DEPTH_DATA_VERSION = 65541
"""1.5, what iOS 14 to 16 writes beside a calibration."""

_FORMAT_NAMES = {code: name for name, code in PIXEL_FORMATS.items()}
_KINDS = {"dis": DepthKind.DISPARITY, "dep": DepthKind.DEPTH}

_FARTHEST_PIXEL = 1e9

_ORDER = (
    "apdi:IntMaxValue",
    "apdi:StoredFormat",
    "apdi:NativeFormat",
    "apdi:IntMinValue",
    "apdi:FloatMaxValue",
    "apdi:FloatMinValue",
    "apdi:AuxiliaryImageType",
    "depthData:IntrinsicMatrixReferenceWidth",
    "depthData:DepthDataVersion",
    "depthData:Quality",
    "depthData:IntrinsicMatrix",
    "depthData:IntrinsicMatrixReferenceHeight",
    "depthData:InverseLensDistortionCoefficients",
    "depthData:LensDistortionCenterOffsetX",
    "depthData:LensDistortionCoefficients",
    "depthData:Accuracy",
    "depthData:PixelSize",
    "depthData:Filtered",
    "depthData:ExtrinsicMatrix",
    "depthData:LensDistortionCenterOffsetY",
    "depthBlurEffect:SimulatedAperture",
)
"""The order in which iOS 16 writes them."""


# Calibration


def calibration_tags(calibration: Calibration) -> Tags:
    """The ``depthData`` tags that hold a calibration.

    Warns with `LossWarning` when the lens has no place there: photos carry neither tables nor polynomials of
    other models, only the coefficients that came out of a photo.
    """
    tags: Tags = {
        "depthData:IntrinsicMatrix": tuple(
            print_number(v) for v in calibration.intrinsics.T.ravel().tolist()
        ),
        "depthData:IntrinsicMatrixReferenceWidth": str(calibration.reference_size[0]),
        "depthData:IntrinsicMatrixReferenceHeight": str(calibration.reference_size[1]),
        "depthData:ExtrinsicMatrix": (
            *map(print_number, calibration.pose.rotation.T.ravel().tolist()),
            *map(print_millimetres, calibration.pose.translation.tolist()),
        ),
    }
    if calibration.pixel_size is not None:
        tags["depthData:PixelSize"] = print_pixel_size(calibration.pixel_size)
    lens = calibration.distortion
    if isinstance(lens, LensTable):
        tags["depthData:LensDistortionCenterOffsetX"] = print_number(lens.center[0])
        tags["depthData:LensDistortionCenterOffsetY"] = print_number(lens.center[1])
        if lens.forward_coefficients is not None:
            tags[_FORWARD] = tuple(map(print_number, lens.forward_coefficients))
        if lens.inverse_coefficients is not None:
            tags[_INVERSE] = tuple(map(print_number, lens.inverse_coefficients))
    if lens is not None and not (isinstance(lens, LensTable) and not lens.has_table):
        what = "a lens table" if isinstance(lens, LensTable) else f"{type(lens).__name__} distortion"
        warnings.warn(f"a photo has no place for {what}; it was left out", LossWarning, stacklevel=2)
    return _ordered(tags)


_FORWARD = "depthData:LensDistortionCoefficients"
_INVERSE = "depthData:InverseLensDistortionCoefficients"


def calibration_from_tags(tags: Mapping[str, TagValue]) -> Calibration | None:
    """The calibration in a depth image's tags, or None where ``depthData:IntrinsicMatrix`` is missing.

    Raises:
        ValueError: a tag that no camera has: not a finite number, a wrong count, a size of 0; it is named.
    """
    tag = "depthData:IntrinsicMatrix"
    if tag not in tags:
        return None
    intrinsics = np.reshape(_pixels(tag, read_numbers(tag, tags[tag], (9,))), (3, 3)).T
    size, pose, lens = _size_from_tags(tags), _pose_from_tags(tags), _lens_from_tags(tags)
    pixel_size = None
    # Apple writes 0 where it does not know.
    if (name := "depthData:PixelSize") in tags and read_number(name, tags[name]) > 0.0:
        pixel_size = read_metres(str(tags[name]).strip())
    try:
        return Calibration(intrinsics, size, pixel_size, pose, lens)
    except ValueError as error:
        raise ValueError(f"{tag}: {error}") from None


def _size_from_tags(tags: Mapping[str, TagValue]) -> tuple[int, int]:
    sides = []
    for name in ("depthData:IntrinsicMatrixReferenceWidth", "depthData:IntrinsicMatrixReferenceHeight"):
        if name not in tags:
            raise ValueError(f"{name} is missing beside depthData:IntrinsicMatrix")
        side = read_whole(name, tags[name], 2**31)
        if side == 0:
            raise ValueError(f"{name} must not be 0")
        sides.append(side)
    return sides[0], sides[1]


def _pose_from_tags(tags: Mapping[str, TagValue]) -> Pose:
    tag = "depthData:ExtrinsicMatrix"
    if tag not in tags:
        return Pose.identity()
    numbers = read_numbers(tag, tags[tag], (12,))
    translation = [read_metres(str(text).strip()) for text in tags[tag][9:]]
    try:
        return Pose(np.reshape(numbers[:9], (3, 3)).T, np.array(translation))
    except ValueError as error:
        raise ValueError(f"{tag}: {error}") from None


def _lens_from_tags(tags: Mapping[str, TagValue]) -> LensTable | None:
    x, y = "depthData:LensDistortionCenterOffsetX", "depthData:LensDistortionCenterOffsetY"
    if x not in tags or y not in tags:
        return None
    center = tuple(_pixels(name, (read_number(name, tags[name]),))[0] for name in (x, y))
    return LensTable(
        None, None, (center[0], center[1]), _coefficients(tags, _FORWARD), _coefficients(tags, _INVERSE)
    )


def _pixels(tag: str, numbers: tuple[float, ...]) -> tuple[float, ...]:
    """The numbers, or a ValueError beyond 1e9 px: a turned picture must stay within bounds too."""
    if max(map(abs, numbers)) > _FARTHEST_PIXEL:
        raise ValueError(f"{tag} must lie within {_FARTHEST_PIXEL:g} px")
    return numbers


def _coefficients(tags: Mapping[str, TagValue], tag: str) -> tuple[float, ...] | None:
    return read_numbers(tag, tags[tag], range(1, MAX_COEFFICIENTS + 1)) if tag in tags else None


# The map


@dataclass(frozen=True, slots=True)
class DepthTags:
    """What the tags beside an auxiliary image say about its samples.

    ``kind`` is None for images that hold no depth (mattes call themselves "depth" too, but their native
    format is gray). ``int_min`` and ``int_max`` are codes, ``float_min`` and ``float_max`` the values there,
    in metres or 1/metre; None where not said. ``native_format`` and ``stored_format`` are codes of
    `PIXEL_FORMATS`.
    """

    kind: DepthKind | None = None
    native_format: int | None = None
    stored_format: int | None = None
    int_min: int | None = None
    int_max: int | None = None
    float_min: float | None = None
    float_max: float | None = None
    accuracy: Accuracy = Accuracy.RELATIVE
    quality: Quality = Quality.HIGH
    filtered: bool = False
    version: int | None = None
    simulated_aperture: float | None = None
    image_type: str | None = None
    image_subtype: str | None = None

    @property
    def matte_kind(self) -> MatteKind | None:
        """Which matte the image is, or None."""
        return _MATTE_KINDS.get(self.image_subtype or "")


_MATTE_KINDS = {
    "portraiteffectsmatte": MatteKind.PORTRAIT,
    **{f"semantic{kind.value}matte": kind for kind in MatteKind if kind is not MatteKind.PORTRAIT},
}
_MATTE_SUBTYPES = {kind: subtype for subtype, kind in _MATTE_KINDS.items()}


def parse_depth_tags(tags: Mapping[str, TagValue]) -> DepthTags:
    """Read the tags beside an auxiliary image; whatever is not said keeps the default of `DepthTags`.

    The values at the ends of the range are printed with six decimals; where the native format is half float,
    the half that was printed is given back.

    Raises:
        ValueError: a tag with a value that it cannot have; the tag is named.
    """
    native = _optional_whole(tags, "apdi:NativeFormat")
    stored = _optional_whole(tags, "apdi:StoredFormat")
    image_type = _text(tags, "apdi:AuxiliaryImageType")
    half = native is not None and _is_half(native)
    return DepthTags(
        kind=_kind(native, image_type),
        native_format=native,
        stored_format=stored,
        int_min=_optional_whole(tags, "apdi:IntMinValue"),
        int_max=_optional_whole(tags, "apdi:IntMaxValue"),
        float_min=_range_end(tags, "apdi:FloatMinValue", half=half),
        float_max=_range_end(tags, "apdi:FloatMaxValue", half=half),
        accuracy=Accuracy(_choice(tags, "depthData:Accuracy", ("relative", "absolute"), "relative")),
        quality=Quality(_choice(tags, "depthData:Quality", ("high", "low"), "high")),
        filtered=_choice(tags, "depthData:Filtered", ("true", "false"), "false") == "true",
        version=_optional_whole(tags, "depthData:DepthDataVersion"),
        simulated_aperture=_aperture(tags),
        image_type=image_type,
        image_subtype=_text(tags, "apdi:AuxiliaryImageSubType"),
    )


def depth_tags(
    depth_map: DepthMap,
    *,
    stored_format: int,
    code_range: tuple[int, int] | None,
    value_range: tuple[float, float] | None,
    simulated_aperture: float | None = None,
) -> Tags:
    """All tags of a depth image, its calibration's among them.

    Without a calibration this is the set that iOS itself writes for an edited map.

    Args:
        depth_map: gives kind, accuracy, quality, filtered and calibration.
        stored_format: code of `PIXEL_FORMATS` of the samples in the file.
        code_range: lowest and highest code, (0, 255) in 8 bits; None where samples are the values themselves.
        value_range: the values at those codes, 1/metre or metres.
        simulated_aperture: the f-number of the photo's aperture slider, or None.
    """
    native = _native_format(depth_map, stored_format, value_range)
    tags: Tags = {
        "apdi:AuxiliaryImageType": depth_map.kind.value,
        "apdi:NativeFormat": str(native),
        "apdi:StoredFormat": str(stored_format),
        "depthData:Accuracy": depth_map.accuracy.value,
        "depthData:Quality": depth_map.quality.value,
        "depthData:Filtered": str(depth_map.filtered),
    }
    if code_range is not None:
        tags["apdi:IntMinValue"], tags["apdi:IntMaxValue"] = (str(code) for code in code_range)
    if value_range is not None:
        low, high = (print_range_end(end, half=_is_half(native)) for end in value_range)
        tags["apdi:FloatMinValue"], tags["apdi:FloatMaxValue"] = low, high
    if simulated_aperture is not None:
        tags["depthBlurEffect:SimulatedAperture"] = f"{simulated_aperture:f}"
    if depth_map.calibration is not None:
        tags["depthData:DepthDataVersion"] = str(DEPTH_DATA_VERSION)
        tags.update(calibration_tags(depth_map.calibration))
    return _ordered(tags)


def matte_tags(kind: MatteKind) -> Tags:
    """All tags of a matte's image. (Apple calls the type of every matte "depth".)"""
    tags: Tags = {
        "apdi:AuxiliaryImageType": "depth",
        "apdi:NativeFormat": str(PIXEL_FORMATS["L008"]),
        "apdi:StoredFormat": str(PIXEL_FORMATS["L008"]),
        "apdi:AuxiliaryImageSubType": _MATTE_SUBTYPES[kind],
    }
    if kind is MatteKind.PORTRAIT:
        tags = {"portraitEffectsMatte:PortraitEffectsMatteVersion": "65536", **tags}
    return tags


def _native_format(depth_map: DepthMap, stored: int, value_range: tuple[float, float] | None) -> int:
    """The float format the map had: the stored one if a float, else half where the range is of halves."""
    if _FORMAT_NAMES.get(stored, "")[1:] in _KINDS:
        return stored
    ends = value_range if value_range is not None else ()
    half = all(as_half(end) == end for end in ends)
    suffix = "dis" if depth_map.kind is DepthKind.DISPARITY else "dep"
    return PIXEL_FORMATS[("h" if half else "f") + suffix]


def _is_half(native: int) -> bool:
    return _FORMAT_NAMES.get(native, "").startswith("h")


def _kind(native: int | None, image_type: str | None) -> DepthKind | None:
    if native is not None:
        return _KINDS.get(_FORMAT_NAMES.get(native, "")[1:])
    return DepthKind(image_type) if image_type in ("depth", "disparity") else None


def _range_end(tags: Mapping[str, TagValue], tag: str, *, half: bool) -> float | None:
    if tag not in tags:
        return None
    value = read_number(tag, tags[tag])
    return nearest_half(str(tags[tag]).strip()) if half else value


def _aperture(tags: Mapping[str, TagValue]) -> float | None:
    tag = "depthBlurEffect:SimulatedAperture"
    if tag not in tags:
        return None
    try:
        value = read_number(tag, tags[tag])
    except ValueError:
        return None  # an edit that means nothing says nothing of the samples
    return value if value > 0.0 else None


def _optional_whole(tags: Mapping[str, TagValue], tag: str) -> int | None:
    return read_whole(tag, tags[tag]) if tag in tags else None


def _text(tags: Mapping[str, TagValue], tag: str) -> str | None:
    value = tags.get(tag)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{tag} must be one text, not {shortened(value)}")
    return value


def _choice(tags: Mapping[str, TagValue], tag: str, choices: tuple[str, ...], default: str) -> str:
    value = _text(tags, tag)
    if value is None:
        return default
    if (chosen := value.strip().lower()) not in choices:
        raise ValueError(f"{tag} must be {' or '.join(choices)}, not {shortened(value)}")
    return chosen


def _ordered(tags: Tags) -> Tags:
    return {tag: tags[tag] for tag in sorted(tags, key=_ORDER.index)}
