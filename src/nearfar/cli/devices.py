"""``nearfar devices``: which cameras are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from nearfar.cli.messages import printable, tell
from nearfar.cli.waiting import waiting

if TYPE_CHECKING:
    from nearfar.capture import Device, Format

__all__ = ["devices"]


def devices(
    *,
    json: Annotated[bool, Parameter(help="Print a JSON list.")] = False,
) -> int:
    """List the cameras that are here, and the depth they give.

    The name in the first column is what --device takes. Recordings, photos and
    meshes are cameras, too: take:FILE.mcap, photo:FILE.heic, mesh:FILE.glb,
    stereo:LEFT,RIGHT.
    """
    from nearfar.capture import Device

    with waiting("Looking for cameras"):
        found = [described(device) for device in Device.discover()]
    if json:
        from json import dumps

        tell(dumps(found, indent=2))
    else:
        tell(_in_words(found) if found else "There is no camera here.")
    return 0


def described(device: Device) -> dict[str, Any]:
    """Give what a device says of itself as plain data."""
    return {
        "name": device.name,
        "title": device.title,
        "type": device.type.value,
        "position": device.position.value,
        "formats": [_format(each) for each in device.formats],
    }


def _format(format: Format) -> dict[str, Any]:
    return {
        "width": format.width,
        "height": format.height,
        "frame_rate": [format.min_frame_rate, format.max_frame_rate],
        "photo": dict(zip(("width", "height"), format.still_size, strict=True)),
        "depth": [
            {"kind": depth.kind.value, "dtype": depth.dtype, "width": depth.width, "height": depth.height}
            for depth in format.supported_depth_formats
        ],
    }


def _in_words(found: list[dict[str, Any]]) -> str:
    rows = [(each["name"], each["title"], each["position"], _depth(each)) for each in found]
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(3)]
    return "\n".join(
        printable("".join(f"{row[column]:<{widths[column]}}" for column in range(3)) + row[3]) for row in rows
    )


def _depth(device: dict[str, Any]) -> str:
    """Say what depth a device gives by default."""
    for each in device["formats"]:
        for depth in each["depth"]:
            size = f"{depth['width']}×{depth['height']}"
            return f"{depth['kind']} {size}, up to {each['frame_rate'][1]:g} frames a second"
    return "no depth"
