"""`Aperture`: the shape of a lens's opening, which is the shape of lights out of focus."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Aperture"]


@dataclass(frozen=True, slots=True)
class Aperture:
    """The shape of a lens's opening; without arguments a disc. How wide it is, the f-number says.

    A polygon's corners lie on the disc of the circle of confusion, so that it is never wider than the disc.
    Blur behind the focus shows the opening upright, blur in front of it on its head. A smaller shape is
    brighter: a picture gets no darker.

    Attributes:
        blades: 3..32 blades make a polygon; None is a disc.
        rotation: by which the polygon is turned, radians, clockwise as seen in the picture; at 0 a corner is
            on top.
        curvature: 0 for straight blades, up to 1 for blades so round that they make a disc.
        cats_eye: how much the lens's barrel cuts off towards the corners, 0..1: lights become lenticular. In
            a corner, a second disc of the same size is shifted by this many radii towards the centre, halfway
            out by half as much, and what lies in both is left.
    """

    blades: int | None = None
    rotation: float = 0.0
    curvature: float = 0.0
    cats_eye: float = 0.0

    def __post_init__(self) -> None:
        if self.blades is not None:
            if int(self.blades) != self.blades or not 3 <= self.blades <= 32:
                raise ValueError(f"blades must be 3..32, or None for a disc, not {self.blades}")
            object.__setattr__(self, "blades", int(self.blades))
        for name in ("rotation", "curvature", "cats_eye"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if not math.isfinite(self.rotation):
            raise ValueError(f"rotation must be a number of radians, not {self.rotation}")
        for name in ("curvature", "cats_eye"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be within 0..1, not {getattr(self, name)}")
