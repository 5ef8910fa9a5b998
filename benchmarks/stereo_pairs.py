"""Stereo pairs with exact shifts, and how a map of shifts is scored against them.

`samples` are five Middlebury scenes ($NEARFAR_SAMPLES), on which parameters were chosen. `untuned` are scenes
that nearfar renders, through noisy cameras, on which none were. All scores are over pixels that both cameras
see (non-occluded) and whose shift is known; a pixel without an estimate is an error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import nearfar as nf

Shifts = NDArray[np.float32]

ERROR_CAP = 64.0
"""Mean errors count no pixel with more than this, px."""


@dataclass(frozen=True)
class Pair:
    """A rectified pair: (H, W, 3) uint8 RGB, and the left view's shifts, NaN where unknown.

    `search` is how many shifts to search, `seen` the mask of pixels that score.
    """

    name: str
    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    truth: Shifts
    seen: NDArray[np.bool_]
    search: int


@dataclass(frozen=True)
class Score:
    """Shares of wrong pixels, %, and the mean error, px; all over non-occluded pixels."""

    bad2: float
    bad1: float
    error: float


_SAMPLES = (  # name, shifts to search, pictures, truth, codes per px
    ("aloe", 224, "{}.jpg", "gt.png", 1),
    ("cones", 64, "{}.png", "gt.png", 4),
    ("teddy", 64, "{}.png", "gt.png", 4),
    ("tsukuba", 16, "{}.png", "gt.pgm", 16),
    ("motorcycle", 80, "motorcycle_{}.png", "motorcycle_disp.npz", 0),
)


def samples() -> list[Pair]:
    """The sample pairs; none where they are not here."""
    folder = os.environ.get("NEARFAR_SAMPLES")
    if not folder:
        return []
    pairs = []
    for name, search, pictures, truth, scale in _SAMPLES:
        place = Path(folder, "stereo", name)
        left, right = (_picture(place / pictures.format(side)) for side in ("left", "right"))
        shifts = _codes(place / truth, scale) if scale else _floats(place / truth)
        seen = consistent(shifts, _codes(place / "gt_right.png", 4)) if name == "cones" else visible(shifts)
        pairs.append(Pair(name, left, right, shifts, np.isfinite(shifts) & seen, search))
    return pairs


_UNTUNED = (
    *(("room", seed, (0.06, 0.2)) for seed in range(10, 14)),
    *(("portrait", seed, (0.02, 0.06)) for seed in range(14, 17)),
    *(("desk", seed, (0.02, 0.06)) for seed in range(17, 20)),
)
"""Scenes by name and seed, and between which baselines, metres, that of the rig is drawn."""


@lru_cache(maxsize=1)
def untuned() -> list[Pair]:
    """Rendered pairs, 720×540, each with a baseline and a moment of its own."""
    return [_rendered(*each) for each in _UNTUNED]


def _rendered(name: str, seed: int, baselines: tuple[float, float]) -> Pair:
    generator = np.random.default_rng(seed)
    left = nf.Calibration.from_field_of_view(generator.uniform(0.9, 1.2), (720, 540))
    place = nf.Pose(np.eye(3), (generator.uniform(*baselines), 0.0, 0.0))
    made = nf.scene.render_pair(
        nf.scene.load(name, seed=seed),
        nf.StereoRig(left, left.replace(pose=place)),
        time=generator.uniform(0.0, 5.0),
        samples=4,
        noise=nf.scene.SensorNoise(),
        seed=seed,
    )
    assert made.shift is not None
    assert made.occluded is not None
    seen = np.isfinite(made.shift) & ~made.occluded
    # As on the samples: a little more than what is there, in whole steps of 16.
    search = 16 * int(np.ceil((float(made.shift[seen].max()) + 2.0) / 16))
    return Pair(f"{name} {seed}", made.left.color, made.right.color, made.shift, seen, search)


def _picture(path: Path) -> NDArray[np.uint8]:
    return np.ascontiguousarray(cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1])


def _codes(path: Path, scale: int) -> Shifts:
    codes = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32)
    codes[codes == 0] = np.nan
    return codes / np.float32(scale)


def _floats(path: Path) -> Shifts:
    shifts = np.load(path)["arr_0"].astype(np.float32)
    shifts[~np.isfinite(shifts)] = np.nan
    return shifts


def visible(shifts: Shifts) -> NDArray[np.bool_]:
    """What the right camera sees too: nothing nearer by over 1 px lands on its column, inside the picture."""
    target, inside = _targets(shifts)
    rows = np.arange(len(shifts))[:, None].repeat(shifts.shape[1], 1)
    nearest = np.full(shifts.shape, -1.0, np.float32)
    np.maximum.at(nearest, (rows[inside], target[inside]), shifts[inside])
    seen = np.zeros(shifts.shape, bool)
    seen[inside] = shifts[inside] >= nearest[rows[inside], target[inside]] - 1.0
    return seen


def consistent(shifts: Shifts, right: Shifts) -> NDArray[np.bool_]:
    """Where the right view's own shifts agree within 1 px."""
    target, inside = _targets(shifts)
    rows = np.arange(len(shifts))[:, None].repeat(shifts.shape[1], 1)
    seen = np.zeros(shifts.shape, bool)
    seen[inside] = np.abs(shifts[inside] - right[rows[inside], target[inside]]) <= 1.0
    return seen


def _targets(shifts: Shifts) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The column of the right picture that each pixel lands on, and whether it is one."""
    x = np.arange(shifts.shape[1])[None].repeat(len(shifts), 0)
    target = np.where(np.isfinite(shifts), np.round(x - np.nan_to_num(shifts)), -1).astype(np.intp)
    return target, target >= 0


def score(shifts: Shifts, pair: Pair, where: NDArray[np.bool_] | None = None) -> Score:
    """Score a map of shifts; `where` narrows the pixels that count."""
    counted = pair.seen if where is None else pair.seen & where
    off = np.nan_to_num(np.abs(shifts - pair.truth)[counted], nan=np.inf)
    return Score(
        100.0 * float((off > 2.0).mean()),
        100.0 * float((off > 1.0).mean()),
        float(np.minimum(off, ERROR_CAP).mean()),
    )


def mean(scores: Sequence[Score]) -> Score:
    """The mean of each figure over pairs: every pair counts the same."""
    return Score(*(float(np.mean([getattr(s, name) for s in scores])) for name in ("bad2", "bad1", "error")))


# OpenCV at its best

OPENCV_MODES = {
    "3WAY": cv2.STEREO_SGBM_MODE_SGBM_3WAY,
    "SGBM": cv2.STEREO_SGBM_MODE_SGBM,
    "HH4": cv2.STEREO_SGBM_MODE_HH4,
    "HH": cv2.STEREO_SGBM_MODE_HH,
}
SETTINGS = (
    "gray, block 3, P1 72, P2 288, cap 63, uniqueness 10, left-right 1, speckles 100/2; for errors "
    "left-padded and filled by row; WLS: lambda 8000, sigma 1.5, colour guide"
)


def opencv_matcher(search: int, mode: str) -> Any:
    """OpenCV's semi-global matcher with the settings that serve it best."""
    return cv2.StereoSGBM_create(
        minDisparity=0,
        numDisparities=-(-search // 16) * 16,
        blockSize=3,
        P1=8 * 9,
        P2=32 * 9,
        disp12MaxDiff=1,
        preFilterCap=63,
        uniquenessRatio=10,
        speckleWindowSize=100,
        speckleRange=2,
        mode=OPENCV_MODES[mode],
    )


def gray(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def opencv(pair: Pair, mode: str) -> Shifts:
    """The dense map of an OpenCV mode: padded, so that it keeps its left border, and filled by row."""
    matcher = opencv_matcher(pair.search, mode)
    found = matcher.compute(*padded(pair, matcher)).astype(np.float32)[:, matcher.getNumDisparities() :] / 16
    return row_filled(np.where(found < 0, np.float32(np.nan), found))


def opencv_wls(pair: Pair) -> Shifts:
    """Two 3WAY runs through OpenCV's weighted-least-squares filter: lambda 8000, sigma 1.5, colour guide."""
    matcher = opencv_matcher(pair.search, "3WAY")
    other = cv2.ximgproc.createRightMatcher(matcher)
    smooth = cv2.ximgproc.createDisparityWLSFilter(matcher)
    smooth.setLambda(8000.0)
    smooth.setSigmaColor(1.5)
    margin = matcher.getNumDisparities()
    left, right = padded(pair, matcher)
    guide = cv2.copyMakeBorder(pair.left, 0, 0, margin, 0, cv2.BORDER_REPLICATE)
    found = smooth.filter(matcher.compute(left, right), guide, disparity_map_right=other.compute(right, left))
    found = found.astype(np.float32)[:, margin:] / 16
    return row_filled(np.where(found < 0, np.float32(np.nan), found))


def padded(pair: Pair, matcher: Any) -> list[NDArray[np.uint8]]:
    margin = matcher.getNumDisparities()
    return [
        cv2.copyMakeBorder(gray(picture), 0, 0, margin, 0, cv2.BORDER_REPLICATE)
        for picture in (pair.left, pair.right)
    ]


def row_filled(shifts: Shifts) -> Shifts:
    """Each hole takes the smaller (farther) of the nearest values to its left and right."""

    def carried(values: Shifts) -> Shifts:
        there = np.isfinite(values)
        last = np.maximum.accumulate(np.where(there, np.arange(values.shape[1]), -1), axis=1)
        taken = np.take_along_axis(values, np.maximum(last, 0), axis=1)
        return np.where(last >= 0, taken, np.float32(np.nan))

    left, right = carried(shifts), carried(shifts[:, ::-1])[:, ::-1]
    return np.where(np.isfinite(shifts), shifts, np.nan_to_num(np.fmin(left, right), nan=0.0))


def scored(pairs: Sequence[Pair], matcher: Callable[[Pair], Shifts]) -> Score:
    """The mean score of a matcher over the pairs."""
    return mean([score(matcher(pair), pair) for pair in pairs])
