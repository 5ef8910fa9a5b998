"""Two pictures of a calibrated rig become a depth photo, straightened first where the cameras are crooked.

    python examples/stereo_to_photo.py left.png right.png calib.txt photo.heic [effort]

The same as ``nearfar stereo left.png right.png --calibration calib.txt -o photo.heic``, step by step.
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

import nearfar as nf


def main(left: str, right: str, calibration: str, output: str, effort: str = "standard") -> None:
    pictures = [np.asarray(Image.open(path).convert("RGB")) for path in (left, right)]
    rig = nf.read_calibration(calibration)
    if not isinstance(rig, nf.StereoRig):
        sys.exit(f"{calibration}: holds one camera; stereo needs two")

    pair = nf.estimate.rectify_pair(nf.StereoPair(*pictures, rig))
    match = nf.estimate.match_stereo(pair.left, pair.right, max_shift="auto", effort=effort, fill=True)
    depth = nf.estimate.stereo_depth(match, pair.rig)
    nf.Photo(pair.left, depth).save(output)

    reach = depth.to(nf.DepthKind.DEPTH).range
    measured = float((match.confidence > 0).mean())
    print(f"{output}: {reach[0]:.2f} m to {reach[1]:.2f} m" if reach else f"{output}: nothing was found")
    print(f"shifts     0 to {match.max_shift} px searched")
    print(f"measured   {measured:.0%} of the pixels; the rest takes what lies behind")


if __name__ == "__main__":
    main(*sys.argv[1:])
