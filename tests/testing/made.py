"""A source that keeps the law, and a way to break it at one point."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import nearfar as nf
from nearfar.capture import DepthFormat, DeviceInfo, Format, PacedSource, Still

SIZE = (16, 12)
DEPTHS = tuple(DepthFormat(kind, dtype, 8, 6) for kind in nf.DepthKind for dtype in ("float32", "float16"))
FORMATS = (
    Format(*SIZE, 5.0, 20.0, DEPTHS, photo_size=(32, 24)),
    Format(8, 6, 5.0, 20.0),
)


class Lawful(PacedSource):
    """A grey that brightens, and a plane of depth."""

    def __init__(self, length: int = 1 << 30) -> None:
        super().__init__()
        self.length = length

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo("made:lawful", "A lawful camera")

    @property
    def formats(self) -> tuple[Format, ...]:
        return FORMATS

    def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
        if sequence >= self.length:
            return None
        return nf.Frame(time, sequence, self.color(format.size, sequence), self.depth(format, sequence))

    def color(self, size: tuple[int, int], sequence: int) -> np.ndarray[Any, Any]:
        return np.full((size[1], size[0], 3), sequence % 200, np.uint8)

    def depth(self, format: Format, sequence: int) -> nf.DepthMap | None:
        asked = format.depth
        if asked is None:
            return None
        values = np.full((asked.height, asked.width), 1.0 + sequence % 5, asked.dtype)
        return nf.DepthMap(
            values, asked.kind, calibration=nf.Calibration.from_field_of_view(1.0, format.size)
        )

    def still(self, format: Format, time: float) -> Still:
        return Still(nf.Frame(time, 0, self.color(format.still_size, 9), self.depth(format, 9)))


def but(**changes: Any) -> type[Lawful]:
    """The lawful source with some members of its own."""
    return type("Unlawful", (Lawful,), changes)


def frames_with(**made: Any) -> type[Lawful]:
    """The lawful source whose frames have other parts: functions of (format, frame)."""

    def frame(self: Lawful, format: Format, sequence: int, time: float) -> nf.Frame | None:
        given = Lawful.frame(self, format, sequence, time)
        if given is None:
            return None
        return replace(given, **{name: change(format, given) for name, change in made.items()})

    return but(frame=frame)
