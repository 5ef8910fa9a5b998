"""OpenCV's FileStorage YAML, as its calibration samples write it.

One camera: ``image_width``, ``image_height``, ``camera_matrix``, ``distortion_coefficients`` and, for a
fisheye, ``fisheye_model``.  Two: ``M1``, ``D1``, ``M2``, ``D2`` and ``R``, ``T``: p_right = R p_left + T.
What rectification adds (R1, R2, P1, P2, Q) follows from these and is not read.  A camera that is not its
world's origin also gets ``world_from_camera`` (4 x 4), which OpenCV ignores.

Source: OpenCV, samples/cpp calibration.cpp and stereo_calib.cpp; FileStorage.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import fields
from nearfar.depth.calibration_files.yaml import Fault, Node
from nearfar.depth.distortion import BrownConrady, Fisheye
from nearfar.depth.pose import Pose

_WIDTHS = ("image_width", "image_Width", "width")
_HEIGHTS = ("image_height", "image_Height", "height")
_SIZES = ("image_size", "imageSize", "img_size", "size")
_MATRICES = ("camera_matrix", "Camera_Matrix", "cameraMatrix", "K", "M")
_LENSES = ("distortion_coefficients", "Distortion_Coefficients", "distCoeffs", "D")


def read(root: Node, *, size: tuple[int, int] | None = None, unit: float = 1.0) -> Calibration | StereoRig:
    """One camera or a pair; ``size`` where the file says none, ``unit`` metres per unit of T."""
    entries = fields.mapping(root, "the file")
    size = _size(entries) or size
    if size is None:
        raise Fault("the file says no image size (image_width, image_height); pass size=(width, height)")
    if fields.find(entries, *_numbered(_MATRICES, 1)) is None:
        return _camera(entries, size, "", _MATRICES, _LENSES)
    left, right = (
        _camera(entries, size, str(n), _numbered(_MATRICES, n), _numbered(_LENSES, n)) for n in (1, 2)
    )
    rotation_node = fields.need(entries, "R", line=root.line)
    rotation = fields.matrix(rotation_node, 3, 3, "R")
    translation = fields.matrix(fields.need(entries, "T", line=root.line), 3, 1, "T") * unit
    right_from_left = fields.motion(rotation, translation, "R", rotation_node.line)
    return StereoRig(left, right.replace(pose=left.pose @ right_from_left.inverse()))


def _numbered(names: Sequence[str], number: int) -> tuple[str, ...]:
    return tuple(f"{name}{number}" for name in reversed(names))


def _size(entries: dict[str, Node]) -> tuple[int, int] | None:
    width, height = fields.find(entries, *_WIDTHS), fields.find(entries, *_HEIGHTS)
    if width is not None and height is not None:
        return (
            fields.side(fields.scalar(width, "image_width"), "image_width", width.line),
            fields.side(fields.scalar(height, "image_height"), "image_height", height.line),
        )
    pair = fields.find(entries, *_SIZES)
    if pair is None:
        return None
    sides = fields.matrix(pair, 1, 2, "image_size")[0]
    return fields.side(sides[0], "image_size", pair.line), fields.side(sides[1], "image_size", pair.line)


def _camera(
    entries: dict[str, Node],
    size: tuple[int, int],
    number: str,
    matrices: Sequence[str],
    lenses: Sequence[str],
) -> Calibration:
    matrix_node = fields.need(entries, *matrices)
    lens_node = fields.find(entries, *lenses)
    fisheye_node = fields.find(entries, "fisheye_model")
    lens: BrownConrady | Fisheye | None = None
    if lens_node is not None:
        coefficients = fields.numbers(lens_node, lenses[0])
        if fisheye_node is not None and fields.scalar(fisheye_node, "fisheye_model") != 0.0:
            lens = fields.fisheye(coefficients, lenses[0], lens_node.line)
        else:
            lens = fields.brown_conrady(coefficients, lenses[0], lens_node.line)
    pose = Pose.identity()
    place = fields.find(entries, f"world_from_camera{number}")
    if place is not None:
        world = fields.matrix(place, 4, 4, "world_from_camera")
        pose = fields.motion(world[:3, :3], world[:3, 3], "world_from_camera", place.line)
    matrix = fields.from_pixel_zero(fields.matrix(matrix_node, 3, 3, matrices[0]))
    return Calibration(matrix, size, None, pose, lens)


def write(value: Calibration | StereoRig) -> str:
    """The file's text."""
    rig = value if isinstance(value, StereoRig) else None
    first = rig.left if rig is not None else value
    if not isinstance(first, Calibration):
        raise TypeError(f"expected a Calibration or a StereoRig, not {type(value).__name__}")
    size = fields.same_size(rig.left, rig.right, "OpenCV") if rig is not None else first.reference_size
    lines = ["%YAML:1.0", "---", f"image_width: {size[0]}", f"image_height: {size[1]}"]
    cameras = [("camera_matrix", "distortion_coefficients", first)]
    if rig is not None:
        cameras = [("M1", "D1", rig.left), ("M2", "D2", rig.right)]
    models = [isinstance(fields.polynomial_lens(camera, "OpenCV"), Fisheye) for _, _, camera in cameras]
    if len(set(models)) > 1:
        raise ValueError("OpenCV files hold two fisheyes or none; the rig has one")
    for matrix_name, lens_name, camera in cameras:
        lines += _matrix(matrix_name, fields.to_pixel_zero(camera))
        lines += _matrix(lens_name, np.array([_coefficients(camera)]))
    if models[0]:
        lines.append("fisheye_model: 1")
    if rig is not None:
        between = rig.right_from_left
        lines += _matrix("R", between.rotation) + _matrix("T", between.translation.reshape(3, 1))
    if not first.pose.is_identity:
        lines += _matrix("world_from_camera" + ("1" if rig is not None else ""), first.pose.to_matrix())
    return "\n".join(lines) + "\n"


def _coefficients(camera: Calibration) -> tuple[float, ...]:
    lens = fields.polynomial_lens(camera, "OpenCV")
    if lens is None:
        return (0.0,) * 5
    if isinstance(lens, BrownConrady) and not any(lens.coefficients[5:]):
        return lens.coefficients[:5]
    return lens.coefficients


def _matrix(name: str, values: np.ndarray) -> list[str]:
    rows, cols = values.shape
    return [
        f"{name}: !!opencv-matrix",
        f"   rows: {rows}",
        f"   cols: {cols}",
        "   dt: d",
        f"   data: {fields.printed(values.ravel().tolist())}",
    ]
