"""``nearfar info``: what depth is inside photos, from their headers alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from nearfar.cli.messages import error, explain, tell
from nearfar.cli.waiting import counted
from nearfar.errors import NearfarError

__all__ = ["info"]

_PHOTOS = frozenset({".heic", ".heif", ".hif", ".jpg", ".jpeg"})


def info(
    *files: Annotated[
        Path,
        Parameter(
            name="FILE",
            required=True,
            help="Photos, HEIC or JPEG. A folder stands for all photos in it and below.",
        ),
    ],
    json: Annotated[bool, Parameter(help="Print a JSON list with one object a photo.")] = False,
    location: Annotated[bool, Parameter(help="Add where the photo was taken.")] = False,
) -> int:
    """Say what depth is inside photos.

    Kind, size and range of the depth map; how far it can be trusted; the
    camera's calibration; mattes, gain map, stereo pair and stored edits. Nothing
    is decoded. Where a photo was taken is left out unless asked for.

    A photo that cannot be read gives one line on stderr; the others are printed,
    and the exit code is 1.
    """
    paths, faults = _photos(files)
    summaries = _summaries(paths, faults, location)
    if json:
        _print_json(summaries)
    else:
        from nearfar.cli.describing import describe

        for index, summary in enumerate(summaries):
            tell(("\n" if index else "") + describe(summary))
    return 1 if faults else 0


def _photos(files: tuple[Path, ...]) -> tuple[list[Path], list[str]]:
    """Give the photos that were named, folders opened, and what is at fault with them (already said)."""
    photos: list[Path] = []
    faults: list[str] = []
    for file in files:
        if not file.is_dir():
            photos.append(file)
            continue
        problems: list[OSError] = []
        found = [
            Path(folder, name)
            for folder, folders, names in os.walk(file, onerror=problems.append)
            for name in _visible(folders, names)
        ]
        for problem in problems:
            _fault(explain(problem, file), faults)
        if not found and not problems:
            _fault(f"{file}: no photo (HEIC or JPEG) in this folder", faults)
        photos.extend(found)
    return photos, faults


def _visible(folders: list[str], names: list[str]) -> list[str]:
    """Keep `os.walk` in order and out of hidden folders, and give the photos among the names."""
    folders[:] = sorted(name for name in folders if not name.startswith("."))
    return sorted(name for name in names if Path(name).suffix.lower() in _PHOTOS and not name.startswith("."))


def _summaries(paths: list[Path], faults: list[str], location: bool) -> Iterator[dict[str, Any]]:
    from nearfar.photo import open as open_photo

    for path in counted(paths, "Reading photos"):
        try:
            summary = open_photo(path).summary(location=location)
        except (NearfarError, OSError) as problem:
            _fault(explain(problem, path), faults)
        else:
            yield summary


def _fault(text: str, faults: list[str]) -> None:
    error(text)
    faults.append(text)


def _print_json(summaries: Iterator[dict[str, Any]]) -> None:
    from nearfar.cli.describing import as_json

    count = 0
    for count, summary in enumerate(summaries, 1):
        tell(("[\n" if count == 1 else ",\n") + as_json(summary))
    tell("]" if count else "[]")
