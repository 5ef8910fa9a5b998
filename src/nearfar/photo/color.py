"""A picture from its own colour space into the one that is asked for.

    codes ─ curves ─▶ linear ─ (gain map) ─▶ linear ─ 3 × 3 matrix ─▶ linear ─ sRGB's curve ─▶ codes
    profiles with tables go through littlecms first

Out-of-gamut light is clipped in integers and kept in floats (negative, or above 1).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import orient_array
from nearfar.errors import CorruptFile, UnsupportedFile
from nearfar.photo import gain_map as gain_maps
from nearfar.photo.color_space import DISPLAY_P3, SRGB, ColorSpace, from_code_points, srgb_encode
from nearfar.photo.gain_map import AppleGainMap, GainMap
from nearfar.photo.icc import PROFILES, read_profile
from nearfar.photo.strips import in_strips

if TYPE_CHECKING:
    from nearfar.photo.auxiliary import Document
    from nearfar.photo.contents import Contents

__all__ = [
    "DTypeName",
    "SpaceName",
    "check_request",
    "convert",
    "convert_from",
    "gain_factors",
    "photo_color",
    "same_space",
    "source_space",
]

SpaceName = Literal["srgb", "display-p3", "linear-srgb", "linear-display-p3"]
DTypeName = Literal["uint8", "uint16", "float32"]

_TARGETS = {"srgb": SRGB, "display-p3": DISPLAY_P3}
_STEPS = 65535
_log = logging.getLogger("nearfar.photo")


def photo_color(
    contents: Contents, *, space: str = "srgb", dtype: str = "uint8", gain_map: bool = False
) -> NDArray[Any]:
    """Decode an opened photo's picture and convert it; see `Photo.color_as`.

    Raises:
        ValueError: an unknown space or dtype, or a gain map asked for in integers.
        UnsupportedFile: the file does not say how to apply its gain map.
        FileError: the coded picture or the gain map is broken.
    """
    check_request(space, dtype, gain_map)
    gain = _gain(contents) if gain_map else None
    return convert_from(contents.document, contents.native_color(), space=space, dtype=dtype, gain=gain)


def convert_from(document: Document, picture: NDArray[Any], **options: Any) -> NDArray[Any]:
    """Convert a picture that is in a file's colour space, with the options of `convert`."""
    nclx = getattr(document, "nclx", None)  # JPEG files have none
    points = None if nclx is None else (nclx.primaries, nclx.transfer)
    return convert(picture, document.icc, nclx=points, **options)


def convert(
    picture: NDArray[Any],
    icc: bytes | None,
    *,
    nclx: tuple[int, int] | None = None,
    space: str = "srgb",
    dtype: str = "uint8",
    gain: tuple[NDArray[Any], GainMap] | None = None,
) -> NDArray[Any]:
    """Convert a picture to another colour space and sample type.

    Args:
        picture: (H, W, 3) uint8 or uint16.
        icc: its colour profile. A broken one is logged and read as sRGB, as browsers do.
        nclx: (primaries, transfer) of H.273, for a picture without profile; None means sRGB.
        space: "srgb", "display-p3", "linear-srgb" or "linear-display-p3".
        dtype: "uint8", "uint16" or "float32" (1.0 is standard white).
        gain: codes of an HDR gain map, upright as the picture, and what they mean.

    Returns:
        (H, W, 3) of that dtype; the identical object when there is nothing to convert.

    Raises:
        ValueError: a shape, a name or a dtype is wrong, or a gain map is to be held in integers.
    """
    check_request(space, dtype, gain is not None)
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"the picture is {picture.dtype} {picture.shape}, not (H, W, 3) uint8 or uint16")
    linear = space.startswith("linear-")
    target_name = space.removeprefix("linear-")
    source = source_space(icc, nclx)
    if source is None:
        picture, source = _through_littlecms(picture, cast("bytes", icc), target_name)
    target = _TARGETS[target_name]
    gains = None if gain is None else gain_maps.prepared_gains(*gain)
    if not linear and gains is None and same_space(source, target):
        return _resampled(picture, np.dtype(dtype))
    out = np.empty(picture.shape, np.dtype(dtype))
    matrix = source.matrix_to(target)
    boost = None
    if gain is not None and gains is not None:
        boost = _booster(gains, gain[1], (picture.shape[1], picture.shape[0]))
    work = _strip_worker(picture, out, source, matrix, linear=linear, boost=boost)
    in_strips(picture.shape[0], picture.shape[1], work)
    return out


def check_request(space: str, dtype: str, gain_map: bool) -> None:
    """Refuse unknown names, and a gain map in integers, which end at white.

    Raises:
        ValueError: says what may be asked for.
    """
    if space not in get_args(SpaceName):
        raise ValueError(f"space must be one of {', '.join(get_args(SpaceName))}, not {space!r}")
    if dtype not in get_args(DTypeName):
        raise ValueError(f"dtype must be one of {', '.join(get_args(DTypeName))}, not {dtype!r}")
    if gain_map and dtype != "float32":
        raise ValueError(f'a gain map goes above white, where {dtype} ends: ask for dtype="float32"')


def source_space(icc: bytes | None, nclx: tuple[int, int] | None) -> ColorSpace | None:
    """Give the picture's own space; None for a profile that takes littlecms.

    A profile that differs from sRGB or Display P3 by its rounding only is taken for what it means.
    """
    if icc is None:
        return SRGB if nclx is None else from_code_points(*nclx)
    try:
        space = _profile_space(icc)
    except CorruptFile as error:
        _log.warning("the colour profile is ignored: %s", error.reason)
        return SRGB
    if space is None:
        return None
    return next((meant for meant in (SRGB, DISPLAY_P3) if same_space(space, meant)), space)


@lru_cache(maxsize=8)
def _profile_space(icc: bytes) -> ColorSpace | None:
    return read_profile(icc)


@lru_cache(maxsize=16)
def same_space(source: ColorSpace, target: ColorSpace) -> bool:
    """Tell whether conversion moves no colour by half a code of 8 bits."""
    steps = np.linspace(0.0, 1.0, 9)
    colors = np.stack(np.meshgrid(steps, steps, steps, indexing="ij")).reshape(3, -1)
    codes = np.concatenate([colors, np.tile(np.linspace(0.0, 1.0, 256), (3, 1))], axis=1)
    light = np.stack([curve.decode(channel) for curve, channel in zip(source.curves, codes, strict=True)])
    there = srgb_encode(np.clip(source.matrix_to(target) @ light, 0, 1).astype(np.float32))
    return bool(np.abs(there - codes).max() < 0.5 / 255)


def _resampled(picture: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Change only the sample type: 0..255, 0..65535 or 0..1."""
    if picture.dtype == dtype:
        return picture
    top = np.iinfo(picture.dtype).max
    if dtype == np.float32:
        return picture.astype(np.float32) / np.float32(top)
    if dtype == np.uint16:
        return picture.astype(np.uint16) * np.uint16(257)
    return ((picture.astype(np.uint32) * 255 + 32895) >> 16).astype(np.uint8)


def _strip_worker(
    picture: NDArray[Any],
    out: NDArray[Any],
    source: ColorSpace,
    matrix: NDArray[np.float64],
    *,
    linear: bool,
    boost: Callable[[NDArray[np.float32], int, int], None] | None,
) -> Callable[[int, int], None]:
    """Make the function that converts rows first..end of `picture` into `out`."""
    tables = _decoding_tables(source, picture.dtype.itemsize)
    weights = matrix.astype(np.float32)
    weights[np.abs(weights) < 1e-7] = 0
    finish = _finisher(linear, out.dtype)

    def work(first: int, end: int) -> None:
        codes = np.ascontiguousarray(picture[first:end].reshape(-1, 3).T)
        light = np.stack([table[channel] for table, channel in zip(tables, codes, strict=True)])
        if boost is not None:
            boost(light, first, end)
        rows = out[first:end].reshape(-1, 3)
        for channel, (red, green, blue) in enumerate(weights):
            mixed = light[0] * red
            mixed += light[1] * green
            mixed += light[2] * blue
            rows[:, channel] = finish(mixed)

    return work


def _finisher(linear: bool, dtype: np.dtype[Any]) -> Callable[[NDArray[np.float32]], NDArray[Any]]:
    """Give what turns linear light into samples."""
    if dtype == np.float32:
        return (lambda light: light) if linear else srgb_encode
    top = np.float32(np.iinfo(dtype).max)
    if dtype == np.uint8 and not linear:
        table = _encoding_table()

        def look_up(light: NDArray[np.float32]) -> NDArray[Any]:
            light *= np.float32(_STEPS)
            light += np.float32(0.5)
            return np.asarray(table[np.clip(light, 0, _STEPS, out=light).astype(np.uint16)])

        return look_up

    def scale(light: NDArray[np.float32]) -> NDArray[Any]:
        np.clip(light, 0, 1, out=light)
        return np.asarray(np.rint((light if linear else srgb_encode(light)) * top).astype(dtype))

    return scale


@lru_cache(maxsize=4)
def _decoding_tables(source: ColorSpace, size: int) -> tuple[NDArray[np.float32], ...]:
    """Give the linear light of each code, for each channel."""
    codes = np.linspace(0.0, 1.0, 1 << (8 * size))
    decoded: dict[Any, NDArray[np.float32]] = {}
    for curve in source.curves:
        if curve not in decoded:
            decoded[curve] = curve.decode(codes).astype(np.float32)
    return tuple(decoded[curve] for curve in source.curves)


@lru_cache(maxsize=1)
def _encoding_table() -> NDArray[np.uint8]:
    """Give the sRGB code of each of 65,536 steps of linear light."""
    light = (np.arange(_STEPS + 1) / _STEPS).astype(np.float32)
    return np.asarray(np.rint(srgb_encode(light) * np.float32(255)).astype(np.uint8))


def _booster(
    gains: NDArray[np.float32], metadata: GainMap, size: tuple[int, int]
) -> Callable[[NDArray[np.float32], int, int], None]:
    def boost(light: NDArray[np.float32], first: int, end: int) -> None:
        gain_maps.boost_planes(light, gains, metadata, size, first, end)

    return boost


def _through_littlecms(
    picture: NDArray[Any], icc: bytes, target_name: str
) -> tuple[NDArray[Any], ColorSpace]:
    """Convert by a full colour engine (8 bits) to a space that the fast path knows."""
    from PIL import Image, ImageCms

    picture = _resampled(picture, np.dtype(np.uint8))
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(PROFILES[target_name])),
            "RGB",
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        converted = ImageCms.applyTransform(Image.fromarray(picture), transform)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        _log.warning("the colour profile is ignored: %s", error)
        return picture, SRGB
    return np.array(converted), _TARGETS[target_name]


def gain_factors(contents: Contents) -> NDArray[np.float32] | None:
    """Decode an opened photo's gain map; see `Photo.gain`."""
    gain = _gain(contents)
    return None if gain is None else gain_maps.linear_factors(*gain)


def _gain(contents: Contents) -> tuple[NDArray[Any], GainMap] | None:
    """Read the upright gain map of a file and what it means; None where there is none."""
    from nearfar.photo import xmp

    image = contents.gain_map_image
    if image is None:
        return None
    metadata = contents.metadata()
    found: GainMap | None = None
    for packet in (image.xmp, metadata.xmp):
        tags = {} if packet is None else xmp.parse(packet, file=contents.file).tags
        found = found or gain_maps.read_hdrgm(tags, file=contents.file) or _apple(tags)
    if found is None and "apple" in image.urn:
        headroom = gain_maps.apple_headroom(metadata.tags.hdr_headroom, metadata.tags.hdr_gain)
        found = None if headroom is None else AppleGainMap(headroom)
    if found is None:
        raise UnsupportedFile("the file does not say how its gain map is to be applied", file=contents.file)
    return orient_array(image.decode(), image.orientation), found


def _apple(tags: Any) -> AppleGainMap | None:
    try:
        return AppleGainMap(float(tags["HDRGainMap:HDRGainMapHeadroom"]))
    except (KeyError, TypeError, ValueError):
        return None
