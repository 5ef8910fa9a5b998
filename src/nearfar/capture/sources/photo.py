"""``photo:FILE``: a depth photo as a live camera that goes around in a small circle where it was taken.

photo ── colour, disparity without holes, both small ──▶ Parallax ── a place on the circle ──▶ Frame
  └── still: the photo itself, at its full size
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.capture.clock import Clock
from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.names import DeviceName
from nearfar.capture.options import number, read_options, whole
from nearfar.capture.source import DeviceInfo, Emit, PacedSource, Source, Still
from nearfar.capture.sources.parallax import Parallax
from nearfar.depth import Calibration, DepthKind, DepthMap, Frame, Pose, fill, rectify, resample
from nearfar.errors import DeviceNotFound, InvalidConfiguration, NoDepth, UnsupportedFile
from nearfar.photo import Photo
from nearfar.photo import open as open_file

__all__ = ["PhotoSource", "open_photo"]

_UPRIGHT = np.diag([1.0, -1.0, -1.0])
"""world_from_camera of a camera that looks along -z of a world whose y is up."""


class PhotoSource(PacedSource):
    """A depth photo as a camera.

    Args:
        photo: with depth.
        name: the device's name.
        scale: metres in one unit of the photo's depth; needed where it has none (`DepthMap.metric`).
        radius: of the circle, in the photo's metres; what moves near and far by ``sway`` when None.
        sway: the share of the picture's width that the nearest and the farthest things move to each side.
        period: seconds once around.
        width: px of the longer side of the streamed picture.
        fps: the most frames a second.

    Depth keeps the photo's accuracy, and where the photo has a calibration, frames have one and a pose. A
    lens that is known is undone.

    Raises:
        NoDepth: the photo has no depth.
        UnsupportedFile: its depth has no finite value.
        InvalidConfiguration: its depth has no unit, and no scale is given.
    """

    def __init__(
        self,
        photo: Photo,
        *,
        name: str,
        scale: float | None = None,
        radius: float | None = None,
        sway: float = 0.012,
        period: float = 6.0,
        width: int = 640,
        fps: float = 30.0,
    ) -> None:
        super().__init__()
        depth = photo.depth
        if depth is None:
            raise NoDepth(f"{photo.file or 'the photo'} has no depth to look around with", file=photo.file)
        if not (np.isfinite(depth.values) & (depth.values > 0)).any():
            raise UnsupportedFile("the photo's depth map has no finite value above 0", file=photo.file)
        if not depth.metric and scale is None:
            raise InvalidConfiguration(
                "the photo's depth has no unit: say with scale= how many metres one unit is (scale=1 keeps "
                "the numbers)",
                device=name,
            )
        self._photo = photo
        self._depth = depth if scale is None else _scaled(depth, scale)
        self._name = name
        self._radius, self._sway, self._period = radius, sway, period
        self._color = photo.color  # a picture that is broken says so now, not in the stream
        self._view: _View | None = None
        longest = max(photo.size)
        size = tuple(max(2, round(side * min(width, longest) / longest)) for side in photo.size)
        kinds = sorted(DepthKind, key=lambda kind: kind is not depth.kind)
        depths = tuple(DepthFormat(kind, dtype, *size) for kind in kinds for dtype in ("float32", "float16"))
        self._formats = (Format(size[0], size[1], 1.0, fps, depths, photo_size=photo.size),)

    @property
    def info(self) -> DeviceInfo:
        """The photo's name and what mattes it has."""
        mattes = tuple(self._photo.mattes)
        return DeviceInfo(self._name, f"Photo {self._photo.file or 'in memory'}", mattes=mattes)

    @property
    def formats(self) -> tuple[Format, ...]:
        """One, of the photo's aspect ratio, its own kind of depth first."""
        return self._formats

    def prepare(self) -> None:
        """Make the photo ready to be looked around in. See `PreparedSource.prepare`."""
        if self._view is None:
            size = self._formats[0].size
            self._view = _made_view(self._color, self._depth, size, self._radius, self._sway)

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """See `Source.start`."""
        self.prepare()
        super().start(format, emit, clock)

    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        """See `PacedSource.frame`."""
        angle = 2.0 * math.pi * sequence / (format.rate * self._period)
        view = self._view
        if view is None:
            return None
        return view.frame(math.cos(angle), math.sin(angle), format.depth, time, sequence)

    def still(self, format: Format, time: float) -> Still:
        """The photo itself, with its mattes and what it says of itself."""
        asked = format.depth
        depth = None if asked is None else self._depth.to(asked.kind, dtype=asked.dtype)
        frame = Frame(time, 0, self._color, depth, Pose(_UPRIGHT, np.zeros(3)))
        return Still(frame, mattes=dict(self._photo.mattes), metadata=self._photo.metadata)


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The photo at the size of a stream: the parallax, and the camera that it is seen with."""

    parallax: Parallax
    depth: DepthMap
    camera: Calibration | None

    def frame(self, x: float, y: float, asked: DepthFormat | None, time: float, sequence: int) -> Frame:
        """What is seen from (x, y), -1..1 of the circle's radius right and down."""
        color, disparity = self.parallax.seen_from(x, y)
        camera, pose = None, None
        if self.camera is not None:
            offset = np.array((x, y)) * self.parallax.slide / (self.camera.fx, self.camera.fy)
            shifted = self.camera.intrinsics.copy()
            shifted[:2, 2] += np.array((x, y)) * self.parallax.slide * self.parallax.still
            camera = self.camera.replace(intrinsics=shifted)
            pose = Pose(_UPRIGHT, _UPRIGHT @ (*offset, 0.0))
        depth = None
        if asked is not None:
            found = self.depth.replace(values=disparity, confidence=None, calibration=camera)
            depth = found.to(asked.kind, dtype=asked.dtype)
        return Frame(time, sequence, color, depth, pose)


def _made_view(
    color: NDArray[np.uint8], depth: DepthMap, size: tuple[int, int], radius: float | None, sway: float
) -> _View:
    """The photo, made small with a margin for what comes into view, and its holes filled."""
    camera = depth.calibration
    if camera is not None and camera.bends:
        color, depth = rectify(color, camera), rectify(depth)
    share = (1.2 * _reach(depth, camera, size, radius, sway) + 2.0) / min(size)
    wide = (size[0] + 2 * math.ceil(share * size[0]), size[1] + 2 * math.ceil(share * size[1]))
    reach = _reach(depth, camera, wide, radius, sway)
    disparity = fill(resample(fill(_finite(depth)), wide))
    parallax = Parallax(_resized(color, wide), np.asarray(disparity.values), size, reach)
    if camera is not None:
        left, top = (wide[0] - size[0]) // 2, (wide[1] - size[1]) // 2
        upright = camera.replace(pose=Pose.identity()).rectified()
        camera = upright.scaled_to(wide).cropped(left, top, *size)
    return _View(parallax, disparity, camera)


def _finite(depth: DepthMap) -> DepthMap:
    """The map as disparity, with holes where it is infinitely near or behind infinity."""
    disparity = depth.to(DepthKind.DISPARITY, dtype="float32")
    values = disparity.values
    there = np.isfinite(values) & (values >= 0)
    return disparity if there.all() else disparity.replace(values=np.where(there, values, np.float32("nan")))


def _reach(
    depth: DepthMap, camera: Calibration | None, size: tuple[int, int], radius: float | None, sway: float
) -> float:
    """Px that the nearest and the farthest thing move to each side, at most a tenth of the picture."""
    most = min(size) / 10.0
    if radius is None or camera is None:
        return min(max(sway * size[0], 1.0), most)
    values = _finite(depth).values
    low, high = np.quantile(values[np.isfinite(values)], (0.005, 0.995))
    focal = camera.scaled_to(size).fx
    return float(min(max(focal * radius * (high - low) / 2.0, 1e-3), most))


def _resized(color: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    from PIL import Image

    return np.asarray(Image.fromarray(color).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))


def _scaled(depth: DepthMap, scale: float) -> DepthMap:
    factor = np.float32(scale if depth.kind is DepthKind.DEPTH else 1.0 / scale)
    values: NDArray[Any] = depth.values.astype(np.float32) * factor
    return depth.replace(values=values, metric=True)


_READERS = {
    "scale": number(1e-6, 1e6),
    "radius": number(1e-6, 100.0),
    "sway": number(0.0, 0.05),
    "period": number(0.5, 3600.0),
    "width": whole(64, 1920),
    "fps": number(1.0, 240.0),
}


def open_photo(rest: str, options: Mapping[str, str]) -> Source:
    """The source of ``photo:FILE?…``.

    Options: ``scale``, ``radius``, ``sway``, ``period``, ``width`` and ``fps``, as `PhotoSource` says.

    Raises:
        DeviceNotFound: there is no such file.
        FileError: the file is no photo that can be read.
        OSError: it cannot be read.
        NoDepth: it has no depth.
        InvalidConfiguration: an option that there is not, or a value that it cannot have; no ``scale`` for
            depth without a unit.
    """
    name = str(DeviceName("photo", rest, options))
    values = read_options(name, options, _READERS)
    if not Path(rest).is_file():
        raise DeviceNotFound(f"there is no file {rest!r}", device=name)
    return PhotoSource(open_file(rest), name=name, **values)
