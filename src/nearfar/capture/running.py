"""`Running`: what keeps a session's device going from start to stop, on one thread.

The session says what it wants; the thread sees how that differs from what is, and does the next step. So
each step may block without blocking anybody, and a device that hangs is left behind with its thread::

    wanted: a plan, an interruption, an end          is: closed | open(stream)
            └───────────── next step: open, close, wait, give up ─────┘
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from nearfar.capture.arrangement import Plan
from nearfar.capture.claims import claim, release
from nearfar.capture.clock import Clock
from nearfar.capture.delivery import END_SECONDS
from nearfar.capture.device import Device
from nearfar.capture.events import EventKind, InterruptionReason, SessionState
from nearfar.capture.output import Output
from nearfar.capture.stream import Account, Stream
from nearfar.capture.watchdog import START_SECONDS, Watchdog
from nearfar.errors import CaptureError

__all__ = ["START_SECONDS", "STOP_SECONDS", "Running"]

STOP_SECONDS = 0.8
"""How long a device may take to stop before it is left behind."""
FIRST_RETRY, LONGEST_RETRY = 0.1, 0.5
"""Seconds between attempts to open a device again: at first, doubled each time, at most."""

Tell = Callable[[EventKind, InterruptionReason | None, Exception | None], None]


class Running:
    """One start of a session. ``condition`` guards it, and is notified of every change.

    Args:
        plan: what to run.
        accounts: of color and of depth.
        condition: the session's.
        clock: the session's.
        tell: passes an event on.
        report: passes on an error that ends nothing.
        interruption: what keeps the device from being started yet.
    """

    def __init__(
        self,
        plan: Plan,
        accounts: tuple[Account, Account],
        condition: threading.Condition,
        clock: Clock,
        *,
        tell: Tell,
        report: Callable[[Exception], None],
        interruption: InterruptionReason | None,
    ) -> None:
        self._accounts = accounts
        self._condition = condition
        self._clock = clock
        self._tell = tell
        self._report = report
        self._plan = plan
        self._applied: Plan | None = None
        self._interruption = interruption
        self._pausing: InterruptionReason | None = None  # why the stream that is open must close
        self._leaving = False
        self._abandoned = False
        self._broken: Exception | None = None  # what ended the stream that is open
        self._away = False  # the device was lost, and may return
        self._served = False  # there have been frames
        self._retry_at, self._retry = -math.inf, FIRST_RETRY
        self._watchdog: Watchdog | None = None
        self._news = [EventKind.STARTED]  # to be told once it runs
        self.stream: Stream | None = None
        self.error: CaptureError | None = None
        self.state = SessionState.STARTING
        self._thread = threading.Thread(target=self._run, name="nearfar session", daemon=True)
        if interruption is not None:
            self._is_interrupted(interruption, None)

    # What the session asks for, with the condition held.

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def apply(self, plan: Plan) -> None:
        """Run another plan."""
        self._plan = plan
        self._condition.notify_all()

    def interrupt(self, reason: InterruptionReason) -> None:
        """Stop the device until `resume`."""
        already, self._interruption = self._interruption, reason
        self._pausing = reason
        if already is None and self.alive:
            self._is_interrupted(reason, None)
            self._condition.notify_all()

    def resume(self) -> None:
        """The interruption is over."""
        self._interruption = None
        if self.state is SessionState.INTERRUPTED and not self._away and not self._is_stalled:
            self.state = SessionState.STARTING
        self._condition.notify_all()

    def leave(self) -> None:
        """Stop the device for good."""
        if self.alive:
            self._leaving = True
            self.state = SessionState.STOPPING
            self._condition.notify_all()

    def abandon(self, state: SessionState, error: CaptureError) -> None:
        """Leave the thread behind with a device that hangs; it cleans up when it can.

        What it left is for the caller to end.
        """
        self._abandoned = True
        self.state, self.error = state, error
        self._tell(EventKind.RUNTIME_ERROR, None, error)
        if state is SessionState.IDLE:
            self._tell(EventKind.STOPPED, None, None)
        self._condition.notify_all()

    @property
    def plan(self) -> Plan:
        """What it is to run."""
        return self._plan

    @property
    def alive(self) -> bool:
        """Whether it is neither over nor about to be."""
        return self.state not in (SessionState.IDLE, SessionState.FAILED, SessionState.STOPPING)

    @property
    def over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state in (SessionState.IDLE, SessionState.FAILED)

    @property
    def settled(self) -> bool:
        """Whether what was asked for is done, or cannot be done now."""
        if self.state is SessionState.RUNNING:
            return self._applied is self._plan
        return self.state is not SessionState.STARTING

    @property
    def on_its_threads(self) -> bool:
        """Whether this thread is its own or, in an output, the device's: such a one cannot wait for it."""
        stream = self.stream
        return self._thread is threading.current_thread() or (stream is not None and stream.emitting_here)

    # What its own thread does about it.

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            with self._condition:
                step = self._next_step()
                while step is None:
                    self._clock.wait(self._condition, self._wake())
                    step = self._next_step()
            goes_on = step()
        if self._applied is not None:
            self._close(None)

    def _next_step(self) -> Callable[[], bool] | None:
        if self._abandoned or self._leaving:
            return self._leave
        if self._applied is None:
            ready = self._interruption is None and self._clock.now() >= self._retry_at
            return self._open if ready else None
        if self._pausing is not None:
            return self._pause
        if self._broken is not None:
            return self._lose
        if self._plan is not self._applied:
            return self._feed if self._plan.streams_as(self._applied) else self._restart
        if self._watchdog is not None and self._clock.now() >= self._watchdog.next_look:
            return self._look
        return None

    def _wake(self) -> float | None:
        if self._applied is None:
            return self._retry_at if self._interruption is None else None
        return None if self._watchdog is None else self._watchdog.next_look

    @property
    def _is_stalled(self) -> bool:
        """Whether the stream is left open for a device to go on by itself."""
        return self._watchdog is not None and self._watchdog.stalled and self._pausing is None

    def _open(self) -> bool:
        with self._condition:
            plan = self._plan
            self._broken = self._pausing = None
        device, chosen, watchdog = plan.device, plan.format, None
        if device is not None and chosen is not None:
            try:
                claim(device, self)
                self.stream = stream = self._stream(device, chosen.rate)
                stream.feed(plan)
                watchdog = Watchdog(stream, chosen.rate, self._clock.now(), device.source)
                device.source.start(chosen, stream.emit, self._clock)
            except Exception as error:  # noqa: BLE001 - anything may come from there
                self.stream = None
                release(device, self)
                return self._could_not_open(device, error)
        with self._condition:
            self._applied, self._watchdog = plan, watchdog
            self._goes_on()
        return True

    def _goes_on(self) -> None:
        """It runs, unless it was told otherwise meanwhile; with the condition held."""
        if not self._abandoned and not self._leaving and self._interruption is self._pausing is None:
            self.state, self._away = SessionState.RUNNING, False
            news, self._news = self._news, []
            for kind in news:
                self._tell(kind, None, None)
            self._condition.notify_all()

    def _could_not_open(self, device: Device, error: Exception) -> bool:
        if self._away and device.info.returns:
            self._try_later()
            return True
        wrong = _as_capture_error(error, "it could not be started", device)
        self._halt(self._plan.outputs, wrong)
        return self._fail(wrong)

    def _feed(self) -> bool:
        with self._condition:
            plan, old = self._plan, self._applied
        if self.stream is not None:
            self.stream.feed(plan)
        with self._condition:
            self._applied = plan
            self._tell(EventKind.RECONFIGURED, None, None)
            self._condition.notify_all()
        if old is not None:
            removed = tuple(output for output in old.outputs if output not in plan.outputs)
            self._halt(removed, None)
            self._end(removed)
        return True

    def _restart(self) -> bool:
        with self._condition:
            if self.state is SessionState.RUNNING:
                self.state = SessionState.STARTING
            self._news.append(EventKind.RECONFIGURED)
        self._close(CaptureError("the session was reconfigured while it ran"))
        return True

    def _pause(self) -> bool:
        reason, self._pausing = self._pausing, None
        if reason is not None:
            self._close(CaptureError(f"the session was interrupted: {reason.value}"))
        return True

    def _lose(self) -> bool:
        plan, error = self._applied, self._broken
        with self._condition:
            self._broken, self._away = None, True
            if self._leaving or self._abandoned:
                return True
            self._is_interrupted(InterruptionReason.DEVICE_LOST, error)
            self._condition.notify_all()
        if plan is None or plan.device is None or error is None:
            return True
        wrong = _as_capture_error(error, "its stream ended", plan.device)
        self._close(wrong)
        if not plan.device.info.returns:
            return self._fail(wrong)
        self._try_later()
        return True

    def _look(self) -> bool:
        """See whether frames come: a stall is an interruption, and ends when they do."""
        with self._condition:
            watchdog, stream, device = self._watchdog, self.stream, self._plan.device
            if watchdog is None or stream is None or device is None:
                return True
            watchdog.look(self._clock.now())
            if watchdog.given_up and (not stream.begun or device.info.returns):
                again = device.info.returns and (stream.begun or self._served)
                wrong = _silent(watchdog.silence, device, begun=stream.begun)
            else:
                if not watchdog.stalled and self.state is SessionState.INTERRUPTED:
                    self._goes_on()
                elif watchdog.stalled and self.state is SessionState.RUNNING:
                    wrong = _silent(watchdog.silence, device, begun=True)
                    self._is_interrupted(InterruptionReason.DEVICE_STALLED, wrong)
                    self._condition.notify_all()
                return True
            if again:
                self._broken = wrong
                return True
        self._close(wrong)
        return self._fail(wrong)

    def _leave(self) -> bool:
        if self._applied is not None:
            self._close(None)
        self._end(self._plan.outputs)
        with self._condition:
            if not self._abandoned:
                self.state = SessionState.IDLE
                self._tell(EventKind.STOPPED, None, None)
                self._condition.notify_all()
        return False

    def _fail(self, error: CaptureError) -> bool:
        self._end(self._plan.outputs)
        with self._condition:
            if self._leaving or self._abandoned:
                return True
            self.state, self.error = SessionState.FAILED, error
            self._tell(EventKind.RUNTIME_ERROR, None, error)
            self._condition.notify_all()
        return False

    def _close(self, error: CaptureError | None) -> None:
        """Stop the device, for this reason."""
        plan, stream = self._applied, self.stream
        if stream is not None:
            stream.close()
            if stream.begun:
                self._served, self._retry = True, FIRST_RETRY
        if plan is not None:
            coming = tuple(output for output in self._plan.outputs if output not in plan.outputs)
            self._halt((*plan.outputs, *coming), error)
            if plan.device is not None:
                try:
                    plan.device.source.stop()
                except Exception as wrong:  # noqa: BLE001 - anything may come from there
                    self._report(wrong)
                finally:
                    release(plan.device, self)
        with self._condition:
            self._applied = self.stream = self._watchdog = None
            self._condition.notify_all()

    def _halt(self, outputs: tuple[Output, ...], error: CaptureError | None) -> None:
        if self._abandoned:
            return  # they were told, and may be another start's by now
        self._for_each(outputs, lambda output: output.halt(error))

    def _end(self, outputs: tuple[Output, ...]) -> None:
        if self._abandoned:
            return
        self._for_each(outputs, lambda output: output.ended())
        until = self._clock.now() + END_SECONDS
        self._for_each(outputs, lambda output: output.rest(until))

    def _for_each(self, outputs: tuple[Output, ...], act: Callable[[Output], None]) -> None:
        for output in outputs:
            try:
                act(output)
            except Exception as wrong:  # noqa: BLE001 - anything may come from there
                self._report(wrong)

    def _try_later(self) -> None:
        self._retry_at = self._clock.now() + self._retry
        self._retry = min(2.0 * self._retry, LONGEST_RETRY)

    def _is_interrupted(self, reason: InterruptionReason, error: Exception | None) -> None:
        self.state = SessionState.INTERRUPTED
        if EventKind.INTERRUPTION_ENDED not in self._news:
            self._news.insert(0, EventKind.INTERRUPTION_ENDED)
        self._tell(EventKind.INTERRUPTED, reason, error)

    def _stream(self, device: Device, rate: float) -> Stream:
        def ended(error: Exception) -> None:
            with self._condition:
                if self.stream is stream:
                    self._broken = error
                    self._condition.notify_all()

        stream = Stream(
            self._accounts,
            self._clock,
            device_clock=device.info.clock == "device",
            period=1.0 / rate,
            ended=ended,
            report=self._report,
        )
        return stream


def _as_capture_error(error: Exception, what: str, device: Device) -> CaptureError:
    if isinstance(error, CaptureError):
        return error
    wrong = CaptureError(f"{what}: {type(error).__name__}: {error}", device=device.name)
    wrong.__cause__ = error
    return wrong


def _silent(seconds: float, device: Device, *, begun: bool) -> CaptureError:
    if begun:
        words = f"no frame has come for {seconds:.1f} s: the device has stalled; is its cable loose?"
    else:
        words = (
            f"no frame came within {seconds:.1f} s of the start: the device runs but gives nothing; "
            "is it in use elsewhere, or its cable loose?"
        )
    return CaptureError(words, device=device.name)
