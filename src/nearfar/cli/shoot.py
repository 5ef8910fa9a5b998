"""``nearfar shoot``: take a photo with depth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nearfar.cli.depth_outputs import write_view, wrote
from nearfar.cli.messages import InputFault
from nearfar.cli.output import PHOTO_SUFFIXES, check_output, save_photo
from nearfar.cli.waiting import waiting

if TYPE_CHECKING:
    from nearfar.depth import DepthMap

__all__ = ["shoot"]


def shoot(
    *,
    device: Annotated[
        str, Parameter(help="Which camera; `nearfar devices` lists what is here.")
    ] = "virtual:dual",
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="The photo to write: .heic or .jpg.")],
    depth: Annotated[bool, Parameter(negative="--no-depth", help="Take depth, too.")] = True,
    filtered: Annotated[
        bool, Parameter(negative="--unfiltered", help="Smooth the depth and fill its holes.")
    ] = True,
    view: Annotated[
        Path | None, Parameter(help="A picture of the depth in false colours besides: .png or .jpg.")
    ] = None,
) -> int:
    """Take a photo with depth.

    Without hardware, the virtual cameras take it of a scene: they render what their
    sensors would see and compute the depth from that.
    """
    suffix = check_output(output, PHOTO_SUFFIXES)
    if view is not None:
        check_output(view, (".png", ".jpg", ".jpeg"), unlike=output)
    from nearfar.capture import shoot as take_photo

    with waiting(f"Taking a photo with {device}"):
        photo = take_photo(
            device, codec="jpeg" if suffix in (".jpg", ".jpeg") else "hevc", depth=depth, filtered=filtered
        )
    found = photo.depth
    if view is not None and found is None:
        raise InputFault(f"{device}: gave no depth to look at; leave out --view, or choose a depth device")
    save_photo(output, photo, output)
    width, height = photo.size
    wrote(output, f"{width}×{height}, {'no depth' if found is None else _in_words(found)}")
    if view is not None and found is not None:
        write_view(found, view)
    return 0


def _in_words(depth: DepthMap) -> str:
    reach = depth.range
    unit = "m" if depth.kind.value == "depth" else "1/m"
    values = f", {reach[0]:.2f} to {reach[1]:.2f} {unit}" if reach else ""
    return f"{depth.kind.value} {depth.width}×{depth.height}{values}, {depth.accuracy.value}"
