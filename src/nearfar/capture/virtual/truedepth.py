"""`virtual:truedepth`: a projector of dots, an infrared camera, and a colour camera in the same place.

    the scene's depth ── render_pattern ──▶ infrared picture ── decode_pattern ──▶ metres, or disparity

Only the infrared picture, with its noise, goes from the first step to the second. As phones do, it calls
disparity relative, and metres, which must be asked for, absolute. Its depth lies on the colour pixel by
pixel: both are seen from one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import estimate
from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.source import Still
from nearfar.capture.virtual.bending import bent
from nearfar.capture.virtual.camera import Seen, VirtualCamera
from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, Frame, Quality, resample
from nearfar.estimate import (
    InfraredSensor,
    PatternProjector,
    PatternReference,
    decode_pattern,
    dot_pattern,
    render_pattern,
)
from nearfar.scene import Rendering

__all__ = ["TrueDepthCamera"]

_INFRARED = 640
"""Px across the infrared picture."""
_BASELINE = 0.028
"""From the camera to the projector, metres."""
_RANGE = (0.25, 5.0)
"""Metres that are looked for: what is nearer is not lit, what is farther is too dark."""
_EXPOSURE, _AMBIENT = 0.35, 0.03
"""Of the brightest dot on a white surface at 1 m, and of the room: a wall behind a face is just seen, and
sensors see a narrow band of infrared."""
_READ_NOISE, _FULL_WELL = 0.002, 8000.0
_SPECK, _STEP = 1 / 2000, 0.05
"""The share of the picture up to which an island came about by chance, and 1/metres that an island's
neighbours differ by at most."""
_FEW = 0.5
"""A map of which less than this share was measured is of low quality."""


@dataclass(frozen=True, slots=True)
class _Infrared:
    """What the infrared camera saw."""

    picture: NDArray[np.uint8] | NDArray[np.uint16]
    reference: PatternReference
    calibration: Calibration


class TrueDepthCamera(VirtualCamera):
    """Structured light beside a colour camera."""

    def see(self, format: Format, sequence: int, seconds: float) -> Seen:
        """See `VirtualCamera.see`."""
        view = self.picture(self.calibration(format.size), seconds, format.size, self.seed(sequence, "color"))
        if format.depth is None:
            return Seen(view.color, view.pose)
        return Seen(view.color, view.pose, self._infrared(self._lit(view, seconds, sequence), sequence))

    def measure(self, format: Format, sequence: int, seen: Seen) -> DepthMap | None:  # noqa: ARG002
        """See `VirtualCamera.measure`."""
        if format.depth is None:
            return None
        return self._decoded(seen.raw, self.calibration(format.size), format.depth, format.depth.size)

    def photo(self, format: Format, time: float, seconds: float) -> Still:
        """See `VirtualCamera.photo`."""
        size = format.still_size
        camera = self.calibration(size)
        view = self.colors(camera, seconds, size, self.seed(seconds, "photo"), binned=1)
        photo = Frame(time, int(seconds * format.rate), view.color, None, view.pose)
        if format.depth is None:
            return Still(photo)
        infrared = self._infrared(self._straight(camera, size, seconds, seconds), seconds)
        height, width = infrared.picture.shape
        return Still(photo.replace(depth=self._decoded(infrared, camera, format.depth, (width, height))))

    def _lit(self, view: Rendering, seconds: float, moment: Any) -> Rendering:
        """What the infrared camera sees in the place of ``view``: that, if it is as large and straight."""
        height, width = view.depth.shape
        if not view.calibration.bends and (width, height) == _infrared_size((width, height)):
            return view
        return self._straight(view.calibration, (width, height), seconds, moment)

    def _straight(self, camera: Calibration, size: tuple[int, int], seconds: float, moment: Any) -> Rendering:
        """What the infrared camera sees in the place of a camera whose picture is of ``size``."""
        seed = self.seed(moment, "infrared light")
        return self.picture(camera.rectified(), seconds, _infrared_size(size), seed)

    def _infrared(self, view: Rendering, moment: Any) -> _Infrared:
        """The dots on the scene that ``view`` shows, as the infrared camera sees them."""
        noise = self._options.noise
        seen = render_pattern(
            view.depth_map,
            self._projector,
            sensor=InfraredSensor(
                exposure=_EXPOSURE,
                ambient=_AMBIENT,
                read_noise=_READ_NOISE * noise,
                full_well=max(1.0, _FULL_WELL / noise**2) if noise else 1e12,
            ),
            reflectance=_sent_back(view),
            nearest=_RANGE[0],
            seed=self.seed(moment, "infrared"),
        )
        return _Infrared(seen.ir, seen.reference, view.calibration.rectified())

    @cached_property
    def _projector(self) -> PatternProjector:
        """Its pattern is the same for each camera of this kind."""
        return PatternProjector(dot_pattern((_INFRARED, _INFRARED)), _BASELINE)

    def _decoded(
        self, infrared: _Infrared, camera: Calibration, wanted: DepthFormat, size: tuple[int, int]
    ) -> DepthMap:
        found = decode_pattern(infrared.picture, infrared.reference, infrared.calibration, depth_range=_RANGE)
        found = estimate.filters.remove_speckles(
            found.to(DepthKind.DISPARITY), round(_SPECK * found.values.size), _STEP
        )
        measured = np.count_nonzero(found.valid) / found.valid.size
        absolute = wanted.kind is DepthKind.DEPTH
        found = found.replace(
            accuracy=Accuracy.ABSOLUTE if absolute else Accuracy.RELATIVE,
            quality=Quality.HIGH if measured >= _FEW else Quality.LOW,
        )
        return bent(resample(found.to(wanted.kind), size), camera).to(dtype=wanted.dtype)


def _infrared_size(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) px of the infrared picture beside one of this size."""
    return _INFRARED, 8 * round(_INFRARED * size[1] / size[0] / 8)


def _sent_back(view: Rendering) -> NDArray[np.float32]:
    """(H, W) 0..1, how much infrared light surfaces send back: less where they are dark or turned away."""
    height, width = view.depth.shape
    facing = -np.einsum("hwk,hwk->hw", view.normals, _directions(view.calibration, (width, height)))
    green = view.color[..., 1].astype(np.float32)
    return np.asarray(np.clip(facing, 0.0, 1.0) * (0.25 + (0.7 / 255.0) * green), np.float32)


@lru_cache(maxsize=4)
def _directions(camera: Calibration, size: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W, 3) of length 1."""
    rays = camera.rays(size)
    return np.asarray(rays / np.linalg.norm(rays, axis=-1, keepdims=True), np.float32)
