"""Sources that need no camera: a mesh, two pictures, a photo, and any source with faults.

mesh:FILE.glb          colour and absolute depth of a world that is known as a mesh
stereo:LEFT,RIGHT      two videos or series of pictures, matched
photo:FILE             a depth photo, seen from around where it was taken
faulty:INNER           another device with drops, jitter, stalls and a loose plug

Each ``open_…`` is the entry point of its scheme. Names load when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nearfar.capture.sources.faulty import Faults as Faults
    from nearfar.capture.sources.faulty import FaultySource as FaultySource
    from nearfar.capture.sources.faulty import open_faulty as open_faulty
    from nearfar.capture.sources.mesh import MeshSource as MeshSource
    from nearfar.capture.sources.mesh import open_mesh as open_mesh
    from nearfar.capture.sources.photo import PhotoSource as PhotoSource
    from nearfar.capture.sources.photo import open_photo as open_photo
    from nearfar.capture.sources.stereo import StereoSource as StereoSource
    from nearfar.capture.sources.stereo import open_stereo as open_stereo

_HOMES = {
    "faulty": "Faults FaultySource open_faulty",
    "mesh": "MeshSource open_mesh",
    "photo": "PhotoSource open_photo",
    "stereo": "StereoSource open_stereo",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the single list


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'nearfar.capture.sources' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"nearfar.capture.sources.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
