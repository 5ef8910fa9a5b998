"""From an aperture that photographers know to a blur in pixels.

    f-number, 35 mm terms ──▶ radius of the aperture R = f_equivalent / 2N, metres ─┐
    calibration, EXIF ──────▶ focal length F, px of the picture ────────────────────┴─▶ strength = F · R

The thin lens blurs what lies at disparity d into a disc of radius ``F · R · |d − d_focus|``: a strength in
pixels for each 1/metre. In 35 mm terms means: as a lens of that f-number on a frame of 36 × 24 mm would, that
shows as much (by the diagonal, as EXIF counts).
Source: any text on optics; `lens_blur` takes the strength.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nearfar.depth import DepthMap
    from nearfar.photo import Photo

__all__ = ["DEFAULT_F_NUMBER", "F_NUMBERS", "aperture_of", "blur_strength"]

F_NUMBERS = (1.4, 22.0)
"""The apertures that can be asked for."""
DEFAULT_F_NUMBER = 2.8
"""The aperture of a photo that stores none."""

_DIAGONAL = math.hypot(0.036, 0.024)
"""Metres, of a 35 mm frame."""
_USUAL = 0.050
"""Metres, 35 mm terms: the lens of a photo that says nothing of its own."""
_SPAN = 2.0
"""1/metre between the nearest and the farthest of a map without a unit: half a metre, and infinity."""


def aperture_of(photo: Photo, f_number: float | None = None) -> float:
    """Give the f-number to render with: the one asked for, else the photo's stored one, else f/2.8.

    A stored one beyond f/1.4 and f/22 is brought to the nearer of them.

    Raises:
        TypeError: `f_number` is no number.
        ValueError: it lies outside 1.4..22.
    """
    low, high = F_NUMBERS
    if f_number is None:
        stored = photo.edits.f_number
        return DEFAULT_F_NUMBER if stored is None else min(max(stored, low), high)
    if isinstance(f_number, bool) or not isinstance(f_number, (int, float, np.integer, np.floating)):
        raise TypeError(f"f_number is a number, 1.4 to 22, not {f_number!r}")
    if not low <= f_number <= high:
        raise ValueError(f"f_number must be within 1.4..22 (35 mm terms), not {f_number:g}")
    return float(f_number)


def blur_strength(photo: Photo, f_number: float, *, size: tuple[int, int] | None = None) -> float:
    """Give the `strength` for `lens_blur` that renders an aperture.

    The focal length is that of the depth map's calibration, else EXIF's for 35 mm, else 50 mm is assumed. The
    values of a relative map are taken for 1/metres as they are. Those of a map without a unit are scaled:
    its nearest value stands for half a metre, its farthest for infinity.

    Args:
        photo: a photo with depth.
        f_number: in 35 mm terms.
        size: (width, height) of the picture that is blurred; by default the photo's.

    Raises:
        NoDepth: the photo has no depth.

    Returns:
        Pixels of blur radius for each 1/metre, or for each unit of a map that is not metric.
    """
    size = size or photo.size
    depth = photo.require_depth()
    equivalent = _equivalent_focal_length(photo, depth)
    pixels = equivalent * math.hypot(*size) / _DIAGONAL
    return pixels * equivalent / (2 * f_number) * _unit(depth)


def _equivalent_focal_length(photo: Photo, depth: DepthMap) -> float:
    """Metres, for a frame of 36 × 24 mm."""
    calibration = depth.calibration
    if calibration is not None and calibration.fx > 0:
        return calibration.fx / math.hypot(*calibration.reference_size) * _DIAGONAL
    return photo.metadata.focal_length_35mm or _USUAL


def _unit(depth: DepthMap) -> float:
    """1/metres in one unit of the map's disparity."""
    if depth.metric:
        return 1.0
    values = depth.to("disparity", dtype=np.float32).values
    finite = values[np.isfinite(values)]
    span = float(np.ptp(finite)) if finite.size else 0.0
    return _SPAN / span if span > 0 else 1.0
