"""Virtual cameras: a made scene seen by cameras that really compute their depth.

    virtual:wide        colour alone
    virtual:dual        tele and wide  ── match_stereo ──▶ disparity
    virtual:dualwide    wide and ultra-wide ── match_stereo ──▶ disparity
    virtual:truedepth   dots on the scene ── decode_pattern ──▶ disparity, or metres
    virtual:lidar       576 timed flashes ── complete, with colour ──▶ metres

They need no hardware, only the extra ``scene``; what is true of the scene stands beside each frame
(`VirtualCamera.truth`) and never goes into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.capture.virtual.camera import VirtualCamera as VirtualCamera
    from nearfar.capture.virtual.opening import open_virtual as open_virtual

_HOMES = {"camera": "VirtualCamera", "opening": "open_virtual"}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
