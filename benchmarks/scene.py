"""Building a scene, and rendering a stereo pair of it with exact depth: no peer without system packages."""

from __future__ import annotations

import statistics
import time

import numpy as np

import nearfar as nf
from benchmarks.measure import Row
from nearfar import _native

SIZE = (640, 480)
BASELINE = 0.06


def rows() -> list[Row]:
    left = nf.Calibration.from_field_of_view(1.1, SIZE)
    rig = nf.StereoRig(left, left.replace(pose=nf.Pose(np.eye(3), (BASELINE, 0.0, 0.0))))
    loaded = [seconds_to_load(name) for name in nf.scene.BUILT_IN]
    return loaded + [pairs_a_second(name, rig) for name in nf.scene.BUILT_IN]


def seconds_to_load(name: str) -> Row:
    """A scene of each of three seeds, built anew."""
    taken = []
    for seed in (1, 2, 3):
        start = time.perf_counter()
        nf.scene.load(name, seed=seed)
        taken.append(time.perf_counter() - start)
    claim = f"loading a scene, {name}, {_native.thread_count()} threads"
    bar = "≤ 1.5 s" if name == "portrait" else "≤ 1 s"
    return Row(claim, f"{statistics.median(taken):.2f} s (best {min(taken):.2f})", "–", "–", bar)


def pairs_a_second(name: str, rig: nf.StereoRig) -> Row:
    """Pairs with depth, the camera moving as in a recording, things moving as well."""
    scene = nf.scene.load(name)
    taken = []
    for frame in range(24):
        aside = nf.Pose(np.eye(3), (0.002 * frame, 0.0, 0.0))
        start = time.perf_counter()
        nf.scene.render_pair(scene, rig, scene.pose @ aside, frame / 30, truth=False)
        taken.append(time.perf_counter() - start)
    median, best = 1 / statistics.median(taken[4:]), 1 / min(taken)
    threads = _native.thread_count()
    claim = f"virtual stereo pair 640×480 with exact depth, {name}, {threads} threads"
    return Row(claim, f"{median:.0f} a second (best {best:.0f})", "–", "–", "≥ 40 a second")
