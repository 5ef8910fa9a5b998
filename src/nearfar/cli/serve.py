"""``nearfar serve``: a folder of WebXR pages, with a camera's depth in them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.messages import InputFault, printable, tell
from nearfar.cli.waiting import waiting

__all__ = ["serve"]


def serve(
    folder: Annotated[Path, Parameter(name="DIR", help="The folder of pages.")],
    /,
    *,
    device: Annotated[
        str, Parameter(help="Which camera; `nearfar devices` lists what is here.")
    ] = "virtual:dual",
    profile: Annotated[
        Literal["spec", "arcore", "quest"],
        Parameter(help="Which kind of device pages see: any, a phone held upright, a headset."),
    ] = "spec",
    port: Annotated[
        int, Parameter(validator=Number(gte=0, lte=65535), help="Where to listen; 0 finds a free one.")
    ] = 8080,
) -> int:
    """Serve WebXR pages with depth from any camera.

    Each page gets a WebXR runtime ahead of its own scripts, so that a desktop
    browser gives it depth as a phone or a headset would. Pages of this machine
    only can connect. Ctrl-C ends it.
    """
    if not folder.is_dir():
        raise InputFault(f"{folder}: {'is not a folder' if folder.exists() else 'there is no such folder'}")
    from nearfar.studio import PageServer
    from nearfar.xr import CameraDevice

    with waiting(f"Opening {device}"):
        camera = CameraDevice(device, profile=profile)
        depth = camera.depth_support
    server = PageServer(folder, camera, port=port, device_name=device, profile=profile)
    what = "depth" if depth else "no depth"
    tell(server.url)
    tell(printable(f"Pages of {folder}, {what} from {device}, profile {profile}. Ctrl-C ends it."))
    sys.stdout.flush()
    server.run()
    return 0
