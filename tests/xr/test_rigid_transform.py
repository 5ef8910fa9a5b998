"""`RigidTransform`: what WebXR says of it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.errors import InvalidStateError
from nearfar.xr import DepthDataFormat, NativeDepth
from nearfar.xr.rigid_transform import RigidTransform

numbers = st.floats(-100, 100, width=32)
quaternions = st.tuples(*[st.floats(-1, 1, width=32)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01)
transforms = st.builds(RigidTransform, st.tuples(numbers, numbers, numbers), quaternions)


@given(transforms)
def test_inverse_undoes(transform: RigidTransform) -> None:
    one, other = (t.matrix.reshape(4, 4).T.astype(float) for t in (transform, transform.inverse))
    assert np.allclose(one @ other, np.eye(4), atol=1e-4)
    assert transform.inverse.inverse is transform
    assert transform.inverse is transform.inverse
    assert transform.matrix is transform.matrix


@given(transforms)
def test_matrix_and_parts_agree(transform: RigidTransform) -> None:
    again = RigidTransform.from_matrix(transform.matrix)
    assert np.allclose(again.position, transform.position, atol=1e-4)
    same = abs(float(np.dot(again.orientation, transform.orientation)))
    assert same == pytest.approx(1.0, abs=1e-5)
    assert np.isclose(np.linalg.norm(transform.orientation), 1.0)


@pytest.mark.parametrize("half", [np.sqrt(0.5), 0.7071067811865476, 0.70710678, np.float32(0.70710678)])
@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_are_exact(half: float, axis: int, quarters: int) -> None:
    cosine, sine = [(1.0, 0.0), (half, half), (0.0, 1.0), (-half, half)][quarters]
    orientation = [0.0, 0.0, 0.0, cosine]
    orientation[axis] = sine
    transform = RigidTransform((1.0, 0.0, -2.0), orientation)
    for one in (transform, transform.inverse, transform @ transform, transform.inverse @ transform):
        assert set(one.matrix[:12].tolist()) <= {-1.0, 0.0, 1.0}
        assert not np.signbit(one.matrix[one.matrix == 0.0]).any()
    assert set(transform.inverse.position) <= {-2.0, -1.0, 0.0, 1.0, 2.0}


def test_pose_changes_axes() -> None:
    pose = nf.Pose(np.eye(3), np.array([1.0, 2.0, 3.0]))
    transform = RigidTransform.from_pose(pose)
    ahead = transform.matrix.reshape(4, 4).T @ np.array([0.0, 0.0, -1.0, 1.0])
    assert np.allclose(ahead, [1.0, 2.0, 4.0, 1.0])  # a camera looks along +z, a viewer along -z
    assert transform.position == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ((0, 0, 0, 2),),
        ((0, 0),),
        ((np.nan, 0, 0),),
        (("left", 0, 0),),
        ((0, 0, 0), (0, 0, 0, np.inf)),
        ((0, 0, 0), (0, 0, 1)),
    ],
)
def test_misuse_is_a_type_error(arguments: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(TypeError):
        RigidTransform(*arguments)


def test_an_orientation_of_no_length_is_refused() -> None:
    with pytest.raises(InvalidStateError):
        RigidTransform(orientation=(0, 0, 0, 0))


@pytest.mark.parametrize(
    "again",
    [lambda it: pickle.loads(pickle.dumps(it)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deep"],
)
def test_a_copy_is_as_immutable_as_the_original(again: Callable[[Any], Any]) -> None:
    transform = RigidTransform((1.0, 2.0, 3.0), (0.1, 0.2, 0.3, 0.9))
    fresh = again(transform)
    assert fresh.matrix.tobytes() == transform.matrix.tobytes()
    back = transform.inverse
    found = again(transform)
    assert found.inverse.inverse is found or found.inverse is back
    for one, other in ((found, transform), (found.inverse, back)):
        assert (one.position, one.orientation) == (other.position, other.orientation)
        assert one.matrix.tobytes() == other.matrix.tobytes()
        with pytest.raises(ValueError, match="read-only"):
            one.matrix[0] = 7.0
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            one.matrix.flags.writeable = True


@pytest.mark.parametrize(
    "again", [lambda it: pickle.loads(pickle.dumps(it)), copy.deepcopy], ids=["pickle", "deep"]
)
def test_a_copy_of_depth_is_as_immutable_as_the_original(again: Callable[[Any], Any]) -> None:
    raw = np.arange(12, dtype=np.uint16).reshape(3, 4)
    shown = raw.view()
    shown.flags.writeable = False
    depth = NativeDepth(
        shown, DepthDataFormat.UNSIGNED_SHORT, 0.001, projection=np.eye(4, dtype=np.float32).ravel()
    )
    raw[:] = 9  # what a read-only view showed of an array that is not: none of the depth's
    found = again(depth)
    assert found.raw.tolist() == np.arange(12).reshape(3, 4).tolist()
    assert found.raw_value_to_meters == depth.raw_value_to_meters
    for array in (depth.raw, depth.projection, found.raw, found.projection):
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            array.flags.writeable = True
