"""Writing a command's output file: checked beforehand, whole or not at all, and named when it fails."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nearfar.cli.messages import InputFault, WrongUsage, notes_of_loss
from nearfar.cli.waiting import waiting
from nearfar.errors import FileError, NearfarError

if TYPE_CHECKING:
    from PIL.Image import Image

    from nearfar.photo import Photo

__all__ = ["PHOTO_SUFFIXES", "check_output", "save_bytes", "save_image", "save_photo", "writing"]

PHOTO_SUFFIXES = (".heic", ".heif", ".hif", ".jpg", ".jpeg")
"""What a photo with depth can be saved as."""


def check_output(output: Path, suffixes: tuple[str, ...], *, unlike: Path | None = None) -> str:
    """Give the output's suffix in small letters.

    Raises:
        WrongUsage: it is none of `suffixes`, or the output is the input `unlike`, which would be lost.
        InputFault: its folder does not exist.
    """
    suffix = output.suffix.lower()
    if suffix not in suffixes:
        raise WrongUsage(f"{output}: the name of the output must end in {', '.join(suffixes)}")
    if not output.parent.is_dir():
        raise InputFault(f"{output}: there is no folder {output.parent}")
    if unlike is not None and output.exists() and unlike.exists() and os.path.samefile(output, unlike):
        raise WrongUsage(f"{output}: the output would replace the photo it comes from")
    return suffix


@contextmanager
def writing(output: Path) -> Iterator[None]:
    """Show that the output is being written; a failure to write names the output."""
    try:
        with waiting(f"Writing {output}"):
            yield
    except FileError:
        raise
    except OSError as problem:
        raise InputFault(f"{output}: cannot be written: {problem.strerror or problem}") from problem


def save_bytes(output: Path, data: bytes | memoryview) -> None:
    """Put the bytes in place, whole or not at all."""
    from nearfar.files import write_file

    with writing(output):
        write_file(output, [data])


def save_photo(output: Path, photo: Photo, source: Path, **options: Any) -> None:
    """Save a photo with the options of `Photo.save`.

    What is lost is said in notes; a photo that cannot be saved so is an `InputFault` of `source`.
    """
    with notes_of_loss(), writing(output):
        try:
            photo.save(output, **options)
        except NearfarError:
            raise
        except ValueError as problem:
            raise InputFault(f"{source}: {problem}") from problem


def save_image(output: Path, image: Image, **options: Any) -> None:
    """Write a Pillow image in the format of the output's suffix."""
    buffer = io.BytesIO()
    kind = {".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF"}.get(output.suffix.lower(), "JPEG")
    if kind == "JPEG":
        options = {"quality": 95, "subsampling": 0, **options}
    with writing(output):
        image.save(buffer, kind, **options)
    save_bytes(output, buffer.getbuffer())
