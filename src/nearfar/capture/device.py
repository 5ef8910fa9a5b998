"""`Device`: a camera as its user sees it: what it is, what it can give, and what it is set to give.

Mirrors AVCaptureDevice and AVCaptureDeviceInput::

    Device.discover() ──▶ Device ── DeviceInput ──▶ CaptureSession
                             │
                             └── active_format, active_depth_format, zoom_factor: set while locked
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Protocol

from nearfar.capture.configuration import Configurable
from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.kinds import DevicePosition, DeviceType, Preset
from nearfar.capture.names import DeviceName, discovered, open_source
from nearfar.capture.source import DeviceInfo, PreparedSource, Source
from nearfar.errors import DeviceBusy, DeviceNotFound, InvalidConfiguration, NearfarError

__all__ = ["Device", "DeviceInput", "DeviceOwner"]


class DeviceOwner(Protocol):
    """A session, as its device sees it."""

    @property
    def depth_needed(self) -> bool:
        """Whether an output of the session needs depth."""
        ...

    @property
    def configuring(self) -> bool:
        """Whether this thread is configuring the session."""
        ...

    def configuration(self) -> AbstractContextManager[Any]:
        """The session's atomic configuration."""
        ...

    def held_at_once(self) -> AbstractContextManager[bool]:
        """Keep other threads from configuring the session; False, and not kept, where one is at it."""
        ...

    def format_was_set(self) -> None:
        """Somebody set ``active_format``: the session's preset has no say any more."""
        ...


class Device(Configurable):
    """A camera, real, recorded or virtual (AVCaptureDevice).

    Opened when it is first asked something. Each `Device` opens a source of its own: two of the name
    "virtual:dual" run side by side; a camera that there is only once is busy for the second one. Its settings
    may be changed inside ``with device.lock_for_configuration():`` or inside the configuration of a session
    that it belongs to. Of several sessions that it belongs to, its settings are set in all at once: inside
    the configuration of one, while another thread configures another, that is DeviceBusy.

    Args:
        source: a device's name, ``"virtual:dual"``, or a `Source` of one's own.

    Raises:
        DeviceNotFound: the name is none; when it is opened, that there is no such device.
    """

    def __init__(self, source: str | Source) -> None:
        super().__init__(format=None, depth_format="default", depth_min_frame_duration=None, zoom_factor=1.0)
        if not isinstance(source, str) and not callable(getattr(source, "start", None)):
            wrong = type(source).__name__
            raise TypeError(f"a device is a name, such as 'virtual:dual', or a Source; not {wrong}")
        self._name = str(DeviceName.parse(source)) if isinstance(source, str) else source.info.name
        self._opened = None if isinstance(source, str) else source
        self._opening = threading.Lock()
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._owners: list[DeviceOwner] = []

    @classmethod
    def discover(
        cls, types: Iterable[DeviceType] | None = None, position: DevicePosition | None = None
    ) -> list[Device]:
        """The devices that are here (AVCaptureDevice.DiscoverySession).

        Args:
            types: which types to look for, the dearest first; all when None.
            position: where they look; anywhere when None or UNSPECIFIED.
        """
        found = []
        for name in discovered():
            device = cls(name)
            try:
                device.source  # noqa: B018 - opens it
            except (NearfarError, OSError):
                continue
            if position in (None, DevicePosition.UNSPECIFIED, device.position):
                found.append(device)
        if types is None:
            return found
        return [device for wanted in types for device in found if device.type is DeviceType(wanted)]

    @classmethod
    def default(cls, type: DeviceType | None = None, position: DevicePosition | None = None) -> Device:
        """The device of a type (AVCaptureDevice.default).

        The default is the WIDE camera, which has no depth: a depth device must be chosen.

        Raises:
            DeviceNotFound: there is none; the message says what there is.
        """
        wanted = DeviceType.WIDE if type is None else DeviceType(type)
        found = cls.discover([wanted], position)
        if found:
            return found[0]
        here = ", ".join(f"{device.name} ({device.type.value})" for device in cls.discover()) or "no device"
        where = "" if position in (None, DevicePosition.UNSPECIFIED) else f"{position.value} "
        choice = "; the default camera gives no depth, so choose one that does" if type is None else ""
        raise DeviceNotFound(f"there is no {where}{wanted.value} camera here, but {here}{choice}")

    @property
    def source(self) -> Source:
        """The source behind it, opened when it is first asked for.

        Raises:
            DeviceNotFound: there is no such device.
            NearfarError: what else its scheme says: a file at fault, an extra that is missing.
        """
        with self._opening:
            if self._opened is None:
                self._opened = open_source(self._name)
            return self._opened

    @property
    def info(self) -> DeviceInfo:
        """What its source says of itself."""
        return self.source.info

    @property
    def name(self) -> str:
        """The name by which it is opened, ``scheme:rest?options``."""
        return self._name

    @property
    def title(self) -> str:
        """What people call it (localizedName)."""
        return self.info.title

    @property
    def type(self) -> DeviceType:
        """What it is made of (deviceType)."""
        return self.info.type

    @property
    def position(self) -> DevicePosition:
        """Where it looks."""
        return self.info.position

    @property
    def constituents(self) -> tuple[str, ...]:
        """Titles of the cameras that it joins; () for a single one (constituentDevices)."""
        return self.info.constituents

    @property
    def formats(self) -> tuple[Format, ...]:
        """What it can be set to give, the default first."""
        return self.source.formats

    @property
    def active_format(self) -> Format:
        """What it is set to give (activeFormat): one of ``formats``, at a frame rate of one's choice.

        Setting it resets depth format, depth frame duration and zoom, and changes the session's preset to
        INPUT_PRIORITY: preset and active format exclude each other. A format that was `Format.chosen` sets
        the depth format, too. Raises InvalidConfiguration for what is none of the device's formats.
        """
        chosen: Format | None = self.setting("format")
        return self.formats[0] if chosen is None else chosen

    @active_format.setter
    def active_format(self, format: Format) -> None:
        with self._configuring():
            self.take(format)
            for owner in self._owners:
                owner.format_was_set()

    @property
    def active_depth_format(self) -> DepthFormat | None:
        """What depth it is set to give (activeDepthDataFormat); None where the active format has none.

        One of ``active_format.supported_depth_formats``, at first the default one: disparity for dual cameras
        and TrueDepth. Setting it resets the depth frame duration; None is no depth. Raises
        InvalidConfiguration for one that the active format does not support.
        """
        chosen: DepthFormat | str | None = self.setting("depth_format")
        return self.active_format.depth if isinstance(chosen, str) else chosen

    @active_depth_format.setter
    def active_depth_format(self, format: DepthFormat | None) -> None:
        if format is not None and format not in self.active_format.supported_depth_formats:
            raise InvalidConfiguration(
                "active_depth_format must be one of the active format's supported_depth_formats, "
                f"not {format}",
                device=self._name,
            )
        self.change(depth_format=format, depth_min_frame_duration=None)

    @property
    def active_depth_min_frame_duration(self) -> float | None:
        """Seconds from one depth map to the next at least (activeDepthDataMinFrameDuration); None: default.

        At least as long as the active format's shortest frame and at most as its longest, or inf: no depth
        (0 frames a second). Reset when the active format or depth format changes. Raises
        InvalidConfiguration outside of that range.
        """
        duration: float | None = self.setting("depth_min_frame_duration")
        return duration

    @active_depth_min_frame_duration.setter
    def active_depth_min_frame_duration(self, seconds: float | None) -> None:
        if seconds is not None and seconds != math.inf:
            active = self.active_format
            least, most = 1.0 / active.max_frame_rate, 1.0 / active.min_frame_rate
            if not least * (1.0 - 1e-9) <= seconds <= most * (1.0 + 1e-9):
                raise InvalidConfiguration(
                    "active_depth_min_frame_duration must lie within the active format's frame durations, "
                    f"{least:g}..{most:g} s, or be inf for no depth; not {seconds:g}",
                    device=self._name,
                )
        self.change(depth_min_frame_duration=seconds)

    @property
    def depth_zoom_ranges(self) -> tuple[tuple[float, float], ...]:
        """Zoom factors at which depth is given (supportedVideoZoomRangesForDepthDataDelivery).

        A pair (least, most) each; () where the active format has no depth. Where all are points, depth locks
        the zoom to them.
        """
        active = self.active_format
        return active.depth_zoom_ranges if active.supported_depth_formats else ()

    @property
    def zoom_factor(self) -> float:
        """How far it zooms in (videoZoomFactor), 1 to ``active_format.max_zoom``: the middle, enlarged.

        While an output of its session needs depth: where the depth zoom ranges are points, nothing else may
        be set; where one is a real range, depth stops outside and returns inside. Raises
        InvalidConfiguration.
        """
        factor: float = self.setting("zoom_factor")
        return factor

    @zoom_factor.setter
    def zoom_factor(self, factor: float) -> None:
        most = self.active_format.max_zoom
        if not 1.0 <= factor <= most:
            raise InvalidConfiguration(
                f"zoom_factor must lie in 1..{most:g}, not {factor:g}", device=self._name
            )
        if self._depth_needed and self._zoom_is_locked and not self._in_depth_range(factor):
            points = ", ".join(f"{least:g}" for least, _ in self.depth_zoom_ranges)
            raise InvalidConfiguration(
                f"depth delivery locks the zoom factor of this device to {points}; {factor:g} is outside its "
                "depth_zoom_ranges",
                device=self._name,
            )
        self.change(zoom_factor=float(factor))

    @contextmanager
    def lock_for_configuration(self) -> Iterator[Device]:
        """Lock the device to change its settings (lockForConfiguration).

        They take effect together at the end. An exception puts them back.

        Raises:
            DeviceBusy: it is locked already.
        """
        if not self._lock.acquire(blocking=False):
            raise DeviceBusy("it is locked for configuration by another holder", device=self._name)
        try:
            self._holder = threading.get_ident()
            with self._configuring():
                noted = self.noted()
                try:
                    yield self
                except BaseException:
                    self.restore(noted)
                    raise
        finally:
            self._holder = None
            self._lock.release()

    @property
    def key(self) -> object:
        """What can be used by one running session at a time, in one process: the source, not its name.

        Two devices of one name are two sources; where both stand for one camera, the second one's ``start``
        says that it is busy.
        """
        return os.getpid(), id(self.source)

    @property
    def configured(self) -> Format:
        """The active format with the active depth format chosen: what a source is started with."""
        return self.active_format.chosen(depth_format=self.active_depth_format)

    @property
    def zoom_gives_depth(self) -> bool:
        """Whether depth is given at the zoom factor."""
        return self._in_depth_range(self.zoom_factor)

    def attach(self, owner: DeviceOwner) -> None:
        """It became the device of a session."""
        self._owners.append(owner)

    def detach(self, owner: DeviceOwner) -> None:
        """It is no longer."""
        self._owners.remove(owner)

    def take(self, format: Format) -> None:
        """Set the format, as a preset does; for the session to call.

        Raises:
            InvalidConfiguration: none of the device's formats.
        """
        listed = next((listed for listed in self.formats if _plain(listed) == _plain(format)), None)
        if listed is None:
            raise InvalidConfiguration(
                f"active_format must be one of the device's formats, not {format}", device=self._name
            )
        chosen = replace(listed, frame_rate=format.frame_rate)
        if chosen == self.active_format and format.depth == self.active_depth_format:
            return
        depth = format.depth if format.depth != listed.depth else "default"
        self._settings.update(
            format=chosen, depth_format=depth, depth_min_frame_duration=None, zoom_factor=1.0
        )

    def follow(self, preset: Preset) -> None:
        """Set the format that a preset stands for; for the session to call.

        Raises:
            InvalidConfiguration: the device has none.
        """
        wanted = self.format_for(preset)
        if wanted is None:
            raise InvalidConfiguration(f"it does not support the preset {preset.value}", device=self._name)
        if _plain(wanted) != _plain(self.active_format):
            self.take(wanted)

    def settle(self) -> None:
        """Depth that was just enabled locks the zoom; for the session to call when the pending changes."""
        if self._depth_needed and self._zoom_is_locked and not self.zoom_gives_depth:
            points = (least for least, _ in self.depth_zoom_ranges)
            self._settings["zoom_factor"] = min(points, key=lambda point: abs(point - self.zoom_factor))

    def format_for(self, preset: Preset) -> Format | None:
        """The format that a preset stands for; None if the device has none.

        PHOTO is the one with the largest photo, HIGH with the largest picture, VGA one of 640×480; among
        equals one with depth, then the first. INPUT_PRIORITY is the active one.
        """
        if preset is Preset.INPUT_PRIORITY:
            return self.active_format
        fitting = [item for item in self.formats if preset is not Preset.VGA or item.size == (640, 480)]

        def rank(format: Format) -> tuple[int, bool]:
            width, height = format.still_size if preset is Preset.PHOTO else format.size
            return width * height, bool(format.supported_depth_formats)

        return max(fitting, key=rank, default=None)

    @property
    def _depth_needed(self) -> bool:
        return any(owner.depth_needed for owner in self._owners)

    @property
    def _zoom_is_locked(self) -> bool:
        ranges = self.depth_zoom_ranges
        return bool(ranges) and all(least == most for least, most in ranges)

    def _in_depth_range(self, factor: float) -> bool:
        return any(least <= factor <= most for least, most in self.depth_zoom_ranges)

    @contextmanager
    def _configuring(self) -> Iterator[None]:
        mine = self._holder == threading.get_ident()
        if not mine and not any(owner.configuring for owner in self._owners):
            raise InvalidConfiguration(
                "a device must be locked before it is changed: `with device.lock_for_configuration():`, or "
                "`with session.configuration():` of the session that it belongs to",
                device=self._name,
            )
        inside = any(owner.configuring for owner in self._owners)
        with ExitStack() as stack:
            for owner in sorted(self._owners, key=id):
                # Who has one session and waits for another might wait for somebody who does the reverse.
                if inside and not stack.enter_context(owner.held_at_once()):
                    raise DeviceBusy(
                        "another thread is configuring another session that has this device; lock the device "
                        "first: `with device.lock_for_configuration(), session.configuration():`",
                        device=self._name,
                    )
                stack.enter_context(owner.configuration())
            yield

    def __repr__(self) -> str:
        return f"Device({self._name!r})"


class DeviceInput:
    """A device as the input of a session (AVCaptureDeviceInput).

    Args:
        device: the camera, or what `Device` takes: a name, or a `Source`.

    Raises:
        DeviceNotFound: there is no such device.
        NearfarError: what else stands in the way: a file at fault, an extra that is missing.
    """

    def __init__(self, device: Device | str | Source) -> None:
        self._device = device if isinstance(device, Device) else Device(device)
        source = self._device.source
        if isinstance(source, PreparedSource):
            source.prepare()

    @property
    def device(self) -> Device:
        """The camera."""
        return self._device

    def __repr__(self) -> str:
        return f"DeviceInput({self._device!r})"


def _plain(format: Format) -> Format:
    return replace(format, depth_format=None, frame_rate=None)
