"""Take the location out of a photo and correct its depth; show that all else stays.

    python examples/edit_keeps_everything.py PHOTO OUT

OUT must be of the same kind as PHOTO (HEIC or JPEG): then the coded picture is copied byte for byte.
"""

from __future__ import annotations

import sys

import numpy as np

import nearfar as nf


def main(source: str, out: str) -> None:
    before = nf.open(source)
    if before.depth is None:
        sys.exit(f"{source}: no depth in this photo")
    disparity = before.depth.to(nf.DepthKind.DISPARITY)
    farther = disparity.replace(values=disparity.values * 0.5)  # half the disparity is twice as far
    before.with_depth(farther).save(out, metadata="no-location")

    after = nf.open(out)
    assert after.depth is not None
    print(f"{source}: {before!r}\n{out}: {after!r}")
    print(f"depth      {before.depth!r}\n           {after.depth!r}")
    print(f"picture    {'the same' if np.array_equal(before.color, after.color) else 'changed'}")
    print(f"mattes     {', '.join(kind.value for kind in after.mattes) or 'none'}")
    print(f"location   {'gone' if after.metadata.location is None else 'still there'}")
    print(f"camera     {after.metadata.device or 'not said'}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
