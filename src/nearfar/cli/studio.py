"""``nearfar studio``: nearfar in a browser."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import webbrowser
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import quote

from cyclopts import Parameter

from nearfar.cli.messages import InputFault
from nearfar.cli.network import Network

if TYPE_CHECKING:
    from nearfar.studio import Library

__all__ = ["studio"]

_HERE = Network()


def studio(
    photo: Annotated[
        Path | None, Parameter(name="PHOTO", help="A photo to begin with: HEIC or JPEG; a copy is kept.")
    ] = None,
    /,
    *,
    device: Annotated[
        str, Parameter(help="Which camera; `nearfar devices` lists what is here.")
    ] = "virtual:dual",
    folder: Annotated[
        Path | None, Parameter(help="Where photos and takes are kept. Default: the user's own data folder.")
    ] = None,
    browser: Annotated[
        bool, Parameter(negative="--no-browser", help="Open a browser, where there is one.")
    ] = True,
    network: Network = _HERE,
) -> int:
    """Look through cameras, take and edit photos, record takes: in a browser.

    The page is for this machine only, unless --host says otherwise, and works
    without a network. What is taken, recorded or dropped in stays in one folder,
    which the page shows and empties. Ctrl-C ends it.
    """
    from nearfar.studio import Library, StudioServer

    library = Library(folder)
    shown = "" if photo is None else f"#photos/{quote(_kept(photo, library))}"
    server = network.open(partial(StudioServer, device, library))
    about = f"The studio, on {device}. Photos and takes are kept in {library.folder}. Ctrl-C ends it."
    address = network.announce(server, about, shown)
    if browser and _has_window():
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    server.run()
    return _leave()


def _kept(photo: Path, library: Library) -> str:
    """The id of a photo in the library: a copy is put there unless there is one."""
    from nearfar.photo import open as open_photo

    if photo.exists() and not (photo.is_file() or photo.is_dir()):
        raise InputFault(f"{photo}: this is a pipe or a device, and the studio takes files: write it to one.")
    open_photo(photo)
    there = library.photos.same_as(photo)
    if there is not None:
        return there.name
    unfinished = library.photos.unfinished_path()
    try:
        shutil.copyfile(photo, unfinished)
        return library.photos.settle(unfinished, photo.name).name
    except ValueError as problem:
        raise InputFault(f"{photo}: its name should end as a photo's does: {problem}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _leave() -> NoReturn:
    """End at once: all is kept that was to be, and what threads still decode is for nobody any more."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _has_window() -> bool:
    """Whether a browser can show itself: not on a machine without a screen, nor where tests run."""
    if os.environ.get("CI"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
