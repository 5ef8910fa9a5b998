"""Structured light: the dots in an infrared picture tell how far things are, as in TrueDepth and Kinect.

picture, reference ── local contrast ──▶ blocks find shifts ──▶ each pixel takes the shift that correlates
best in its window, to a fraction of a pixel ──▶ 1/z = 1/z_ref + shift/(f·b)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.pairs import check_aspect
from nearfar.estimate.pattern_arrays import as_infrared, sealed
from nearfar.estimate.pattern_memory import Memory
from nearfar.estimate.pattern_reference import PatternReference, check_reference

__all__ = ["decode_pattern"]

_FARTHEST = 1 << 14
"""The largest shift, and the largest offset of a reference, that the kernels take, px."""
_KNOWN: Memory[PatternReference, _native.KnownPattern] = Memory(room=1)


def decode_pattern(
    ir: ArrayLike,
    reference: PatternReference,
    calibration: Calibration,
    *,
    depth_range: tuple[float, float] = (0.3, math.inf),
    min_confidence: float = 0.3,
) -> DepthMap:
    """Depth from a picture of a projected dot pattern.

    Picture and reference are normalised in windows of 11 × 11 pixels, so that neither brightness nor gain
    matter. Blocks of 8 × 9 pixels find whole shifts; each pixel then takes the one, of those found around it,
    whose 13 × 13 window correlates best, and a parabola through steps of half a pixel gives the fraction. In
    weak light a window of 25 × 25 pixels decides the fraction where it agrees, and tells chance from a match.

    Args:
        ir: (H, W) uint8 or uint16, the infrared picture, straightened (without lens distortion).
        reference: the same camera's view of the pattern, H rows high, at least as wide as the picture.
        calibration: of the infrared camera, for the same field of view; its lens must not bend.
        depth_range: nearest and farthest depth looked for, metres. A shorter range takes less time. What lies
            outside by up to half a pixel of shift is taken for its end, what lies farther out is a hole.
        min_confidence: correlation below which a pixel is a hole, 0..1. Chance seldom reaches 0.3; at 0.5
            next to nothing is wrong but the rims of things.

    Returns:
        Depth in metres, float32, absolute and unfiltered, with the calibration. Holes are where there is no
        light (shadows, black or shiny things), no match, or the reference does not reach. Confidence is the
        correlation at the peak, 0 in holes.

    Raises:
        EstimationError: sizes that do not belong together, another dtype, a range or a confidence that makes
            no sense, shifts of more than 16384 pixels, a calibration with a lens that bends or of another
            aspect ratio.

    Source: PrimeSense, WO2007/043036 and US2010/0290698; sub-pixel by correlation as in 3.2 of Scharstein and
    Szeliski, "A taxonomy and evaluation of dense two-frame stereo correspondence algorithms", 2002.
    """
    picture = as_infrared("ir", ir)
    height, width = picture.shape
    camera = _checked_camera(calibration, (width, height))
    check_reference(reference, (width, height))
    if not 0.0 <= min_confidence <= 1.0:
        raise EstimationError(f"min_confidence must lie in 0..1, not {min_confidence}")
    low, high = _shifts(reference, camera, depth_range)
    least, most = _searched(low, high, reference, width)
    if least > most:
        shift = np.full(picture.shape, np.nan, np.float32)
        peak = np.zeros(picture.shape, np.float32)
    else:
        known = _known(reference, width, least, most)
        seen = _native.pattern_normalise(_in_16_bits(picture))
        shift, peak = _native.pattern_refine(seen, known, _native.pattern_search(seen, known))
    depth, confidence = _native.pattern_measure(
        shift, peak, low, high, min_confidence, camera.fx * reference.baseline, 1.0 / reference.depth
    )
    return DepthMap(
        sealed(depth),
        DepthKind.DEPTH,
        Accuracy.ABSOLUTE,
        calibration=calibration,
        confidence=sealed(confidence),
    )


def _known(reference: PatternReference, width: int, least: int, most: int) -> _native.KnownPattern:
    """The reference prepared for pictures of a width and a range of shifts; the next picture shares it."""

    def make() -> _native.KnownPattern:
        levels = _native.pattern_normalise(_in_16_bits(reference.image))
        return _native.KnownPattern(levels, width, reference.offset, least, most)

    return _KNOWN.get(reference, (width, least, most), make)


def _checked_camera(calibration: Calibration, size: tuple[int, int]) -> Calibration:
    if not isinstance(calibration, Calibration):
        raise EstimationError(f"calibration must be a Calibration, not {type(calibration).__name__}")
    if calibration.bends:
        raise EstimationError(
            "the calibration has a lens that bends: straighten picture and reference with "
            "nearfar.depth.rectify and pass calibration.rectified()"
        )
    check_aspect(size, calibration, "ir")
    return calibration.scaled_to(size)


def _shifts(
    reference: PatternReference, camera: Calibration, depth_range: tuple[float, float]
) -> tuple[float, float]:
    """The shifts of the range's ends, px, the smaller one first."""
    try:
        near, far = (float(end) for end in depth_range)
    except (TypeError, ValueError):
        raise EstimationError(f"depth_range must be two depths in metres, not {depth_range!r}") from None
    if not 0.0 < near < far:
        raise EstimationError(f"depth_range must rise from above 0, not {near}..{far} metres")
    beyond = 2.0**24  # what is nearer still has no other shift: floats need not count so far
    low, high = sorted(min(max(reference.shift(depth, camera), -beyond), beyond) for depth in (near, far))
    return low, high


def _searched(low: float, high: float, reference: PatternReference, width: int) -> tuple[int, int]:
    """The whole shifts to look for: those that any pixel of the picture has a reference for."""
    least = max(math.floor(low), reference.offset - reference.image.shape[1] + 1)
    most = min(math.ceil(high), reference.offset + width - 1)
    if least <= most and max(-least, most, reference.offset) > _FARTHEST:
        raise EstimationError(
            f"the reference's offset, {reference.offset}, and shifts, {least}..{most}, must not be beyond "
            f"{_FARTHEST} pixels: pass a shorter depth_range, or a smaller reference"
        )
    return least, most


def _in_16_bits(image: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint16]:
    return np.ascontiguousarray(image, dtype=np.uint16)
