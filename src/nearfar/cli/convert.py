"""``nearfar convert``: the same photo in the other container, with all that it carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.messages import WrongUsage, tell
from nearfar.cli.output import PHOTO_SUFFIXES, check_output, save_photo
from nearfar.cli.waiting import waiting

__all__ = ["convert"]


def convert(
    source: Annotated[Path, Parameter(name="IN", help="The photo, HEIC or JPEG.")],
    output: Annotated[Path, Parameter(name="OUT", help="The photo to write: .heic or .jpg.")],
    /,
    *,
    metadata: Annotated[
        Literal["keep", "no-location"], Parameter(help="no-location leaves out where the photo was taken.")
    ] = "keep",
    depth_encoding: Annotated[
        Literal["auto", "8-bit", "16-bit"],
        Parameter(help="For depth that is coded anew: 8-bit fills what has no value, 16-bit keeps it."),
    ] = "auto",
    quality: Annotated[
        int | None,
        Parameter(validator=Number(gte=1, lte=100), help="Of a picture that is coded anew, 1 to 100."),
    ] = None,
) -> int:
    """Bring a photo with depth from HEIC to JPEG or back.

    Depth, mattes, gain map, EXIF and colour profile come along; what has no place
    in the other container is said in a note on stderr. Into its own container a
    photo is copied, its coded picture byte for byte.
    """
    check_output(output, PHOTO_SUFFIXES, unlike=source)
    from nearfar.photo import open as open_photo

    with waiting(f"Reading {source}"):
        photo = open_photo(source)
    to_jpeg = output.suffix.lower() in (".jpg", ".jpeg")
    if quality is not None and to_jpeg == (photo.container == "jpeg"):
        raise WrongUsage(
            "--quality has no effect here: in its own container the coded picture stays as it is"
        )
    save_photo(output, photo, source, metadata=metadata, depth_encoding=depth_encoding, color_quality=quality)
    depth = photo.summary()["depth"]
    about = "no depth" if depth is None else f"{depth['width']}×{depth['height']} {depth['kind']}"
    tell(f"{output}: {photo.size[0]}×{photo.size[1]} photo with {about}")
    return 0
