"""What headsets hand out: metres come back by near / (1 - z), however the buffer is turned."""

from __future__ import annotations

import numpy as np
import pytest

from nearfar.xr.rigid_transform import RigidTransform
from nearfar.xr.window_space import window_space_layer

HALF = float(np.sqrt(0.5))
TURNS = {
    0: RigidTransform(),
    90: RigidTransform((1, 0, 0), (0, 0, HALF, HALF)),
    180: RigidTransform((1, 1, 0), (0, 0, 1, 0)),
    270: RigidTransform((0, 1, 0), (0, 0, -HALF, HALF)),
}


@pytest.mark.parametrize("rotation", TURNS)
def test_it_stands_as_the_view_does_bottom_row_first(rotation: int) -> None:
    view = np.arange(1, 16, dtype=np.uint16).reshape(3, 5) * 1000
    buffer = np.ascontiguousarray(np.rot90(view, -rotation // 90))
    layer = window_space_layer(buffer, 0.001, TURNS[rotation], near=0.1)
    assert layer.dtype == np.float32
    assert layer.shape == view.shape
    assert np.allclose(0.1 / (1.0 - layer[::-1].astype(float)), view / 1000, rtol=1e-4)


def test_a_hole_is_far_and_what_is_too_near_hides_all() -> None:
    raw = np.array([[0.0, 0.0625, 0.125, 2.0, np.inf]], np.float32)
    layer = window_space_layer(raw, 1.0, RigidTransform(), near=0.125)
    assert layer.tolist() == [[1.0, 0.0, 0.0, 0.9375, 1.0]]
