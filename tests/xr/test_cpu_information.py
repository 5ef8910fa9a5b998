"""Depth for the CPU: what it says, in which words it refuses, and that it ends with its frame."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nearfar.errors import InvalidStateError, XRRangeError
from nearfar.xr import (
    CPUDepthInformation,
    DepthDataFormat,
    DepthInformation,
    DepthStateInit,
    DeviceView,
    FieldOfView,
    NativeDepth,
    RigidTransform,
    SimulatedDevice,
    XRSession,
    request_session,
)
from xr_sessions import depth_session, device_with_depth, first_view

HALF = 0.7071067811865476
ROTATIONS = [
    RigidTransform(),
    RigidTransform((1, 0, 0), (0, 0, HALF, HALF)),
    RigidTransform((1, 1, 0), (0, 0, 1, 0)),
    RigidTransform((0, 1, 0), (0, 0, -HALF, HALF)),
]
BESIDE = RigidTransform((0.05, 0.0, -0.02), (0.0, 0.02, 0.0, 1.0))
SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=9)
RAWS = st.one_of(arrays(np.uint16, SHAPES), arrays(np.float32, SHAPES, elements=st.floats(0, 1e5, width=32)))


def session_with(
    native: NativeDepth, data_format: str, *, match: bool = True, view: DeviceView | None = None
) -> XRSession:
    device = SimulatedDevice() if view is None else SimulatedDevice([view])
    device.set_depth(native)
    return request_session(
        "immersive-ar",
        device=device,
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit(["cpu-optimized"], [data_format], match_depth_view=match),
    )


def information_of(session: XRSession) -> CPUDepthInformation:
    """Of the next frame."""
    frame = next(session.frames())
    information = frame.get_depth_information(first_view(frame))
    assert information is not None
    return information


def native_of(raw: np.ndarray, place: RigidTransform, **parts: Any) -> NativeDepth:
    data_format = DepthDataFormat.FLOAT32 if raw.dtype == np.float32 else DepthDataFormat.UNSIGNED_SHORT
    return NativeDepth(raw, data_format, 0.001, place, **parts)


@given(RAWS, st.sampled_from(ROTATIONS), st.sampled_from(list(DepthDataFormat)), st.booleans())
def test_both_ways_to_a_value_agree_on_every_pixel(
    raw: np.ndarray, place: RigidTransform, data_format: DepthDataFormat, aligned: bool
) -> None:
    """The explainer's: data[c + r · width] · rawValueToMeters where the inverse leads, and the call."""
    parts = {} if aligned else {"view_offset": BESIDE}
    with session_with(native_of(raw, place, **parts), data_format) as session:
        information = information_of(session)
        width, height = information.width, information.height
        entry = np.float32 if data_format == DepthDataFormat.FLOAT32 else np.uint16
        data = np.frombuffer(information.data, entry)
        metres = (data.astype(np.float64) * information.raw_value_to_meters).astype(np.float32)
        m = information.norm_depth_buffer_from_norm_view.inverse.matrix
        points = []
        for r in range(height):
            for c in range(width):
                across, down = (
                    (c + 0.5) / width,
                    (r + 0.5) / height,
                )  # the middle: borders round to either side
                x = m[0] * across + m[4] * down + m[12]
                y = m[1] * across + m[5] * down + m[13]
                assert information.get_depth_in_meters(x, y) == metres[c + r * width]
                points.append((x, y))
        assert np.array_equal(information.depths_in_meters(points), metres)


@given(
    RAWS,
    st.sampled_from([*ROTATIONS, RigidTransform((0.3, -0.2, 0), (0, 0, 0.2, 1))]),
    arrays(np.float64, st.tuples(st.integers(0, 30), st.just(2)), elements=st.floats(0, 1)),
)
def test_many_points_are_many_single_ones(raw: np.ndarray, place: RigidTransform, points: np.ndarray) -> None:
    with session_with(native_of(raw, place), "unsigned-short") as session:
        information = information_of(session)
        found = information.depths_in_meters(points)
        assert found.dtype == np.float32
        assert not found.flags.writeable
        assert found.tolist() == [information.get_depth_in_meters(x, y) for x, y in points]


def test_corners_are_the_last_pixels() -> None:
    raw = np.arange(1, 7, dtype=np.uint16).reshape(2, 3)
    for place, expected in zip(
        ROTATIONS, ([1, 3, 4, 6], [3, 6, 1, 4], [6, 4, 3, 1], [4, 1, 6, 3]), strict=True
    ):
        with session_with(native_of(raw, place), "luminance-alpha") as session:
            information = information_of(session)
            corners = [(0, 0), (1, 0), (0, 1), (1, 1)]
            found = [information.get_depth_in_meters(x, y) for x, y in corners]
            assert np.allclose(found, np.array(expected) * 0.001)


def test_what_it_says() -> None:
    place = ROTATIONS[1]
    raw = np.array([[1234, 0, 65535]], np.uint16)
    with session_with(native_of(raw, place), "luminance-alpha") as session:
        information = information_of(session)
        assert isinstance(information, DepthInformation)
        assert (information.width, information.height) == (3, 1)
        assert information.data.tobytes() == b"\xd2\x04\x00\x00\xff\xff"
        assert information.data is information.data
        assert information.data.readonly
        assert np.array_equal(information.array, raw)
        assert information.array is information.array
        assert not information.array.flags.writeable
        assert information.raw_value_to_meters == 0.0010000000474974513
        assert information.norm_depth_buffer_from_norm_view is place
        assert repr(information) == "CPUDepthInformation(3×1 uint16)"


def test_a_hole_is_0_metres_in_every_format() -> None:
    for raw in (np.array([[0, 500]], np.uint16), np.array([[0, 500]], np.float32)):
        for data_format in DepthDataFormat:
            with session_with(native_of(raw, ROTATIONS[0]), data_format) as session:
                information = information_of(session)
                assert information.get_depth_in_meters(0.25, 0.5) == 0.0
                assert information.get_depth_in_meters(0.75, 0.5) == np.float32(0.5)


MISUSES: list[tuple[tuple[Any, Any], type[Exception]]] = [
    ((-0.001, 0.5), XRRangeError),
    ((0.5, 1.001), XRRangeError),
    ((2, 0), XRRangeError),
    ((float("nan"), 0.5), TypeError),
    ((0.5, float("inf")), TypeError),
    ((-float("inf"), 2.0), TypeError),
    ((1e39, 0.5), TypeError),
    (("0.5", 0.5), TypeError),
    ((None, 0.5), TypeError),
]


@pytest.mark.parametrize(("point", "error"), MISUSES)
def test_points_outside_are_refused(point: tuple[Any, Any], error: type[Exception]) -> None:
    with depth_session() as session:
        information = information_of(session)
        with pytest.raises(error):
            information.get_depth_in_meters(*point)
        with pytest.raises(error):
            information.depths_in_meters([(0.5, 0.5), point])
        next(session.frames())
        with pytest.raises(TypeError if error is TypeError else InvalidStateError):
            information.get_depth_in_meters(*point)


def test_points_have_two_numbers() -> None:
    with depth_session() as session:
        information = information_of(session)
        for points in ([0.5, 0.5], [[0.5, 0.5, 0.5]], [[True, False]], [[0.5j, 0.5]]):
            with pytest.raises(TypeError, match="points must be"):
                information.depths_in_meters(points)


def test_what_rounds_to_1_is_inside() -> None:
    with depth_session() as session:
        information = information_of(session)
        assert information.get_depth_in_meters(1.00000001, 1) == 6.0
        assert information.depths_in_meters([(1.00000001, 1)]).tolist() == [6.0]


READERS: list[Callable[[CPUDepthInformation], Any]] = [
    lambda information: information.width,
    lambda information: information.height,
    lambda information: information.norm_depth_buffer_from_norm_view,
    lambda information: information.raw_value_to_meters,
    lambda information: information.projection_matrix,
    lambda information: information.transform,
    lambda information: information.data,
    lambda information: information.array,
    lambda information: information.get_depth_in_meters(0.5, 0.5),
    lambda information: information.get_depth_in_meters(2.0, 0.5),
    lambda information: information.depths_in_meters([(0.5, 0.5)]),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("end", [lambda session: next(session.frames()), XRSession.end])
def test_it_is_over_with_its_frame(
    read: Callable[[CPUDepthInformation], Any], end: Callable[[XRSession], Any]
) -> None:
    with depth_session() as session:
        information = information_of(session)
        end(session)
        with pytest.raises(InvalidStateError, match="over"):
            read(information)
        assert "over" in repr(information)


def test_what_was_taken_stays() -> None:
    device = device_with_depth()
    with depth_session(device) as session:
        information = information_of(session)
        array, data = information.array, information.data
        device.set_depth(native_of(np.zeros((2, 3), np.float32), ROTATIONS[0]))
        next(session.frames())
        del information
        gc.collect()
        assert array.ravel().tolist() == [1, 2, 3, 4, 5, 6]
        assert np.frombuffer(data, np.float32).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("match", [True, False])
def test_an_aligned_sensor_has_the_views_geometry(match: bool) -> None:
    with session_with(native_of(np.ones((2, 3), np.uint16), ROTATIONS[1]), "float32", match=match) as session:
        frame = next(session.frames())
        view = first_view(frame)
        information = frame.get_depth_information(view)
        assert information is not None
        assert np.array_equal(information.projection_matrix, view.projection_matrix)
        assert information.transform is view.transform


def test_a_sensor_beside_the_view_keeps_or_loses_its_geometry() -> None:
    generator = np.random.default_rng(5)
    raw = generator.integers(500, 4000, (24, 32)).astype(np.uint16)
    projection = FieldOfView(0.6, 0.4, 0.5, 0.7).projection(0.1, 10.0)
    native = native_of(raw, ROTATIONS[0], view_offset=BESIDE, projection=projection)
    view_place = DeviceView(FieldOfView(0.5, 0.5, 0.5, 0.5), "left", RigidTransform((-0.03, 0, 0)))
    pose = RigidTransform((1.0, 2.0, 3.0), (0.5, 0.5, 0.5, 0.5))
    for match in (True, False):
        with session_with(native, "luminance-alpha", match=match, view=view_place) as session:
            session.device.set_viewer_pose(pose)  # type: ignore[attr-defined]
            frame = next(session.frames())
            view = first_view(frame)
            information = frame.get_depth_information(view)
            assert information is not None
            assert np.array_equal(information.array, raw) is not match
            assert np.array_equal(information.projection_matrix, view.projection_matrix) is match
            if match:
                assert information.transform is view.transform
            else:
                assert np.array_equal(information.projection_matrix, projection)
                assert np.allclose(information.transform.matrix, (pose @ BESIDE).matrix, atol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0])
def test_a_buffer_has_no_hole_but_0(wrong: float) -> None:
    raw = np.ones((2, 3), np.float32)
    raw[1, 1] = wrong
    with pytest.raises(ValueError, match="a hole is 0"):
        NativeDepth(raw, DepthDataFormat.FLOAT32, 1.0)
