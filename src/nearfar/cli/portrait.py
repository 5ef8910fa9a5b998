"""``nearfar portrait``: a photo with depth, rendered with another aperture and focus."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.messages import InputFault, WrongUsage, notes_of_loss, tell
from nearfar.cli.output import PHOTO_SUFFIXES, check_output, save_photo
from nearfar.cli.waiting import measured

if TYPE_CHECKING:
    from nearfar.effects import Aperture
    from nearfar.photo import FocusPlace, Photo

__all__ = ["portrait"]

_PREVIEW = 1024
"""Px of a preview's longer side, at most."""
_GAP = 0.01
"""Share of the side between the two pictures of a comparison."""
_PAPER = 255
_SLACK = 1e-6
"""By how much rounding may carry a rectangle over the picture's edge."""


def portrait(
    file: Annotated[Path, Parameter(name="FILE", help="The photo with depth, HEIC or JPEG.")],
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="The picture to write: .jpg or .heic.")],
    f_number: Annotated[
        float | None,
        Parameter(
            validator=Number(gte=1.4, lte=22),
            help="Aperture in 35 mm terms, 1.4 to 22. Default: the one stored in the photo, else 2.8.",
        ),
    ] = None,
    focus: Annotated[
        str,
        Parameter(
            help="What is sharp: X,Y or a rectangle X,Y,W,H, in 0..1 from the top left; auto takes the "
            "focus stored in the photo, else finds the subject."
        ),
    ] = "auto",
    focus_distance: Annotated[
        float | None, Parameter(validator=Number(gt=0), help="What is sharp, in metres, instead of --focus.")
    ] = None,
    effort: Annotated[
        Literal["fast", "standard", "best"], Parameter(help="How much time it may take.")
    ] = "standard",
    blades: Annotated[
        int | None,
        Parameter(
            validator=Number(gte=3, lte=32), help="Blades of the aperture. Default: as stored, else round."
        ),
    ] = None,
    rotation: Annotated[float, Parameter(help="Degrees by which the blades are turned.")] = 0.0,
    curvature: Annotated[
        float, Parameter(validator=Number(gte=0, lte=1), help="Of the blades: 0 straight, 1 round.")
    ] = 0.0,
    cats_eye: Annotated[
        float, Parameter(validator=Number(gte=0, lte=1), help="How narrow lights get towards the corners.")
    ] = 0.0,
    highlights: Annotated[
        Literal["keep", "recover"],
        Parameter(
            help="recover lets lamps blur into bright discs, by the photo's HDR gain map or a guess; "
            "keep blurs the picture as it is."
        ),
    ] = "recover",
    grain: Annotated[bool, Parameter(help="Give what is blurred the grain of what is sharp.")] = False,
    preview: Annotated[bool, Parameter(help=f"Small and fast: at most {_PREVIEW} pixels a side.")] = False,
    compare: Annotated[bool, Parameter(help="Show the picture before beside it.")] = False,
    metadata: Annotated[
        Literal["keep", "no-location"], Parameter(help="no-location leaves out where the photo was taken.")
    ] = "keep",
    quality: Annotated[
        int, Parameter(validator=Number(gte=1, lte=100), help="Of the picture written, 1 to 100.")
    ] = 92,
) -> int:
    """Render a photo as a lens of another aperture and focus would have taken it.

    The photo stays as it is. What is written is a flat picture in its colours, with
    its EXIF and without depth; so keep the photo, and render again at any time.
    """
    check_output(output, PHOTO_SUFFIXES, unlike=file)
    place = _place(focus)
    if place is not None and focus_distance is not None:
        raise WrongUsage("--focus and --focus-distance both say what is sharp: give one of them")
    shape = _shape(blades, rotation, curvature, cats_eye)
    from nearfar.effects import aperture_of
    from nearfar.effects import portrait as render
    from nearfar.errors import NearfarError
    from nearfar.photo import open as open_photo

    photo = open_photo(file)
    with notes_of_loss(), measured(f"Rendering {file}") as progress:
        try:
            picture = render(
                photo,
                f_number=f_number,
                focus=place,
                focus_distance=focus_distance,
                effort=effort,
                shape=shape,
                highlights=highlights,
                grain=grain,
                max_side=_PREVIEW if preview else None,
                progress=progress,
            )
        except NearfarError:
            raise
        except ValueError as problem:
            raise InputFault(f"{file}: {problem}") from problem
    if compare:
        picture = _compared(photo, picture)
    save_photo(output, picture, file, metadata=metadata, color_quality=quality)
    tell(f"{output}: {picture.size[0]}×{picture.size[1]} portrait at f/{aperture_of(photo, f_number):g}")
    return 0


def _place(focus: str) -> FocusPlace | None:
    """Read what --focus says; None for auto."""
    if focus == "auto":
        return None
    try:
        place = [float(part) for part in focus.split(",")]
    except ValueError:
        place = []
    if len(place) not in (2, 4) or not all(0 <= part <= 1 for part in place):
        raise WrongUsage(f"--focus is X,Y or X,Y,W,H, each in 0..1, or auto; not {focus!r}")
    x, y, *size = place
    if not size:
        return x, y
    if x + size[0] > 1 + _SLACK or y + size[1] > 1 + _SLACK:
        raise WrongUsage(f"--focus X,Y,W,H must lie in the picture: X+W and Y+H are at most 1; not {focus!r}")
    return x, y, size[0], size[1]


def _shape(blades: int | None, rotation: float, curvature: float, cats_eye: float) -> Aperture | None:
    if blades is None and (rotation or curvature):
        raise WrongUsage("--rotation and --curvature are of blades: say how many by --blades")
    if not math.isfinite(rotation):
        raise WrongUsage(f"--rotation is a number of degrees, not {rotation}")
    if blades is None and not cats_eye:
        return None

    from nearfar.effects import Aperture

    return Aperture(blades, rotation=math.radians(rotation), curvature=curvature, cats_eye=cats_eye)


def _compared(photo: Photo, picture: Photo) -> Photo:
    """Put the picture before to the left of the rendered one, or above a wide one."""
    import numpy as np
    from PIL import Image

    from nearfar.photo import Photo

    after = picture.unblurred()
    codes = photo.unblurred().codes
    before = Image.fromarray(codes if codes.dtype == np.uint8 else (codes >> 8).astype(np.uint8))
    if before.size != picture.size:
        before = before.resize(picture.size, Image.Resampling.BOX)
    axis = 0 if picture.size[0] > picture.size[1] else 1
    gap = list(after.codes.shape)
    gap[axis] = max(2, round(_GAP * max(picture.size)))
    panes = [np.asarray(before), np.full(gap, _PAPER, np.uint8), after.codes]
    sheet = np.concatenate(panes, axis=axis)
    return Photo(sheet, metadata=picture.metadata, icc=after.icc)
