"""ROS's camera_info YAML: one camera a file, as camera_calibration and camera_info_manager write it.

``projection_matrix`` holds the baseline of a rectified pair, ``P[0][3] = -fx B`` in the right camera's file;
``rectification_matrix`` turns the camera into the pair's common frame; together they are the camera's pose.
So ``StereoRig(read_calibration("left.yaml"), read_calibration("right.yaml"))`` is the rig.

Source: sensor_msgs/CameraInfo; ROS wiki, camera_calibration_parsers.
"""

from __future__ import annotations

import numpy as np

from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import fields
from nearfar.depth.calibration_files.yaml import Fault, Node, Unsupported
from nearfar.depth.distortion import BrownConrady, Fisheye
from nearfar.depth.pose import LARGEST, Pose

_MODELS = {
    "plumb_bob": (0, 4, 5),
    "rational_polynomial": (0, 8, 12, 14),
    "equidistant": (0, 4),
    "fisheye": (0, 4),
}


def read(root: Node) -> Calibration:
    """The camera of a camera_info file, or of a printed CameraInfo message (K, D, R, P)."""
    entries = fields.mapping(root, "the file")
    size = tuple(
        fields.side(fields.scalar(node, name), name, node.line)
        for name, node in (
            ("image_width", fields.need(entries, "image_width", "width", line=root.line)),
            ("image_height", fields.need(entries, "image_height", "height", line=root.line)),
        )
    )
    matrix_node = fields.need(entries, "camera_matrix", "K", "k", line=root.line)
    matrix = fields.matrix(matrix_node, 3, 3, "camera_matrix")
    if not matrix.any():
        raise Unsupported("camera_matrix is all zero: this camera has not been calibrated", matrix_node.line)
    intrinsics = fields.from_pixel_zero(matrix)
    return Calibration(intrinsics, (size[0], size[1]), None, _pose(entries), _lens(entries))


def _lens(entries: dict[str, Node]) -> BrownConrady | Fisheye | None:
    node = fields.find(entries, "distortion_coefficients", "D", "d")
    if node is None:
        return None
    coefficients = fields.numbers(node, "distortion_coefficients")
    model_node = fields.find(entries, "distortion_model")
    model = "plumb_bob" if model_node is None else fields.text(model_node, "distortion_model")
    if model not in _MODELS:
        raise Unsupported(f"distortion_model {model[:40]!r}; known: {', '.join(_MODELS)}", node.line)
    if len(coefficients) not in _MODELS[model]:
        raise Fault(f"{model} with {len(coefficients)} coefficients", node.line)
    if not coefficients:
        return None
    if model in ("equidistant", "fisheye"):
        return fields.fisheye(coefficients, "distortion_coefficients", node.line)
    return fields.brown_conrady(coefficients, "distortion_coefficients", node.line)


def _pose(entries: dict[str, Node]) -> Pose:
    rotation = np.eye(3)
    line = 1
    rotation_node = fields.find(entries, "rectification_matrix", "R", "r")
    if rotation_node is not None:
        line = rotation_node.line
        found = fields.matrix(rotation_node, 3, 3, "rectification_matrix")
        # Zeros are how a camera says that nobody has set this.
        rotation = found if found.any() else rotation
    translation = np.zeros(3)
    projection_node = fields.find(entries, "projection_matrix", "P", "p")
    if projection_node is not None:
        projection = fields.matrix(projection_node, 3, 4, "projection_matrix")
        if min(projection[0, 0], projection[1, 1]) >= 1.0 / LARGEST:
            translation[:2] = -projection[0, 3] / projection[0, 0], -projection[1, 3] / projection[1, 1]
    return fields.motion(rotation, translation + 0.0, "rectification_matrix", line)


def write(value: Calibration | StereoRig) -> str:
    """The file's text. Raises ValueError on a rig or a pose that one camera_info can't hold."""
    if isinstance(value, StereoRig):
        raise ValueError("a ROS file holds one camera: write rig.left and rig.right into two files")
    pose = value.pose
    if pose.translation[2] != 0.0 or pose.is_mirrored:
        raise ValueError(
            "a ROS file holds a rotation and a shift along the rectified picture (P[0][3], P[1][3]); this "
            "pose is mirrored or moved along the axis"
        )
    lens = fields.polynomial_lens(value, "ROS")
    if isinstance(lens, Fisheye):
        model, coefficients = "equidistant", lens.coefficients
    elif lens is not None and any(lens.coefficients[5:]):
        model, coefficients = "rational_polynomial", lens.coefficients
    else:
        model, coefficients = "plumb_bob", ((0.0,) * 5 if lens is None else lens.coefficients[:5])
    matrix = fields.to_pixel_zero(value)
    projection = np.concatenate([matrix, np.zeros((3, 1))], axis=1)
    projection[0, 3] = -matrix[0, 0] * pose.translation[0] + 0.0
    projection[1, 3] = -matrix[1, 1] * pose.translation[1] + 0.0
    width, height = value.reference_size
    lines = [f"image_width: {width}", f"image_height: {height}", "camera_name: camera"]
    lines += _matrix("camera_matrix", matrix)
    lines.append(f"distortion_model: {model}")
    lines += _matrix("distortion_coefficients", np.array([coefficients]))
    lines += _matrix("rectification_matrix", pose.rotation)
    lines += _matrix("projection_matrix", projection)
    return "\n".join(lines) + "\n"


def _matrix(name: str, values: np.ndarray) -> list[str]:
    rows, cols = values.shape
    data = fields.printed(values.ravel().tolist())
    return [f"{name}:", f"  rows: {rows}", f"  cols: {cols}", f"  data: {data}"]
