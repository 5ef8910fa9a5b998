"""`CameraDevice`: any nearfar camera as an XR device: virtual, recorded, a photo, a stereo pair, one's own.

    nf.Device ── CaptureSession ── Synchronizer ──▶ newest Frame ── CameraFrames ──▶ DeviceFrame

What is done to a frame is done when it is asked for, on the thread that asks: frames that are passed over
cost nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from nearfar.capture import (
    CaptureSession,
    DepthFormat,
    DepthOutput,
    Device,
    DeviceInput,
    OutputCounts,
    SessionState,
    Source,
    Synchronizer,
    VideoOutput,
)
from nearfar.depth import Calibration, Frame
from nearfar.errors import CaptureError, DeviceLost
from nearfar.xr.camera_frames import CameraFrames
from nearfar.xr.device import DeviceFrame, GPULayout, SessionMode
from nearfar.xr.negotiation import DepthSupport, DepthType
from nearfar.xr.profiles import PROFILES, DeviceProfile
from nearfar.xr.projection import Rotation
from nearfar.xr.rigid_transform import RigidTransform

__all__ = ["CameraDevice"]

SETTLING = 2.0
"""Seconds that a stream which has ended has to say why."""


class CameraDevice:
    """A camera as an XR device.

    Args:
        camera: its name, as in "virtual:dual" or "photo:IMG_0042.HEIC", a `nearfar.Device` or a `Source`. A
            device of yours keeps the format that you gave it.
        profile: which kind of device it plays: "spec", "arcore", "quest", or a `DeviceProfile`.
        orientation: how far the view is turned against the sensor, 0, 90, 180 or 270 degrees; the profile's
            when None. A picture that is higher than it is wide was turned upright already: at 90 and 270 it
            is the view, and depth is turned back, as the sensor had it.
        color_calibration: the colour camera's, where depth was not measured for its view; the poses of both
            calibrations lead to one place. None: colour and depth show the same.

    Depth that is relative (`nearfar.Accuracy`) has nominal metres; depth without a unit raises
    NotSupportedError when it comes. Raw depth is unfiltered, and a hole where confidence is below 1/3; smooth
    depth is filtered. A lens that is known is undone.

    Raises:
        ValueError: there is no such profile or orientation.
    """

    def __init__(
        self,
        camera: str | Device | Source,
        *,
        profile: str | DeviceProfile = "spec",
        orientation: Rotation | None = None,
        color_calibration: Calibration | None = None,
    ) -> None:
        if isinstance(profile, str):
            if profile not in PROFILES:
                raise ValueError(f"profile must be one of {', '.join(PROFILES)}; got {profile!r}")
            profile = PROFILES[profile]
        self._own = not isinstance(camera, Device)
        self._camera = camera if isinstance(camera, Device) else Device(camera)
        self._profile = profile
        self._orientation = profile.orientation if orientation is None else orientation
        self._color_calibration = color_calibration
        self._frames = self._made_frames()
        self._depth_type: DepthType | None = None
        self._shared = False
        self._running: _Running | None = None

    @property
    def camera(self) -> Device:
        """The camera."""
        return self._camera

    @property
    def profile(self) -> DeviceProfile:
        """The kind of device that it plays."""
        return self._profile

    @property
    def modes(self) -> frozenset[SessionMode]:
        """See `XRDevice`."""
        return frozenset(self._profile.modes)

    @property
    def features(self) -> frozenset[str]:
        """See `XRDevice`."""
        depth = () if self.depth_support is None else ("depth-sensing",)
        return frozenset(("viewer", "local", *depth))

    @property
    def depth_support(self) -> DepthSupport | None:
        """See `XRDevice`. Opens the camera; raises as `nearfar.Device.source` does."""
        gives = self._camera.active_format.supported_depth_formats if self._own else self._set_depth
        return self._profile.depth_support if gives else None

    @property
    def gpu_layout(self) -> GPULayout:
        """See `XRDevice`."""
        return self._profile.gpu_layout

    @property
    def world_from_local(self) -> RigidTransform | None:
        """Where "local" is in the camera's own world, since the last start; None before its first pose.

        Its origin is where the viewer was at first, -z where they looked, level.
        """
        return self._frames.world_from_local

    @property
    def counts(self) -> Mapping[str, OutputCounts]:
        """What became of the camera's frames since the last start, "color" and "depth"; empty before it."""
        return {} if self._running is None else self._running.counts

    def start(self, depth_type: DepthType | None = None) -> None:
        """See `XRDevice`: unless a type is asked for, depth is of the one that the profile prefers."""
        self._depth_type, self._shared = depth_type, False
        self._start()

    def start_shared(self) -> None:
        """See `SharedDevice`: depth of a type that nobody asks for costs nothing."""
        self._shared = True
        self._start()

    def stop(self) -> None:
        """See `XRDevice`."""
        if self._running is not None:
            self._running.stop()

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:
        """See `XRDevice`. Raises NotSupportedError where depth has no unit."""
        frame = None if self._running is None else self._running.newest(timeout)
        if frame is None:
            return None
        made = self._frames.device_frame(frame)
        if self._shared or made.depth_of is None:
            return made
        return replace(made, depth=made.depth_of(self._depth_type), depth_of=None)

    @property
    def _set_depth(self) -> tuple[DepthFormat, ...]:
        chosen = self._camera.active_depth_format
        return () if chosen is None else (chosen,)

    def _start(self) -> None:
        if self._running is not None:
            self._running.stop()
        self._frames = self._made_frames()
        with_depth = self.depth_support is not None
        if self._own and with_depth:
            finest = _finest(self._camera)
            with self._camera.lock_for_configuration():
                self._camera.active_depth_format = finest
        self._running = _Running(self._camera, with_depth=with_depth)

    def _made_frames(self) -> CameraFrames:
        return CameraFrames(
            self._profile.data_format,
            self._orientation,
            usual_type=self._profile.depth_support.types[0],
            color_calibration=self._color_calibration,
        )

    def __repr__(self) -> str:
        return f"CameraDevice({self._camera.name!r}, profile={self._profile.name!r})"


class _Running:
    """A camera that runs: its session and where its frames come out."""

    def __init__(self, camera: Device, *, with_depth: bool) -> None:
        self._stopped = False
        self._news = threading.Event()
        with ExitStack() as undo:
            self._session = undo.enter_context(CaptureSession())
            outputs: list[VideoOutput | DepthOutput] = [VideoOutput()]
            if with_depth:
                # CameraFrames filters, where depth is to be smooth.
                outputs.append(DepthOutput(filtering_enabled=False))
            with self._session.configuration():
                self._session.add_input(DeviceInput(camera))
                for output in outputs:
                    self._session.add_output(output)
            self._synchronizer = Synchronizer(outputs)
            self._session.add_listener(lambda _: self._news.set())
            self._session.start()
            undo.pop_all()

    def stop(self) -> None:
        """End; a thread that waits gets None."""
        self._stopped = True
        self._session.close()
        self._synchronizer.close()

    @property
    def counts(self) -> Mapping[str, OutputCounts]:
        """Those of the synchronizer."""
        return self._synchronizer.counts

    def newest(self, timeout: float | None) -> Frame | None:
        """The newest frame with anything in it, as `XRDevice.next_frame` waits for it."""
        until = None if timeout is None else time.monotonic() + timeout
        while not self._stopped:
            left = None if until is None else max(0.0, until - time.monotonic())
            frame = next(self._synchronizer.frames(left), None)
            if frame is None:
                self._check_end(until)
                return None
            if frame.color is not None or frame.depth is not None:
                return frame
        return None

    def _check_end(self, until: float | None) -> None:
        """No frame came. Raise what the camera broke with; not where it was stopped or is at its end."""
        if self._stopped or (until is not None and time.monotonic() >= until):
            return
        error = self._why()
        if error is not None and not (isinstance(error, DeviceLost) and error.at_end):
            raise error

    def _why(self) -> CaptureError | None:
        """Why the session ended: its outputs end a moment before it says so."""
        patience = time.monotonic() + SETTLING
        while self._session.state not in (SessionState.FAILED, SessionState.IDLE):
            left = patience - time.monotonic()
            if left <= 0.0 or not self._news.wait(left):
                return DeviceLost("its stream ended")
            self._news.clear()
        return self._session.error


def _finest(camera: Device) -> DepthFormat | None:
    """The depth format that a camera is set to, with float32 for its numbers if it has that."""
    chosen = camera.active_depth_format
    if chosen is None:
        return None
    for other in camera.active_format.supported_depth_formats:
        if other.kind is chosen.kind and other.size == chosen.size and other.dtype == "float32":
            return other
    return chosen
