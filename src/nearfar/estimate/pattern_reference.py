"""What a structured-light decoder must know beforehand: the pattern as the camera sees it on one plane.

camera column x ──────────────▶ reference column x + offset     (what stands at `depth`)
nearer than `depth` by `shift` pixels: reference column x + offset − shift
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Calibration
from nearfar.errors import EstimationError
from nearfar.estimate.pattern_arrays import as_infrared, as_whole, kept

__all__ = ["PatternReference"]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PatternReference:
    """The picture of a projected pattern on a plane at a known depth.

    Args:
        image: (H, W') uint8 or uint16, the pattern as the infrared camera sees it on the plane, best without
            noise. H is the camera's; W' may be larger than the camera's width, since near things show parts
            of the pattern that lie outside of the picture at the plane.
        depth: of the plane, metres; inf is allowed.
        baseline: from the camera to the projector along the camera's x axis, metres: positive when the
            projector stands at the camera's right, negative at its left.
        offset: the column of `image` that column 0 of the camera sees, 0 or more.

    Raises:
        EstimationError: a number is out of its range, or the image is no grey picture of 8 or 16 bits.
    """

    image: NDArray[np.uint8] | NDArray[np.uint16]
    depth: float = math.inf
    baseline: float = 0.075
    offset: int = 0

    def __post_init__(self) -> None:
        depth, baseline, offset = float(self.depth), float(self.baseline), as_whole("offset", self.offset)
        if not (depth > 0.0 and math.isfinite(1.0 / depth)):
            raise EstimationError(f"the reference's depth must be positive metres or inf, not {depth}")
        if not (math.isfinite(baseline) and baseline != 0.0):
            raise EstimationError(f"baseline must be metres other than 0, not {baseline}")
        image = kept(as_infrared("the reference's image", self.image))
        if not 0 <= offset < image.shape[1]:
            raise EstimationError(
                f"offset must be a column of the image, 0..{image.shape[1] - 1}, not {offset}"
            )
        for name, value in (("image", image), ("depth", depth), ("baseline", baseline), ("offset", offset)):
            object.__setattr__(self, name, value)

    def shift(self, depth: float, calibration: Calibration) -> float:
        """How far what stands at `depth` metres is displaced, px of `calibration`: f·b·(1/z − 1/z_ref).

        Raises EstimationError unless `depth` is above 0; inf is allowed.
        """
        if not depth > 0.0:
            raise EstimationError(f"depth must be positive metres or inf, not {depth}")
        return calibration.fx * self.baseline * (1.0 / depth - 1.0 / self.depth)

    def __reduce__(self) -> tuple[type[PatternReference], tuple[Any, ...]]:
        return type(self), (self.image, self.depth, self.baseline, self.offset)

    def __repr__(self) -> str:
        height, width = self.image.shape
        return (
            f"PatternReference({width}×{height} {self.image.dtype}, depth={self.depth:g} m, "
            f"baseline={self.baseline:g} m, offset={self.offset})"
        )


def check_reference(reference: PatternReference, size: tuple[int, int]) -> None:
    """Refuse a reference that a picture of `size` (width, height) can't be of. Raises EstimationError."""
    if not isinstance(reference, PatternReference):
        raise EstimationError(f"reference must be a PatternReference, not {type(reference).__name__}")
    rows, columns = reference.image.shape
    if rows != size[1] or columns - reference.offset < size[0]:
        raise EstimationError(
            f"the reference ({columns}×{rows}, from column {reference.offset} on) does not cover "
            f"the infrared picture ({size[0]}×{size[1]})"
        )
