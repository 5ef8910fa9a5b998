"""`Output`: what a session feeds with frames, and `Connection`: the session as an output sees it.

Source ── emit ──▶ session ── receive(frame), on the device's thread ──▶ Output ──▶ queue ──▶ the user
                      ▲                                                    │
                      └──────────── connection: format, still, report ─────┘
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from nearfar.capture.clock import Clock
from nearfar.capture.configuration import Configurable
from nearfar.capture.formats import Format
from nearfar.capture.source import DeviceInfo, Still
from nearfar.depth import Frame
from nearfar.errors import CaptureError

__all__ = ["Connection", "Output"]


class Connection(Protocol):
    """What an output may ask of the session that it was added to."""

    @property
    def device(self) -> DeviceInfo | None:
        """What the session's device is; inside a configuration the pending one. None without an input."""
        ...

    @property
    def format(self) -> Format | None:
        """What the device gives, or will give once the pending configuration is committed."""
        ...

    @property
    def clock(self) -> Clock:
        """The session's clock: `Frame.time` counts its seconds."""
        ...

    @property
    def running(self) -> bool:
        """Whether frames come: started, not interrupted, and the device is there."""
        ...

    def configuration(self) -> AbstractContextManager[Any]:
        """The session's atomic configuration."""
        ...

    def still(self, *, depth: bool) -> Still | None:
        """Have the device take a photo now (`StillSource`); None if it can only be taken from the stream.

        Blocks while the camera works; called on a thread of the output's own.

        Raises:
            CaptureError: the session stopped, was interrupted or reconfigured, or lost its device meanwhile.
        """
        ...

    def report(self, error: Exception) -> None:
        """Tell the session's listeners of a failure that must not end it: an exception in a callback."""
        ...


class Output(Configurable, ABC):
    """What a session feeds (AVCaptureOutput). The methods below are for the session to call.

    ``needs_depth`` and ``needs_color`` say what the device must give while this output is attached.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._connection: Connection | None = None

    @property
    @abstractmethod
    def needs_depth(self) -> bool:
        """Whether the stream must carry depth for this output."""

    @property
    def needs_color(self) -> bool:
        """Whether the stream must carry colour for this output."""
        return True

    def why_not(self, formats: Sequence[Format]) -> str | None:  # noqa: ARG002 - most take any camera
        """Why a camera of these formats can never feed this output, in words; None if it can."""
        return None

    @property
    def connection(self) -> Connection | None:
        """The session that feeds this output; None before it was added and after it was removed."""
        return self._connection

    def attach(self, connection: Connection) -> None:
        """The output was added to a session, or a rolled-back removal is undone."""
        self._connection = connection

    def detach(self) -> None:
        """The output was removed, or a rolled-back addition is undone."""
        self._connection = None

    @abstractmethod
    def receive(self, frame: Frame) -> None:
        """Take a frame, in host time and in order, on the device's thread: return at once, never raise."""

    def reconfigured(self) -> None:
        """The pending configuration changed, or a new one was committed: what it no longer supports goes."""

    @abstractmethod
    def halt(self, error: CaptureError | None) -> None:
        """No more frames for now: what is under way ends with this reason (None: the session was stopped).

        Called on a thread of the session's, or twice: return at once, and configure nothing.
        """

    def ended(self) -> None:
        """After the last `halt`: the session was stopped or failed, and nothing comes until it is started.

        Returns at once.
        """

    def rest(self, until: float) -> None:
        """After `ended`: wait for what is still on its way to the user, until this time of the clock."""

    def _configuring(self) -> AbstractContextManager[Any]:
        return nullcontext() if self._connection is None else self._connection.configuration()
