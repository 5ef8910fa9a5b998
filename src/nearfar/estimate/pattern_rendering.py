"""A virtual structured-light camera: from exact depth to what it would see, or to what it would measure.

physical      depth ── dots through the geometry, shadow, fall-off, lens, noise ──▶ infrared picture
statistical   depth ── shadow, dots, noise that grows with z², steps of 1/8 px ──▶ measured depth
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.pairs import check_aspect
from nearfar.estimate.pattern_arrays import as_infrared, kept, sealed
from nearfar.estimate.pattern_dots import dot_pattern
from nearfar.estimate.pattern_light import FINE, finer, project, shadows
from nearfar.estimate.pattern_projector import InfraredSensor, PatternProjector
from nearfar.estimate.pattern_reference import PatternReference, check_reference
from nearfar.estimate.pattern_statistics import measured

__all__ = ["PatternView", "render_pattern"]

_FARTHEST = 1 << 13
"""Pixels that light is shifted by at most; what is nearer than that is out of any projector's reach."""


@dataclass(frozen=True, slots=True, eq=False)
class PatternView:
    """What a structured-light camera sees: `decode_pattern(view.ir, view.reference, calibration)` reads it.

    ``ir`` is (H, W) uint8 or uint16; ``reference`` the same pattern on a plane, without noise; ``shadow``
    (H, W) bool, True where something stands between the projector and what the camera sees. Raises
    EstimationError for a picture of another dtype, a shadow of another shape, and what is no reference.
    """

    ir: NDArray[np.uint8] | NDArray[np.uint16]
    reference: PatternReference
    shadow: NDArray[np.bool_]

    def __post_init__(self) -> None:
        ir, shadow = as_infrared("ir", self.ir), np.asarray(self.shadow)
        if shadow.dtype != np.bool_ or shadow.shape != ir.shape:
            raise EstimationError(
                f"shadow must be bool of the shape of ir, {ir.shape}; got {shadow.dtype} {shadow.shape}"
            )
        check_reference(self.reference, (ir.shape[1], ir.shape[0]))
        object.__setattr__(self, "ir", kept(ir))
        object.__setattr__(self, "shadow", kept(shadow))

    def __reduce__(self) -> tuple[type[PatternView], tuple[Any, ...]]:
        return type(self), (self.ir, self.reference, self.shadow)

    def __repr__(self) -> str:
        height, width = self.ir.shape
        shadow = f"{self.shadow.mean():.1%} in shadow"
        return f"PatternView({width}×{height} {self.ir.dtype}, {shadow}, {self.reference!r})"


@overload
def render_pattern(
    depth: DepthMap,
    projector: PatternProjector | None = None,
    calibration: Calibration | None = None,
    *,
    mode: Literal["physical"] = "physical",
    sensor: InfraredSensor | None = None,
    reflectance: ArrayLike | None = None,
    reference_depth: float = math.inf,
    nearest: float = 0.2,
    seed: int = 0,
) -> PatternView: ...
@overload
def render_pattern(
    depth: DepthMap,
    projector: PatternProjector | None = None,
    calibration: Calibration | None = None,
    *,
    mode: Literal["statistical"],
    shift_noise: float = 0.1,
    seed: int = 0,
) -> DepthMap: ...
def render_pattern(
    depth: DepthMap,
    projector: PatternProjector | None = None,
    calibration: Calibration | None = None,
    *,
    mode: Literal["physical", "statistical"] = "physical",
    sensor: InfraredSensor | None = None,
    reflectance: ArrayLike | None = None,
    reference_depth: float = math.inf,
    nearest: float = 0.2,
    shift_noise: float = 0.1,
    seed: int = 0,
) -> PatternView | DepthMap:
    """See a scene as a structured-light camera does, given its exact depth.

    ``"physical"`` makes the infrared picture: the pattern falls on the scene through the geometry, near
    things shadow what is behind them, light falls off with the square of the distance, the room adds its own,
    the lens blurs, and the sensor adds shot and read noise. ``"statistical"`` is cheaper and makes a measured
    depth map: Gaussian noise of `shift_noise` pixels, so that depth errs by z²/(f·b) times that; steps of 1/8
    pixel; edges as ragged as the dots that lie on them; holes in the shadow and where no dot falls.

    Args:
        depth: the scene, seen from the infrared camera; holes and +inf send no light back, nor does what is
            so near that it would shift the pattern by more than 8192 pixels.
        projector: its pattern and its place; `dot_pattern` of the calibration's size at 75 mm when None.
        calibration: of the infrared camera, without a lens that bends; the map's own when None.
        mode: ``"physical"`` or ``"statistical"``.
        sensor: exposure, ambient light, blur and noise; physical only.
        reflectance: (H, W) in 0..1, how much of the light surfaces send back; 1 when None; physical only.
        reference_depth: the plane of the reference, metres or inf; physical only.
        nearest: the reference reaches as far as things at this depth need, metres; physical only.
        shift_noise: standard deviation, pixels; statistical only.
        seed: of the noise: the same seed gives the same result.

    Returns:
        A `PatternView`, or for ``"statistical"`` a `DepthMap` in metres, float32, absolute and unfiltered.

    Raises:
        EstimationError: no calibration, one with a lens that bends or of another aspect ratio, a value of
            another type, a size, mode or number that makes no sense.

    Source: Bohg et al., "Robot arm pose estimation through pixel-wise part classification", 2014
    (render_kinect); Khoshelham and Elberink, "Accuracy and resolution of Kinect depth data", 2012.
    """
    camera = _camera(depth, calibration)
    if projector is None:
        projector = PatternProjector(dot_pattern(camera.reference_size))
    elif not isinstance(projector, PatternProjector):
        raise EstimationError(f"projector must be a PatternProjector, not {type(projector).__name__}")
    shift = _shift(depth, camera, projector)
    generator = _generator(seed)
    if mode == "statistical":
        if not (math.isfinite(shift_noise) and shift_noise >= 0.0):
            raise EstimationError(f"shift_noise must be 0 or more pixels, not {shift_noise}")
        values = measured(shift, projector, shift_noise, generator)
        with np.errstate(divide="ignore"):
            values = np.float32(camera.fx * abs(projector.baseline)) / values
        return DepthMap(sealed(values), DepthKind.DEPTH, Accuracy.ABSOLUTE, calibration=camera)
    if mode != "physical":
        raise EstimationError(f"mode must be 'physical' or 'statistical', not {mode!r}")
    sensor = InfraredSensor() if sensor is None else sensor
    if not isinstance(sensor, InfraredSensor):
        raise EstimationError(f"sensor must be an InfraredSensor, not {type(sensor).__name__}")
    surface = _reflectance(reflectance, depth)
    fine, slope = finer(shift)
    shadow = shadows(fine, slope)
    light = project(projector, fine, slope)
    light[shadow] = 0.0
    metres = depth.to(DepthKind.DEPTH, dtype=np.float32).values
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        power = np.nan_to_num(np.float32(sensor.exposure) * surface / (metres * metres), posinf=0.0)
    seen = ~np.isnan(shift) & np.isfinite(metres)
    room = np.float32(sensor.ambient) * surface * _slow_variation(depth.shape) * seen
    light *= _repeat(power * seen)
    light += _repeat(room)
    counts = _expose(_gathered(light, sensor.blur), sensor, generator)
    ir = sealed(counts.astype(np.uint8)) if sensor.bits == 8 else sealed(counts.astype(np.uint16))
    return PatternView(
        ir,
        _reference(projector, camera, sensor, reference_depth, nearest),
        sealed(shadow.reshape(depth.height, FINE, depth.width, FINE).mean(axis=(1, 3)) > 0.5),
    )


def _camera(depth: DepthMap, calibration: Calibration | None) -> Calibration:
    if not isinstance(depth, DepthMap):
        raise EstimationError(f"depth must be a DepthMap, not {type(depth).__name__}")
    camera = depth.calibration if calibration is None else calibration
    if camera is None:
        raise EstimationError("this map has no calibration; pass calibration=")
    if not isinstance(camera, Calibration):
        raise EstimationError(f"calibration must be a Calibration, not {type(camera).__name__}")
    if camera.bends:
        raise EstimationError("the calibration has a lens that bends: pass depth and calibration rectified")
    check_aspect(depth.size, camera, "depth")
    return camera.scaled_to(depth.size)


def _generator(seed: int) -> np.random.Generator:
    try:
        return np.random.default_rng(seed)
    except ValueError as error:
        raise EstimationError(f"seed must be 0 or more: {error}") from None


def _shift(depth: DepthMap, camera: Calibration, projector: PatternProjector) -> NDArray[np.float32]:
    """The displacement from infinity in pixels; NaN in holes and where light does not reach."""
    values = depth.to(DepthKind.DISPARITY, dtype=np.float32).values
    with np.errstate(over="ignore"):
        shift = values * np.float32(camera.fx * projector.baseline)
    usable = (values >= 0) & (np.abs(shift) <= _FARTHEST)
    return np.where(usable, shift, np.float32("nan"))


def _reflectance(reflectance: ArrayLike | None, depth: DepthMap) -> NDArray[np.float32]:
    if reflectance is None:
        return np.ones(depth.shape, np.float32)
    surface = np.asarray(reflectance, np.float32)
    if surface.ndim != 2:
        raise EstimationError(f"reflectance must have shape (H, W); got {surface.shape}")
    if surface.shape != depth.shape:
        height, width = surface.shape
        raise EstimationError(
            f"reflectance ({width}×{height}) and depth ({depth.width}×{depth.height}) differ in size"
        )
    if not (surface.min() >= 0 and surface.max() <= 1):
        raise EstimationError("reflectance must lie in 0..1 everywhere, without NaN")
    return surface


def _reference(
    projector: PatternProjector, camera: Calibration, sensor: InfraredSensor, depth: float, nearest: float
) -> PatternReference:
    """The pattern on a plane, reaching as far to the sides as things from `nearest` to infinity need."""
    if not depth > 0.0:
        raise EstimationError(f"reference_depth must be positive metres or inf, not {depth}")
    if not (0.0 < nearest < math.inf and nearest <= depth):
        raise EstimationError(f"nearest must be metres above 0 and not beyond reference_depth, not {nearest}")
    width, height = camera.reference_size
    pull = camera.fx * projector.baseline
    if abs(pull) / nearest > _FARTHEST:
        raise EstimationError(
            f"nearest, {nearest} m, would shift the pattern by more than {_FARTHEST} pixels: "
            f"it must be at least {abs(pull) / _FARTHEST:.2g} m"
        )
    near_side = 8 + math.ceil(abs(pull) * (1.0 / nearest - 1.0 / depth))
    far_side = 8 + math.ceil(abs(pull) / depth)
    left, right = (near_side, far_side) if pull > 0 else (far_side, near_side)
    fine = np.full((height * FINE, (left + width + right) * FINE), pull / depth, np.float32)
    light = project(projector, fine, np.zeros_like(fine), first=-left)
    image = np.rint(np.clip(_gathered(light, sensor.blur), 0, 1) * np.float32(65535)).astype(np.uint16)
    return PatternReference(sealed(image), depth, projector.baseline, left)


def _slow_variation(shape: tuple[int, int]) -> NDArray[np.float32]:
    """The room's light is not even: ±30 % across the picture, in fixed waves."""
    y = np.sin(np.linspace(0.3, 6.0, shape[0], dtype=np.float32))[:, None]
    return 1 + np.float32(0.3) * y * np.cos(np.linspace(0.0, 7.0, shape[1], dtype=np.float32))


def _repeat(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values.repeat(FINE, axis=0).repeat(FINE, axis=1)


def _gathered(light: NDArray[np.float32], blur: float) -> NDArray[np.float32]:
    """Blurred by the lens, then gathered by the pixels: (FINE·H, FINE·W) becomes (H, W)."""
    sigma = blur * FINE
    reach = math.ceil(3.5 * sigma)
    if reach > 0:
        taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        taps = (taps / taps.sum()).astype(np.float32)
        for axis in (0, 1):
            light = _convolved(light, taps, axis)
    height, width = light.shape
    pixels = light.reshape(height // FINE, FINE, width // FINE, FINE)
    means: NDArray[np.float32] = pixels.mean(axis=(1, 3), dtype=np.float32)
    return means


def _convolved(light: NDArray[np.float32], taps: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Symmetric taps along one axis; the edge's samples go on beyond it."""
    reach = len(taps) // 2
    pad = [(0, 0), (0, 0)]
    pad[axis] = (reach, reach)
    padded = np.pad(light, pad, mode="edge")

    def moved(by: int) -> NDArray[np.float32]:
        part = slice(reach + by, reach + by + light.shape[axis])
        return padded[part] if axis == 0 else padded[:, part]

    total: NDArray[np.float32] = moved(0) * taps[reach]
    for by in range(1, reach + 1):
        total += (moved(-by) + moved(by)) * taps[reach + by]
    return total


def _expose(
    light: NDArray[np.float32], sensor: InfraredSensor, generator: np.random.Generator
) -> NDArray[np.float32]:
    """The counts that the sensor gives: whole numbers from 0 to full scale."""
    noise = generator.standard_normal(light.shape, dtype=np.float32)
    noise *= np.sqrt(np.float32(sensor.read_noise**2) + light / np.float32(sensor.full_well))
    full = np.float32(2**sensor.bits - 1)
    counts: NDArray[np.float32] = np.rint(np.clip((light + noise) * full, np.float32(0), full))
    return counts
