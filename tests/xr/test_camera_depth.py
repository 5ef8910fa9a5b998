"""Raw and smooth depth of one camera that runs: what each is, and that they keep out of each other's way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nearfar as nf
from nearfar.xr import (
    CameraDevice,
    DepthDataFormat,
    DepthSupport,
    DepthType,
    DeviceFrame,
    DeviceProfile,
    SharedDevice,
    SimulatedDevice,
)
from nearfar.xr.camera_depth import CameraDepth
from xr_sessions import FixedCamera

RAW, SMOOTH = DepthType.RAW, DepthType.SMOOTH
RAW_FIRST = DeviceProfile("raw-first", DepthSupport((RAW, SMOOTH)), DepthDataFormat.FLOAT32)


def noisy(seed: int, time: float = 0.0) -> nf.Frame:
    values = np.random.default_rng(seed).normal(2.0, 0.01, (30, 40)).astype(np.float32)
    values[4:8, 10:14] = np.nan
    depth = nf.DepthMap(values, accuracy=nf.Accuracy.ABSOLUTE)
    return nf.Frame(time, seed, np.full((30, 40, 3), 120, np.uint8), depth)


def first_of(device: CameraDevice) -> DeviceFrame:
    frame = device.next_frame(20)
    device.stop()
    assert frame is not None
    return frame


@pytest.mark.parametrize("profile", ["spec", "arcore"])
def test_a_shared_camera_gives_what_one_of_each_type_would(profile: str) -> None:
    device = CameraDevice(FixedCamera(noisy(1)), profile=profile)
    assert isinstance(device, SharedDevice)
    device.start_shared()
    shared = first_of(device)
    assert shared.depth is None
    assert shared.depth_of is not None
    found = {}
    for depth_type in (RAW, SMOOTH, None):
        device.start(depth_type)
        alone = first_of(device)
        assert alone.depth_of is None
        assert alone.depth is not None
        found[depth_type] = shared.depth_of(depth_type)
        assert shared.depth_of(depth_type) is found[depth_type], "made once"
        np.testing.assert_array_equal(found[depth_type].raw, alone.depth.raw)
        assert found[depth_type].norm_depth_buffer_from_norm_view.matrix.tolist() == (
            alone.depth.norm_depth_buffer_from_norm_view.matrix.tolist()
        )
    assert found[None] is found[SMOOTH]
    assert (found[RAW].raw == 0).sum() == 16
    assert (found[SMOOTH].raw > 0).all()


def test_the_type_that_a_profile_prefers_is_given_unasked() -> None:
    device = CameraDevice(FixedCamera(noisy(1)), profile=RAW_FIRST)
    device.start()
    depth = first_of(device).depth
    assert depth is not None
    assert (depth.raw == 0).sum() == 16


def test_a_simulated_device_has_one_type_at_a_time() -> None:
    assert not isinstance(SimulatedDevice(), SharedDevice)


@pytest.mark.parametrize(("later", "follows"), [(0.03, True), (10.0, False), (-1.0, False)])
def test_smooth_depth_follows_upon_what_was_smoothed_just_before(later: float, follows: bool) -> None:
    def smooth(depth: CameraDepth, frame: nf.Frame) -> Any:
        return depth.of_type(frame, SMOOTH).values

    going, fresh = CameraDepth(), CameraDepth()
    smooth(going, noisy(1, 5.0))
    after = noisy(2, 5.0 + later)
    assert np.array_equal(smooth(going, after), smooth(fresh, after)) != follows
