"""Make a photo with depth from what a depth camera gives: a picture, 16-bit millimetres, a focal length.

    python examples/photo_from_a_sensor.py COLOR.png MILLIMETRES.png FOCAL_PX OUT.jpg

What the sensor did not measure, value 0, stays without a value in the photo (a lossless 16-bit map).
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

import nearfar as nf


def main(color_file: str, millimetres_file: str, focal: str, out: str) -> None:
    color = np.asarray(Image.open(color_file).convert("RGB"))
    millimetres = np.asarray(Image.open(millimetres_file)).astype(np.float32)
    metres = np.where(millimetres == 0, np.float32(np.nan), millimetres / np.float32(1000))

    height, width = metres.shape
    intrinsics = np.array([[float(focal), 0, width / 2], [0, float(focal), height / 2], [0, 0, 1]])
    depth = nf.DepthMap(
        metres,
        accuracy=nf.Accuracy.ABSOLUTE,
        calibration=nf.Calibration(intrinsics, (width, height)),
    )
    nf.Photo(color, depth).save(out)
    print(f"{out}: {depth!r}")


if __name__ == "__main__":
    main(*sys.argv[1:5])
