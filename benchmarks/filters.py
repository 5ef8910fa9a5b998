"""The filters at 1280×720, beside librealsense's own and OpenCV's, on a made scene with noise and holes.

librealsense's frames are made before the clock starts; ours start from the same arrays. OpenCV's guided
filters know no holes, so their maps have none. Times stand as median (minimum).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Row, interleaved
from benchmarks.realsense import BASELINE_MM, FX, Source, rs
from nearfar.estimate import filters

HEIGHT, WIDTH = 720, 1280
CAMERA = (FX, BASELINE_MM / 1000)


def rows() -> list[Row]:
    depth, colors = scene()
    disparity = filters.depth_to_disparity(depth, *CAMERA)
    source = Source((WIDTH, HEIGHT))  # stays to the end: without it librealsense takes twice the time
    frame = source.frame(depth)
    steps = librealsense()
    as_disparity = steps[0].process(frame)
    whole = np.ascontiguousarray(np.where(disparity > 0, disparity, np.median(disparity)))
    signed = depth.astype(np.int16)

    def chain() -> object:
        processed = frame
        for step in steps:
            processed = step.process(processed)
        return processed

    return [
        against(
            "spatial filter, 720p disparity / librealsense",
            lambda: filters.spatial(disparity),
            lambda: steps[1].process(as_disparity),
            "≤ 0.25×",
        ),
        against(
            "disparity, spatial, temporal, depth, holes: 720p / librealsense",
            our_chain(depth),
            chain,
            "≤ 0.3×",
        ),
        against(
            "remove speckles, 720p / OpenCV",
            lambda: filters.remove_speckles(depth, 100, 30),
            lambda: cv2.filterSpeckles(signed.copy(), 0, 100, 30),
            "≤ 1×",
        ),
        against(
            "guided filter by colour, radius 8, 720p / OpenCV",
            lambda: filters.guided(whole, colors),
            lambda: cv2.ximgproc.guidedFilter(colors, whole, 8, 0.001 * 255**2),
            "≤ 1×",
        ),
        against(
            "joint bilateral by colour, 9×9, 720p / OpenCV",
            lambda: filters.joint_bilateral(whole, colors),
            lambda: cv2.ximgproc.jointBilateralFilter(colors.astype(np.float32), whole, 9, 15.0, 3.0),
            "≤ 1×",
        ),
    ]


def against(claim: str, ours: Callable[[], object], peer: Callable[[], object], bar: str) -> Row:
    times = interleaved((ours, peer), 15)
    mine, theirs = (statistics.median(taken) for taken in times)
    shown = [f"{statistics.median(taken) * 1e3:.3g} ({min(taken) * 1e3:.3g}) ms" for taken in times]
    return Row(claim, shown[0], shown[1], f"{mine / theirs:.2g}×", bar)


def librealsense() -> list[object]:
    """The chain that its authors recommend, without decimation."""
    return [
        rs.disparity_transform(True),
        rs.spatial_filter(),
        rs.temporal_filter(),
        rs.disparity_transform(False),
        rs.hole_filling_filter(),
    ]


def our_chain(depth: NDArray[np.uint16]) -> Callable[[], object]:
    steady = filters.TemporalFilter()

    def run() -> object:
        disparity = filters.spatial(filters.depth_to_disparity(depth, *CAMERA))
        return filters.fill_holes(filters.disparity_to_depth(steady(disparity), *CAMERA))

    return run


def scene() -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """A disc before a wavy wall, with noise, 5 % of holes and one large one; and its picture."""
    generator = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    disc = np.hypot(x - 600, y - 300) < 200
    depth = 1500 + 0.5 * x + 200 * np.sin(y / 90) - 500 * disc
    noisy = (depth + generator.normal(0, 5, depth.shape)).astype(np.uint16)
    noisy[generator.random(depth.shape) < 0.05] = 0
    noisy[100:160, 900:1000] = 0
    shade = (depth / 12)[..., None] + generator.normal(0, 4, (HEIGHT, WIDTH, 3))
    return noisy, np.clip(shade, 0, 255).astype(np.uint8)
