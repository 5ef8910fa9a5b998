"""Photos from the camera itself: in the host's time, zoomed, and never waited for in vain."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from capture.hand import LIMIT, ROOMY, SMALL, HandCamera, Kept, elsewhere, meanwhile, session_of
from nearfar.capture import Format, InterruptionReason, ManualClock, Still


class PhotoCamera(HandCamera):
    """Takes a photo when it is let."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.asked: list[tuple[Format, float]] = []

    def still(self, format: Format, time: float) -> Still:
        self.asked.append((format, time))
        self.entered.set()
        assert self.let_go.wait(LIMIT)
        if self.fault is not None:
            raise self.fault
        matte = nf.Matte(np.tile(np.arange(8, dtype=np.uint8), (6, 1)))
        frame, other = self.frame(time, 0, depth=format.depth is not None), self.frame(time, 0)
        return Still(frame, (other,), {matte.kind: matte})


@pytest.mark.parametrize("clock_of", ["host", "device"])
def test_a_photo_is_the_cameras_own_where_it_takes_one(clock_of: str) -> None:
    clock, camera = ManualClock(50.0), PhotoCamera(clock=clock_of)
    session, device = session_of(camera, output := Kept(), clock=clock)
    assert output.connection is not None
    with session:
        with pytest.raises(nf.CaptureError, match="does not run"):
            output.connection.still(depth=True)
        session.start()
        camera.shoot(7.0 if clock_of == "device" else 50.0)
        clock.advance(1.0)
        camera.let_go.set()
        still = output.connection.still(depth=True)
        assert still is not None
        assert camera.asked == [(device.configured, 8.0 if clock_of == "device" else 51.0)]
        assert still.frame.time == still.constituents[0].time == 51.0
        assert still.frame.depth is not None
        without = output.connection.still(depth=False)
        assert without is not None
        assert without.frame.depth is None
        camera.fault = ZeroDivisionError("no film")
        with pytest.raises(nf.CaptureError, match="no film"):
            output.connection.still(depth=False)
    session, _ = session_of(HandCamera(), output := Kept())
    assert output.connection is not None
    with session:
        session.start()
        assert output.connection.still(depth=True) is None


def test_a_camera_may_rest_its_stream_for_a_photo_before_the_first_frame() -> None:
    clock, camera = ManualClock(), PhotoCamera()
    session, _ = session_of(camera, output := Kept(), clock=clock)
    assert output.connection is not None
    with session:
        session.start()
        waiting = meanwhile(lambda: output.connection.still(depth=True))  # type: ignore[union-attr]
        assert camera.entered.wait(LIMIT)
        for _ in range(10):
            clock.advance(5.0)
        camera.let_go.set()
        assert waiting.result(LIMIT) is not None
        clock.advance(5.0)
        assert session.running


def test_a_photo_is_taken_as_the_session_was_last_set() -> None:
    camera = PhotoCamera()
    camera.let_go.set()
    session, device = session_of(camera, output := Kept())
    connection = output.connection
    assert connection is not None
    with session:
        session.start()
        with session.configuration():
            device.active_format = ROOMY
            still = elsewhere(lambda: connection.still(depth=True))
            assert camera.asked[0][0] == SMALL
            assert still.frame.depth is not None
            device.active_format = SMALL


def test_a_photo_is_zoomed_as_the_stream_is() -> None:
    camera = PhotoCamera(formats=(ROOMY,))
    camera.let_go.set()
    session, device = session_of(camera, output := Kept())
    assert output.connection is not None
    with session:
        session.start()
        with device.lock_for_configuration():
            device.zoom_factor = 8.0
        still = output.connection.still(depth=True)
        assert still is not None
        assert still.frame.depth is None  # outside of the depth zoom ranges
        (matte,) = still.mattes.values()
        assert set(matte.values.ravel()) == {3, 4}


@pytest.mark.parametrize("end", ["stop", "interrupt", "change", "lose"])
def test_whoever_waits_for_a_photo_is_told_when_it_will_not_come(end: str) -> None:
    camera = PhotoCamera()
    session, _ = session_of(camera, output := Kept())
    with session:
        session.start()
        assert output.connection is not None
        waiting = meanwhile(lambda: output.connection.still(depth=True))  # type: ignore[union-attr]
        assert camera.entered.wait(LIMIT)
        if end == "stop":
            session.stop()
        elif end == "interrupt":
            session.interrupt(InterruptionReason.BACKGROUND)
        elif end == "change":
            output.change(depth=False)
        else:
            assert camera.emit is not None
            camera.emit(nf.DeviceLost("pulled out"))
        with pytest.raises(nf.CaptureError, match="before the photo was taken"):
            waiting.result(LIMIT)
        camera.let_go.set()
