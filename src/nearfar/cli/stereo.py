"""``nearfar stereo``: from two pictures, or one spatial photo, to a depth photo, a map, points or a mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from nearfar.cli.depth_outputs import NUMBERS, SHAPES, Target, write_metres, write_view, wrote
from nearfar.cli.messages import InputFault, WrongUsage, note
from nearfar.cli.output import PHOTO_SUFFIXES, check_output, save_photo
from nearfar.cli.waiting import waiting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nearfar.depth import DepthMap, StereoRig
    from nearfar.estimate import StereoMatch
    from nearfar.photo import Photo

__all__ = ["stereo"]

Effort = Literal["fast", "standard", "best"]
ValueName = Literal["depth", "disparity", "shift"]


_GLANCE = 240
"""Px of the width at which a glance tells left from right."""


def _check_shift(_: object, value: str | int) -> None:
    if not isinstance(value, str) and value < 1:
        raise ValueError("must be at least 1 pixel, or auto.")


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two pictures of one size, upright; the cameras where they are known, and the photo of the left one."""

    name: str
    left: NDArray[Any]
    right: NDArray[Any]
    rig: StereoRig | None
    photo: Photo | None


def stereo(
    left: Annotated[
        Path,
        Parameter(
            name="LEFT",
            help="The left picture: HEIC, JPEG, PNG, TIFF, WebP, BMP or PPM; or a spatial photo, alone.",
        ),
    ],
    right: Annotated[
        Path | None, Parameter(name="RIGHT", help="The right picture, of the same size.")
    ] = None,
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help="Where to write; its suffix says what (above).")
    ],
    calibration: Annotated[
        Path | None,
        Parameter(help="Both cameras: Middlebury calib.txt, OpenCV .yaml, kalibr camchain, or .json."),
    ] = None,
    max_shift: Annotated[
        Literal["auto"] | int,
        Parameter(
            validator=_check_shift,
            help="How many pixels the nearest thing moves between the pictures, at most; auto finds it.",
        ),
    ] = "auto",
    effort: Annotated[Effort, Parameter(help="How much time the matching may take.")] = "standard",
    fill: Annotated[
        bool | None,
        Parameter(
            negative="--no-fill",
            help="Give what was not found the depth around it. Default: in photos, not in other outputs.",
        ),
    ] = None,
    kind: Annotated[
        ValueName,
        Parameter(name="--as", help="Which numbers to write into .tiff and .npy; shift is in pixels."),
    ] = "depth",
    view: Annotated[
        Path | None, Parameter(help="A picture of the depth in false colours besides: .png or .jpg.")
    ] = None,
    depth_encoding: Annotated[
        Literal["auto", "8-bit", "16-bit"],
        Parameter(help="In photos: 16-bit is finer; auto takes it where something has no value."),
    ] = "auto",
) -> int:
    """Turn two pictures into depth.

    The suffix of the output says what is written:
      .heic, .jpg   the left picture with its depth map and calibration
      .png          depth in millimetres, 16 bits, 0 = no value
                    (or beyond 65.535 m)
      .npy, .tiff   depth in metres, float32, NaN = no value
      .ply          points in metres, in the picture's colours
      .glb          a mesh in metres, in the picture's colours, cut at edges

    With a calibration the metres hold in the world, and pictures that are not
    rectified are rectified first. Without one every point must lie in the same row
    of both pictures, and their depth is relative, without a unit.
    """
    suffix = check_output(output, (*PHOTO_SUFFIXES, ".png", *NUMBERS, *SHAPES), unlike=left)
    _check(left, right, output, view, calibration)
    is_photo = suffix in PHOTO_SUFFIXES
    if kind != "depth" and suffix not in NUMBERS:
        raise WrongUsage(f"--as {kind} is for .npy and .tiff: other formats hold depth in metres")
    if depth_encoding != "auto" and not is_photo:
        raise WrongUsage("--depth-encoding is for photos: .heic and .jpg")
    pair = _read_spatial(left) if right is None else _read_two(left, right)
    if calibration is not None:
        pair = replace(pair, rig=_rig(calibration, pair.left))
    if pair.rig is None and not is_photo and kind != "shift":
        raise InputFault(
            f"{left}: without a calibration there are no metres to write as {suffix}: give --calibration, or "
            "write a photo, or --as shift"
        )
    pair = _rectified(pair, calibration or left)
    if right is not None:
        _warn_of_swapped(pair)
    found = _match(pair, max_shift, effort, fill=is_photo if fill is None else fill)
    depth = _depth(found, pair)
    if is_photo:
        _save_photo(pair, depth, output, left, depth_encoding=depth_encoding)
    elif kind == "shift":
        _save_shifts(found.shift, output)
    else:
        _save_metres(pair, depth, Target(left, output, suffix, kind))
    if view is not None:
        write_view(depth, view)
    return 0


def _check(left: Path, right: Path | None, output: Path, view: Path | None, calibration: Path | None) -> None:
    """Refuse a command line that contradicts itself, or would lose an input."""
    if right is None and calibration is not None:
        raise WrongUsage("--calibration is for two pictures: a spatial photo carries its own")
    if right is not None:
        check_output(output, (output.suffix.lower(),), unlike=right)
    if view is not None:
        for each in (left, right):
            check_output(view, (".png", ".jpg", ".jpeg"), unlike=each)
        if view.resolve() == output.resolve():
            raise WrongUsage(f"{view}: --view and the output are one file")


# The pictures and their cameras


def _read_spatial(file: Path) -> _Pair:
    from nearfar.photo import open as open_photo

    if file.suffix.lower() not in PHOTO_SUFFIXES:
        raise WrongUsage(f"{file}: stereo needs two pictures, or one spatial photo (HEIC)")
    with waiting(f"Reading {file}"):
        photo = open_photo(file)
        pair = photo.stereo
    if pair is None:
        raise InputFault(f"{file}: there is no stereo pair in this photo: name the right picture as well")
    _check_sizes(file, pair.left, file, pair.right)
    return _Pair(str(file), pair.left, pair.right, pair.rig, photo)


def _read_two(left: Path, right: Path) -> _Pair:
    with waiting(f"Reading {left}"):
        left_picture, photo = _picture(left)
    with waiting(f"Reading {right}"):
        right_picture, _ = _picture(right)
    _check_sizes(left, left_picture, right, right_picture)
    if (left_picture.dtype, left_picture.ndim) != (right_picture.dtype, right_picture.ndim):
        from nearfar.cli.pictures import eight_bits, in_color

        note(f"{left} and {right}: of different kinds, so both are matched as 8-bit colours")
        left_picture, right_picture = (in_color(eight_bits(each)) for each in (left_picture, right_picture))
    return _Pair(f"{left} and {right}", left_picture, right_picture, None, photo)


def _picture(file: Path) -> tuple[NDArray[Any], Photo | None]:
    """Give the picture to match, and the photo that it is of, if it is one."""
    from nearfar.cli.pictures import open_picture, read_samples

    if file.suffix.lower() in PHOTO_SUFFIXES:
        photo = open_picture(file)
        return photo.color, photo
    return read_samples(file), None


def _check_sizes(left: Path, left_picture: NDArray[Any], right: Path, right_picture: NDArray[Any]) -> None:
    (height, width), (other_height, other_width) = left_picture.shape[:2], right_picture.shape[:2]
    if (width, height) != (other_width, other_height):
        raise InputFault(
            f"{left} is {width}×{height} and {right} {other_width}×{other_height}: "
            "the two pictures must have the same size"
        )


def _rig(file: Path, picture: NDArray[Any]) -> StereoRig:
    from nearfar.cli.cameras import read_cameras
    from nearfar.depth import StereoRig

    found = read_cameras(file, (picture.shape[1], picture.shape[0]))
    if not isinstance(found, StereoRig):
        raise InputFault(f"{file}: holds one camera; stereo needs the calibration of both")
    return found


def _rectified(pair: _Pair, source: Path) -> _Pair:
    """Give the pair with shared rows; what is at fault with its cameras is at fault with `source`."""
    if pair.rig is None:
        note(f"{pair.name}: without a calibration the depth is relative and has no unit")
        return pair
    from nearfar.depth import StereoPair
    from nearfar.errors import EstimationError
    from nearfar.estimate import rectify_pair

    given = StereoPair(pair.left, pair.right, pair.rig)
    try:
        with waiting(f"Rectifying {pair.name}"):
            made = rectify_pair(given)
    except EstimationError as problem:
        raise InputFault(f"{source}: {problem}") from problem
    if made is given:
        return pair
    note(f"{pair.name}: rectified first: the cameras do not share rows")
    return replace(pair, left=made.left, right=made.right, rig=made.rig)


def _warn_of_swapped(pair: _Pair) -> None:
    """Say so when the pictures, made small, match far better the other way around."""
    import numpy as np
    from PIL import Image

    from nearfar.cli.pictures import eight_bits
    from nearfar.estimate import match_stereo

    height, width = pair.left.shape[:2]
    size = (min(width, _GLANCE), max(1, round(height * min(width, _GLANCE) / width)))
    views = [
        np.asarray(Image.fromarray(eight_bits(each)).resize(size, Image.Resampling.BOX))
        for each in (pair.left, pair.right)
    ]
    as_given, swapped = (
        float(match_stereo(*both, max_shift=max(1, size[0] // 2)).confidence.mean())
        for both in (views, views[::-1])
    )
    if swapped > max(2.0 * as_given, 0.1):
        note(f"{pair.name}: match better the other way around: are left and right swapped?")


# Depth and where it goes


def _match(pair: _Pair, max_shift: Literal["auto"] | int, effort: Effort, *, fill: bool) -> StereoMatch:
    from nearfar.errors import EstimationError
    from nearfar.estimate import match_stereo

    try:
        with waiting(f"Matching {pair.name}"):
            return match_stereo(pair.left, pair.right, max_shift=max_shift, effort=effort, fill=fill)
    except EstimationError as problem:
        raise InputFault(f"{pair.name}: {problem}") from problem


def _depth(found: StereoMatch, pair: _Pair) -> DepthMap:
    from nearfar.estimate import stereo_depth

    if not (found.confidence > 0.0).any():
        raise InputFault(f"{pair.name}: nothing in one picture was found in the other")
    return stereo_depth(found, pair.rig)


def _save_photo(pair: _Pair, depth: DepthMap, output: Path, source: Path, **options: Any) -> None:
    import numpy as np

    from nearfar.cli.pictures import eight_bits
    from nearfar.photo import Photo

    photo = pair.photo
    if photo is not None and np.array_equal(photo.color, pair.left):
        photo = photo.with_depth(depth)
    else:
        # Another picture than the file's: rectified, or of a format that is no photo's.
        photo = Photo(eight_bits(pair.left), depth, metadata=None if photo is None else photo.metadata)
    save_photo(output, photo, source, **options)
    wrote(output, f"{photo.size[0]}×{photo.size[1]} photo with {_described(depth)}")


def _described(depth: DepthMap) -> str:
    from nearfar.depth import DepthKind

    reach = depth.to(DepthKind.DEPTH).range
    about = f"{depth.width}×{depth.height} disparity"
    if depth.metric and reach is not None:
        about += f", {reach[0]:.3g} m to {reach[1]:.3g} m"
    return about if depth.valid.all() else f"{about}, {depth.holes:.1%} without a value"


def _save_shifts(shift: NDArray[Any], output: Path) -> None:
    from nearfar.cli.depth_files import write_floats

    about = "shift in pixels, x_right = x_left - shift, NaN = no value"
    write_floats(output, shift, about)
    wrote(output, f"{shift.shape[1]}×{shift.shape[0]}, {about}")


def _save_metres(pair: _Pair, depth: DepthMap, target: Target) -> None:
    from nearfar.cli.pictures import eight_bits, in_color
    from nearfar.depth import DepthKind

    color = in_color(eight_bits(pair.left)) if target.suffix in SHAPES else None
    write_metres(depth.to(DepthKind(target.kind)), color, target)
