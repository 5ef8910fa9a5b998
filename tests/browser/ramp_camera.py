"""`ramp:` as a device: a camera whose every number can be said beforehand.

Metres grow by a tenth with each column and by ten with each row, so that no two pixels are alike; the last
row is a hole but for its last pixel, which counts the frames. It says that it has filtered them, so that
nobody else does; `ramp:?rough=1` does not. The picture is red to the left and blue to the right.

`held:/path` is the same camera, but each of its photos waits until something was written to the pipe there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nearfar import Accuracy, Calibration, DepthKind, DepthMap, Frame
from nearfar.capture import DepthFormat, DeviceInfo, DeviceName, Format, PacedSource, Still

WIDTH, HEIGHT = 64, 48
LEFT, RIGHT = (230, 30, 20), (20, 40, 220)
RATE = 30.0


def ramp() -> NDArray[np.float32]:
    """(48, 64) metres; the last row is NaN."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    metres = (1 + 0.1 * columns + 10 * rows).astype(np.float32)
    metres[-1] = np.nan
    return metres


class RampCamera(PacedSource):
    """See the module."""

    def __init__(self, rest: str, options: Mapping[str, str]) -> None:
        super().__init__()
        self.name = str(DeviceName("ramp", rest, options))
        self.camera = Calibration.from_field_of_view(1.0, (WIDTH, HEIGHT))
        self.rough = "rough" in options

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo(self.name, "A ramp")

    @property
    def formats(self) -> tuple[Format, ...]:
        depths = tuple(
            DepthFormat(kind, dtype, WIDTH, HEIGHT) for kind in DepthKind for dtype in ("float32", "float16")
        )
        return (Format(WIDTH, HEIGHT, RATE, RATE, depths),)

    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        color = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        color[:, : WIDTH // 2], color[:, WIDTH // 2 :] = LEFT, RIGHT
        if format.depth is None:
            return Frame(time, sequence, color)
        metres = ramp()
        metres[-1, -1] = 1 + sequence
        depth = DepthMap(metres, accuracy=Accuracy.ABSOLUTE, filtered=not self.rough, calibration=self.camera)
        return Frame(time, sequence, color, depth.to(format.depth.kind, dtype=format.depth.dtype))


class HeldCamera(RampCamera):
    """See the module."""

    def __init__(self, rest: str, options: Mapping[str, str]) -> None:
        super().__init__(rest, options)
        self.name = str(DeviceName("held", rest, options))
        self.pipe = Path(rest)

    def still(self, format: Format, time: float) -> Still:
        self.pipe.read_bytes()
        frame = self.frame(format, 0, time)
        assert frame is not None
        return Still(frame)
