"""Photos of virtual cameras: whole, with depth of the phone's size, and with what each camera saw."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from capture.hand import until_gone
from capture.virtual.cameras import ALL, opened
from nearfar.capture import Format, ManualClock, Still, SystemClock
from nearfar.depth import DepthKind, Frame
from nearfar.errors import CaptureError
from nearfar.scene import render

SIZES = {
    "wide": ((4032, 3024), None),
    "dual": ((4032, 3024), (768, 576)),
    "dualwide": ((4032, 3024), (768, 576)),
    "truedepth": ((3088, 2320), (640, 480)),
    "lidar": ((4032, 3024), (768, 576)),
}


def photo_of(camera: str, chosen: Format) -> Still:
    source = opened(camera)
    source.start(chosen, lambda _: None, ManualClock(50.0))
    try:
        return source.still(chosen, 50.5)
    finally:
        source.stop()
        until_gone(f"nearfar {source.info.name}")  # a large frame that is being made is not waited for


@pytest.mark.parametrize("camera", ALL)
def test_a_photo_is_as_large_as_the_phones(camera: str) -> None:
    chosen = max(opened(camera).formats, key=lambda one: one.still_size)
    still = photo_of(camera, chosen)
    size, depth_size = SIZES[camera]
    assert chosen.still_size == size
    assert still.frame.color is not None
    assert still.frame.color.shape == (size[1], size[0], 3)
    assert still.metadata is not None
    assert still.metadata.device == f"nearfar {opened(camera).info.title}"
    depth = still.frame.depth
    assert (None if depth is None else depth.size) == depth_size
    if depth is not None:
        assert depth.calibration is not None
        assert depth.calibration.reference_size == size


@pytest.mark.parametrize("camera", ["dual", "dualwide"])
def test_a_photo_of_two_cameras_shows_what_each_saw(camera: str) -> None:
    source = opened(camera)
    still = photo_of(camera, source.formats[0])
    assert len(still.constituents) == len(source.info.constituents)
    narrow, wide = (frame.color for frame in still.constituents)
    assert narrow is not None
    assert wide is not None
    assert narrow is still.frame.color
    assert wide.shape == (960, 1280, 3)
    # The narrower view is the middle of the wider one, a few pixels aside.
    middle = wide[240:720, 320:960].astype(float).mean(axis=2)
    assert np.corrcoef(middle.ravel(), narrow.mean(axis=2).ravel())[0, 1] > 0.6


@pytest.mark.parametrize("camera", ["dual", "truedepth", "lidar"])
def test_the_same_moment_gives_the_same_photo_near_the_truth(camera: str) -> None:
    source = opened(camera)
    chosen = source.formats[0]
    one, other = (photo_of(camera, chosen).frame for _ in range(2))
    assert np.array_equal(one.color, other.color)
    assert one.depth is not None
    assert other.depth is not None
    assert np.array_equal(one.depth.values, other.depth.values, equal_nan=True)
    stage = source.prepared()
    true = render(
        stage.scene, source.calibration(chosen.size), stage.pose(0.5), 0.5, size=one.depth.size
    ).depth_map
    error = one.depth.to(DepthKind.DEPTH, dtype=np.float32).values / true.values - 1.0
    assert 0.0 < np.nanmedian(np.abs(error)) < 0.03


def test_a_photo_can_be_taken_before_the_streams_thread_gets_going() -> None:
    source, started = opened("wide"), threading.current_thread()
    released = threading.Event()

    class Busy(ManualClock):
        """Other threads wait for it."""

        def now(self) -> float:
            if threading.current_thread() is not started:
                released.wait(30)
            return super().now()

    source.start(source.formats[0], lambda _: None, Busy(50.0))
    try:
        assert source.still(source.formats[0], 50.5).frame.time == 50.5
    finally:
        released.set()
        source.stop()


def test_the_stream_goes_on_while_a_photo_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    source, enough = opened("wide?seed=7"), threading.Event()
    frames: list[Frame] = []
    whole = source.photo

    def slow(format: Format, time: float, seconds: float) -> Still:
        """As on a machine on which a photo takes as long as five frames."""
        before = len(frames)
        while len(frames) < before + 5:
            assert enough.wait(30)
            enough.clear()
        return whole(format, time, seconds)

    def emit(frame: Frame) -> None:
        frames.append(frame)
        enough.set()

    monkeypatch.setattr(source, "photo", slow)
    source.start(source.formats[0], emit, SystemClock())
    try:
        assert source.still(source.formats[0], SystemClock().now()).frame.color is not None
    finally:
        source.stop()


@pytest.mark.parametrize("size", [(2600, 2599), (2011, 1511), (643, 483)])
def test_pictures_of_any_size_are_matched(size: tuple[int, int]) -> None:
    source = opened(f"dual?size={size[0]}x{size[1]}")
    chosen = source.formats[0]
    depth = source.frame(chosen, 0, 0.0).depth
    still = photo_of(f"dual?size={size[0]}x{size[1]}", chosen)
    assert still.frame.color is not None
    assert still.frame.color.shape[:2] == size[::-1]
    assert still.frame.depth is not None
    true = source.truth(0.0).depth_map.to(DepthKind.DISPARITY).values
    for found in (depth, still.frame.depth):
        assert found is not None
        assert np.nanmedian(np.abs(found.values.astype(np.float32) / true - 1.0)) < 0.04


def test_photos_need_a_running_camera() -> None:
    source = opened("dual")
    with pytest.raises(CaptureError, match="only while it runs"):
        source.still(source.formats[0], 0.0)
