"""Where things are told to be, from one space and from another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.errors import InvalidStateError, NotSupportedError
from nearfar.xr import DeviceView, FieldOfView, RigidTransform, SimulatedDevice, XRSession, request_session
from xr_sessions import TILTED, device_with_depth

numbers = st.floats(-10, 10, width=32)
quaternions = st.tuples(*[st.floats(-1, 1, width=32)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01)
transforms = st.builds(RigidTransform, st.tuples(numbers, numbers, numbers), quaternions)


def matrix(transform: RigidTransform) -> Any:
    return transform.matrix.astype(np.float64).reshape(4, 4).T


def session_of(device: SimulatedDevice) -> XRSession:
    return request_session("immersive-ar", device=device)


@given(transforms, transforms)
def test_a_product_is_that_of_the_matrices(one: RigidTransform, other: RigidTransform) -> None:
    assert np.allclose(matrix(one @ other), matrix(one) @ matrix(other), atol=1e-4)


def test_the_viewer_in_both_spaces() -> None:
    with session_of(device_with_depth()) as session:
        frame = next(session.frames())
        local, viewer = (session.request_reference_space(name) for name in ("local", "viewer"))
        pose = frame.get_viewer_pose(local)
        assert pose is not None
        assert np.allclose(matrix(pose.transform), matrix(TILTED))
        pose = frame.get_viewer_pose(viewer)
        assert pose is not None
        assert np.array_equal(matrix(pose.transform), np.eye(4))
        pose_there = frame.get_pose(viewer, local)
        pose_back = frame.get_pose(local, viewer)
        assert pose_there is not None
        assert pose_back is not None
        assert np.allclose(matrix(pose_there.transform), matrix(TILTED))
        assert np.allclose(matrix(pose_back.transform), np.linalg.inv(matrix(TILTED)), atol=1e-6)


@given(transforms, transforms)
def test_offset_spaces(one: RigidTransform, other: RigidTransform) -> None:
    with session_of(device_with_depth()) as session:
        frame = next(session.frames())
        local = session.request_reference_space("local")
        moved = local.get_offset_reference_space(one).get_offset_reference_space(other)
        assert moved.type == "local"
        assert moved.session is session
        found = frame.get_pose(moved, local)
        assert found is not None
        assert np.allclose(matrix(found.transform), matrix(one) @ matrix(other), atol=1e-4)
        pose = frame.get_viewer_pose(moved)
        assert pose is not None
        expected = np.linalg.inv(matrix(one) @ matrix(other)) @ matrix(TILTED)
        assert np.allclose(matrix(pose.transform), expected, atol=1e-3)
        ahead = session.request_reference_space("viewer").get_offset_reference_space(one)
        found = frame.get_pose(ahead, local)
        assert found is not None
        assert np.allclose(matrix(found.transform), matrix(TILTED) @ matrix(one), atol=1e-4)


def test_lost_tracking() -> None:
    device = device_with_depth()
    with session_of(device) as session:
        device.set_viewer_pose(None)
        frame = next(session.frames())
        local, viewer = (session.request_reference_space(name) for name in ("local", "viewer"))
        assert frame.get_viewer_pose(local) is None
        assert frame.get_pose(viewer, local) is None
        assert frame.get_viewer_pose(viewer) is not None
        assert frame.get_pose(local, local.get_offset_reference_space(TILTED)) is not None


def test_misuse_of_spaces() -> None:
    with session_of(device_with_depth()) as session, session_of(device_with_depth()) as other:
        frames = session.frames()
        frame = next(frames)
        local, foreign = session.request_reference_space("local"), other.request_reference_space("local")
        for call in (
            lambda: frame.get_viewer_pose(foreign),
            lambda: frame.get_pose(foreign, local),
            lambda: frame.get_pose(local, foreign),
        ):
            with pytest.raises(InvalidStateError, match="another session"):
                call()
        wrong: Any = "local"
        for call in (
            lambda: frame.get_viewer_pose(wrong),
            lambda: frame.get_pose(local, wrong),
            lambda: local.get_offset_reference_space(wrong),
            lambda: session.request_reference_space("nowhere"),  # type: ignore[arg-type]
        ):
            with pytest.raises(TypeError):
                call()
        for name in ("local-floor", "bounded-floor", "unbounded"):
            with pytest.raises(NotSupportedError):
                session.request_reference_space(name)  # type: ignore[arg-type]
        next(frames)
        for call in (
            lambda: frame.get_viewer_pose(local),
            lambda: frame.get_pose(local, local),
            lambda: frame.color,
        ):
            with pytest.raises(InvalidStateError, match="over"):
                call()
    with pytest.raises(InvalidStateError, match="ended"):
        session.request_reference_space("viewer")
    with request_session("inline") as inline, pytest.raises(NotSupportedError):
        inline.request_reference_space("local")


def test_two_eyes() -> None:
    left, right = RigidTransform((-0.03, 0, 0)), RigidTransform((0.03, 0, 0))
    field = FieldOfView(1.2, 0.8, 1.0, 1.0)
    device = device_with_depth()
    device.set_views(
        [DeviceView(field, "left", left), DeviceView(FieldOfView(0.8, 1.2, 1, 1), "right", right)]
    )
    with session_of(device) as session:
        frame = next(session.frames())
        pose = frame.get_viewer_pose(session.request_reference_space("local"))
        assert pose is not None
        assert [view.eye for view in pose.views] == ["left", "right"]
        assert [view.index for view in pose.views] == [0, 1]
        for view, offset in zip(pose.views, (left, right), strict=True):
            assert view.frame is frame
            assert view.viewer_from_view is offset
            assert view.reference_from_viewer is pose.transform
            assert view.transform is view.transform
            assert np.allclose(matrix(view.transform), matrix(TILTED) @ matrix(offset), atol=1e-6)
        assert np.array_equal(pose.views[0].projection_matrix, field.projection(0.1, 1000.0))
        one, other = (view.get_viewport((641, 480)) for view in pose.views)
        assert (one.x, other.x, one.width + other.width) == (0, one.width, 641)
        assert (one.y, one.height) == (other.y, other.height) == (0, 480)


def test_a_devices_picture_comes_with_the_frame() -> None:
    device = device_with_depth()
    picture = np.zeros((4, 6, 3), np.uint8)
    device.set_color(picture)
    with session_of(device) as session:
        assert next(session.frames()).color is picture
    with pytest.raises(ValueError, match="view"):
        device.set_views([])
