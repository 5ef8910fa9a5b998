"""``stereo:LEFT,RIGHT``: two videos or series of pictures, taken side by side, as a camera with depth.

left  ──┐ rectified (where a calibration says how) ── match_stereo ──▶ shift ── stereo_depth ──▶ DepthMap
right ──┘                                       └── the left picture ──▶ color
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.capture.clock import Clock
from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.names import DeviceName
from nearfar.capture.options import number, one_of, read_options, whole
from nearfar.capture.source import DeviceInfo, Emit, PacedSource, Source
from nearfar.capture.sources.series import Pictures, Reader, pictures_of
from nearfar.depth import (
    DepthKind,
    Frame,
    Pose,
    StereoPair,
    StereoRig,
    read_calibration,
    sample_picture,
)
from nearfar.errors import (
    CorruptFile,
    DeviceNotFound,
    EstimationError,
    InvalidConfiguration,
    UnsupportedFile,
)
from nearfar.estimate import match_stereo, rectify_pair, stereo_depth

__all__ = ["StereoSource", "open_stereo"]

_UPRIGHT = Pose(np.diag([1.0, -1.0, -1.0]), np.zeros(3))
"""world_from_camera of a left camera that looks along -z of a world whose y is up."""
_SLOWEST = 0.1
"""Pairs a second."""


class StereoSource(PacedSource):
    """Pairs of pictures as a camera: the left picture with the depth that the two of them show.

    Args:
        left: what the left camera saw.
        right: the same moments from the right.
        name: the device's name.
        rig: both cameras. Without it every point must lie in the same row of both, and depth has no unit
            (`DepthMap.metric` is False).
        fps: pairs a second; those of the video, or 10, when None.
        width: px that the streamed picture is wide at most.
        effort: how much time matching may take; see `match_stereo`.
        max_shift: px of the streamed picture; looked for in each pair when None.
        fill: whether what is seen by one camera alone is given a depth.
        loop: whether it begins anew after the last pair; a single pair always does when None.

    Where making a frame takes longer than it may, pairs are left out.

    Raises:
        UnsupportedFile: the two have not one size, or not as many pictures.
        InvalidConfiguration: the rig's cameras do not see in stereo.
    """

    def __init__(
        self,
        left: Pictures,
        right: Pictures,
        *,
        name: str,
        rig: StereoRig | None = None,
        fps: float | None = None,
        width: int = 640,
        effort: str = "standard",
        max_shift: int | None = None,
        fill: bool = False,
        loop: bool | None = None,
    ) -> None:
        super().__init__()
        _check_alike(left, right)
        self._sides = (left, right)
        self._name = name
        self._fps = fps or left.rate or right.rate or 10.0
        scale = min(1.0, width / left.size[0])
        size = (round(left.size[0] * scale), max(1, round(left.size[1] * scale)))
        self._loop = left.count == 1 if loop is None else loop
        self._matching: dict[str, Any] = {"effort": effort, "max_shift": max_shift or "auto", "fill": fill}
        self._rig = rig
        self._maps: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        if rig is not None:
            self._rig, self._maps = _rectification(rig, size, name)
        if max_shift is not None and max_shift > size[0]:
            raise InvalidConfiguration(f"max_shift is more than the width, {size[0]} px", device=name)
        depths = tuple(
            DepthFormat(kind, dtype, *size)
            for kind in (DepthKind.DISPARITY, DepthKind.DEPTH)
            for dtype in ("float32", "float16")
        )
        self._formats = (Format(*size, min(_SLOWEST, self._fps), self._fps, depths),)
        self._cancel = threading.Event()
        self._readers: tuple[Reader, Reader] | None = None

    @property
    def info(self) -> DeviceInfo:
        """Named after the two files."""
        title = f"Stereo pair {self._sides[0].name} and {self._sides[1].name}"
        return DeviceInfo(self._name, title)

    @property
    def formats(self) -> tuple[Format, ...]:
        """One, of the pictures' aspect ratio and rate."""
        return self._formats

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """See `Source.start`."""
        if self._thread is None:
            self._cancel.clear()
        super().start(format, emit, clock)

    def stop(self) -> None:
        """See `Source.stop`; ends a match that is under way."""
        with self._condition:
            self._stopped = True
        self._cancel.set()
        super().stop()

    def _stream(self, format: Format, emit: Emit, clock: Clock) -> None:
        with self._sides[0].reader() as left, self._sides[1].reader() as right:
            self._readers = (left, right)
            try:
                super()._stream(format, emit, clock)
            finally:
                self._readers = None

    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        """See `PacedSource.frame`."""
        pair = self._pair(int(sequence * self._fps / format.rate + 0.5))
        if pair is None:
            return None
        left, right = (self._prepared(picture, side) for side, picture in enumerate(pair))
        depth = None
        if format.depth is not None:
            try:
                found = match_stereo(left, right, cancel=self._cancel, **self._matching)
            except CancelledError:
                return None
            depth = stereo_depth(found, self._rig).to(format.depth.kind, dtype=format.depth.dtype)
        return Frame(time, sequence, left, depth, None if self._rig is None else _UPRIGHT)

    def _pair(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
        """Both pictures of a number, at their own size; None at the end."""
        if self._readers is None:
            return None
        count = self._sides[0].count
        if self._loop and count is not None:
            number %= count
        left, right = (reader.picture(number) for reader in self._readers)
        if left is not None and right is not None:
            return left, right
        _check_alike(*self._sides)
        if (left is None) != (right is None):
            short = self._sides[0 if left is None else 1]
            raise CorruptFile(f"ends before picture {number}, which the other one has", file=short.name)
        count = self._sides[0].count  # known by now
        return self._pair(number) if self._loop and count and number >= count else None

    def _prepared(self, picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
        """The picture at the size of the stream, rectified."""
        size = self._formats[0].size
        if (picture.shape[1], picture.shape[0]) != size:
            from PIL import Image

            small = Image.fromarray(picture).resize(size, Image.Resampling.BOX)
            picture = np.asarray(small)
        if self._maps is None:
            return picture
        rectified: NDArray[np.uint8] = sample_picture(picture, self._maps[side])
        return rectified


def _check_alike(left: Pictures, right: Pictures) -> None:
    """Both of one size and as many, as far as that is known."""
    if left.size != right.size:
        sizes = " and ".join(f"{side.name} {side.size[0]}×{side.size[1]}" for side in (left, right))
        raise UnsupportedFile(f"the two sides must have one size: {sizes} px")
    if left.count is not None and right.count is not None and left.count != right.count:
        counts = " and ".join(f"{side.name} {side.count}" for side in (left, right))
        raise UnsupportedFile(f"the two sides must have as many pictures: {counts}")


def _rectification(
    rig: StereoRig, size: tuple[int, int], name: str
) -> tuple[StereoRig, tuple[NDArray[np.float32], NDArray[np.float32]] | None]:
    """The rig of the rectified pictures, and where each of their pixels lies in those that were taken.

    None where rows are shared already. Found out by rectifying two pictures whose pixels are their places.
    """
    places = np.empty((size[1], size[0], 2), np.float32)
    places[..., 0] = np.arange(size[0]) + 0.5
    places[..., 1] = (np.arange(size[1]) + 0.5)[:, np.newaxis]
    given = StereoPair(places, places, rig)
    try:
        made = rectify_pair(given)
    except EstimationError as error:
        raise InvalidConfiguration(f"its calibration: {error}", device=name) from None
    left = made.rig.left.pose.inverse()
    upright = StereoRig(*(side.replace(pose=left @ side.pose) for side in (made.rig.left, made.rig.right)))
    return upright, None if made is given else (made.left, made.right)


_READERS: dict[str, Callable[[str], Any]] = {
    "calibration": str,
    "fps": number(0.1, 240.0),
    "width": whole(32, 4096),
    "effort": one_of("fast", "standard", "best"),
    "max_shift": whole(1, 511),
    "fill": whole(0, 1),
    "loop": whole(0, 1),
}


def open_stereo(rest: str, options: Mapping[str, str]) -> Source:
    """The source of ``stereo:LEFT,RIGHT?…``: two videos, folders, patterns (``left/*.png``) or pictures.

    Options: ``calibration`` (a file of both cameras), ``fps``, ``width``, ``effort``, ``max_shift``,
    ``fill=1`` and ``loop=1``, as `StereoSource` says.

    Raises:
        DeviceNotFound: not two names, or there is nothing of that name.
        FileError: a file that cannot be read, or two that do not go together.
        InvalidConfiguration: an option that there is not, or a value that it cannot have; a calibration of
            cameras that do not see in stereo.
        MissingExtra: a video, without the extra ``video``.
    """
    name = str(DeviceName("stereo", rest, options))
    values = read_options(name, options, _READERS)
    left, right = (pictures_of(side, name) for side in _two(rest, name))
    file = values.pop("calibration", None)
    if file is not None:
        rig = read_calibration(file, size=left.size)
        if not isinstance(rig, StereoRig):
            raise UnsupportedFile("holds one camera; stereo needs the calibration of both", file=file)
        values["rig"] = rig
    for switch in ("fill", "loop"):
        if switch in values:
            values[switch] = bool(values[switch])
    return StereoSource(left, right, name=name, **values)


def _two(rest: str, name: str) -> tuple[str, str]:
    """LEFT and RIGHT; where paths have commas themselves, both must have as many."""
    parts = rest.split(",")
    if len(parts) % 2 or not all(parts):
        raise DeviceNotFound("a stereo device is called stereo:LEFT,RIGHT", device=name)
    half = len(parts) // 2
    return ",".join(parts[:half]), ",".join(parts[half:])
