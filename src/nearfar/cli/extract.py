"""``nearfar extract``: the depth, the picture or a matte of a photo, in the format that the suffix names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.messages import InputFault, WrongUsage, note, tell
from nearfar.cli.options import SCALE
from nearfar.cli.output import check_output, save_image, writing
from nearfar.cli.waiting import waiting

if TYPE_CHECKING:
    from nearfar.depth import DepthMap
    from nearfar.photo import Photo

__all__ = ["extract"]

_PICTURES = (".png", ".jpg", ".jpeg")
_NUMBERS = (".tiff", ".tif", ".npy")
_SHAPES = (".ply", ".glb")

DepthName = Literal["depth", "disparity"]
MatteName = Literal["portrait", "skin", "hair", "teeth", "glasses", "sky"]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for on the command line."""

    file: Path
    output: Path
    suffix: str
    view: bool
    scale: float | None
    kind: DepthName
    field_of_view: float | None


def extract(
    file: Annotated[Path, Parameter(name="FILE", help="The photo, HEIC or JPEG.")],
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help="Where to write; its suffix says what (above).")
    ],
    view: Annotated[
        bool, Parameter(help="A picture of the depth in false colours with a scale bar; .png or .jpg.")
    ] = False,
    scale: Annotated[
        float | None,
        Parameter(
            validator=SCALE,
            help="Metres in one unit of depth: needed where the map has no unit; rescales nominal metres.",
        ),
    ] = None,
    kind: Annotated[
        DepthName, Parameter(name="--as", help="Which numbers to write into .tiff and .npy.")
    ] = "depth",
    field_of_view: Annotated[
        float | None,
        Parameter(
            name="--fov",
            validator=Number(gt=0, lt=180),
            help="Horizontal field of view in degrees, for .ply and .glb of a photo without calibration.",
        ),
    ] = None,
    matte: Annotated[
        MatteName | None,
        Parameter(help="A matte instead of the depth: 8-bit coverage; .png, .jpg, .npy or .tiff (0 to 1)."),
    ] = None,
) -> int:
    """Take depth out of a photo.

    The suffix of the output says what is written:
      .png          depth in millimetres, 16 bits, 0 = no value
                    (or beyond 65.535 m)
      .npy, .tiff   depth in metres, float32, NaN = no value
      .ply          points in metres, in the photo's colours
      .glb          a mesh in metres, in the photo's colours, cut at edges
      .jpg          the picture without its depth

    Metres of a map of relative accuracy are nominal: right to one another, not in
    the world. Points lie x right, y down, z forward; a mesh in .glb has y up.
    """
    suffix = check_output(output, (*_PICTURES, *_NUMBERS, *_SHAPES), unlike=file)
    wish = _Wish(file, output, suffix, view, scale, kind, field_of_view)
    _check(wish, matte)
    from nearfar.photo import open as open_photo

    with waiting(f"Reading {file}"):
        photo = open_photo(file)
    if matte is not None:
        _write_matte(photo, matte, wish)
    elif suffix in (".jpg", ".jpeg") and not view:
        _write_color(photo, wish)
    else:
        _write_depth(_depth_of(photo, wish), photo, wish)
    return 0


def _check(wish: _Wish, matte: MatteName | None) -> None:
    """Refuse options that would have no effect on the output."""
    suffix = wish.suffix
    if wish.view and (suffix not in _PICTURES or matte is not None):
        raise WrongUsage(
            "--view makes a picture of the depth: name the output .png or .jpg, and leave out --matte"
        )
    if matte is not None and suffix in _SHAPES:
        raise WrongUsage(f"a matte is flat: it cannot be written as {suffix}; use .png, .jpg, .npy or .tiff")
    if wish.kind == "disparity" and (suffix not in _NUMBERS or matte is not None):
        raise WrongUsage("--as disparity is for .npy and .tiff: other formats hold depth in metres")
    if wish.field_of_view is not None and suffix not in _SHAPES:
        raise WrongUsage("--fov is for points and meshes: .ply and .glb")
    no_depth = matte is not None or wish.view or suffix in (".jpg", ".jpeg")
    if wish.scale is not None and no_depth:
        raise WrongUsage("--scale is for outputs in metres: .png, .npy, .tiff, .ply and .glb")


def _depth_of(photo: Photo, wish: _Wish) -> DepthMap:
    with waiting(f"Reading {wish.file}"):
        depth = photo.depth
    if depth is None:
        from nearfar.cli.describing import instead_of_depth

        raise InputFault(
            f"{wish.file}: there is no depth in this photo; it has {instead_of_depth(photo.summary())}"
        )
    return depth


def _write_depth(depth: DepthMap, photo: Photo, wish: _Wish) -> None:
    if wish.view:
        _write_view(depth, wish)
        return
    from nearfar.cli import depth_files

    metric = _in_metres(depth, wish)
    if wish.suffix in _SHAPES:
        _write_shape(metric, photo, wish)
        return
    about = _about(metric, wish)
    if wish.suffix == ".png":
        beyond = depth_files.write_millimetres(wish.output, metric, about)
        if beyond:
            note(f"{beyond:,} pixels lie beyond 65.535 m, beyond 16-bit millimetres: they are 0 (no value)")
    else:
        depth_files.write_floats(wish.output, metric.values, about)
    _wrote(wish, f"{metric.width}×{metric.height}, {about}")


def _in_metres(depth: DepthMap, wish: _Wish) -> DepthMap:
    """Give the map in metres, or in 1/metre where disparity is wanted, as float32."""
    import numpy as np

    from nearfar.depth import Accuracy, DepthKind

    if wish.scale is None and not depth.metric:
        raise InputFault(
            f"{wish.file}: its depth has no unit: say with --scale how many metres one unit is "
            "(--scale 1 keeps the numbers)"
        )
    if depth.accuracy is not Accuracy.ABSOLUTE:
        note(f"{wish.file}: the accuracy is relative: the metres are nominal")
    wanted = depth.to(DepthKind.DISPARITY if wish.kind == "disparity" else DepthKind.DEPTH, dtype="float32")
    if wish.scale is None:
        return wanted
    factor = 1 / wish.scale if wish.kind == "disparity" else wish.scale
    with np.errstate(over="ignore"):
        values = wanted.values * np.float32(factor)
    if np.count_nonzero(np.isinf(values)) != np.count_nonzero(np.isinf(wanted.values)):
        raise InputFault(f"{wish.file}: with this --scale its depth is beyond 3.4e38, the largest float32")
    return wanted.replace(values=values, metric=True)


def _about(depth: DepthMap, wish: _Wish) -> str:
    """Say what the numbers in the output are; this goes into the file too, where it has room for words."""
    from nearfar.depth import Accuracy

    if wish.suffix == ".png":
        what = "depth in millimetres, 0 = no value"
    else:
        what = f"{depth.kind.value} in {'metres' if wish.kind == 'depth' else '1/metres'}, NaN = no value"
    if wish.scale is not None:
        what = f"{what}; scaled by {wish.scale:g} metres per unit"
    nominal = depth.accuracy is not Accuracy.ABSOLUTE
    unit = "millimetres" if wish.suffix == ".png" else "metres"
    return f"{what}; relative accuracy: the {unit} are nominal" if nominal else f"{what}; absolute accuracy"


def _write_shape(depth: DepthMap, photo: Photo, wish: _Wish) -> None:
    if depth.calibration is None and wish.field_of_view is None:
        raise InputFault(
            f"{wish.file}: the photo has no calibration: give the camera's horizontal field of view, "
            "--fov DEGREES (a phone's main camera has about 65)"
        )
    angle = None if wish.field_of_view is None else math.radians(wish.field_of_view)
    if angle is not None:
        depth = depth.replace(calibration=None)
    with writing(wish.output):
        if wish.suffix == ".ply":
            points = depth.points(photo.color, field_of_view=angle)
            _check_any(len(points), wish)
            points.save(wish.output)
            what = f"{len(points):,} coloured points in metres"
        else:
            mesh = depth.mesh(photo.color, field_of_view=angle)
            _check_any(len(mesh.faces), wish)
            mesh.save(wish.output)
            what = f"a coloured mesh of {len(mesh.faces):,} triangles in metres"
    _wrote(wish, what)


def _check_any(count: int, wish: _Wish) -> None:
    if count == 0:
        what = "points" if wish.suffix == ".ply" else "a mesh"
        raise InputFault(f"{wish.file}: too few pixels of its depth have a value to make {what} of")


def _write_view(depth: DepthMap, wish: _Wish) -> None:
    from PIL import Image

    from nearfar.depth import false_colour

    save_image(wish.output, Image.fromarray(false_colour(depth, scale=True)))
    _wrote(wish, "the depth in false colours")


def _write_color(photo: Photo, wish: _Wish) -> None:
    from PIL import Image

    with waiting(f"Reading {wish.file}"):
        color = photo.color
    save_image(wish.output, Image.fromarray(color))
    _wrote(wish, "the picture without its depth")


def _write_matte(photo: Photo, name: MatteName, wish: _Wish) -> None:
    from nearfar.depth import MatteKind

    kind = MatteKind(name)
    if kind not in photo.mattes:
        from nearfar.cli.describing import instead_of_depth

        summary = photo.summary()
        has = f"{'a depth map, ' if summary['depth'] else ''}{instead_of_depth(summary)}"
        raise InputFault(f"{wish.file}: there is no {name} matte in this photo; it has {has}")
    values = photo.mattes[kind].values
    if wish.suffix in _NUMBERS:
        from nearfar.cli import depth_files

        depth_files.write_floats(wish.output, (values / 255).astype("float32"), f"coverage of {name}, 0 to 1")
    else:
        from PIL import Image

        save_image(wish.output, Image.fromarray(values))
    _wrote(wish, f"the {name} matte, {values.shape[1]}×{values.shape[0]}")


def _wrote(wish: _Wish, what: str) -> None:
    tell(f"{wish.output}: {what}")
