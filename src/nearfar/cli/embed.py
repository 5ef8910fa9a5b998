"""``nearfar embed``: put a depth map into a photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from nearfar.cli.messages import InputFault, WrongUsage, note, tell
from nearfar.cli.options import SCALE
from nearfar.cli.output import PHOTO_SUFFIXES, check_output, save_photo
from nearfar.cli.waiting import waiting

if TYPE_CHECKING:
    from nearfar.depth import Calibration, DepthMap

__all__ = ["embed"]

_DEPTH_SUFFIXES = (".npy", ".png", ".tiff", ".tif")


def embed(
    color: Annotated[Path, Parameter(name="COLOR", help="The picture: HEIC, JPEG, PNG, TIFF, WebP or BMP.")],
    depth: Annotated[
        Path,
        Parameter(
            name="DEPTH",
            help="Its depth map: .npy or .tiff of floats in metres (NaN: no value), or .png of 16-bit "
            "millimetres (0: no value). Any resolution, the same field of view, upright.",
        ),
    ],
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="The photo to write: .heic or .jpg.")],
    kind: Annotated[
        Literal["depth", "disparity"], Parameter(help="What the floats are: metres, or 1/metres.")
    ] = "depth",
    accuracy: Annotated[
        Literal["relative", "absolute"],
        Parameter(help="Whether the metres hold in the world, as a sensor's do."),
    ] = "relative",
    scale: Annotated[
        float | None,
        Parameter(
            validator=SCALE,
            help="Metres in one unit of the numbers. Default: 1 for floats, 0.001 for 16 bits.",
        ),
    ] = None,
    calibration: Annotated[
        Path | None,
        Parameter(help="The camera: OpenCV or ROS .yaml, kalibr camchain, Middlebury calib.txt, .json."),
    ] = None,
    depth_encoding: Annotated[
        Literal["auto", "8-bit", "16-bit"],
        Parameter(help="8-bit fills what has no value; 16-bit keeps it; auto takes 16 bits where needed."),
    ] = "auto",
) -> int:
    """Put a depth map into a photo.

    A HEIC or JPEG keeps its metadata and, where the output is of the same kind,
    its coded picture byte for byte; a depth map that it already has is replaced.
    Other pictures are coded anew.
    """
    check_output(output, PHOTO_SUFFIXES, unlike=color)
    if depth.suffix.lower() not in _DEPTH_SUFFIXES:
        raise WrongUsage(f"{depth}: the depth map must end in {', '.join(_DEPTH_SUFFIXES)}")
    from nearfar.cli.pictures import open_picture

    with waiting(f"Reading {color}"):
        photo = open_picture(color)
    camera = None if calibration is None else _camera(calibration, photo.size)
    with waiting(f"Reading {depth}"):
        depth_map = _depth_map(depth, scale, kind=kind, accuracy=accuracy, calibration=camera)
    try:
        photo = photo.with_depth(depth_map)
    except ValueError as problem:
        raise InputFault(f"{depth}: {problem}") from problem
    save_photo(output, photo, color, depth_encoding=depth_encoding)
    tell(f"{output}: {photo.size[0]}×{photo.size[1]} photo with {depth_map.width}×{depth_map.height} {kind}")
    return 0


def _depth_map(
    file: Path, scale: float | None, *, kind: Literal["depth", "disparity"], **about: Any
) -> DepthMap:
    from nearfar.cli.depth_files import read_depth_values
    from nearfar.depth import Accuracy, DepthKind, DepthMap

    about["accuracy"] = Accuracy(about["accuracy"])
    if kind == "disparity" and scale is not None:
        scale = 1 / scale
    values, whole = read_depth_values(file, scale)
    if whole and kind == "disparity" and scale is None:
        raise WrongUsage(f"{file}: 16-bit numbers are millimetres of depth; as disparity they need --scale")
    try:
        return DepthMap(values, kind=DepthKind(kind), **about)
    except ValueError as problem:
        raise InputFault(f"{file}: {problem}") from problem


def _camera(file: Path, size: tuple[int, int]) -> Calibration:
    """Read the calibration of a picture; `size` is the picture's, for files that do not say theirs."""
    from nearfar.cli.cameras import read_cameras
    from nearfar.depth import StereoRig

    found = read_cameras(file, size)
    if not isinstance(found, StereoRig):
        return found
    note(f"{file}: holds two cameras; the left one is taken")
    return found.left
