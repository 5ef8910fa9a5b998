"""Edits of a photo on the shelf, stored beside its picture and depth, which stay byte for byte as they are.

store_edits ──▶ the file with other tags, renamed into its place ──▶ its new version
take_out_edits ──▶ the file as the camera wrote it
"""

from __future__ import annotations

from nearfar.effects import aperture_of
from nearfar.errors import PhotoError
from nearfar.photo import Photo
from nearfar.studio.answers import EditWish
from nearfar.studio.json_answers import Refused
from nearfar.studio.photo_files import PhotoFile

__all__ = ["store_edits", "take_out_edits"]


def store_edits(file: PhotoFile, wish: EditWish) -> PhotoFile:
    """Store an edit, and give the photo as it is now.

    Raises:
        Refused: the photo has no place for edits.
        NoDepth: it has no depth.
        FileError, FileNotFoundError: it is broken, or gone.
        ValueError: an aperture or a place out of range.
    """
    photo = file.opened()
    number = aperture_of(photo, wish.f_number)
    if wish.focus is None:
        return _saved(file, photo, photo.with_edits(f_number=number))
    return _saved(file, photo, photo.with_edits(f_number=number, focus=wish.focus))


def take_out_edits(file: PhotoFile) -> PhotoFile:
    """Take the edits out, and give the photo as it is now. Raises as `store_edits` does."""
    photo = file.opened()
    return _saved(file, photo, photo.without_edits())


def _saved(file: PhotoFile, photo: Photo, edited: Photo) -> PhotoFile:
    if edited.edits == photo.edits:
        return file
    try:
        edited.save(file.path, container=photo.container)
    except PhotoError as problem:
        raise Refused(
            422,
            f"{file.name} has no place for edits. Download it as HEIC, drop that in, and edit it there.",
        ) from problem
    return PhotoFile.at(file.path)
