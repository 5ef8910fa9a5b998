"""A photo as a file to take away: itself, or what is made of it by a process of its own.

heic, jpg ── the file as it is, or converted with all that it carries, as `nearfar convert` does
png       ── depth in 16-bit millimetres, as `nearfar extract` does
ply       ── points in the photo's colours
portrait  ── rendered with the stored edits, a flat JPEG

    make_download ──▶ python -m nearfar.studio.photo_downloads PHOTO KIND OUT ──▶ file, or words why not

What is made takes seconds and much memory. A process gives that back, and ends at once when nobody waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nearfar.depth import Accuracy, DepthKind, millimetres
from nearfar.effects import aperture_of, portrait
from nearfar.errors import PhotoError
from nearfar.photo import Photo
from nearfar.studio.answers import Container
from nearfar.studio.json_answers import PROBLEMS, Refused
from nearfar.studio.module_processes import start_module
from nearfar.studio.photo_depth import camera_of
from nearfar.studio.photo_files import PhotoFile

__all__ = ["MEDIA_TYPES", "DownloadKind", "about_download", "main", "make_download"]

DownloadKind: TypeAlias = Literal["heic", "jpg", "png", "ply", "portrait"]

MEDIA_TYPES: dict[DownloadKind, str] = {
    "heic": "image/heic",
    "jpg": "image/jpeg",
    "png": "image/png",
    "ply": "application/octet-stream",
    "portrait": "image/jpeg",
}
_CONTAINERS: dict[str, Container] = {"heic": "heic", "jpg": "jpeg"}
_QUALITY = 92
"""Of a portrait, as `nearfar portrait` has it."""


def about_download(file: PhotoFile, kind: DownloadKind) -> tuple[str, bool]:
    """By what name a download is to be saved, and whether it is the file itself.

    Raises:
        NoDepth: the photo has none, and it is asked for.
        FileError: see `PhotoFile.opened`.
    """
    photo, stem = file.opened(), file.path.stem
    if photo.container == _CONTAINERS.get(kind):
        return file.name, True
    if kind not in _CONTAINERS and not photo.has_depth:
        photo.require_depth()
    if kind == "portrait":
        return f"{stem} f{aperture_of(photo):g}.jpg", False
    return f"{stem} depth.png" if kind == "png" else f"{stem}.{kind}", False


async def make_download(file: PhotoFile, kind: DownloadKind, place: Path) -> None:
    """Make what is asked for, at a place. To cancel ends it at once.

    Raises:
        Refused: it cannot be made of this photo, in words.
    """
    process = start_module(__name__, str(file.path), kind, str(place))
    try:
        said = await _said_by(process)
    finally:
        if process.returncode is None:
            process.kill()  # the thread that waits for it sees to the rest, also where the loop ends
    if process.returncode == 0:
        return
    try:
        problem = json.loads(said)
        raise Refused(int(problem["status"]), str(problem["reason"]))
    except (ValueError, TypeError, KeyError):
        reason = f"{file.name}: making the file broke off. The photo itself can be downloaded as it is."
        raise Refused(500, reason) from None


async def _said_by(process: subprocess.Popen[bytes]) -> bytes:
    """What a process has said when it has ended. A thread of its own reaps it, whoever waits here or not."""
    loop = asyncio.get_running_loop()
    said: asyncio.Future[bytes] = loop.create_future()

    def tell(words: bytes) -> None:
        if not said.done():
            said.set_result(words)

    def wait() -> None:
        words, _ = process.communicate()
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, words)

    threading.Thread(target=wait, name="nearfar-download", daemon=True).start()
    return await said


def main(arguments: list[str]) -> int:
    """Make a download: PHOTO KIND OUT. Prints why not, where that is so."""
    path, kind, out = arguments
    warnings.simplefilter("ignore")  # of what has no place in the other container: there is nobody to read it
    try:
        _make(PhotoFile.at(Path(path)).opened(), kind, Path(out))
    except (*PROBLEMS, MemoryError) as problem:
        said = PhotoFile.refusal(problem, Path(path).name)
        sys.stdout.write(json.dumps({"status": said.status, "reason": said.reason}))
        return 1
    return 0


def _make(photo: Photo, kind: str, out: Path) -> None:
    if kind in _CONTAINERS:
        photo.save(out, container=_CONTAINERS[kind])
    elif kind == "portrait":
        portrait(photo).save(out, container="jpeg", color_quality=_QUALITY)
    elif kind == "png":
        _write_millimetres(photo, out)
    else:
        _write_points(photo, out)


def _write_millimetres(photo: Photo, out: Path) -> None:
    depth = photo.require_depth()
    if not depth.metric:
        raise PhotoError(
            f"{Path(photo.file or '').name}: its depth has no unit, so there are no millimetres to write. "
            "Say how many metres one unit is: nearfar extract --scale."
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


def _write_points(photo: Photo, out: Path) -> None:
    depth = photo.require_depth()
    camera, _ = camera_of(photo, depth)
    points = depth.points(photo.color, calibration=camera)
    if not len(points):
        raise PhotoError(
            f"{Path(photo.file or '').name}: too few pixels of its depth have a value to make points of."
        )
    points.save(out)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
