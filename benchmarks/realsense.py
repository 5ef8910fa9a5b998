"""librealsense's own filters on NumPy arrays, without a camera: what ours must equal, and beat in time.

A software device hands an array to the library as if a sensor had sent it::

    array ── software_device ──▶ frame ── filter.process ──▶ frame ── get_data ──▶ array
"""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _load_libusb() -> None:
    """pyrealsense2 needs libusb and brings none: where a wheel of it is installed, take that one."""
    found = importlib.util.find_spec("libusb_package")
    if found is not None and found.origin is not None:
        for library in Path(found.origin).parent.glob("libusb-1.0.so*"):
            ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)


_load_libusb()
import pyrealsense2 as rs  # noqa: E402 - after what it links to

FX = 384.0
BASELINE_MM = 50.0
UNITS = 0.001


class Source:
    """A depth sensor of one size that sends the arrays it is given."""

    def __init__(
        self,
        size: tuple[int, int],
        *,
        fx: float = FX,
        baseline_mm: float = BASELINE_MM,
        units: float = UNITS,
    ) -> None:
        self.width, self.height = size
        self.units = units
        intrinsics = rs.intrinsics()
        intrinsics.width, intrinsics.height = size
        intrinsics.fx = intrinsics.fy = fx
        intrinsics.ppx, intrinsics.ppy = size[0] / 2, size[1] / 2
        stream = rs.video_stream()
        stream.type, stream.fmt, stream.bpp = rs.stream.depth, rs.format.z16, 2
        stream.index, stream.uid, stream.fps = 0, 1, 30
        stream.width, stream.height, stream.intrinsics = *size, intrinsics
        self._device = rs.software_device()
        self._sensor = self._device.add_sensor("Depth")
        self._profile = self._sensor.add_video_stream(stream).as_video_stream_profile()
        self._sensor.add_read_only_option(rs.option.depth_units, units)
        self._sensor.add_read_only_option(rs.option.stereo_baseline, baseline_mm)
        self._queue = rs.frame_queue(1)
        self._sensor.open(self._profile)
        self._sensor.start(self._queue)
        self._number = 0

    def frame(self, z16: NDArray[np.uint16]) -> Any:
        """The array as a frame that has just arrived."""
        assert z16.shape == (self.height, self.width)
        assert z16.dtype == np.uint16
        frame = rs.software_video_frame()
        frame.pixels = np.ascontiguousarray(z16)
        frame.stride, frame.bpp = 2 * self.width, 2
        self._number += 1
        frame.timestamp, frame.frame_number = self._number * 33.0, self._number
        frame.domain = rs.timestamp_domain.hardware_clock
        frame.profile = self._profile
        frame.depth_units = self.units
        self._sensor.on_video_frame(frame)
        return self._queue.wait_for_frame()


def array_of(frame: Any) -> NDArray[Any]:
    """A copy of a frame's pixels: uint16 depth or float32 disparity."""
    pixels = np.array(frame.get_data())
    return pixels.view(np.float32) if pixels.dtype == np.uint32 else pixels


def configured(block: Any, **options: float) -> Any:
    for name, value in options.items():
        block.set_option(getattr(rs.option, name), value)
    return block


def run(
    frames: Iterable[NDArray[np.uint16]], *blocks: Any, source: Callable[..., Source] = Source
) -> list[NDArray[Any]]:
    """What comes out of the blocks, one after another, for each array in turn."""
    frames = list(frames)
    height, width = frames[0].shape
    sensor = source((width, height))
    results = []
    for array in frames:
        frame = sensor.frame(array)
        for block in blocks:
            frame = block.process(frame)
        results.append(array_of(frame))
    return results
