"""`CPUDepthInformation`: depth as bytes and as metres.

    view (x, y) ── norm_depth_buffer_from_norm_view ──▶ column, row ── data · raw_value_to_meters ──▶ metres

WebXR Depth Sensing Module, section 5.1: https://immersive-web.github.io/depth-sensing/#depth-data
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.errors import XRRangeError
from nearfar.xr.depth_information import DepthInformation
from nearfar.xr.native_depth import NativeDepth
from nearfar.xr.negotiation import DepthConfiguration
from nearfar.xr.view_depth import ViewDepth, view_depth

if TYPE_CHECKING:
    from nearfar.xr.views import XRView
    from nearfar.xr.xr_frame import XRFrame

__all__ = ["CPUDepthInformation", "cpu_information"]

_PAIR, _SINGLE = struct.Struct("=2f"), struct.Struct("=f")
_as_floats, _from_floats = _PAIR.pack, _PAIR.unpack
_as_float, _from_float = _SINGLE.pack, _SINGLE.unpack


class CPUDepthInformation(DepthInformation):
    """Depth that the CPU reads (XRCPUDepthInformation).

    Everything raises `nearfar.errors.InvalidStateError` once the frame that it came with is over. An array
    that was taken before stays as it is.
    """

    __slots__ = ("_data", "_places", "_samples")

    def __init__(self, frame: XRFrame, depth: ViewDepth) -> None:
        super().__init__(frame, depth)
        raw = depth.raw
        height, width = raw.shape
        m = depth.norm_depth_buffer_from_norm_view.matrix.tolist()
        self._data = memoryview(raw).cast("B")  # type: ignore[arg-type]
        self._samples = memoryview(raw.reshape(-1))  # type: ignore[arg-type]
        self._places = (m[0], m[4], m[12], m[1], m[5], m[13], width, height, depth.raw_value_to_meters)

    @property
    def data(self) -> memoryview:
        """The raw values row by row as bytes, read-only, the same object each time.

        2 bytes a pixel, little-endian, or 4 of a float32, as the session's ``depth_data_format`` says; 0 is
        a hole. Entry ``c + r * width`` of ``numpy.frombuffer(info.data, dtype)`` times `raw_value_to_meters`
        is in metres.
        """
        self._alive()
        return self._data

    @property
    def array(self) -> NDArray[Any]:
        """`data` as an array: (H, W) uint16 or float32, read-only, the same object each time."""
        return self._alive().raw

    def get_depth_in_meters(self, x: float, y: float) -> float:
        """Metres from the camera's plane at (x, y) of the view: the nearest entry's; 0.0 where none is known.

        x and y are 0..1 from the top left corner; 1.0 is the last pixel. They are rounded to float32 first,
        and so is the result, as in a browser (getDepthInMeters).

        Raises:
            TypeError: a number that is NaN or infinite, or none.
            InvalidStateError: the frame is over.
            XRRangeError: x or y is outside 0..1.
        """
        try:
            x, y = _from_floats(_as_floats(x, y))
        except (struct.error, OverflowError) as error:
            raise TypeError(f"x and y must be finite numbers, not {x!r} and {y!r}") from error
        if x - x != 0.0 or y - y != 0.0:
            raise TypeError(f"x and y must be finite numbers, not {x} and {y}")
        frame = self._frame
        if not (frame.active and frame.is_animation):
            self._alive()
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise XRRangeError(f"x and y are 0..1 from the view's top left corner; got {x} and {y}")
        cx, cy, c1, rx, ry, r1, width, height, scale = self._places
        column = int((cx * x + cy * y + c1) * width)
        row = int((rx * x + ry * y + r1) * height)
        column = 0 if column < 0 else column if column < width else width - 1
        row = 0 if row < 0 else row if row < height else height - 1
        metres = self._samples[row * width + column] * scale
        try:
            rounded: float = _from_float(_as_float(metres))[0]
        except OverflowError:  # beyond all float32
            return math.copysign(math.inf, metres)
        return rounded

    def depths_in_meters(self, points: ArrayLike) -> NDArray[np.float32]:
        """What `get_depth_in_meters` gives for each of ``points``, (n, 2) x and y: (n,) float32.

        Raises:
            TypeError: a number that is NaN or infinite, or not (n, 2) numbers.
            InvalidStateError: the frame is over.
            XRRangeError: one is outside 0..1.
        """
        places = np.asarray(points)
        if places.ndim != 2 or places.shape[1] != 2 or places.dtype.kind not in "fiu":
            raise TypeError(f"points must be (n, 2) numbers; got {places.shape} {places.dtype}")
        with np.errstate(over="ignore"):  # what is too large for float32 is infinite, and refused
            places = np.ascontiguousarray(places, np.float32)
        least, most = (float(places.min()), float(places.max())) if len(places) else (0.0, 0.0)
        if not (np.isfinite(least) and np.isfinite(most)):
            raise TypeError("points must be finite numbers")
        depth = self._alive()
        if least < 0.0 or most > 1.0:
            raise XRRangeError(f"points are 0..1 from the view's top left corner; got {least} to {most}")
        matrix = depth.norm_depth_buffer_from_norm_view.matrix
        return _native.sample_depth(depth.raw, places, matrix, depth.raw_value_to_meters)


def cpu_information(
    view: XRView, frame: XRFrame, native: NativeDepth, configuration: DepthConfiguration
) -> CPUDepthInformation:
    """The information of a view that `XRFrame.get_depth_information` has found nothing against."""
    return CPUDepthInformation(frame, view_depth(native, view, configuration))
