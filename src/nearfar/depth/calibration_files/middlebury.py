"""Middlebury's calib.txt: a rectified pair, ``name=value`` a line, the baseline in millimetres.

``Z = baseline f / (d + doffs)`` with ``doffs = cx1 - cx0``.

Source: Middlebury Stereo Datasets 2014, "calibration file format".
"""

from __future__ import annotations

import numpy as np

from nearfar.depth.apple_numbers import exact_millimetres, read_metres
from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import fields
from nearfar.depth.calibration_files.yaml import Fault
from nearfar.depth.pose import Pose

_DOFFS_TOLERANCE = 1.0
"""How far ``doffs`` may lie from ``cx1 - cx0``, px: files print three decimals, and old ones one or none."""


def read(text: str) -> StereoRig:
    """The rig; its world is the left camera."""
    entries: dict[str, tuple[str, int]] = {}
    for line, content in enumerate(text.splitlines(), 1):
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        name, equals, value = (part.strip() for part in content.partition("="))
        if not equals or not name.isidentifier():
            raise Fault(f"expected 'name=value', found {content[:40]!r}", line)
        if name in entries:
            raise Fault(f"{name!r} stands here a second time", line)
        entries[name] = (value, line)
    size = tuple(fields.side(_number(entries, name), name, entries[name][1]) for name in ("width", "height"))
    baseline = _number(entries, "baseline")
    if baseline <= 0.0:
        raise Fault(f"baseline must be positive, not {baseline:g} mm", entries["baseline"][1])
    metres = read_metres(entries["baseline"][0])
    left = Calibration(_matrix(entries, "cam0"), (size[0], size[1]))
    place = Pose(np.eye(3), np.array([metres, 0.0, 0.0]))
    rig = StereoRig(left, Calibration(_matrix(entries, "cam1"), (size[0], size[1]), pose=place))
    if "doffs" in entries:
        doffs = _number(entries, "doffs")
        if abs(doffs - rig.doffs) > _DOFFS_TOLERANCE:
            raise Fault(f"doffs is {doffs:g}, but the matrices say {rig.doffs:g}", entries["doffs"][1])
    return rig


def _number(entries: dict[str, tuple[str, int]], name: str) -> float:
    if name not in entries:
        raise Fault(f"{name!r} is missing")
    return fields.number(entries[name][0], name, entries[name][1])


def _matrix(entries: dict[str, tuple[str, int]], name: str) -> np.ndarray:
    if name not in entries:
        raise Fault(f"{name!r} is missing")
    content, line = entries[name]
    if not (content.startswith("[") and content.endswith("]")):
        raise Fault(f"{name} must be a matrix '[a b c; d e f; g h i]'", line)
    rows = [row.split() for row in content[1:-1].split(";")]
    if [len(row) for row in rows] != [3, 3, 3]:
        raise Fault(f"{name} must have 3 rows of 3 numbers", line)
    values = np.array([[fields.number(item, name, line) for item in row] for row in rows])
    return fields.from_pixel_zero(values)


def write(value: Calibration | StereoRig) -> str:
    """The file's text. Raises ValueError on anything but a rectified pair side by side."""
    if isinstance(value, Calibration):
        raise ValueError("a Middlebury file holds two cameras: pass a StereoRig")
    width, height = fields.same_size(value.left, value.right, "Middlebury")
    between = value.right_from_left
    apart = -between.translation
    if (
        not value.left.pose.is_identity
        or value.left.distortion is not None
        or value.right.distortion is not None
        or not np.allclose(between.rotation, np.eye(3), atol=1e-9)
        or apart[0] <= 0.0
        or np.abs(apart[1:]).max() > 1e-9 * apart[0]
    ):
        raise ValueError(
            "a Middlebury file holds a rectified pair: no lens, no rotation, the left camera at the world's "
            "origin and the right one straight to the right of it"
        )
    lines = [
        f"cam0={_printed(value.left)}",
        f"cam1={_printed(value.right)}",
        f"doffs={value.doffs!r}",
        f"baseline={exact_millimetres(float(apart[0])):f}",
        f"width={width}",
        f"height={height}",
        # Any search range is inside the picture; the format wants a bound that is safe, not tight.
        f"ndisp={width}",
    ]
    return "\n".join(lines) + "\n"


def _printed(camera: Calibration) -> str:
    rows = fields.to_pixel_zero(camera).tolist()
    return "[" + "; ".join(" ".join(repr(item) for item in row) for row in rows) + "]"
