"""The files of the library as they are now, and what is wrong with one, in words that a page shows.

id ──▶ ShelfFile: path, version ──▶ PhotoFile, TakeFile: opened
  └─ 404: no such photo               └─ 413 422 507: why it cannot be
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from nearfar.errors import FileError, LimitExceeded
from nearfar.studio.library import Shelf, version_of
from nearfar.studio.refusals import Refused, is_full, said_of_disk

__all__ = ["ShelfFile", "explained"]

_FOR_PROGRAMS = re.compile("; (raise it with|nearfar reads photos) .*", re.DOTALL)
"""What in a reason is of no use to who has no program."""


@dataclass(frozen=True, slots=True)
class ShelfFile:
    """A file of the library as it is now. It is another one as soon as it is written anew.

    Attributes:
        path: of the file.
        version: changes when the file does.
    """

    sort: ClassVar[str] = "file"
    """What people call it."""

    path: Path
    version: str

    @property
    def name(self) -> str:
        """Its id."""
        return self.path.name

    @classmethod
    def at(cls, path: Path) -> Self:
        """The file of a path. Raises FileNotFoundError."""
        return cls(path, version_of(path))

    @classmethod
    def found(cls, shelf: Shelf, name: str) -> Self:
        """The file of an id. Raises Refused where there is none."""
        try:
            return cls.at(shelf.path(name))
        except FileNotFoundError:
            raise cls.gone(name) from None

    @classmethod
    def gone(cls, name: str) -> Refused:
        """That there is no such file, in words."""
        return Refused(404, f"There is no {cls.sort} {name[:80]!r} here any more. Load the page again.")

    @classmethod
    def refusal(cls, problem: Exception, name: str) -> Refused:
        """What is wrong with the file of an id, as an answer."""
        if isinstance(problem, FileNotFoundError):
            return cls.gone(name)
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
