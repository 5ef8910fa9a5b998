"""Structured light beside OpenCV's matchers: how far off planes and faces are, and how long a picture takes.

The pictures are rendered with `InfraredSensor`'s defaults (VGA, f 580 px, b 75 mm): a made pattern, and
Kinect's where $NEARFAR_SAMPLES has it. OpenCV has no decoder of dots; it gets what is usual, its block
matcher (9 × 9) and its semi-global one (3WAY) on pictures of normalised local contrast, with room at the left
so that no column is lost. Errors are root mean squares over the pixels that are right to one pixel of shift,
with their share of the lit. Times stand as median (minimum).
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import nearfar as nf
from benchmarks.measure import Row, interleaved
from nearfar.estimate import PatternProjector, PatternView, decode_pattern, dot_pattern, render_pattern

_SIZE = (640, 480)
_CAMERA = nf.Calibration(np.array([[580.0, 0, 320], [0, 580.0, 240], [0, 0, 1]]), _SIZE)
_SHIFTS = 160
_NEAREST = 0.3
_BARS = {0.5: 0.23, 1.0: 2.6, 2.0: 10.8}
_ROUNDS = 25


@dataclass(frozen=True)
class Score:
    """The error in millimetres of what is right to a pixel, and how much of the lit that is."""

    millimetres: float
    share: float

    def __str__(self) -> str:
        return f"{self.millimetres:.2f} mm ({self.share:.1%})"


def rows() -> list[Row]:
    found = []
    for name, pattern in patterns():
        for depth, bar in _BARS.items():
            flat = np.full(_SIZE[::-1], depth, np.float32)
            claim = f"pattern ({name}), plane at {depth:g} m"
            found.append(accuracy(claim, flat, PatternProjector(pattern), f"≤ {bar} mm"))
    made = dot_pattern(_SIZE)
    found.append(
        accuracy("pattern, plane at 1 m, 35 % aslant", slanted(), PatternProjector(made), "≤ 2.1 mm")
    )
    for baseline, bar in ((0.027, 2.6), (0.05, 1.4)):
        claim = f"pattern, face-like at 0.4 m, baseline {baseline * 1000:g} mm"
        found.append(accuracy(claim, face(), PatternProjector(made, baseline), f"≤ {bar} mm"))
    return [*found, *times(), live()]


def patterns() -> Iterator[tuple[str, NDArray[np.float32] | NDArray[np.uint8]]]:
    yield "made", dot_pattern(_SIZE)
    kinect = (
        Path(os.environ.get("NEARFAR_SAMPLES", "")) / "structured-light/kinect-pattern/kinect_pattern.png"
    )
    if kinect.is_file():
        yield "Kinect's", np.array(Image.open(kinect))


def slanted() -> NDArray[np.float32]:
    y, x = np.mgrid[: _SIZE[1], : _SIZE[0]]
    depth = 1 + 0.35 * (x / _SIZE[0] - 0.5) + 0.1 * (y / _SIZE[1] - 0.5)
    return depth.astype(np.float32)


def face(distance: float = 0.4) -> NDArray[np.float32]:
    """Half an ellipsoid with a nose, before a wall."""
    y, x = np.mgrid[: _SIZE[1], : _SIZE[0]]
    head = 1 - ((x - 320) / 150) ** 2 - ((y - 240) / 190) ** 2
    nose = 1 - ((x - 320) / 22) ** 2 - ((y - 250) / 45) ** 2
    depth = np.where(head > 0, distance + 0.1 - 0.1 * np.sqrt(np.maximum(head, 0)), 1.8 * distance)
    depth -= 0.022 * np.sqrt(np.maximum(nose, 0))
    return depth.astype(np.float32)


def accuracy(claim: str, truth: NDArray[np.float32], projector: PatternProjector, bar: str) -> Row:
    view = render_pattern(nf.DepthMap(truth, calibration=_CAMERA), projector)
    pull = _CAMERA.fx * projector.baseline

    def score(shift: NDArray[np.float32]) -> Score:
        with np.errstate(divide="ignore", invalid="ignore"):
            right = np.abs(shift - pull / truth) < 1
            error = (pull / shift - truth)[right & ~view.shadow]
        return Score(float(np.sqrt(np.mean(error**2))) * 1000, float(len(error) / np.sum(~view.shadow)))

    ours = score(
        pull / decode_pattern(view.ir, view.reference, _CAMERA, depth_range=(_NEAREST, np.inf)).values
    )
    peers = {name: score(match()) for name, match in matchers(view).items()}
    best = min(peer.millimetres for peer in peers.values())
    others = ", ".join(f"{name} {peer}" for name, peer in peers.items())
    return Row(claim, str(ours), others, f"{ours.millimetres / best:.2g}×", bar)


def matchers(view: PatternView) -> dict[str, Callable[[], NDArray[np.float32]]]:
    """OpenCV's matchers on the picture and its reference, both with room for all shifts at the left."""
    offset = view.reference.offset
    room = _SHIFTS
    reference = normalised(view.reference.image[:, max(offset - room, 0) : offset + _SIZE[0]])
    missing = room + _SIZE[0] - reference.shape[1]
    reference = cv2.copyMakeBorder(reference, 0, 0, missing, 0, cv2.BORDER_REPLICATE)
    block = cv2.StereoBM.create(_SHIFTS, 9)
    block.setTextureThreshold(0)
    semi_global = cv2.StereoSGBM.create(
        0, _SHIFTS, 5, 8 * 25, 32 * 25, 0, 63, 5, 60, 2, cv2.STEREO_SGBM_MODE_SGBM_3WAY
    )

    def match(matcher: cv2.StereoMatcher) -> NDArray[np.float32]:
        left = cv2.copyMakeBorder(normalised(view.ir), 0, 0, room, 0, cv2.BORDER_REPLICATE)
        found = matcher.compute(left, reference)[:, room:].astype(np.float32) / 16
        return np.where(found > 0, found, np.float32("nan"))

    return {"BM": lambda: match(block), "3WAY": lambda: match(semi_global)}


def normalised(image: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Local contrast over 11 × 11 pixels, as the usual recipe has it."""
    values = image.astype(np.float32) * (255 / np.iinfo(image.dtype).max)
    mean = cv2.blur(values, (11, 11))
    deviation = np.sqrt(np.maximum(cv2.blur(values * values, (11, 11)) - mean * mean, 0))
    return np.clip(128 + 40 * (values - mean) / (deviation + 4), 0, 255).astype(np.uint8)


def times() -> list[Row]:
    found = []
    for depth in (1.0, 2.0):
        flat = nf.DepthMap(np.full(_SIZE[::-1], depth, np.float32), calibration=_CAMERA)
        view = render_pattern(flat)
        peers = matchers(view)
        taken = interleaved(
            (
                lambda view=view: decode_pattern(
                    view.ir, view.reference, _CAMERA, depth_range=(_NEAREST, np.inf)
                ),
                *peers.values(),
            ),
            _ROUNDS,
        )
        ours, *others = (f"{statistics.median(each) * 1e3:.3g} ms ({min(each) * 1e3:.3g})" for each in taken)
        ratio = statistics.median(taken[0]) / statistics.median(taken[1])
        said = ", ".join(f"{name} {text}" for name, text in zip(peers, others, strict=True))
        found.append(
            Row(f"pattern decode, VGA, plane at {depth:g} m", ours, said, f"{ratio:.2g}×", "≤ 20 ms")
        )
    return found


def live() -> Row:
    """What a virtual camera does for each frame but the first: no peer makes such pictures on a CPU."""
    head = nf.DepthMap(face(), calibration=_CAMERA)
    projector = PatternProjector(dot_pattern(_SIZE), 0.027)

    def frame() -> None:
        view = render_pattern(head, projector)
        decode_pattern(view.ir, view.reference, _CAMERA, depth_range=(_NEAREST, np.inf))

    taken = interleaved((lambda: render_pattern(head, projector), frame), _ROUNDS)
    rendered, both = (f"{statistics.median(each) * 1e3:.3g} ms ({min(each) * 1e3:.3g})" for each in taken)
    claim = "pattern render and decode, VGA, face-like at 0.4 m"
    return Row(claim, both, f"render alone {rendered}", "–", "≤ 22 ms")
