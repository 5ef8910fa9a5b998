"""Get a photo's depth as a NumPy array of metres, with what is known about it.

python examples/depth_to_numpy.py PHOTO
"""

from __future__ import annotations

import sys

import numpy as np

import nearfar as nf


def main(source: str) -> None:
    depth = nf.open(source).depth
    if depth is None:
        sys.exit(f"{source}: no depth in this photo")
    print(f"stored as: {depth!r}")

    metres = np.asarray(
        depth.to(nf.DepthKind.DEPTH)
    )  # (height, width), read-only; NaN where there is no value
    height, width = metres.shape
    print(f"nearest {np.nanmin(metres):.2f} m, in the middle {metres[height // 2, width // 2]:.2f} m")
    if depth.accuracy is nf.Accuracy.RELATIVE:
        print("the accuracy is relative: twice as far is twice as far, but a metre is only nominally a metre")

    if depth.calibration is not None:
        camera = depth.calibration.scaled_to(depth.size)
        print(f"focal length {camera.fx:.1f} px, axis through ({camera.cx:.1f}, {camera.cy:.1f}) of the map")


if __name__ == "__main__":
    main(sys.argv[1])
