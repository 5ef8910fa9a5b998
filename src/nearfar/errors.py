"""Every error nearfar raises, in one tree.

    NearfarError
    ├── FileError                         a file is at fault
    │   ├── UnsupportedFile               it is sound, but of a kind nearfar does not read
    │   ├── CorruptFile (ValueError)      its bytes contradict themselves or the format
    │   └── LimitExceeded                 it asks for more than the reader was told to spend
    ├── PhotoError
    │   └── NoDepth (LookupError)         the photo carries no depth
    ├── CaptureError
    │   ├── DeviceNotFound (LookupError)
    │   ├── DeviceBusy
    │   ├── DeviceLost
    │   └── InvalidConfiguration (ValueError)
    ├── EstimationError (ValueError)
    ├── WorldError
    │   └── TrackingLost
    ├── XRError
    │   ├── NotSupportedError
    │   ├── InvalidStateError
    │   ├── SecurityError
    │   └── XRRangeError (ValueError)
    └── MissingExtra (ImportError)        an optional part is not installed

    LossWarning (UserWarning)             something could not be kept in what was written
    PrivacyWarning (UserWarning)          something was kept that may tell what was to be left out

Each error carries its data as attributes and says in its message what to do. Where Python has a builtin
for the same mistake, the error is one of those too, so that plain ``except ValueError`` works.
"""

from __future__ import annotations

from functools import partial

__all__ = [
    "CaptureError",
    "CorruptFile",
    "DeviceBusy",
    "DeviceLost",
    "DeviceNotFound",
    "EstimationError",
    "FileError",
    "InvalidConfiguration",
    "InvalidStateError",
    "LimitExceeded",
    "LossWarning",
    "MissingExtra",
    "NearfarError",
    "NoDepth",
    "NotSupportedError",
    "PhotoError",
    "PrivacyWarning",
    "SecurityError",
    "TrackingLost",
    "UnsupportedFile",
    "WorldError",
    "XRError",
    "XRRangeError",
]


class NearfarError(Exception):
    """The root: ``except nearfar.NearfarError`` catches whatever nearfar itself raises."""


class FileError(NearfarError):
    """A file is at fault.

    Attributes:
        reason: what is wrong, without file and place.
        file: the file's name, or None when it came as bytes.
        offset: byte offset of the fault in the file, or None.
    """

    def __init__(self, reason: str, *, file: str | None = None, offset: int | None = None) -> None:
        self.reason = reason
        self.file = file
        self.offset = offset
        super().__init__(reason)

    def __str__(self) -> str:
        name = f"{self.file}: " if self.file else ""
        place = f" (at byte {self.offset})" if self.offset is not None else ""
        return f"{name}{self.reason}{place}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), dict(self.__dict__)))


class UnsupportedFile(FileError):
    """The file is sound as far as read, but of a kind or coding that nearfar does not handle."""


class CorruptFile(FileError, ValueError):
    """The file's bytes contradict themselves or their format."""


class LimitExceeded(FileError):
    """The file asks for more than a limit allows; nothing was decoded.

    Attributes:
        limit: the limit that was passed, in the unit that the message names.
        value: what the file asked for.
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        value: int | None = None,
    ) -> None:
        super().__init__(reason, file=file, offset=offset)
        self.limit = limit
        self.value = value


class PhotoError(NearfarError):
    """A photo cannot do what was asked of it."""


class NoDepth(PhotoError, LookupError):
    """The photo carries no depth map.

    Attributes:
        file: the photo's file name, or None.
        found: what the file holds instead, in words.
    """

    def __init__(self, message: str, *, file: str | None = None, found: str = "") -> None:
        self.file = file
        self.found = found
        super().__init__(message)


class CaptureError(NearfarError):
    """A capture session or device failed.

    Attributes:
        device: the device's name, or None.
        reason: the cause in words.
    """

    def __init__(self, reason: str, *, device: str | None = None) -> None:
        self.reason = reason
        self.device = device
        super().__init__(f"{device}: {reason}" if device else reason)


class DeviceNotFound(CaptureError, LookupError):
    """No device has that name or type."""


class DeviceBusy(CaptureError):
    """The device is in use by another session."""


class DeviceLost(CaptureError):
    """The device went away while in use.

    Attributes:
        at_end: its stream was at its end, as a recording's is one day: nothing broke.
    """

    def __init__(self, reason: str, *, device: str | None = None, at_end: bool = False) -> None:
        self.at_end = at_end
        super().__init__(reason, device=device)


class InvalidConfiguration(CaptureError, ValueError):
    """The session's configuration breaks a rule; the message states the rule."""


class EstimationError(NearfarError, ValueError):
    """Depth cannot be estimated from what was given."""


class WorldError(NearfarError):
    """A world model cannot do what was asked."""


class TrackingLost(WorldError):
    """The camera's pose is no longer known."""


class XRError(NearfarError):
    """A WebXR rule was broken; the subclasses carry the DOMException names."""


class NotSupportedError(XRError):
    """The device or session cannot do this (DOMException NotSupportedError)."""


class InvalidStateError(XRError):
    """The object is in the wrong state (DOMException InvalidStateError)."""


class SecurityError(XRError):
    """Not allowed here (DOMException SecurityError)."""


class XRRangeError(XRError, ValueError):
    """A value lies outside its range (JavaScript RangeError)."""


class MissingExtra(NearfarError, ImportError):
    """An optional part is not installed.

    Attributes:
        extra: the name to install, as in ``pip install nearfar[extra]``.
    """

    def __init__(self, what: str, *, extra: str) -> None:
        self.extra = extra
        self._what = what
        super().__init__(f"{what} needs an optional part: pip install 'nearfar[{extra}]'")

    def __reduce__(self) -> tuple[object, ...]:
        return (partial(type(self), self._what, extra=self.extra), ())


class LossWarning(UserWarning):
    """Something in the source has no place in what was written; the message names it."""


class PrivacyWarning(UserWarning):
    """A part of the file that nearfar cannot look into was copied, and may tell the place that was to go."""


def _restore(kind: type[FileError], state: dict[str, object]) -> FileError:
    """Rebuild a FileError from its attributes, whatever its subclass's signature (pickle)."""
    error = kind.__new__(kind)
    Exception.__init__(error, state["reason"])
    error.__dict__.update(state)
    return error
