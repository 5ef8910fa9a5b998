"""Look at the depth of a photo in every way, without a browser.

    python examples/look_at_a_photo.py PHOTO [OUTDIR]

Prints what ``nearfar info`` prints, and writes the depth as a picture, as millimetres and as points, the
photo itself with another aperture, and what that aperture looks like.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from PIL import Image

import nearfar as nf
from nearfar.cli import main as nearfar
from nearfar.depth import false_colour

ASSUMED_VIEW = 65.0  # degrees across: a phone's main camera, for a photo that does not say


def main(source: str, folder: str = "out") -> int:
    if nearfar(["info", source]) != 0:
        return 1
    photo, out = nf.open(source), Path(folder)
    depth = photo.depth
    if depth is None:
        print("There is no depth to look at.")
        return 1
    out.mkdir(parents=True, exist_ok=True)
    print()

    picture = false_colour(depth, scale=True)
    Image.fromarray(picture).save(out / "depth.png")
    print(f"{out / 'depth.png'}: the depth in false colours, bright is near; the bar tells the distance.")

    scale = [] if depth.metric else ["--scale", "1"]
    if nearfar(["extract", source, "-o", str(out / "depth_mm.png"), *scale]) != 0:
        return 1

    view = None if depth.calibration else math.radians(ASSUMED_VIEW)
    cloud = depth.points(photo.color, field_of_view=view)
    cloud.save(out / "cloud.ply")
    assumed = f", for an assumed view of {ASSUMED_VIEW:g}°" if view else ""
    print(f"{out / 'cloud.ply'}: {len(cloud):,} coloured points{assumed}; MeshLab and Blender open them.")

    edited = out / ("aperture.heic" if photo.container == "heic" else "aperture.jpg")
    before = photo.edits.f_number
    after = 1.4 if before != 1.4 else 2.0
    changed = photo.with_edits(f_number=after)
    changed.save(edited)
    was = f"f/{before:g}" if before else "none"
    print(f"{edited}: the same photo, not coded anew; its stored aperture was {was} and is f/{after:g}.")

    nf.portrait(changed).save(out / "portrait.jpg")
    print(f"{out / 'portrait.jpg'}: what f/{after:g} looks like.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
