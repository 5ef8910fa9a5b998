"""A photo from the camera itself, waited for in a way that stopping the session ends.

waiter ── errand ──▶ a thread for this photo ── source.still ──▶ Still
  └── or the session stops, is interrupted or reconfigured: CaptureError, and the thread ends by itself
"""

from __future__ import annotations

import threading
from dataclasses import replace

from nearfar.capture.arrangement import Plan
from nearfar.capture.clock import Clock
from nearfar.capture.events import SessionState, as_failure
from nearfar.capture.running import Running
from nearfar.capture.source import Still, StillSource
from nearfar.capture.zooming import zoomed, zoomed_camera, zoomed_matte
from nearfar.errors import CaptureError

__all__ = ["take_still"]


class _Errand:
    """What a thread is to bring."""

    still: Still | None = None
    error: Exception | None = None
    done = False


def take_still(
    running: Running | None, condition: threading.Condition, clock: Clock, *, depth: bool
) -> Still | None:
    """Have the device take a photo; None if it takes none but its stream's.

    Raises:
        CaptureError: the session does not run, or no longer; or the device failed.
    """
    with condition:
        stream = None if running is None else running.stream
        plan = Plan() if running is None else running.plan
        device, chosen, zoom = plan.device, plan.photo_format, plan.zoom
        ready = running is not None and running.state is SessionState.RUNNING
        if running is None or not ready or stream is None or device is None or chosen is None:
            raise CaptureError("the session does not run")
        source = device.source
        if not isinstance(source, StillSource):
            return None
        stream.photos += 1
    if not depth:
        chosen = chosen.chosen(depth_format=None)
    now = clock.now()
    ahead = 0.0 if stream.latest is None else stream.latest[0] - stream.latest[1]
    errand = _Errand()

    def run() -> None:
        try:
            errand.still = _as_set(source.still(chosen, now + ahead), -ahead, zoom)
        except BaseException as error:  # noqa: BLE001 - anything may come from there
            errand.error = as_failure(error)
        with condition:
            errand.done = stream.begun = stream.heard = True
            stream.photos -= 1
            condition.notify_all()

    threading.Thread(target=run, name=f"nearfar still {device.name}", daemon=True).start()
    with condition:
        while not errand.done and running.stream is stream and running.state is SessionState.RUNNING:
            clock.wait(condition, None)
        if not errand.done:
            raise CaptureError(_why_not(running), device=device.name)
    if errand.error is None:
        return errand.still
    if isinstance(errand.error, CaptureError):
        raise errand.error
    raise CaptureError(
        f"it failed to take a photo: {type(errand.error).__name__}: {errand.error}", device=device.name
    ) from errand.error


def _why_not(running: Running) -> str:
    if running.state is SessionState.FAILED:
        return f"the session failed before the photo was taken: {running.error}"
    if running.state is SessionState.INTERRUPTED:
        return "the session was interrupted before the photo was taken"
    if running.state in (SessionState.STARTING, SessionState.RUNNING):
        return "the session was reconfigured before the photo was taken"
    return "the session was stopped before the photo was taken"


def _as_set(still: Still, seconds: float, zoom: float) -> Still:
    """A photo in the host's time, zoomed."""
    if seconds == 0.0 and zoom == 1.0:
        return still
    frame, *constituents = (
        zoomed(frame.replace(time=frame.time + seconds), zoom) for frame in (still.frame, *still.constituents)
    )
    mattes = {kind: zoomed_matte(matte, zoom) for kind, matte in still.mattes.items()}
    cameras = (
        still.calibrations if zoom == 1.0 else tuple(zoomed_camera(it, zoom) for it in still.calibrations)
    )
    return replace(still, frame=frame, constituents=tuple(constituents), mattes=mattes, calibrations=cameras)
