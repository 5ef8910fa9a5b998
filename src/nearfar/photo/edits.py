"""What was changed after the shot, kept beside the picture and never baked into it.

    photo.edits ──▶ Edits(f_number=2.8, focus=(0.45, 0.6), …)
                     │            └─ nearfar's own XMP: Apple keeps its focus in a private record
                     └─ depthBlurEffect:SimulatedAperture, Apple's public tag

All lie in the XMP packet of the depth image. The first change keeps the aperture that the camera wrote, so
that all changes can be taken back::

    SimulatedAperture 2.8  ── with_edits(f_number=1.4) ──▶  1.4, nearfar:OriginalAperture 2.8, …
                          ◀── without_edits() ───────────
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeAlias

from nearfar.photo.aperture import Aperture

__all__ = ["APERTURE_TAG", "RENDERER", "UNCHANGED", "Edits", "FocusPlace", "Unchanged"]

APERTURE_TAG = "depthBlurEffect:SimulatedAperture"
LIGHTING_TAG = "portraitLightingEffect:EffectStrength"
FOCUS_TAG = "nearfar:Focus"
DISTANCE_TAG = "nearfar:FocusDistance"
SHAPE_TAG = "nearfar:ApertureShape"
RENDERER_TAG = "nearfar:Renderer"
ORIGINAL_TAG = "nearfar:OriginalAperture"
_NONE = "none"

RENDERER = 1
"""The version of the look that this nearfar renders. It counts up when the same edit would look different."""

_LATEST = 0xFFFF

FocusPlace: TypeAlias = "tuple[float, float] | tuple[float, float, float, float]"
"""A point (x, y) or a rectangle (x, y, width, height), in 0..1 from the top left of the upright picture."""


class Unchanged(Enum):
    """The type of `UNCHANGED`: leave this edit as it is (None takes it out)."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Edits:
    """The stored edits of a photo; what is not stored is None.

    Attributes:
        f_number: simulated aperture, 35 mm terms, 0.1..100.
        focus: what is in focus, a point (x, y) or a rectangle (x, y, width, height), in 0..1 from the top
            left of the upright picture. None for photos from a phone: Apple keeps it in a private record,
            which nearfar preserves but does not read.
        lighting: strength of the portrait lighting, 0..1; read and preserved, never changed by nearfar.
        focus_distance: what is in focus, in metres from the camera's plane, above 0, inf allowed; instead of
            `focus`.
        shape: the shape of the aperture; None is a disc.
        renderer: the version of the look that the edits were made with, 1 or more; they are rendered by it
            later, too. One above `RENDERER` comes from a later nearfar.
    """

    f_number: float | None = None
    focus: FocusPlace | None = None
    lighting: float | None = None
    focus_distance: float | None = None
    shape: Aperture | None = None
    renderer: int = RENDERER

    def __post_init__(self) -> None:
        for name in ("f_number", "lighting", "focus_distance"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, float(getattr(self, name)))
        if self.f_number is not None and not 0.1 <= self.f_number <= 100:
            raise ValueError(f"f_number must be within 0.1..100, not {self.f_number}")
        if self.lighting is not None and not 0 <= self.lighting <= 1:
            raise ValueError(f"lighting must be within 0..1, not {self.lighting}")
        if self.focus is not None:
            object.__setattr__(self, "focus", _place(self.focus))
        if self.focus_distance is not None:
            if not self.focus_distance > 0:
                raise ValueError(f"focus_distance is a number of metres above 0, not {self.focus_distance}")
            if self.focus is not None:
                raise ValueError("give focus or focus_distance, not both")
        if self.shape is not None and not isinstance(self.shape, Aperture):
            raise TypeError(f"shape must be an Aperture or None, not {type(self.shape).__name__}")
        if isinstance(self.renderer, bool) or int(self.renderer) != self.renderer:
            raise TypeError(f"renderer must be a whole number, not {self.renderer!r}")
        if not 1 <= self.renderer <= _LATEST:
            raise ValueError(f"renderer must be within 1..{_LATEST}, not {self.renderer}")
        object.__setattr__(self, "renderer", int(self.renderer))

    def __bool__(self) -> bool:
        return replace(self, renderer=RENDERER) != Edits()

    def changed(
        self,
        f_number: float | Unchanged | None = UNCHANGED,
        focus: FocusPlace | Unchanged | None = UNCHANGED,
        focus_distance: float | Unchanged | None = UNCHANGED,
        shape: Aperture | Unchanged | None = UNCHANGED,
    ) -> Edits:
        """Give these edits with some of them replaced; a new focus of one kind takes out the other."""
        given = {"f_number": f_number, "focus": focus, "focus_distance": focus_distance, "shape": shape}
        changes: dict[str, Any] = {
            name: value for name, value in given.items() if not isinstance(value, Unchanged)
        }
        if changes.get("focus") is not None:
            changes.setdefault("focus_distance", None)
        if changes.get("focus_distance") is not None:
            changes.setdefault("focus", None)
        return replace(self, **changes)

    def as_shot(self) -> Edits:
        """Give what of these a camera may have written: aperture and lighting."""
        return Edits(self.f_number, lighting=self.lighting)

    def to_tags(self, stored: Mapping[str, Any]) -> dict[str, str | None]:
        """Give the XMP tags to change; None means that the tag must go.

        Args:
            stored: the tags of the depth image as they are. An aperture or lighting that they say already
                stays untouched, whatever its wording. Before the first edit their aperture is the camera's.
        """
        shot = _shot_text(stored)
        moved = self.f_number != _f_number(shot)
        own = any(part is not None for part in (self.focus, self.focus_distance, self.shape))
        versioned = moved or own or self.renderer != RENDERER
        tags = {
            APERTURE_TAG: _decimals(self.f_number) if moved else shot,
            LIGHTING_TAG: _decimals(self.lighting),
            FOCUS_TAG: None if self.focus is None else " ".join(map(repr, self.focus)),
            DISTANCE_TAG: None if self.focus_distance is None else repr(self.focus_distance),
            SHAPE_TAG: None if self.shape is None else _shape_text(self.shape),
            RENDERER_TAG: str(self.renderer) if versioned else None,
            ORIGINAL_TAG: (_NONE if shot is None else shot) if moved else None,
        }
        now = Edits.from_tags(stored)
        if now.f_number == self.f_number:
            del tags[APERTURE_TAG]
        if now.lighting == self.lighting:
            del tags[LIGHTING_TAG]
        return tags

    @classmethod
    def from_tags(cls, tags: Mapping[str, Any]) -> Edits:
        """Read the edits in a depth image's tags; a value out of range counts as absent."""
        focus = _read_focus(tags.get(FOCUS_TAG))
        distance = _number(tags.get(DISTANCE_TAG)) if focus is None else None
        renderer = str(tags.get(RENDERER_TAG, ""))
        known = renderer.isascii() and renderer.isdigit() and len(renderer) <= 5
        return cls(
            _f_number(tags.get(APERTURE_TAG)),
            focus,
            _lighting(tags.get(LIGHTING_TAG)),
            distance if distance is not None and distance > 0 else None,
            _read_shape(tags.get(SHAPE_TAG)),
            int(renderer) if known and 1 <= int(renderer) <= _LATEST else RENDERER,
        )

    @classmethod
    def shot_from_tags(cls, tags: Mapping[str, Any]) -> Edits:
        """Read what the camera wrote, before any change by nearfar."""
        return cls(_f_number(_shot_text(tags)), lighting=_lighting(tags.get(LIGHTING_TAG)))


def _place(focus: object) -> FocusPlace:
    """Check a point or a rectangle."""
    try:
        place = tuple(float(part) for part in focus)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise TypeError(f"focus is (x, y) or (x, y, width, height), not {focus!r}") from None
    if len(place) not in (2, 4):
        raise ValueError(f"focus has 2 numbers (a point) or 4 (a rectangle), not {len(place)}")
    x, y, width, height = (*place, 0.0, 0.0)[:4]
    inside = all(0 <= part <= 1 for part in place) and x + width <= 1 + 1e-6 and y + height <= 1 + 1e-6
    if not inside:
        raise ValueError(f"focus lies in 0..1 of the upright picture, from its top left; {focus} does not")
    return (x, y) if len(place) == 2 else (x, y, min(width, 1 - x), min(height, 1 - y))


def _shot_text(tags: Mapping[str, Any]) -> str | None:
    """The camera's aperture in its own words."""
    text = tags.get(ORIGINAL_TAG, tags.get(APERTURE_TAG))
    return text if isinstance(text, str) and text != _NONE else None


def _decimals(value: float | None) -> str | None:
    """Write a number as Apple does."""
    return None if value is None else f"{value:.6f}"


def _shape_text(shape: Aperture) -> str:
    return f"{shape.blades or 0} {shape.rotation!r} {shape.curvature!r} {shape.cats_eye!r}"


def _read_focus(text: object) -> FocusPlace | None:
    try:
        return _place(str(text).split())
    except (TypeError, ValueError):
        return None


def _read_shape(text: object) -> Aperture | None:
    parts = [part for part in map(_finite, str(text).split()) if part is not None]
    if len(parts) != 4 or not parts[0].is_integer():
        return None
    try:
        return Aperture(int(parts[0]) or None, *parts[1:])
    except ValueError:
        return None


def _f_number(text: object) -> float | None:
    value = _number(text)
    return value if value is not None and 0.1 <= value <= 100 else None


def _lighting(text: object) -> float | None:
    value = _number(text)
    return value if value is not None and 0 <= value <= 1 else None


def _finite(text: object) -> float | None:
    value = _number(text)
    return value if value is not None and math.isfinite(value) else None


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None
