"""What a portrait is rendered from, made fit for each other: the picture, its depth, its gain.

    photo ─┬─ unblurred picture, at the size that is rendered ──┐
           ├─ depth ─▶ disparity, no holes ─────────────────────┼─▶ PortraitDepth ─▶ as a blur takes it
           ├─ mattes of the subject ────────────────────────────┘
           └─ gain map ─▶ factors, as much smaller as the picture

None of it depends on the aperture and the focus, but for the rims of what is blurred in front, and for depth
that reaches farther than any blur.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import Accuracy, DepthKind, DepthMap, Matte, fill, resample
from nearfar.effects.alignment import SUBJECT, new_alignment
from nearfar.effects.edge_settling import settled_edges
from nearfar.effects.lens import GAIN_SIDE, fitting_gain
from nearfar.effects.near_rims import widen_rims
from nearfar.errors import FileError

if TYPE_CHECKING:
    from nearfar.photo import CodedColor, Photo

__all__ = ["PortraitDepth", "gain_at", "picture_at", "subject_mattes", "whole_disparity"]

_log = logging.getLogger("nearfar.effects")


# The picture


def picture_at(photo: Photo, max_side: int | None) -> CodedColor:
    """Give the picture to render, decoded anew; its longer side is at most `max_side` pixels."""
    picture = photo.unblurred()
    height, width = picture.codes.shape[:2]
    times = _times_smaller((width, height), max_side)
    if times == 1:
        return picture
    small = _shrunk(picture.codes, (-(-width // times), -(-height // times)))
    return dataclasses.replace(picture, codes=small)


def _times_smaller(size: tuple[int, int], max_side: int | None) -> int:
    return 1 if max_side is None else -(-max(size) // max_side)


def _shrunk(codes: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Give a picture at a smaller (width, height), in 8 bits."""
    shrunk: NDArray[np.uint8] = _native.shrink_picture(np.ascontiguousarray(codes), size[1], size[0])
    return shrunk


def gain_at(photo: Photo, max_side: int | None) -> NDArray[np.float32] | None:
    """Give what the HDR gain map brightens; None if it cannot be read.

    For a smaller picture it is twice as much smaller: a gain is smooth where its picture is, so that no code
    tells the difference but in a handful of pixels, and its own blur takes a quarter of the time.
    """
    try:
        gain = photo.gain()
    except FileError as error:
        _log.warning("the gain map is ignored: %s", error)
        return None
    if gain is None:
        return None
    times = _times_smaller(photo.size, max_side)
    side = -(-max(gain.shape[:2]) // (1 if times == 1 else 2 * times))
    return fitting_gain(gain, min(side, GAIN_SIDE))


# The depth


def whole_disparity(depth: DepthMap) -> DepthMap:
    """Give the map as disparity, its holes filled; infinite disparity, at the lens itself, is one too."""
    disparity = depth.to(DepthKind.DISPARITY, dtype=np.float32)
    finite = np.isfinite(disparity.values)
    if finite.all():
        return disparity
    return fill(disparity.replace(values=np.where(finite, disparity.values, np.float32(np.nan))))


def subject_mattes(photo: Photo) -> tuple[Matte, ...]:
    """Give the mattes that say where the subject is."""
    return tuple(photo.mattes[kind] for kind in photo.mattes if kind in SUBJECT)


@dataclass(frozen=True, slots=True, eq=False)
class _Alignment:
    """A map at the size of the picture, and the measured one that it was made of; None for any other."""

    values: NDArray[np.float32]
    measured: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True, eq=False)
class PortraitDepth:
    """Depth for one picture, aligned to it once for all apertures and all places in focus.

    Attributes:
        disparity: the map without holes, at any size.
        mattes: of the subject.
        reach: for an aperture of f/1: how far from the focus in disparity a blur is as wide as the picture.
        alignment: the map at the size of the picture. None where its values lie farther apart than some
            blur reaches: such a map is held to the reach of each focus first, and aligned then.
    """

    disparity: DepthMap
    mattes: Sequence[Matte]
    reach: float
    alignment: _Alignment | None

    @classmethod
    def of(
        cls,
        disparity: DepthMap,
        mattes: Sequence[Matte],
        image: NDArray[Any],
        *,
        reach: float,
        widest: float,
        cancel: threading.Event | None,
    ) -> PortraitDepth:
        """Align a map to a picture, (H, W, 3) along sRGB's curve, for f-numbers of `widest` and more."""
        values = disparity.values
        plain = float(values.max()) - float(values.min()) <= reach * widest
        return cls(disparity, mattes, reach, _aligned(disparity, mattes, image, cancel) if plain else None)

    @property
    def nbytes(self) -> int:
        """Bytes that its maps and mattes take."""
        maps = [self.disparity.values, *(matte.values for matte in self.mattes)]
        if self.alignment is not None:
            maps.append(self.alignment.values)
            if self.alignment.measured is not None:
                maps.append(self.alignment.measured)
        return sum(values.nbytes for values in maps)

    def focused(
        self,
        image: NDArray[Any],
        focus: float,
        f_number: float,
        strength: float,
        cancel: threading.Event | None,
    ) -> tuple[NDArray[np.float32], float]:
        """Give the map at the size of the picture as `lens_blur` takes it, and the focus within its reach.

        Rims of what is blurred in front of the focus are wider in a measured map.
        """
        disparity, focus = _in_reach(self.disparity, focus, self.reach * f_number)
        found = self.alignment
        if found is None or disparity is not self.disparity:
            found = _aligned(disparity, self.mattes, image, cancel)
        if found.measured is None:
            return found.values, focus
        widened = found.values.copy()
        widen_rims(widened, found.measured, focus, strength)
        return widened, focus


def _in_reach(disparity: DepthMap, focused: float, reach: float) -> tuple[DepthMap, float]:
    """Bring map and focus to within a reach of each other, in which a blur is as wide as the picture."""
    values = disparity.values
    focused = min(max(focused, float(values.min()) - reach), float(values.max()) + reach)
    low, high = np.float32(focused - reach), np.float32(focused + reach)
    if low <= values.min() and values.max() <= high:
        return disparity, focused
    return disparity.replace(values=np.clip(values, low, high)), focused


def _aligned(
    disparity: DepthMap, mattes: Sequence[Matte], image: NDArray[Any], cancel: threading.Event | None
) -> _Alignment:
    """Give the map at the size of the picture, with the edges of the picture and of the subject's mattes.

    Those of a small relative map, which matching leaves off by some samples, are moved to the picture's.
    """
    height, width = image.shape[:2]
    measured = disparity.size != (width, height) and disparity.accuracy is Accuracy.RELATIVE
    if disparity.width > width or disparity.height > height:
        disparity = resample(disparity, (width, height))
    elif measured:
        disparity = settled_edges(disparity, _shrunk(image, disparity.size))
    aligned = new_alignment(disparity.values, image, mattes, cancel)
    aligned.flags.writeable = False
    return _Alignment(aligned, disparity.values if measured else None)
