"""`prepare_portrait`: a photo made ready once, to be rendered with one aperture and focus after another.

photo ── prepare_portrait ──▶ PreparedPortrait ─┬─ render(f_number=1.4) ──▶ flat Photo
          decode, fill, align   (read-only)     ├─ render(focus=(x, y)) ──▶ flat Photo
                                                └─ …, on any thread
"""

from __future__ import annotations

import importlib
import math
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.effects.aperture_geometry import F_NUMBERS, aperture_of, blur_strength
from nearfar.effects.focusing import FocusPlace, focus_disparity
from nearfar.effects.lens import lens_blur
from nearfar.effects.portrait_inputs import (
    PortraitDepth,
    gain_at,
    picture_at,
    subject_mattes,
    whole_disparity,
)
from nearfar.errors import LossWarning
from nearfar.photo import RENDERER, CodedColor, Photo

if TYPE_CHECKING:
    from nearfar.effects.apertures import Aperture

__all__ = ["PreparedPortrait", "prepare_portrait"]

_DECODERS = {"heic": "pillow_heif", "jpeg": "PIL.JpegImagePlugin"}
"""What decodes a container's picture: loaded first, for threads that share the interpreter would slow it."""
_DECODED = 0.75
"""Share of the time to prepare that has passed when the picture is decoded."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PreparedPortrait:
    """A photo with depth, ready to be rendered with any aperture and focus; made by `prepare_portrait`.

    It never changes, and several threads may render it at once. It takes 10 bytes for each pixel that is
    rendered, 13 for a picture of more than 8 bits or of another curve than sRGB's, and the gain map's: at
    12 megapixels 120 to 200 MB, beside what the photo holds itself; see `nbytes`.

    Attributes:
        photo: what is rendered; its stored edits are the default.
        image: the picture along sRGB's curve, (H, W, 3) uint8 or uint16, read-only.
        icc: the colour profile of what is rendered; None means sRGB.
        depth: the depth, aligned to the picture.
        gain: (h, w) or (h, w, 3) factors of the HDR gain map; None without one.
    """

    photo: Photo
    image: NDArray[Any]
    icc: bytes | None
    depth: PortraitDepth
    gain: NDArray[np.float32] | None

    def __repr__(self) -> str:
        width, height = self.size
        return f"PreparedPortrait({self.photo.file or 'a photo'}, {width}×{height})"

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of what is rendered, in pixels."""
        height, width = self.image.shape[:2]
        return width, height

    @property
    def nbytes(self) -> int:
        """Bytes of memory that it takes, without the photo's own."""
        return self.image.nbytes + self.depth.nbytes + (0 if self.gain is None else self.gain.nbytes)

    def render(
        self,
        *,
        f_number: float | None = None,
        focus: FocusPlace | Literal["auto"] | None = None,
        focus_distance: float | None = None,
        effort: Literal["fast", "standard", "best"] = "standard",
        shape: Aperture | Literal["disc"] | None = None,
        highlights: Literal["keep", "recover"] = "recover",
        grain: bool = False,
        cancel: threading.Event | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Photo:
        """Render it with an aperture and a focus: bit by bit what `portrait` gives at this size.

        Args:
            f_number: as for `portrait`.
            focus: as for `portrait`.
            focus_distance: as for `portrait`.
            effort: as for `portrait`.
            shape: as for `portrait`.
            highlights: as for `portrait`.
            grain: as for `portrait`.
            cancel: set by another thread, it ends the call; later calls are none the worse.
            progress: called now and then with the share that is done, 0..1, on the calling thread.

        Returns:
            A flat photo, as `portrait` does.

        Raises:
            NoDepth: the map has holes alone.
            PhotoError: `focus_distance` for depth without a unit.
            ValueError: an aperture, a place, a distance or an option out of range, or focus given twice.
            concurrent.futures.CancelledError: `cancel` was set.
        """
        photo = self.photo
        number = aperture_of(photo, f_number)
        found = focus_disparity(photo, focus, focus_distance=focus_distance)
        strength = blur_strength(photo, number, size=self.size)
        aligned, focused = self.depth.focused(self.image, found.disparity, number, strength, cancel)
        blurred = lens_blur(
            self.image,
            aligned,
            focus_disparity=focused,
            strength=strength,
            effort=effort,
            shape=shape or photo.edits.shape or "disc",
            highlights=highlights,
            gain=self.gain if highlights == "recover" else None,
            grain=grain,
            cancel=cancel,
            progress=progress,
        )
        del aligned
        metadata = photo.metadata.for_rendering(
            _note(number), size=self.size, calibration=self.depth.disparity.calibration
        )
        return CodedColor.of_srgb_curve(blurred, self.icc).as_photo(metadata)


def prepare_portrait(
    photo: Photo,
    *,
    max_side: int | None = None,
    cancel: threading.Event | None = None,
    progress: Callable[[float], None] | None = None,
) -> PreparedPortrait:
    """Make a photo with depth ready to be rendered again and again, as behind a slider for the aperture.

    The picture is decoded, the depth's holes are filled, and the depth is aligned to the picture. What is
    left to `PreparedPortrait.render` takes a fraction of the time of `portrait`.

    Args:
        photo: a photo with depth. Where the file keeps its picture from before a blur, that is rendered.
        max_side: render at a smaller size, of at most so many pixels on the longer side. The picture is made
            smaller by a whole number, so of 4032 pixels 1344 are left with 1344 as with 2000.
        cancel: set by another thread, it ends the call.
        progress: called now and then with the share that is done, 0..1, on the calling thread.

    Raises:
        NoDepth: the photo has no depth (the message says what it has), or a map of holes alone.
        ValueError: `max_side` out of range.
        FileError: the photo is broken.
        concurrent.futures.CancelledError: `cancel` was set.
    """
    check_source(photo, max_side)
    return prepared(photo, max_side, cancel, progress or _nobody)


def check_source(photo: Photo, max_side: int | None) -> None:
    """Refuse what cannot be rendered; nothing is decoded. Warns the caller's caller of a later look."""
    if not isinstance(photo, Photo):
        raise TypeError(f"a portrait is made of a Photo, not of {type(photo).__name__}")
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side must be 1 or more pixels, not {max_side}")
    if not photo.has_depth:
        photo.require_depth()  # says what there is instead
    if photo.edits.renderer > RENDERER:
        warnings.warn(
            f"{photo.file or 'the photo'}: its edits were made for version {photo.edits.renderer} of the "
            f"look; this nearfar renders {RENDERER}, and a later one may show another picture",
            LossWarning,
            stacklevel=3,
        )


def prepared(
    photo: Photo, max_side: int | None, cancel: threading.Event | None, progress: Callable[[float], None]
) -> PreparedPortrait:
    """Prepare a photo that has been checked: its picture is decoded beside the depth."""
    if photo.container is not None:
        importlib.import_module(_DECODERS[photo.container])
    with ThreadPoolExecutor(1, "nearfar-portrait") as beside:
        decoding = beside.submit(picture_at, photo, max_side)
        focus_disparity(photo)  # refuses a map of holes alone
        disparity = whole_disparity(photo.require_depth())
        mattes = subject_mattes(photo)
        gain = gain_at(photo, max_side)
        picture = decoding.result()
    progress(_DECODED)
    image = picture.with_srgb_curve()
    image.flags.writeable = False
    size = (image.shape[1], image.shape[0])
    depth = PortraitDepth.of(
        disparity,
        mattes,
        image,
        reach=math.hypot(*size) / blur_strength(photo, 1.0, size=size),
        widest=F_NUMBERS[0],
        cancel=cancel,
    )
    progress(1.0)
    return PreparedPortrait(photo, image, picture.icc, depth, gain)


def _nobody(done: float) -> None:
    """Tell nobody what is done."""


def _note(f_number: float) -> dict[str, str]:
    """XMP of the rendering: by which version of the renderer, and with which aperture."""
    return {"nearfar:Renderer": str(RENDERER), "nearfar:RenderedAperture": f"{f_number:g}"}
