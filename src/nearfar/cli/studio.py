"""``nearfar studio``: nearfar in a browser."""

from __future__ import annotations

import errno
import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.messages import InputFault, printable, tell

if TYPE_CHECKING:
    from nearfar.studio import Library, StudioServer

__all__ = ["studio"]

_PORT = 8080


def studio(
    photo: Annotated[
        Path | None, Parameter(name="PHOTO", help="A photo to begin with: HEIC or JPEG; a copy is kept.")
    ] = None,
    /,
    *,
    device: Annotated[
        str, Parameter(help="Which camera; `nearfar devices` lists what is here.")
    ] = "virtual:dual",
    port: Annotated[
        int | None,
        Parameter(
            validator=Number(gte=0, lte=65535),
            help=f"Where to listen; 0 finds a free one. Default: {_PORT}, or a free one where that is taken.",
        ),
    ] = None,
    folder: Annotated[
        Path | None, Parameter(help="Where photos and takes are kept. Default: the user's own data folder.")
    ] = None,
    browser: Annotated[
        bool, Parameter(negative="--no-browser", help="Open a browser, where there is one.")
    ] = True,
) -> int:
    """Look through cameras, take and edit photos, record takes: in a browser.

    The page is for this machine only, and works without a network. What is taken,
    recorded or dropped in stays in one folder, which the page shows and empties.
    Ctrl-C ends it.
    """
    from nearfar.studio import Library

    library = Library(folder)
    shown = "" if photo is None else f"#photos/{quote(_kept(photo, library))}"
    server = _listening(device, library, port)
    address = f"{server.url}{shown}"
    tell(address)
    tell(
        printable(f"The studio, on {device}. Photos and takes are kept in {library.folder}. Ctrl-C ends it.")
    )
    sys.stdout.flush()
    if browser and _has_window():
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    server.run()
    return 0


def _kept(photo: Path, library: Library) -> str:
    """The id of a photo in the library: a copy is put there unless there is one."""
    from nearfar.photo import open as open_photo

    open_photo(photo)
    content = photo.read_bytes()
    for other in library.photos:
        if other.stat().st_size == len(content) and other.read_bytes() == content:
            return other.name
    try:
        place = library.photos.new_path(photo.name)
    except ValueError as problem:
        raise InputFault(f"{photo}: its name should end as a photo's does: {problem}") from None
    unfinished = library.photos.unfinished(place)
    unfinished.write_bytes(content)
    unfinished.rename(place)
    return place.name


def _listening(device: str, library: Library, port: int | None) -> StudioServer:
    from nearfar.studio import StudioServer

    try:
        return StudioServer(device, library, port=_PORT if port is None else port)
    except OSError as problem:
        if port is not None or problem.errno != errno.EADDRINUSE:
            raise
        return StudioServer(device, library, port=0)


def _has_window() -> bool:
    """Whether a browser can show itself: not on a machine without a screen, nor where tests run."""
    if os.environ.get("CI"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
