"""`portrait`: a photo with depth, rendered as a lens of another aperture and focus would have taken it.

    photo ─┬─ unblurred picture ──────────────┐            (decoded beside the depth)
           ├─ depth ─▶ disparity, no holes ───┼─▶ align ─▶ lens_blur ─▶ flat Photo, colours and EXIF kept
           ├─ mattes, gain map ───────────────┤
           └─ edits, else the arguments ──────┴─ aperture ▶ strength, focus ▶ disparity

Nothing is written into the photo: its picture, its depth and its edits stay as they are.
"""

from __future__ import annotations

import dataclasses
import importlib
import logging
import math
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import Accuracy, DepthKind, DepthMap, Matte, fill, resample
from nearfar.effects.alignment import SUBJECT, new_alignment
from nearfar.effects.aperture_geometry import aperture_of, blur_strength
from nearfar.effects.edge_settling import settled_edges
from nearfar.effects.focusing import FocusPlace, focus_disparity
from nearfar.effects.lens import fitting_gain, lens_blur
from nearfar.effects.near_rims import widen_rims
from nearfar.errors import FileError, LossWarning
from nearfar.photo import RENDERER, Photo

if TYPE_CHECKING:
    from nearfar.effects.apertures import Aperture
    from nearfar.photo import CodedColor

__all__ = ["portrait"]

_log = logging.getLogger("nearfar.effects")
_DECODERS = {"heic": "pillow_heif", "jpeg": "PIL.JpegImagePlugin"}
"""What decodes a container's picture: loaded first, for threads that share the interpreter would slow it."""
_DECODED, _ALIGNED = 0.45, 0.6
"""Shares of the time that have passed when the picture is decoded, and when the depth is aligned to it."""


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
    nearfar are rendered with the latest look that this one knows, with a LossWarning.

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
    if not isinstance(photo, Photo):
        raise TypeError(f"a portrait is made of a Photo, not of {type(photo).__name__}")
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side must be 1 or more pixels, not {max_side}")
    number = aperture_of(photo, f_number)
    if not photo.has_depth:
        photo.require_depth()  # says what there is instead; nothing has been decoded yet
    if photo.edits.renderer > RENDERER:
        _say_later(photo)
    told = progress or _nobody
    if photo.container is not None:
        importlib.import_module(_DECODERS[photo.container])
    with ThreadPoolExecutor(1, "nearfar-portrait") as beside:
        decoding = beside.submit(_picture, photo, max_side)
        focused = focus_disparity(photo, focus, focus_distance=focus_distance).disparity
        depth = _without_holes(photo.require_depth())
        gain = _gain(photo) if highlights == "recover" else None
        mattes = [photo.mattes[kind] for kind in photo.mattes if kind in SUBJECT]
        picture = decoding.result()
    told(_DECODED)
    image = picture.with_srgb_curve()
    size = (image.shape[1], image.shape[0])
    strength = blur_strength(photo, number, size=size)
    depth, focused = _in_reach(depth, focused, math.hypot(*size) / strength)
    aligned = _aligned(depth, mattes, image, (focused, strength), cancel)
    told(_ALIGNED)
    blurred = lens_blur(
        image,
        aligned,
        focus_disparity=focused,
        strength=strength,
        effort=effort,
        shape=shape or photo.edits.shape or "disc",
        highlights=highlights,
        gain=None if gain is None else fitting_gain(gain, max(size)),
        grain=grain,
        cancel=cancel,
        progress=lambda done: told(_ALIGNED + (1 - _ALIGNED) * done),
    )
    del aligned
    rendered = picture.from_srgb_curve(blurred)
    metadata = photo.metadata.for_rendering(_note(number), size=size, calibration=depth.calibration)
    return rendered.as_photo(metadata)


def _say_later(photo: Photo) -> None:
    warnings.warn(
        f"{photo.file or 'the photo'}: its edits were made for version {photo.edits.renderer} of the look; "
        f"this nearfar renders {RENDERER}, and a later one may show another picture",
        LossWarning,
        stacklevel=3,
    )


def _nobody(done: float) -> None:
    """Tell nobody what is done."""


# What goes in


def _picture(photo: Photo, max_side: int | None) -> CodedColor:
    picture = photo.unblurred()
    height, width = picture.codes.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return picture
    share = -(-max(height, width) // max_side)
    small = _shrunk(picture.codes, (-(-width // share), -(-height // share)))
    return dataclasses.replace(picture, codes=small)


def _shrunk(codes: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Give a picture at a smaller (width, height), in 8 bits."""
    shrunk: NDArray[np.uint8] = _native.shrink_picture(np.ascontiguousarray(codes), size[1], size[0])
    return shrunk


def _without_holes(depth: DepthMap) -> DepthMap:
    """Give the map as disparity, its holes filled; infinite disparity, at the lens itself, is one too."""
    disparity = depth.to(DepthKind.DISPARITY, dtype=np.float32)
    finite = np.isfinite(disparity.values)
    if finite.all():
        return disparity
    return fill(disparity.replace(values=np.where(finite, disparity.values, np.float32(np.nan))))


def _in_reach(disparity: DepthMap, focused: float, reach: float) -> tuple[DepthMap, float]:
    """Bring map and focus to within a reach of each other, in which a blur is as wide as the picture."""
    values = disparity.values
    focused = min(max(focused, float(values.min()) - reach), float(values.max()) + reach)
    low, high = np.float32(focused - reach), np.float32(focused + reach)
    if low <= values.min() and values.max() <= high:
        return disparity, focused
    return disparity.replace(values=np.clip(values, low, high)), focused


def _aligned(
    disparity: DepthMap,
    mattes: Sequence[Matte],
    image: NDArray[Any],
    focus: tuple[float, float],
    cancel: threading.Event | None,
) -> NDArray[np.float32]:
    """Give the map at the size of the picture, with the edges of the picture and of the subject's mattes.

    Those of a small relative map, which matching leaves off by some samples, are moved to the picture's,
    and rims of what is blurred in front of the `focus`, disparity and strength, are widened.
    """
    height, width = image.shape[:2]
    measured = disparity.size != (width, height) and disparity.accuracy is Accuracy.RELATIVE
    if disparity.width > width or disparity.height > height:
        disparity = resample(disparity, (width, height))
    elif measured:
        disparity = settled_edges(disparity, _shrunk(image, disparity.size))
    aligned = new_alignment(disparity.values, image, mattes, cancel)
    if measured:
        widen_rims(aligned, disparity.values, *focus)
    return aligned


def _gain(photo: Photo) -> NDArray[np.float32] | None:
    """Give what the HDR gain map brightens; a map that cannot be read is none."""
    try:
        return photo.gain()
    except FileError as error:
        _log.warning("the gain map is ignored: %s", error)
        return None


# What comes out


def _note(f_number: float) -> dict[str, str]:
    """XMP of the rendering: by which version of the renderer, and with which aperture."""
    return {"nearfar:Renderer": str(RENDERER), "nearfar:RenderedAperture": f"{f_number:g}"}
