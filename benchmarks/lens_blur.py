"""Lens blur beside OpenCV and scatter: how near it comes to what a lens takes, how long it takes, its memory.

Figures in dB are PSNR of the sRGB-coded pictures, clipped at white, against ray-cast photographs
(thin_lens): of the sample scene, which the renderer was tuned on, and of scenes that it was not tuned on,
but for one choice: what is guessed beyond the picture's border. Pictures come in as linear float, lamps and
all, where nothing else is said. Times stand as median (minimum), wall and CPU seconds; OpenCV's layers of
12 Mpx are timed once.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import lens_blur_peers as peers
from benchmarks.measure import Row
from benchmarks.thin_lens import truths
from benchmarks.thin_lens.truths import Truth
from nearfar.effects import lens_blur

Picture = NDArray[Any]
Renderer = Callable[[Picture, NDArray[np.float32], float, float], Picture]

_ROUNDS = 15
_DETAIL = 4
"""How much smaller than the picture a phone's depth map is, each way."""

_BARS = {"f/1.4 at 1.5 m": 40.0, "f/2 at 0.8 m": 41.5, "f/2 at 6 m": 38.5}
"""dB that are asked for on the sample scene."""

_PEERS: dict[str, Renderer] = {
    "OpenCV, 48 discs": peers.disc_layers,
    "OpenCV, 16 Gaussians": peers.gaussian_layers,
    "OpenCV, one Gaussian": peers.one_gaussian,
    "scatter": peers.scatter,
}

_MEMORY = """
import sys
import numpy as np
from nearfar.effects import lens_blur
def peak():
    # Not getrusage, whose figure a process takes over from the one that started it.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e6
folder, focus, strength = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
image, disparity = np.load(folder + "/image.npy"), np.load(folder + "/disparity.npy")
before = peak()
lens_blur(image, disparity, focus_disparity=focus, strength=strength)
print(before, peak())
"""


def rows() -> list[Row]:
    return [*_sample_scene(), *_hard_scenes(), *_given_less(), *_large(), *_time(), *_memory()]


def ours(effort: str, **settings: Any) -> Renderer:
    def render(image: Picture, disparity: NDArray[np.float32], focus: float, strength: float) -> Picture:
        return lens_blur(
            image, disparity, focus_disparity=focus, strength=strength, effort=effort, **settings
        )

    return render


def quality(
    render: Renderer,
    truth: Truth,
    image: Picture | None = None,
    disparity: NDArray[np.float32] | None = None,
) -> float:
    """The dB of a rendering, from another picture or disparity than the truth's own where they are given."""
    image = truth.image if image is None else image
    disparity = truth.disparity if disparity is None else disparity
    found = render(image, disparity, truth.focus, truth.strength)
    return decibels(found / np.float32(255) if found.dtype == np.uint8 else coded(found), truth)


def decibels(found: Picture, truth: Truth) -> float:
    """PSNR of an sRGB-coded picture, 0..1."""
    error = np.square(found - coded(truth.photograph), dtype=np.float32).mean(dtype=np.float64)
    return float(-10 * np.log10(error))


def coded(light: Picture) -> Picture:
    """Linear light as sRGB, clipped at white."""
    light = np.clip(light, np.float32(0), np.float32(1))
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** np.float32(1 / 2.4) - 0.055)


def eight_bits(light: Picture) -> NDArray[np.uint8]:
    return np.rint(coded(light) * 255).astype(np.uint8)


def _sample_scene() -> list[Row]:
    """The sample scene at each setting beside OpenCV's layers; then the other peers, at three settings."""
    table = []
    three = [truth for truth in truths.shared() if truth.name in _BARS]
    for truth in truths.shared():
        bar = f"≥ {_BARS[truth.name]:g} dB" if truth.name in _BARS else "–"
        mine, theirs = quality(ours("best"), truth), quality(peers.disc_layers, truth)
        table.append(_row(f"sample scene, {truth.name}, best", mine, theirs, "OpenCV, 48 discs", bar))
    for name, peer in list(_PEERS.items())[1:] if three else ():
        mine, theirs = ([quality(way, truth) for truth in three] for way in (ours("best"), peer))
        table.append(
            Row(
                f"sample scene, {' · '.join(truth.name for truth in three)}, best",
                " · ".join(f"{figure:.1f}" for figure in mine) + " dB",
                " · ".join(f"{figure:.1f}" for figure in theirs) + f" dB ({name})",
                " · ".join(f"{a - b:+.1f}" for a, b in zip(mine, theirs, strict=True)) + " dB",
                "–",
            )
        )
    return table or [Row("lens blur, sample scene", "–", "–", "–", "no samples here")]


def _hard_scenes() -> list[Row]:
    """The scenes that nothing was tuned on, each beside OpenCV's layers; their mean and the least margin."""
    scenes = truths.hard()
    mine = [quality(ours("best"), truth) for truth in scenes]
    theirs = [quality(peers.disc_layers, truth) for truth in scenes]
    table = [
        _row(f"untuned: {truth.name}, best", a, b, "OpenCV, 48 discs", "≥ peer")
        for truth, a, b in zip(scenes, mine, theirs, strict=True)
    ]
    margins = [a - b for a, b in zip(mine, theirs, strict=True)]
    means = statistics.mean(mine), statistics.mean(theirs)
    table.append(_row(f"{len(scenes)} untuned, mean, best", *means, "OpenCV, 48 discs", "≥ 34 dB"))
    for effort in ("standard", "fast"):
        mean = statistics.mean(quality(ours(effort), truth) for truth in scenes)
        table.append(_row(f"{len(scenes)} untuned, mean, {effort}", mean, means[1], "OpenCV, 48 discs", "–"))
    table.append(
        Row(f"{len(scenes)} untuned, least margin, best", f"{min(margins):+.2f} dB", "–", "–", "≥ 0 dB")
    )
    return table


def _large() -> list[Row]:
    """The sample scene at 12 Mpx, where radii go up to 63 px."""
    truth = truths.large()
    if truth is None:
        return [Row("lens blur, 12 Mpx f/1.4", "–", "–", "–", "no generator beside the samples")]
    theirs = quality(peers.disc_layers, truth)
    return [
        _row(
            f"12 Mpx f/1.4, float, {effort}",
            quality(ours(effort), truth),
            theirs,
            "OpenCV, 48 discs",
            "≥ 40.5 dB" if effort == "standard" else "–",
        )
        for effort in ("fast", "standard", "best")
    ] + _large_eight_bits(truth)


def _large_eight_bits(truth: Truth) -> list[Row]:
    image = eight_bits(truth.image)
    kept = quality(ours("standard"), truth, image)
    recovered = quality(ours("standard", highlights="recover"), truth, image)
    claim = "12 Mpx f/1.4, 8 bits, recovered, standard"
    return [_row(claim, recovered, kept, "without recovery", "≥ 36 dB")]


def _row(claim: str, mine: float, theirs: float, peer: str, bar: str) -> Row:
    return Row(claim, f"{mine:.2f} dB", f"{theirs:.2f} dB ({peer})", f"{mine - theirs:+.2f} dB", bar)


def _given_less() -> list[Row]:
    """What is lost where lamps are clipped at white, or depth is a quarter as wide as the picture."""
    table = []
    sample = next((truth for truth in truths.shared() if truth.name == "f/1.4 at 1.5 m"), None)
    for name, scenes in (("sample scene, f/1.4", [sample] if sample else []), ("untuned", truths.hard())):
        if scenes:
            table += [*_clipped(name, scenes), *_small_depth(name, scenes)]
    return table


def _clipped(name: str, scenes: Sequence[Truth]) -> list[Row]:
    """From 8 bits, with and without recovery, beside OpenCV's layers."""
    eight = [eight_bits(truth.image) for truth in scenes]
    ways = (ours("best", highlights="recover"), ours("best"), _decoded(peers.disc_layers))
    recovered, kept, theirs = (
        [quality(way, truth, image) for truth, image in zip(scenes, eight, strict=True)] for way in ways
    )
    gain = min(a - b for a, b in zip(recovered, kept, strict=True))
    return [
        _mean(f"{name}, 8 bits, recovered, best", recovered, kept, "without recovery", "–"),
        _mean(f"{name}, 8 bits, best", kept, theirs, "OpenCV, 48 discs", "–"),
        Row(f"{name}, 8 bits: least gain by recovery", f"{gain:+.2f} dB", "–", "–", "≥ 0 dB"),
    ]


def _small_depth(name: str, scenes: Sequence[Truth]) -> list[Row]:
    """From depth at a quarter of the size, aligned to the picture, beside each value repeated."""
    table = []
    for eight in (False, True):
        mine, theirs = [], []
        for truth in scenes:
            image = eight_bits(truth.image) if eight else truth.image
            small = np.ascontiguousarray(truth.disparity[_DETAIL // 2 :: _DETAIL, _DETAIL // 2 :: _DETAIL])
            repeated = small.repeat(_DETAIL, 0).repeat(_DETAIL, 1)
            render = ours("best", highlights="recover" if eight else "keep")
            mine.append(quality(render, truth, image, small))
            theirs.append(quality(render, truth, image, repeated))
        bar = "–" if scenes is truths.hard() else "≥ 33 dB" if eight else "≥ 33.5 dB"
        table.append(
            _mean(f"{name}, depth at ¼ size{', 8 bits' * eight}, best", mine, theirs, "nearest", bar)
        )
    return table


def _mean(claim: str, mine: Sequence[float], theirs: Sequence[float], peer: str, bar: str) -> Row:
    return _row(claim, statistics.mean(mine), statistics.mean(theirs), peer, bar)


def _decoded(render: Renderer) -> Renderer:
    """A renderer of light, given a coded picture."""

    def through(image: Picture, disparity: NDArray[np.float32], focus: float, strength: float) -> Picture:
        code = image.astype(np.float32) / 255
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** np.float32(2.4))
        return render(light, disparity, focus, strength)

    return through


def _picture() -> tuple[NDArray[np.uint8], NDArray[np.float32], float, float]:
    """12 Mpx, 8 bits, to be timed on: the sample scene, else one of ours enlarged."""
    truth = truths.large()
    if truth is not None:
        return eight_bits(truth.image), truth.disparity, truth.focus, truth.strength
    small = truths.hard()[0]
    image = cv2.resize(eight_bits(small.image), (4032, 3024), interpolation=cv2.INTER_LINEAR)
    disparity = cv2.resize(small.disparity, (4032, 3024), interpolation=cv2.INTER_NEAREST)
    return image, disparity, small.focus, small.strength * 4032 / small.image.shape[1]


def _time() -> list[Row]:
    image, disparity, focus, strength = _picture()
    largest = strength * float(np.abs(disparity - focus).max())
    calls = [
        lambda effort=effort, radius=radius: lens_blur(
            image, disparity, focus_disparity=focus, strength=strength * radius / largest, effort=effort
        )
        for effort, radius in (
            ("fast", largest), ("standard", largest), ("best", largest), ("standard", 12), ("standard", 200),
        )
    ]  # fmt: skip
    fast, standard, best, narrow, wide = _timed(calls, _ROUNDS)
    light = (image / np.float32(255)) ** np.float32(2.2)
    (layers,) = _timed([lambda: peers.disc_layers(light, disparity, focus, strength)], 1)
    (gaussian,) = _timed([lambda: peers.one_gaussian(light, disparity, focus, strength)], 3)
    table = [
        _times(f"12 Mpx, 8 bits, r = {largest:.0f} px, {effort}", mine, layers, "OpenCV, 48 discs", bar)
        for effort, mine, bar in (
            ("fast", fast, "–"), ("standard", standard, "≤ 0.15 s, ≤ 0.5 CPU s"), ("best", best, "–"),
        )
    ]  # fmt: skip
    table.append(_times("the same, standard", standard, gaussian, "OpenCV, one Gaussian", "–"))
    growth = min(wide[1]) / min(narrow[1])
    table.append(
        Row(
            "the same at r = 200 px / 12 px, standard, CPU",
            f"{min(wide[1]):.2f} s",
            f"{min(narrow[1]):.2f} s (itself)",
            f"{growth:.2f}×",
            "≤ 1.3×",
        )
    )
    return table


Taken = tuple[list[float], list[float]]
"""Wall and CPU seconds of each run."""


def _timed(calls: Sequence[Callable[[], object]], rounds: int) -> list[Taken]:
    """The calls in turn, after one warm-up each if there are several rounds."""
    taken: list[Taken] = [([], []) for _ in calls]
    for call in calls if rounds > 1 else ():
        call()
    for _ in range(rounds):
        for call, (wall, cpu) in zip(calls, taken, strict=True):
            start, worked = time.perf_counter(), time.process_time()
            call()
            cpu.append(time.process_time() - worked)
            wall.append(time.perf_counter() - start)
    return taken


def _times(claim: str, mine: Taken, theirs: Taken, peer: str, bar: str) -> Row:
    ratio = statistics.median(mine[0]) / statistics.median(theirs[0])
    return Row(claim, _seconds(mine), f"{_seconds(theirs)} ({peer})", f"{ratio:.2g}×", bar)


def _seconds(taken: Taken) -> str:
    wall, cpu = ((statistics.median(each), min(each)) for each in taken)
    return f"{wall[0]:.2g} ({wall[1]:.2g}) s, {cpu[0]:.2g} ({cpu[1]:.2g}) CPU s"


def _memory() -> list[Row]:
    """The most resident memory of a fresh process that blurs 12 Mpx of 8 bits."""
    image, disparity, focus, strength = _picture()
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name, "image.npy"), image)
        np.save(Path(name, "disparity.npy"), disparity)
        code = [sys.executable, "-c", _MEMORY, name, str(focus), str(strength)]
        said = subprocess.run(code, capture_output=True, text=True, check=True).stdout
    before, peak = (float(figure) for figure in said.split())
    return [
        Row(
            "peak memory, 12 Mpx, 8 bits, standard",
            f"{peak:.0f} MB",
            f"{before:.0f} MB (pictures loaded)",
            f"{peak - before:+.0f} MB",
            "≤ 500 MB",
        )
    ]
