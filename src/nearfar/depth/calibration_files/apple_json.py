"""Calibrations as iOS apps export them: JSON with the names of AVCameraCalibrationData's members.

``intrinsicMatrix`` (9 numbers, column by column), ``intrinsicMatrixReferenceDimensions`` (width, height),
``extrinsicMatrix`` (12 numbers, column by column, the last three in mm), ``pixelSize`` (mm),
``lensDistortionCenter`` (x, y), ``lensDistortionLookupTable`` and ``inverseLensDistortionLookupTable`` (lists
of numbers, or base64 of little-endian float32).  Reading also takes snake_case names, matrices as lists of
columns, pairs as lists, and all of it inside "calibration_data" or "cameraCalibrationData".  A pair is
``{"left": ..., "right": ...}``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.apple_numbers import is_number, print_millimetres, print_pixel_size, read_metres
from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import fields
from nearfar.depth.calibration_files.yaml import Fault
from nearfar.depth.distortion import LensTable
from nearfar.depth.pose import LARGEST, Pose

_WRAPPERS = ("calibrationData", "cameraCalibrationData")
_MAX_NESTING = 64
_VERBATIM = "verbatim:"
"""Marks a number's text until the file's is made: a float would lose digits of the millimetres."""


def read(text: str) -> Calibration | StereoRig:
    """The camera or the pair."""
    if not _is_shallow(text):
        raise Fault(f"nested deeper than {_MAX_NESTING} levels")
    try:
        document = json.loads(text, parse_constant=_refuse, parse_float=_Number, parse_int=_Number)
    except json.JSONDecodeError as error:
        raise Fault(f"not JSON: {error.msg}", error.lineno) from None
    members = _members(document, "the file")
    if "left" in members and "right" in members:
        return StereoRig(*(_camera(_members(members[side], side), f"{side}.") for side in ("left", "right")))
    return _camera(members, "")


class _Number(float):
    """A number that keeps its text: metres have to be read from all digits of the millimetres."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def _refuse(name: str) -> float:
    raise Fault(f"{name} is no number that JSON knows")


def _is_shallow(text: str) -> bool:
    """Whether brackets nest within bounds, texts included: the parser itself would recurse."""
    depth = 0
    for match in re.finditer(r"[\[\]{}]", text):
        depth += 1 if match[0] in "[{" else -1
        if depth > _MAX_NESTING:
            return False
    return True


def _members(value: object, what: str) -> dict[str, Any]:
    """The members of an object under their camelCase names, a wrapper around them taken off."""
    if not isinstance(value, dict):
        raise Fault(f"{what} must be an object")
    named = {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): member for name, member in value.items()}
    for wrapper in _WRAPPERS:
        if isinstance(named.get(wrapper), dict):
            return _members(named[wrapper], wrapper)
    return named


def _numbers(value: object, counts: tuple[int, ...] | None, what: str) -> list[float]:
    """Numbers of a list, of a list of lists, or of an object with x, y or width, height."""
    if isinstance(value, Mapping):
        value = [value.get(name) for name in (("width", "height") if "width" in value else ("x", "y"))]
    if isinstance(value, list) and value and all(isinstance(item, list) for item in value):
        value = [number for item in value for number in item]
    if not isinstance(value, list) or not all(isinstance(item, float) for item in value):
        raise Fault(f"{what} must be a list of numbers")
    if not (np.abs(value) <= LARGEST).all():
        raise Fault(f"{what} must be finite and at most {LARGEST:g}")
    if counts is not None and len(value) not in counts:
        raise Fault(f"{what} must hold {' or '.join(map(str, counts))} numbers, not {len(value)}")
    return value


def _camera(members: dict[str, Any], prefix: str) -> Calibration:
    for name in ("intrinsicMatrix", "intrinsicMatrixReferenceDimensions"):
        if members.get(name) is None:
            raise Fault(f"{prefix + name!r} is missing")
    intrinsics = np.reshape(_numbers(members["intrinsicMatrix"], (9,), "intrinsicMatrix"), (3, 3)).T
    name = "intrinsicMatrixReferenceDimensions"
    width, height = (fields.side(side, name, None) for side in _numbers(members[name], (2,), name))
    pixel_size = members.get("pixelSize")
    if pixel_size is not None:
        if not (isinstance(pixel_size, float) and abs(pixel_size) <= LARGEST):
            raise Fault(f"pixelSize must be a number of at most {LARGEST:g}")
        pixel_size = _metres(pixel_size) if pixel_size > 0.0 else None
    pose = Pose.identity()
    if members.get("extrinsicMatrix") is not None:
        numbers = _numbers(members["extrinsicMatrix"], (12,), "extrinsicMatrix")
        pose = Pose(np.reshape(numbers[:9], (3, 3)).T, np.array([_metres(v) for v in numbers[9:]]))
    return Calibration(intrinsics, (width, height), pixel_size, pose, _lens(members))


def _metres(millimetres: float) -> float:
    text = millimetres.text if isinstance(millimetres, _Number) else ""
    return read_metres(text if is_number(text) else repr(float(millimetres)))


def _lens(members: dict[str, Any]) -> LensTable | None:
    if members.get("lensDistortionCenter") is None:
        return None
    x, y = _numbers(members["lensDistortionCenter"], (2,), "lensDistortionCenter")
    tables = [
        _table(members[name], name) if members.get(name) is not None else None
        for name in ("lensDistortionLookupTable", "inverseLensDistortionLookupTable")
    ]
    coefficients = [
        tuple(_numbers(members[name], None, name)) if members.get(name) is not None else None
        for name in ("lensDistortionCoefficients", "inverseLensDistortionCoefficients")
    ]
    return LensTable(tables[0], tables[1], (x, y), coefficients[0], coefficients[1])


def _table(value: object, what: str) -> NDArray[np.float32]:
    if isinstance(value, str):
        try:
            data = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Fault(f"{what} is no base64") from None
        if len(data) % 4:
            raise Fault(f"{what} must be float32 numbers, but has {len(data)} bytes")
        return np.frombuffer(data, "<f4").astype(np.float32)
    return np.array(_numbers(value, None, what), dtype=np.float32)


def write(value: Calibration | StereoRig) -> str:
    """The file's text. Raises ValueError on a lens of another maker."""
    if isinstance(value, StereoRig):
        document: dict[str, Any] = {"left": _object(value.left), "right": _object(value.right)}
    else:
        document = _object(value)
    text = json.dumps(document, indent=2, allow_nan=False)
    return re.sub(f'"{_VERBATIM}([^"]*)"', r"\1", text) + "\n"


def _object(camera: Calibration) -> dict[str, Any]:
    lens = camera.distortion
    if lens is not None and not isinstance(lens, LensTable):
        raise ValueError(
            f"Apple's JSON holds lens tables, not {type(lens).__name__}; use the opencv, ros or kalibr format"
        )
    result: dict[str, Any] = {
        "intrinsicMatrix": camera.intrinsics.T.ravel().tolist(),
        "intrinsicMatrixReferenceDimensions": dict(
            zip(("width", "height"), camera.reference_size, strict=True)
        ),
        "extrinsicMatrix": [
            *camera.pose.rotation.T.ravel().tolist(),
            *(_VERBATIM + print_millimetres(v) for v in camera.pose.translation.tolist()),
        ],
    }
    if camera.pixel_size is not None:
        result["pixelSize"] = _VERBATIM + print_pixel_size(camera.pixel_size)
    if lens is None:
        return result
    if lens.radius is not None:
        raise ValueError("Apple's table ends at the farthest corner; a cropped picture's table does not")
    result["lensDistortionCenter"] = dict(zip("xy", lens.center, strict=True))
    for name, table in (
        ("lensDistortionLookupTable", lens.forward),
        ("inverseLensDistortionLookupTable", lens.inverse),
    ):
        if table is not None:
            # The shortest text that reads back as the same float32.
            result[name] = [float(str(entry)) for entry in table]
    for name, coefficients in (
        ("lensDistortionCoefficients", lens.forward_coefficients),
        ("inverseLensDistortionCoefficients", lens.inverse_coefficients),
    ):
        if coefficients is not None:
            result[name] = list(coefficients)
    return result
