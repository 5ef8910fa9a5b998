"""`virtual:wide`: one colour camera. It has no depth: for that, another camera must be chosen."""

from __future__ import annotations

from nearfar.capture.formats import Format
from nearfar.capture.source import Still
from nearfar.capture.virtual.camera import Seen, VirtualCamera
from nearfar.depth import DepthMap, Frame

__all__ = ["WideCamera"]


class WideCamera(VirtualCamera):
    """A camera that gives colour alone."""

    def see(self, format: Format, sequence: int, seconds: float) -> Seen:
        """See `VirtualCamera.see`."""
        camera = self.calibration(format.size)
        view = self.picture(camera, seconds, format.size, self.seed(sequence, "color"))
        return Seen(view.color, view.pose)

    def measure(self, format: Format, sequence: int, seen: Seen) -> DepthMap | None:  # noqa: ARG002
        """See `VirtualCamera.measure`."""
        return None

    def photo(self, format: Format, time: float, seconds: float) -> Still:
        """See `VirtualCamera.photo`."""
        size = format.still_size
        view = self.colors(self.calibration(size), seconds, size, self.seed(seconds, "photo"), binned=1)
        return Still(Frame(time, int(seconds * format.rate), view.color, None, view.pose))
