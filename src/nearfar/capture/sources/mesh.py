"""``mesh:FILE.glb``: a device that knows its world as a mesh and its own pose, and so what is how far.

    mesh ── load ──▶ Scene ─┐
    pose at the time ───────┴─ render ──▶ color, absolute depth

As WebXR's Depth Sensing explainer has it for devices without a depth sensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.names import DeviceName
from nearfar.capture.options import number, read_options, size, whole
from nearfar.capture.source import DeviceInfo, PacedSource, Source
from nearfar.capture.sources.trajectory import read_trajectory
from nearfar.capture.virtual.paths import PATHS, path
from nearfar.depth import Calibration, DepthKind, Frame, Pose
from nearfar.errors import DeviceNotFound, UnsupportedFile
from nearfar.scene import Scene, load, render

__all__ = ["MeshSource", "open_mesh"]

_SUFFIXES = (".glb", ".gltf")
_NOTHING_AHEAD = 2.0
"""Metres to go around where there is only sky ahead."""


class MeshSource(PacedSource):
    """A camera in a scene whose depth comes from the scene itself.

    Args:
        scene: from `nearfar.scene.load`.
        pose: world_from_camera at seconds since the start; None at the end of the stream.
        name: the device's name.
        size: (width, height) px of the picture.
        field_of_view: horizontal, radians.
        fps: the most frames a second.

    Depth is that of the ray through each pixel's centre, absolute; +inf in the sky.
    """

    def __init__(
        self,
        scene: Scene,
        pose: Callable[[float], Pose | None],
        *,
        name: str,
        size: tuple[int, int] = (640, 480),
        field_of_view: float = 1.2,
        fps: float = 30.0,
    ) -> None:
        super().__init__()
        self._scene, self._pose, self._name = scene, pose, name
        self._camera = Calibration.from_field_of_view(field_of_view, size)
        small = (max(1, size[0] // 4), max(1, size[1] // 4))
        depths = tuple(
            DepthFormat(kind, dtype, *side)
            for side in (size, small)
            for kind in (DepthKind.DEPTH, DepthKind.DISPARITY)
            for dtype in ("float32", "float16")
        )
        self._formats = (Format(*size, 1.0, fps, depths),)

    @property
    def info(self) -> DeviceInfo:
        """Named after the mesh."""
        return DeviceInfo(self._name, f"Mesh {self._scene.name}")

    @property
    def formats(self) -> tuple[Format, ...]:
        """One, with depth of the picture's size or of a quarter of it."""
        return self._formats

    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        """See `PacedSource.frame`."""
        seconds = sequence / format.rate
        pose = self._pose(seconds)
        if pose is None:
            return None
        seen = render(self._scene, self._camera, pose, seconds)
        depth, asked = None, format.depth
        if asked is not None:
            if asked.size != format.size:
                depth = render(self._scene, self._camera, pose, seconds, size=asked.size).depth_map
            else:
                depth = seen.depth_map
            depth = depth.to(asked.kind, dtype=asked.dtype)
        return Frame(time, sequence, seen.color, depth, pose)


_READERS: dict[str, Callable[[str], object]] = {
    "path": str,
    "size": size(),
    "fps": number(1.0, 240.0),
    "field_of_view": number(0.1, 3.0),
    "seed": whole(0, 999_999_999),
    "loop": whole(0, 1),
}


def open_mesh(rest: str, options: Mapping[str, str]) -> Source:
    """The source of ``mesh:FILE.glb?…``, a glTF file in metres, y up.

    Options: ``size``, ``fps`` and ``field_of_view`` as `MeshSource` says; ``path``, how the camera moves:
    "still", "sway", "orbit" (the default) or "walk" from a place that shows the scene, or a file of poses in
    TUM's form, at whose end the stream ends unless ``loop=1``; ``seed`` of the sway.

    Raises:
        DeviceNotFound: there is no such file.
        FileError: a file that cannot be read, or asks for too much.
        InvalidConfiguration: an option that there is not, or a value that it cannot have.
        MissingExtra: the extra ``scene`` is not installed.
    """
    name = str(DeviceName("mesh", rest, options))
    values = read_options(name, options, _READERS)
    file = Path(rest)
    if not file.is_file():
        raise DeviceNotFound(f"there is no file {rest!r}", device=name)
    if file.suffix.lower() not in _SUFFIXES:
        raise UnsupportedFile("a mesh is a .glb or .gltf file", file=rest)
    scene = load(file)
    way = values.pop("path", "orbit")
    again, seed = bool(values.pop("loop", 0)), values.pop("seed", 0)
    if way in PATHS:
        moved = path(way, _distance(scene), seed)
        return MeshSource(scene, lambda seconds: scene.pose @ moved(seconds), name=name, **values)
    if not Path(way).is_file():
        words = ", ".join(PATHS)
        raise DeviceNotFound(
            f"option path={way!r}: it is {words} or a file of poses that there is", device=name
        )
    return MeshSource(scene, _along(Path(way), again), name=name, **values)


def _along(file: Path, again: bool) -> Callable[[float], Pose | None]:
    """The poses of a file, from its first on."""
    trajectory = read_trajectory(file)

    def pose(seconds: float) -> Pose | None:
        if again and trajectory.length > 0.0:
            seconds = math.fmod(seconds, trajectory.length)
        return trajectory.pose(seconds) if again or seconds <= trajectory.length + 1e-9 else None

    return pose


def _distance(scene: Scene) -> float:
    """Metres to what is ahead of the scene's own place."""
    depth = render(scene, Calibration.from_field_of_view(0.3, (16, 12))).depth
    seen = depth[np.isfinite(depth)]
    return float(np.median(seen)) if seen.size else _NOTHING_AHEAD
