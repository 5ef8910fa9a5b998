"""A `Frame` holds what arrived and says why the rest did not."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from nearfar.depth import DepthMap, DropReason, Frame, Pose

DEPTH = DepthMap(np.ones((2, 3)))
COLOR = np.zeros((4, 6, 3), np.uint8)


def test_a_frame_is_immutable() -> None:
    frame = Frame(1, 2, COLOR, DEPTH, Pose.identity())
    assert frame.color is not None
    assert not frame.color.flags.writeable
    with pytest.raises(AttributeError):
        frame.time = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        frame.dropped["depth"] = DropReason.LATE_DATA  # type: ignore[index]
    assert frame.replace(sequence=3).sequence == 3


def test_what_was_dropped_is_none_with_a_reason() -> None:
    frame = Frame(1.5, color=COLOR, dropped={"depth": DropReason.OUT_OF_BUFFERS})
    assert frame.depth is None
    assert frame.dropped["depth"] is DropReason.OUT_OF_BUFFERS
    assert "depth dropped: out-of-buffers" in repr(frame)
    for twin in (pickle.loads(pickle.dumps(frame)), copy.deepcopy(frame)):
        assert dict(twin.dropped) == dict(frame.dropped)
        np.testing.assert_array_equal(twin.color, frame.color)


def test_what_a_frame_cannot_be() -> None:
    for fields, message in (
        ({"time": np.nan}, "time"),
        ({"sequence": -1}, "sequence"),
        ({"color": COLOR[..., 0]}, "color"),
        ({"depth": DEPTH, "dropped": {"depth": DropReason.LATE_DATA}}, "at once"),
        ({"dropped": {"sound": DropReason.LATE_DATA}}, "sound"),
        ({"dropped": {"depth": "tired"}}, "DropReason"),
    ):
        with pytest.raises(ValueError, match=message):
            Frame(**({"time": 0.0} | fields))
    for fields in ({"depth": np.ones((2, 2))}, {"pose": np.eye(4)}, {"color": COLOR / 255}):
        with pytest.raises(TypeError):
            Frame(0.0, **fields)
