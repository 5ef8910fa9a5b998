"""From a name to a virtual camera."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.util import find_spec

from nearfar.capture.kinds import DevicePosition, DeviceType
from nearfar.capture.names import DeviceName
from nearfar.capture.source import DeviceInfo
from nearfar.capture.virtual import lenses
from nearfar.capture.virtual.camera import VirtualCamera
from nearfar.capture.virtual.formats import formats_of
from nearfar.capture.virtual.options import read_options
from nearfar.capture.virtual.paths import turned_pose
from nearfar.depth import DepthKind, Pose
from nearfar.errors import DeviceNotFound

__all__ = ["open_virtual"]

_DISPARITY_FIRST = (DepthKind.DISPARITY, DepthKind.DEPTH)
_DEPTH_FIRST = (DepthKind.DEPTH, DepthKind.DISPARITY)


class _Virtual:
    """The scheme ``virtual:``: call it with what follows, ask it what there is."""

    def __call__(self, rest: str, options: Mapping[str, str]) -> VirtualCamera:
        """The virtual camera of a name.

        Args:
            rest: "wide", "dual", "dualwide", "truedepth" or "lidar".
            options: see `nearfar.capture.virtual.options.Options`.

        Raises:
            DeviceNotFound: no camera or no scene of that name.
            InvalidConfiguration: an option that it does not have, or a value that makes no sense.
        """
        name = str(DeviceName("virtual", rest, options))
        maker = _CAMERAS.get(rest)
        if maker is None:
            raise DeviceNotFound(f"there are {', '.join(_CAMERAS)}", device=name)
        return maker(name, options)

    def discover(self) -> list[str]:
        """The names of all virtual cameras; none without the extra ``scene``."""
        return [f"virtual:{rest}" for rest in _CAMERAS] if find_spec("embreex") else []


open_virtual = _Virtual()


def _dual(name: str, options: Mapping[str, str]) -> VirtualCamera:
    from nearfar.capture.virtual.stereo import StereoCamera

    chosen = read_options(name, options, scene="desk", matches=True)
    constituents = (lenses.TELE.title, lenses.WIDE_OF_DUAL.title)
    return StereoCamera(
        DeviceInfo(
            name,
            "Virtual Dual Camera",
            DeviceType.DUAL_CAMERA,
            DevicePosition.BACK,
            constituents=constituents,
        ),
        formats_of(chosen, kinds=_DISPARITY_FIRST, photo=lenses.TELE.sensor, max_zoom=5.0),
        chosen,
        lens=lenses.TELE,
        other=lenses.WIDE_OF_DUAL,
        nearest=0.35,
        moved=_DESK if chosen.scene == "desk" else Pose.identity(),
    )


def _dual_wide(name: str, options: Mapping[str, str]) -> VirtualCamera:
    from nearfar.capture.virtual.stereo import StereoCamera

    chosen = read_options(name, options, scene="desk", matches=True)
    constituents = (lenses.WIDE.title, lenses.ULTRA_WIDE.title)
    return StereoCamera(
        DeviceInfo(
            name,
            "Virtual Dual Wide Camera",
            DeviceType.DUAL_WIDE,
            DevicePosition.BACK,
            constituents=constituents,
        ),
        formats_of(chosen, kinds=_DISPARITY_FIRST, photo=lenses.WIDE.sensor, max_zoom=5.0),
        chosen,
        lens=lenses.WIDE,
        other=lenses.ULTRA_WIDE,
        nearest=0.2,
        moved=Pose.identity(),
    )


_DESK = turned_pose((-0.3, 0.25, 0.35), pitch=math.radians(12.0), yaw=math.radians(2.0))
"""From the scene's own place down to the desk, where near things stand before far ones."""


def _wide(name: str, options: Mapping[str, str]) -> VirtualCamera:
    from nearfar.capture.virtual.wide import WideCamera

    chosen = read_options(name, options, scene="desk")
    info = DeviceInfo(name, "Virtual Wide Camera", DeviceType.WIDE, DevicePosition.BACK)
    formats = formats_of(chosen, kinds=(), photo=lenses.WIDE.sensor, max_zoom=5.0)
    return WideCamera(info, formats, chosen, lenses.WIDE, Pose.identity())


def _true_depth(name: str, options: Mapping[str, str]) -> VirtualCamera:
    from nearfar.capture.virtual.truedepth import TrueDepthCamera

    chosen = read_options(name, options, scene="portrait")
    formats = formats_of(
        chosen,
        kinds=_DISPARITY_FIRST,
        photo=lenses.FRONT.sensor,
        max_zoom=5.0,
        depth_zoom_ranges=((1.0, 5.0),),
    )
    info = DeviceInfo(name, "Virtual TrueDepth Camera", DeviceType.TRUE_DEPTH, DevicePosition.FRONT)
    moved = _FACE if chosen.scene == "portrait" else Pose.identity()
    return TrueDepthCamera(info, formats, chosen, lenses.FRONT, moved)


def _lidar(name: str, options: Mapping[str, str]) -> VirtualCamera:
    from nearfar.capture.virtual.lidar import LidarCamera

    chosen = read_options(name, options, scene="room")
    formats = formats_of(
        chosen,
        kinds=_DEPTH_FIRST,
        photo=lenses.WIDE.sensor,
        depth_width=256,
        max_zoom=5.0,
        depth_zoom_ranges=((1.0, 5.0),),
    )
    info = DeviceInfo(name, "Virtual LiDAR Depth Camera", DeviceType.LIDAR, DevicePosition.BACK)
    return LidarCamera(info, formats, chosen, lenses.WIDE, Pose.identity())


_FACE = turned_pose((0.0, 0.0, 0.3))
"""Nearer to the face, as far as an arm holds a phone."""

_CAMERAS = {"wide": _wide, "dual": _dual, "dualwide": _dual_wide, "truedepth": _true_depth, "lidar": _lidar}
