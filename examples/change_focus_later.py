"""Shoot, save, re-open a copy later, change aperture and focus, and change them back.

    python examples/change_focus_later.py [FOLDER] [DEVICE]

"By saving color and depth data separately, you can even apply and change these effects long after a photo has
been captured." (Apple, on capturing photos with depth.) So it is here: the edit is a note beside the picture,
a rendering is a new file, and the bytes of picture and depth are the camera's all along.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

import nearfar as nf


def main(folder: str = "out", device: str = "virtual:dual?scene=portrait") -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)

    # Today: a photo with its depth, taken as sharp as the lens is.
    shot = out / "shot.heic"
    nf.shoot(device).save(shot)

    # Years later, on another machine: a copy. Open it wide, with the person in focus …
    copy = Path(shutil.copy(shot, out / "copy.heic"))
    photo = nf.open(copy)
    nf.portrait(photo, f_number=1.4).save(out / "person.jpg")

    # … then with what is behind, and keep that choice in the file.
    changed = photo.with_edits(f_number=2.0, focus=(0.1, 0.3))
    changed.save(copy)
    again = nf.open(copy)
    print(f"stored     f/{again.edits.f_number:g}, focus at {again.edits.focus}")
    nf.portrait(again).save(out / "background.jpg")

    # And back to how it was shot.
    again.without_edits().save(copy)
    before, after = nf.open(shot), nf.open(copy)
    print(f"edits      {'as they were' if after.edits == before.edits else after.edits}")
    print(f"picture    {'the same' if np.array_equal(after.color, before.color) else 'changed'}")
    assert before.depth is not None
    print(f"depth      {'the same' if before.depth.equals(after.depth) else 'changed'}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
