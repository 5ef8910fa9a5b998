"""Photos with depth: read, write and edit what phones make, losing nothing.

    open ──▶ Photo ──▶ save
              │ color, depth, mattes, stereo, metadata, edits, regions
              └ with_edits, with_depth, with_mattes, with_metadata

``heic`` and ``jpeg`` know the two containers; ``auxiliary`` is the seam between them and the meaning of what
they hold (``depth_images``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.photo.aperture import Aperture as Aperture
from nearfar.photo.edits import RENDERER as RENDERER
from nearfar.photo.edits import Edits as Edits
from nearfar.photo.edits import FocusPlace as FocusPlace
from nearfar.photo.metadata import Location as Location
from nearfar.photo.metadata import Metadata as Metadata
from nearfar.photo.opening import open as open
from nearfar.photo.photo import Photo as Photo
from nearfar.photo.regions import Region as Region
from nearfar.photo.regions import RegionKind as RegionKind

if TYPE_CHECKING:
    from nearfar.photo.coded_color import CodedColor as CodedColor
    from nearfar.photo.reducing import reduced_color as reduced_color
    from nearfar.photo.words import instead_of_depth as instead_of_depth
    from nearfar.photo.words import summary_lines as summary_lines

__all__ = [
    "RENDERER",
    "Aperture",
    "CodedColor",
    "Edits",
    "FocusPlace",
    "Location",
    "Metadata",
    "Photo",
    "Region",
    "RegionKind",
    "instead_of_depth",
    "open",
    "reduced_color",
    "summary_lines",
]

_LATER = {
    "CodedColor": "coded_color",
    "instead_of_depth": "words",
    "reduced_color": "reducing",
    "summary_lines": "words",
}
"""Names that few need; the first takes threads along."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'nearfar.photo' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"nearfar.photo.{_LATER[name]}"), name)
