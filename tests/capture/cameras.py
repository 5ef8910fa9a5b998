"""Small cameras for tests of sessions and outputs: every frame is known beforehand."""

from __future__ import annotations

import threading

import numpy as np

import nearfar as nf
from nearfar.capture import DepthFormat, DeviceInfo, Format, PacedSource, Still

__all__ = ["PlainCamera", "StillCamera", "picture"]

SIZE = (32, 24)
DISPARITY = DepthFormat(nf.DepthKind.DISPARITY, "float16", 16, 12)
METRES = DepthFormat(nf.DepthKind.DEPTH, "float32", 16, 12)
CALIBRATION = nf.Calibration.from_field_of_view(1.0, SIZE)


def picture(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The colour picture of a frame: its number in every pixel."""
    return np.full((size[1], size[0], 3), number % 256, np.uint8)


def depth_of(format: Format, number: int) -> nf.DepthMap | None:
    """The depth of a frame: 1 + number everywhere, with a hole in the corner."""
    if format.depth is None:
        return None
    values = np.full((format.depth.height, format.depth.width), 1.0 + number, format.depth.dtype)
    values[0, 0] = np.nan
    accuracy = nf.Accuracy.ABSOLUTE if format.depth.kind is nf.DepthKind.DEPTH else nf.Accuracy.RELATIVE
    return nf.DepthMap(values, format.depth.kind, accuracy=accuracy, calibration=CALIBRATION)


class PlainCamera(PacedSource):
    """Colour and depth in one frame, 30 times a second."""

    info = DeviceInfo("test:plain", "Plain Camera")
    formats: tuple[Format, ...] = (Format(*SIZE, 1.0, 60.0, (DISPARITY, METRES)), Format(16, 12))

    def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
        return nf.Frame(time, sequence, picture(sequence, format.size), depth_of(format, sequence))


class StillCamera(PlainCamera):
    """Takes photos of its own, of two lenses, with a matte; a gate can hold the exposure back."""

    info = DeviceInfo(
        "test:still",
        "Still Camera",
        mattes=(nf.MatteKind.PORTRAIT, nf.MatteKind.HAIR),
        constituents=("wide", "tele"),
    )
    formats = (Format(*SIZE, 1.0, 60.0, (DISPARITY, METRES), photo_size=(64, 48)),)

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()

    def still(self, format: Format, time: float) -> Still:
        self.gate.wait(30.0)
        frames = [
            nf.Frame(time, 0, picture(number, format.still_size), depth_of(format, number))
            for number in (200, 201)
        ]
        mattes = {kind: nf.Matte(np.full((12, 16), 255, np.uint8), kind) for kind in self.info.mattes}
        return Still(frames[0], tuple(frames), mattes)
