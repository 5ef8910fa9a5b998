"""``nearfar extract``: the depth, the picture or a matte of a photo, in the format that the suffix names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.depth_outputs import (
    NUMBERS,
    PICTURES,
    SHAPES,
    DepthName,
    Target,
    write_metres,
    write_view,
    wrote,
)
from nearfar.cli.messages import InputFault, WrongUsage, note
from nearfar.cli.options import SCALE
from nearfar.cli.output import check_output, save_image
from nearfar.cli.waiting import waiting

if TYPE_CHECKING:
    from nearfar.depth import DepthMap
    from nearfar.photo import Photo

__all__ = ["extract"]

MatteName = Literal["portrait", "skin", "hair", "teeth", "glasses", "sky"]


@dataclass(frozen=True, slots=True)
class _Wish(Target):
    """What was asked for on the command line."""

    view: bool = False


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
    suffix = check_output(output, (*PICTURES, *NUMBERS, *SHAPES), unlike=file)
    wish = _Wish(file, output, suffix, kind, scale, field_of_view, view)
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
    if wish.view and (suffix not in PICTURES or matte is not None):
        raise WrongUsage(
            "--view makes a picture of the depth: name the output .png or .jpg, and leave out --matte"
        )
    if matte is not None and suffix in SHAPES:
        raise WrongUsage(f"a matte is flat: it cannot be written as {suffix}; use .png, .jpg, .npy or .tiff")
    if wish.kind == "disparity" and (suffix not in NUMBERS or matte is not None):
        raise WrongUsage("--as disparity is for .npy and .tiff: other formats hold depth in metres")
    if wish.field_of_view is not None and suffix not in SHAPES:
        raise WrongUsage("--fov is for points and meshes: .ply and .glb")
    no_depth = matte is not None or wish.view or suffix in (".jpg", ".jpeg")
    if wish.scale is not None and no_depth:
        raise WrongUsage("--scale is for outputs in metres: .png, .npy, .tiff, .ply and .glb")


def _depth_of(photo: Photo, wish: _Wish) -> DepthMap:
    with waiting(f"Reading {wish.file}"):
        depth = photo.depth
    if depth is None:
        from nearfar.photo import instead_of_depth

        raise InputFault(
            f"{wish.file}: there is no depth in this photo; it has {instead_of_depth(photo.summary())}"
        )
    return depth


def _write_depth(depth: DepthMap, photo: Photo, wish: _Wish) -> None:
    if wish.view:
        write_view(depth, wish.output)
        return
    metric = _in_metres(depth, wish)
    with waiting(f"Reading {wish.file}"):
        color = photo.color if wish.suffix in SHAPES else None
    write_metres(metric, color, wish)


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


def _write_color(photo: Photo, wish: _Wish) -> None:
    from PIL import Image

    with waiting(f"Reading {wish.file}"):
        color = photo.color
    save_image(wish.output, Image.fromarray(color))
    wrote(wish.output, "the picture without its depth")


def _write_matte(photo: Photo, name: MatteName, wish: _Wish) -> None:
    from nearfar.depth import MatteKind

    kind = MatteKind(name)
    if kind not in photo.mattes:
        from nearfar.photo import instead_of_depth

        summary = photo.summary()
        has = f"{'a depth map, ' if summary['depth'] else ''}{instead_of_depth(summary)}"
        raise InputFault(f"{wish.file}: there is no {name} matte in this photo; it has {has}")
    values = photo.mattes[kind].values
    if wish.suffix in NUMBERS:
        from nearfar.cli import depth_files

        depth_files.write_floats(wish.output, (values / 255).astype("float32"), f"coverage of {name}, 0 to 1")
    else:
        from PIL import Image

        save_image(wish.output, Image.fromarray(values))
    wrote(wish.output, f"the {name} matte, {values.shape[1]}×{values.shape[0]}")
