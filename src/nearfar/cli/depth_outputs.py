"""Depth in the format that the output's suffix names: what ``extract`` takes out and ``stereo`` finds.

.png          16-bit millimetres        .ply   points      .png, .jpg   false colours, where a view
.npy, .tiff   float32, NaN for holes    .glb   a mesh                   is asked for
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nearfar.cli.messages import InputFault, note, tell
from nearfar.cli.output import save_image, writing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nearfar.depth import DepthMap

__all__ = ["NUMBERS", "PICTURES", "SHAPES", "DepthName", "Target", "write_metres", "write_view", "wrote"]

PICTURES = (".png", ".jpg", ".jpeg")
NUMBERS = (".tiff", ".tif", ".npy")
SHAPES = (".ply", ".glb")

DepthName = Literal["depth", "disparity"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where depth goes and as what.

    ``file`` is the input, for messages; ``scale`` the metres in one unit, where that was given.
    """

    file: Path
    output: Path
    suffix: str
    kind: DepthName = "depth"
    scale: float | None = None
    field_of_view: float | None = None


def write_metres(depth: DepthMap, color: NDArray[np.uint8] | None, target: Target) -> None:
    """Write a float32 map in metres, or in 1/metre where the target is disparity.

    The colours go with points and meshes; other formats need none.
    """
    if target.suffix in SHAPES:
        _write_shape(depth, color, target)
        return
    from nearfar.cli import depth_files

    about = _about(depth, target)
    if target.suffix == ".png":
        beyond = depth_files.write_millimetres(target.output, depth, about)
        if beyond:
            note(f"{beyond:,} pixels lie beyond 65.535 m, beyond 16-bit millimetres: they are 0 (no value)")
    else:
        depth_files.write_floats(target.output, depth.values, about)
    wrote(target.output, f"{depth.width}×{depth.height}, {about}")


def write_view(depth: DepthMap, output: Path) -> None:
    """Write the map as a picture in false colours, with its scale."""
    from PIL import Image

    from nearfar.depth import false_colour

    save_image(output, Image.fromarray(false_colour(depth, scale=True)))
    wrote(output, "the depth in false colours")


def wrote(output: Path, what: str) -> None:
    """Say what an output holds now."""
    tell(f"{output}: {what}")


def _about(depth: DepthMap, target: Target) -> str:
    """Say what the numbers in the output are; this goes into the file too, where it has room for words."""
    from nearfar.depth import Accuracy

    if target.suffix == ".png":
        what = "depth in millimetres, 0 = no value"
    else:
        what = f"{depth.kind.value} in {'metres' if target.kind == 'depth' else '1/metres'}, NaN = no value"
    if target.scale is not None:
        what = f"{what}; scaled by {target.scale:g} metres per unit"
    nominal = depth.accuracy is not Accuracy.ABSOLUTE
    unit = "millimetres" if target.suffix == ".png" else "metres"
    return f"{what}; relative accuracy: the {unit} are nominal" if nominal else f"{what}; absolute accuracy"


def _write_shape(depth: DepthMap, color: NDArray[np.uint8] | None, target: Target) -> None:
    if depth.calibration is None and target.field_of_view is None:
        raise InputFault(
            f"{target.file}: the photo has no calibration: give the camera's horizontal field of view, "
            "--fov DEGREES (a phone's main camera has about 65)"
        )
    angle = None if target.field_of_view is None else math.radians(target.field_of_view)
    if angle is not None:
        depth = depth.replace(calibration=None)
    with writing(target.output):
        if target.suffix == ".ply":
            points = depth.points(color, field_of_view=angle)
            _check_any(len(points), target)
            points.save(target.output)
            what = f"{len(points):,} coloured points in metres"
        else:
            mesh = depth.mesh(color, field_of_view=angle)
            _check_any(len(mesh.faces), target)
            mesh.save(target.output)
            what = f"a coloured mesh of {len(mesh.faces):,} triangles in metres"
    wrote(target.output, what)


def _check_any(count: int, target: Target) -> None:
    if count == 0:
        what = "points" if target.suffix == ".ply" else "a mesh"
        raise InputFault(f"{target.file}: too few pixels of its depth have a value to make {what} of")
