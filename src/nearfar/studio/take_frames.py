"""A frame of a take as the message that the stream would have sent of it.

Take ── frame n ──▶ CameraFrames ──▶ DeviceFrame ──▶ FrameMessage
"""

from __future__ import annotations

import numpy as np

from nearfar.capture import Take
from nearfar.depth import Frame
from nearfar.errors import FileError
from nearfar.studio.frame_parts import color_part, depth_part, matrix_of, view_part
from nearfar.studio.messages import DepthCoding, FrameMessage
from nearfar.xr import CameraFrames, DepthDataFormat, DepthType, DeviceFrame

__all__ = ["TakeFrames"]


class TakeFrames:
    """The frames of an open take that have anything to show, as messages. Threads may share it.

    Args:
        take: is read.

    Attributes:
        take: the same.
        times: seconds of each frame since the first.
    """

    def __init__(self, take: Take) -> None:
        self.take = take
        self._numbers = np.flatnonzero(take.filled)
        times = take.times[self._numbers]
        self.times: tuple[float, ...] = tuple((times - times[:1]).tolist())
        self._first = _begin_of(take)

    def __len__(self) -> int:
        return len(self.times)

    def message(self, number: int, depth_type: DepthType, coding: DepthCoding = "plain") -> FrameMessage:
        """A frame (0 or more) with its picture, and its depth where that has a unit; without confidence.

        It is the same whichever frames were asked for before: nothing is smoothed over time.

        Raises:
            IndexError: there is no such frame.
            FileError: it cannot be read.
        """
        frame = self.take[int(self._numbers[number])]
        frames = CameraFrames(DepthDataFormat.FLOAT32, 0)
        if self._first is not None:
            frames.device_frame(self._first)  # where "local" is
        metric = frame.depth is not None and frame.depth.metric
        made = frames.device_frame(frame if metric else frame.replace(depth=None))
        return _message(made, number, self.times[number], depth_type, coding)


def _begin_of(take: Take) -> Frame | None:
    """The first frame without its pictures; None where it cannot be read."""
    try:
        first = take.record(0)
    except (FileError, IndexError):
        return None
    return Frame(first.time, first.sequence, pose=first.pose)


def _message(
    made: DeviceFrame, number: int, time: float, depth_type: DepthType, coding: DepthCoding
) -> FrameMessage:
    depth = None if made.depth_of is None else made.depth_of(depth_type)
    return FrameMessage(
        number,
        time,
        None if depth is None else depth_part(depth, coding, depth_type),
        None if made.color is None else color_part(made.color),
        tuple(map(view_part, made.views)),
        None if made.viewer_pose is None else matrix_of(made.viewer_pose),
        None,
    )
