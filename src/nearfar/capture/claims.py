"""Which device is run by whom: a source has one start of one session at a time, in one process."""

from __future__ import annotations

from nearfar.capture.device import Device
from nearfar.errors import DeviceBusy

__all__ = ["claim", "release"]

_IN_USE: dict[object, object] = {}
"""The holder by the device's key. Only `setdefault` and `pop`, which are whole: no lock is held in a fork."""


def claim(device: Device, holder: object) -> None:
    """Have the device to oneself until `release`.

    Raises:
        DeviceBusy: another has it, or left it behind while it hung.
    """
    if _IN_USE.setdefault(device.key, holder) is not holder:
        raise DeviceBusy(
            "another session runs it, or was left by it while it hung; stop that session, or make a new "
            "Device",
            device=device.name,
        )


def release(device: Device, holder: object) -> None:
    """Let others have it; nothing for who has it not."""
    if _IN_USE.get(device.key) is holder:
        _IN_USE.pop(device.key, None)
