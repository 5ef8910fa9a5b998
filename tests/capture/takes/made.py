"""Frames to record, a disk that can stand still, and how frames are compared: bit by bit."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nearfar as nf
from nearfar.capture.takes.recorder import Recorder, RecorderCounts


def scene(count: int = 12, size: tuple[int, int] = (64, 48), *, confidence: bool = False) -> list[nf.Frame]:
    """A slope that comes nearer, with a hole, at 30 frames a second, seen by a camera on a rail."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    rng = np.random.default_rng(5)
    camera = nf.Calibration.from_field_of_view(1.1, size)
    frames = []
    for number in range(count):
        values = (1 + y / height + 0.01 * number + rng.normal(0, 1e-3, y.shape)).astype(np.float32)
        values[height // 3 : height // 2, : width // 4] = np.nan
        color = np.stack([(x * 3 + number) % 256, (y * 5) % 256, (x + y) % 256], axis=-1).astype(np.uint8)
        sure = rng.integers(0, 3, y.shape).astype(np.float32) / 2 if confidence else None
        depth = nf.DepthMap(values, accuracy=nf.Accuracy.ABSOLUTE, calibration=camera, confidence=sure)
        pose = nf.Pose(np.eye(3), np.array([0.01 * number, 0.0, 0.0]))
        frames.append(nf.Frame(100.0 + number / 30.0, number, color, depth, pose))
    return frames


def record(path: Path, frames: list[nf.Frame], **options: object) -> RecorderCounts:
    """Record all of them, none dropped."""
    with Recorder(path, **options) as recorder:
        for frame in frames:
            recorder.write(frame, wait=True)
    return recorder.counts


class Gate(io.FileIO):
    """A file on a disk that stands still until it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+")
        self.open = threading.Event()
        self.open.set()

    def write(self, data: bytes | memoryview, /) -> int:
        self.open.wait()
        return super().write(data)


def assert_same(found: nf.Frame, frame: nf.Frame, *, color: bool = True) -> None:
    """Both hold the same bits; of a colour that was coded as JPEG only the shape."""
    assert (found.time, found.sequence) == (frame.time, frame.sequence)
    assert dict(found.dropped) == dict(frame.dropped)
    assert (found.color is None) == (frame.color is None)
    if frame.color is not None and found.color is not None:
        assert found.color.shape == frame.color.shape
        assert not color or np.array_equal(found.color, frame.color)
        assert not found.color.flags.writeable
    assert (found.pose is None) == (frame.pose is None)
    if frame.pose is not None and found.pose is not None:
        assert found.pose.equals(frame.pose)
    assert (found.depth is None) == (frame.depth is None)
    if frame.depth is not None and found.depth is not None:
        same_map(found.depth, frame.depth)


def same_map(found: nf.DepthMap, depth: nf.DepthMap) -> None:
    assert found.dtype == depth.dtype
    assert found.values.tobytes() == depth.values.tobytes()
    assert not found.values.flags.writeable
    for name in ("kind", "accuracy", "quality", "filtered", "metric"):
        assert getattr(found, name) == getattr(depth, name)
    assert (found.calibration is None) == (depth.calibration is None)
    if depth.calibration is not None:
        assert depth.calibration.equals(found.calibration)
    assert (found.confidence is None) == (depth.confidence is None)
    if depth.confidence is not None and found.confidence is not None:
        assert found.confidence.tobytes() == depth.confidence.tobytes()


# Frames of all kinds, for hypothesis

NUMBERS = st.floats(-1e3, 1e3)
SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def poses(draw: st.DrawFn) -> nf.Pose:
    turn = draw(st.tuples(*[st.floats(-1, 1)] * 3, st.floats(0.1, 1)))
    pose = nf.Pose.from_quaternion(turn, draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    mirror = np.diag([-1.0, 1.0, 1.0])
    return nf.Pose(pose.rotation @ mirror, pose.translation) if draw(st.booleans()) else pose


@st.composite
def calibrations(draw: st.DrawFn) -> nf.Calibration:
    size = (draw(st.integers(1, 5000)), draw(st.integers(1, 5000)))
    camera = nf.Calibration.from_field_of_view(draw(st.floats(0.1, 3.0)), size)
    table = [0.0, draw(st.floats(-0.5, 0.5)), 0.25]
    lenses = [
        None,
        nf.BrownConrady(*draw(st.tuples(*[NUMBERS] * 4))),
        nf.Fisheye(*draw(st.tuples(*[NUMBERS] * 4))),
        nf.LensTable(table, None, (draw(NUMBERS), 3.0), None, (1e-3, draw(NUMBERS))),
    ]
    return camera.replace(
        pose=draw(poses()),
        distortion=draw(st.sampled_from(lenses)),
        pixel_size=draw(st.none() | st.floats(1e-7, 1e-4)),
    )


@st.composite
def maps(draw: st.DrawFn) -> nf.DepthMap:
    kind = draw(st.sampled_from(nf.DepthKind))
    dtype = draw(st.sampled_from([np.float16, np.float32]))
    shape = draw(SIZES)
    bits = 8 * np.dtype(dtype).itemsize
    least = 0.0 if kind is nf.DepthKind.DEPTH else None
    elements = st.floats(least, width=bits, allow_infinity=False) | st.just(np.nan) | st.just(np.inf)
    return nf.DepthMap(
        draw(hnp.arrays(dtype, shape, elements=elements)),
        kind,
        draw(st.sampled_from(nf.Accuracy)),
        draw(st.sampled_from(nf.Quality)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.none() | calibrations()),
        draw(st.none() | hnp.arrays(np.float32, shape, elements=st.floats(0, 1, width=32))),
    )


@st.composite
def frames(draw: st.DrawFn) -> nf.Frame:
    streams = {
        "color": draw(
            st.none() | hnp.arrays(np.uint8, st.tuples(SIZES, st.just(3)).map(lambda s: (*s[0], 3)))
        ),
        "depth": draw(st.none() | maps()),
        "pose": draw(st.none() | poses()),
    }
    lost = st.dictionaries(st.sampled_from(sorted(streams)), st.sampled_from(nf.DropReason))
    dropped = {name: reason for name, reason in draw(lost).items() if streams[name] is None}
    time = draw(st.floats(-1e6, 1e6) | st.floats(allow_nan=False, allow_infinity=False))
    return nf.Frame(time, draw(st.integers(0, 1 << 40)), **streams, dropped=dropped)
