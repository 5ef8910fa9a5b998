"""Laws of rigid motions."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrations import poses
from nearfar.depth.pose import Pose

POINTS = np.array([[0.0, 0.0, 1.0], [1.0, 2.0, 3.0], [-4.0, 0.5, 2.0], [7.0, -1.0, -3.0]])


@given(poses())
def test_the_inverse_undoes(pose: Pose) -> None:
    assert np.allclose(pose.inverse().apply(pose.apply(POINTS)), POINTS, atol=1e-12)
    assert np.allclose((pose @ pose.inverse()).to_matrix(), np.eye(4), atol=1e-12)


@given(poses(), st.lists(st.floats(-2e-5, 2e-5), min_size=9, max_size=9))
def test_the_inverse_undoes_what_a_file_has_rounded(pose: Pose, error: list[float]) -> None:
    rounded = Pose(pose.rotation + np.reshape(error, (3, 3)), pose.translation)
    assert np.allclose(rounded.inverse().apply(rounded.apply(POINTS)), POINTS, atol=1e-11)


@given(poses(), poses(), poses())
def test_composition_is_application_in_turn(a: Pose, b: Pose, c: Pose) -> None:
    assert np.allclose((a @ b).apply(POINTS), a.apply(b.apply(POINTS)), atol=1e-11)
    assert np.allclose(((a @ b) @ c).to_matrix(), (a @ (b @ c)).to_matrix(), atol=1e-11)
    assert np.allclose((a @ b).to_matrix(), a.to_matrix() @ b.to_matrix(), atol=1e-11)


@given(poses())
def test_motions_keep_distances(pose: Pose) -> None:
    moved = pose.apply(POINTS)
    assert np.allclose(
        np.linalg.norm(moved[1:] - moved[:-1], axis=1), np.linalg.norm(np.diff(POINTS, axis=0), axis=1)
    )


@given(poses(mirrored=False))
def test_quaternions_round_trip(pose: Pose) -> None:
    quaternion = pose.to_quaternion()
    assert quaternion[3] >= 0.0
    assert np.isclose(np.linalg.norm(quaternion), 1.0)
    again = Pose.from_quaternion(quaternion, pose.translation)
    assert np.allclose(again.to_matrix(), pose.to_matrix(), atol=1e-12)


def test_a_quaternion_turns_as_the_books_say() -> None:
    half = np.sqrt(0.5)
    quarter_about_z = Pose.from_quaternion((0.0, 0.0, half, half))
    assert np.allclose(quarter_about_z.apply((1.0, 0.0, 0.0)), (0.0, 1.0, 0.0))


@given(poses())
def test_matrices_and_json_round_trip_bit_for_bit(pose: Pose) -> None:
    assert Pose.from_matrix(pose.to_matrix()).equals(pose)
    assert Pose.from_matrix(pose.to_matrix()[:3]).equals(pose)
    assert Pose.from_dict(json.loads(json.dumps(pose.to_dict()))).equals(pose)
    assert Pose.from_opengl(pose.to_opengl()).equals(pose)


@given(poses())
def test_opengl_sees_the_same_point_with_y_up_and_z_behind(pose: Pose) -> None:
    ours = np.array([0.3, -0.2, 2.0])
    theirs = np.array([0.3, 0.2, -2.0, 1.0])
    assert np.allclose((pose.to_opengl() @ theirs)[:3], pose.apply(ours))


@given(poses(mirrored=True))
def test_a_mirrored_pose_has_no_quaternion(pose: Pose) -> None:
    if pose.is_mirrored:
        with pytest.raises(ValueError, match="mirrored"):
            pose.to_quaternion()
    else:
        pose.to_quaternion()


@pytest.mark.parametrize("scale", [1e-200, 1e10])
def test_the_length_of_a_quaternion_does_not_matter(scale: float) -> None:
    assert np.allclose(
        Pose.from_quaternion(np.array([0.1, 0.2, 0.3, 0.4]) * scale).rotation,
        Pose.from_quaternion((0.1, 0.2, 0.3, 0.4)).rotation,
    )


@pytest.mark.parametrize(
    ("rotation", "translation", "message"),
    [
        (np.eye(3) * 2, np.zeros(3), "orthonormal"),
        (np.zeros((3, 3)), np.zeros(3), "orthonormal"),
        (np.eye(4), np.zeros(3), "rotation must have the shape"),
        (np.eye(3), np.zeros(2), "translation must have the shape"),
        (np.eye(3), [0.0, np.nan, 0.0], "translation must be finite"),
        (np.full((3, 3), np.inf), np.zeros(3), "rotation must be finite"),
        (np.full((3, 3), -1e308), np.zeros(3), "rotation must be finite"),
        (np.eye(3), [0.0, 1e200, 0.0], "translation must be finite"),
        ("eye", np.zeros(3), "rotation must be"),
    ],
)
def test_nonsense_is_refused(rotation: object, translation: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pose(rotation, translation)  # type: ignore[arg-type]


def test_values_do_not_follow_their_source() -> None:
    rotation, translation = np.eye(3), np.zeros(3)
    pose = Pose(rotation, translation)
    translation[0] = 5.0
    assert pose.is_identity
    with pytest.raises(ValueError, match="read-only"):
        pose.translation[0] = 1.0


@given(st.floats(-1e-3, 1e-3))
def test_a_matrix_with_another_last_row_is_no_pose(off: float) -> None:
    matrix = np.eye(4)
    matrix[3, 0] = off
    if off == 0.0:
        Pose.from_matrix(matrix)
    else:
        with pytest.raises(ValueError, match="last row"):
            Pose.from_matrix(matrix)
