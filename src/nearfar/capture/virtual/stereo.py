"""`virtual:dual` and `virtual:dualwide`: two cameras side by side, and what their parallax tells.

    narrower camera ── picture ────────────────▶ color
           └─────────── straightened ──┐
    wider camera ── its part of the ───┴─ match_stereo ── shift / (f · baseline) ──▶ disparity, relative
                    common view

Depth is given in the view of the narrower camera, and bent as its picture is where lenses bend.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nearfar import estimate
from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.source import DeviceInfo, Still
from nearfar.capture.virtual.bending import bent, straightened
from nearfar.capture.virtual.camera import Seen, VirtualCamera
from nearfar.capture.virtual.lenses import Lens
from nearfar.capture.virtual.options import Effort, Options
from nearfar.depth import (
    Accuracy,
    Calibration,
    DepthMap,
    Frame,
    Pose,
    StereoRig,
    resample,
)
from nearfar.estimate import match_stereo, stereo_depth

__all__ = ["StereoCamera"]

BASELINE = 0.02
"""Between the two cameras, metres: about a thumb's width, as on phones."""

_GAIN = 1.06
"""How much longer the second camera exposes: no two sensors are alike."""
_SURE = 0.1
"""Confidence below which a match is a hole: a third of the gross mistakes, hardly anything that is right."""
_SPECK, _STEP = 1 / 2000, 0.5
"""The share of the picture up to which an island of matches came about by chance; px of shift that an
island's neighbours differ by at most."""
_PHOTO_DEPTH = 768
"""Px across a photo's depth, as in iPhones' photos."""
_MATCHED = 1008
"""Px across the pictures that are matched, about, where the camera's are larger."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """What `StereoCamera.measure` needs of a moment, straightened."""

    left: NDArray[np.uint8]
    right: NDArray[np.uint8]


class StereoCamera(VirtualCamera):
    """Two cameras that look the same way.

    Args:
        info: what it says of itself.
        formats: what it can give.
        options: what was asked for.
        lens: the narrower camera, which gives the colour; at the left.
        other: the wider camera, at the right.
        nearest: metres: what is nearer is not found.
        moved: how the camera stands to the scene's own place.
    """

    def __init__(
        self,
        info: DeviceInfo,
        formats: tuple[Format, ...],
        options: Options,
        *,
        lens: Lens,
        other: Lens,
        nearest: float,
        moved: Pose,
    ) -> None:
        super().__init__(info, formats, options, lens, moved)
        self._other, self._nearest = other, nearest

    def see(self, format: Format, sequence: int, seconds: float) -> Seen:
        """See `VirtualCamera.see`."""
        size, rig = format.size, self._rig(format.size, self._options.distortion)
        left = self.picture(rig.left, seconds, size, self.seed(sequence, "left"))
        if format.depth is None:
            return Seen(left.color, left.pose)
        small = _matched_size(size)
        right = self.picture(rig.right, seconds, small, self.seed(sequence, "right"), gain=_GAIN)
        near = _reduced(left.color, small)
        pair = _Pair(straightened(near, rig.left), straightened(right.color, rig.right))
        return Seen(left.color, left.pose, pair)

    def measure(self, format: Format, sequence: int, seen: Seen) -> DepthMap | None:  # noqa: ARG002
        """See `VirtualCamera.measure`."""
        if format.depth is None:
            return None
        return self._depth(seen.raw, format.size, format.depth, format.depth.size, self._options.effort)

    def photo(self, format: Format, time: float, seconds: float) -> Still:
        """See `VirtualCamera.photo`.

        The narrower camera is read out in full, the wider one 2 × 2 pixels at once; they are matched where
        both have the same resolution, at a quarter of a 12-megapixel photo's sides.
        """
        size, sequence = format.still_size, int(seconds * format.rate)
        rig = self._rig(size, self._options.distortion)
        left = self.colors(rig.left, seconds, size, self.seed(seconds, "photo"), binned=1)
        small = _matched_size(size)
        # Even, so that its part of the wider picture begins at a whole pixel.
        small = (small[0] // 2 * 2, small[1] // 2 * 2)
        zoom = self._lens.focal / self._other.focal
        whole = (round(small[0] * zoom), round(small[1] * zoom))
        view = _view_of(self._other, size, self._options.distortion)
        right = self.colors(view, seconds, whole, self.seed(seconds, "photo, other"), gain=_GAIN, binned=4)
        photo = Frame(time, sequence, left.color, None, left.pose)
        other = Frame(time, sequence, right.color, None, right.pose)
        calibrations = (rig.left, view)
        if format.depth is None:
            return Still(photo, (photo, other), calibrations=calibrations)
        x, y = (whole[0] - small[0]) // 2, (whole[1] - small[1]) // 2
        near = _reduced(left.color, small)
        part = np.ascontiguousarray(right.color[y : y + small[1], x : x + small[0]])
        pair = _Pair(straightened(near, rig.left), straightened(part, rig.right))
        wide = _PHOTO_DEPTH if format.photo_size is not None else format.depth.width
        depth = self._depth(pair, size, format.depth, (wide, round(wide * size[1] / size[0])), "best")
        return Still(photo.replace(depth=depth), (photo, other), calibrations=calibrations)

    def _rig(self, size: tuple[int, int], distortion: float) -> StereoRig:
        """The narrower camera, and the part of the wider one's picture that shows the same."""
        return _rig(self._lens, self._other, size, distortion)

    def _depth(
        self,
        pair: _Pair,
        picture: tuple[int, int],
        wanted: DepthFormat,
        size: tuple[int, int],
        effort: Effort,
    ) -> DepthMap:
        """The depth map of ``size`` that lies on a picture of size ``picture``."""
        height, width = pair.left.shape[:2]
        rig = self._rig(picture, 0.0)
        pull = rig.left.fx * width / rig.left.reference_size[0] * rig.baseline
        most = min(width, 16 * (1 + int(pull / self._nearest / 16)))
        match = match_stereo(pair.left, pair.right, max_shift=most, effort=effort)
        sure = np.where(match.confidence >= _SURE, match.shift, np.float32("nan"))
        shift = estimate.filters.remove_speckles(sure, max(1, round(_SPECK * width * height)), _STEP)
        found = stereo_depth(replace(match, shift=shift), rig).replace(accuracy=Accuracy.RELATIVE)
        return bent(resample(found, size), self.calibration(picture)).to(wanted.kind, dtype=wanted.dtype)


def _matched_size(size: tuple[int, int]) -> tuple[int, int]:
    """Px of the pictures that are matched, for a camera's of this size."""
    shrunk = max(1, round(size[0] / _MATCHED))
    return size[0] // shrunk, size[1] // shrunk


def _reduced(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture made smaller, if it is not of this size."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


@lru_cache(maxsize=16)
def _rig(lens: Lens, other: Lens, size: tuple[int, int], distortion: float) -> StereoRig:
    """The wider camera's part is told in the narrower one's pixels: both sensors have as many, so that the
    two show the same to the last fraction, whatever the size.
    """
    left = lens.calibration(size, distortion)
    wider = _view_of(other, size, distortion)
    return StereoRig(left, left.replace(distortion=wider.distortion, pose=wider.pose))


@lru_cache(maxsize=16)
def _view_of(other: Lens, size: tuple[int, int], distortion: float) -> Calibration:
    """The wider camera as it is, beside the narrower one; the same object again, for what is kept for it."""
    return other.calibration(size, distortion).replace(pose=Pose(np.eye(3), np.array((BASELINE, 0.0, 0.0))))
