"""A virtual structured-light camera: from exact depth to what it would see, or to what it would measure.

physical      depth ── dots through the geometry, shadow, fall-off, lens, noise ──▶ infrared picture
statistical   depth ── shadow, dots, noise that grows with z², steps of 1/8 px ──▶ measured depth
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.pairs import check_aspect
from nearfar.estimate.pattern_arrays import as_infrared, kept, sealed
from nearfar.estimate.pattern_dots import dot_pattern
from nearfar.estimate.pattern_light import FARTHEST, Illumination, expose, project
from nearfar.estimate.pattern_memory import Memory
from nearfar.estimate.pattern_projector import InfraredSensor, PatternProjector
from nearfar.estimate.pattern_reference import PatternReference, check_reference
from nearfar.estimate.pattern_statistics import measured

__all__ = ["PatternView", "render_pattern"]

_REFERENCES: Memory[PatternProjector, PatternReference] = Memory(room=2)


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
        projector = _usual_projector(camera.reference_size)
    elif not isinstance(projector, PatternProjector):
        raise EstimationError(f"projector must be a PatternProjector, not {type(projector).__name__}")
    seeds = _seeds(seed)
    if mode == "statistical":
        if not (math.isfinite(shift_noise) and shift_noise >= 0.0):
            raise EstimationError(f"shift_noise must be 0 or more pixels, not {shift_noise}")
        pull = camera.fx * projector.baseline
        inverse = depth.to(DepthKind.DISPARITY, dtype=np.float32).values
        values = measured(inverse, pull, projector, shift_noise, np.random.default_rng(seeds))
        with np.errstate(divide="ignore"):
            values = np.float32(abs(pull)) / values
        return DepthMap(sealed(values), DepthKind.DEPTH, Accuracy.ABSOLUTE, calibration=camera)
    if mode != "physical":
        raise EstimationError(f"mode must be 'physical' or 'statistical', not {mode!r}")
    sensor = InfraredSensor() if sensor is None else sensor
    if not isinstance(sensor, InfraredSensor):
        raise EstimationError(f"sensor must be an InfraredSensor, not {type(sensor).__name__}")
    surface = None if reflectance is None else _reflectance(reflectance, depth)
    reference = _reference(projector, camera, sensor.blur, reference_depth, nearest)
    light, shadow = project(
        projector,
        np.ascontiguousarray(depth.values, np.float32),
        camera.fx * projector.baseline,
        Illumination(sensor.exposure, sensor.ambient, falls_off=True, blur=sensor.blur),
        is_depth=depth.kind is DepthKind.DEPTH,
        surface=surface,
    )
    key = int(seeds.generate_state(1, np.uint64)[0])
    ir = expose(light, sensor.bits, sensor.read_noise, sensor.full_well, key)
    return PatternView(ir, reference, sealed(shadow))


@lru_cache(maxsize=2)
def _usual_projector(size: tuple[int, int]) -> PatternProjector:
    return PatternProjector(dot_pattern(size))


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


def _seeds(seed: int) -> np.random.SeedSequence:
    try:
        return np.random.SeedSequence(seed)
    except ValueError as error:
        raise EstimationError(f"seed must be 0 or more: {error}") from None


def _reflectance(reflectance: ArrayLike, depth: DepthMap) -> NDArray[np.float32]:
    surface = np.ascontiguousarray(reflectance, np.float32)
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
    projector: PatternProjector, camera: Calibration, blur: float, depth: float, nearest: float
) -> PatternReference:
    """The pattern on a plane, reaching as far to the sides as things from `nearest` to infinity need."""
    if not depth > 0.0:
        raise EstimationError(f"reference_depth must be positive metres or inf, not {depth}")
    if not (0.0 < nearest < math.inf and nearest <= depth):
        raise EstimationError(f"nearest must be metres above 0 and not beyond reference_depth, not {nearest}")
    width, height = camera.reference_size
    pull = camera.fx * projector.baseline
    if abs(pull) / nearest > FARTHEST:
        raise EstimationError(
            f"nearest, {nearest} m, would shift the pattern by more than {FARTHEST} pixels: "
            f"it must be at least {abs(pull) / FARTHEST:.2g} m"
        )

    def make() -> PatternReference:
        near_side = 8 + math.ceil(abs(pull) * (1.0 / nearest - 1.0 / depth))
        far_side = 8 + math.ceil(abs(pull) / depth)
        left, right = (near_side, far_side) if pull > 0 else (far_side, near_side)
        plane = np.full((height, left + width + right), 1.0 / depth, np.float32)
        light, _ = project(projector, plane, pull, Illumination(blur=blur), first=-left)
        return PatternReference(expose(light, 16), depth, projector.baseline, left)

    return _REFERENCES.get(projector, (width, height, pull, blur, depth, nearest), make)
