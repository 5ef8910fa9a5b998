"""`NativeDepth`: one depth buffer as a device has it, before a session's format and view are looked at.

         norm_depth_buffer_from_norm_view            raw · raw_value_to_meters
view ────────────────────────────────────▶ buffer ───────────────────────────▶ metres from the camera plane
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Accuracy
from nearfar.xr.negotiation import DepthDataFormat
from nearfar.xr.rigid_transform import RigidTransform

__all__ = ["NativeDepth"]

SAMPLES: dict[DepthDataFormat, np.dtype[Any]] = {
    DepthDataFormat.LUMINANCE_ALPHA: np.dtype("<u2"),
    DepthDataFormat.UNSIGNED_SHORT: np.dtype("<u2"),
    DepthDataFormat.FLOAT32: np.dtype("<f4"),
}
"""What one entry of a buffer is to NumPy."""


@dataclass(frozen=True, slots=True, eq=False)
class NativeDepth:
    """A device's depth buffer.

    Args:
        raw: (H, W), uint16 or float32 as ``data_format`` says; 0 is a hole, and nothing is below it.
        data_format: how it is stored.
        raw_value_to_meters: what a raw value of 1 is in metres; kept as the float32 that pages see.
        norm_depth_buffer_from_norm_view: from the view's 0..1 (top left, y down) to the buffer's.
        projection: (16,) float32, column by column: the sensor's; None where it is the view's.
        view_offset: where the sensor is in the viewer's space; None where it is the view.
        accuracy: whether its metres hold in the world, or are nominal.
        confidence: (H, W) float32, 0..1, how far each value is to be believed; None where that is not known.

    Raises:
        TypeError, ValueError: a part that is not what it should be.
    """

    raw: NDArray[Any]
    data_format: DepthDataFormat
    raw_value_to_meters: float
    norm_depth_buffer_from_norm_view: RigidTransform = field(default_factory=RigidTransform)
    projection: NDArray[np.float32] | None = None
    view_offset: RigidTransform | None = None
    accuracy: Accuracy = Accuracy.ABSOLUTE
    confidence: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "data_format", DepthDataFormat(self.data_format))
        wanted = SAMPLES[self.data_format]
        raw = np.asarray(self.raw)
        if raw.dtype != wanted or raw.ndim != 2 or not raw.size:
            raise ValueError(
                f"raw must be (H, W) {wanted.name} for {self.data_format}; got {raw.shape} {raw.dtype}"
            )
        if not 0 <= raw.min() <= raw.max() < np.inf:
            raise ValueError(
                "raw has a number that is NaN, infinite or below 0: a hole is 0 here, "
                "as DepthMap.filled(0.0) has it"
            )
        set_field(self, "raw", _kept(raw))
        set_field(self, "accuracy", Accuracy(self.accuracy))
        if self.confidence is not None:
            confidence = np.asarray(self.confidence)
            if confidence.dtype != np.float32 or confidence.shape != raw.shape:
                raise ValueError(
                    f"confidence must be {raw.shape} float32, as raw; "
                    f"got {confidence.shape} {confidence.dtype}"
                )
            set_field(self, "confidence", _kept(confidence))
        scale = float(np.float32(self.raw_value_to_meters))
        if not 0.0 < scale < np.inf:
            raise ValueError(
                f"raw_value_to_meters must be positive and finite; got {self.raw_value_to_meters}"
            )
        set_field(self, "raw_value_to_meters", scale)
        if self.projection is not None:
            projection = np.array(self.projection, np.float32)
            if projection.shape != (16,) or not np.isfinite(projection).all():
                raise ValueError(f"projection must have 16 finite numbers; got {self.projection!r}")
            set_field(self, "projection", _frozen(projection))

    @property
    def is_aligned(self) -> bool:
        """Whether the sensor sees what the view sees."""
        return self.projection is None and self.view_offset is None

    def converted_to(self, data_format: DepthDataFormat) -> NativeDepth:
        """The same depth in another format: floats become millimetres in 16 bits, 16 bits become metres.

        Formats of the same samples share them. What lies beyond 65.535 m becomes a hole in 16 bits.
        """
        from nearfar.xr.formats import converted

        raw, scale = converted(self.raw, self.data_format, data_format, self.raw_value_to_meters)
        return replace(self, raw=raw, data_format=data_format, raw_value_to_meters=scale)

    def __reduce__(self) -> tuple[type[NativeDepth], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, item.name) for item in fields(self))


def _is_frozen(array: NDArray[Any]) -> bool:
    """Whether neither the array nor any that it is a view of can be written to."""
    link: Any = array
    while isinstance(link, np.ndarray):
        if link.flags.writeable:
            return False
        link = link.base
    return link is None or (isinstance(link, memoryview | bytes) and memoryview(link).readonly)


def _kept(array: NDArray[Any]) -> NDArray[Any]:
    """The array, row by row, where nobody can write to it: a copy unless it is that already."""
    return _frozen(array if _is_frozen(array) and array.flags.c_contiguous else array.copy())


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view that nobody can make writable again, unlike an array that owns its memory."""
    array.flags.writeable = False
    return array.view()
