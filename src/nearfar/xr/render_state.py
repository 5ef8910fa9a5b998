"""`RenderState`: between which distances a page draws (XRRenderState)."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["RenderState"]

NEAREST = 1e-4
"""Metres; the least near plane that there is: at 0 a projection is none."""


@dataclass(frozen=True, slots=True)
class RenderState:
    """Near and far planes of the projections, metres (XRRenderState).

    A plane nearer than 0.1 mm is moved there. ``depth_far`` may be infinite, as headsets' depth says it is.
    Raises TypeError on a number that is not finite, ValueError where both planes are one.
    """

    depth_near: float = 0.1
    depth_far: float = 1000.0

    def __post_init__(self) -> None:
        for name in ("depth_near", "depth_far"):
            given = getattr(self, name)
            try:
                value = float(given)
            except ValueError:
                value = math.nan
            if not math.isfinite(value) and not (name == "depth_far" and value == math.inf):
                raise TypeError(f"{name} must be a finite number of metres, not {given!r}")
            object.__setattr__(self, name, max(value, NEAREST))
        if self.depth_near == self.depth_far:
            raise ValueError(f"depth_near and depth_far must differ; both are {self.depth_near} m")
