"""A photo from a stream: colour and depth that belong together, in one frame or in two."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.capture import ManualClock, PhotoSettings
from nearfar.capture.photo_request import DEPTH_PATIENCE, FromStream, PhotoRequest, RequestLine
from nearfar.capture.photo_settings import ResolvedPhotoSettings

COLOR = np.zeros((3, 4, 3), np.uint8)
MAP = nf.DepthMap(np.ones((3, 4), np.float32))
TOLERANCE = 0.01


def colored(time: float, depth: bool = False) -> nf.Frame:
    return nf.Frame(time, color=COLOR, depth=MAP if depth else None)


def request() -> PhotoRequest:
    return PhotoRequest(ResolvedPhotoSettings(1, PhotoSettings(), (4, 3), 1), None, Future())


def test_the_first_picture_will_do_without_depth() -> None:
    stream, frame = FromStream(False, TOLERANCE), colored(1.0)
    assert not stream.take(nf.Frame(0.9, depth=MAP))
    assert stream.take(frame)
    assert stream.photo is frame


def test_a_frame_with_both_is_the_photo() -> None:
    stream, frame = FromStream(True, TOLERANCE), colored(1.0, depth=True)
    assert stream.take(frame)
    assert stream.photo is frame


@given(
    st.lists(st.sampled_from(["color", "depth", "color depth", "depth color", ""]), max_size=DEPTH_PATIENCE),
    st.floats(-0.009, 0.009),
)
def test_halves_of_one_moment_are_put_together(moments: list[str], skew: float) -> None:
    stream, whole = FromStream(True, TOLERANCE), [len(moment) > 5 for moment in moments]
    made: list[tuple[int, nf.Frame]] = []
    for number, moment in enumerate(moments):
        for half in moment.split():
            frame = (
                nf.Frame(0.1 * number, number, COLOR)
                if half == "color"
                else nf.Frame(
                    0.1 * number + skew, number, depth=nf.DepthMap(np.full((3, 4), number, np.float32))
                )
            )
            whole_now = stream.take(frame)
            if whole_now and not made and stream.photo is not None:
                made.append((number, stream.photo))
    assert bool(made) == any(whole)
    for number, photo in made:
        assert number == whole.index(True)
        assert photo.sequence == number
        assert photo.depth is not None
        assert (photo.depth.values == number).all()


def test_a_photo_does_not_wait_for_ever_for_its_depth() -> None:
    stream = FromStream(True, TOLERANCE)
    made = [stream.take(colored(0.1 * step)) for step in range(DEPTH_PATIENCE + 1)]
    assert made == [False] * DEPTH_PATIENCE + [True]
    assert stream.photo is not None
    assert stream.photo.depth is None


def test_one_thread_serves_the_line_and_leaves_when_it_is_empty() -> None:
    line, first, second = RequestLine(), request(), request()
    assert line.add(first, 2)
    assert not line.add(second, 2)
    with pytest.raises(nf.CaptureError, match="2 photos are under way"):
        line.add(request(), 2)
    assert line.next() is first
    assert line.next() is second
    assert line.next() is None
    assert line.add(first, 2)


def test_a_halt_reaches_all_requests() -> None:
    line, waiting, behind = RequestLine(), request(), request()
    line.add(waiting, 2)
    line.add(behind, 2)
    assert line.next() is waiting
    reason = nf.DeviceLost("pulled out")
    line.halt(reason)
    with pytest.raises(nf.DeviceLost, match="pulled out"):
        line.frame(waiting, FromStream(True, TOLERANCE), ManualClock(), 5.0)
    following = line.next()
    assert following is behind
    assert following.error is reason
