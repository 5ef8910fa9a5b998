"""Store another aperture and focus in a photo, without touching its picture.

    python examples/change_aperture.py PHOTO OUT F_NUMBER [X Y]

The aperture is the tag that a phone's portrait slider sets. X and Y are the point in focus, 0 to 1 from the
top left, which is kept in a tag of nearfar's own.
"""

from __future__ import annotations

import sys

import nearfar as nf


def main(source: str, out: str, f_number: str, *focus: str) -> None:
    photo = nf.open(source)
    edited = photo.with_edits(f_number=float(f_number))
    if focus:
        x, y = map(float, focus)
        edited = edited.with_edits(focus=(x, y))
    edited.save(out)
    print(f"{source}: {photo.edits}\n{out}: {nf.open(out).edits}")


if __name__ == "__main__":
    main(*sys.argv[1:])
