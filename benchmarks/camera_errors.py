"""How far the virtual cameras' depth is from the truth, by distance, and what is published of real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import nearfar as nf
from nearfar.capture import open_source
from nearfar.capture.virtual import VirtualCamera

__all__ = ["BANDS", "CAMERAS", "Band", "Subject", "errors_by_distance"]

BANDS = ((0.25, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.5), (4.5, 6.5))
"""Metres."""
_GROSS = 0.25


@dataclass(frozen=True)
class Subject:
    """A camera under test: its name, what it looks at, and the published model that it stands beside."""

    name: str
    scenes: tuple[str, ...]
    model_name: str
    model: Callable[[float], float]
    """Metres of distance ──▶ metres of standard deviation."""


@dataclass(frozen=True)
class Band:
    """The errors at one range of distances, metres.

    ``typical`` is 1.48 times the median of the errors' sizes: the standard deviation, were they normal.
    ``gross`` is the share that errs by a quarter of the distance or more, at edges and by mismatches; ``rms``
    counts all others. ``share`` is how much of it was measured at all, ``middle`` the median
    distance of that: bands are seldom filled evenly.
    """

    near: float
    far: float
    typical: float
    rms: float
    gross: float
    share: float
    middle: float


def stereo(focal: float, baseline: float, noise: float) -> Callable[[float], float]:
    """z²·s/(f·b): focal length and noise in px, baseline in metres."""
    return lambda z: z * z * noise / (focal * baseline)


CAMERAS = (
    Subject(
        "dual",
        ("desk", "room", "portrait"),
        "z·z·s / (f·b), s = 0.2 px",
        stereo(6600 * 640 / 4032, 0.02, 0.2),
    ),
    Subject(
        "dualwide",
        ("desk", "room", "portrait"),
        "z·z·s / (f·b), s = 0.2 px",
        stereo(3032 * 640 / 4032, 0.02, 0.2),
    ),
    Subject(
        "truedepth",
        ("portrait", "desk"),
        "Kinect 1 (Nguyen 2012)",
        lambda z: 0.0012 + 0.0019 * (z - 0.4) ** 2,
    ),
    Subject("lidar", ("room", "desk", "portrait"), "3 mm + 0.3 %", lambda z: 0.003 + 0.003 * z),
)


def errors_by_distance(subject: Subject, frames: tuple[int, ...] = (0, 20)) -> list[Band]:
    """The bands in which the camera measured something, over its scenes and two layouts of each."""
    measured, true = (np.concatenate(part) for part in zip(*_pairs(subject, frames), strict=True))
    bands = []
    for near, far in BANDS:
        here = (true >= near) & (true < far)
        error = (measured - true)[here]
        known = np.isfinite(error)
        if known.sum() < 2000 or known.mean() < 0.2:
            continue  # of what it does not reach it sees the rims of what is before it, and no more
        error = error[known].astype(np.float64)
        typical = 1.4826 * float(np.median(np.abs(error)))
        fine = np.abs(error) < _GROSS * true[here][known]
        rms = float(np.sqrt(np.mean(error[fine] ** 2)))
        middle = float(np.median(true[here][known]))
        bands.append(Band(near, far, typical, rms, float(1.0 - fine.mean()), float(known.mean()), middle))
    return bands


def _pairs(
    subject: Subject, frames: tuple[int, ...]
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Measured and true metres, flat, of each frame."""
    for scene in subject.scenes:
        for seed in (0, 1):
            camera = open_source(f"virtual:{subject.name}?scene={scene}&seed={seed}")
            assert isinstance(camera, VirtualCamera)
            chosen = camera.formats[0]
            for sequence in frames:
                depth = camera.frame(chosen, sequence, 0.0).depth
                assert depth is not None
                metres = depth.to(nf.DepthKind.DEPTH, dtype=np.float32).values
                yield metres.ravel(), camera.truth(sequence / chosen.rate).depth.ravel()
