"""The kernels that photos use, at the size of a phone's depth map, beside NumPy and OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Row, compared, take_turns
from nearfar import _native

SIZE = (576, 768)  # (H, W)


def rows() -> list[Row]:
    generator = np.random.default_rng(0)
    codes = generator.integers(0, 256, SIZE, dtype=np.uint8)
    whole = scene()
    holed, holes = punched(whole, generator)
    height, width = SIZE[0] // 2, SIZE[1] // 2
    tall, wide = SIZE[0] * 2, SIZE[1] * 2
    return [
        ours_against(
            "768×576 codes as floats / NumPy",
            lambda: _native.decode_codes(codes, 0, 255, 1.5, 4.4),
            lambda: np.float32(1.5) + codes * np.float32((4.4 - 1.5) / 255),
        ),
        ours_against(
            "halve a map, holes respected / OpenCV, values and mask",
            lambda: _native.resample(holed, height, width, 0),
            lambda: resized(holed, (width, height), cv2.INTER_AREA),
        ),
        ours_against(
            "double a map, holes respected / OpenCV, values and mask",
            lambda: _native.resample(holed, tall, wide, 0),
            lambda: resized(holed, (wide, tall), cv2.INTER_LINEAR),
        ),
        ours_against(
            "fill the holes of a map / OpenCV's inpaint",
            lambda: _native.fill_holes(holed),
            lambda: inpainted(holed, holes),
        ),
        fill_error(whole, holed, holes),
        lossless(whole),
    ]


def ours_against(claim: str, ours: Callable[[], object], peer: Callable[[], object]) -> Row:
    return compared(claim, *take_turns(ours, peer), "≤ 1×")


def scene() -> NDArray[np.float32]:
    """Disparity with slopes and sharp edges, as of discs before a wall."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    disparity = 0.5 + 0.0005 * x + 0.0003 * y
    for at_x, at_y, radius, value in ((200, 200, 120, 2.0), (500, 320, 180, 3.2), (620, 120, 80, 1.4)):
        inside = (x - at_x) ** 2 + (y - at_y) ** 2 < radius**2
        disparity = np.where(inside, value + 0.001 * (x - at_x), disparity)
    return np.ascontiguousarray(disparity, np.float32)


def punched(
    whole: NDArray[np.float32], generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    mask = np.zeros(SIZE, np.uint8)
    for _ in range(60):
        centre = (int(generator.integers(SIZE[1])), int(generator.integers(SIZE[0])))
        cv2.circle(mask, centre, int(generator.integers(4, 32)), 1, -1)
    mask[generator.random(SIZE) < 0.02] = 1
    holes = mask.astype(bool)
    return np.where(holes, np.float32("nan"), whole), holes


def resized(holed: NDArray[np.float32], size: tuple[int, int], interpolation: int) -> NDArray[Any]:
    """What one writes with OpenCV, which has no notion of holes: means of values and of the mask, divided."""
    known = ~np.isnan(holed)
    weight = cv2.resize(known.astype(np.float32), size, interpolation=interpolation)
    total = cv2.resize(np.where(known, holed, 0), size, interpolation=interpolation)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight >= 0.5, total / weight, np.nan)


def inpainted(holed: NDArray[np.float32], holes: NDArray[np.bool_]) -> NDArray[Any]:
    return cv2.inpaint(np.nan_to_num(holed), holes.astype(np.uint8), 3, cv2.INPAINT_NS)


def fill_error(whole: NDArray[np.float32], holed: NDArray[np.float32], holes: NDArray[np.bool_]) -> Row:
    ours = float(np.abs(_native.fill_holes(holed) - whole)[holes].mean())
    peer = float(np.abs(inpainted(holed, holes) - whole)[holes].mean())
    return Row(
        "mean error of filled holes / the same", f"{ours:.4f}", f"{peer:.4f}", f"{ours / peer:.2g}×", "< 1×"
    )


def lossless(whole: NDArray[np.float32]) -> Row:
    """16-bit lossless JPEG beside OpenCV's 16-bit PNG: no JPEG library at hand decodes SOF3 of 16 bits."""
    samples = whole.astype(np.float16).view(np.uint16)
    stream = _native.lossless_jpeg_encode(samples)
    packed = cv2.imencode(".png", samples)[1]
    return ours_against(
        "decode 16-bit lossless JPEG / OpenCV, 16-bit PNG",
        lambda: _native.lossless_jpeg_decode(stream, samples.size),
        lambda: cv2.imdecode(packed, cv2.IMREAD_UNCHANGED),
    )
