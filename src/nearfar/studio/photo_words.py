"""What the strip and the page of a photo say of it, from its headers; for the focus its depth is decoded.

PhotoFile ─┬─ photo_entry ──▶ PhotoEntry      problem: why it cannot be shown
           └─ photo_details ─▶ PhotoDetails   lines: `photo_facts`
"""

from __future__ import annotations

import numpy as np

from nearfar.depth import DepthKind
from nearfar.effects import aperture_of, focus_disparity
from nearfar.errors import NearfarError
from nearfar.photo import Photo
from nearfar.studio.answers import DepthWords, PhotoDetails, PhotoEntry
from nearfar.studio.photo_depth import small_depth
from nearfar.studio.photo_facts import photo_facts
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.shelf_files import explained

__all__ = ["photo_details", "photo_entry"]

_NEARLY = 0.02
"""Share of the disparity by which a place may miss that of the focus."""


def photo_entry(file: PhotoFile) -> PhotoEntry:
    """What the strip shows. Raises FileNotFoundError where the file is gone."""
    size = file.path.stat().st_size
    try:
        photo = file.opened()
    except NearfarError as problem:
        reason = explained(problem, file.name)
        return PhotoEntry(file.name, file.name, file.version, 0, 0, False, size, reason)
    return _entry(file, photo, size)


def photo_details(file: PhotoFile, *, location: bool = False) -> PhotoDetails:
    """All that the page says.

    Args:
        file: the photo.
        location: say where it was taken.

    Raises:
        FileError: it cannot be read.
        FileNotFoundError: it is gone.
    """
    photo = file.opened()
    entry = _entry(file, photo, file.path.stat().st_size)
    summary = photo.summary(location=location)
    depth = summary["depth"]
    container = photo.container
    assert container is not None
    edited = photo.has_depth and photo.edits != photo.without_edits().edits
    return PhotoDetails(
        entry,
        container,
        photo_facts(summary, edited=edited),
        None
        if depth is None
        else DepthWords(
            depth["width"],
            depth["height"],
            metric=depth["metric"],
            relative=depth["accuracy"] == "relative",
        ),
        tuple(photo.mattes),
        aperture_of(photo),
        photo.edits.f_number if edited else None,
        _focus(photo) if photo.has_depth else None,
        _stored_focus(photo) if edited else None,
    )


def _entry(file: PhotoFile, photo: Photo, size: int) -> PhotoEntry:
    width, height = photo.size
    return PhotoEntry(file.name, file.name, file.version, width, height, photo.has_depth, size, None)


def _stored_focus(photo: Photo) -> tuple[float, float] | None:
    focus = photo.edits.focus
    if focus is None:
        return None
    x, y, *size = focus
    width, height = size or (0.0, 0.0)
    return x + width / 2, y + height / 2


def _focus(photo: Photo) -> tuple[float, float] | None:
    """A place that is in focus at first: on what the photo says or what stands out in it."""
    try:
        depth = small_depth(photo)
        focus = focus_disparity(photo.with_depth(depth))
    except NearfarError:
        return None  # the depth is broken: its own request says how
    values = depth.to(DepthKind.DISPARITY, dtype=np.float32).values
    left, top, width, height = focus.region or (0.0, 0.0, 1.0, 1.0)
    center = (left + width / 2, top + height / 2)
    rows, columns = values.shape
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    with np.errstate(invalid="ignore"):
        away = np.abs(values - np.float32(focus.disparity))
    away[~np.isfinite(away)] = np.inf
    inside = (abs(x - center[0]) <= width / 2) & (abs(y - center[1]) <= height / 2)
    if np.isfinite(away[inside]).any():
        away[~inside] = np.inf
    fits = away <= max(float(away.min()), _NEARLY * abs(focus.disparity))
    far = np.where(fits, np.hypot(x - center[0], y - center[1]), np.inf)
    row, column = np.unravel_index(int(np.argmin(far)), far.shape)
    if np.hypot(1 / columns, 1 / rows) >= far[row, column]:
        return center
    return float(x[row, column]), float(y[row, column])
