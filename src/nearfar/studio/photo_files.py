"""The photos of the library, opened with the limits of what comes from anywhere.

id ──▶ PhotoFile ──▶ opened() ──▶ Photo, nothing of it decoded
"""

from __future__ import annotations

from typing import ClassVar

from nearfar.errors import LimitExceeded
from nearfar.photo import Photo
from nearfar.photo import open as open_photo
from nearfar.studio.shelf_files import ShelfFile

__all__ = ["PhotoFile"]

_MOST_PIXELS = 50_000_000
"""Of a picture: what phones take at most, and what can be decoded beside all else that the server does."""
_MOST_MAP_PIXELS = 12_600_000
"""Of a depth map or a matte."""


class PhotoFile(ShelfFile):
    """A photo of the library as it is now."""

    __slots__ = ()
    sort: ClassVar[str] = "photo"

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
