"""The two ends of a structured-light camera: the projector with its pattern, and the infrared sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import EstimationError
from nearfar.estimate.pattern_arrays import as_whole, kept, sealed

__all__ = ["InfraredSensor", "PatternProjector"]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PatternProjector:
    """A projector of dots beside an infrared camera, both looking the same way, its rows those of the camera.

    Args:
        pattern: (rows, columns) in 0..1, or uint8: how bright each direction is, `texels` samples to a pixel
            of the camera along both axes. Its top-left corner is the picture's for what is infinitely far;
            beyond its edges it repeats.
        baseline: from the camera to the projector along the camera's x axis, metres: positive when the
            projector stands at the camera's right, negative at its left.
        texels: texture samples to a camera pixel, 1..1000. `dot_pattern` and Kinect's pattern have 2.

    Raises:
        EstimationError: a number is out of its range, or the pattern is no picture.
    """

    pattern: NDArray[np.float32]
    baseline: float = 0.075
    texels: int = 2

    def __post_init__(self) -> None:
        pattern = np.asarray(self.pattern)
        if pattern.ndim != 2 or 0 in pattern.shape:
            raise EstimationError(f"pattern must have shape (rows, columns); got {pattern.shape}")
        if pattern.dtype == np.uint8:
            pattern = sealed(pattern.astype(np.float32) / np.float32(255))
        if pattern.dtype.kind != "f":
            raise EstimationError(f"pattern must be floats in 0..1 or uint8; got {pattern.dtype}")
        if not (pattern.min() >= 0 and pattern.max() <= 1):
            raise EstimationError("pattern must lie in 0..1 everywhere, without NaN")
        baseline, texels = float(self.baseline), as_whole("texels", self.texels)
        if not (math.isfinite(baseline) and baseline != 0.0):
            raise EstimationError(f"baseline must be metres other than 0, not {baseline}")
        if not 1 <= texels <= 1000:
            raise EstimationError(f"texels must be 1..1000 to a pixel, not {texels}")
        pattern = kept(pattern) if pattern.dtype == np.float32 else sealed(pattern.astype(np.float32))
        for name, value in (("pattern", pattern), ("baseline", baseline), ("texels", texels)):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[type[PatternProjector], tuple[Any, ...]]:
        return type(self), (self.pattern, self.baseline, self.texels)

    def __repr__(self) -> str:
        rows, columns = self.pattern.shape
        return f"PatternProjector({columns}×{rows}, baseline={self.baseline:g} m, texels={self.texels})"


@dataclass(frozen=True, slots=True)
class InfraredSensor:
    """How light becomes numbers: all fractions are of full scale.

    Args:
        exposure: the brightest dot on a white surface at 1 m; it falls with the square of the distance.
        ambient: the light of the room on a white surface.
        blur: standard deviation of the lens's blur, pixels.
        read_noise: standard deviation of the noise that does not depend on light.
        full_well: electrons at full scale; shot noise is the square root of those that are there.
        bits: 8 or 16, of the picture.

    Raises:
        EstimationError: a number is negative or not finite, or `bits` is another number.
    """

    exposure: float = 0.8
    ambient: float = 0.15
    blur: float = 0.6
    read_noise: float = 0.02
    full_well: float = 2500.0
    bits: int = 8

    def __post_init__(self) -> None:
        for name in ("exposure", "ambient", "blur", "read_noise", "full_well"):
            value = float(getattr(self, name))
            if not (math.isfinite(value) and value >= 0.0):
                raise EstimationError(f"{name} must be 0 or more, not {value}")
            object.__setattr__(self, name, value)
        if self.full_well < 1.0:
            raise EstimationError(f"full_well must be at least one electron, not {self.full_well}")
        if self.blur > 16.0:
            raise EstimationError(f"blur must be at most 16 pixels, not {self.blur}")
        if self.bits not in (8, 16):
            raise EstimationError(f"bits must be 8 or 16, not {self.bits}")
