"""Which devices the studio offers, and with what effort the depth of one is made.

cameras of this machine ─┐
takes of the library ────┼─▶ DeviceEntry: what may be chosen, and nothing else
photos of the library ───┘

"virtual:dual" ── with_effort(…, "best") ──▶ "virtual:dual?effort=best"
"""

from __future__ import annotations

from typing import cast, get_args

from nearfar.capture import Device, DeviceName
from nearfar.errors import NearfarError
from nearfar.studio.answers import DeviceEntry, Effort
from nearfar.studio.library import Library
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.photo_words import photo_entry
from nearfar.studio.take_files import device_of

__all__ = ["DeviceList", "effort_of", "with_effort"]

_EFFORT = "effort"
_USUAL: dict[tuple[str, str], Effort] = {
    ("virtual", "dual"): "fast",
    ("virtual", "dualwide"): "fast",
    ("stereo", ""): "standard",
}
"""The effort of the devices that have one to choose, where none is asked for."""


class DeviceList:
    """The devices that may be chosen.

    Args:
        library: its takes and photos are devices, too.
        first: the name of the device to begin with, which may be any.
    """

    def __init__(self, library: Library, first: str) -> None:
        self._library = library
        self._first = first
        self._deep: dict[PhotoFile, bool] = {}

    def entries(self, title: str, recorded_now: str | None) -> list[DeviceEntry]:
        """All that there are now: cameras, then takes and photos, the newest first. Takes time.

        Args:
            title: of the device to begin with.
            recorded_now: the id of a take that is none yet.
        """
        cameras = [DeviceEntry(device.name, device.title, "camera") for device in Device.discover()]
        if self._first not in (entry.name for entry in cameras):
            cameras.insert(0, DeviceEntry(self._first, title, "camera"))
        takes = [
            DeviceEntry(device_of(path), path.stem, "take")
            for path in self._library.takes
            if path.name != recorded_now
        ]
        photos = [
            DeviceEntry(str(DeviceName("photo", str(path))), path.name, "photo")
            for path in self._library.photos
        ]
        return [*cameras, *takes, *(entry for entry in photos if self._has_depth(entry))]

    def _has_depth(self, entry: DeviceEntry) -> bool:
        try:
            file = PhotoFile.at(self._library.photos.folder / entry.title)
            if file not in self._deep:
                self._deep[file] = photo_entry(file).has_depth
        except FileNotFoundError:
            return False
        return self._deep[file]


def effort_of(name: str) -> Effort | None:
    """With what effort a device's depth is made; None where it has none to choose."""
    try:
        parsed = DeviceName.parse(name)
    except NearfarError:
        return None
    if parsed.scheme == "faulty":
        return effort_of(parsed.rest)
    usual = _USUAL.get((parsed.scheme, "" if parsed.scheme == "stereo" else parsed.rest))
    asked = parsed.options.get(_EFFORT)
    return cast("Effort", asked) if usual and asked in get_args(Effort) else usual


def with_effort(name: str, effort: Effort | None) -> str:
    """The device of a name with another effort; None and devices without one leave it as it is."""
    if effort is None or effort_of(name) is None:
        return name
    parsed = DeviceName.parse(name)
    if parsed.scheme == "faulty":
        return str(DeviceName(parsed.scheme, with_effort(parsed.rest, effort), parsed.options))
    return str(DeviceName(parsed.scheme, parsed.rest, {**parsed.options, _EFFORT: effort}))
