"""Render: a scene, a camera and a moment become colour, exact depth, normals and object numbers.

calibration ── rays ──▶ cast (Embree) ──▶ faces ── shade (native) ──▶ linear colour, depth, normals, ids
                                                            │
                                      noise, print curve ◀──┘ ──▶ color (sRGB)

`render` keeps it all; `render_color` goes from left to right in bands of rows and keeps the colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, Pose
from nearfar.scene.tasks import in_parallel
from nearfar.scene.values import Scene

__all__ = ["Rendering", "SensorNoise", "linear_picture", "render", "render_color"]


_CAST = 1 << 16
"""Rays that are cast at once, on one thread where there are more."""


@dataclass(frozen=True, slots=True)
class SensorNoise:
    """What a sensor adds to the light.

    Args:
        electrons: full well, the light that is white: its square root is the shot noise there.
        read_noise: standard deviation of reading a pixel, electrons.
        vignetting: share of the light that the corners lose, 0..1.

    Raises:
        ValueError: a number that no sensor has.
    """

    electrons: float = 6000.0
    read_noise: float = 4.0
    vignetting: float = 0.25

    def __post_init__(self) -> None:
        if not (
            1.0 <= self.electrons <= 1e9 and 0.0 <= self.read_noise <= 1e9 and 0.0 <= self.vignetting <= 1.0
        ):
            raise ValueError(f"not a sensor: {self}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rendering:
    """A picture of a scene with everything that is true of it. All arrays are read-only.

    Attributes:
        color: (H, W, 3) uint8 sRGB.
        depth: (H, W) float32 metres along the optical axis; +inf where there is nothing but sky, NaN where
            the lens sees nothing.
        normals: (H, W, 3) float32 of length 1 in camera axes, towards the camera; 0 in the sky.
        ids: (H, W) int32, index into `Scene.objects`; -1 in the sky.
        linear: (H, W, 3) float32 light before exposure, noise and print, where asked for, else None.
        calibration: the camera.
        pose: world_from_camera.
        time: seconds.
    """

    color: NDArray[np.uint8]
    depth: NDArray[np.float32]
    normals: NDArray[np.float32]
    ids: NDArray[np.int32]
    linear: NDArray[np.float32] | None
    calibration: Calibration
    pose: Pose
    time: float

    @property
    def depth_map(self) -> DepthMap:
        """The depth as a map, absolute, with the calibration."""
        return DepthMap(self.depth, DepthKind.DEPTH, accuracy=Accuracy.ABSOLUTE, calibration=self.calibration)

    def __repr__(self) -> str:
        height, width = self.depth.shape
        return f"Rendering({width}×{height}, time={self.time})"


def render(
    scene: Scene,
    calibration: Calibration,
    pose: Pose | None = None,
    time: float = 0.0,
    *,
    size: tuple[int, int] | None = None,
    samples: int = 1,
    noise: SensorNoise | None = None,
    seed: int = 0,
    linear: bool = False,
) -> Rendering:
    """What a camera sees of a scene; the same arguments give the same bits.

    Args:
        scene: from `load`.
        calibration: the camera; its lens distortion is honoured.
        pose: where the frame stands in the world that ``calibration.pose`` refers to: world_from_camera for a
            camera of its own. The scene's own place when None.
        time: seconds; some things move.
        size: (width, height) px of the picture; ``calibration.reference_size`` when None.
        samples: rays a pixel, 1..64, for the colour at the edges of things. Depth, normals and ids are always
            those of the ray through the pixel's centre, and textures are filtered in any case.
        noise: what the sensor adds to the colour.
        seed: of the noise.
        linear: also give the light before exposure, noise and print.

    Raises:
        MissingExtra: Embree is not installed.
        ValueError: a size, number of samples or time that cannot be.
        TypeError: not a scene, a calibration or a pose.
    """
    width, height = _checked(scene, calibration, pose, time, size, samples)
    world_from_camera = (scene.pose if pose is None else pose) @ calibration.pose
    view = _View(scene, calibration, (width, height), world_from_camera, time)
    light, depth, normals, ids = view.everything()
    if samples > 1:
        light = view.smoothed_edges(light, depth, ids, samples)
    picture = light.reshape(height, width, 3)
    color = _native.develop(picture, *_sensor(scene, noise, seed))
    return Rendering(
        color,
        depth.reshape(height, width),
        normals.reshape(height, width, 3),
        ids.reshape(height, width),
        picture if linear else None,
        calibration,
        world_from_camera,
        time,
    )


def render_color(
    scene: Scene,
    calibration: Calibration,
    pose: Pose | None = None,
    time: float = 0.0,
    *,
    size: tuple[int, int] | None = None,
    noise: SensorNoise | None = None,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """The ``color`` of `render` alone, bit for bit: for photos, where the rest takes most of the memory.

    The arguments are those of `render`, one ray a pixel. (H, W, 3) uint8 sRGB, read-only.

    Raises:
        MissingExtra: Embree is not installed.
        ValueError: a size or time that cannot be.
        TypeError: not a scene, a calibration or a pose.
    """
    size = _checked(scene, calibration, pose, time, size, 1)
    world_from_camera = (scene.pose if pose is None else pose) @ calibration.pose
    view = _View(scene, calibration, size, world_from_camera, time)
    return view.color(*_sensor(scene, noise, seed))


def _sensor(scene: Scene, noise: SensorNoise | None, seed: int) -> tuple[float, float, float, float, int]:
    """Exposure, electrons, read noise, vignetting and seed, as the kernels read them."""
    known = noise or SensorNoise(1.0, 0.0, 0.0)
    electrons = 0.0 if noise is None else known.electrons
    return scene.exposure, electrons, known.read_noise, known.vignetting, seed % (1 << 64)


def linear_picture(
    scene: Scene, calibration: Calibration, size: tuple[int, int], world_from_camera: Pose, time: float
) -> NDArray[np.float32]:
    """(H, W, 3) float32 linear light, one ray a pixel."""
    view = _View(scene, calibration, size, world_from_camera, time)
    return view.everything()[0].reshape(size[1], size[0], 3)


def _checked(
    scene: Any, calibration: Any, pose: Any, time: float, size: Any, samples: int
) -> tuple[int, int]:
    if not isinstance(scene, Scene):
        raise TypeError(f"scene must be a Scene (see nearfar.scene.load), not {type(scene).__name__}")
    if not isinstance(calibration, Calibration):
        raise TypeError(f"calibration must be a Calibration, not {type(calibration).__name__}")
    if pose is not None and not isinstance(pose, Pose):
        raise TypeError(f"pose must be a Pose, not {type(pose).__name__}")
    if not math.isfinite(time):
        raise ValueError(f"time must be finite seconds, not {time}")
    if not 1 <= samples <= 64:
        raise ValueError(f"samples must lie between 1 and 64, not {samples}")
    width, height = calibration.scaled_to(calibration.reference_size if size is None else size).reference_size
    if width * height > 100_000_000:
        raise ValueError(f"size must not exceed 100 megapixels, not {width}x{height}")
    return width, height


@lru_cache(maxsize=8)
def _camera_rays(
    calibration: Calibration, size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
    """(N, 3) float32 rays, and where the lens sees nothing; kept for the next picture of the same camera."""
    rays = calibration.rays(size).reshape(-1, 3)
    blind = np.asarray(np.isnan(rays).any(axis=1))
    if not blind.any():
        return rays, None
    rays[blind] = (0.0, 0.0, 1.0)
    return rays, blind


def _axes(calibration: Calibration, size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of a straight camera's rays x in each column and y in each row: that is all there is to say."""
    points = np.zeros((max(size), 2))
    for axis, (given, known) in enumerate(zip(size, calibration.reference_size, strict=True)):
        points[:given, axis] = (np.arange(given) + 0.5) * (known / given)
    found = calibration.rectified().unproject(points).astype(np.float32)
    return np.ascontiguousarray(found[: size[0], 0]), np.ascontiguousarray(found[: size[1], 1])


class _View:
    """One camera in one moment of a scene."""

    def __init__(
        self,
        scene: Scene,
        calibration: Calibration,
        size: tuple[int, int],
        world_from_camera: Pose,
        time: float,
    ) -> None:
        self.scene, self.calibration, self.size = scene, calibration, size
        scaled = calibration.scaled_to(size) if not calibration.bends else calibration
        self.step = (1.0 / scaled.fx, 1.0 / scaled.fy)
        self.places = [part.world_from_part(time) for part in scene.parts]
        self.cameras = [place.inverse() @ world_from_camera for place in self.places]
        straight = not calibration.bends and not scaled.intrinsics[0, 1] and not scaled.intrinsics[1, 0]
        self.straight = np.array((scaled.fx, scaled.fy, scaled.cx, scaled.cy)) if straight else None
        self.table = np.array(
            [
                np.concatenate([_twelve(camera), _twelve(place)])
                for camera, place in zip(self.cameras, self.places, strict=True)
            ]
        )
        self.balls = np.array(
            [
                [*place.apply(part.center), part.shadow, number]
                for number, (part, place) in enumerate(zip(scene.parts, self.places, strict=True))
                if part.motion is not None
            ],
            np.float64,
        ).reshape(-1, 5)

    def everything(self) -> tuple[NDArray[Any], ...]:
        """Linear colour (N, 3), depth (N,), normals (N, 3) and ids (N,) through the pixel centres."""
        rays, blind = _camera_rays(self.calibration, self.size)
        if self.straight is None:
            hits = self._cast(rays)
        else:
            width, height = self.size
            hits = self.scene.model.first_faces(self.table, self.straight, height, width).ravel()
        seen = self._shade(rays, hits, False)
        if blind is None:
            return seen
        nothing = (0.0, np.nan, 0.0, -1)
        return tuple(_frozen_with(array, blind, value) for array, value in zip(seen, nothing, strict=True))

    def color(self, *sensor: Any) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB codes through the pixel centres, by a sensor as `_sensor` tells it."""
        width, height = self.size
        if self.straight is None:
            rays, blind = _camera_rays(self.calibration, self.size)
            light = self._shade(rays, self._cast(rays), True)[0]
            if blind is not None:
                light = _frozen_with(light, blind, 0.0)
            developed: NDArray[np.uint8] = _native.develop(light.reshape(height, width, 3), *sensor)
            return developed
        columns, rows = _axes(self.calibration, self.size)
        surroundings = self.scene.surroundings
        picture: NDArray[np.uint8] = self.scene.model.picture(
            self.table, self.balls, surroundings, self.straight, columns, rows, *sensor
        )
        return picture

    def _shade(
        self, rays: NDArray[np.float32], hits: NDArray[np.int32], alone: bool
    ) -> tuple[NDArray[Any], ...]:
        surroundings = self.scene.surroundings
        return self.scene.model.shade(rays, hits, self.table, self.balls, surroundings, self.step, alone)

    def _cast(self, rays: NDArray[np.float32]) -> NDArray[np.int32]:
        """The first face that each ray meets, (N,) int32; -1 for none."""
        parts = [rays[start : start + _CAST] for start in range(0, len(rays), _CAST)]
        return np.concatenate(in_parallel(self._cast_part, parts))

    def _cast_part(self, rays: NDArray[np.float32]) -> NDArray[np.int32]:
        still = self.scene.parts[0].caster
        hits = still.first_hits(*_rays_of(self.cameras[0], rays))
        for part, camera in list(zip(self.scene.parts, self.cameras, strict=True))[1:]:
            near = _may_meet(rays, camera.inverse().apply(part.center), part.radius)
            if not len(near):
                continue
            origins, directions = _rays_of(camera, rays[near])
            found = part.caster.distances(origins, directions)
            met = found["primID"] >= 0
            near, reach = near[met], found["tfar"][met]
            origins, directions = _rays_of(self.cameras[0], rays[near])
            free = ~still.blocked(origins, directions, reach)
            hits[near[free]] = found["primID"][met][free] + part.first_face
        return hits

    def smoothed_edges(
        self, light: NDArray[np.float32], depth: NDArray[np.float32], ids: NDArray[np.int32], samples: int
    ) -> NDArray[np.float32]:
        """The light with the pixels on edges made of several rays."""
        width, height = self.size
        edges = _edges(depth.reshape(height, width), ids.reshape(height, width))
        edges = edges[~np.isnan(depth[edges])]
        if not len(edges):
            return light
        rays = _camera_rays(self.calibration, self.size)[0][edges]
        total = light[edges].astype(np.float64)
        for x, y in _offsets(samples)[1:]:
            moved = rays + np.array([x * self.step[0], y * self.step[1], 0.0], np.float32)
            total += self._shade(moved, self._cast(moved), True)[0]
        return _frozen_with(light, edges, total / samples)


def _frozen_with(array: NDArray[Any], where: NDArray[Any], value: Any) -> NDArray[Any]:
    """A read-only copy with other values in some places."""
    changed = array.copy()
    changed[where] = value
    changed.flags.writeable = False
    return changed


def _offsets(samples: int) -> NDArray[np.float64]:
    """Where in the pixel the rays go, from its centre (the first): the R2 sequence of Roberts (2018)."""
    count = np.arange(samples)[:, np.newaxis]
    return np.asarray((0.5 + count * (0.7548776662466927, 0.5698402909980532)) % 1.0 - 0.5)


def _edges(depth: NDArray[np.float32], ids: NDArray[np.int32]) -> NDArray[np.intp]:
    """Flat indices of pixels beside one of another object or of a depth that jumps."""
    edge = np.zeros(ids.shape, np.bool_)
    inverse = 1.0 / depth
    for axis in (0, 1):
        first = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        last = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        a, b = inverse[first], inverse[last]
        jump = (ids[first] != ids[last]) | (np.abs(a - b) > 0.02 * np.maximum(a, b))
        edge[first] |= jump
        edge[last] |= jump
    return np.flatnonzero(edge)


def _twelve(pose: Pose) -> NDArray[np.float64]:
    return np.concatenate([pose.rotation, pose.translation[:, np.newaxis]], axis=1).ravel()


def _rays_of(place: Pose, rays: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    # Not a matrix product: BLAS would keep threads of its own spinning beside Embree's for so small a one.
    directions = np.einsum("nk,jk->nj", rays, place.rotation.astype(np.float32))
    return np.broadcast_to(place.translation.astype(np.float32), rays.shape), directions


def _may_meet(rays: NDArray[np.float32], center: NDArray[np.float64], radius: float) -> NDArray[np.intp]:
    """Indices of the rays that pass a ball (camera axes) in front of the camera."""
    distance = float(np.linalg.norm(center))
    if distance <= radius * 1.001:
        return np.arange(len(rays))
    if center[2] < -radius:
        return np.zeros(0, np.intp)
    cosine = math.sqrt(max(1.0 - (radius * 1.001 / distance) ** 2, 0.0))
    along = np.einsum("nk,k->n", rays, (center / distance).astype(np.float32))
    return np.flatnonzero(
        (along > 0) & (along * along >= (cosine * cosine - 1e-5) * np.einsum("nk,nk->n", rays, rays))
    )
