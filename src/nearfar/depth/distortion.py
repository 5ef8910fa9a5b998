"""How lenses bend pictures: Apple's tables, OpenCV's polynomial, and the fisheye polynomial.

      rectilinear point ── distort ──▶ point in the picture          undistort is the way back

`LensTable` works on pixels; `BrownConrady` and `Fisheye` work on normalised points ``(x/z, y/z)``, before the
intrinsic matrix.  `Calibration.distort_points` and `Calibration.undistort_points` hide the difference.

Polynomials turn back on themselves far from the axis. Beyond that radius a lens has no picture, so points
there become NaN instead of a second, false image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.lens_table import LensTable, pixel_points
from nearfar.depth.pose import LARGEST

__all__ = ["BrownConrady", "Distortion", "Fisheye", "LensTable"]

_NEWTON_STEPS = 20
_GRID = 1024
_LAST_STEP = 1e-7
"""Newton's error is about the square of its last step, so nothing is left after one this small."""
_TOLERANCE = 1e-11
_FARTHEST = 1e9

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BrownConrady:
    """Brown and Conrady's radial and tangential distortion, in OpenCV's order and signs.

    With ``s = x² + y²``: ``radial = (1 + k1 s + k2 s² + k3 s³) / (1 + k4 s + k5 s² + k6 s³)``,
    ``x' = x radial + 2 p1 x y + p2 (s + 2 x²)``, ``y' = y radial + p1 (s + 2 y²) + 2 p2 x y``.
    ROS calls it ``plumb_bob`` (k1 k2 p1 p2 k3) or ``rational_polynomial`` (all), kalibr ``radtan``
    (k1 k2 p1 p2).

    Source: D. C. Brown, "Decentering Distortion of Lenses", 1966; OpenCV, "Camera Calibration and 3D
    Reconstruction". Raises ValueError on a coefficient that is not finite.
    """

    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0

    def __post_init__(self) -> None:
        _require_finite(self)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """(k1, k2, p1, p2, k3, k4, k5, k6): OpenCV's ``distCoeffs``."""
        return (self.k1, self.k2, self.p1, self.p2, self.k3, self.k4, self.k5, self.k6)

    @property
    def max_radius(self) -> float:
        """Normalised radius up to which the radial part is one to one; inf when it always is."""
        polynomial = np.polynomial.polynomial  # a module that NumPy loads when it is first named
        above, below = self._fraction()
        slope = polynomial.polyadd(
            polynomial.polymul(above, below),
            polynomial.polymul(
                (0.0, 2.0),
                polynomial.polysub(
                    polynomial.polymul(polynomial.polyder(above), below),
                    polynomial.polymul(above, polynomial.polyder(below)),
                ),
            ),
        )
        return float(np.sqrt(min(_first_root(slope), _first_root(np.asarray(below)))))

    def distort(self, points: ArrayLike) -> Floats:
        """Normalised picture points (..., 2) of normalised rectilinear ones; NaN beyond `max_radius`."""
        values = pixel_points(points)
        x, y = values[..., 0], values[..., 1]
        s = x * x + y * y
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            radial = self._radial(s)
            out = np.empty_like(values)
            out[..., 0] = x * radial + 2.0 * self.p1 * x * y + self.p2 * (s + 2.0 * x * x)
            out[..., 1] = y * radial + self.p1 * (s + 2.0 * y * y) + 2.0 * self.p2 * x * y
        limit = self.max_radius
        if np.isfinite(limit):
            out[s >= limit * limit] = np.nan
        return out

    def undistort(self, points: ArrayLike) -> Floats:
        """Normalised rectilinear points (..., 2) of normalised picture points; NaN where there is none."""
        target = pixel_points(points)
        limit = self.max_radius
        radius = np.hypot(target[..., 0], target[..., 1])
        with np.errstate(all="ignore"):
            start = _guessed(*_table(lambda r: r * self._radial(r * r), limit, radius), radius)
            scale = np.where(radius > 0.0, start / radius, 1.0)
            found = target * np.where(np.isfinite(scale), scale, 1.0)[..., np.newaxis]
            found = self._newton(found, target)
            off = _larger(np.abs(self.distort(found) - target))
        found[~(off <= _TOLERANCE * 10.0 * (1.0 + radius))] = np.nan
        return found

    def _newton(self, found: Floats, target: Floats) -> Floats:
        """Improve points (..., 2) until they distort to ``target``; each leaves the loop when it does."""
        shape = target.shape
        found, target = found.reshape(-1, 2), target.reshape(-1, 2)
        active = np.arange(len(found))
        for _ in range(_NEWTON_STEPS):
            whole = len(active) == len(found)  # mostly one step does for all
            step = self._step(*(each if whole else each[active] for each in (found, target)))
            size = _larger(np.abs(step))
            step[~np.isfinite(size)] = 0.0
            if whole:
                found -= step
            else:
                found[active] -= step
            active = active[size > _LAST_STEP]
            if not active.size:
                break
        return found.reshape(shape)

    def _step(self, found: Floats, target: Floats) -> Floats:
        """Newton's step (N, 2) at ``found``."""
        x, y = found[:, 0], found[:, 1]
        s = x * x + y * y
        radial = self._radial(s)
        slope = self._radial_slope(s, radial)
        off_x = x * radial + 2.0 * self.p1 * x * y + self.p2 * (s + 2.0 * x * x) - target[:, 0]
        off_y = y * radial + self.p1 * (s + 2.0 * y * y) + 2.0 * self.p2 * x * y - target[:, 1]
        xx = radial + 2.0 * slope * x * x + 2.0 * self.p1 * y + 6.0 * self.p2 * x
        xy = 2.0 * slope * x * y + 2.0 * self.p1 * x + 2.0 * self.p2 * y
        yy = radial + 2.0 * slope * y * y + 6.0 * self.p1 * y + 2.0 * self.p2 * x
        determinant = xx * yy - xy * xy
        step_x = (yy * off_x - xy * off_y) / determinant
        step_y = (xx * off_y - xy * off_x) / determinant
        return np.stack([step_x, step_y], axis=-1)

    def turned(self, matrix: NDArray[np.float64]) -> BrownConrady:
        """The same lens seen with camera axes turned or mirrored by a (2, 2) orthogonal ``matrix``."""
        # The tangential part is 2 (q·v) v + |v|² q with q = (p2, p1), so q turns like a vector.
        p2, p1 = (float(value) for value in np.asarray(matrix) @ (self.p2, self.p1))
        return BrownConrady(self.k1, self.k2, p1, p2, self.k3, self.k4, self.k5, self.k6)

    def equals(self, other: object) -> bool:
        """Whether both hold the same coefficients."""
        return self == other

    def to_dict(self) -> dict[str, Any]:
        """``{"model": "brown-conrady", "k1": ...}``, ready for JSON."""
        return {"model": "brown-conrady", **asdict(self)}

    def _fraction(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        return (1.0, self.k1, self.k2, self.k3), (1.0, self.k4, self.k5, self.k6)

    def _radial(self, s: Floats) -> Floats:
        radial: Floats = 1.0 + s * (self.k1 + s * (self.k2 + s * self.k3))
        if self.k4 or self.k5 or self.k6:
            radial = radial / (1.0 + s * (self.k4 + s * (self.k5 + s * self.k6)))
        return radial

    def _radial_slope(self, s: Floats, radial: Floats) -> Floats:
        """The derivative of ``radial`` with respect to s."""
        slope: Floats = self.k1 + s * (2.0 * self.k2 + s * (3.0 * self.k3))
        if self.k4 or self.k5 or self.k6:
            below = 1.0 + s * (self.k4 + s * (self.k5 + s * self.k6))
            slope = (slope - radial * (self.k4 + s * (2.0 * self.k5 + s * (3.0 * self.k6)))) / below
        return slope


@dataclass(frozen=True, slots=True)
class Fisheye:
    """Kannala and Brandt's equidistant fisheye: ``r' = θ (1 + k1 θ² + k2 θ⁴ + k3 θ⁶ + k4 θ⁸)``.

    θ is the angle off the axis. OpenCV's ``cv2.fisheye``, ROS's and kalibr's ``equidistant``. A normalised
    point cannot lie 90° or more off the axis: `undistort` gives NaN there; `project` takes any direction.

    Source: J. Kannala, S. Brandt, "A Generic Camera Model and Calibration Method", 2006. Raises ValueError on
    a coefficient that is not finite.
    """

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0

    def __post_init__(self) -> None:
        _require_finite(self)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """(k1, k2, k3, k4)."""
        return (self.k1, self.k2, self.k3, self.k4)

    @property
    def max_angle(self) -> float:
        """Angle off the axis, radians, up to which the mapping is one to one; at most pi."""
        slope = (1.0, 3.0 * self.k1, 5.0 * self.k2, 7.0 * self.k3, 9.0 * self.k4)
        return min(float(np.sqrt(_first_root(np.asarray(slope)))), float(np.pi))

    def distort(self, points: ArrayLike) -> Floats:
        """Normalised picture points (..., 2) of normalised rectilinear ones; NaN beyond `max_angle`."""
        values = pixel_points(points)
        radius = np.hypot(values[..., 0], values[..., 1])
        return self._place(values, radius, np.arctan(radius))

    def project(self, directions: ArrayLike) -> Floats:
        """Normalised picture points (..., 2) of camera points (..., 3), in front of the camera or behind."""
        values = np.asarray(directions, dtype=np.float64)
        radius = np.hypot(values[..., 0], values[..., 1])
        return self._place(values[..., :2], radius, np.arctan2(radius, values[..., 2]))

    def undistort(self, points: ArrayLike) -> Floats:
        """Normalised rectilinear points (..., 2) of normalised picture points; NaN from 90° off the axis."""
        values = pixel_points(points)
        radius = np.hypot(values[..., 0], values[..., 1])
        with np.errstate(all="ignore"):
            angle = self._unbent(radius)
            scale = np.where(radius > 0.0, np.tan(angle) / radius, 1.0)
            scale = np.where(angle < np.pi / 2, scale, np.nan)
        result: Floats = values * scale[..., np.newaxis]
        return result

    def equals(self, other: object) -> bool:
        """Whether both hold the same coefficients."""
        return self == other

    def to_dict(self) -> dict[str, Any]:
        """``{"model": "fisheye", "k1": ...}``, ready for JSON."""
        return {"model": "fisheye", **asdict(self)}

    def _place(self, values: Floats, radius: Floats, angle: Floats) -> Floats:
        bent = np.where(angle < self.max_angle, self._bent(angle), np.nan)
        with np.errstate(all="ignore"):
            scale = np.where(radius > 0.0, bent / radius, np.where(angle < self.max_angle, 1.0, np.nan))
        result: Floats = values * scale[..., np.newaxis]
        return result

    def _bent(self, angle: Floats) -> Floats:
        s = angle * angle
        result: Floats = angle * (1.0 + s * (self.k1 + s * (self.k2 + s * (self.k3 + s * self.k4))))
        return result

    def _unbent(self, radius: Floats) -> Floats:
        low, angle, high = _bracket(self._bent, self.max_angle, radius)
        for _ in range(_NEWTON_STEPS):
            s = angle * angle
            slope = 1.0 + s * (3 * self.k1 + s * (5 * self.k2 + s * (7 * self.k3 + s * 9 * self.k4)))
            moved = np.clip(angle - (self._bent(angle) - radius) / slope, low, high)
            largest = float(np.nanmax(np.abs(moved - angle), initial=0.0))
            angle = moved
            if not largest > _LAST_STEP:
                break
        return angle


Distortion: TypeAlias = LensTable | BrownConrady | Fisheye
"""Every lens model a calibration can carry."""


def distortion_from_dict(data: Mapping[str, Any]) -> Distortion:
    """The lens of a ``to_dict``; ValueError where the model is unknown or a member missing or wrong."""
    members = dict(data)
    model = members.pop("model", None)
    lenses: dict[object, type[LensTable | BrownConrady | Fisheye]] = {
        "lens-table": LensTable,
        "brown-conrady": BrownConrady,
        "fisheye": Fisheye,
    }
    if model not in lenses:
        raise ValueError(f"unknown distortion model {model!r}; known: {', '.join(map(str, lenses))}")
    try:
        return lenses[model](**members)
    except TypeError as error:
        raise ValueError(f"not a {model} lens: {error}") from None


def _require_finite(model: BrownConrady | Fisheye) -> None:
    for name in model.__dataclass_fields__:
        value = float(getattr(model, name))
        if not abs(value) <= LARGEST:
            raise ValueError(
                f"{type(model).__name__}.{name} must be finite and at most {LARGEST:g}, not {value}"
            )
        object.__setattr__(model, name, value)


def _first_root(coefficients: NDArray[np.floating[Any]]) -> float:
    """The smallest positive real root of a polynomial (lowest power first, 1 the first of them), or inf."""
    # The reciprocals of the roots: their polynomial leads with 1, so a tiny last coefficient can't overflow.
    roots = np.polynomial.polynomial.polyroots(np.trim_zeros(np.asarray(coefficients), "b")[::-1])
    real = roots.real[(np.abs(roots.imag) <= 1e-9 * np.abs(roots)) & (roots.real > 1.0 / _FARTHEST)]
    return float(1.0 / real.max()) if real.size else float("inf")


def _bracket(
    function: Callable[[Floats], Floats], limit: float, targets: Floats
) -> tuple[Floats, Floats, Floats]:
    """Lower bound, guess and upper bound of ``r`` with ``function(r) = target``; the guess is NaN if nowhere.

    The function starts at 0 and increases up to ``limit``, which may be inf.
    """
    grid, images = _table(function, limit, targets)
    i = np.clip(np.searchsorted(images, targets, side="right") - 1, 0, _GRID - 2)
    return grid[i], _guessed(grid, images, targets), grid[i + 1]


def _table(function: Callable[[Floats], Floats], limit: float, targets: Floats) -> tuple[Floats, Floats]:
    """Values ``r`` up to where ``function(r)`` is the largest target, and the function at them."""
    top = limit
    if not np.isfinite(limit):
        highest = float(np.max(targets, initial=0.0, where=np.isfinite(targets)))
        top = 1.0
        while top < _FARTHEST and not function(np.array(top)) >= highest:
            top *= 2.0
    grid = np.linspace(0.0, top, _GRID)
    return grid, np.maximum.accumulate(function(grid))


def _guessed(grid: Floats, images: Floats, targets: Floats) -> Floats:
    """About which ``r`` has each target; NaN where none has."""
    return np.interp(targets, images, grid, right=np.nan)


def _larger(pairs: Floats) -> Floats:
    """The larger of each pair (..., 2)."""
    return np.maximum(pairs[..., 0], pairs[..., 1])
