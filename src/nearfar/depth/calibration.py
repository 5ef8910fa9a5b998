"""What a camera's picture means in space: intrinsics, pose and lens, and two of them as a stereo rig.

      camera point ── pose ──▶ world
          │ x/z, y/z ── lens, intrinsics ──▶ pixel of `reference_size`

Pixel centres lie at +0.5: the corner of the top-left pixel is (0, 0).  A depth map of another size has the
same field of view, so `Calibration.scaled_to` and `Calibration.rays` stretch the reference picture onto it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.arrays import adopt, picture_size
from nearfar.depth.distortion import BrownConrady, Distortion, Fisheye, LensTable, distortion_from_dict
from nearfar.depth.kinds import Orientation
from nearfar.depth.lens_table import pixel_points
from nearfar.depth.pose import LARGEST, Pose, fixed_array

__all__ = ["Calibration", "StereoPair", "StereoRig"]

_STRIP = 1 << 16
"""Pixels whose rays are worked out at once: few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A camera's calibration (AVCameraCalibrationData).

    Args:
        intrinsics: (3, 3) float64, px of `reference_size`, pixel centres at +0.5; last row 0 0 1.
        reference_size: (width, height) px that the intrinsics and the lens refer to.
        pixel_size: edge of one pixel of `reference_size`, metres; None when unknown.
        pose: world_from_camera; identity for the reference camera, mirrored (determinant -1) for a mirrored
            picture.
        distortion: the lens, or None for a rectilinear picture.

    Raises:
        ValueError: a shape, size or number that no camera has.
    """

    intrinsics: NDArray[np.float64]
    reference_size: tuple[int, int]
    pixel_size: float | None = None
    pose: Pose = field(default_factory=Pose.identity)
    distortion: Distortion | None = None

    def __post_init__(self) -> None:
        matrix = fixed_array("intrinsics", self.intrinsics, (3, 3))
        if not np.array_equal(matrix[2], (0.0, 0.0, 1.0)):
            raise ValueError(f"the last row of intrinsics must be 0 0 1, not {matrix[2].tolist()}")
        skew = matrix[0, 1] * matrix[1, 0]
        if min(matrix[0, 0], matrix[1, 1]) < 1.0 / LARGEST or matrix[0, 0] * matrix[1, 1] <= skew:
            raise ValueError(f"the focal lengths of intrinsics must be positive: {matrix.tolist()}")
        pixel_size = None if self.pixel_size is None else float(self.pixel_size)
        if pixel_size is not None and not 1.0 / LARGEST <= pixel_size <= 1.0:
            raise ValueError(f"pixel_size must lie between {1.0 / LARGEST:g} and 1 metre, not {pixel_size}")
        if not isinstance(self.pose, Pose):
            raise TypeError(f"pose must be a Pose, not {type(self.pose).__name__}")
        if self.distortion is not None and not isinstance(self.distortion, Distortion):
            raise TypeError(
                f"distortion must be LensTable, BrownConrady or Fisheye, not {type(self.distortion).__name__}"
            )
        object.__setattr__(self, "pixel_size", pixel_size)
        object.__setattr__(self, "intrinsics", matrix)
        object.__setattr__(self, "reference_size", picture_size("reference_size", self.reference_size))

    @classmethod
    def from_field_of_view(cls, field_of_view: float, size: tuple[int, int]) -> Calibration:
        """A rectilinear camera, its pixels square, its axis centred; `field_of_view` is horizontal, radians.

        Raises ValueError unless the angle is between 0 and pi and both sides are positive whole numbers.
        """
        width, height = picture_size("size", size)
        if not 0.0 < field_of_view < np.pi:
            raise ValueError(f"field_of_view must lie between 0 and pi radians, not {field_of_view}")
        focal = width / 2.0 / float(np.tan(field_of_view / 2.0))
        return cls(
            np.array([[focal, 0.0, width / 2.0], [0.0, focal, height / 2.0], [0.0, 0.0, 1.0]]),
            (width, height),
        )

    # The numbers by name

    @property
    def fx(self) -> float:
        """Horizontal focal length, px of `reference_size`."""
        return float(self.intrinsics[0, 0])

    @property
    def fy(self) -> float:
        """Vertical focal length, px of `reference_size`."""
        return float(self.intrinsics[1, 1])

    @property
    def cx(self) -> float:
        """Horizontal position of the principal point, px of `reference_size`, from the left edge."""
        return float(self.intrinsics[0, 2])

    @property
    def cy(self) -> float:
        """Vertical position of the principal point, px of `reference_size`, from the top edge."""
        return float(self.intrinsics[1, 2])

    @property
    def focal_length(self) -> float | None:
        """Focal length in metres, or None when the pixel size is unknown."""
        return None if self.pixel_size is None else self.fx * self.pixel_size

    @property
    def field_of_view(self) -> float:
        """Horizontal field of view, radians, from the left edge to the right, the lens left out."""
        width = self.reference_size[0]
        return float(np.arctan(self.cx / self.fx) + np.arctan((width - self.cx) / self.fx))

    # Other pictures of the same camera

    def replace(self, **fields: Any) -> Calibration:
        """A copy with some fields changed."""
        return replace(self, **fields)

    def rectified(self) -> Calibration:
        """The camera whose picture has been rectified: the same without lens distortion."""
        return replace(self, distortion=None)

    def scaled_to(self, size: tuple[int, int]) -> Calibration:
        """The calibration for the same picture at another ``size`` (width, height), stretched to fit.

        A lens table knows only circles: where the aspect ratio changes, use the unscaled calibration, as
        `rays` and ``rectify`` do. Raises ValueError unless both sides are positive whole numbers.
        """
        size = picture_size("size", size)
        if size == self.reference_size:
            return self
        x, y = size[0] / self.reference_size[0], size[1] / self.reference_size[1]
        lens = self.distortion
        if isinstance(lens, LensTable):
            lens = lens.moved((lens.center[0] * x, lens.center[1] * y), scale=x)
        return replace(
            self,
            intrinsics=np.diag([x, y, 1.0]) @ self.intrinsics,
            reference_size=size,
            pixel_size=None if self.pixel_size is None else self.pixel_size / x,
            distortion=lens,
        )

    def cropped(self, x: float, y: float, width: int, height: int) -> Calibration:
        """The calibration of a part of the picture: its top-left corner and size, px of `reference_size`.

        Raises ValueError on a corner that is not finite and unless both sides are positive whole numbers.
        """
        size = picture_size("the size of a crop", (width, height))
        if not np.isfinite((x, y)).all():
            raise ValueError(f"the corner of a crop must be finite, not ({x}, {y})")
        lens = self.distortion
        if isinstance(lens, LensTable):
            reach = lens.reach(self.reference_size) if lens.has_table else None
            lens = lens.moved((lens.center[0] - x, lens.center[1] - y), radius=reach)
        shift = np.array([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
        return replace(self, intrinsics=shift @ self.intrinsics, reference_size=size, distortion=lens)

    def oriented(self, orientation: Orientation | int) -> Calibration:
        """The calibration of the upright picture, when this one is stored with an EXIF ``orientation``.

        The camera's axes turn with the picture, so the pose is multiplied by the opposite turn: points in the
        world stay where they are. (AVDepthData.applyingExifOrientation; portrait photos of iPhones carry
        exactly this rotation in their extrinsics.)
        """
        orientation = Orientation(orientation)
        if orientation is Orientation.UP:
            return self
        turn = orientation.camera_matrix()
        width, height = self.reference_size
        size = (height, width) if orientation.swaps_axes else (width, height)
        pixels = turn.copy()
        pixels[:2, 2] = np.array(size) / 2.0 - turn[:2, :2] @ np.array((width, height)) / 2.0
        lens = self.distortion
        if isinstance(lens, LensTable):
            x, y, _ = pixels @ (*lens.center, 1.0)
            lens = lens.moved((float(x), float(y)))
        elif isinstance(lens, BrownConrady):
            lens = lens.turned(turn[:2, :2])
        return replace(
            self,
            # Adding 0 turns -0 into 0, which files would print with its sign.
            intrinsics=pixels @ self.intrinsics @ turn.T + 0.0,
            reference_size=size,
            pose=Pose(self.pose.rotation @ turn.T + 0.0, self.pose.translation),
            distortion=lens,
        )

    # Between space and picture

    def distort_points(self, points: ArrayLike) -> NDArray[np.float64]:
        """Where points (..., 2) of the rectified picture lie in the real one; px of `reference_size`."""
        return self._through_lens(points, back=False)

    def undistort_points(self, points: ArrayLike) -> NDArray[np.float64]:
        """Where points (..., 2) of the real picture lie in the rectified one; NaN if nowhere."""
        return self._through_lens(points, back=True)

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Pixels (..., 2) of `reference_size` that camera points (..., 3), metres, fall on; NaN if on none.

        Points outside the picture's edges keep their coordinates; points behind the camera are NaN unless the
        lens is a `Fisheye`. Raises ValueError on another shape.
        """
        values = np.asarray(points, dtype=np.float64)
        if values.ndim == 0 or values.shape[-1] != 3:
            raise ValueError(f"points must have the shape (..., 3), not {values.shape}")
        if isinstance(self.distortion, Fisheye):
            return self._to_pixels(self.distortion.project(values))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            flat = np.where(values[..., 2:] > 0.0, values[..., :2] / values[..., 2:], np.nan)
            return self.distort_points(self._to_pixels(flat))

    def unproject(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Camera directions (..., 3), z = 1, of pixels (..., 2) of `reference_size`; the lens is undone.

        NaN where the lens puts nothing. Raises ValueError on another shape.
        """
        flat = self._to_normalised(self.undistort_points(pixels))
        return np.concatenate([flat, np.ones((*flat.shape[:-1], 1))], axis=-1)

    def rays(self, size: tuple[int, int] | None = None) -> NDArray[np.float32]:
        """Directions (H, W, 3) float32, z = 1, through the pixel centres of a picture of ``size``.

        The lens is undone. Multiplied by a depth map of that size they are its points. What a photo file says
        about an iPhone's lens is not enough to undo it (see `LensTable`): its picture counts as rectilinear.
        """
        width, height = picture_size("size", self.reference_size if size is None else size)
        x = (np.arange(width) + 0.5) * (self.reference_size[0] / width)
        y = (np.arange(height) + 0.5) * (self.reference_size[1] / height)
        result = np.ones((height, width, 3), dtype=np.float32)
        if not self.bends and self.intrinsics[0, 1] == self.intrinsics[1, 0] == 0.0:
            # Nothing mixes the axes: a row and a column say it all.
            line = np.zeros((max(width, height), 2))
            line[:width, 0], line[:height, 1] = x, y
            flat = self._to_normalised(line)
            result[..., 0] = flat[:width, 0]
            result[..., 1] = flat[:height, 1, np.newaxis]
            return result
        rows = max(1, _STRIP // width)
        grid = np.empty((rows, width, 2))
        grid[..., 0] = x
        for top in range(0, height, rows):
            part = grid[: height - top]
            part[..., 1] = y[top : top + rows, np.newaxis]
            flat = self._to_normalised(self.undistort_points(part) if self.bends else part)
            result[top : top + rows, :, :2] = flat
        return result

    @property
    def bends(self) -> bool:
        """Whether the lens moves points: there is one, and more of it is known than coefficients."""
        lens = self.distortion
        return lens.has_table if isinstance(lens, LensTable) else lens is not None

    def _through_lens(self, points: ArrayLike, *, back: bool) -> NDArray[np.float64]:
        values = pixel_points(points)
        lens = self.distortion
        if lens is None:
            return values.copy()
        if isinstance(lens, LensTable):
            move = lens.undistort_points if back else lens.distort_points
            return move(values, self.reference_size)
        flat = self._to_normalised(values)
        return self._to_pixels(lens.undistort(flat) if back else lens.distort(flat))

    def _to_pixels(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        return _affine(self.intrinsics, flat)

    def _to_normalised(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        return _affine(np.linalg.inv(self.intrinsics).astype(np.float64), pixels)

    # Comparing and storing

    def equals(self, other: object) -> bool:
        """Whether both hold the same numbers, bit for bit."""
        if not isinstance(other, Calibration):
            return False
        lens, others = self.distortion, other.distortion
        return (
            np.array_equal(self.intrinsics, other.intrinsics)
            and self.reference_size == other.reference_size
            and self.pixel_size == other.pixel_size
            and self.pose.equals(other.pose)
            and (others is None if lens is None else lens.equals(others))
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, ready for JSON: SI units, pixel centres at +0.5, matrices as rows."""
        return {
            "intrinsics": self.intrinsics.tolist(),
            "reference_size": list(self.reference_size),
            "pixel_size": self.pixel_size,
            "pose": self.pose.to_dict(),
            "distortion": None if self.distortion is None else self.distortion.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """The calibration of `to_dict`; ValueError where a member is missing or wrong."""
        try:
            lens = data.get("distortion")
            return cls(
                intrinsics=data["intrinsics"],
                reference_size=tuple(data["reference_size"]),
                pixel_size=data.get("pixel_size"),
                pose=Pose.from_dict(data["pose"]) if "pose" in data else Pose.identity(),
                distortion=None if lens is None else distortion_from_dict(lens),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a calibration: {error!r}") from None

    def __reduce__(self) -> tuple[type[Calibration], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, item.name) for item in fields(self))


def _affine(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first two rows of a (3, 3) ``matrix`` applied to points (..., 2)."""
    x, y = points[..., 0], points[..., 1]
    result = np.empty_like(points)
    for row, (a, b, c) in enumerate(matrix[:2]):
        result[..., row] = a * x + b * y + c
    return result


@dataclass(frozen=True, slots=True, eq=False)
class StereoRig:
    """Two cameras that look the same way; ``left`` and ``right`` as seen from behind them.

    Both poses lead to one world.  Raises TypeError where a side is not a `Calibration`.
    """

    left: Calibration
    right: Calibration

    def __post_init__(self) -> None:
        for side in (self.left, self.right):
            if not isinstance(side, Calibration):
                raise TypeError(f"a StereoRig holds two Calibrations, not {type(side).__name__}")

    @property
    def right_from_left(self) -> Pose:
        """The motion that takes points of the left camera to the right one."""
        return self.right.pose.inverse() @ self.left.pose

    @property
    def baseline(self) -> float:
        """Distance between the two cameras, metres."""
        return float(np.linalg.norm(self.right.pose.translation - self.left.pose.translation))

    @property
    def doffs(self) -> float:
        """``cx_right - cx_left``, px of the left picture: depth = baseline fx / (shift + doffs)."""
        return self.right.scaled_to(self.left.reference_size).cx - self.left.cx

    def scaled_to(self, size: tuple[int, int]) -> StereoRig:
        """The rig for both pictures at another ``size`` (width, height), px."""
        return StereoRig(self.left.scaled_to(size), self.right.scaled_to(size))

    def equals(self, other: object) -> bool:
        """Whether both hold the same numbers, bit for bit."""
        return (
            isinstance(other, StereoRig) and self.left.equals(other.left) and self.right.equals(other.right)
        )

    def to_dict(self) -> dict[str, Any]:
        """``{"left": ..., "right": ...}`` as `Calibration.to_dict` gives them."""
        return {"left": self.left.to_dict(), "right": self.right.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StereoRig:
        """The rig of `to_dict`; ValueError where a member is missing or wrong."""
        try:
            return cls(Calibration.from_dict(data["left"]), Calibration.from_dict(data["right"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a stereo rig: {error!r}") from None


@dataclass(frozen=True, slots=True, eq=False)
class StereoPair:
    """Two pictures taken at once by a rig.

    Args:
        left: (H, W) or (H, W, C), any dtype; adopted read-only.
        right: the same for the other camera.
        rig: the cameras; their reference sizes need not be the pictures' sizes.

    Raises:
        ValueError: an array that is no picture.
    """

    left: NDArray[Any]
    right: NDArray[Any]
    rig: StereoRig

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            picture = np.asarray(getattr(self, name))
            if picture.ndim not in (2, 3) or picture.size == 0:
                raise ValueError(f"{name} must be a picture (H, W) or (H, W, C), not {picture.shape}")
            object.__setattr__(self, name, adopt(picture))
        if not isinstance(self.rig, StereoRig):
            raise TypeError(f"rig must be a StereoRig, not {type(self.rig).__name__}")

    def __reduce__(self) -> tuple[type[StereoPair], tuple[Any, ...]]:
        return type(self), (self.left, self.right, self.rig)
