"""HDR gain maps: how much brighter than its standard picture each part of a photo is on a bright display.

    standard picture (linear) ──┐
    gain map, half its size ────┼─▶ apply_gain_map ─▶ linear picture that goes above 1
    AppleGainMap | GainMapMetadata ┘

Sources: Apple, "Applying Apple HDR effect to your photos" (developer.apple.com/documentation/appkit); ISO
21496-1:2025, 6.3 and annex C.2.2; Ultra HDR Image Format v1.1 (developer.android.com).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.errors import CorruptFile, UnsupportedFile
from nearfar.photo.strips import in_strips

__all__ = [
    "AppleGainMap",
    "GainMap",
    "GainMapMetadata",
    "apple_headroom",
    "apply_gain_map",
    "boost_planes",
    "linear_factors",
    "parse_tone_map",
    "prepared_gains",
    "read_hdrgm",
]

Float32 = NDArray[np.float32]
Triple: TypeAlias = tuple[float, float, float]
_MAX_STOPS = 32.0


@dataclass(frozen=True, slots=True)
class AppleGainMap:
    """Apple's gain map: ``hdr = sdr · (1 + (headroom − 1) · gain)``, the gain decoded with Rec. 709's curve.

    Attributes:
        headroom: the brightest white over standard white, at least 1.
    """

    headroom: float

    def __post_init__(self) -> None:
        if not 1.0 <= self.headroom <= 2.0**_MAX_STOPS:
            raise ValueError(f"the headroom is {self.headroom}, not 1 or more")


@dataclass(frozen=True, slots=True)
class GainMapMetadata:
    """A gain map of ISO 21496-1 or Ultra HDR.

        stops = minimum + (maximum − minimum) · gain^(1/gamma)
        hdr = (sdr + offset_sdr) · 2^stops − offset_hdr

    Attributes:
        minimum, maximum: stops (log2) at gain 0 and 1, for red, green and blue.
        gamma: exponent by which the gain is encoded, for each channel.
        offset_sdr, offset_hdr: added to either picture, for each channel.
        headroom_base, headroom_alternate: stops above standard white of the stored and of the other picture.
    """

    minimum: Triple
    maximum: Triple
    gamma: Triple = (1.0, 1.0, 1.0)
    offset_sdr: Triple = (1 / 64, 1 / 64, 1 / 64)
    offset_hdr: Triple = (1 / 64, 1 / 64, 1 / 64)
    headroom_base: float = 0.0
    headroom_alternate: float = 1.0

    def __post_init__(self) -> None:
        for name in ("minimum", "maximum", "gamma", "offset_sdr", "offset_hdr"):
            values = getattr(self, name)
            if len(values) != 3 or not all(abs(value) <= _MAX_STOPS for value in values):
                raise ValueError(f"the gain map's {name} is {values}")
        if not (0 <= self.headroom_base <= _MAX_STOPS and 0 <= self.headroom_alternate <= _MAX_STOPS):
            raise ValueError("the gain map's headroom is out of range")
        if any(low > high for low, high in zip(self.minimum, self.maximum, strict=True)):
            raise ValueError(f"the gain map runs from {self.minimum} down to {self.maximum} stops")
        if min(self.gamma) <= 0:
            raise ValueError(f"the gain map's gamma is {self.gamma}, not above 0")

    @property
    def base_is_hdr(self) -> bool:
        """Whether the stored picture is itself the bright one, so that there is nothing to apply."""
        return self.headroom_base > self.headroom_alternate


GainMap: TypeAlias = AppleGainMap | GainMapMetadata


def apple_headroom(hdr_headroom: float | None, hdr_gain: float | None) -> float | None:
    """Give the headroom that tags 0x0021 and 0x0030 of Apple's maker note stand for; None without both.

    Where one is missing (phones before about 2022 write no 0x0030) it counts as 0.
    """
    if hdr_headroom is None and hdr_gain is None:
        return None
    limit, gain = hdr_headroom or 0.0, hdr_gain or 0.0
    if limit < 1.0:
        stops = -20.0 * gain + 1.8 if gain <= 0.01 else -0.101 * gain + 1.601
    else:
        stops = -70.0 * gain + 3.0 if gain <= 0.01 else -0.303 * gain + 2.303
    return float(2.0 ** min(max(stops, 0.0), _MAX_STOPS))


def read_hdrgm(tags: Mapping[str, Any], *, file: str | None = None) -> GainMapMetadata | None:
    """Read Ultra HDR's XMP tags, as `xmp.Packet.tags` gives them; None where the metadata is not there.

    Raises:
        CorruptFile: a tag is no number, or out of range.
    """
    if "hdrgm:GainMapMax" not in tags:
        return None

    def numbers(name: str, default: float) -> Triple:
        texts = tags.get(f"hdrgm:{name}", str(default))
        try:
            values = [float(text) for text in ((texts,) if isinstance(texts, str) else texts)]
        except ValueError as error:
            raise CorruptFile(f"XMP tag hdrgm:{name} is {texts!r}, no number", file=file) from error
        if len(values) not in (1, 3):
            raise CorruptFile(f"XMP tag hdrgm:{name} has {len(values)} values, not 1 or 3", file=file)
        return values[0], values[-1 if len(values) == 1 else 1], values[-1]

    low, high = numbers("HDRCapacityMin", 0.0)[0], numbers("HDRCapacityMax", 1.0)[0]
    swapped = str(tags.get("hdrgm:BaseRenditionIsHDR", "False")).lower() == "true"
    minimum, maximum, gamma = numbers("GainMapMin", 0.0), numbers("GainMapMax", 1.0), numbers("Gamma", 1.0)
    sdr, hdr = numbers("OffsetSDR", 1 / 64), numbers("OffsetHDR", 1 / 64)
    try:
        ends = (high, low) if swapped else (low, high)
        return GainMapMetadata(minimum, maximum, gamma, sdr, hdr, *ends)
    except ValueError as error:
        raise CorruptFile(str(error), file=file) from error


def parse_tone_map(payload: bytes, *, file: str | None = None, offset: int = 0) -> GainMapMetadata:
    """Read the payload of a ``tmap`` item (ISO 21496-1 metadata behind a version byte).

    Args:
        payload: the item's bytes.
        file: the file that it came from, for messages.
        offset: where it begins in that file, for messages.

    Raises:
        CorruptFile: too short, a fraction over 0, or numbers out of range.
        UnsupportedFile: a later version of the format.
    """
    if len(payload) < 6:
        raise CorruptFile("the tone map's metadata ends too early", file=file, offset=offset)
    version, minimum_version, _, flags = struct.unpack_from(">BHHB", payload)
    if version or minimum_version:
        raise UnsupportedFile("the tone map's metadata is of a later version", file=file, offset=offset)
    channels = 3 if flags & 0x80 else 1
    need = 6 + 16 + 40 * channels
    if len(payload) < need:
        raise CorruptFile(
            f"the tone map's metadata has {len(payload)} of {need} bytes", file=file, offset=offset
        )
    try:
        base, alternate = _fractions(payload, 6, "II")
        rows = [_fractions(payload, 22 + 40 * channel, "iiIii") for channel in range(channels)]
        rows = rows * (3 // channels)
        low, high, gamma, sdr, hdr = ((rows[0][i], rows[1][i], rows[2][i]) for i in range(5))
        return GainMapMetadata(low, high, gamma, sdr, hdr, base, alternate)
    except (ValueError, ZeroDivisionError) as error:
        raise CorruptFile(f"the tone map's metadata is wrong: {error}", file=file, offset=offset) from error


def _fractions(payload: bytes, at: int, kinds: str) -> list[float]:
    """Read numerators of the given kinds, each with its unsigned denominator."""
    parts = struct.unpack_from(">" + "".join(kind + "I" for kind in kinds), payload, at)
    return [above / below for above, below in zip(parts[::2], parts[1::2], strict=True)]


def apply_gain_map(linear_picture: ArrayLike, gain_codes: NDArray[Any], metadata: GainMap) -> Float32:
    """Brighten a picture by its gain map.

    Args:
        linear_picture: (H, W, 3) linear light, 1 is standard white, in the primaries of the stored picture.
        gain_codes: (h, w) or (h, w, 3) uint8 or uint16 codes of the map, upright as the picture; of any size,
            for it is stretched over the picture with bilinear weights.
        metadata: what the codes mean.

    Returns:
        (H, W, 3) float32 linear light, above 1 where the map says so. A map of zero gain changes nothing.

    Raises:
        ValueError: a shape or type is wrong.
    """
    linear = np.array(linear_picture, dtype=np.float32)
    if linear.ndim != 3 or linear.shape[2] != 3:
        raise ValueError(f"the picture is {linear.shape}, not (H, W, 3)")
    gains = prepared_gains(gain_codes, metadata)
    if gains is None:
        return linear
    height, width = linear.shape[:2]

    def work(first: int, end: int) -> None:
        rows = linear[first:end]
        planes = np.ascontiguousarray(rows.reshape(-1, 3).T)
        boost_planes(planes, gains, metadata, (width, height), first, end)
        rows.reshape(-1, 3)[:] = planes.T

    in_strips(height, width, work)
    return linear


def prepared_gains(gain_codes: NDArray[Any], metadata: GainMap) -> Float32 | None:
    """Turn codes into (channels, h, w) gains fit to interpolate; None where nothing is to be applied."""
    codes = np.asarray(gain_codes)
    if codes.ndim not in (2, 3) or codes.shape[2:] not in ((), (1,), (3,)) or codes.size == 0:
        raise ValueError(f"the gain map is {codes.shape}, not (h, w) or (h, w, 3)")
    if codes.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
        raise ValueError(f"the gain map is {codes.dtype}, not uint8 or uint16")
    if isinstance(metadata, GainMapMetadata) and metadata.base_is_hdr:
        return None
    steps = np.iinfo(codes.dtype).max
    levels = np.arange(steps + 1) / steps
    if isinstance(metadata, AppleGainMap):
        light = np.where(levels < 0.081, levels / 4.5, ((levels + 0.099) / 1.099) ** (1 / 0.45))
        levels = 1 + (metadata.headroom - 1) * light
    gains = levels.astype(np.float32)[codes]
    return np.ascontiguousarray(np.moveaxis(gains, 2, 0) if gains.ndim == 3 else gains[None])


def linear_factors(gain_codes: NDArray[Any], metadata: GainMap) -> Float32 | None:
    """Give by how much each pixel of a gain map multiplies the light, its offsets left out.

    Returns:
        (h, w), or (h, w, 3) where the channels differ; None where nothing is to be applied.

    Raises:
        ValueError: a shape or type is wrong.
    """
    gains = prepared_gains(gain_codes, metadata)
    if gains is None:
        return None
    if isinstance(metadata, AppleGainMap):
        return gains[0] if len(gains) == 1 else np.ascontiguousarray(np.moveaxis(gains, 0, 2))
    ranges = list(zip(metadata.minimum, metadata.maximum, metadata.gamma, strict=True))
    if len(gains) == 1 and len(set(ranges)) == 1:
        return _factors(gains[0], ranges[0])
    planes = [_factors(gains[at % len(gains)], ranges[at]) for at in range(3)]
    return np.stack(planes, axis=2)


def _factors(gain: Float32, values: Triple) -> Float32:
    low, high, gamma = (np.float32(value) for value in values)
    shaped = gain if gamma == 1 else gain ** (1 / gamma)
    return np.asarray(np.exp2(low + (high - low) * shaped))


def boost_planes(
    planes: Float32, gains: Float32, metadata: GainMap, size: tuple[int, int], first: int, end: int
) -> None:
    """Brighten rows first..end of a picture of ``size`` (width, height), in place.

    Args:
        planes: (3, rows · width) linear light.
        gains: as of `prepared_gains`.
        metadata: what they mean.
        size: (width, height) of the whole picture.
        first: first of the rows.
        end: row after the last.
    """
    for channel, gain in enumerate(_stretched(gains, size, first, end)):
        targets = range(3) if len(gains) == 1 else (channel,)
        if isinstance(metadata, AppleGainMap):
            for target in targets:
                planes[target] *= gain
            continue
        uniform = None
        for target in targets:
            key = metadata.minimum[target], metadata.maximum[target], metadata.gamma[target]
            if uniform is None or uniform[0] != key:
                uniform = key, _factors(gain, key)
            planes[target] += np.float32(metadata.offset_sdr[target])
            planes[target] *= uniform[1]
            planes[target] -= np.float32(metadata.offset_hdr[target])


def _stretched(gains: Float32, size: tuple[int, int], first: int, end: int) -> Iterator[Float32]:
    """Give each channel's gains at the pixels of rows first..end: bilinear, centre over centre."""
    width, height = size
    top, bottom, down = _neighbours(gains.shape[1], height, first, end)
    left, right, across = _neighbours(gains.shape[2], width, 0, width)
    for channel in gains:
        rows = channel[top]
        rows = rows + (channel[bottom] - rows) * down[:, None]
        near = rows[:, left]
        yield (near + (rows[:, right] - near) * across).ravel()


def _neighbours(
    count: int, total: int, first: int, end: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Float32]:
    place = np.clip((np.arange(first, end) + 0.5) * (count / total) - 0.5, 0, count - 1)
    low = np.floor(place).astype(np.intp)
    return low, np.minimum(low + 1, count - 1), (place - low).astype(np.float32)
