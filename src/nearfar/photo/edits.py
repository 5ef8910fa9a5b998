"""What was changed after the shot, kept beside the picture and never baked into it.

    photo.edits ──▶ Edits(f_number=2.8, focus=(0.45, 0.6))
                     │            └─ nearfar's own XMP: Apple keeps its focus in a private record
                     └─ depthBlurEffect:SimulatedAperture, Apple's public tag

Both lie in the XMP packet of the depth image.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["UNCHANGED", "Edits", "Unchanged"]

APERTURE_TAG = "depthBlurEffect:SimulatedAperture"
FOCUS_TAG = "nearfar:Focus"
LIGHTING_TAG = "portraitLightingEffect:EffectStrength"


class Unchanged(Enum):
    """The type of `UNCHANGED`: leave this edit as it is (None takes it out)."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Edits:
    """The stored edits of a photo; what is not stored is None.

    Attributes:
        f_number: simulated aperture, 35 mm terms, 0.1..100.
        focus: what is in focus, (x, y) in 0..1 from the top left of the upright picture. None for photos
            from a phone: Apple keeps it in a private record, which nearfar preserves but does not read.
        lighting: strength of the portrait lighting, 0..1; read and preserved, never changed by nearfar.
    """

    f_number: float | None = None
    focus: tuple[float, float] | None = None
    lighting: float | None = None

    def __post_init__(self) -> None:
        for name in ("f_number", "lighting"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, float(getattr(self, name)))
        if self.f_number is not None and not 0.1 <= self.f_number <= 100:
            raise ValueError(f"f_number must be within 0.1..100, not {self.f_number}")
        if self.focus is not None:
            x, y = self.focus
            if not (0 <= x <= 1 and 0 <= y <= 1):
                raise ValueError(f"focus is a position (x, y) in 0..1 of the picture, not {self.focus}")
            object.__setattr__(self, "focus", (float(x), float(y)))

    def __bool__(self) -> bool:
        return self != Edits()

    def changed(
        self,
        f_number: float | Unchanged | None = UNCHANGED,
        focus: tuple[float, float] | Unchanged | None = UNCHANGED,
    ) -> Edits:
        """Give these edits with some of them replaced."""
        return Edits(
            self.f_number if isinstance(f_number, Unchanged) else f_number,
            self.focus if isinstance(focus, Unchanged) else focus,
            self.lighting,
        )

    def to_tags(self) -> dict[str, str | None]:
        """Give the XMP tags that nearfar writes; None means that the tag must go."""
        return {
            APERTURE_TAG: None if self.f_number is None else f"{self.f_number:.6f}",
            LIGHTING_TAG: None if self.lighting is None else f"{self.lighting:.6f}",
            FOCUS_TAG: None if self.focus is None else f"{self.focus[0]!r} {self.focus[1]!r}",
        }

    @classmethod
    def from_tags(cls, tags: Mapping[str, Any]) -> Edits:
        """Read the edits in a depth image's tags; a value out of range counts as absent."""
        f_number = _number(tags.get(APERTURE_TAG))
        focus = None
        parts = str(tags.get(FOCUS_TAG, "")).split()
        if len(parts) == 2:
            x, y = _number(parts[0]), _number(parts[1])
            if x is not None and y is not None and 0 <= x <= 1 and 0 <= y <= 1:
                focus = (x, y)
        return cls(
            f_number if f_number is not None and 0.1 <= f_number <= 100 else None,
            focus,
            _number(tags.get(LIGHTING_TAG)),
        )


def _number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
