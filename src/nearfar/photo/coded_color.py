"""`CodedColor`: a picture as it is stored, its codes and its profile, for effects that give it back so.

    codes in their own colours ── with_srgb_curve ──▶ the same light along sRGB's curve ── an effect
    codes in their own colours ◀── of_srgb_curve ────────────────────────────────────────────┘

A picture keeps its primaries on the way; only its curve changes, and only where it is another than sRGB's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar.photo.color import convert, same_space, source_space
from nearfar.photo.color_space import SRGB, Curve, srgb_encode
from nearfar.photo.edits import Edits
from nearfar.photo.icc import PROFILES
from nearfar.photo.strips import in_strips

if TYPE_CHECKING:
    from nearfar.photo.metadata import Metadata
    from nearfar.photo.photo import Photo

__all__ = ["CodedColor"]

_FINE = 65535


@dataclass(frozen=True, slots=True, eq=False)
class CodedColor:
    """An upright picture in the colour space that it is stored in.

    Attributes:
        codes: (H, W, 3) uint8, or uint16 for a picture of more than 8 bits; read-only.
        icc: its colour profile; None means sRGB.
    """

    codes: NDArray[Any]
    icc: bytes | None = None

    @classmethod
    def of(cls, codes: NDArray[Any], icc: bytes | None, points: tuple[int, int] | None = None) -> CodedColor:
        """Take a picture as it is, or in Display P3 where its codes say their light in no simple way.

        Args:
            codes: (H, W, 3) uint8 or uint16, upright.
            icc: its profile; one that works by tables over all channels counts as not simple.
            points: (primaries, transfer) of H.273, for a picture without profile; other than sRGB's they
                are not simple either, for there is no profile to keep.
        """
        space = source_space(icc, points)
        if space is not None and (icc is not None or same_space(space, SRGB)):
            return cls(_locked(codes), icc)
        converted = convert(codes, icc, nclx=points, space="display-p3", dtype=codes.dtype.name)
        return cls(_locked(converted), PROFILES["display-p3"])

    @classmethod
    def of_srgb_curve(cls, picture: NDArray[Any], icc: bytes | None) -> CodedColor:
        """What `with_srgb_curve` gave, changed by an effect, along the curve of its profile again.

        Args:
            picture: (h, w, 3) of the dtype that `with_srgb_curve` gave.
            icc: the profile of the picture that it comes from.

        Returns:
            It in 8 bits, with that profile.
        """
        tables = _curve_tables(icc)
        if picture.dtype == np.uint16:
            back = [_narrowing()] * 3 if tables is None else tables[2]
            picture = _looked_up(picture, back, np.dtype(np.uint8))
        return cls(_locked(picture), icc)

    def with_srgb_curve(self) -> NDArray[Any]:
        """The same light along sRGB's curve, in the picture's own primaries.

        Returns:
            (H, W, 3): `codes` themselves where their curve is sRGB's, as in sRGB and Display P3; else uint16.
        """
        tables = _curve_tables(self.icc)
        if tables is None:
            return self.codes
        return _looked_up(self.codes, tables[self.codes.dtype.itemsize - 1], np.dtype(np.uint16))

    def as_photo(self, metadata: Metadata) -> Photo:
        """Give a photo without depth of this picture of 8 bits, which is not copied: nobody may change it."""
        from nearfar.photo.photo import Photo
        from nearfar.photo.state import Given, State

        about = dataclasses.replace(metadata, icc=self.icc)
        return Photo.of(State(Given(self.codes, self.icc), None, {}, about, Edits(), Edits()))


@lru_cache(maxsize=4)
def _curve_tables(icc: bytes | None) -> tuple[Sequence[NDArray[Any]], ...] | None:
    """Tables for each channel: from 8 bits, from 16, and back to 8; None where the curve is sRGB's."""
    space = source_space(icc, None)
    assert space is not None, "pictures of such profiles are converted when they are read"
    there = [_to_srgb(curve, 255) for curve in space.curves]
    straight = np.arange(256) * (_FINE / 255)
    if max(np.abs(table - straight).max() for table in there) < _FINE / 255 / 2:
        return None
    fine = [_to_srgb(curve, _FINE) for curve in space.curves]
    return there, fine, [_from_srgb(table) for table in fine]


@lru_cache(maxsize=1)
def _narrowing() -> NDArray[np.uint8]:
    return np.rint(np.arange(_FINE + 1) / 257).astype(np.uint8)


def _to_srgb(curve: Curve, steps: int) -> NDArray[np.uint16]:
    light = np.clip(curve.decode(np.linspace(0.0, 1.0, steps + 1)), 0, 1)
    steps_of_srgb = np.rint(srgb_encode(light.astype(np.float32)) * np.float32(_FINE))
    return np.asarray(steps_of_srgb, dtype=np.uint16)


def _from_srgb(fine: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Give the code, 0..255, for each of 65,536 steps of sRGB's curve, from the table the other way."""
    reached = np.maximum.accumulate(fine.astype(np.float64))
    codes = np.interp(np.arange(_FINE + 1), reached, np.linspace(0.0, 255.0, _FINE + 1))
    return np.rint(codes).astype(np.uint8)


def _looked_up(picture: NDArray[Any], tables: Sequence[NDArray[Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    out = np.empty(picture.shape, dtype)

    def work(first: int, end: int) -> None:
        for channel, table in enumerate(tables):
            out[first:end, :, channel] = table[picture[first:end, :, channel]]

    in_strips(picture.shape[0], picture.shape[1], work)
    return out


def _locked(codes: NDArray[Any]) -> NDArray[Any]:
    codes.flags.writeable = False
    return codes.view()
