"""The photos that the tests of the commands work on."""

from __future__ import annotations

import numpy as np

import nearfar as nf

SIZE = (160, 120)
DEPTH_SIZE = (80, 60)


def picture() -> np.ndarray:
    """A smooth picture that codecs keep well."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    return np.stack([60 + x // 2, 200 - y, 90 + (x + y) // 4], axis=-1).astype(np.uint8)


def disparity_map() -> nf.DepthMap:
    """0.5..2 1/m, smooth, relative, calibrated."""
    width, height = DEPTH_SIZE
    ramp = np.linspace(0.5, 2.0, width, dtype=np.float32) * np.ones((height, 1), np.float32)
    intrinsics = np.array([[150.0, 0, 80], [0, 150.0, 60], [0, 0, 1]])
    return nf.DepthMap(
        ramp, kind=nf.DepthKind.DISPARITY, filtered=True, calibration=nf.Calibration(intrinsics, SIZE)
    )


def made_photo() -> nf.Photo:
    matte = nf.Matte(np.full((60, 80), 255, np.uint8))
    return nf.Photo(picture(), disparity_map(), [matte], edits=nf.Edits(f_number=2.8))
