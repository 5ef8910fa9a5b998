"""Arrays inside values: read-only for good, shared where that is safe."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given

from depth.maps import depth_maps
from nearfar.depth import (
    Calibration,
    DepthKind,
    DepthMap,
    LensTable,
    Matte,
    Mesh,
    PointCloud,
    Pose,
    StereoPair,
    StereoRig,
)
from nearfar.depth.arrays import adopt, frozen

VALUES = [
    DepthMap(np.linspace(0.5, 4, 12, dtype=np.float32).reshape(3, 4)),
    DepthMap(np.linspace(0.5, 4, 12, dtype=np.float16).reshape(3, 4), DepthKind.DISPARITY),
    Matte(np.arange(12, dtype=np.uint8).reshape(3, 4)),
]


class OldConsumer:
    """Hands a capsule made without a version on to NumPy, as a consumer from before DLPack 1.0 would."""

    def __init__(self, producer: Any, **wishes: Any) -> None:
        self.capsule = producer.__dlpack__(**wishes)

    def __dlpack__(self, **_: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def test_what_others_can_write_to_is_copied() -> None:
    mine = np.ones((2, 2), np.float32)
    depth = DepthMap(mine)
    mine[0, 0] = 7
    assert depth.values[0, 0] == 1
    view = mine[:]
    view.flags.writeable = False
    assert not np.shares_memory(adopt(view), mine)


def test_what_is_read_only_is_shared() -> None:
    mine = frozen(np.ones((2, 2), np.float32))
    assert DepthMap(mine).values is mine
    data = np.frombuffer(bytes(16), np.float32).reshape(2, 2)
    assert np.shares_memory(DepthMap(data).values, data)
    assert DepthMap(np.ones((2, 2), ">f4")).values.dtype.isnative
    assert DepthMap(np.ones((2, 4), np.float32)[:, ::2]).values.flags.c_contiguous


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_numpy(value: Any) -> None:
    assert np.asarray(value) is value.values
    assert not np.asarray(value).flags.writeable
    mine = np.array(value)
    assert mine.flags.writeable
    assert mine.flags.c_contiguous
    assert not np.shares_memory(mine, value.values)
    assert np.asarray(value, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="without a copy"):
        value.__array__(np.float64, copy=False)
    with pytest.raises(ValueError, match="read-only"):
        value.values[0, 0] = 1


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_dlpack_shares_with_who_can_see_that_it_is_read_only(value: Any) -> None:
    shared = np.from_dlpack(value)
    assert np.shares_memory(shared, value.values)
    assert not shared.flags.writeable
    np.testing.assert_array_equal(shared, value.values)
    assert np.shares_memory(np.from_dlpack(value, copy=False), value.values)
    assert not np.shares_memory(np.from_dlpack(value, copy=True), value.values)
    assert np.shares_memory(np.from_dlpack(value, device="cpu"), value.values)
    assert value.__dlpack_device__() == (1, 0)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_dlpack_copies_for_who_cannot(value: Any) -> None:
    for wishes in ({}, {"max_version": None}, {"max_version": (0, 8)}, {"copy": True}, {"stream": None}):
        got = np.from_dlpack(OldConsumer(value, **wishes))
        assert not np.shares_memory(got, value.values)
        np.testing.assert_array_equal(got, value.values)
    with pytest.raises(BufferError, match="read-only"):
        value.__dlpack__(copy=False)
    with pytest.raises(BufferError, match="stream"):
        value.__dlpack__(stream=1, max_version=(1, 0))
    with pytest.raises(BufferError, match="CPU"):
        value.__dlpack__(dl_device=(2, 0), max_version=(1, 0))


def test_opencv_reads_values_and_copies() -> None:
    depth = VALUES[0]
    blurred = cv2.blur(depth.values, (3, 3))
    np.testing.assert_allclose(blurred, cv2.blur(np.array(depth), (3, 3)))
    np.testing.assert_array_equal(cv2.flip(np.asarray(depth), 1), depth.values[:, ::-1])
    mine = np.array(depth)
    cv2.circle(mine, (1, 1), 1, 9.0)
    assert mine.max() == 9
    assert depth.values.max() == 4


@given(depth_maps())
def test_pickle_and_copy_keep_all(depth: DepthMap) -> None:
    for twin in (pickle.loads(pickle.dumps(depth)), copy.copy(depth), copy.deepcopy(depth)):
        assert twin.equals(depth)
        assert not twin.values.flags.writeable


LENS = LensTable(np.array([0, 0.01], np.float32), np.array([0, -0.01], np.float32), (2, 1))
CAMERA = Calibration.from_field_of_view(1, (4, 3)).replace(distortion=LENS)
HOLDERS = [
    *VALUES,
    VALUES[0].replace(calibration=CAMERA, confidence=np.ones((3, 4), np.float32)),
    Pose.from_quaternion((0, 0, 1, 1), (1, 2, 3)),
    LENS,
    CAMERA,
    StereoRig(CAMERA, CAMERA),
    StereoPair(np.zeros((3, 4), np.uint8), np.zeros((3, 4), np.uint8), StereoRig(CAMERA, CAMERA)),
    PointCloud(np.ones((2, 3)), np.ones((2, 3), np.uint8), np.ones((2, 3))),
    Mesh(np.ones((3, 3)), np.array([[0, 1, 2]]), np.ones((3, 3), np.uint8)),
]


def arrays_in(value: Any) -> list[Any]:
    """Every array that a value holds, in whichever of the values inside it."""
    if isinstance(value, np.ndarray):
        return [value]
    held = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    return [array for item in held for array in arrays_in(getattr(value, item.name))]


@pytest.mark.parametrize("value", HOLDERS, ids=lambda value: type(value).__name__)
def test_no_array_of_a_value_or_of_its_copy_can_be_made_writable(value: Any) -> None:
    for twin in (value, copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert len(arrays_in(twin)) == len(arrays_in(value)) > 0
        for array, original in zip(arrays_in(twin), arrays_in(value), strict=True):
            np.testing.assert_array_equal(array, original)
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.flags.writeable = True


def test_memory_that_python_can_write_to_is_copied() -> None:
    data = bytearray(16)
    array = np.frombuffer(data, np.float32).reshape(2, 2)
    array.flags.writeable = False
    array.base.flags.writeable = False
    depth = DepthMap(array)
    data[:] = b"?" * 16
    assert not depth.values.any()
