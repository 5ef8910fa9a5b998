"""Laws of every virtual camera's stream."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from capture.virtual.cameras import ALL, WITH_DEPTH, opened, small
from nearfar import _native
from nearfar.capture import Format, ManualClock, SystemClock, open_source
from nearfar.capture.virtual import VirtualCamera
from nearfar.depth import Accuracy, DepthKind, Frame


def same(one: Frame, other: Frame) -> bool:
    assert one.color is not None
    assert other.color is not None
    if not np.array_equal(one.color, other.color):
        return False
    if one.depth is None or other.depth is None:
        return one.depth is other.depth
    return np.array_equal(one.depth.values, other.depth.values, equal_nan=True)


@pytest.mark.parametrize("camera", ALL)
def test_the_same_frame_has_the_same_bits_with_any_number_of_threads(camera: str) -> None:
    source = opened(camera)
    chosen = small(source)
    usual = _native.thread_count()
    try:
        frames = []
        for threads in (1, 3):
            _native.set_thread_count(threads)
            frames.append(source.frame(chosen, 7, 1.0))
        again = open_source(f"virtual:{camera}")
        assert isinstance(again, VirtualCamera)
        frames.append(again.frame(chosen, 7, 2.0))
    finally:
        _native.set_thread_count(usual)
    assert same(frames[0], frames[1])
    assert same(frames[0], frames[2])


@pytest.mark.parametrize("camera", ALL)
def test_other_frames_and_seeds_have_other_noise(camera: str) -> None:
    source, other = opened(f"{camera}?path=still"), opened(f"{camera}?path=still&seed=1")
    first = source.frame(small(source), 0, 0.0)
    assert not same(first, source.frame(small(source), 1, 0.0))
    assert not same(first, other.frame(small(other), 0, 0.0))


@pytest.mark.parametrize("camera", ALL)
def test_a_running_stream_gives_the_frames_that_are_asked_for_singly(camera: str) -> None:
    source = opened(camera)
    chosen = small(source)
    frames: list[Frame] = []
    enough = threading.Event()

    def emit(frame: Frame) -> None:
        frames.append(frame)
        if len(frames) == 4:
            enough.set()

    source.start(chosen, emit, SystemClock())
    try:
        assert enough.wait(30)
    finally:
        source.stop()
    count = len(frames)
    sequences = [frame.sequence for frame in frames]
    assert sequences == sorted(set(sequences))
    assert sequences[0] == 0
    begun = frames[0].time
    for frame in frames[:4]:
        assert frame.time == pytest.approx(begun + frame.sequence / chosen.rate, abs=1e-9)
        assert same(frame, source.frame(chosen, frame.sequence, 0.0))
    assert len(frames) == count


def test_no_frame_comes_before_its_time() -> None:
    source, clock = opened("wide"), ManualClock(100.0)
    frames: list[Frame] = []
    first = threading.Event()

    def emit(frame: Frame) -> None:
        frames.append(frame)
        first.set()

    source.start(small(source), emit, clock)
    try:
        assert first.wait(30)
    finally:
        source.stop()
    assert [frame.time for frame in frames] == [100.0]


@pytest.mark.parametrize("camera", WITH_DEPTH)
def test_depth_comes_as_the_format_says(camera: str) -> None:
    source = opened(camera)
    chosen = small(source)
    for wanted in chosen.supported_depth_formats:
        depth = source.frame(chosen.chosen(depth_format=wanted), 0, 0.0).depth
        assert depth is not None
        assert (depth.kind, depth.dtype.name, depth.size) == (wanted.kind, wanted.dtype, wanted.size)
        assert depth.metric
        assert depth.accuracy is accuracy(camera, wanted.kind)
        assert depth.calibration is not None
        assert depth.calibration.equals(source.calibration(chosen.size))
    assert source.frame(chosen.chosen(depth_format=None), 0, 0.0).depth is None


def accuracy(camera: str, kind: DepthKind) -> Accuracy:
    metres = camera == "lidar" or (camera == "truedepth" and kind is DepthKind.DEPTH)
    return Accuracy.ABSOLUTE if metres else Accuracy.RELATIVE


@pytest.mark.parametrize("camera", WITH_DEPTH)
def test_the_default_depth_is_that_of_the_phone(camera: str) -> None:
    source = opened(camera)
    kind = DepthKind.DEPTH if camera == "lidar" else DepthKind.DISPARITY
    for chosen in source.formats:
        assert chosen.depth is not None
        assert (chosen.depth.kind, chosen.depth.dtype) == (kind, "float16")
        kinds = {(depth.kind, depth.dtype) for depth in chosen.supported_depth_formats}
        assert len(kinds) == 4


def test_the_dual_camera_locks_the_zoom_for_depth() -> None:
    for chosen in opened("dual").formats:
        assert chosen.depth_zoom_ranges == ((1.0, 1.0),)
        assert chosen.max_zoom > 1.0


def test_a_colour_camera_has_no_depth() -> None:
    assert all(not one.supported_depth_formats for one in opened("wide").formats)


def test_what_moves_moves() -> None:
    source = opened("wide?scene=room&path=still&noise=0")
    chosen: Format = small(source)
    first, later = (source.frame(chosen, number, 0.0) for number in (0, 30))
    assert first.pose is not None
    assert later.pose is not None
    assert first.pose.equals(later.pose)
    assert first.color is not None
    changed = np.abs(np.subtract(first.color, later.color, dtype=np.int16)).max(axis=2) > 40
    assert 0.0005 < changed.mean() < 0.2


@pytest.mark.parametrize("camera", ["dual", "dualwide"])
def test_effort_changes_the_depth_alone(camera: str) -> None:
    frames = {}
    for effort in ("fast", "standard", "best"):
        source = opened(f"{camera}?effort={effort}")
        frames[effort] = source.frame(small(source), 3, 0.0)
    plain = opened(camera)
    assert same(frames["fast"], plain.frame(small(plain), 3, 0.0))
    colors = [frame.color for frame in frames.values()]
    depths = [frame.depth for frame in frames.values()]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert np.array_equal(colors[one], colors[other])
        assert not np.array_equal(depths[one].values, depths[other].values, equal_nan=True)
