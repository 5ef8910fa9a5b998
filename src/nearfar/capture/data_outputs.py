"""`VideoOutput` and `DepthOutput`: the streams of a session, frame by frame.

    session ── receive ──▶ VideoOutput ──▶ Frames with color     to a callback, for `for` or `async for`;
                     └───▶ DepthOutput ──▶ Frames with depth     or joined, to a `Synchronizer`

Mirror AVCaptureVideoDataOutput and AVCaptureDepthDataOutput.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Protocol

from nearfar.capture.delivery import Callback, Delivery, Entry, OutputCounts, Tally
from nearfar.capture.depth_filtering import DepthFilter
from nearfar.capture.formats import Format
from nearfar.capture.frame_iterators import Deliverer, FrameIterator
from nearfar.capture.output import Connection, Output
from nearfar.depth import DepthMap, Frame
from nearfar.errors import CaptureError, InvalidConfiguration

__all__ = ["DataOutput", "DepthOutput", "Joint", "VideoOutput"]


class Joint(Protocol):
    """A synchroniser, as the outputs see it that it joins."""

    @property
    def delivery(self) -> Delivery:
        """Where their data goes."""
        ...

    def receive(self, place: int, frame: Frame) -> None:
        """Take what one of them received."""
        ...

    def flush(self) -> None:
        """The stream breaks off: what waits for partners goes on without."""
        ...

    def connected(self) -> None:
        """Their session, or its configuration, is another."""
        ...


class DataOutput(Deliverer, Output):
    """What both streams have in common; not to be made itself."""

    stream = ""
    """Which field of `Frame` it gives."""

    def __init__(
        self,
        callback: Callback | None,
        on_drop: Callback | None,
        callback_executor: Executor | None,
        **settings: bool,
    ) -> None:
        self.tally = Tally(self.stream, lambda: self.always_discards_late_data)
        self._joint: Joint | None = None
        self._place = 0
        Output.__init__(self, **settings)
        Deliverer.__init__(self, Delivery(f"{self.stream} output", (self.tally,), self._assembled))
        self.set_callback(callback, on_drop=on_drop, callback_executor=callback_executor)

    @property
    def always_discards_late_data(self) -> bool:
        """Whether, while you are busy, only the newest frame waits and older ones drop with LATE_DATA.

        Otherwise all wait, and memory grows until the session has no more room: see
        ``CaptureSession(max_live_frames=)``.
        """
        return bool(self.setting("always_discards_late_data"))

    @always_discards_late_data.setter
    def always_discards_late_data(self, discards: bool) -> None:
        self.change(always_discards_late_data=bool(discards))

    @property
    def counts(self) -> OutputCounts:
        """What became of the data since the output was made."""
        with self._in_use.condition:
            return self.tally.counts()

    def frames(self, timeout: float | None = None) -> FrameIterator:
        """An iterator, for ``for`` and ``async for``, over the frames that wait and those that come.

        It ends when the session stops, but not when it is interrupted.

        Args:
            timeout: seconds; it ends when so long no frame came.

        Raises:
            InvalidConfiguration: the frames go to a callback or to a synchronizer.
        """
        if self._joint is not None:
            raise InvalidConfiguration("its frames go to a synchronizer: take them there, or close it first")
        return super().frames(timeout)

    def join(self, joint: Joint | None, place: int = 0) -> None:
        """Let a synchronizer have the data from now on; None: it goes its own way again.

        Raises:
            InvalidConfiguration: another one has it.
        """
        with self._delivery.condition:
            if joint is not None and self._joint is not None:
                raise InvalidConfiguration("another synchronizer has this output: close that one first")
            self._delivery.drop_waiting()
            self._joint, self._place = joint, place

    def attach(self, connection: Connection) -> None:
        """See `Output`."""
        super().attach(connection)
        self._delivery.connect(connection.clock, connection.report)
        if self._joint is not None:
            self._joint.connected()

    def reconfigured(self) -> None:
        """See `Output`."""
        if self._joint is not None:
            self._joint.connected()

    def receive(self, frame: Frame) -> None:
        """See `Output`."""
        delivery = self._delivery
        with delivery.condition:
            joint = self._joint
            if joint is None:
                if self.tally.receive(frame):
                    delivery.over = False
                    delivery.put([frame])
                return
        joint.receive(self._place, frame)

    def halt(self, error: CaptureError | None) -> None:  # noqa: ARG002 - an iterator does not end by it
        """See `Output`."""
        if self._joint is not None:
            self._joint.flush()

    def ended(self) -> None:
        """See `Output`."""
        self._in_use.end()

    def rest(self, until: float) -> None:
        """See `Output`."""
        self._in_use.rest(until)

    @property
    def _in_use(self) -> Delivery:
        return self._delivery if self._joint is None else self._joint.delivery

    def _runs(self) -> bool:
        return self.connection is not None and self.connection.running

    def _assembled(self, entry: Entry) -> Frame:
        raise NotImplementedError


class VideoOutput(DataOutput):
    """The colour pictures of a session (AVCaptureVideoDataOutput).

    Its frames have ``color`` (H, W, 3) uint8 and, where the device knows it, ``pose``. Take them by a
    callback, or iterate: ``for frame in output``, ``async for frame in output``.

    Args:
        callback: see `set_callback`, as for the next two.
        on_drop: called with what was dropped.
        callback_executor: runs the callbacks.
        always_discards_late_data: see the property.
    """

    stream = "color"

    def __init__(
        self,
        callback: Callback | None = None,
        *,
        on_drop: Callback | None = None,
        callback_executor: Executor | None = None,
        always_discards_late_data: bool = True,
    ) -> None:
        super().__init__(
            callback, on_drop, callback_executor, always_discards_late_data=bool(always_discards_late_data)
        )

    @property
    def needs_depth(self) -> bool:
        """Never."""
        return False

    def _assembled(self, entry: Entry) -> Frame:
        frame = _only(entry)
        if frame.depth is None and not frame.dropped:
            return frame
        return Frame(frame.time, frame.sequence, color=frame.color, pose=frame.pose)


class DepthOutput(DataOutput):
    """The depth maps of a session (AVCaptureDepthDataOutput).

    Its frames have ``depth``, in the device's ``active_depth_format``, and, where the device knows it,
    ``pose``. Take them by a callback, or iterate: ``for frame in output``, ``async for frame in output``.

    Args:
        callback: see `set_callback`, as for the next two.
        on_drop: called with what was dropped.
        callback_executor: runs the callbacks.
        filtering_enabled: see the property.
        always_discards_late_data: see the property.
    """

    stream = "depth"

    def __init__(
        self,
        callback: Callback | None = None,
        *,
        on_drop: Callback | None = None,
        callback_executor: Executor | None = None,
        filtering_enabled: bool = True,
        always_discards_late_data: bool = True,
    ) -> None:
        self._filter = DepthFilter()
        super().__init__(
            callback,
            on_drop,
            callback_executor,
            filtering_enabled=bool(filtering_enabled),
            always_discards_late_data=bool(always_discards_late_data),
        )

    @property
    def filtering_enabled(self) -> bool:
        """Whether maps are smoothed and their holes filled: good to look at, less fit to be measured.

        Maps that the device itself has filled, as a LiDAR's between its points, are ``filtered`` either way.
        """
        return bool(self.setting("filtering_enabled"))

    @filtering_enabled.setter
    def filtering_enabled(self, enabled: bool) -> None:
        self.change(filtering_enabled=bool(enabled))

    @property
    def needs_depth(self) -> bool:
        """Always."""
        return True

    def why_not(self, formats: Sequence[Format]) -> str | None:
        """See `Output`."""
        if any(each.supported_depth_formats for each in formats):
            return None
        return "it gives no depth in any format; choose a depth device, such as virtual:dual"

    @property
    def needs_color(self) -> bool:
        """While it filters: depth has its edges where colours change."""
        return self.filtering_enabled

    def halt(self, error: CaptureError | None) -> None:
        """See `Output`."""
        super().halt(error)
        self._filter.reset()

    def filtered(self, frame: Frame) -> DepthMap | None:
        """A frame's map as it is given: filtered if that is enabled."""
        depth = frame.depth
        if depth is None or not self.filtering_enabled:
            return depth
        return self._filter.filtered(depth, frame.color)

    def _assembled(self, entry: Entry) -> Frame:
        frame = _only(entry)
        depth = self.filtered(frame)
        if depth is frame.depth and frame.color is None and not frame.dropped:
            return frame
        return Frame(frame.time, frame.sequence, depth=depth, pose=frame.pose)


def _only(entry: Entry) -> Frame:
    (frame,) = entry
    assert frame is not None
    return frame
