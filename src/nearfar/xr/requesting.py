"""`request_session`: a session with a device, if it can do what is required.

    mode ── no such mode ─▶ TypeError      device in an immersive session ─▶ InvalidStateError
    features ── required, not to be had ─▶ NotSupportedError        optional ─▶ a session without

WebXR Device API, section 3.3; Depth Sensing Module, section 2.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast, get_args
from weakref import WeakValueDictionary

from nearfar.capture import Device, Source
from nearfar.errors import InvalidStateError, NotSupportedError
from nearfar.xr.camera_device import CameraDevice
from nearfar.xr.device import SessionMode, XRDevice
from nearfar.xr.inline_device import InlineDevice
from nearfar.xr.negotiation import DepthConfiguration, DepthStateInit, find_supported_configuration
from nearfar.xr.profiles import DeviceProfile
from nearfar.xr.projection import Rotation
from nearfar.xr.session import XRSession

__all__ = ["is_session_supported", "request_session"]

DEPTH_SENSING = "depth-sensing"
"""The feature descriptor of depth."""

_IMMERSIVE: WeakValueDictionary[int, XRSession] = WeakValueDictionary()
"""The last immersive session of each device, by the device's id: the session keeps its device alive."""
_PENDING: set[int] = set()
"""The ids of devices that are about to have one."""
_claiming = threading.Lock()


AnyDevice = XRDevice | Device | Source | str
"""An XR device; or a camera, which becomes one."""


def is_session_supported(
    mode: SessionMode, *, device: AnyDevice | None = None, profile: str | DeviceProfile = "spec"
) -> bool:
    """Whether a device takes sessions of a mode (XRSystem.isSessionSupported).

    Args:
        mode: "immersive-ar", "immersive-vr" or "inline".
        device: an `XRDevice`, or a camera as `request_session` takes it; it is not opened.
        profile: which kind of device a camera plays.

    Raises TypeError on a mode that WebXR has not, and on what is no device.
    """
    checked = _mode(mode)
    return checked == "inline" or (device is not None and checked in _as_device(device, profile, None).modes)


def request_session(
    mode: SessionMode,
    *,
    device: AnyDevice | None = None,
    required_features: Iterable[str] = (),
    optional_features: Iterable[str] = (),
    depth_sensing: DepthStateInit | None = None,
    profile: str | DeviceProfile = "spec",
    orientation: Rotation | None = None,
) -> XRSession:
    """A session with a device, which is started (XRSystem.requestSession).

    Args:
        mode: "immersive-ar", "immersive-vr"; or "inline", which has no device and no depth.
        device: whose frames it is to have: a camera's name, as in "virtual:dual" or "photo:IMG_0042.HEIC", a
            `nearfar.Device` or a `Source`; or an `XRDevice`, such as a `CameraDevice` of one's own making.
        required_features: feature descriptors that it must have.
        optional_features: those that it has if it can; names that nobody knows are passed over.
        depth_sensing: what is asked of the feature "depth-sensing": without it there is no depth.
        profile: which kind of device a camera plays: "spec", "arcore" or "quest"; see `CameraDevice`.
        orientation: how far a camera's view is turned against its sensor, degrees; the profile's when None.

    Raises:
        TypeError: a mode that WebXR has not, or an argument of another type; profile or orientation for an
            `XRDevice`, which has its own.
        ValueError: a profile or an orientation that there is not.
        InvalidStateError: the device is in an immersive session already.
        NotSupportedError: the device does not take the mode, or lacks a required feature; for
            "depth-sensing", also where ``depth_sensing`` is missing or asks for what it cannot do.
        nearfar.CaptureError: the device could not be started.
    """
    mode = _mode(mode)
    required = _names("required_features", required_features)
    optional = _names("optional_features", optional_features)
    if depth_sensing is not None and not isinstance(depth_sensing, DepthStateInit):
        raise TypeError(f"depth_sensing must be a DepthStateInit, not {type(depth_sensing).__name__}")
    source = _source(mode, device, profile, orientation)
    key = source.camera if isinstance(source, CameraDevice) else source
    with _claimed(key):
        if mode not in source.modes:
            takes = ", ".join(sorted(source.modes))
            raise NotSupportedError(
                f"{_called(source)} takes no session of the mode {mode!r}: it takes {takes or 'none'}"
            )
        features, configuration = _granted(source, mode, required, optional, depth_sensing)
        source.start(None if configuration is None else configuration.type)
        session = XRSession(source, mode, features, configuration)
        if mode != "inline":
            _IMMERSIVE[id(key)] = session
    return session


@contextmanager
def _claimed(device: object) -> Iterator[None]:
    """Nobody else gets a session with the device meanwhile. Raises InvalidStateError where one has it."""
    with _claiming:
        held = _IMMERSIVE.get(id(device))
        if id(device) in _PENDING or (held is not None and not held.ended):
            raise InvalidStateError(
                f"{_called(device)} is in an immersive session already: end that one first"
            )
        _PENDING.add(id(device))
    try:
        yield
    finally:
        _PENDING.discard(id(device))


def _source(
    mode: SessionMode,
    device: AnyDevice | None,
    profile: str | DeviceProfile,
    orientation: Rotation | None,
) -> XRDevice:
    """The device that sessions of the mode are with."""
    given = None if device is None else _as_device(device, profile, orientation)
    if mode == "inline":
        return InlineDevice()
    if given is None:
        raise NotSupportedError(f"there is no device for {mode!r}: pass device=")
    return given


def _as_device(device: AnyDevice, profile: str | DeviceProfile, orientation: Rotation | None) -> XRDevice:
    given: object = device
    if callable(getattr(given, "next_frame", None)):
        if profile != "spec" or orientation is not None:
            raise TypeError("an XR device has its own profile and orientation: say them to CameraDevice(...)")
        return cast("XRDevice", device)
    if isinstance(given, str | Device) or callable(getattr(given, "start", None)):
        return CameraDevice(cast("str | Device | Source", device), profile=profile, orientation=orientation)
    raise TypeError(f"device must be a camera's name, a Device, a Source or an XRDevice; got {given!r}")


def _granted(
    device: XRDevice,
    mode: SessionMode,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    depth_sensing: DepthStateInit | None,
) -> tuple[tuple[str, ...], DepthConfiguration | None]:
    """The features that a session gets, and its depth. Raises NotSupportedError as `request_session` does."""
    granted = {"viewer": None} if mode == "inline" else {"viewer": None, "local": None}
    configuration = None
    for name in dict.fromkeys((*required, *optional)):
        reason = None if name in device.features or name in granted else _lacking(device)
        if name == DEPTH_SENSING and reason is None:
            configuration, reason = _depth(device, depth_sensing)
        if reason is None:
            granted[name] = None
        elif name in required:
            raise NotSupportedError(f"the feature {name!r} is required, but {reason}")
    return tuple(granted), configuration


def _depth(device: XRDevice, init: DepthStateInit | None) -> tuple[DepthConfiguration | None, str | None]:
    """The depth that a session gets, or why it gets none."""
    if init is None:
        return None, "depth_sensing= was not passed: say what is asked for, with a DepthStateInit"
    support = device.depth_support
    found = None if support is None else find_supported_configuration(init, support)
    if found is not None or support is None:
        return found, None if found is not None else f"{_called(device)} senses no depth"
    has = ", ".join((*support.usages, *support.formats))
    return None, f"{_called(device)} has only {has}: put one of each into the lists, or leave them empty"


def _lacking(device: XRDevice) -> str:
    has = ", ".join(sorted(device.features))
    return f"{_called(device)} lacks it: it has {has or 'none'}"


def _called(device: object) -> str:
    """A device as messages name it."""
    return type(device).__name__ if type(device).__repr__ is object.__repr__ else repr(device)


def _mode(mode: object) -> SessionMode:
    for known in get_args(SessionMode):
        if mode == known:
            return known  # type: ignore[no-any-return]
    raise TypeError(f"mode must be one of {', '.join(get_args(SessionMode))}; got {mode!r}")


def _names(argument: str, names: Iterable[str]) -> tuple[str, ...]:
    given = None if isinstance(names, str | bytes) or not isinstance(names, Iterable) else tuple(names)
    if given is None or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{argument} must be a list of strings; got {names!r}")
    return given
