"""A view's edges land on the edges of the picture, however it is turned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.xr.projection import FieldOfView, Rotation

tangents = st.floats(0.1, 3.0)
fields = st.builds(FieldOfView, tangents, tangents, tangents, tangents)


@given(fields, st.sampled_from([10.0, np.inf]))
def test_the_edges_are_those_of_clip_space(field: FieldOfView, far: float) -> None:
    matrix = field.projection(0.1, far).reshape(4, 4).T.astype(float)
    for x, y, expected in (
        (-field.left, field.up, (-1, 1)),
        (field.right, -field.down, (1, -1)),
    ):
        clip = matrix @ np.array([2 * x, 2 * y, -2.0, 1.0])
        assert np.allclose(clip[:2] / clip[3], expected, atol=1e-4)
    nearest = matrix @ np.array([0, 0, -0.1, 1.0])
    assert nearest[2] / nearest[3] == pytest.approx(-1.0, abs=1e-4)


@given(fields)
def test_four_quarter_turns_are_none(field: FieldOfView) -> None:
    assert field.turned(90).turned(90) == field.turned(180)
    assert field.turned(180).turned(90) == field.turned(270)
    assert field.turned(270).turned(90) == field.turned(0) == field


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_view_sees_the_same_directions(rotation: Rotation) -> None:
    field = FieldOfView(0.5, 0.7, 0.3, 0.4)
    turned = field.turned(rotation)
    angle = np.radians(
        rotation
    )  # the view's up is the sensor's right: the sensor's axes turn left in the view
    x, y = 0.21, 0.13
    u, v = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    across, down = (x + field.left) / (field.left + field.right), (field.up - y) / (field.up + field.down)
    u, v = (u + turned.left) / (turned.left + turned.right), (turned.up - v) / (turned.up + turned.down)
    expected = {0: (u, v), 90: (1 - v, u), 180: (1 - u, 1 - v), 270: (v, 1 - u)}[rotation]
    assert (across, down) == pytest.approx(expected)


def test_a_calibration_keeps_its_principal_point() -> None:
    camera = nf.Calibration(np.array([[100.0, 0, 30], [0, 80.0, 50], [0, 0, 1]]), (100, 80))
    assert FieldOfView.from_calibration(camera) == FieldOfView(0.3, 0.7, 0.625, 0.375)


def test_nothing_to_see_is_refused() -> None:
    with pytest.raises(ValueError, match="width and a height"):
        FieldOfView(-1.0, 1.0, 1.0, 1.0)
