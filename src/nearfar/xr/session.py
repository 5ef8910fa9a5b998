"""`XRSession`: a device's frames for one user, with what was agreed on.

    request_session ──▶ session ──┬─ request_reference_space("local")
                                  ├─ frames(), or request_animation_frame and run() ──▶ XRFrame
                                  ├─ depth_usage, depth_data_format, depth_type: what was agreed on
                                  └─ end()

WebXR Device API, section 4; Depth Sensing Module, section 3. A session belongs to the thread that asked for
it: calls from another one raise `nearfar.errors.InvalidStateError`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Self

from nearfar.errors import InvalidStateError, NotSupportedError
from nearfar.xr.animation import FrameCallback, FrameLoop, XRFrames, log
from nearfar.xr.device import SessionMode, XRDevice
from nearfar.xr.negotiation import DepthConfiguration, DepthDataFormat, DepthType, DepthUsage
from nearfar.xr.render_state import RenderState
from nearfar.xr.spaces import REFERENCE_SPACES, ReferenceSpaceType, XRReferenceSpace
from nearfar.xr.xr_frame import XRFrame

__all__ = ["EndListener", "XRSession"]

EndListener = Callable[["XRSession"], object]
"""Takes the session that has ended."""


class XRSession:
    """A session with a device (XRSession), which `request_session` gives.

    A context manager: leaving it ends the session.
    """

    def __init__(
        self,
        device: XRDevice,
        mode: SessionMode,
        enabled_features: tuple[str, ...],
        depth_configuration: DepthConfiguration | None,
    ) -> None:
        self._device = device
        self._mode = mode
        self._enabled_features = enabled_features
        self._depth_configuration = depth_configuration
        self._depth_active = True
        self._thread = threading.get_ident()
        self._ended = False
        self._end_listeners: list[EndListener] = []
        self._render_state = self._wanted_render_state = RenderState()
        self._loop = FrameLoop(self)
        self._stop_device = weakref.finalize(self, device.stop)

    # What was agreed on

    @property
    def device(self) -> XRDevice:
        """Whose frames it has."""
        return self._device

    @property
    def mode(self) -> SessionMode:
        """The mode that was asked for."""
        return self._mode

    @property
    def enabled_features(self) -> tuple[str, ...]:
        """The features that it has, those that go without asking among them (enabledFeatures)."""
        return self._enabled_features

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._ended

    # Depth

    @property
    def depth_configuration(self) -> DepthConfiguration | None:
        """All that was agreed on about depth; None: the session has no depth sensing."""
        return self._depth_configuration

    @property
    def depth_usage(self) -> DepthUsage:
        """Where depth is read. Raises InvalidStateError without depth sensing, as the next three do."""
        return self._depth("depth_usage").usage

    @property
    def depth_data_format(self) -> DepthDataFormat:
        """How an entry of the depth buffer is stored."""
        return self._depth("depth_data_format").data_format

    @property
    def depth_type(self) -> DepthType | None:
        """What was done to depth; None where no type was asked for, or the device has none of those."""
        return self._depth("depth_type").type

    @property
    def depth_active(self) -> bool:
        """Whether depth is given; not while it is paused."""
        self._depth("depth_active")
        return self._depth_active

    def pause_depth_sensing(self) -> None:
        """Have no depth from now on (pauseDepthSensing): `XRFrame.get_depth_information` gives None.

        Raises:
            InvalidStateError: the session has ended, or none of its frames is active.
            NotSupportedError: it has no depth sensing.
        """
        self._set_depth_active("pause_depth_sensing", active=False)

    def resume_depth_sensing(self) -> None:
        """Have depth again (resumeDepthSensing). Raises as `pause_depth_sensing` does."""
        self._set_depth_active("resume_depth_sensing", active=True)

    # What a frame is drawn with, and where from

    @property
    def render_state(self) -> RenderState:
        """The near and far planes of the frames."""
        return self._render_state

    def update_render_state(self, *, depth_near: float | None = None, depth_far: float | None = None) -> None:
        """Change near and far planes, metres, from the next frame on (updateRenderState).

        Raises:
            InvalidStateError: the session has ended.
            TypeError: a number that is not finite.
            ValueError: both are one.
        """
        self._check_alive("update_render_state")
        now = self._wanted_render_state
        self._wanted_render_state = RenderState(
            now.depth_near if depth_near is None else depth_near,
            now.depth_far if depth_far is None else depth_far,
        )

    def request_reference_space(self, type: ReferenceSpaceType) -> XRReferenceSpace:
        """A space to tell poses from: "viewer" or, in immersive sessions, "local" (requestReferenceSpace).

        Raises:
            TypeError: WebXR has no such space.
            InvalidStateError: the session has ended.
            NotSupportedError: the session does not have it.
        """
        if type not in REFERENCE_SPACES:
            raise TypeError(f"type must be one of {', '.join(sorted(REFERENCE_SPACES))}; got {type!r}")
        self._check_alive("request_reference_space")
        if type not in self._enabled_features:
            raise NotSupportedError(f"the session does not have the space {type!r}")
        return XRReferenceSpace(self, type)

    # Frames

    def frames(self, timeout: float | None = None) -> XRFrames:
        """The frames from now on, for ``for`` and ``async for``; each is active until the next is asked for.

        The newest one each time: what came while you were busy is passed over. It ends with the session, and
        the session ends when its device is at its end; where the device has gone, that is
        `nearfar.DeviceLost`.

        Args:
            timeout: seconds; it ends when so long no frame came, and the session goes on.
        """
        self.check_thread()
        return XRFrames(self, self._loop, timeout)

    def request_animation_frame(self, callback: FrameCallback) -> int:
        """Have ``callback(time, frame)`` called in the next frame that `run` runs (requestAnimationFrame).

        Inside a callback that is the frame after this one. Gives a handle for `cancel_animation_frame`; 0,
        and calls nothing, when the session has ended. Raises TypeError on what cannot be called.
        """
        self.check_thread()
        if not callable(callback):
            raise TypeError(f"callback must take a time and a frame; got {callback!r}")
        return 0 if self._ended else self._loop.request(callback)

    def cancel_animation_frame(self, handle: int) -> None:
        """Do not call it after all (cancelAnimationFrame); a handle that is none is passed over."""
        self.check_thread()
        self._loop.cancel(handle)

    def run(self, timeout: float | None = None) -> None:
        """Run frames and call back, until no callback waits for one any more, or the session ends.

        An exception in a callback is logged ("nearfar.xr"), and the session lives.

        Args:
            timeout: seconds; it returns when so long no frame came.

        Raises:
            InvalidStateError: inside a callback.
            nearfar.DeviceLost: the device has gone, and the session with it.
        """
        self.check_thread()
        self._loop.run(timeout)

    # Its end

    def add_end_listener(self, listener: EndListener) -> None:
        """Call ``listener(session)`` when the session has ended (the "end" event)."""
        self.check_thread()
        self._end_listeners.append(listener)

    def remove_end_listener(self, listener: EndListener) -> None:
        """Call it no more; one that is none is passed over."""
        self.check_thread()
        if listener in self._end_listeners:
            self._end_listeners.remove(listener)

    def end(self) -> None:
        """End the session and let go of the device (XRSession.end).

        Raises InvalidStateError when it has ended already.
        """
        self._check_alive("end")
        self.shut_down()

    def __enter__(self) -> Self:
        self._check_alive("with")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._ended:
            self.end()

    # For the rooms beside this one

    def check_thread(self) -> None:
        """Raise InvalidStateError on another thread than the session's own."""
        if threading.get_ident() != self._thread:
            raise InvalidStateError("a session belongs to the thread that asked for it: call it there")

    def apply_render_state(self) -> RenderState:
        """The state of the frame that begins now."""
        self._render_state = self._wanted_render_state
        return self._render_state

    def shut_down(self) -> None:
        """It is over, by `end` or because its device is (the specification's *shut down the session*)."""
        self._ended = True
        self._loop.close()
        self._stop_device()
        for listener in tuple(self._end_listeners):
            try:
                listener(self)
            except Exception as wrong:  # noqa: BLE001 - the others are to hear of it, too
                log.error("a listener to a session's end failed", exc_info=wrong)

    @property
    def active_frame(self) -> XRFrame | None:
        """The frame that is active now (the specification's *current animation frame*)."""
        return self._loop.active_frame

    def _depth(self, name: str) -> DepthConfiguration:
        self.check_thread()
        if self._depth_configuration is None:
            raise InvalidStateError(f"{name}: the session has no depth sensing")
        return self._depth_configuration

    def _set_depth_active(self, name: str, *, active: bool) -> None:
        self._check_alive(name)
        if self.active_frame is None:
            raise InvalidStateError(f"{name}: no frame of the session is active")
        if self._depth_configuration is None:
            raise NotSupportedError(f"{name}: the session has no depth sensing")
        self._depth_active = active

    def _check_alive(self, name: str) -> None:
        self.check_thread()
        if self._ended:
            raise InvalidStateError(f"{name}: the session has ended; request a new one")

    def __repr__(self) -> str:
        return f"XRSession({self._mode!r}, {'ended' if self._ended else ', '.join(self._enabled_features)})"
