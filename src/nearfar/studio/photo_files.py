"""The photos of the library, opened with the limits of what comes from anywhere.

id ──▶ PhotoFile: path, version ──▶ opened() ──▶ Photo, nothing of it decoded
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from nearfar.errors import FileError, LimitExceeded
from nearfar.photo import Photo
from nearfar.photo import open as open_photo
from nearfar.studio.library import Shelf, version_of
from nearfar.studio.refusals import Refused, is_full, said_of_disk

__all__ = ["PhotoFile", "explained", "find_photo", "gone", "refusal"]

_MOST_PIXELS = 50_000_000
"""Of a picture: what phones take at most, and what can be decoded beside all else that the server does."""
_FOR_PROGRAMS = re.compile("; (raise it with|nearfar reads photos) .*", re.DOTALL)
"""What in a reason is of no use to who has no program."""
_MOST_MAP_PIXELS = 12_600_000
"""Of a depth map or a matte."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo of the library as it is now.

    Attributes:
        path: of its file.
        version: changes when the file does.
    """

    path: Path
    version: str

    @property
    def name(self) -> str:
        """Its id."""
        return self.path.name

    @classmethod
    def at(cls, path: Path) -> PhotoFile:
        """The photo of a path. Raises FileNotFoundError."""
        return cls(path, version_of(path))

    def opened(self) -> Photo:
        """Open it; nothing is decoded yet.

        Raises:
            FileError: it is no photo, is broken, or is larger than the studio takes.
        """
        photo = open_photo(self.path, max_pixels=_MOST_PIXELS)
        summary = photo.summary()
        maps = [*summary["mattes"], *([summary["depth"]] if summary["depth"] else [])]
        for each in maps:
            pixels = each["width"] * each["height"]
            if pixels > _MOST_MAP_PIXELS:
                raise LimitExceeded(
                    f"a {each['kind']} map of {each['width']}×{each['height']} pixels; "
                    f"the studio takes {_MOST_MAP_PIXELS:,}",
                    file=str(self.path), limit=_MOST_MAP_PIXELS, value=pixels,
                )  # fmt: skip
        return photo


def find_photo(shelf: Shelf, name: str) -> PhotoFile:
    """The photo of an id. Raises Refused where there is none."""
    try:
        return PhotoFile.at(shelf.path(name))
    except FileNotFoundError:
        raise gone(name) from None


def gone(name: str) -> Refused:
    """That there is no such photo, in words."""
    return Refused(404, f"There is no photo {name[:80]!r} here any more. Load the page again.")


def refusal(problem: Exception, name: str) -> Refused:
    """What is wrong with a photo, as an answer."""
    if isinstance(problem, FileNotFoundError):
        return gone(name)
    status = 413 if isinstance(problem, LimitExceeded) else 507 if _lacks_room(problem) else 422
    return Refused(status, explained(problem, name))


def _lacks_room(problem: Exception) -> bool:
    return isinstance(problem, OSError) and is_full(problem)


def explained(problem: Exception, name: str) -> str:
    """What is wrong with a file of the library, in words that leave out in which folder it lies."""
    if isinstance(problem, FileError):
        return f"{name}: {_FOR_PROGRAMS.sub('', problem.reason)}."
    if isinstance(problem, OSError):
        return f"{name}: {said_of_disk(problem)}."
    if isinstance(problem, MemoryError):
        return f"{name}: there is not enough memory for this. End what else runs, and try again."
    said = str(problem)
    at = said.find(f"{os.sep}{name}")
    return said[at + 1 :] if at >= 0 else f"{name}: {said}"
