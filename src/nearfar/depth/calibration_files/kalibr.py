"""kalibr's camchain YAML: ``cam0``, ``cam1`` with their pinholes, lenses and the motion between them.

``T_cn_cnm1`` of camera n takes points of camera n-1 to it; metres.

Source: kalibr wiki, "yaml formats".
"""

from __future__ import annotations

import numpy as np

from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import fields
from nearfar.depth.calibration_files.yaml import Fault, Node, Unsupported
from nearfar.depth.distortion import BrownConrady, Fisheye


def read(root: Node) -> Calibration | StereoRig:
    """A camera, or a rig whose world is the first camera."""
    entries = fields.mapping(root, "the file")
    cameras = [name for name in entries if name.startswith("cam") and name[3:].isdecimal()]
    if "cam0" not in entries:
        raise Fault("'cam0' is missing", root.line)
    if len(cameras) > 2:
        raise Unsupported(f"{len(cameras)} cameras; a rig has two", root.line)
    left = _camera(entries["cam0"], "cam0")
    if len(cameras) == 1:
        return left
    second = next(name for name in cameras if name != "cam0")
    node = fields.need(fields.mapping(entries[second], second), "T_cn_cnm1", line=entries[second].line)
    matrix = fields.matrix(node, 4, 4, "T_cn_cnm1")
    second_from_first = fields.motion(matrix[:3, :3], matrix[:3, 3], "T_cn_cnm1", node.line)
    return StereoRig(left, _camera(entries[second], second).replace(pose=second_from_first.inverse()))


def _camera(node: Node, name: str) -> Calibration:
    entries = fields.mapping(node, name)
    model_node = fields.need(entries, "camera_model", line=node.line)
    model = fields.text(model_node, "camera_model")
    if model != "pinhole":
        raise Unsupported(f"camera_model {model[:40]!r}; known: pinhole", model_node.line)
    fx, fy, cx, cy = fields.matrix(fields.need(entries, "intrinsics", line=node.line), 1, 4, "intrinsics")[0]
    size_node = fields.need(entries, "resolution", line=node.line)
    width, height = (
        fields.side(side, "resolution", size_node.line)
        for side in fields.matrix(size_node, 1, 2, "resolution")[0].tolist()
    )
    matrix = fields.from_pixel_zero(np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]]))
    return Calibration(matrix, (width, height), distortion=_lens(entries, node.line))


def _lens(entries: dict[str, Node], line: int) -> BrownConrady | Fisheye | None:
    model_node = fields.find(entries, "distortion_model")
    model = "none" if model_node is None else fields.text(model_node, "distortion_model")
    if model == "none":
        return None
    node = fields.need(entries, "distortion_coeffs", line=line)
    coefficients = fields.numbers(node, "distortion_coeffs")
    if len(coefficients) != 4:
        raise Fault(f"distortion_coeffs must hold 4 numbers, not {len(coefficients)}", node.line)
    if model == "radtan":
        return fields.brown_conrady(coefficients, "distortion_coeffs", node.line)
    if model == "equidistant":
        return fields.fisheye(coefficients, "distortion_coeffs", node.line)
    raise Unsupported(f"distortion_model {model[:40]!r}; known: radtan, equidistant, none", node.line)


def write(value: Calibration | StereoRig) -> str:
    """The file's text. Raises ValueError on what kalibr has no place for."""
    if isinstance(value, StereoRig):
        if not value.left.pose.is_identity:
            raise ValueError(
                "a kalibr file holds the motion between two cameras, not where the left one stands; give the "
                "left one Pose.identity() and the right one rig.right_from_left.inverse()"
            )
        lines = ["cam0:", *_lines(value.left), "cam1:"]
        lines.append("  T_cn_cnm1:")
        lines += [f"  - {fields.printed(row)}" for row in value.right_from_left.to_matrix().tolist()]
        return "\n".join(lines + _lines(value.right)) + "\n"
    if not value.pose.is_identity:
        raise ValueError(
            "a kalibr file holds the motion between two cameras, not the pose of one; use "
            "calibration.replace(pose=Pose.identity())"
        )
    return "\n".join(["cam0:", *_lines(value)]) + "\n"


def _lines(camera: Calibration) -> list[str]:
    matrix = fields.to_pixel_zero(camera)
    if matrix[0, 1] or matrix[1, 0]:
        raise ValueError("kalibr files hold no skew")
    lens = fields.polynomial_lens(camera, "kalibr")
    model = "radtan"
    coefficients: tuple[float, ...] = (0.0,) * 4
    if isinstance(lens, Fisheye):
        model, coefficients = "equidistant", lens.coefficients
    elif lens is not None:
        if any(lens.coefficients[4:]):
            raise ValueError(f"kalibr's radtan holds k1, k2, p1, p2 only, not {lens}")
        coefficients = lens.coefficients[:4]
    return [
        "  camera_model: pinhole",
        f"  intrinsics: {fields.printed((matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]))}",
        f"  distortion_model: {model}",
        f"  distortion_coeffs: {fields.printed(coefficients)}",
        f"  resolution: [{camera.reference_size[0]}, {camera.reference_size[1]}]",
    ]
