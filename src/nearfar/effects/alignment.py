"""Depth at photo scale, for rendering: a small map of disparity with the edges of its picture.

small map    │▒▒│          averaging left mixtures at an edge, and of a hair only a trace;
picture      ██▏           the picture shows where the edge is, and how much of each cell is hair:
aligned    near▏far        so both sides get their own disparity back, and nothing lies between
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.depth import Matte, MatteKind
from nearfar.effects.matte_edges import with_subject
from nearfar.errors import EstimationError

_EDGE = 0.025
"""The share of a map's range that is an edge between neighbours, if no slope explains it."""
_LEAST = 0.002
"""The same of the whole range, where that is much wider than the range of nearly all values."""
_NOISE = 5.0
"""Standard deviations of noise that are no edge yet…"""
_MOST = 0.05
"""…but never more than this share of the range: fine texture looks like noise."""
_LARGEST = 1e30
SUBJECT = {MatteKind.PORTRAIT, MatteKind.HAIR, MatteKind.GLASSES}
"""The kinds that say where the subject is; others are parts of it, or the sky."""


def align_disparity(
    disparity: ArrayLike,
    image: ArrayLike,
    *,
    mattes: Mapping[MatteKind, Matte] | Iterable[Matte] | None = None,
    cancel: threading.Event | None = None,
) -> NDArray[np.float32]:
    """The disparity at the size of `image`, a picture of the same view, with the picture's edges.

    ``disparity`` is (h, w), float, larger where nearer, at most as large as the picture each way; the ratio
    need not be whole, nor the same both ways. It may be noisy, come from 8 bits, be averaged or sampled.
    ``image`` is (H, W, 3): uint8 or uint16, sRGB-coded, or float16 or float32, linear light. The result is
    (H, W) float32, read-only, without holes: NaN is filled from its rim first, and infinite values are held
    to the range of the others. A map of the picture's size comes back as it is, but for that.

    Where the map is smooth it is interpolated linearly. Around an edge, the pixels of 3×3 cells are parted
    in two by their colours, with a pull towards what the map says; the two disparities are those which,
    mixed in the shares that the picture shows, give the nine values best. So what is thinner than a cell
    gets its own disparity, up to 1.5 times the range of the nine beyond it, and never less than the map's
    least. Neighbouring windows vote. What the picture does not show, two sides of one colour, stays where
    the map has it.

    ``mattes`` of the same view at any size, such as ``photo.mattes``, say where the subject is: the person's
    own, hair and glasses count, other kinds do not. Around their edge both sides are carried on from where
    the mattes are sure of them, and a pixel takes the subject's disparity where it is covered by more than
    three quarters, that behind it below one quarter, and between them whichever the colours speak for.

    Made for lens blur, in which a wrong edge is worse than a wrong value. For a map to measure in there is
    `nearfar.estimate.upsample`: it takes a value from one surface's samples alone.

    The same bits on any number of threads and any CPU. `cancel`, a `threading.Event`, ends the work soon
    after it is set.

    Raises TypeError for other dtypes and for what is no matte, EstimationError for other shapes, an empty
    picture or map, one that is larger than the picture, holds no value at all, or holds 1e30 or more either
    way, and
    `concurrent.futures.CancelledError` if `cancel` is set.

    Source: Fisher, The use of multiple measurements in taxonomic problems, 1936 (how colours part).
    """
    aligned = new_alignment(disparity, image, mattes, cancel)
    aligned.flags.writeable = False
    return aligned


def new_alignment(
    disparity: ArrayLike,
    image: ArrayLike,
    mattes: Mapping[MatteKind, Matte] | Iterable[Matte] | None,
    cancel: threading.Event | None,
) -> NDArray[np.float32]:
    """What `align_disparity` gives, to be changed by its caller."""
    picture = _as_picture(image)
    values = whole(disparity)
    height, width = picture.shape[:2]
    if values.shape == (height, width):
        return values
    if values.shape[0] > height or values.shape[1] > width:
        raise EstimationError(
            f"disparity must not be larger than the image, {height}×{width}; got shape {values.shape}"
        )
    if max(abs(float(values.min())), abs(float(values.max()))) >= _LARGEST:
        raise EstimationError("disparity must be below 1e30 either way")
    coverage = _coverage(mattes)
    aligned: NDArray[np.float32] = _native.align_disparity(picture, values, _edge(values), cancel=cancel)
    if coverage is not None:
        aligned = with_subject(aligned, values, coverage)
    return aligned


def _coverage(mattes: Mapping[MatteKind, Matte] | Iterable[Matte] | None) -> NDArray[np.float32] | None:
    """What the mattes of the subject cover together, 0..1 at the size of the largest."""
    given = list(mattes.values() if isinstance(mattes, Mapping) else mattes or ())
    for matte in given:
        if not isinstance(matte, Matte):
            raise TypeError(f"mattes must be Matte values; got {type(matte).__name__}")
    covers = [matte.values.astype(np.float32) / np.float32(255) for matte in given if matte.kind in SUBJECT]
    if not covers:
        return None
    height, width = max((cover.shape for cover in covers), key=lambda shape: (shape[0] * shape[1], shape))
    together: NDArray[np.float32] = np.maximum.reduce(
        [_native.resample(cover, height, width, 0) for cover in covers]
    )
    return together


def whole(disparity: ArrayLike) -> NDArray[np.float32]:
    """A new (h, w) float32 map without holes and infinities; refuses what is no map, and a map of holes."""
    given = np.asarray(disparity)
    if given.dtype.kind != "f":
        raise TypeError(f"disparity must be float; got {given.dtype}")
    if given.ndim != 2 or not given.size:
        raise EstimationError(f"disparity must be (h, w) and not empty; got shape {given.shape}")
    with np.errstate(over="ignore"):
        values = np.array(given, np.float32, order="C")
    finite = np.isfinite(values)
    if finite.all():
        return values
    if not finite.any():
        raise EstimationError("disparity has no value at all: every pixel is a hole or infinite")
    known = values[finite]
    held = np.clip(values, known.min(), known.max())
    return np.array(_native.fill_holes(held)) if np.isnan(held.min()) else held


def _edge(values: NDArray[np.float32]) -> float:
    """The least difference between neighbouring cells that is an edge."""
    low, high = np.quantile(values, (0.01, 0.99))
    bends = np.abs(np.diff(values[::2].astype(np.float64), 2, axis=1))
    noise = np.quantile(bends, 0.25) / (0.3186 * 6**0.5) if bends.size else 0.0  # of normal noise
    span = float(high - low)
    edge = max(_EDGE * span, _LEAST * float(np.ptp(values)), min(_NOISE * float(noise), _MOST * span))
    return max(edge, float(np.finfo(np.float32).tiny))


def _as_picture(image: ArrayLike) -> NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]:
    picture = np.ascontiguousarray(image)
    if picture.dtype == np.float16:
        picture = picture.astype(np.float32)
    if picture.dtype not in (np.uint8, np.uint16, np.float32):
        raise TypeError(f"image must be uint8, uint16, float16 or float32; got {picture.dtype}")
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise EstimationError(f"image must be (H, W, 3) and not empty; got shape {picture.shape}")
    return picture
