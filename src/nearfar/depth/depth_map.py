"""`DepthMap`: one immutable map of depth or disparity and everything that says how to read it.

Mirrors AVDepthData: the map, its kind, accuracy, quality, whether it was filtered, and the calibration of
the camera that saw it. A value that is missing is NaN, a *hole*; depth +inf and disparity 0 are values::

    depth (m)       0.2 ──── 1 ──── 5 ──── +inf
    disparity (1/m)   5 ──── 1 ── 0.2 ──── 0 ──── negative: behind infinity, no depth (a hole)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nearfar.depth.arrays import ArrayValue, adopt, frozen
from nearfar.depth.kinds import Accuracy, DepthKind, Orientation, Quality, orient_array

if TYPE_CHECKING:
    from nearfar.depth.calibration import Calibration
    from nearfar.depth.mesh import Mesh
    from nearfar.depth.point_cloud import PointCloud
    from nearfar.depth.pose import Pose

_FLOATS = (np.dtype(np.float16), np.dtype(np.float32))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DepthMap(ArrayValue):
    """A map of depth in metres or disparity in 1/metres, with NaN where there is no value.

    ``values`` is (H, W), float16 or float32, C-contiguous and read-only; float64 is rounded to float32.
    Depth is planar: the distance from the camera's plane, 0 or more, +inf allowed. Disparity is any number
    but -inf. What a masked array masks is a hole. ``metric`` is False when the unit is arbitrary.
    ``confidence`` is None or (H, W) float32 in 0..1. Raises TypeError on integers (their unit is unknown) and
    ValueError on a wrong shape or a negative depth.

    Source: Apple, AVDepthData.
    """

    values: NDArray[np.floating[Any]]
    kind: DepthKind = DepthKind.DEPTH
    accuracy: Accuracy = Accuracy.RELATIVE
    quality: Quality = Quality.HIGH
    filtered: bool = False
    metric: bool = True
    calibration: Calibration | None = None
    confidence: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "kind", DepthKind(self.kind))
        set_field(self, "accuracy", Accuracy(self.accuracy))
        set_field(self, "quality", Quality(self.quality))
        set_field(self, "filtered", bool(self.filtered))
        set_field(self, "metric", bool(self.metric))
        set_field(self, "values", _checked_values(self.values, self.kind))
        if self.calibration is not None:
            from nearfar.depth.calibration import Calibration

            if not isinstance(self.calibration, Calibration):
                raise TypeError(f"calibration must be a Calibration; got {type(self.calibration).__name__}")
        if self.confidence is not None:
            set_field(self, "confidence", _checked_confidence(self.confidence, self.values.shape))

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width), as NumPy counts."""
        height, width = self.values.shape
        return height, width

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.values.shape
        return width, height

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.values.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.values.shape[0])

    @property
    def dtype(self) -> np.dtype[Any]:
        """float16 or float32."""
        return self.values.dtype

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(H, W) bool: True where there is a value (+inf is one)."""
        mask: NDArray[np.bool_] = ~np.isnan(self.values)
        return mask

    @property
    def holes(self) -> float:
        """The share of pixels without a value, 0..1."""
        return float(np.count_nonzero(np.isnan(self.values)) / self.values.size)

    @property
    def range(self) -> tuple[float, float] | None:
        """The smallest and the largest finite value, in the map's own unit; None when there is none."""
        finite = self.values[np.isfinite(self.values)]
        return (float(finite.min()), float(finite.max())) if finite.size else None

    def filled(self, value: float) -> NDArray[np.floating[Any]]:
        """A writable (H, W) copy of the values with `value` in the holes."""
        copied = self.values.copy()
        copied[np.isnan(copied)] = value
        return copied

    def to(self, kind: DepthKind | str | None = None, *, dtype: DTypeLike | None = None) -> DepthMap:
        """The same map as depth or as disparity, as float16 or float32 (AVDepthData.converting).

        Left out, kind and dtype stay. The reciprocal is computed in float32: NaN stays NaN, disparity 0 and
        depth +inf are one another's, and so are disparity +inf and depth 0. A negative disparity lies behind
        infinity, no depth says that, and it becomes a hole. float16 holds depths up to 65504 m; beyond, +inf.
        """
        wanted = self.kind if kind is None else DepthKind(kind)
        target = self.values.dtype if dtype is None else _float_dtype(dtype)
        if wanted is self.kind and target == self.values.dtype:
            return self
        values = self.values
        if wanted is not self.kind:
            values = _reciprocal(values)
        with np.errstate(over="ignore"):
            values = values.astype(target, copy=False)
        return replace(self, values=frozen(values), kind=wanted)

    def oriented(self, orientation: Orientation | int) -> DepthMap:
        """The map turned upright from an EXIF orientation, its confidence and its calibration with it.

        The calibration's pose takes the turn as well, so that a pixel's point in the world stays put.
        Raises ValueError on an orientation outside 1..8.
        """
        orientation = Orientation(orientation)
        if orientation is Orientation.UP:
            return self
        confidence = None if self.confidence is None else frozen(orient_array(self.confidence, orientation))
        calibration = None if self.calibration is None else self.calibration.oriented(orientation)
        values = frozen(orient_array(self.values, orientation))
        return replace(self, values=values, confidence=confidence, calibration=calibration)

    def with_values(self, values: ArrayLike) -> DepthMap:
        """The same kind of map with other numbers, of any size, *without* calibration and confidence.

        What was done to the numbers is not known here, so what tied them to a camera goes, as it does in
        AVDepthData.replacingDepthDataMap. ``replace(values=...)`` keeps both.
        """
        return replace(self, values=np.asanyarray(values), calibration=None, confidence=None)

    def replace(self, **changes: Any) -> DepthMap:
        """A copy with some fields changed, checked like a new map."""
        return replace(self, **changes)

    def equals(self, other: object) -> bool:
        """True when all is the same, bit for bit, with NaN equal to NaN."""
        if not isinstance(other, DepthMap) or self.values.dtype != other.values.dtype:
            return False
        for name in ("kind", "accuracy", "quality", "filtered", "metric", "shape"):
            if getattr(self, name) != getattr(other, name):
                return False
        if not np.array_equal(self.values, other.values, equal_nan=True):
            return False
        if self.confidence is None or other.confidence is None:
            same_confidence = self.confidence is other.confidence
        else:
            same_confidence = np.array_equal(self.confidence, other.confidence)
        if self.calibration is None or other.calibration is None:
            return same_confidence and self.calibration is other.calibration
        return same_confidence and self.calibration.equals(other.calibration)

    def points(
        self,
        color: ArrayLike | None = None,
        *,
        world_from_camera: Pose | None = None,
        calibration: Calibration | None = None,
        field_of_view: float | None = None,
    ) -> PointCloud:
        """The map as points in space; see `nearfar.depth.geometry.points`."""
        from nearfar.depth.geometry import points

        return points(
            self,
            color,
            world_from_camera=world_from_camera,
            calibration=calibration,
            field_of_view=field_of_view,
        )

    def normals(
        self,
        *,
        radius: int = 2,
        edge: float = 0.05,
        calibration: Calibration | None = None,
        field_of_view: float | None = None,
    ) -> NDArray[np.float32]:
        """The direction that the surface faces at each pixel; see `nearfar.depth.geometry.normals`."""
        from nearfar.depth.geometry import normals

        return normals(self, radius=radius, edge=edge, calibration=calibration, field_of_view=field_of_view)

    def mesh(
        self,
        color: ArrayLike | None = None,
        *,
        edge: float = 0.05,
        world_from_camera: Pose | None = None,
        calibration: Calibration | None = None,
        field_of_view: float | None = None,
    ) -> Mesh:
        """The map as a surface of triangles, cut at edges; see `nearfar.depth.geometry.mesh`."""
        from nearfar.depth.geometry import mesh

        return mesh(
            self,
            color,
            edge=edge,
            world_from_camera=world_from_camera,
            calibration=calibration,
            field_of_view=field_of_view,
        )

    def to_dictionary(self) -> tuple[str, dict[str, Any]]:
        """The map in the shape of Apple's auxiliary dictionary; see `nearfar.depth.dictionary`."""
        from nearfar.depth.dictionary import to_dictionary

        return to_dictionary(self)

    @classmethod
    def from_dictionary(cls, dictionary: Mapping[str, Any]) -> DepthMap:
        """The map that Apple's auxiliary dictionary holds; see `nearfar.depth.dictionary`."""
        from nearfar.depth.dictionary import from_dictionary

        return from_dictionary(dictionary)

    def __reduce__(self) -> tuple[type[DepthMap], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        limits = self.range
        unit = {True: "m", False: "1/m"}[self.kind is DepthKind.DEPTH] if self.metric else "(no unit)"
        span = f"{limits[0]:.4g}..{limits[1]:.4g} {unit}" if limits else "no finite value"
        words = [f"{self.width}×{self.height} {self.dtype} {self.kind.value} {span}", self.accuracy.value]
        words.append(self.quality.value)
        words += ["filtered"] if self.filtered else []
        words += ["calibrated"] if self.calibration is not None else []
        words += ["with confidence"] if self.confidence is not None else []
        words += [f"{self.holes:.1%} holes"] if self.holes else []
        return f"DepthMap({', '.join(words)})"

    def _repr_png_(self) -> bytes:
        """The map in false colours with its scale: what a notebook shows."""
        from nearfar.depth.colour import false_colour, png_bytes

        return png_bytes(false_colour(self, scale=True))


def _float_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    wanted = np.dtype(dtype)
    if wanted not in _FLOATS:
        raise TypeError(f"a depth map is float16 or float32; got dtype {wanted}")
    return wanted


def _is_masked(array: object) -> TypeGuard[np.ma.MaskedArray[Any, Any]]:
    """Tell whether an array has a mask; where nobody has loaded numpy.ma, none has, and it stays unloaded."""
    return "numpy.ma" in sys.modules and isinstance(array, np.ma.MaskedArray)


def _checked_values(values: ArrayLike, kind: DepthKind) -> NDArray[np.floating[Any]]:
    array = np.asarray(values)
    if _is_masked(values) and array.dtype.kind == "f":
        array = frozen(values.filled(np.nan))
    if array.dtype.kind in "iub":
        raise TypeError(
            f"depth values must be floats in metres or 1/metres; got {array.dtype}, whose unit is unknown. "
            "For 16-bit millimetres with 0 for holes: np.where(mm == 0, np.nan, mm / 1000)"
        )
    if array.dtype.kind != "f":
        raise TypeError(f"depth values must be float16 or float32; got {array.dtype}")
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"depth values must have shape (H, W) with at least one pixel; got {array.shape}")
    if array.dtype.newbyteorder("=") not in _FLOATS:
        with np.errstate(over="ignore"):
            array = frozen(array.astype(np.float32))
    array = adopt(array)
    if array.dtype == np.float16 and array.view(np.int16).min() >= 0:
        return array  # nothing has a sign; NumPy compares halves one by one
    least = np.fmin.reduce(array, axis=None)  # passes over holes
    if kind is DepthKind.DISPARITY and least == -np.inf:
        raise ValueError("a disparity map holds -inf, which is no value; use NaN where there is none")
    if kind is DepthKind.DEPTH and least < 0:
        raise ValueError(
            f"a depth map holds a negative depth ({least:g}); a camera sees nothing behind itself. "
            "Use NaN where there is no value"
        )
    return array


def _checked_confidence(confidence: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    array = np.asarray(confidence)
    if _is_masked(confidence) and array.dtype.kind == "f":
        array = frozen(confidence.filled(0.0))
    if array.dtype.kind != "f":
        raise TypeError(f"confidence must be float32 in 0..1; got {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"confidence must have the map's shape {shape}; got {array.shape}")
    if array.dtype != np.float32:
        array = frozen(array.astype(np.float32))
    if not (array.min() >= 0 and array.max() <= 1):
        raise ValueError("confidence must be in 0..1 everywhere, without NaN (0 where there is no value)")
    return adopt(array)


def _reciprocal(values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """1 / values in float32; what lies below zero has no reciprocal here and becomes NaN."""
    single = values.astype(np.float32)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        np.divide(np.float32(1), np.abs(single), out=single, where=~(single < 0))
        single[single < 0] = np.nan
    return single
