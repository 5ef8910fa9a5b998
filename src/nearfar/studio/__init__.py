"""The local web side: the studio, pages with the WebXR runtime put in, and the stream that feeds both.

    folder of pages ─┐
                     ├─ PageServer ────▶ http://localhost:8080/
    XRDevice ────────┘
    camera, Library ──── StudioServer ──▶ http://localhost:8080/

Names load when they are first used; the server needs the extra ``studio``.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from nearfar.errors import MissingExtra
from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.studio.library import Library as Library
    from nearfar.studio.server import PageServer as PageServer
    from nearfar.studio.server import make_app as make_app
    from nearfar.studio.serving import AppServer as AppServer
    from nearfar.studio.studio_app import StudioServer as StudioServer
    from nearfar.studio.studio_app import make_studio_app as make_studio_app

_HOMES = {
    "library": "Library",
    "server": "PageServer make_app",
    "serving": "AppServer",
    "studio_app": "StudioServer make_studio_app",
}
_NEEDS = ("starlette", "uvicorn", "websockets")
_load, __dir__, __all__ = lazy_door(__name__, _HOMES)


def __getattr__(name: str) -> object:
    """Load a name. Raises MissingExtra where what it stands on is not installed."""
    if name in __all__ and any(find_spec(need) is None for need in _NEEDS):
        raise MissingExtra("serving pages", extra="studio")
    return _load(name)
