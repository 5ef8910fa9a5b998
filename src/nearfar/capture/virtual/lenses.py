"""The cameras of the phone that the virtual devices are modelled on: sensor, focal length, lens.

Focal lengths are round figures near those that iPhones' photos tell; the wider camera of a pair has exactly
half that of the other, so that its share of their common view has half the resolution, as on a phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nearfar.depth import BrownConrady, Calibration

__all__ = ["FRONT", "TELE", "ULTRA_WIDE", "WIDE", "WIDE_OF_DUAL", "Lens"]


_FEW = 4
"""Rows of a sensor that are not worth another field of view."""


@dataclass(frozen=True, slots=True)
class Lens:
    """One camera of the phone.

    Attributes:
        title: what people call it.
        sensor: (width, height) px.
        focal: px of the sensor.
        pixel: edge of a pixel, metres.
        bend: the lens's first radial coefficient, before the picture is straightened.
        f_number: of the aperture, for the metadata.
        equivalent: focal length of the same view on 35 mm film, millimetres, for the metadata.
    """

    title: str
    sensor: tuple[int, int]
    focal: float
    pixel: float
    bend: float
    f_number: float
    equivalent: int

    def calibration(self, size: tuple[int, int], distortion: float = 0.0) -> Calibration:
        """Of a picture of ``size`` (width, height), cut from the sensor's middle and made smaller.

        It speaks of the sensor's pixels, as phones' do; ``distortion`` scales the lens's bend. The same
        arguments give the same object, so that what was worked out for it can be kept.
        """
        return _calibration(self, size, distortion)


@lru_cache(maxsize=32)
def _calibration(lens: Lens, size: tuple[int, int], distortion: float) -> Calibration:
    width, height = lens.sensor
    # Whole px of the sensor, and as much of it as the picture's shape allows.
    across, down = width, round(width * size[1] / size[0])
    if down > height:
        across, down = round(height * size[0] / size[1]), height
    if width - across <= _FEW and height - down <= _FEW:
        across, down = width, height
    bend = BrownConrady(k1=lens.bend * distortion, k2=-0.2 * lens.bend * distortion)
    middle = np.array(((lens.focal, 0.0, width / 2), (0.0, lens.focal, height / 2), (0.0, 0.0, 1.0)))
    whole = Calibration(middle, lens.sensor, lens.pixel, distortion=bend if distortion else None)
    return whole.cropped((width - across) / 2, (height - down) / 2, across, down)


TELE = Lens("telephoto camera", (4032, 3024), 6600.0, 1.0e-6, -0.02, 2.8, 57)
WIDE_OF_DUAL = Lens("wide camera", (4032, 3024), 3300.0, 1.22e-6, -0.04, 1.8, 28)
WIDE = Lens("wide camera", (4032, 3024), 3032.0, 1.7e-6, -0.04, 1.6, 26)
ULTRA_WIDE = Lens("ultra-wide camera", (4032, 3024), 1516.0, 1.0e-6, -0.03, 2.4, 13)
FRONT = Lens("front camera", (3088, 2320), 2770.0, 1.0e-6, -0.04, 2.2, 30)
