"""``nearfar serve``: a folder of WebXR pages, with a camera's depth in them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from nearfar.cli.messages import InputFault
from nearfar.cli.network import Network
from nearfar.cli.waiting import waiting

__all__ = ["serve"]

_HERE = Network()


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
    network: Network = _HERE,
) -> int:
    """Serve WebXR pages with depth from any camera.

    Each page gets a WebXR runtime ahead of its own scripts, so that a desktop
    browser gives it depth as a phone or a headset would. Browsers of this machine
    only can connect, unless --host says otherwise. Ctrl-C ends it.
    """
    if not folder.is_dir():
        raise InputFault(f"{folder}: {'is not a folder' if folder.exists() else 'there is no such folder'}")
    from nearfar.studio import PageServer
    from nearfar.xr import CameraDevice

    with waiting(f"Opening {device}"):
        camera = CameraDevice(device, profile=profile)
        depth = camera.depth_support
    server = network.open(partial(PageServer, folder, camera, device_name=device, profile=profile))
    what = "depth" if depth else "no depth"
    network.announce(server, f"Pages of {folder}, {what} from {device}, profile {profile}. Ctrl-C ends it.")
    server.run()
    return 0
