"""The way of a frame through a session: pairs a second, beside librealsense's software device and syncer.

Both make a frame of depth and one of colour for each pair, 640×480, from arrays that are there already, hand
them to the library, and take the pair again. Ours goes from the camera's thread over outputs, synchronizer
and queue to a callback on another thread; librealsense's is pushed and polled by one thread.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nearfar as nf
from benchmarks.measure import Row, interleaved
from benchmarks.realsense import rs
from nearfar import _native
from nearfar.capture import Clock, DepthFormat, DeviceInfo, Format
from nearfar.capture.depth_filtering import DepthFilter
from nearfar.capture.source import Emit

WIDTH, HEIGHT = 640, 480
DEPTH = DepthFormat(nf.DepthKind.DISPARITY, "float16", WIDTH, HEIGHT)
RATE = 5.0
"""Frames a second that the camera claims: a sample waits two of its periods, longer than any hiccup."""
PAIRS = 4000
ROUNDS = 7
AHEAD = 64
"""How many pairs may be under way: the camera waits for the user there, so that none is dropped."""


def rows() -> list[Row]:
    session, peer = Session(), Syncer()
    ours, theirs = [], []
    try:
        for pairs in (200, *[PAIRS] * ROUNDS):
            ours.append(rate(session.run, pairs))
            theirs.append(rate(peer.run, pairs))
    finally:
        session.close()
    mine, other = (statistics.median(rates[1:]) for rates in (ours, theirs))
    return [
        Row(
            "session and synchronizer, VGA depth and colour, the whole way / librealsense's",
            f"{mine:,.0f} ({max(ours):,.0f}) pairs/s",
            f"{other:,.0f} ({max(theirs):,.0f}) pairs/s",
            f"{mine / other:.2g}×",
            "≥ 5,000 pairs/s",
        ),
        filtering(),
        shot(),
    ]


def shot() -> Row:
    """A 12-megapixel photo of the virtual dual camera: from asking for it to the HEIC file on disk."""
    taken = []
    with nf.CaptureSession() as session, tempfile.TemporaryDirectory() as folder:
        output = nf.PhotoOutput()
        with session.configuration():
            session.add_input(nf.DeviceInput("virtual:dual"))
            session.add_output(output)
            session.preset = nf.Preset.PHOTO
            output.depth_delivery_enabled = True
        session.start()
        for _ in range(5):
            begun = time.perf_counter()
            photo = output.capture(nf.PhotoSettings(depth_delivery_enabled=True)).result(timeout=60)
            photo.save(Path(folder) / "shot.heic")
            taken.append(time.perf_counter() - begun)
    width, height = photo.size
    return Row(
        f"virtual:dual photo {width}×{height} with depth, from capture to saved HEIC (x265 ultrafast)",
        f"{statistics.median(taken):.2g} ({min(taken):.2g}) s",
        "–",
        "–",
        "≤ 4 s",
    )


def filtering() -> Row:
    """A VGA map with holes and its picture through the filter of `DepthOutput`, on one thread."""
    random, depth_filter = np.random.default_rng(0), DepthFilter()
    values = (1.0 + random.normal(0, 0.01, (HEIGHT, WIDTH))).astype(np.float16)
    values[random.random(values.shape) < 0.05] = np.nan
    depth = nf.DepthMap(values, nf.DepthKind.DISPARITY)
    color = random.integers(100, 130, (HEIGHT, WIDTH, 3), np.uint8)
    threads = _native.thread_count()
    _native.set_thread_count(1)
    try:
        (times,) = interleaved((lambda: depth_filter.filtered(depth, color),), 30)
    finally:
        _native.set_thread_count(threads)
    middle = statistics.median(times)
    shown = f"{middle * 1e3:.3g} ({min(times) * 1e3:.3g}) ms"
    return Row("filtering streamed VGA depth by its colour, one thread", shown, "–", "–", "≤ 33 ms")


def rate(run: Callable[[int], None], pairs: int) -> float:
    begun = time.perf_counter()
    run(pairs)
    return pairs / (time.perf_counter() - begun)


class Pushed:
    """A camera of which as many pairs can be had as are asked for, as fast as they are taken."""

    def __init__(self) -> None:
        self.info = DeviceInfo("benchmark:pushed", "Pushed")
        self.formats = (Format(WIDTH, HEIGHT, 1.0, RATE, (DEPTH,)),)
        self.room = threading.Semaphore(AHEAD)
        self.color = read_only(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        self.depth = nf.DepthMap(np.ones((HEIGHT, WIDTH), np.float16), nf.DepthKind.DISPARITY)
        self.emit: Emit | None = None
        self.number = 0

    def start(self, _format: Format, emit: Emit, _clock: Clock) -> None:
        """See `Source`."""
        self.emit = emit

    def stop(self) -> None:
        """See `Source`."""
        self.emit = None

    def push(self, pairs: int) -> None:
        """Emit as many, each as soon as there is room."""
        emit, acquire = self.emit, self.room.acquire
        assert emit is not None
        for number in range(self.number, self.number + pairs):
            acquire()
            moment = number / RATE
            emit(nf.Frame(moment, number, self.color))
            emit(nf.Frame(moment, number, depth=self.depth))
        self.number += pairs


class Session:
    """A session whose synchronizer counts complete frames."""

    def __init__(self) -> None:
        self.camera, self.session = Pushed(), nf.CaptureSession()
        depth = nf.DepthOutput(filtering_enabled=False, always_discards_late_data=False)
        video = nf.VideoOutput(always_discards_late_data=False)
        with self.session.configuration():
            self.session.add_input(nf.DeviceInput(nf.Device(self.camera)))
            for output in (depth, video):
                self.session.add_output(output)
        self.synchronizer = nf.Synchronizer([depth, video], self.taken)
        self.left = 0
        self.done = threading.Event()
        self.session.start()

    def taken(self, frame: nf.Frame) -> None:
        """The synchronizer's callback."""
        assert frame.color is not None
        assert frame.depth is not None
        self.camera.room.release()
        self.left -= 1
        if not self.left:
            self.done.set()

    def run(self, pairs: int) -> None:
        """Send pairs through, and wait for the last one."""
        self.left = pairs
        self.done.clear()
        thread = threading.Thread(target=self.camera.push, args=(pairs,))
        thread.start()
        thread.join()
        assert self.done.wait(10.0)

    def close(self) -> None:
        """Stop."""
        self.session.close()


class Syncer:
    """librealsense's software device, matched by its syncer."""

    def __init__(self) -> None:
        self.device, self.syncer = rs.software_device(), rs.syncer()
        self.sensors = [self.device.add_sensor(name) for name in ("Depth", "Color")]
        kinds = ((rs.stream.depth, rs.format.z16, 2), (rs.stream.color, rs.format.rgb8, 3))
        self.profiles = []
        for place, (sensor, (stream, pixel, size)) in enumerate(zip(self.sensors, kinds, strict=True)):
            video = rs.video_stream()
            video.type, video.index, video.uid, video.fmt, video.bpp = stream, 0, place, pixel, size
            video.width, video.height, video.fps = WIDTH, HEIGHT, 60
            video.intrinsics = intrinsics()
            self.profiles.append(sensor.add_video_stream(video).as_video_stream_profile())
        self.sensors[0].add_read_only_option(rs.option.depth_units, 0.001)
        self.device.create_matcher(rs.matchers.dlr_c)
        for sensor, profile in zip(self.sensors, self.profiles, strict=True):
            sensor.open(profile)
            sensor.start(self.syncer)
        self.pixels = [np.zeros((HEIGHT, WIDTH), np.uint16), np.zeros((HEIGHT, WIDTH, 3), np.uint8)]
        self.number = 0

    def run(self, pairs: int) -> None:
        """Push pairs, and poll what is matched."""
        seen = 0
        for _ in range(pairs):
            self.number += 1
            for place in (0, 1):
                self.push(place)
            frames = self.syncer.poll_for_frames()
            while frames:
                seen += frames.size() == 2
                frames = self.syncer.poll_for_frames()
        assert seen > 0.99 * pairs

    def push(self, place: int) -> None:
        """Push a frame of depth (0) or of colour (1)."""
        frame: Any = rs.software_video_frame()
        frame.pixels = self.pixels[place]
        frame.bpp = (2, 3)[place]
        frame.stride = frame.bpp * WIDTH
        frame.timestamp, frame.frame_number = self.number * 1000.0 / 60.0, self.number
        frame.domain = rs.timestamp_domain.hardware_clock
        frame.profile = self.profiles[place]
        self.sensors[place].on_video_frame(frame)


def intrinsics() -> Any:
    given = rs.intrinsics()
    given.width, given.height = WIDTH, HEIGHT
    given.fx = given.fy = 600.0
    given.ppx, given.ppy = WIDTH / 2, HEIGHT / 2
    given.model, given.coeffs = rs.distortion.none, [0.0] * 5
    return given


def read_only(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array.flags.writeable = False
    return array.view()
