"""A photo as a file to take away: itself, or what is made of it, in a temporary file that nobody else sees.

heic, jpg ── the file as it is, or converted with all that it carries, as `nearfar convert` does
png       ── depth in 16-bit millimetres, as `nearfar extract` does
ply       ── points in the photo's colours
portrait  ── rendered with the stored edits, a flat JPEG
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, TypeAlias, cast

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nearfar.depth import Accuracy, DepthKind, millimetres
from nearfar.effects import aperture_of, portrait
from nearfar.errors import LossWarning, PhotoError, PrivacyWarning
from nearfar.photo import Photo
from nearfar.studio.photo_depth import camera_of
from nearfar.studio.photo_files import PhotoFile

__all__ = ["Download", "DownloadKind", "make_download"]

DownloadKind: TypeAlias = Literal["heic", "jpg", "png", "ply", "portrait"]

_QUALITY = 92
"""Of a portrait, as `nearfar portrait` has it."""
_log = logging.getLogger(__name__)
_listening = threading.Lock()
"""Held while warnings are caught: Python has one list of them for all threads."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent.

    Attributes:
        file: open at its start; it is gone when it is closed, unless it is the library's own.
        name: that it is to be saved by.
        media_type: what it is.
    """

    file: IO[bytes]
    name: str
    media_type: str

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self.file.fileno()).st_size


def make_download(file: PhotoFile, kind: DownloadKind) -> Download:
    """Make what is asked for.

    Raises:
        NoDepth: the photo has none, and it is asked for.
        PhotoError: its depth has no unit, and millimetres are asked for.
        FileError, FileNotFoundError: it is broken, or gone.
        ValueError: its depth has no point to give.
    """
    photo = file.opened()
    stem = file.path.stem
    if kind in ("heic", "jpg"):
        return _photo(file, photo, stem, kind)
    if kind == "portrait":
        name = f"{stem} f{aperture_of(photo):g}.jpg"
        return _temporary(name, "image/jpeg", lambda out: _render(photo, out))
    if kind == "png":
        return _temporary(f"{stem} depth.png", "image/png", lambda out: _write_millimetres(photo, out))
    return _points(photo, f"{stem}.ply")


def _photo(file: PhotoFile, photo: Photo, stem: str, kind: Literal["heic", "jpg"]) -> Download:
    container: Literal["heic", "jpeg"] = "heic" if kind == "heic" else "jpeg"
    media_type = f"image/{container}"
    if photo.container == container:
        return Download(open(file.path, "rb"), file.name, media_type)
    return _temporary(f"{stem}.{kind}", media_type, lambda out: _save(photo, out, container))


def _temporary(name: str, media_type: str, write: Callable[[IO[bytes]], None]) -> Download:
    file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 - closed when it is sent
    try:
        write(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Download(file, name, media_type)


def _save(
    photo: Photo, out: IO[bytes], container: Literal["heic", "jpeg"], quality: int | None = None
) -> None:
    """Save a photo; what has no place in the container is noted in the log."""
    with _listening, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        photo.save(cast("BinaryIO", out), container=container, color_quality=quality)
    for warning in caught:
        if issubclass(warning.category, (LossWarning, PrivacyWarning)):
            _log.info("%s: %s", photo.file, warning.message)


def _render(photo: Photo, out: IO[bytes]) -> None:
    with _listening, warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        rendered = portrait(photo)
    _save(rendered, out, "jpeg", _QUALITY)


def _write_millimetres(photo: Photo, out: IO[bytes]) -> None:
    depth = photo.require_depth()
    if not depth.metric:
        raise PhotoError(
            f"{Path(photo.file or '').name}: its depth has no unit, so there are no millimetres to write. "
            "Say how many metres one unit is: nearfar extract --scale"
        )
    codes, _ = millimetres(depth.to(DepthKind.DEPTH, dtype="float32"))
    nominal = depth.accuracy is not Accuracy.ABSOLUTE
    words = PngInfo()
    words.add_text(
        "Description",
        "depth in millimetres, 0 = no value; "
        + ("relative accuracy: the millimetres are nominal" if nominal else "absolute accuracy"),
    )
    Image.fromarray(codes).save(out, "PNG", pnginfo=words)


def _points(photo: Photo, name: str) -> Download:
    depth = photo.require_depth()
    camera, _ = camera_of(photo, depth)
    points = depth.points(photo.color_as(), calibration=camera)
    if not len(points):
        raise PhotoError(f"{name}: too few pixels of the depth have a value to make points of.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.ply"
        points.save(path)
        file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 - closed when it is sent
        with path.open("rb") as written:
            while data := written.read(1 << 20):
                file.write(data)
    file.seek(0)
    return Download(file, name, "application/octet-stream")
