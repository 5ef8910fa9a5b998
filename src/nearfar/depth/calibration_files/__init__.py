"""Calibration files of other tools, read and written: OpenCV, ROS, kalibr, Middlebury, Apple's names in JSON.

| format | cameras | lens | poses | pixel size |
|---|---|---|---|---|
| `opencv` | 1 or 2 | polynomial, fisheye | yes | no |
| `ros` | 1 | polynomial, fisheye | rectified pairs' | no |
| `kalibr` | 1 or 2 | k1 k2 p1 p2, fisheye | of the second | no |
| `middlebury` | 2 | none | side by side | no |
| `apple` | 1 or 2 | table | yes | yes |

All but Apple's count pixels from the centre of the first one: half a pixel is added on reading and taken off
on writing. What a format has no place for is refused, not dropped, but for the pixel size.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from nearfar.depth.arrays import picture_size
from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import apple_json, kalibr, middlebury, opencv, ros
from nearfar.depth.calibration_files.yaml import Unsupported, parse_yaml
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile
from nearfar.files import write_file

__all__ = ["CalibrationFormat", "read_calibration", "write_calibration"]

CalibrationFormat = Literal["opencv", "ros", "kalibr", "middlebury", "apple"]

MAX_BYTES = 2 * 1024 * 1024
"""Largest calibration file read. Real ones have a few kilobytes, or a few hundred with their measurements."""

_LARGEST_UNIT = 1e6

_ROS_KEYS = re.compile(r"^(?:distortion_model|camera_name|projection_matrix|[Kk])[ \t]*+:", re.MULTILINE)
_OPENCV_KEYS = re.compile(r"^(?:[Cc]amera_?[Mm]atrix1?|M1)[ \t]*+:", re.MULTILINE)


def read_calibration(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    format: CalibrationFormat | None = None,
    size: tuple[int, int] | None = None,
    unit: float = 1.0,
) -> Calibration | StereoRig:
    """Read a calibration file; two cameras give a `StereoRig`.

    Args:
        source: a path, a file's bytes, or a file opened to read bytes.
        format: "opencv", "ros", "kalibr", "middlebury" or "apple"; seen in the file when None.
        size: (width, height) px of the pictures, for OpenCV files that don't say it.
        unit: metres per unit of an OpenCV pair's translation, which is that of the chessboard squares.

    Raises:
        CorruptFile: the file contradicts its format; the message has the line.
        UnsupportedFile: of no known format, or with a camera model that is not known.
        LimitExceeded: larger than 2 MiB.
        OSError: the file can't be read.
    """
    _known(format)
    if size is not None:
        size = picture_size("size", size)
    if not 0.0 < unit <= _LARGEST_UNIT:
        raise ValueError(f"unit must be a positive number of metres up to {_LARGEST_UNIT:g}, not {unit}")
    data, file = _data(source)
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"a calibration file of more than {MAX_BYTES} bytes", file=file, limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorruptFile("not UTF-8 text", file=file, offset=error.start) from None
    try:
        return _read(text, format or _format_of(text), size, unit)
    except Unsupported as error:
        raise UnsupportedFile(str(error), file=file) from None
    except ValueError as error:
        raise CorruptFile(str(error), file=file) from None


def _data(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str | None]:
    """Not more than one byte above the limit, and the file's name for messages."""
    if isinstance(source, bytes):
        return source[: MAX_BYTES + 1], None
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as stream:
            return stream.read(MAX_BYTES + 1), os.fspath(source)
    data = source.read(MAX_BYTES + 1)
    if not isinstance(data, bytes):
        raise TypeError(f"source must be opened to read bytes, but gave {type(data).__name__}")
    return data, None


def _read(
    text: str, format_name: CalibrationFormat, size: tuple[int, int] | None, unit: float
) -> Calibration | StereoRig:
    if format_name == "apple":
        return apple_json.read(text)
    if format_name == "middlebury":
        return middlebury.read(text)
    root = parse_yaml(text)
    if format_name == "ros":
        return ros.read(root)
    if format_name == "kalibr":
        return kalibr.read(root)
    return opencv.read(root, size=size, unit=unit)


def _format_of(text: str) -> CalibrationFormat:
    if text.lstrip().startswith("{"):
        return "apple"
    if re.search(r"^[ \t]*+cam0[ \t]*+=", text, re.MULTILINE):
        return "middlebury"
    if re.search(r"^cam0[ \t]*+:", text, re.MULTILINE):
        return "kalibr"
    if text.startswith("%YAML:1.0") or "!!opencv-matrix" in text:
        return "opencv"
    if _ROS_KEYS.search(text):
        return "ros"
    if _OPENCV_KEYS.search(text):
        return "opencv"
    raise Unsupported(f"no calibration format that is known here: {', '.join(get_args(CalibrationFormat))}")


def write_calibration(
    value: Calibration | StereoRig,
    path: str | os.PathLike[str],
    *,
    format: CalibrationFormat | None = None,
) -> None:
    """Write a calibration or a rig so that it reads back as the same one.

    Every number keeps all its digits, and Apple's names give back the same floats. In the other formats a
    principal point is rounded where half a pixel is taken off, and the poses of a pair where the motion
    between its cameras is worked out (some 1e-16 of their size).

    Args:
        value: one camera, or two.
        path: the file; an old one is replaced at once or not at all.
        format: "opencv", "ros", "kalibr", "middlebury" or "apple". None takes it from the suffix where only
            one format has that: ".json" is Apple's, ".txt" Middlebury's.

    Raises:
        ValueError: the format has no place for this value; the message says why.
        OSError: the file can't be written.
    """
    _known(format)
    if not isinstance(value, Calibration | StereoRig):
        raise TypeError(f"expected a Calibration or a StereoRig, not {type(value).__name__}")
    writers = {
        "opencv": opencv.write,
        "ros": ros.write,
        "kalibr": kalibr.write,
        "middlebury": middlebury.write,
        "apple": apple_json.write,
    }
    text = writers[format or _format_of_suffix(Path(path))](value)
    write_file(path, [text.encode("utf-8")])


def _format_of_suffix(path: Path) -> CalibrationFormat:
    suffix = path.suffix.lower()
    if suffix == ".json":
        return "apple"
    if suffix == ".txt":
        return "middlebury"
    raise ValueError(f'{path.name!r} could be of several formats: pass format="opencv", "ros" or "kalibr"')


def _known(format_name: str | None) -> None:
    if format_name is not None and format_name not in get_args(CalibrationFormat):
        raise ValueError(
            f"format must be one of {', '.join(get_args(CalibrationFormat))}, not {format_name!r}"
        )
