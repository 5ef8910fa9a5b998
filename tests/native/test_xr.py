"""The kernels of nearfar.xr are their twins."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from nearfar.xr.projection import FieldOfView
from nearfar.xr.reprojection import motion_between
from nearfar.xr.rigid_transform import RigidTransform
from reference import xr_reprojection, xr_sampling
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)
WILD = st.one_of(
    st.sampled_from([0.0, float("nan"), float("inf"), -1.0, 1e9, 2e9, 1e-9, 5e-324]), st.floats(0.0005, 40)
)
NEARLY_FLAT = st.floats(1.0, 1.3)
METRES = st.one_of(
    hnp.arrays(np.float64, SHAPES, elements=WILD), hnp.arrays(np.float64, SHAPES, elements=NEARLY_FLAT)
)
TANGENTS = st.floats(0.1, 2.0)
FIELDS = st.builds(FieldOfView, TANGENTS, TANGENTS, TANGENTS, TANGENTS)
SHIFTS = st.tuples(*[st.floats(-1.5, 1.5, width=32)] * 3)
TURNS = st.tuples(*[st.floats(-1, 1, width=32)] * 3, st.floats(0.5, 1, width=32))
PLACES = st.builds(RigidTransform, SHIFTS, TURNS)
HALF = 0.7071067811865476
BUFFERS = st.sampled_from(
    [
        RigidTransform(),
        RigidTransform((1, 0, 0), (0, 0, HALF, HALF)),
        RigidTransform((1, 1, 0), (0, 0, 1, 0)),
        RigidTransform((0, 1, 0), (0, 0, -HALF, HALF)),
    ]
)


@settings(max_examples=200, deadline=None)
@given(METRES, FIELDS, FIELDS, PLACES, PLACES, BUFFERS)
def test_reprojection_is_its_twin(metres, sensor, view, sensor_place, view_place, buffer) -> None:
    motion = motion_between(
        metres.shape[::-1],
        buffer.matrix,
        sensor.projection(0.1, np.inf),
        view.projection(0.1, np.inf),
        sensor_place.matrix,
        view_place.matrix,
    )
    assert motion is not None
    found = everywhere(lambda: _native.reproject_metres(metres, motion))
    assert bits(found) == bits(xr_reprojection.reproject(metres, motion))


RAWS = st.one_of(
    hnp.arrays(np.uint16, SHAPES), hnp.arrays(np.float32, SHAPES, elements=st.floats(0, 2.0**100, width=32))
)
POINTS = hnp.arrays(np.float32, st.tuples(st.integers(0, 50), st.just(2)), elements=st.floats(0, 1, width=32))


@settings(max_examples=200, deadline=None)
@given(RAWS, POINTS, st.one_of(BUFFERS, PLACES), st.sampled_from([0.001, 1.0, 1e10]))
def test_sampling_is_its_twin(raw, points, place, scale) -> None:
    found = everywhere(lambda: _native.sample_depth(raw, points, place.matrix, scale))
    assert bits(found) == bits(xr_sampling.sample(raw, points, place.matrix, scale))


def test_many_points_are_sampled_alike_by_many_threads() -> None:
    generator = np.random.default_rng(3)
    raw = generator.integers(0, 65536, (48, 64)).astype(np.uint16)
    points = generator.random((200_000, 2), np.float32)
    place = RigidTransform((1, 0, 0), (0, 0, HALF, HALF)).matrix
    found = everywhere(lambda: _native.sample_depth(raw, points, place, 0.001))
    assert bits(found) == bits(xr_sampling.sample(raw, points, place, 0.001))
