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
from reference import xr_reprojection
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
