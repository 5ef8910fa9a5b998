"""Packets of depth frames, beside zstd at level 1 on the same samples, one thread.

Virtual frames are rooms of `nearfar.scene` at 640×480 in millimetres, as three sensors see them: time of
flight, a projected pattern, stereo, each with the noise of its published models. The others are those of
$NEARFAR_SAMPLES/rgbd, 640×480 as well. Sizes and times are means over the frames, of medians; ratios are
geometric means.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import zstandard
from numpy.typing import NDArray

import nearfar as nf
from benchmarks.measure import Row, interleaved
from nearfar import _native
from nearfar.depth import decode_frame, encode_frame

Counts = NDArray[np.uint16]
Field = NDArray[np.float64]
Pair = tuple[float, float]
"""Ours and the peer's."""

_ROUNDS = 15
_SIZE = (640, 480)
_FIELD_OF_VIEW = 1.1
_FOCAL = _SIZE[0] / 2 / np.tan(_FIELD_OF_VIEW / 2)


def rows() -> list[Row]:
    threads = _native.thread_count()
    _native.set_thread_count(1)
    try:
        table = _compared("virtual", list(virtual_frames()))
        given = list(sample_frames())
        missing = [Row("depth frames of samples", "-", "-", "-", "set NEARFAR_SAMPLES")]
        table += _compared("sample", given) if given else missing
    finally:
        _native.set_thread_count(threads)
    return table


def _compared(name: str, frames: Sequence[Counts]) -> list[Row]:
    figures = [_measured(values) for values in frames]
    claim = f"{len(frames)} {name} depth frames"
    sizes, encoding, decoding = zip(*figures, strict=True)
    ours, peer = _means(sizes)
    table = [
        Row(f"{claim}, raw size / packet; zstd-1", f"{ours:.2f}", f"{peer:.2f}", _ratio(sizes), "≥ 1.3×")
    ]
    for what, times, bar in (("encode", encoding, "≤ 1.1×"), ("decode", decoding, "≤ 1.3×")):
        ours, peer = _means(times)
        shown = (f"{ours * 1e3:.2f} ms", f"{peer * 1e3:.2f} ms")
        table.append(Row(f"{claim}, {what}; zstd-1", *shown, _ratio(times), bar))
    return table


def _measured(values: Counts) -> tuple[Pair, Pair, Pair]:
    """How much smaller ours and the peer's get, and the seconds to encode and to decode."""
    compressor, decompressor = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
    packet, plain = encode_frame(values), compressor.compress(values.data)
    assert np.array_equal(decode_frame(packet).values, values)
    encoding = (lambda: encode_frame(values), lambda: compressor.compress(values.data))
    decoding = (
        lambda: decode_frame(packet).values,
        lambda: np.frombuffer(decompressor.decompress(plain), np.uint16).reshape(values.shape),
    )
    ours, peer = (values.nbytes / len(data) for data in (packet, plain))
    return (ours, peer), _medians(encoding), _medians(decoding)


def _medians(calls: Sequence[Callable[[], object]]) -> Pair:
    ours, peer = (statistics.median(taken) for taken in interleaved(calls, _ROUNDS))
    return ours, peer


def _means(pairs: Sequence[Pair]) -> Pair:
    ours, peer = (statistics.fmean(side) for side in zip(*pairs, strict=True))
    return ours, peer


def _ratio(pairs: Sequence[tuple[float, float]]) -> str:
    return f"{statistics.geometric_mean(ours / peer for ours, peer in pairs):.2f}×"


def sample_frames() -> Iterator[Counts]:
    """Every tenth frame of a room without noise, and those of a Kinect's."""
    folder = Path(os.environ.get("NEARFAR_SAMPLES", "")) / "rgbd"
    for room, step in (("livingroom", 10), ("redwood5", 1)):
        for path in sorted((folder / room / "depth").glob("*.png"))[::step]:
            yield cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def virtual_frames() -> Iterator[Counts]:
    """Each built-in scene as three sensors see it."""
    generator = np.random.default_rng(0)
    camera = nf.Calibration.from_field_of_view(_FIELD_OF_VIEW, _SIZE)
    for name in nf.scene.BUILT_IN:
        depth = nf.scene.render(nf.scene.load(name), camera).depth.astype(np.float64)
        depth[~np.isfinite(depth)] = np.inf
        with np.errstate(invalid="ignore"):
            noise = generator.normal(size=depth.shape)
            yield _millimetres(depth + noise * (0.003 + 0.003 * depth))  # time of flight
            yield _stereo(depth, 0.075, 1 / 8, 0.05, generator)  # a pattern, Kinect-1
            yield _stereo(depth, 0.05, 1 / 32, 0.08, generator)  # stereo, D4xx


def _stereo(
    depth: Field, baseline: float, step: float, noise: float, generator: np.random.Generator
) -> Counts:
    """Shifts (px) with noise as large as a window, rounded to a step; nothing is known at edges."""
    even = cv2.GaussianBlur(generator.normal(size=depth.shape), (0, 0), 1.5)
    shift = _FOCAL * baseline / depth + even / even.std() * noise
    shift = np.rint(shift / step) * step
    found = np.where(shift > 0, _FOCAL * baseline / np.maximum(shift, step), np.inf)
    near = np.where(np.isfinite(depth), depth, 100.0)
    edge = cv2.morphologyEx(near, cv2.MORPH_GRADIENT, np.ones((7, 7))) > 0.1 * near
    return _millimetres(np.where(edge, np.inf, found))


def _millimetres(depth: Field) -> Counts:
    counts = np.rint(depth * 1000)
    return np.where((counts > 0) & (counts < 65536), counts, 0).astype(np.uint16)
