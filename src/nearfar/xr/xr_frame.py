"""`XRFrame`: one moment of a session, as long as it lasts.

    session.frames() ──▶ frame ──▶ viewer's pose ──▶ views ──▶ depth information
                           │
                           └ active until the next one is asked for: then all that came of it is over

WebXR Device API, section 6; Depth Sensing Module, section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import InvalidStateError, NotSupportedError
from nearfar.xr.device import DeviceFrame
from nearfar.xr.negotiation import DepthUsage
from nearfar.xr.render_state import RenderState
from nearfar.xr.spaces import XRReferenceSpace, of_session
from nearfar.xr.views import XRPose, XRView, XRViewerPose

if TYPE_CHECKING:
    from nearfar.xr.cpu_information import CPUDepthInformation
    from nearfar.xr.session import XRSession

__all__ = ["XRFrame"]


class XRFrame:
    """One moment (XRFrame). It is *active* until the session's next frame is asked for, or its end.

    Its methods are for the session's own thread while it is active; otherwise they raise
    `nearfar.errors.InvalidStateError`.
    """

    __slots__ = ("_active", "_device_frame", "_is_animation", "_render_state", "_session")

    def __init__(
        self,
        session: XRSession,
        device_frame: DeviceFrame,
        render_state: RenderState,
        *,
        is_animation: bool = True,
    ) -> None:
        self._session = session
        self._device_frame = device_frame
        self._render_state = render_state
        self._is_animation = is_animation
        self._active = True

    @property
    def session(self) -> XRSession:
        """The session that it is of."""
        return self._session

    @property
    def predicted_display_time(self) -> float:
        """When what it shows was seen: seconds of the host's clock (predictedDisplayTime, there in ms)."""
        return self._device_frame.time

    @property
    def active(self) -> bool:
        """Whether it may be asked still."""
        return self._active

    @property
    def is_animation(self) -> bool:
        """Whether it is one of the session's loop (the specification's *animationFrame*)."""
        return self._is_animation

    @property
    def render_state(self) -> RenderState:
        """The near and far planes that its projections have."""
        return self._render_state

    @property
    def device_frame(self) -> DeviceFrame:
        """What the device gave for it."""
        return self._device_frame

    @property
    def color(self) -> NDArray[np.uint8] | None:
        """The camera's picture: (H, W, 3) uint8 sRGB, read-only, upright as the first view; None without one.

        nearfar's own: WebXR calls it raw camera access. Raises InvalidStateError as the methods do.
        """
        self._check("color")
        return self._device_frame.color

    def get_viewer_pose(self, reference_space: XRReferenceSpace) -> XRViewerPose | None:
        """Where the viewer is in a space, and its views (XRFrame.getViewerPose); None: nobody knows where.

        Raises:
            TypeError: it is no space.
            InvalidStateError: the frame is over, or the space belongs to another session.
        """
        space = of_session("reference_space", reference_space, self._session)
        self._check("get_viewer_pose")
        transform = space.from_viewer(self._device_frame.viewer_pose)
        if transform is None:
            return None
        views = tuple(
            XRView(self, index, view, transform) for index, view in enumerate(self._device_frame.views)
        )
        return XRViewerPose(transform, views)

    def get_pose(self, space: XRReferenceSpace, base_space: XRReferenceSpace) -> XRPose | None:
        """Where the origin of a space is in another one (XRFrame.getPose); None: nobody knows.

        Raises:
            TypeError: one is no space.
            InvalidStateError: the frame is over, or a space belongs to another session.
        """
        space = of_session("space", space, self._session)
        base_space = of_session("base_space", base_space, self._session)
        self._check("get_pose")
        transform = base_space.base_from(space, self._device_frame.viewer_pose)
        return None if transform is None else XRPose(transform)

    def get_depth_information(self, view: XRView) -> CPUDepthInformation | None:
        """The depth that belongs to a view (XRFrame.getDepthInformation); None: there is none now.

        There is none while depth sensing is paused, and in frames to which the device gave none.

        Raises:
            TypeError: ``view`` is no `XRView`.
            NotSupportedError: the session has no depth sensing.
            InvalidStateError: the frame is over, the view is another frame's, or the session's depth is for
                the GPU: ask a `GLBinding`.
        """
        if not isinstance(view, XRView):
            raise TypeError(f"view must be an XRView, not {type(view).__name__}")
        session = self._session
        configuration = session.depth_configuration
        if configuration is None:
            raise NotSupportedError(
                "the session has no depth sensing: ask for 'depth-sensing', and pass depth_sensing="
            )
        self._check("get_depth_information")
        if view.frame is not self:
            raise InvalidStateError("the view is another frame's: take it from this frame's viewer pose")
        if configuration.usage != DepthUsage.CPU_OPTIMIZED:
            raise InvalidStateError(
                f"the session's depth is {configuration.usage}: GLBinding.get_depth_information has it"
            )
        native = self._device_frame.depth
        if native is None or not session.depth_active:
            return None
        from nearfar.xr.cpu_information import cpu_information

        return cpu_information(view, self, native, configuration)

    def deactivate(self) -> None:
        """The session's next frame was asked for: this one is over."""
        self._active = False

    def _check(self, what: str) -> None:
        self._session.check_thread()
        if not self._active or not self._is_animation:
            raise InvalidStateError(
                f"{what}: the frame is over; a frame lasts until the session's next one is asked for"
            )

    def __repr__(self) -> str:
        state = "active" if self._active else "over"
        return f"XRFrame({self.predicted_display_time:.6f} s, {state})"
