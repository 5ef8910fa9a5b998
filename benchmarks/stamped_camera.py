"""`stamped:` as a device: each frame carries the moment at which it was given, in its depth.

Left half of the map: 1 + the second of the minute, in metres; right half: 1 + the frame's number modulo 60.
As float32 the second is good to 4 µs, in 16 bits to a millisecond. It says that it has filtered
them, so that nobody else does.
"""

from __future__ import annotations

import time as clocks
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nearfar import Accuracy, Calibration, DepthKind, DepthMap, Frame
from nearfar.capture import DepthFormat, DeviceInfo, DeviceName, Format, PacedSource
from nearfar.capture.depth_filtering import DepthFilter

COUNTED = 60
"""So far that each number is a distance that 16 bits can tell."""
_NOISES = 7
"""Maps that take turns."""
_SETTLING = 5
"""Maps before the filter has calmed the noise."""


class StampedCamera(PacedSource):
    """Options: ``width``, ``height``, ``fps``; with ``noise=1`` a slope with a sensor's noise, filtered."""

    def __init__(self, rest: str, options: Mapping[str, str]) -> None:
        super().__init__()
        self.name = str(DeviceName("stamped", rest, options))
        self.size = int(options.get("width", "256")), int(options.get("height", "192"))
        self.rate = float(options.get("fps", "60"))
        self.camera = Calibration.from_field_of_view(1.1, self.size)
        width, height = self.size
        rows, columns = np.mgrid[:height, :width]
        noise = np.random.default_rng(1).integers(0, 24, (height, width, 3))
        waves = np.stack([128 + 90 * np.sin(columns / 17), 128 + 90 * np.cos(rows / 23), columns % 256], -1)
        self.rough = _rough(self.size) if options.get("noise") == "1" else None
        self.color = np.clip(waves + noise, 0, 255).astype(np.uint8)

    @property
    def info(self) -> DeviceInfo:
        """Its name."""
        return DeviceInfo(self.name, "Stamped frames")

    @property
    def formats(self) -> tuple[Format, ...]:
        """One: colour and depth of one size, at one rate."""
        depths = tuple(
            DepthFormat(kind, dtype, *self.size) for kind in DepthKind for dtype in ("float32", "float16")
        )
        return (Format(*self.size, self.rate, self.rate, depths),)

    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        """Colour that is always the same, depth with its stamp."""
        if format.depth is None:
            return Frame(time, sequence, self.color)
        width, height = self.size
        if self.rough is not None:
            metres = self.rough[sequence % _NOISES]
        else:
            metres = np.full((height, width), 1 + sequence % COUNTED, np.float32)
            metres[:, : width // 2] = 1 + clocks.time() % 60
        depth = DepthMap(metres, accuracy=Accuracy.ABSOLUTE, filtered=True, calibration=self.camera)
        return Frame(time, sequence, self.color, depth)


def _rough(size: tuple[int, int]) -> list[NDArray[np.float32]]:
    """Some maps of waves on a slope with the noise of a sensor (2 mm at 1 m), as its filter leaves them."""
    rows, columns = np.mgrid[: size[1], : size[0]]
    slope = 1 + 4 * rows / size[1] + np.sin(columns / 40)
    random, depth_filter = np.random.default_rng(2), DepthFilter()
    maps = []
    for _ in range(_NOISES + _SETTLING):
        measured = slope + random.normal(0, 0.002, slope.shape) * slope**2
        maps.append(depth_filter.filtered(DepthMap(measured.astype(np.float32))).values)
    return maps[_SETTLING:]
