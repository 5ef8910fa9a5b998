"""Apple's lens distortion: two tables of radial magnification around a centre.

      distorted picture ── inverse table ──▶ rectilinear          (undistort_points)
      rectilinear       ── forward table ──▶ distorted picture    (distort_points)

Entry i of N holds the *offset* of the magnification at the radius ``i / (N - 1)`` of the way from the centre
to the farthest corner: 0 means "no change".  To rectify a picture, loop over the empty output pixels and find
each one's source with the *forward* table.

Photo files carry no table, only eight polynomial coefficients each way whose meaning Apple does not document.
They are kept as read, and play no part in the mapping of points.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.arrays import frozen
from nearfar.depth.pose import LARGEST

__all__ = ["LensTable"]

MAX_ENTRIES = 65_536
"""Longest table taken; Apple's have a few dozen entries."""
MAX_COEFFICIENTS = 64
"""Longest list of coefficients taken; Apple's have eight."""


def pixel_points(points: ArrayLike) -> NDArray[np.float64]:
    """``points`` as float64 of shape (..., 2), or a ValueError."""
    values = np.asarray(points, dtype=np.float64)
    if values.ndim == 0 or values.shape[-1] != 2:
        raise ValueError(f"points must have the shape (..., 2), not {values.shape}")
    return values


def _table(name: str, values: ArrayLike | None) -> NDArray[np.float32] | None:
    if values is None:
        return None
    table = np.array(values, dtype=np.float32)
    if table.ndim != 1 or not 2 <= table.size <= MAX_ENTRIES:
        raise ValueError(f"the {name} table must be 1-D with 2 to {MAX_ENTRIES} entries, not {table.shape}")
    if not np.isfinite(table).all() or float(table.min()) <= -1.0:
        raise ValueError(f"the {name} table must be finite and above -1 (a magnification of 0)")
    return frozen(table)


def _coefficients(name: str, values: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if values is None:
        return None
    numbers = tuple(float(value) for value in values)
    if not 1 <= len(numbers) <= MAX_COEFFICIENTS or not np.isfinite(numbers).all():
        raise ValueError(f"the {name} coefficients must be 1 to {MAX_COEFFICIENTS} finite numbers: {numbers}")
    return numbers


@dataclass(frozen=True, slots=True, eq=False)
class LensTable:
    """Radial lens distortion as AVCameraCalibrationData gives it.

    Args:
        forward: (N,) float32, ``lensDistortionLookupTable``: rectilinear to distorted, or None.
        inverse: (N,) float32, ``inverseLensDistortionLookupTable``: distorted to rectilinear, or None.
        center: ``lensDistortionCenter`` (x, y), px of the reference size, pixel centres at +0.5.
        forward_coefficients: ``depthData:LensDistortionCoefficients`` of a photo, kept verbatim.
        inverse_coefficients: ``depthData:InverseLensDistortionCoefficients``, kept verbatim.
        radius: px at which the last entry lies; None (Apple's rule) is the corner farthest from the centre.
            A cropped picture's table keeps the radius of the whole one.

    Without any table, points map to themselves. With one table, the other direction is its exact inverse.

    Raises:
        ValueError: a table that is too short, not finite or at or below -1, or a centre that is not finite.
    """

    forward: NDArray[np.float32] | None
    inverse: NDArray[np.float32] | None
    center: tuple[float, float]
    forward_coefficients: tuple[float, ...] | None = None
    inverse_coefficients: tuple[float, ...] | None = None
    radius: float | None = None

    def __post_init__(self) -> None:
        center = (float(self.center[0]), float(self.center[1]))
        if not (np.abs(center) <= LARGEST).all():
            raise ValueError(f"the distortion centre must be finite and at most {LARGEST:g} px, not {center}")
        radius = None if self.radius is None else float(self.radius)
        if radius is not None and not 0.0 < radius <= LARGEST:
            raise ValueError(f"the table's radius must be a positive number of pixels, not {radius}")
        object.__setattr__(self, "radius", radius)
        object.__setattr__(self, "center", center)
        object.__setattr__(self, "forward", _table("forward", self.forward))
        object.__setattr__(self, "inverse", _table("inverse", self.inverse))
        forward = _coefficients("forward", self.forward_coefficients)
        object.__setattr__(self, "forward_coefficients", forward)
        inverse = _coefficients("inverse", self.inverse_coefficients)
        object.__setattr__(self, "inverse_coefficients", inverse)

    @classmethod
    def from_coefficients(
        cls,
        forward_coefficients: tuple[float, ...],
        inverse_coefficients: tuple[float, ...],
        *,
        center: tuple[float, float],
        size: tuple[int, int],
        pixel_size: float,
        powers: Literal["consecutive", "even"] = "consecutive",
        entries: int = 42,
    ) -> LensTable:
        """EXPERIMENTAL: tables guessed from the coefficients in a photo. Nothing calls this for you.

        Apple does not say what the coefficients mean, and no photo with both them and the table was found to
        check against. This takes them as ``percent(r) = sum of c[k] * x**k`` with x the radius in millimetres
        ("consecutive") or its square ("even"). Forward and inverse then undo each other within 0.1 px on tele
        lenses; on wide ones within 0.7 px for "consecutive" and 2.4 px for "even", so neither is proven, and
        "consecutive" is the default only because it fits itself better.

        Args:
            forward_coefficients: ``depthData:LensDistortionCoefficients``.
            inverse_coefficients: ``depthData:InverseLensDistortionCoefficients``.
            center: distortion centre, px of ``size``.
            size: reference (width, height), px.
            pixel_size: metres.
            powers: which guess.
            entries: length of the tables.

        Raises:
            ValueError: another guess, a pixel size outside 0 to 1 metre, or coefficients whose table no
                `LensTable` can be.
        """
        if powers not in ("consecutive", "even"):
            raise ValueError(f'powers must be "consecutive" or "even", not {powers!r}')
        if not 0.0 < pixel_size <= 1.0:
            raise ValueError(f"pixel_size must be a positive number of metres, not {pixel_size}")
        bare = cls(None, None, center, forward_coefficients, inverse_coefficients)
        millimetres = np.linspace(0.0, bare.reach(size), entries) * pixel_size * 1e3
        x = millimetres if powers == "consecutive" else millimetres**2
        forward = np.polynomial.polynomial.polyval(x, bare.forward_coefficients or (0.0,)) / 100.0
        inverse = np.polynomial.polynomial.polyval(x, bare.inverse_coefficients or (0.0,)) / 100.0
        return replace(bare, forward=forward, inverse=inverse)

    @property
    def has_table(self) -> bool:
        """Whether points are mapped at all; False for what a photo file alone can tell."""
        return self.forward is not None or self.inverse is not None

    def reach(self, size: tuple[int, int]) -> float:
        """Radius of the last entry, px: `radius`, or the corner of ``size`` farthest from the centre."""
        if self.radius is not None:
            return self.radius
        x, y = self.center
        return float(np.hypot(max(x, size[0] - x), max(y, size[1] - y)))

    def distort_points(self, points: ArrayLike, size: tuple[int, int]) -> NDArray[np.float64]:
        """Where rectilinear points lie in the distorted picture: the forward table.

        Args:
            points: (..., 2) px; points, `center` and ``size`` are all in one scale.
            size: (width, height) of the picture, px.
        """
        return self._map(pixel_points(points), self.forward, self.inverse, self.reach(size))

    def undistort_points(self, points: ArrayLike, size: tuple[int, int]) -> NDArray[np.float64]:
        """Where points of the distorted picture lie in a rectilinear one: the inverse table.

        Args:
            points: (..., 2) px; points, `center` and ``size`` are all in one scale.
            size: (width, height) of the picture, px.
        """
        return self._map(pixel_points(points), self.inverse, self.forward, self.reach(size))

    def _map(
        self,
        points: NDArray[np.float64],
        table: NDArray[np.float32] | None,
        opposite: NDArray[np.float32] | None,
        reach: float,
    ) -> NDArray[np.float64]:
        offset = points - np.array(self.center)
        radius = np.hypot(offset[..., 0], offset[..., 1])
        if table is not None:
            magnification = _look_up(table, radius, reach)
        elif opposite is not None:
            magnification = _look_up_inverse(opposite, radius, reach)
        else:
            return points.copy()
        result: NDArray[np.float64] = points + magnification[..., np.newaxis] * offset
        return result

    def moved(
        self, center: tuple[float, float], *, scale: float = 1.0, radius: float | None = None
    ) -> LensTable:
        """The same lens in another picture: a new centre, the explicit radius (if any) times ``scale``."""
        kept = radius if radius is not None else self.radius
        return replace(self, center=center, radius=None if kept is None else kept * scale)

    def to_dict(self) -> dict[str, Any]:
        """``{"model": "lens-table", ...}`` with one member per field, ready for JSON."""
        return {
            "model": "lens-table",
            "forward": None if self.forward is None else self.forward.tolist(),
            "inverse": None if self.inverse is None else self.inverse.tolist(),
            "center": list(self.center),
            "forward_coefficients": _listed(self.forward_coefficients),
            "inverse_coefficients": _listed(self.inverse_coefficients),
            "radius": self.radius,
        }

    def equals(self, other: object) -> bool:
        """Whether both hold the same numbers, bit for bit."""
        return (
            isinstance(other, LensTable)
            and self.center == other.center
            and self.radius == other.radius
            and self.forward_coefficients == other.forward_coefficients
            and self.inverse_coefficients == other.inverse_coefficients
            and _same(self.forward, other.forward)
            and _same(self.inverse, other.inverse)
        )

    def __reduce__(self) -> tuple[type[LensTable], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, item.name) for item in fields(self))


def _listed(values: tuple[float, ...] | None) -> list[float] | None:
    return None if values is None else list(values)


def _same(a: NDArray[np.float32] | None, b: NDArray[np.float32] | None) -> bool:
    return (a is None and b is None) or (a is not None and b is not None and np.array_equal(a, b))


def _look_up(table: NDArray[np.float32], radius: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Magnification at ``radius``, linear between entries; the last entry beyond ``reach``. NaN stays NaN."""
    knots = np.linspace(0.0, reach, table.size)
    return np.interp(radius, knots, table.astype(np.float64))


def _look_up_inverse(
    table: NDArray[np.float32], radius: NDArray[np.float64], reach: float
) -> NDArray[np.float64]:
    """Magnification that undoes ``table``: between two entries its mapping is a parabola, solved here."""
    magnified = 1.0 + table.astype(np.float64)
    knots = np.linspace(0.0, reach, table.size)
    images = knots * magnified
    if not (np.diff(images) > 0.0).all():
        raise ValueError("this lens table folds the picture over itself, so it cannot be inverted")
    step = knots[1]
    i = np.clip(np.searchsorted(images, radius, side="right") - 1, 0, table.size - 2)
    # r = knots[i] + s*step with image = (knots[i] + s*step) * (magnified[i] + s*rise), solved for s in 0..1.
    rise = magnified[i + 1] - magnified[i]
    linear = step * magnified[i] + knots[i] * rise
    excess = radius - images[i]
    with np.errstate(invalid="ignore"):
        root = np.sqrt(np.maximum(linear**2 + 4.0 * step * rise * excess, 0.0))
        source = knots[i] + step * 2.0 * excess / (linear + root)
    source = np.where(radius >= images[-1], radius / magnified[-1], source)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = source / radius
    magnification: NDArray[np.float64] = np.where(radius > 0.0, ratio, 1.0 / magnified[0]) - 1.0
    return magnification
