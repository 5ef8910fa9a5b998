"""What the readers expect of a parsed file: numbers, matrices, sizes; and what the writers share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.apple_numbers import is_number
from nearfar.depth.calibration import Calibration
from nearfar.depth.calibration_files.yaml import Fault, Node, Unsupported
from nearfar.depth.distortion import BrownConrady, Fisheye
from nearfar.depth.pose import LARGEST, Pose

MAX_SIDE = 2**31 - 1
"""Largest width or height taken, px."""


def number(text: str, what: str, line: int | None) -> float:
    """A finite number, or a Fault that names ``what``."""
    if is_number(text):
        value = float(text)
        if abs(value) <= LARGEST:
            return value
    raise Fault(f"{what} must be a finite number of at most {LARGEST:g}, not {text[:40]!r}", line)


def side(value: float, what: str, line: int | None) -> int:
    """A width or height in whole pixels, or a Fault that names ``what``."""
    if value != int(value) or not 1 <= value <= MAX_SIDE:
        raise Fault(f"{what} must be a whole number of pixels from 1 to {MAX_SIDE}, not {value:g}", line)
    return int(value)


def mapping(node: Node, what: str) -> dict[str, Node]:
    """The entries of a mapping, or a Fault."""
    if not isinstance(node.value, dict):
        raise Fault(f"{what} must be a mapping of names to values", node.line)
    return node.value


def find(entries: dict[str, Node], *names: str) -> Node | None:
    """The first of ``names`` that is there and not empty."""
    for name in names:
        if name in entries and entries[name].value is not None:
            return entries[name]
    return None


def need(entries: dict[str, Node], *names: str, line: int | None = None) -> Node:
    """The first of ``names`` that is there, or a Fault that names the first."""
    node = find(entries, *names)
    if node is None:
        raise Fault(f"{names[0]!r} is missing", line)
    return node


def scalar(node: Node, what: str) -> float:
    """A finite number, or a Fault that names ``what``."""
    if not isinstance(node.value, str):
        raise Fault(f"{what} must be a number", node.line)
    return number(node.value, what, node.line)


def text(node: Node, what: str) -> str:
    """A text, or a Fault that names ``what``."""
    if not isinstance(node.value, str):
        raise Fault(f"{what} must be a text", node.line)
    return node.value


def numbers(node: Node, what: str) -> list[float]:
    """The numbers of a sequence, of a matrix given by rows, or of ``{rows, cols, data}``, row by row."""
    value = node.value
    if isinstance(value, dict):
        return _matrix_data(value, node.line, what)
    if not isinstance(value, list):
        raise Fault(f"{what} must be a list of numbers", node.line)
    found: list[float] = []
    for item in value:
        if isinstance(item.value, list):
            found += [scalar(inner, what) for inner in item.value]
        else:
            found.append(scalar(item, what))
    return found


def _matrix_data(entries: dict[str, Node], line: int, what: str) -> list[float]:
    data_node = find(entries, "data")
    data = [] if data_node is None else numbers(data_node, what)
    shape = [find(entries, name) for name in ("rows", "cols")]
    sides = [scalar(node, f"{what}: rows and cols") for node in shape if node is not None]
    if len(sides) == 2 and sides[0] * sides[1] != len(data):
        raise Fault(f"{what} is {sides[0]:g} x {sides[1]:g} but has {len(data)} numbers", line)
    return data


def matrix(node: Node, rows: int, cols: int, what: str) -> NDArray[np.float64]:
    """A (rows, cols) float64 matrix, or a Fault that names ``what``."""
    found = numbers(node, what)
    if len(found) != rows * cols:
        raise Fault(f"{what} must hold {rows} x {cols} numbers, not {len(found)}", node.line)
    return np.array(found).reshape(rows, cols)


def motion(rotation: NDArray[np.float64], translation: NDArray[np.float64], what: str, line: int) -> Pose:
    """A pose, or a Fault that names ``what`` where the rotation is none."""
    try:
        return Pose(rotation, translation.reshape(3))
    except ValueError as error:
        raise Fault(f"{what}: {error}", line) from None


def from_pixel_zero(intrinsics: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intrinsics that count from the centre of pixel 0, as this package counts: from its corner."""
    result: NDArray[np.float64] = intrinsics + _HALF_PIXEL
    return result


def to_pixel_zero(calibration: Calibration) -> NDArray[np.float64]:
    """A calibration's intrinsics, counted from the centre of pixel 0."""
    result: NDArray[np.float64] = calibration.intrinsics - _HALF_PIXEL
    return result


_HALF_PIXEL = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]])


def brown_conrady(coefficients: Sequence[float], what: str, line: int) -> BrownConrady | None:
    """OpenCV's coefficients k1 k2 p1 p2 [k3 [k4 k5 k6 ...]]; None when all are 0."""
    if len(coefficients) not in (0, 4, 5, 8, 12, 14):
        raise Fault(f"{what} must hold 4, 5, 8, 12 or 14 numbers, not {len(coefficients)}", line)
    if any(coefficients[8:]):
        raise Unsupported(f"{what} describes a thin prism or a tilted sensor, which is not read", line)
    return BrownConrady(*coefficients[:8]) if any(coefficients) else None


def fisheye(coefficients: Sequence[float], what: str, line: int) -> Fisheye:
    """The four coefficients of an equidistant fisheye."""
    if len(coefficients) != 4:
        raise Fault(f"{what} of a fisheye must hold 4 numbers, not {len(coefficients)}", line)
    return Fisheye(*coefficients)


def polynomial_lens(calibration: Calibration, format_name: str) -> BrownConrady | Fisheye | None:
    """The lens of a calibration to write, or a ValueError where it is a table: such files hold none."""
    lens = calibration.distortion
    if lens is None or isinstance(lens, BrownConrady | Fisheye):
        return lens
    raise ValueError(
        f"{format_name} files hold polynomial lenses, not Apple's table; write calibration.rectified() for a "
        "rectified picture, or use the apple format"
    )


def printed(values: Iterable[float]) -> str:
    """Numbers between brackets, so that each reads back as the same float."""
    return "[" + ", ".join(repr(float(value)) for value in values) + "]"


def same_size(left: Calibration, right: Calibration, format_name: str) -> tuple[int, int]:
    """The size of both pictures, or a ValueError where the format has room for one size only."""
    if left.reference_size != right.reference_size:
        raise ValueError(
            f"{format_name} files hold one picture size, but the rig has {left.reference_size} and "
            f"{right.reference_size}; use rig.scaled_to(size)"
        )
    return left.reference_size
