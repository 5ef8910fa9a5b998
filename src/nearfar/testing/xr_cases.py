"""The depth buffers, views and sessions that the WebXR vectors go through.

Small and crooked on purpose: width is not height, nothing lies in the middle, holes, both ends of the range,
near things before far ones. Whole numbers only, so that every machine makes the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.xr import (
    DepthDataFormat,
    DeviceView,
    FieldOfView,
    NativeDepth,
    RigidTransform,
)
from nearfar.xr.device import GPULayout
from nearfar.xr.projection import Rotation

__all__ = ["NATIVES", "VIEWER_POSE", "VIEWS", "Case", "cpu_cases", "gpu_cases"]

HALF = 0.7071067811865476
TURNS: dict[Rotation, RigidTransform] = {
    0: RigidTransform(),
    90: RigidTransform((1.0, 0.0, 0.0), (0.0, 0.0, HALF, HALF)),
    180: RigidTransform((1.0, 1.0, 0.0), (0.0, 0.0, 1.0, 0.0)),
    270: RigidTransform((0.0, 1.0, 0.0), (0.0, 0.0, -HALF, HALF)),
}
"""normDepthBufferFromNormView of a view that is turned against its buffer."""

VIEWER_POSE = RigidTransform((1.0, 2.0, 3.0), (0.5, -0.5, 0.5, 0.5))
VIEWS = {
    "mono": (DeviceView(FieldOfView(0.625, 0.5, 0.375, 0.4375)),),
    "stereo": (
        DeviceView(FieldOfView(0.75, 0.5, 0.5, 0.4375), "left", RigidTransform((-0.03125, 0.0, 0.0))),
        DeviceView(
            FieldOfView(0.5, 0.75, 0.5, 0.4375),
            "right",
            RigidTransform((0.03125, 0.0, 0.0), (0.0, -0.03125, 0.0, 1.0)),
        ),
    ),
}
SENSOR_PLACE = RigidTransform((0.125, -0.0625, 0.03125), (0.015625, 0.03125, 0.0234375, 1.0))
SENSOR_PROJECTION = FieldOfView(0.5, 0.625, 0.5, 0.375).projection(0.1, 1000.0)

SCALES = {
    DepthDataFormat.LUMINANCE_ALPHA: 0.001,
    DepthDataFormat.UNSIGNED_SHORT: 0.0005,
    DepthDataFormat.FLOAT32: 1.0,
}
SIZES = {"small": (7, 5), "large": (22, 15)}
"""(width, height); the large one has room for surfaces that are stretched and hide each other."""


def _raw(size: str, data_format: DepthDataFormat) -> NDArray[Any]:
    """A slanted wall, a box before it, holes, and both ends of the range."""
    width, height = SIZES[size]
    r, c = np.mgrid[:height, :width]
    metric = 900 + (185 * c) // width + (333 * r) // height  # millimetres
    box = (c * 5 >= width) & (c * 5 < 3 * width) & (r * 3 >= height) & (r * 3 < 2 * height)
    metric[box] = 430 + (40 * c[box]) // width
    metric[(c * 7 + r * 11) % 17 == 3] = 0
    metric[0, 1], metric[-1, 2], metric[1, -1] = 65535, 1, 2500
    if data_format != DepthDataFormat.FLOAT32:
        short: NDArray[np.uint16] = metric.astype(np.uint16)
        return short
    metres: NDArray[np.float32] = (metric / 1000.0).astype(np.float32)
    metres[0, 1], metres[-1, 2], metres[-1, -1] = 70.25, 0.0004, 0.0305
    return metres


@dataclass(frozen=True, slots=True)
class Case:
    """One session and what its device has."""

    native: str
    views: str
    data_format: DepthDataFormat
    match_depth_view: bool
    profile: str = "spec"
    layout: GPULayout = "linear"

    @property
    def name(self) -> str:
        """What it is about; none is like another."""
        how = "matched" if self.match_depth_view else "unmatched"
        return f"{self.profile}: {self.native} for {self.views} as {self.data_format}, {how}"


def _natives() -> Iterator[tuple[str, NativeDepth]]:
    places = {
        "aligned": {},
        "other lens": {"projection": SENSOR_PROJECTION},
        "other place": {"view_offset": SENSOR_PLACE},
        "beside": {"projection": SENSOR_PROJECTION, "view_offset": SENSOR_PLACE},
    }
    for size, data_format, rotation, (place, parts) in product(SIZES, SCALES, TURNS, places.items()):
        if size == "large" and place != "beside":
            continue
        name = f"{size} {data_format}, {place}, {rotation}"
        raw = _raw(size, data_format)
        yield name, NativeDepth(raw, data_format, SCALES[data_format], TURNS[rotation], **parts)  # type: ignore[arg-type]


NATIVES = dict(_natives())
"""The devices' buffers by name."""


def cpu_cases() -> Iterator[Case]:
    """Every native format x negotiated format x rotation x (aligned, beside) x match_depth_view, and more."""
    formats = tuple(DepthDataFormat)
    for native, data_format, place, rotation in product(formats, formats, ("aligned", "beside"), TURNS):
        for match in (True, False):
            yield Case(f"small {native}, {place}, {rotation}", "mono", data_format, match)
    metres = DepthDataFormat.FLOAT32
    for place, quarter, match in product(("other lens", "other place"), ("0", "90"), (True, False)):
        yield Case(f"small {metres}, {place}, {quarter}", "mono", metres, match)
    for native, rotation in product((DepthDataFormat.UNSIGNED_SHORT, DepthDataFormat.FLOAT32), TURNS):
        for views in VIEWS:
            yield Case(f"large {native}, beside, {rotation}", views, native, True)
    yield Case("large unsigned-short, beside, 90", "stereo", DepthDataFormat.LUMINANCE_ALPHA, False)


def gpu_cases() -> Iterator[Case]:
    """The same for textures: each profile with what it is for."""
    formats = tuple(DepthDataFormat)
    for native, data_format, rotation in product(formats, formats, TURNS):
        for place, match in (("aligned", True), ("beside", True), ("beside", False)):
            yield Case(f"small {native}, {place}, {rotation}", "mono", data_format, match)
    luminance = DepthDataFormat.LUMINANCE_ALPHA
    for data_format in formats:
        yield Case(f"small {luminance}, aligned, 90", "mono", data_format, True, "arcore")
    yield Case("large unsigned-short, beside, 90", "stereo", luminance, True)
    for native, rotation in product(formats, TURNS):
        for place, views, match in (
            ("aligned", "mono", True),
            ("beside", "stereo", True),
            ("beside", "stereo", False),
        ):
            name = f"small {native}, {place}, {rotation}"
            yield Case(name, views, luminance, match, "quest", "window-space")
    for data_format in formats:
        yield Case("large float32, beside, 270", "stereo", data_format, True, "quest", "window-space")


def points_of(width: int, height: int, inverse: Sequence[float], index: int) -> list[tuple[float, float]]:
    """Points of a view, float32: its corners, one between, and the centres of five entries of the buffer."""
    points = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.25, 0.78125)]
    for k in range(5):
        row, column = divmod((index + k * 16) % (width * height), width)
        x, y = (column + 0.5) / width, (row + 0.5) / height
        points.append(
            (
                float(np.float32(inverse[0] * x + inverse[4] * y + inverse[12])),
                float(np.float32(inverse[1] * x + inverse[5] * y + inverse[13])),
            )
        )
    return points
