"""Sources that need no camera: a mesh, two pictures, a photo, and any source with faults.

mesh:FILE.glb          colour and absolute depth of a world that is known as a mesh
stereo:LEFT,RIGHT      two videos or series of pictures, matched
photo:FILE             a depth photo, seen from around where it was taken
faulty:INNER           another device with drops, jitter, stalls and a loose plug
`SharedSource`         another device, for several sessions at a time

Each ``open_…`` is the entry point of its scheme. Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.capture.sources.faulty import Faults as Faults
    from nearfar.capture.sources.faulty import FaultySource as FaultySource
    from nearfar.capture.sources.faulty import open_faulty as open_faulty
    from nearfar.capture.sources.mesh import MeshSource as MeshSource
    from nearfar.capture.sources.mesh import open_mesh as open_mesh
    from nearfar.capture.sources.photo import PhotoSource as PhotoSource
    from nearfar.capture.sources.photo import open_photo as open_photo
    from nearfar.capture.sources.shared import SharedSource as SharedSource
    from nearfar.capture.sources.stereo import StereoSource as StereoSource
    from nearfar.capture.sources.stereo import open_stereo as open_stereo

_HOMES = {
    "faulty": "Faults FaultySource open_faulty",
    "mesh": "MeshSource open_mesh",
    "photo": "PhotoSource open_photo",
    "shared": "SharedSource",
    "stereo": "StereoSource open_stereo",
}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
