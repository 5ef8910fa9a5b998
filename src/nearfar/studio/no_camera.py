"""`NoCamera`: what feeds pages where no camera can be opened: it says why.

page ── Wanted ──▶ Feed ── start ──▶ NoCamera: CaptureError ──▶ Ended("why, and what to do")
"""

from __future__ import annotations

from nearfar.errors import CaptureError
from nearfar.studio.messages import GPULayout, SessionMode
from nearfar.xr import DepthSupport, DepthType, DeviceFrame

__all__ = ["NoCamera"]


class NoCamera:
    """An `XRDevice` that cannot start.

    Args:
        reason: why, in words.
    """

    modes: frozenset[SessionMode] = frozenset(("inline",))
    features: frozenset[str] = frozenset(("viewer",))
    depth_support: DepthSupport | None = None
    gpu_layout: GPULayout = "linear"

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def start(self, depth_type: DepthType | None = None) -> None:  # noqa: ARG002
        """Raises CaptureError: the reason."""
        raise CaptureError(self._reason)

    def stop(self) -> None:
        """Nothing runs."""

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:  # noqa: ARG002
        """None: there is none."""
        return None
