"""`virtual:lidar`: 24 × 24 flashes whose flight is timed, and a colour camera that tells what lies between.

    the scene's depth ── 576 spots ── time of flight ──▶ points ── complete, guided by colour ──▶ metres

A spot is as wide as its beam. Where that falls on two surfaces that are near to one another, their distances
mix; else the one that sends back more light counts. What sends back too little gives no point. Errors have a
standard deviation of 3 mm and 0.3 % of the distance.

Source: no closed form is published for a phone's; the figures fit what Teo and Yang (2023) and Luetzenburg et
al. (2021) measured on iPhones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.source import Still
from nearfar.capture.virtual.camera import Seen, VirtualCamera
from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, Frame, Quality
from nearfar.estimate import complete, upsample
from nearfar.scene import Rendering

__all__ = ["LidarCamera"]

_SPOTS = 24
"""Along each axis."""
_SPOT = 0.007
"""The width of a beam, as a share of the picture's."""
_OFFSET, _SHARE = 0.003, 0.003
"""Standard deviation of a distance: metres, and as a share of it."""
_RESOLVED = 0.12
"""Metres by which two surfaces in a beam must differ to be told apart."""
_FULL, _GONE = 4.5, 6.5
"""Metres up to which nearly every white spot comes back, and from which on none does."""
_LOST = 0.01
"""The share of spots that get lost anyway."""
_SURE, _FAIR = 0.7, 0.4
"""Shares of votes, times certainty by distance, from which on confidence is high, or medium."""
_SOFTENED = 1.0
"""Px of blur of the picture that guides: a pattern on a surface is finer than what the points can tell."""
_WORKED = 160
"""Px across the picture in which points are joined: some seven from one to the next."""
_PHOTO_DEPTH = 768
"""Px across a photo's depth, as in iPhones' photos."""


@dataclass(frozen=True, slots=True)
class _Timed:
    """What was timed: (N, 3) x and y as shares of the picture, and metres; and the picture."""

    points: NDArray[np.float64]
    color: NDArray[np.uint8]


class LidarCamera(VirtualCamera):
    """A scanner of sparse points beside a colour camera."""

    def see(self, format: Format, sequence: int, seconds: float) -> Seen:
        """See `VirtualCamera.see`."""
        view = self.picture(self.calibration(format.size), seconds, format.size, self.seed(sequence, "color"))
        raw = None if format.depth is None else self._timed(view, sequence)
        return Seen(view.color, view.pose, raw)

    def measure(self, format: Format, sequence: int, seen: Seen) -> DepthMap | None:  # noqa: ARG002
        """See `VirtualCamera.measure`."""
        if format.depth is None:
            return None
        return _completed(seen.raw, self.calibration(format.size), format.depth, format.depth.size)

    def photo(self, format: Format, time: float, seconds: float) -> Still:
        """See `VirtualCamera.photo`."""
        size = format.still_size
        camera = self.calibration(size)
        view = self.picture(camera, seconds, size, self.seed(seconds, "photo"), binned=1)
        photo = Frame(time, int(seconds * format.rate), view.color, None, view.pose)
        if format.depth is None:
            return Still(photo)
        wide = min(_PHOTO_DEPTH, size[0]) if format.photo_size is not None else format.depth.width
        depth_size = (wide, round(wide * size[1] / size[0]))
        return Still(
            photo.replace(depth=_completed(self._timed(view, seconds), camera, format.depth, depth_size))
        )

    def _timed(self, view: Rendering, moment: Any) -> _Timed:
        random = np.random.default_rng(self.seed(moment, "time of flight"))
        noise = self._options.noise
        x, y, metres, light = _spots(view)
        spread = noise * (_OFFSET + _SHARE * metres)
        measured = metres + spread * random.standard_normal(metres.shape)
        luck = random.random(metres.shape)
        reach = np.clip((_GONE - metres) / (_GONE - _FULL), 0.0, 1.0)
        chance = (1.0 - _LOST * noise) * reach * np.clip(light / 0.08, 0.0, 1.0)
        back = np.isfinite(measured) & (measured > 0.05) & (luck < chance)
        return _Timed(np.column_stack([x, y, measured])[back], view.color)


def _spots(view: Rendering) -> tuple[NDArray[np.float64], ...]:
    """(N,) each: x and y as shares of the picture, the metres that a beam would tell, and its light, 0..1."""
    height, width = view.depth.shape
    beams = _beams(view.calibration, (width, height))
    depth = view.depth.ravel()[beams.pixels].astype(np.float64)
    facing = -np.einsum("nmk,nmk->nm", view.normals.reshape(-1, 3)[beams.pixels], beams.directions)
    bright = view.color.reshape(-1, 3)[beams.pixels, 1] / 255.0
    light = np.where(np.isfinite(depth), np.clip(facing, 0.0, 1.0) * (0.15 + 0.85 * bright), 0.0)
    depth = np.where(light > 0.0, depth, 1e6)
    weight = light / np.square(depth)
    strongest = np.take_along_axis(depth, weight.argmax(axis=1)[:, np.newaxis], axis=1)
    near = np.abs(depth - strongest) < _RESOLVED
    weight = np.where(near, weight, 0.0)
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore"):
        metres = np.where(total > 0.0, (weight * depth).sum(axis=1) / total, np.nan)
    return beams.x, beams.y, metres, (light * near).sum(axis=1) / depth.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class _Beams:
    """Where the spots lie in a picture.

    Attributes:
        pixels: (N, M) flat indices of the pixels that each spot covers.
        directions: (N, M, 3) of length 1, through those pixels.
        x: (N,) of its middle, as a share of the width.
        y: (N,) as a share of the height.
    """

    pixels: NDArray[np.intp]
    directions: NDArray[np.float32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@lru_cache(maxsize=4)
def _beams(camera: Calibration, size: tuple[int, int]) -> _Beams:
    """Every second row of spots stands half a step aside."""
    width, height = size
    row, column = np.divmod(np.arange(_SPOTS * _SPOTS), _SPOTS)
    # A spot's middle is that of a pixel, so that a slanted surface has no offset.
    x = np.floor((column + 0.25 + 0.5 * (row % 2)) / _SPOTS * width)
    y = np.floor((row + 0.5) / _SPOTS * height)
    reach = max(1, round(_SPOT * width / 2))
    grid = np.arange(-reach, reach + 1)
    down, across = (part.ravel() for part in np.meshgrid(grid, grid, indexing="ij"))
    within = down**2 + across**2 <= (reach + 0.5) ** 2
    rows = np.clip(y[:, np.newaxis] + down[within], 0, height - 1)
    columns = np.clip(x[:, np.newaxis] + across[within], 0, width - 1)
    places = np.stack([columns + 0.5, rows + 0.5], axis=-1) * (np.array(camera.reference_size) / size)
    directions = camera.unproject(places)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    pixels = (rows * width + columns).astype(np.intp)
    return _Beams(pixels, directions.astype(np.float32), (x + 0.5) / width, (y + 0.5) / height)


def _completed(timed: _Timed, camera: Calibration, wanted: DepthFormat, size: tuple[int, int]) -> DepthMap:
    """The map between the points; holes everywhere where no point came back at all."""
    width, height = size
    values = np.full((height, width), np.nan, np.float32)
    level = np.zeros((height, width), np.float32)
    if len(timed.points):
        small = (min(_WORKED, width), round(min(_WORKED, width) * height / width))
        found = complete(timed.points * (*small, 1.0), _guide(timed.color, small))
        found = upsample(found, _guide(timed.color, size), sampling="centre")
        values = found.values
        sure = np.zeros_like(level) if found.confidence is None else found.confidence
        level = _levels(values, sure)
    share = len(timed.points) / _SPOTS**2
    return DepthMap(
        values,
        DepthKind.DEPTH,
        Accuracy.ABSOLUTE,
        Quality.HIGH if share >= 0.5 else Quality.LOW,
        filtered=True,
        calibration=camera,
        confidence=level,
    ).to(wanted.kind, dtype=wanted.dtype)


def _guide(color: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture made small and soft."""
    small = Image.fromarray(color).resize(size, Image.Resampling.BOX)
    return np.asarray(small.filter(ImageFilter.GaussianBlur(_SOFTENED)))


def _levels(metres: NDArray[Any], sure: NDArray[np.float32]) -> NDArray[np.float32]:
    """0, 0.5 or 1: low, medium, high, as ARKit's ARConfidenceLevel has them."""
    certain = sure * np.clip((_GONE - metres) / (_GONE - _FULL), 0.0, 1.0)
    return np.asarray(np.where(certain >= _SURE, 1.0, np.where(certain >= _FAIR, 0.5, 0.0)), np.float32)
