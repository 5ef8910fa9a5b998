"""Lens blur: a picture that is sharp everywhere becomes the photograph of a wide lens.

        focus
◀─ near ──┼── far ─▶        every point of light becomes a disc, as large as it lies away
  ⬤  ●  •  ·  •  ●  ⬤       from the focus in disparity: radius = strength · |disparity − focus|
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.effects.alignment import align_disparity
from nearfar.effects.apertures import Aperture
from nearfar.effects.grain import add_grain, measure_grain
from nearfar.errors import EstimationError

Effort = Literal["fast", "standard", "best"]
"""How much time the renderer may take."""

Highlights = Literal["keep", "recover"]
"""What becomes of clipped highlights."""

Picture: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float16] | NDArray[np.float32]

GAIN_SIDE = 2048
"""Samples of a gain's longer side that are used, at most: more would take more memory than the picture."""

_EFFORTS: dict[str, int] = {"fast": 0, "standard": 1, "best": 2}

_BRIGHTEST = 1e15
"""Light beyond this would overflow where it is squared."""

_MOST_GAIN = 1e6
"""How far apart gains may lie: a factor of 2^20."""


def lens_blur(
    image: ArrayLike,
    disparity: ArrayLike,
    *,
    focus_disparity: float,
    strength: float,
    effort: Effort = "standard",
    shape: Literal["disc"] | Aperture = "disc",
    highlights: Highlights = "keep",
    gain: ArrayLike | None = None,
    grain: bool = False,
    cancel: threading.Event | None = None,
    progress: Callable[[float], object] | None = None,
) -> Picture:
    """The picture as a thin lens focused at `focus_disparity` would have taken it.

    ``image`` is (H, W, 3), sharp everywhere: uint8 or uint16, sRGB-coded, or float16 or float32, linear
    light, which may exceed 1 and is best so: lamps that are clipped become dull discs. ``disparity`` is
    (H, W), float, larger where nearer: 1/metre as in `DepthMap`, or any unit that is linear in it; a smaller
    map goes through `align_disparity` first. The circle of confusion has a radius of
    ``strength · |disparity − focus_disparity|`` pixels; for a lens with focal length F in pixels and aperture
    radius R in metres, `strength` is F·R. Strength 0 gives the picture itself, and so does everything whose
    radius stays below half a pixel, bit by bit in integers.

    With ``highlights="recover"`` lamps that integer samples clip get back the light that their rims tell
    of; see `recover_highlights`. In focus they keep their codes. An HDR gain map knows better: ``gain`` is
    (h, w) or (h, w, 3), of any size, the factors by which the picture's light is brighter than its samples
    say, as `Photo.gain` gives them; they are stretched over the picture, and nothing is recovered. The
    picture is brightened by it before the blur and dimmed after it by 1/gain, blurred alike. So lamps
    blur with their own light, while what is in focus, and large surfaces of one gain, keep the look of
    the samples. Only the ratios of the gains matter.

    A blur takes the grain of a picture with it. With ``grain=True`` as much as it has removed is put
    back: of the strength that the picture has at that brightness, its coarseness and its colour.

    The work is done in linear light and back to front: near things blur over what is behind them, what is
    in focus keeps its edge before a blurred background, and what blurred foreground uncovers is guessed from
    around. Holes (NaN) in the disparity are filled from their rims first. Disparity may be negative or
    infinite; a radius of more than 8192 pixels counts as 8192. Beyond its border the picture goes on with the
    border's pixels, and for three tenths mirrored.

    ``shape`` is the aperture's: a disc, or an `Aperture` with blades or cat's eyes.

    The result is a new array of the same shape and dtype, read-only, the same bits on any number of threads
    and any CPU. `cancel`, a `threading.Event`, ends the work soon after it is set. `progress` is called now
    and then, on the calling thread, with the share that is done, and at last with 1.0; what it raises ends
    the work.

    Raises TypeError for other dtypes, EstimationError for other shapes, a picture that is empty or not
    finite or holds light beyond 1e15, a disparity that is larger than the picture or has no value at all, a
    focus that is not finite, a strength that is negative or not finite, and a gain of another shape, not
    finite, not above 0 or varying by more than a million times, ValueError for another effort or shape or
    other highlights, and
    `concurrent.futures.CancelledError` if `cancel` is set.

    Source: Potmesil and Chakravarty, A lens and aperture camera model for synthetic image generation,
    SIGGRAPH 1981 (the circle of confusion).
    """
    if effort not in _EFFORTS:
        raise ValueError(f"effort must be 'fast', 'standard' or 'best', not {effort!r}")
    if highlights not in ("keep", "recover"):
        raise ValueError(f"highlights must be 'keep' or 'recover', not {highlights!r}")
    aperture = Aperture() if isinstance(shape, str) and shape == "disc" else shape
    if not isinstance(aperture, Aperture):
        raise ValueError(f"shape must be 'disc' or an Aperture, not {shape!r}")
    picture = _as_picture(image)
    circles = _as_disparity(disparity, picture, cancel)
    if not math.isfinite(focus_disparity):
        raise EstimationError(f"focus_disparity must be finite, not {focus_disparity!r}")
    if not math.isfinite(strength) or strength < 0:
        raise EstimationError(f"strength must be finite and at least 0 pixels, not {strength!r}")
    focus = _held(focus_disparity), _held(strength)
    factors = None if gain is None else _as_gain(gain)
    result: Any
    if focus[1] == 0:
        result = picture.copy()
        if progress is not None:
            progress(1.0)
    else:
        samples: Any = picture.astype(np.float32) if picture.dtype == np.float16 else picture
        dimmed = None if factors is None else _dimmed(factors, circles, focus, aperture, effort, cancel)
        result = _native.lens_blur(
            samples,
            circles,
            *focus,
            _EFFORTS[effort],
            recover=highlights == "recover" and gain is None,
            dimmed=dimmed,
            blades=aperture.blades or 0,
            rotation=aperture.rotation,
            curvature=aperture.curvature,
            cats_eye=aperture.cats_eye,
            cancel=cancel,
            progress=progress,
        )
        found = measure_grain(samples) if grain else None
        if found is not None:
            result = add_grain(
                result, circles, found, focus_disparity=focus[0], strength=focus[1], cancel=cancel
            )
        if picture.dtype == np.float16:
            most = np.finfo(np.float16).max
            result = np.clip(result, -most, most).astype(np.float16)
    result.flags.writeable = False
    blurred: Picture = result
    return blurred


def _held(value: float) -> float:
    """The nearest finite float32: circles of confusion are held to 8192 px long before."""
    most = float(np.finfo(np.float32).max)
    return float(np.float32(min(max(value, -most), most)))


def _as_gain(gain: ArrayLike) -> NDArray[np.float32]:
    factors = np.asarray(gain, dtype=np.float32)
    if factors.ndim not in (2, 3) or factors.shape[2:] not in ((), (3,)) or not factors.size:
        raise EstimationError(f"gain must be (h, w) or (h, w, 3) and not empty; got shape {factors.shape}")
    factors = fitting_gain(factors, GAIN_SIDE)
    low, high = float(factors.min()), float(factors.max())
    if not (0 < low <= high < math.inf):
        raise EstimationError("gain must be finite and above 0")
    if high > low * _MOST_GAIN:
        raise EstimationError(f"gain must not vary by more than {_MOST_GAIN:g} times: {low:g} to {high:g}")
    return factors


def _dimmed(
    factors: NDArray[np.float32],
    circles: NDArray[np.float32],
    focus: tuple[float, float],
    aperture: Aperture,
    effort: Effort,
    cancel: threading.Event | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """1/gain, (h, w, 1) or (h, w, 3), and the same blurred as the picture is; None where all are the same."""
    low = factors.min()
    if low == factors.max():
        return None
    before = low / (factors if factors.ndim == 3 else factors[..., np.newaxis])
    height, width, channels = before.shape
    small = _native.resample(circles, height, width, 1)
    after = _native.lens_blur(
        np.ascontiguousarray(np.broadcast_to(before, (height, width, 3))),
        small,
        focus[0],
        max(_held(focus[1] * width / circles.shape[1]), 1e-30),  # not rounded down to none
        _EFFORTS[effort],
        blades=aperture.blades or 0,
        rotation=aperture.rotation,
        curvature=aperture.curvature,
        cats_eye=aperture.cats_eye,
        cancel=cancel,
    )
    return before, np.ascontiguousarray(after[..., :channels])


def fitting_gain(factors: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Give the means over blocks of a map whose longer side has more than `side` samples."""
    share = -(-max(factors.shape[:2]) // side)
    for axis in (0, 1) if share > 1 else ():
        starts = np.arange(0, factors.shape[axis], share)
        counts = np.diff(starts, append=factors.shape[axis]).astype(np.float32)
        sums = np.add.reduceat(factors, starts, axis=axis)
        factors = np.asarray(
            sums / counts.reshape([-1 if at == axis else 1 for at in range(factors.ndim)]), dtype=np.float32
        )
    return factors


def _as_picture(image: ArrayLike) -> Picture:
    picture = np.ascontiguousarray(image)
    picture = picture.astype(picture.dtype.newbyteorder("="), copy=False)
    if picture.dtype not in (np.uint8, np.uint16, np.float16, np.float32):
        raise TypeError(f"image must be uint8, uint16, float16 or float32; got {picture.dtype}")
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise EstimationError(f"image must be (H, W, 3) and not empty; got shape {picture.shape}")
    if picture.dtype.kind == "f":
        low, high = float(picture.min()), float(picture.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            raise EstimationError("image must be finite: it holds NaN or infinity")
        if max(-low, high) > _BRIGHTEST:
            raise EstimationError(f"image must stay within {_BRIGHTEST:g}: it holds {low:g} to {high:g}")
    return picture


def _as_disparity(
    disparity: ArrayLike, picture: Picture, cancel: threading.Event | None
) -> NDArray[np.float32]:
    given = np.asarray(disparity)
    if given.dtype.kind != "f":
        raise TypeError(f"disparity must be float; got {given.dtype}")
    size = picture.shape[:2]
    if given.ndim != 2 or not given.size or given.shape[0] > size[0] or given.shape[1] > size[1]:
        raise EstimationError(
            f"disparity must be (h, w), at most the size of the image, {size}; got {given.shape}"
        )
    if given.shape != size:
        return align_disparity(given, picture, cancel=cancel)
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(given, np.float32)
    if not _native.any_hole(values):
        return values
    filled = _native.fill_holes(values)
    if np.isnan(filled[0, 0]):
        raise EstimationError("disparity has no value at all: every pixel is a hole")
    return filled
