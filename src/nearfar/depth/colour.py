"""False colours: a depth map as a picture that the eye reads at once, whatever its kind and whoever looks.

::

    far, dark, cool  ■■■■■■■■■■■■■■■■■■■■■■■■  near, bright, warm        ▨ black and white: no value

Lightness alone tells near from far, so the picture reads in grey and for colour-blind eyes; hue runs with it
from blue over red to yellow. Black and white are darker and brighter than any distance. The colours come
from a formula in Oklab (Björn Ottosson, "A perceptual color space for image processing", 2020). They spread
evenly over *disparity*, as sight and stereo do.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.arrays import frozen
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import Accuracy, DepthKind

HOLE = ((0, 0, 0), (255, 255, 255))
"""The stripes of pixels without a value: black and white, which lie outside the palette's lightness."""
_STRIPES = 160
"""How many stripes cross the shorter side of a picture: broad enough to be seen when it is shown small."""
_OUTLIERS = 0.5
"""Percent of the values at each end that the range leaves out, so that a speck does not dim the picture."""
_INK, _PAPER = (235, 235, 235), (24, 24, 24)
_LEAST_HEIGHT = 160
"""A scale needs this many rows to be read."""


def false_colour(
    depth_map: DepthMap, *, near: float | None = None, far: float | None = None, scale: bool = False
) -> NDArray[np.uint8]:
    """The map in false colours: (H, W, 3) uint8 sRGB, near bright and warm, far dark and cool.

    Holes are striped in black and white, which no distance is, for any eye and in a grey print.
    A map gives the same picture as depth and as disparity. `near` and `far` are the distances, in metres
    (in the map's own unit when it is not metric), that take the last and the first colour; left out, they
    come from the map without its outermost values; `far` may be infinite. With `scale` the picture is wider,
    and at least 160 rows high, by a bar of distances: in "m", in "m (nominal)" when the accuracy is relative,
    with "no unit" when the map is not metric. A map without a finite distance gets no bar, unless `near` and
    `far` are given. Raises ValueError unless 0 < near < far, with `near` finite.
    """
    disparity = depth_map.to(DepthKind.DISPARITY, dtype=np.float32).values.copy()
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        disparity[disparity < 0] = np.nan
        least, most = _limits(disparity, near, far)
        share = (disparity - np.float32(least)) / np.float32(most - least)
        codes = np.rint(np.clip(share, 0, 1) * 255)
    picture: NDArray[np.uint8] = palette()[np.nan_to_num(codes).astype(np.uint8)]
    holes = np.isnan(disparity)
    picture[holes] = _stripes(disparity.shape)[holes]
    known = bool((np.isfinite(disparity) & (disparity > 0)).any()) or not (near is None or far is None)
    return _with_scale(picture, least, most, unit_of(depth_map)) if scale and known else picture


def _stripes(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """(H, W, 3): diagonal stripes in the two colours of `HOLE`."""
    broad = max(2, round(min(shape) / _STRIPES))
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    stripes: NDArray[np.uint8] = np.array(HOLE, np.uint8)[(rows + columns) // broad % 2]
    return stripes


def unit_of(depth_map: DepthMap) -> str:
    """The words above the scale of a map."""
    if not depth_map.metric:
        return "no unit"
    return "m" if depth_map.accuracy is Accuracy.ABSOLUTE else "m (nominal)"


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    """A (H, W) or (H, W, 3) uint8 picture as a PNG file."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


@lru_cache(maxsize=1)
def palette() -> NDArray[np.uint8]:
    """The colours from far to near: (256, 3) uint8 sRGB, read-only, of steadily growing lightness.

    In Oklab, lightness runs evenly from 0.25 to 0.92 while hue turns from blue (265°) over red to yellow
    (105°); the chroma is the fullest that sRGB holds there, up to 0.19.
    """
    share = np.linspace(0, 1, 256)
    lightness = 0.25 + 0.67 * share
    hue = np.radians(265 + 200 * share)
    direction = np.stack([np.zeros(256), np.cos(hue), np.sin(hue)], axis=1)
    grey = np.stack([lightness, np.zeros(256), np.zeros(256)], axis=1)
    low, high = np.zeros(256), np.full(256, 0.19)
    for _ in range(24):
        chroma = (low + high) / 2
        linear = _oklab_to_linear(grey + chroma[:, np.newaxis] * direction)
        fits = ((linear >= 0) & (linear <= 1)).all(axis=1)
        low, high = np.where(fits, chroma, low), np.where(fits, high, chroma)
    linear = np.clip(_oklab_to_linear(grey + low[:, np.newaxis] * direction), 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return frozen(np.rint(255 * srgb).astype(np.uint8))


def _oklab_to_linear(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Oklab (N, 3) to linear sRGB, with the matrices of Ottosson's article."""
    cones = colors @ np.array(
        [
            [1, 1, 1],
            [0.3963377774, -0.1055613458, -0.0894841775],
            [0.2158037573, -0.0638541728, -1.2914855480],
        ]
    )
    linear: NDArray[np.float64] = cones**3 @ np.array(
        [
            [4.0767416621, -1.2684380046, -0.0041960863],
            [-3.3077115913, 2.6097574011, -0.7034186147],
            [0.2309699292, -0.3413193965, 1.7076147010],
        ]
    )
    return linear


def _limits(disparity: NDArray[np.float32], near: float | None, far: float | None) -> tuple[float, float]:
    """The disparities of the first and the last colour."""
    if near is not None and far is not None and not 0 < near < far:
        raise ValueError(f"near and far must satisfy 0 < near < far; got near={near}, far={far}")
    if near is not None and np.isinf(near):
        raise ValueError(f"near must be a finite distance; got {near}")
    least, most = 0.0, 1.0
    finite = disparity[np.isfinite(disparity)]
    if finite.size:
        least, most = (float(end) for end in np.percentile(finite, (_OUTLIERS, 100 - _OUTLIERS)))
        if not most > least:
            least, most = float(finite.min()), float(finite.max())
        if not most > least:
            least, most = 0.5 * least, 1.5 * most or 1.0
    least = least if far is None else _reciprocal_of(far, "far")
    most = most if near is None else _reciprocal_of(near, "near")
    if not least < most:
        raise ValueError(
            f"near must be closer than far; with near={near} and far={far} this map's colours would run from "
            f"{_label(most)} to {_label(least)}: give both"
        )
    return least, most


def _reciprocal_of(distance: float, name: str) -> float:
    if not distance > 0:
        raise ValueError(f"{name} must be a distance above 0; got {distance}")
    return 1.0 / float(distance)


def _with_scale(picture: NDArray[np.uint8], least: float, most: float, unit: str) -> NDArray[np.uint8]:
    """The picture with a bar of the palette on its right: distances beside it, the unit above."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    canvas_height = max(height, _LEAST_HEIGHT)
    em = min(max(canvas_height // 32, 11), 72)
    font = ImageFont.load_default(em)
    top, bottom = 2 * em, canvas_height - em
    marks = ticks(least, most, 1.5 * em / (bottom - top))
    bar = width + em
    text_left = bar + 2 * em
    label_width = max(font.getlength(label) for _, label in marks)
    total = int(max(text_left + label_width, bar + font.getlength(unit)) + em)
    canvas = Image.new("RGB", (total, canvas_height), _PAPER)
    canvas.paste(Image.fromarray(picture), (0, (canvas_height - height) // 2))
    rows = np.linspace(255, 0, bottom - top).round().astype(np.uint8)
    strip = np.repeat(palette()[rows][:, np.newaxis], round(1.2 * em), axis=1)
    canvas.paste(Image.fromarray(strip), (bar, top))
    pen = ImageDraw.Draw(canvas)
    pen.text((bar, em), unit, fill=_INK, font=font, anchor="lm")
    for share, label in marks:
        y = round(bottom - 1 - share * (bottom - 1 - top))
        pen.line([(bar + strip.shape[1], y), (text_left - em // 3, y)], fill=_INK, width=max(1, em // 12))
        pen.text((text_left, y), label, fill=_INK, font=font, anchor="lm")
    return np.array(canvas)


def ticks(least: float, most: float, spacing: float) -> list[tuple[float, str]]:
    """Round distances between two disparities: each with its share of the bar, at least `spacing` apart.

    The two ends come first, then the roundest distances that still have room.
    """
    marks = [(0.0, _label(least)), (1.0, _label(most))]
    decades = [10.0**power for power in range(-4, 6)]
    for digits in ((1,), (2, 5), (3, 7), (1.5, 4, 6, 8)):
        for distance in (decade * digit for decade in decades for digit in digits):
            share = (1 / distance - least) / (most - least)
            if 0 < share < 1 and all(abs(share - other) >= spacing for other, _ in marks):
                marks.append((share, _label(1 / distance)))
    return sorted(marks)


def _label(disparity: float) -> str:
    """The distance to three digits, in plain figures where they are few; Pillow's own font has no ∞."""
    distance = 1 / disparity if disparity > 0 else np.inf
    if 1e-4 <= distance < 1e7:
        return np.format_float_positional(distance, 3, unique=False, fractional=False, trim="-")
    return f"{distance:.3g}"
