"""Pictures one after the other: a folder, a pattern or one file, and videos by PyAV.

"left/*.png", "left/%05d.png", "left/", "left.png" ──▶ Series ──┐
"left.mp4"                                         ──▶ Video ───┴─ reader() ── picture(k) ──▶ (H, W, 3)
"""

from __future__ import annotations

import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from glob import has_magic
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import CorruptFile, DeviceNotFound, LimitExceeded, MissingExtra, UnsupportedFile

__all__ = ["Pictures", "Reader", "pictures_of"]

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "PPM")
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".ppm", ".pgm"})
_CONTAINERS = {b"ftyp": "mov", b"moov": "mov", b"\x1a\x45\xdf\xa3": "matroska", b"RIFF": "avi"}
_MOST_PIXELS = 100_000_000
_MOST_FILES = 1_000_000


class Reader(Protocol):
    """Gives the pictures, from the first on."""

    def picture(self, number: int) -> NDArray[np.uint8] | None:
        """(H, W, 3) sRGB of a number, quickest if they increase; None after the last.

        Raises:
            FileError: it cannot be decoded, or has another size than the first.
        """
        ...


class Pictures(ABC):
    """Pictures of one size, one after the other.

    Attributes:
        name: of the file, folder or pattern.
        size: (width, height) px.
        count: how many there are; None where the file does not say.
        rate: pictures a second; None where nothing says so.
    """

    name: str
    size: tuple[int, int]
    count: int | None
    rate: float | None

    @abstractmethod
    def reader(self) -> AbstractContextManager[Reader]:
        """Open them to be read."""


def pictures_of(name: str, device: str) -> Pictures:
    """The pictures of a file, a folder, a pattern with ``*`` or with ``%d``.

    Raises:
        DeviceNotFound: there are none.
        FileError: the first cannot be read: UnsupportedFile, CorruptFile, LimitExceeded.
        MissingExtra: it is a video, and the extra ``video`` is not installed.
    """
    path = Path(name)
    if path.is_file() and path.suffix.lower() not in _SUFFIXES:
        return Video(path)
    files = _files(path, name)
    if not files:
        raise DeviceNotFound(f"there is no picture or video {name!r}", device=device)
    if len(files) > _MOST_FILES:
        raise LimitExceeded(
            f"more than {_MOST_FILES:,} pictures", file=name, limit=_MOST_FILES, value=len(files)
        )
    return Series(name, tuple(files))


def _files(path: Path, name: str) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        found = [each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES]
    elif number := re.search(r"%0?(\d*)d", path.name):
        before, after = (re.escape(part) for part in (path.name[: number.start()], path.name[number.end() :]))
        form = re.compile(f"{before}[0-9]{{{number[1] or 1},}}{after}")
        inside = path.parent.iterdir() if path.parent.is_dir() else ()
        found = [each for each in inside if form.fullmatch(each.name)]
    elif has_magic(name):
        anchor = Path(path.anchor) if path.anchor else Path()
        found = [each for each in anchor.glob(str(path.relative_to(path.anchor))) if each.is_file()]
    else:
        found = []
    return sorted(found, key=_in_counting_order)


def _in_counting_order(path: Path) -> list[tuple[int, int, str]]:
    """So that frame 9 is before frame 10."""
    parts = re.split(r"(\d{1,18})", str(path))
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


class Series(Pictures):
    """Files, one a picture."""

    def __init__(self, name: str, files: tuple[Path, ...]) -> None:
        self.name, self.count, self.rate = name, len(files), None
        self._files = files
        first = _read(files[0])
        self.size = (first.shape[1], first.shape[0])

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """They are opened one by one."""
        yield self

    def picture(self, number: int) -> NDArray[np.uint8] | None:
        """See `Reader.picture`."""
        if number >= len(self._files):
            return None
        picture = _read(self._files[number])
        _check_size(picture, self.size, str(self._files[number]))
        return picture


def _read(file: Path) -> NDArray[np.uint8]:
    """A picture upright, (H, W, 3); of more than 8 bits the upper ones."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's asides: what matters is raised, or checked here
            with Image.open(file, formats=_FORMATS) as image:
                _check_pixels(image.width, image.height, str(file))
                upright = ImageOps.exif_transpose(image)
                if upright.mode == "I" or upright.mode.startswith("I;16"):
                    gray = np.clip(np.asarray(upright), 0, 65535).astype(np.uint16) >> np.uint16(8)
                    return np.repeat(gray.astype(np.uint8)[..., np.newaxis], 3, axis=2)
                return np.asarray(upright.convert("RGB"))
    except UnidentifiedImageError:
        raise UnsupportedFile(f"not a picture of {', '.join(_FORMATS)}", file=str(file)) from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise CorruptFile(f"a picture that cannot be decoded: {error}", file=str(file)) from None
    except (Image.DecompressionBombError, ValueError, SyntaxError) as error:
        raise CorruptFile(f"a picture that cannot be decoded: {error}", file=str(file)) from None


class Video(Pictures):
    """The first video stream of a file: MP4 or QuickTime, Matroska or WebM, AVI."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._container = _container_of(path)
        with self._opened() as (_, stream):
            self.size = (stream.codec_context.width, stream.codec_context.height)
            self.count = int(stream.frames) or None
            self.rate = float(stream.average_rate) if stream.average_rate else None

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        """The container and its stream, before anything is decoded."""
        try:
            import av
        except ImportError:
            raise MissingExtra("reading a video", extra="video") from None
        # The demuxer is named, and reads the file that Python opened: a file cannot have others opened.
        with self._path.open("rb") as file:
            try:
                container = av.open(file, mode="r", format=self._container)
            except (av.FFmpegError, ValueError) as error:
                raise self.broken(error) from None
            with container:
                if not container.streams.video:
                    raise UnsupportedFile("a file without a video stream", file=self.name)
                stream = container.streams.video[0]
                if stream.codec_context is None:
                    raise UnsupportedFile("a video of a coding that is not known here", file=self.name)
                _check_pixels(stream.codec_context.width, stream.codec_context.height, self.name)
                yield container, stream

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Open the file, decode as it is read."""
        with self._opened() as (container, stream):
            yield _Decoder(self, container, stream)

    def broken(self, error: Exception) -> CorruptFile:
        """The error of a file that PyAV does not get along with."""
        words = str(error).partition("\n")[0][:120]
        return CorruptFile(f"a video that cannot be decoded: {words}", file=self.name)


class _Decoder:
    """A video from its first frame on."""

    def __init__(self, video: Video, container: Any, stream: Any) -> None:
        self._video, self._container, self._stream = video, container, stream
        self._frames: Iterator[Any] = container.decode(stream)
        self._next = 0

    def picture(self, number: int) -> NDArray[np.uint8] | None:
        """See `Reader.picture`; what lies in between is decoded and left out."""
        import av

        try:
            if number < self._next:
                self._container.seek(0)
                self._frames, self._next = self._container.decode(self._stream), 0
            frame: Any = None
            while self._next <= number:
                frame = next(self._frames, None)
                if frame is None:
                    self._video.count = self._next  # now it is known
                    return None
                self._next += 1
            _check_pixels(frame.width, frame.height, self._video.name)
            picture: NDArray[np.uint8] = frame.to_ndarray(format="rgb24")
        except (av.FFmpegError, ValueError) as error:
            raise self._video.broken(error) from None
        _check_size(picture, self._video.size, f"frame {number} of {self._video.name}")
        return picture


def _container_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    kind = _CONTAINERS.get(head[4:8]) or _CONTAINERS.get(head[:4])
    if kind is None:
        raise UnsupportedFile(
            "neither a picture nor a video (MP4, QuickTime, Matroska, WebM, AVI)", file=str(path), offset=0
        )
    return kind


def _check_pixels(width: int, height: int, file: str) -> None:
    if width < 1 or height < 1:
        raise CorruptFile(f"a picture of {width}×{height} pixels", file=file)
    if width * height > _MOST_PIXELS:
        raise LimitExceeded(
            f"{width}×{height} pixels are over 100 Mpx", file=file, limit=_MOST_PIXELS, value=width * height
        )


def _check_size(picture: NDArray[np.uint8], size: tuple[int, int], what: str) -> None:
    found = (picture.shape[1], picture.shape[0])
    if found != size:
        raise CorruptFile(
            f"{found[0]}×{found[1]} pixels, but the first one has {size[0]}×{size[1]}: all must be alike",
            file=what,
        )
