"""The studio's folder: what was dropped in, taken and recorded stays on this machine, where it can be seen.

    FOLDER/photos/IMG_0042.HEIC     id "IMG_0042.HEIC"
    FOLDER/takes/2026-11-22 14.03.07.mcap

A file's name is its id. Names come from elsewhere: each is made plain before it becomes a file's, and no id
leads out of the folder.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import re
import secrets
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

__all__ = ["Library", "Shelf", "default_folder"]

PHOTO_SUFFIXES = (".heic", ".heif", ".hif", ".jpg", ".jpeg")
TAKE_SUFFIXES = (".mcap",)
_LONGEST_NAME = 120
"""Characters of a file's name: file systems take 255 bytes."""
_LONGEST_SUFFIX = 8
_NAMELESS = "photo"
_PRIVATE = 0o700
_UNPLAIN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_UNSAYABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff/\\" + ("" if os.name == "posix" else r'<>:"|?*') + "]")
"""What no id has: it leads elsewhere, or no page can ask for it. Files that people put here by hand may have
all else in their names."""
_UNFINISHED = ".part"
"""Behind the names of files that are being written."""
_STALE = 3600
"""Seconds after which nobody writes such a file any more."""


def default_folder() -> Path:
    """Where the studio keeps things: where this system's programs keep what is theirs and the user's."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "nearfar/studio"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/nearfar/studio"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "nearfar/studio"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of files of one sort.

    Attributes:
        folder: where they are; it is made when the first comes.
        suffixes: of their names, in lower case.
    """

    folder: Path
    suffixes: tuple[str, ...]

    def __iter__(self) -> Iterator[Path]:
        """The files, the newest first."""
        try:
            with os.scandir(self.folder) as entries:
                found = [Path(entry.path) for entry in entries if self._is_one(entry)]
        except FileNotFoundError:
            return iter(())
        return iter(sorted(found, key=lambda path: (_age(path), path.name)))

    def path(self, name: str) -> Path:
        """The file of an id.

        Raises:
            FileNotFoundError: there is none.
        """
        place = self.folder / name
        if not self._may_be_id(name) or place.is_symlink() or not place.is_file():
            raise FileNotFoundError(f"There is no {name!r} in {self.folder}.")
        return place

    def new_path(self, wish: str) -> Path:
        """A path for a new file, named as wished as far as that can be; nothing is there yet.

        Raises:
            ValueError: the wish has none of the suffixes.
        """
        name = plain_name(wish)
        if not self._fits(name):
            raise ValueError(f"{wish!r} is none of {', '.join(self.suffixes)}")
        self.folder.mkdir(_PRIVATE, parents=True, exist_ok=True)
        stem, suffix = os.path.splitext(name)
        place, number = self.folder / name, 2
        while place.exists():
            place = self.folder / f"{stem} {number}{suffix}"
            number += 1
        return place

    def unfinished(self, place: Path) -> Path:
        """Where a file is written until it is whole, and then renamed."""
        return place.with_name(f".{place.name}{_UNFINISHED}")

    def unfinished_path(self) -> Path:
        """Where something is written whose name is not settled yet; no two are the same."""
        self.folder.mkdir(_PRIVATE, parents=True, exist_ok=True)
        return self.unfinished(self.folder / secrets.token_hex(8))

    def settle(self, unfinished: Path, wish: str) -> Path:
        """Put a whole file in its place, named as wished as far as that can be; nothing is replaced.

        Raises:
            ValueError: the wish has none of the suffixes.
            FileNotFoundError: the file was taken away meanwhile.
        """
        while True:
            place = self.new_path(wish)
            try:
                os.link(unfinished, place)  # unlike a rename it never replaces what came there meanwhile
            except FileExistsError:
                continue
            except FileNotFoundError:
                raise
            except OSError:  # a file system without links
                return unfinished.rename(place)
            unfinished.unlink()
            return place

    def same_as(self, file: Path) -> Path | None:
        """What is here with the same bytes as a file; None where nothing is. Reads what is as long."""
        size = file.stat().st_size
        for path in self:
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_size == size and filecmp.cmp(path, file, shallow=False):
                    return path
        return None

    def sweep(self) -> None:
        """Delete what was left half written, but for what may still be in the writing."""
        for path in self.folder.glob(f".*{_UNFINISHED}"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _STALE:
                    path.unlink()

    def remove(self, name: str) -> None:
        """Delete one. Raises FileNotFoundError where there is none."""
        self.path(name).unlink()

    def empty(self) -> None:
        """Delete all, and what was left half written."""
        for path in self:
            path.unlink(missing_ok=True)
        for path in self.folder.glob(f".*{_UNFINISHED}"):
            path.unlink(missing_ok=True)

    def _fits(self, name: str) -> bool:
        return os.path.splitext(name)[1].lower() in self.suffixes

    def _is_one(self, entry: os.DirEntry[str]) -> bool:
        return self._may_be_id(entry.name) and entry.is_file(follow_symlinks=False)

    def _may_be_id(self, name: str) -> bool:
        """Whether it names a file of this folder and no other, and a page can say it."""
        return not name.startswith(".") and self._fits(name) and not _UNSAYABLE.search(name)


class Library:
    """The folder of a studio.

    Args:
        folder: of photos and takes; `default_folder` when None. It is made when something comes.

    Raises:
        NotADirectoryError: a file is in the folder's place.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or default_folder()).absolute()
        there = next(place for place in (self.folder, *self.folder.parents) if place.exists())
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
        self.photos = Shelf(self.folder / "photos", PHOTO_SUFFIXES)
        self.takes = Shelf(self.folder / "takes", TAKE_SUFFIXES)


def version_of(path: Path) -> str:
    """What changes when a file does: for the addresses of what is made of it."""
    about = path.stat()
    return f"{about.st_mtime_ns:x}-{about.st_size:x}"


def name_for_now(suffix: str) -> str:
    """A name that tells when: ``2026-11-22 14.03.07.heic``."""
    return f"{datetime.now():%Y-%m-%d %H.%M.%S}{suffix}"


def plain_name(wish: str) -> str:
    """A wished name as one that every file system takes and nothing reads as more than a name."""
    name = _UNPLAIN.sub(" ", unicodedata.normalize("NFC", wish).replace("\\", "/").rsplit("/", 1)[-1])
    stem, dot, suffix = name.rstrip(" .").rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    kept = stem.strip(" .")[: _LONGEST_NAME - len(dot + suffix)].rstrip(" .")
    return f"{kept or _NAMELESS}{dot}{suffix}"


def _age(path: Path) -> float:
    """For sorting: the newest is the least."""
    try:
        return -path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
