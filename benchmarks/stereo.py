"""Stereo matching beside OpenCV: how many shifts are wrong, how long it takes, how much memory it needs.

OpenCV's semi-global matcher gets its best settings (`stereo_pairs.SETTINGS`) and its holes filled by row, as
nearfar's map is dense; it is timed as shipped, without the padding that its accuracy needs. Errors are means
over pairs. Times stand as median (minimum); the runs take turns.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from benchmarks import stereo_pairs
from benchmarks.measure import Row, interleaved
from benchmarks.stereo_pairs import Pair, Score, Shifts
from nearfar import _native
from nearfar.estimate import match_stereo

_ROUNDS = 15
_KEPT = 0.8

_MEMORY = """
import numpy as np
from nearfar.estimate import match_stereo
def peak():
    # Not getrusage, whose figure a process takes over from the one that started it.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e9
generator = np.random.default_rng(0)
wide = generator.integers(0, 256, (3000, 4256, 3), dtype=np.uint8)
left, right = np.ascontiguousarray(wide[:, :4000]), np.ascontiguousarray(wide[:, 100:4100])
before = peak()
match_stereo(left, right, max_shift=256, effort={effort!r}, fill=True)
print(before, peak())
"""


def rows() -> list[Row]:
    table: list[Row] = []
    sets = {"samples": stereo_pairs.samples(), "untuned": stereo_pairs.untuned()}
    for name, pairs in sets.items():
        table += _accuracy(name, pairs) if pairs else [Row(f"stereo, {name}", "-", "-", "-", "no pairs here")]
    if sets["samples"]:
        table += _times(_one_megapixel(sets["samples"][0]))
    table += _memory()
    return [*table, Row(f"(OpenCV's settings: {stereo_pairs.SETTINGS})", "–", "–", "–", "–")]


def _dense(effort: str) -> Callable[[Pair], Shifts]:
    def matched(pair: Pair) -> Shifts:
        return match_stereo(pair.left, pair.right, max_shift=pair.search, effort=effort, fill=True).shift

    return matched


def _accuracy(name: str, pairs: Sequence[Pair]) -> list[Row]:
    """The rows of one set of pairs: each figure beside the OpenCV mode that is best at it."""
    tuned = name == "samples"
    ours = {effort: stereo_pairs.scored(pairs, _dense(effort)) for effort in ("fast", "standard", "best")}
    theirs = {mode: _opencv(pairs, mode) for mode in stereo_pairs.OPENCV_MODES}
    wls = stereo_pairs.scored(pairs, stereo_pairs.opencv_wls)
    on = f"{len(pairs)} {name}"
    table = [
        _against(f"bad-2, {on}, standard", ours["standard"], theirs, "bad2", "0.65" if tuned else "0.87"),
        _against(f"bad-2, {on}, best", ours["best"], theirs, "bad2", "0.58" if tuned else "0.82"),
        _against(f"bad-1, {on}, standard", ours["standard"], theirs, "bad1", "0.9"),
        _against(f"mean error, {on}, standard", ours["standard"], theirs, "error", "1.0"),
        _against(f"bad-1, {on}, best", ours["best"], theirs, "bad1", "0.9"),
        _against(f"mean error, {on}, best", ours["best"], theirs, "error", "1.0"),
        _against(f"bad-2, {on}, fast", ours["fast"], {"3WAY": theirs["3WAY"]}, "bad2", "1.0"),
        _against(f"bad-1, {on}, fast", ours["fast"], {"3WAY": theirs["3WAY"]}, "bad1", "1.1"),
    ]
    table += [
        _against(f"{label}, {on}, standard", ours["standard"], {"3WAY + WLS": wls}, figure, None)
        for label, figure in (("bad-2", "bad2"), ("bad-1", "bad1"), ("mean error", "error"))
    ]
    return [*table, _confidence(on, pairs)]


def _opencv(pairs: Sequence[Pair], mode: str) -> Score:
    return stereo_pairs.scored(pairs, lambda pair: stereo_pairs.opencv(pair, mode))


def _against(claim: str, ours: Score, theirs: dict[str, Score], figure: str, bar: str | None) -> Row:
    best = min(theirs, key=lambda mode: float(getattr(theirs[mode], figure)))
    mine, its = float(getattr(ours, figure)), float(getattr(theirs[best], figure))
    unit = " px" if figure == "error" else " %"
    return Row(
        f"dense {claim} / {best}",
        f"{mine:.2f}{unit}",
        f"{its:.2f}{unit}",
        f"{mine / its:.2f}×",
        "–" if bar is None else f"≤ {bar}×",
    )


def _confidence(on: str, pairs: Sequence[Pair]) -> Row:
    """The most confident 80 % of what scores, against all of it."""
    every, kept = [], []
    for pair in pairs:
        match = match_stereo(pair.left, pair.right, max_shift=pair.search, effort="standard", fill=True)
        every.append(stereo_pairs.score(match.shift, pair))
        # By rank: equal confidences can't be told apart by a threshold, so they are kept in any order.
        order = np.argsort(-match.confidence[pair.seen], kind="stable")
        chosen = np.zeros(order.size, bool)
        chosen[order[: round(_KEPT * order.size)]] = True
        where = np.zeros_like(pair.seen)
        where[pair.seen] = chosen
        kept.append(stereo_pairs.score(match.shift, pair, where))
    some, all_of_it = stereo_pairs.mean(kept).bad2, stereo_pairs.mean(every).bad2
    return Row(
        f"bad-2 of the most confident 80 % / of all, {on}",
        f"{some:.2f} %",
        f"{all_of_it:.2f} %",
        f"{some / all_of_it:.2f}×",
        "≤ 0.25×",
    )


# Time


def _one_megapixel(pair: Pair) -> Pair:
    """A pair resized to 1024×1024 with 128 shifts: only its time is taken."""
    left, right = (
        cv2.resize(picture, (1024, 1024), interpolation=cv2.INTER_AREA) for picture in (pair.left, pair.right)
    )
    unknown = np.full((1024, 1024), np.nan, np.float32)
    return Pair("1 Mpx", left, right, unknown, np.zeros((1024, 1024), bool), 128)


def _times(pair: Pair) -> list[Row]:
    """From RGB arrays to the dense map, against OpenCV's matcher alone, on gray."""
    way, every = (stereo_pairs.opencv_matcher(128, mode) for mode in ("3WAY", "HH4"))
    left, right = stereo_pairs.gray(pair.left), stereo_pairs.gray(pair.right)
    table: list[Row] = []
    before = _native.simd_level()
    for level in [before, *(["v3"] if before == "v4" else [])]:
        _native.set_simd_level(level)
        try:
            fast, standard, best, shipped, hh4 = interleaved(
                [
                    lambda: _dense("fast")(pair),
                    lambda: _dense("standard")(pair),
                    lambda: _dense("best")(pair),
                    lambda: way.compute(left, right),
                    lambda: every.compute(left, right),
                ],
                _ROUNDS,
            )
        finally:
            _native.set_simd_level(before)
        on = f"1 Mpx × 128 {_LEVELS.get(level, level)}"
        table += [
            _timed(f"standard, {on} / 3WAY as shipped", standard, shipped, "≤ 1.0×"),
            _timed(f"fast, {on} / 3WAY as shipped", fast, shipped, "≤ 0.22×"),
            _timed(f"best, {on} / HH4 as shipped", best, hh4, "≤ 1.0×"),
        ]
    return table


_LEVELS = {"v3": "(AVX2)", "v4": "(AVX-512)", "base": "(no SIMD level)"}


def _timed(claim: str, ours: list[float], peer: list[float], bar: str) -> Row:
    median = statistics.median(ours) / statistics.median(peer)
    return Row(
        claim, _milliseconds(ours), _milliseconds(peer), f"{median:.2g}× ({min(ours) / min(peer):.2g}×)", bar
    )


def _milliseconds(times: list[float]) -> str:
    return f"{statistics.median(times) * 1e3:.3g} ({min(times) * 1e3:.3g}) ms"


# Memory


def _memory() -> list[Row]:
    """The most resident memory of a fresh process that matches 12 Mpx, and what of it was there before."""
    table = []
    for effort in ("standard", "best"):
        code = [sys.executable, "-c", _MEMORY.format(effort=effort)]
        said = subprocess.run(code, capture_output=True, text=True, check=True).stdout
        before, peak = (float(figure) for figure in said.split())
        table.append(
            Row(
                f"peak memory, 12 Mpx × 256, {effort}",
                f"{peak:.2f} GB",
                f"{before:.2f} GB (pictures loaded)",
                f"{peak - before:+.2f} GB",
                "≤ 1.5 GB",
            )
        )
    return table
