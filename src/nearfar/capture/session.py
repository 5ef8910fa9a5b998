"""`CaptureSession`: one camera, its outputs, and their going on together.

Mirrors AVCaptureSession::

    with CaptureSession() as session:
        with session.configuration():            beginConfiguration … commitConfiguration
            session.add_input(DeviceInput(device))
            session.add_output(output)
        session.start()                          startRunning
        …                                        frames reach the outputs, events the listeners
                                                 stopRunning at the end
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import Self

from nearfar.capture.arrangement import Plan
from nearfar.capture.clock import Clock, SystemClock
from nearfar.capture.connection import SessionConnection
from nearfar.capture.counts import StreamCounts
from nearfar.capture.device import DeviceInput
from nearfar.capture.events import (
    EventIterator,
    EventKind,
    Events,
    InterruptionReason,
    SessionEvent,
    SessionState,
)
from nearfar.capture.kinds import Preset
from nearfar.capture.output import Output
from nearfar.capture.pool import Pool
from nearfar.capture.running import STOP_SECONDS, Running
from nearfar.capture.stream import Account
from nearfar.capture.watchdog import START_SECONDS
from nearfar.errors import CaptureError, InvalidConfiguration

__all__ = ["CaptureSession"]

_SESSIONS: weakref.WeakSet[CaptureSession] = weakref.WeakSet()


class CaptureSession:
    """Brings the frames of a camera to outputs (AVCaptureSession).

    A context manager: leaving it stops and closes the session. All methods may be called from any thread; one
    thread at a time configures. After a fork the session stays with the parent.

    Args:
        clock: what time it is; the machine's monotonic clock when None.
        max_live_frames: of each of color and depth, how many frames may be held at once, in queues and by
            you. What comes above that is dropped with OUT_OF_BUFFERS.

    Raises:
        ValueError: no room for a single frame.
    """

    def __init__(self, *, clock: Clock | None = None, max_live_frames: int = 32) -> None:
        if max_live_frames < 1:
            raise ValueError(f"max_live_frames must be 1 or more, not {max_live_frames}")
        self._clock = SystemClock() if clock is None else clock
        self._process = os.getpid()
        self._events = Events()
        self._condition = threading.Condition()
        self._connection = SessionConnection(
            self._clock, self._condition, lambda: self._running, self.configuration, self._tell
        )
        self._arrangement = self._connection.arrangement
        self._plan = Plan()
        self._accounts = (Account("color", Pool(max_live_frames)), Account("depth", Pool(max_live_frames)))
        self._running: Running | None = None
        self._interruption: InterruptionReason | None = None
        self._closed = False
        _SESSIONS.add(self)

    @contextmanager
    def configuration(self) -> Iterator[CaptureSession]:
        """Change several things at once (beginConfiguration, commitConfiguration).

        What is asked inside is answered for the pending configuration. It is applied at the end, in a nested
        one at the end of the outermost; an exception puts everything back as it was: inputs, outputs, preset,
        and the settings of outputs and device. Applying one that needs another stream restarts the device,
        if the session runs; what the outputs had under way ends with an error.

        Raises:
            InvalidConfiguration: a rule is broken; the message states it.
            CaptureError: the device could not be restarted; or the session is closed.
        """
        self._usable()
        with self._arrangement.level(self._commit):
            yield self

    @property
    def inputs(self) -> tuple[DeviceInput, ...]:
        """The inputs, in a configuration the pending ones."""
        return self._arrangement.inputs

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs, in a configuration the pending ones."""
        return self._arrangement.outputs

    @property
    def preset(self) -> Preset:
        """What the device is set up for (sessionPreset): at first what its own ``active_format`` says.

        Setting one takes over the device's active format; setting ``device.active_format`` changes it to
        INPUT_PRIORITY. Raises InvalidConfiguration for one that the device does not support.
        """
        return self._arrangement.preset

    @preset.setter
    def preset(self, preset: Preset) -> None:
        with self.configuration():
            self._arrangement.set_preset(Preset(preset))

    def can_set_preset(self, preset: Preset) -> bool:
        """Whether the device has a format for it (canSetSessionPreset)."""
        device = self._arrangement.device
        return device is None or device.format_for(Preset(preset)) is not None

    def can_add_input(self, input: DeviceInput) -> bool:
        """Whether `add_input` would take it."""
        return self._arrangement.why_not_input(input) is None

    def add_input(self, input: DeviceInput) -> None:
        """Add a camera. The preset chooses its format.

        Raises:
            InvalidConfiguration: the session has one already, or the camera does not support the preset.
        """
        with self.configuration():
            self._arrangement.add_input(input)

    def remove_input(self, input: DeviceInput) -> None:
        """Remove a camera. Raises InvalidConfiguration when it is not there."""
        with self.configuration():
            self._arrangement.remove_input(input)

    def can_add_output(self, output: Output) -> bool:
        """Whether `add_output` would take it."""
        return self._arrangement.why_not_output(output) is None

    def add_output(self, output: Output) -> None:
        """Add an output.

        Raises:
            InvalidConfiguration: it belongs to a session already; or it takes depth alone, and the camera
                gives none in any format.
        """
        with self.configuration():
            self._arrangement.add_output(output)

    def remove_output(self, output: Output) -> None:
        """Remove an output. Raises InvalidConfiguration when it is not there."""
        with self.configuration():
            self._arrangement.remove_output(output)

    def start(self) -> None:
        """Start the camera (startRunning); returns once it runs. Again, when it runs already, does nothing.

        During an interruption it returns at once, and the camera is started when that ends. If no frame comes
        within 4.5 s of the start, the session fails with a runtime error event. If later none comes for 2 s
        (or 7 frame durations), it is interrupted with DEVICE_STALLED until one comes; a camera that may come
        back (`DeviceInfo.returns`) is started anew after 4.5 s more.

        Raises:
            InvalidConfiguration: there is no input; or inside a configuration.
            DeviceBusy: the camera is in use elsewhere, or hangs: one that does not come back from its start
                or stop is left behind with its thread, and busy until it does. A new `Device` is not.
            DeviceLost: it is not there.
            CaptureError: it did not start in 4.5 s, or failed to; or the session is closed.
        """
        self._usable()
        if self._arrangement.open_here:
            raise InvalidConfiguration(
                "start may not be called inside session.configuration(): commit it first"
            )
        with self._condition:
            leaving = self._running
            stopped = self._wait_while(lambda: self._state is SessionState.STOPPING, STOP_SECONDS)
        if leaving is not None and not stopped:
            self._abandon(leaving, SessionState.IDLE, "it did not stop in time and was left behind")
        with self._condition:
            running = self._running
            if running is None or running.over:
                running = self._begin()
        self._wait_until_settled(running)
        if running.state is SessionState.FAILED and running.error is not None:
            raise running.error

    def stop(self) -> None:
        """Stop the camera (stopRunning), within a second in any state. Does nothing when it does not run.

        Called by an output, on the camera's own thread, it returns before the camera has stopped.
        """
        if os.getpid() != self._process:
            return
        with self._condition:
            running = self._running
            if running is None:
                return
            running.leave()
            if running.on_its_threads:
                return
            stopped = self._wait_while(lambda: not running.over, STOP_SECONDS)
            if stopped and self._running is running:
                self._running = None
        if not stopped:
            self._abandon(running, SessionState.IDLE, "it did not stop in time and was left behind")

    def close(self) -> None:
        """Stop, and let go of inputs and outputs, which other sessions may then take. Idempotent."""
        if os.getpid() != self._process:
            return
        with self._condition:  # nobody starts it any more
            closed, self._closed = self._closed, True
        self.stop()
        if closed:
            return
        with self._arrangement.level(self._commit):
            for output in self.outputs:
                self._arrangement.remove_output(output)
            for item in self.inputs:
                self._arrangement.remove_input(item)
        self._events.close()

    def __enter__(self) -> Self:
        self._usable()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def state(self) -> SessionState:
        """What the session is doing."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether it runs (isRunning)."""
        return self._state is SessionState.RUNNING

    @property
    def interrupted(self) -> bool:
        """Whether it was interrupted (isInterrupted)."""
        return self._interruption is not None or self._state is SessionState.INTERRUPTED

    @property
    def error(self) -> CaptureError | None:
        """Why it failed; None unless its state is FAILED."""
        running = self._running
        return running.error if running is not None and self._state is SessionState.FAILED else None

    @property
    def clock(self) -> Clock:
        """The clock whose seconds `Frame.time` counts (synchronizationClock)."""
        return self._clock

    @property
    def counts(self) -> Mapping[str, StreamCounts]:
        """Since the last start, what became of the frames of "color" and of "depth".

        Of each, captured is delivered plus dropped, exactly.
        """
        running = self._running
        stream = None if running is None else running.stream
        here = os.getpid() == self._process
        with stream.between_frames() if stream is not None and here else nullcontext():
            return MappingProxyType({item.name: item.ledger.counts() for item in self._accounts})

    @property
    def live_frames(self) -> Mapping[str, int]:
        """How many frames of "color" and of "depth" are held by somebody now."""
        return MappingProxyType({item.name: len(item.pool) for item in self._accounts})

    def add_listener(self, listener: Callable[[SessionEvent], object]) -> None:
        """Call a function with each event from now on, in order, on a thread of the session's."""
        self._usable()
        self._events.add(listener)

    def remove_listener(self, listener: Callable[[SessionEvent], object]) -> None:
        """Call it no more."""
        self._events.remove(listener)

    def events(self, timeout: float | None = None) -> EventIterator:
        """An iterator, for ``for`` and ``async for``, over the events from now on, which waits for each.

        It ends when the session is closed, and when none comes for ``timeout`` seconds of real time.
        """
        self._usable()
        return self._events.iterator(timeout)

    def interrupt(self, reason: InterruptionReason) -> None:
        """Stop the camera for a while: what the surroundings do, or a program that lends it to another.

        ``start`` is remembered until `end_interruption`.
        """
        self._usable()
        with self._condition:
            self._interruption = InterruptionReason(reason)
            if self._running is not None:
                self._running.interrupt(self._interruption)

    def end_interruption(self) -> None:
        """The interruption is over: run again, if started. A failure to do so is a runtime error event."""
        self._usable()
        with self._condition:
            self._interruption = None
            running = self._running
            if running is not None:
                running.resume()
        if running is not None:
            self._wait_until_settled(running)

    @property
    def _state(self) -> SessionState:
        running = self._running
        here = os.getpid() == self._process
        return SessionState.IDLE if running is None or not here else running.state

    def _usable(self) -> None:
        if os.getpid() != self._process:
            raise CaptureError(
                "this session belongs to the process before the fork; make one in this process"
            )
        if self._closed:
            raise CaptureError("the session is closed; make a new one")

    def _begin(self) -> Running:
        self._usable()
        if self._plan.device is None:
            raise InvalidConfiguration("the session has no input: add a DeviceInput before it is started")
        color, depth = self._accounts
        self._accounts = (Account("color", color.pool), Account("depth", depth.pool))
        self._running = Running(
            self._plan,
            self._accounts,
            self._condition,
            self._clock,
            tell=self._tell,
            report=self._connection.report,
            interruption=self._interruption,
        )
        self._running.begin()
        return self._running

    def _commit(self, plan: Plan) -> None:
        old = self._plan
        if plan == old:
            return
        with self._condition:
            self._plan = plan
            running = self._running
            if running is None or not running.alive:
                return
            running.apply(plan)
        try:
            self._wait_until_settled(running)
            if running.state is SessionState.FAILED and running.error is not None:
                raise running.error
        except BaseException:
            with self._condition:
                self._plan = old
                running.apply(old)
            raise

    def _wait_until_settled(self, running: Running) -> None:
        if running.on_its_threads:
            return
        with self._condition:
            settled = self._wait_while(lambda: not running.settled, START_SECONDS)
        if not settled:
            self._abandon(running, SessionState.FAILED, f"it did not start within {START_SECONDS:g} s")

    def _wait_while(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait, with the condition held; False when the time is up."""
        until = self._clock.now() + seconds
        while condition():
            if self._clock.now() >= until:
                return False
            self._clock.wait(self._condition, until)
        return True

    def _abandon(self, running: Running, state: SessionState, reason: str) -> None:
        device = running.plan.device
        error = CaptureError(reason, device=None if device is None else device.name)
        with self._condition:
            if running.over:
                return
            running.abandon(state, error)
            stream = running.stream
        if stream is not None:
            stream.close(0.0)
        for output in running.plan.outputs:
            try:
                output.halt(error if state is SessionState.FAILED else None)
                output.ended()
            except Exception as wrong:  # noqa: BLE001 - anything may come from there
                self._connection.report(wrong)

    def _tell(self, kind: EventKind, reason: InterruptionReason | None, error: Exception | None) -> None:
        self._events.tell(SessionEvent(kind, self._clock.now(), reason, error))


@atexit.register
def _stop_all() -> None:
    """No camera runs on, and no frame comes, while the interpreter is taken down."""
    for session in list(_SESSIONS):
        session.stop()
