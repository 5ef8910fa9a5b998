"""The pairs of samples/stereo: the left picture and its true displacement, NaN where it is unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FILES = {
    "teddy": ("left.png", "gt.png", 4),
    "cones": ("left.png", "gt.png", 4),
    "motorcycle": ("motorcycle_left.png", "motorcycle_disp.npz", 1),
    "aloe": ("left.jpg", "gt.png", 1),
    "tsukuba": ("left.png", "gt.pgm", 16),
}


def pair(samples: Path, name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    picture, truth, scale = FILES[name]
    folder = samples / "stereo" / name
    color = np.asarray(Image.open(folder / picture).convert("RGB"))
    if truth.endswith(".npz"):
        with np.load(folder / truth) as stored:
            shift = stored["arr_0"].astype(np.float32)
        return color, np.where(np.isfinite(shift), shift, np.float32("nan"))
    codes = np.asarray(Image.open(folder / truth).convert("L"), np.float32)
    return color, np.where(codes == 0, np.float32("nan"), codes / np.float32(scale))


def bad(found: NDArray[np.float32], truth: NDArray[np.float32], threshold: float) -> float:
    """The share of pixels, in %, that are wrong by more than `threshold` or not there."""
    known = ~np.isnan(truth)
    error = np.nan_to_num(np.abs(found - truth)[known], nan=np.inf)
    return 100 * float((error > threshold).mean())
