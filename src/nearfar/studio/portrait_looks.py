"""How a photo is to be rendered, as a page asks for it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LARGEST_SIDE", "PortraitLook"]

LARGEST_SIDE = 6000
"""Px of a full picture's longer side; larger ones, of 48 megapixels, are rendered at half of theirs."""


@dataclass(frozen=True, slots=True)
class PortraitLook:
    """How a photo is to be rendered.

    Attributes:
        f_number: None as the photo has it.
        focus: a place (x, y), 0..1 from the top left; None as the photo has it.
        side: px of the longer side at most, for a preview; None for the full quality.
    """

    f_number: float | None = None
    focus: tuple[float, float] | None = None
    side: int | None = None
