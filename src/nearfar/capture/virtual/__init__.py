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

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nearfar.capture.virtual.camera import VirtualCamera as VirtualCamera
    from nearfar.capture.virtual.opening import open_virtual as open_virtual

_HOMES = {"camera": "VirtualCamera", "opening": "open_virtual"}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the single list


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'nearfar.capture.virtual' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"nearfar.capture.virtual.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
