"""The virtual cameras: how fast they are, and how far from the truth, beside models of real ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.camera_errors import CAMERAS, Subject, errors_by_distance
from benchmarks.measure import Row
from nearfar import _native
from nearfar.capture import Format, ManualClock, SystemClock, open_source
from nearfar.capture.virtual import VirtualCamera
from nearfar.depth import Frame

_BARS = {"dual": 20, "dualwide": 20, "truedepth": 25, "lidar": 25}
_SECONDS = 6.0


def rows() -> Iterator[Row]:
    for subject in CAMERAS:
        yield frame_rate(subject.name)
        yield first_frame(subject.name)
    for name in ("dual", "truedepth", "lidar"):
        yield photo(name)
    for subject in CAMERAS:
        yield from error_rows(subject)


def frame_rate(name: str) -> Row:
    """Frames a second that the source makes when nothing holds it back."""
    camera, chosen = opened(f"{name}?fps=120")
    times: list[float] = []
    begun = time.process_time()
    camera.start(chosen, lambda _: times.append(time.perf_counter()), SystemClock())
    time.sleep(_SECONDS)
    camera.stop()
    spent = (time.process_time() - begun) / len(times)
    mean = (len(times) - 1) / (times[-1] - times[0])
    gaps = sorted(later - before for before, later in pairwise(times))
    best = 1.0 / (sum(gaps[: len(gaps) // 2]) / (len(gaps) // 2))
    depth = chosen.depth
    assert depth is not None
    claim = (
        f"virtual:{name}, {chosen.width}×{chosen.height} with depth {depth.width}×{depth.height}, "
        f"{_native.thread_count()} threads"
    )
    return Row(
        claim,
        f"{mean:.0f} fps (quicker half {best:.0f}), {spent * 1e3:.0f} ms of processors a frame",
        "–",
        f"{mean / _BARS[name]:.2g}×",
        f"≥ {_BARS[name]} fps",
    )


def first_frame(name: str) -> Row:
    """From `start`, of a camera that was opened and prepared, to its first frame with depth."""
    camera, chosen = opened(name)
    taken = []
    for _ in range(8):
        come = threading.Event()
        begun = time.perf_counter()
        camera.start(chosen, lambda _, come=come: come.set(), SystemClock())
        come.wait(10)
        taken.append(time.perf_counter() - begun)
        camera.stop()
    return Row(f"virtual:{name}, first frame with depth", f"{min(taken) * 1e3:.0f} ms", "–", "–", "≤ 300 ms")


def photo(name: str) -> Row:
    """A photo with depth, the first one that the camera takes."""
    camera, _ = opened(name)
    chosen = camera.formats[-1]
    camera.start(chosen, lambda _: None, ManualClock())
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        still = camera.still(chosen, 0.0)
        taken.append(time.perf_counter() - begun)
    camera.stop()
    return Row(
        f"virtual:{name}, photo {shape(still.frame)}",
        f"first {taken[0]:.2f} s, best {min(taken):.2f} s",
        "–",
        "–",
        "≤ 2.5 s",
    )


def error_rows(subject: Subject) -> Iterator[Row]:
    """One a band of distances."""
    for band in errors_by_distance(subject):
        model = subject.model(band.middle)
        yield Row(
            f"virtual:{subject.name}, error at {band.near:g}–{band.far:g} m ({band.share:.0%} measured)",
            f"typically {band.typical * 1e3:.3g} mm, RMS {band.rms * 1e3:.3g} mm and {band.gross:.1%} gross",
            f"{model * 1e3:.3g} mm, {subject.model_name}",
            f"{band.typical / model:.2g}×",
            "–",
        )


def opened(name: str) -> tuple[VirtualCamera, Format]:
    camera = open_source(f"virtual:{name}")
    assert isinstance(camera, VirtualCamera)
    camera.prepare()
    return camera, camera.formats[0]


def shape(frame: Frame) -> str:
    assert frame.color is not None
    assert frame.depth is not None
    height, width = frame.color.shape[:2]
    return f"{width}×{height} with depth {frame.depth.width}×{frame.depth.height}"
