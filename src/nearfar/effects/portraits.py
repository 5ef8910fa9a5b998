"""`portrait`: a photo with depth, rendered as a lens of another aperture and focus would have taken it.

    photo ── prepare_portrait ──▶ picture, aligned depth, gain ─┐
             (decoded beside the depth)                         ├─▶ flat Photo, colours and EXIF kept
    edits, else the arguments ── aperture ▶ strength ───────────┘
                                 focus ▶ disparity

Nothing is written into the photo: its picture, its depth and its edits stay as they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from nearfar.effects.aperture_geometry import aperture_of
from nearfar.effects.focusing import FocusPlace
from nearfar.effects.prepared_portraits import check_source, prepared
from nearfar.photo import Photo

if TYPE_CHECKING:
    from nearfar.effects.apertures import Aperture

__all__ = ["portrait"]

_PREPARED = 0.6
"""Share of the time that has passed when the depth is aligned to the picture."""


def portrait(
    photo: Photo,
    *,
    f_number: float | None = None,
    focus: FocusPlace | Literal["auto"] | None = None,
    focus_distance: float | None = None,
    effort: Literal["fast", "standard", "best"] = "standard",
    shape: Aperture | Literal["disc"] | None = None,
    highlights: Literal["keep", "recover"] = "recover",
    grain: bool = False,
    max_side: int | None = None,
    cancel: threading.Event | None = None,
    progress: Callable[[float], None] | None = None,
) -> Photo:
    """Render a photo with another aperture and focus; the photo itself stays as it is.

    The blur is that of a thin lens, in linear light, with what is hidden and what is seen behind blurred
    edges told apart. Depth that is smaller than the picture is aligned to its edges first. Edits of a later
    nearfar are rendered with the latest look that this one knows, with a LossWarning. To render one photo
    again and again, as behind a slider, prepare it once: see `prepare_portrait`.

    Args:
        photo: a photo with depth. Where the file keeps its picture from before a blur, that is rendered.
        f_number: aperture in 35 mm terms, 1.4 to 22. By default the photo's stored one, else 2.8.
        focus: what is sharp: a point (x, y) or a rectangle (x, y, width, height) in 0..1 from the top left of
            the upright picture. "auto", which is the default, takes the focus stored in the photo, else finds
            the subject (see `focus_disparity`).
        focus_distance: what is sharp, in metres, instead of `focus`; for metric depth.
        effort: how much time it may take.
        shape: of the aperture, and so of blurred lights. By default the photo's stored one, else a disc.
        highlights: "recover" lets lamps blur into bright discs: by the photo's HDR gain map, else by what
            the rims of clipped lamps tell. "keep" blurs the picture as it is. In focus both leave it so.
        grain: give what is blurred the grain of what is sharp.
        max_side: render at a smaller size, of at most so many pixels on the longer side: a fast preview.
        cancel: set by another thread, it ends the call.
        progress: called now and then with the share that is done, 0..1, on the calling thread.

    Returns:
        A flat photo: the rendered picture, upright, in the source's colours and with its profile and EXIF;
        8 bits, without depth, mattes and gain map; its XMP tells the aperture and the look's version.

    Raises:
        NoDepth: the photo has no depth (the message says what it has), or a map of holes alone.
        PhotoError: `focus_distance` for depth without a unit.
        ValueError: an aperture, a place, a distance or an option out of range, or focus given twice.
        FileError: the photo is broken.
        concurrent.futures.CancelledError: `cancel` was set.
    """
    check_source(photo, max_side)
    number = aperture_of(photo, f_number)
    told = progress or _nobody
    return prepared(photo, max_side, cancel, lambda done: told(_PREPARED * done)).render(
        f_number=number,
        focus=focus,
        focus_distance=focus_distance,
        effort=effort,
        shape=shape,
        highlights=highlights,
        grain=grain,
        cancel=cancel,
        progress=lambda done: told(_PREPARED + (1 - _PREPARED) * done),
    )


def _nobody(done: float) -> None:
    """Tell nobody what is done."""
