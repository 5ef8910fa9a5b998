"""The virtual cameras that the tests go through, each opened once for all of them."""

from __future__ import annotations

from functools import cache

from nearfar.capture import Format, open_source
from nearfar.capture.virtual import VirtualCamera

ALL = ("wide", "dual", "dualwide", "truedepth", "lidar")
WITH_DEPTH = ALL[1:]


@cache
def opened(name: str) -> VirtualCamera:
    """A camera by the rest of its name."""
    source = open_source(f"virtual:{name}")
    assert isinstance(source, VirtualCamera)
    return source


def small(camera: VirtualCamera) -> Format:
    """Its smallest streaming chosen."""
    return min(camera.formats, key=lambda one: one.width)
