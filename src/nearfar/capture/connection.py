"""`SessionConnection`: a session, as its outputs and its device see it.

Output ─ connection ─┐
                     ├──▶ SessionConnection ──▶ arrangement, running, events
Device ── owner ─────┘
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from nearfar.capture.arrangement import Arrangement
from nearfar.capture.clock import Clock
from nearfar.capture.events import EventKind, SessionState
from nearfar.capture.formats import Format
from nearfar.capture.kinds import Preset
from nearfar.capture.running import Running, Tell
from nearfar.capture.source import DeviceInfo, Still
from nearfar.capture.stills import take_still

__all__ = ["SessionConnection"]

log = logging.getLogger("nearfar.capture")


class SessionConnection:
    """What `Connection` and `DeviceOwner` ask for.

    Args:
        clock: the session's.
        condition: the session's.
        running: gives its start that is current.
        configuration: the session's.
        tell: passes an event on.
    """

    def __init__(
        self,
        clock: Clock,
        condition: threading.Condition,
        running: Callable[[], Running | None],
        configuration: Callable[[], AbstractContextManager[Any]],
        tell: Tell,
    ) -> None:
        self._process = os.getpid()
        self._clock = clock
        self._condition = condition
        self._running = running
        self._configuration = configuration
        self._tell = tell
        self.arrangement = Arrangement(self, self)

    @property
    def device(self) -> DeviceInfo | None:
        """See `Connection`."""
        device = self.arrangement.device
        return None if device is None else device.info

    @property
    def format(self) -> Format | None:
        """See `Connection`."""
        device = self.arrangement.device
        return None if device is None else device.configured

    @property
    def clock(self) -> Clock:
        """See `Connection`."""
        return self._clock

    @property
    def running(self) -> bool:
        """See `Connection`."""
        running = None if os.getpid() != self._process else self._running()
        return running is not None and running.state is SessionState.RUNNING and running.stream is not None

    def configuration(self) -> AbstractContextManager[Any]:
        """See `Connection`."""
        return self._configuration()

    def held_at_once(self) -> AbstractContextManager[bool]:
        """See `DeviceOwner`."""
        return self.arrangement.held_at_once()

    def still(self, *, depth: bool) -> Still | None:
        """See `Connection`."""
        running = None if os.getpid() != self._process else self._running()
        return take_still(running, self._condition, self._clock, depth=depth)

    def report(self, error: Exception) -> None:
        """See `Connection`."""
        log.error("a capture session goes on after a failure", exc_info=error)
        self._tell(EventKind.RUNTIME_ERROR, None, error)

    @property
    def depth_needed(self) -> bool:
        """See `DeviceOwner`."""
        return self.arrangement.depth_needed

    @property
    def configuring(self) -> bool:
        """See `DeviceOwner`."""
        return self.arrangement.open_here

    def format_was_set(self) -> None:
        """See `DeviceOwner`."""
        self.arrangement.preset = Preset.INPUT_PRIORITY
