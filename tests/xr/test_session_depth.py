"""Depth of a session: the error table of the depth module case by case, and pauses."""

from __future__ import annotations

from typing import Any

import pytest

from nearfar.errors import InvalidStateError, NotSupportedError
from nearfar.xr import request_session
from xr_sessions import depth_session, device_with_depth, first_view, plain_session


@pytest.mark.parametrize("name", ["depth_usage", "depth_data_format", "depth_type", "depth_active"])
def test_attributes_need_depth_sensing(name: str) -> None:
    with plain_session() as session, pytest.raises(InvalidStateError, match=name):
        getattr(session, name)


@pytest.mark.parametrize("name", ["pause_depth_sensing", "resume_depth_sensing"])
class TestPauseAndResume:
    def test_after_the_end(self, name: str) -> None:
        for session in (plain_session(), depth_session()):
            next(session.frames())
            session.end()
            with pytest.raises(InvalidStateError, match="ended"):
                getattr(session, name)()

    def test_outside_of_a_frame_comes_before_not_enabled(self, name: str) -> None:
        for make in (plain_session, depth_session):
            with make() as session, pytest.raises(InvalidStateError, match="active"):
                getattr(session, name)()

    def test_after_a_callback(self, name: str) -> None:
        with depth_session() as session:
            session.request_animation_frame(lambda *_: None)
            session.run()
            with pytest.raises(InvalidStateError, match="active"):
                getattr(session, name)()

    def test_not_enabled(self, name: str) -> None:
        with plain_session() as session:
            next(session.frames())
            with pytest.raises(NotSupportedError):
                getattr(session, name)()

    def test_twice_is_once(self, name: str) -> None:
        with depth_session() as session:
            next(session.frames())
            getattr(session, name)()
            getattr(session, name)()
            assert session.depth_active == (name == "resume_depth_sensing")


def test_a_pause_holds_at_once_and_until_it_is_over() -> None:
    with depth_session() as session:
        frames = session.frames()
        frame = next(frames)
        assert frame.get_depth_information(first_view(frame)) is not None
        session.pause_depth_sensing()
        assert not session.depth_active
        assert frame.get_depth_information(first_view(frame)) is None
        frame = next(frames)
        assert frame.get_depth_information(first_view(frame)) is None
        session.resume_depth_sensing()
        assert session.depth_active
        frame = next(frames)
        assert frame.get_depth_information(first_view(frame)) is not None


def test_depth_without_depth_sensing() -> None:
    with request_session("immersive-ar", device=device_with_depth()) as session:
        frames = session.frames()
        view = first_view(next(frames))
        with pytest.raises(NotSupportedError):
            view.frame.get_depth_information(view)
        next(frames)
        with pytest.raises(NotSupportedError):  # comes first, before the frame is looked at
            view.frame.get_depth_information(view)


def test_depth_of_a_frame_that_is_over() -> None:
    with depth_session() as session:
        frames = session.frames()
        view = first_view(next(frames))
        next(frames)
        with pytest.raises(InvalidStateError, match="over"):
            view.frame.get_depth_information(view)


def test_depth_of_another_frames_view() -> None:
    with depth_session() as session, depth_session() as other:
        frames = session.frames()
        stale = first_view(next(frames))
        foreign = first_view(next(other.frames()))
        frame = next(frames)
        for view in (stale, foreign):
            with pytest.raises(InvalidStateError, match="another frame"):
                frame.get_depth_information(view)


def test_depth_that_is_for_the_gpu() -> None:
    with depth_session(usage="gpu-optimized") as session:
        view = first_view(next(session.frames()))
        with pytest.raises(InvalidStateError, match="GLBinding"):
            view.frame.get_depth_information(view)
        session.pause_depth_sensing()
        with pytest.raises(InvalidStateError, match="GLBinding"):
            view.frame.get_depth_information(view)


@pytest.mark.parametrize("view", [None, 0, "view", object()])
def test_depth_of_what_is_no_view(view: Any) -> None:
    with plain_session() as session:
        frame = next(session.frames())
        with pytest.raises(TypeError):
            frame.get_depth_information(view)


def test_depth_that_is_not_there() -> None:
    device = device_with_depth()
    with depth_session(device) as session:
        frames = session.frames()
        frame = next(frames)
        device.clear_depth()
        assert frame.get_depth_information(first_view(frame)) is not None
        frame = next(frames)
        assert frame.get_depth_information(first_view(frame)) is None


def test_depth_is_over_with_its_frame() -> None:
    with depth_session() as session:
        frames = session.frames()
        frame = next(frames)
        info = frame.get_depth_information(first_view(frame))
        assert info is not None
        assert info.get_depth_in_meters(0.0, 0.0) == 1.0
        assert info.get_depth_in_meters(1.0, 1.0) == 6.0
        next(frames)
        for read in (lambda: info.data, lambda: info.get_depth_in_meters(0.5, 0.5)):
            with pytest.raises(InvalidStateError):
                read()
