"""`Frame`: one moment of a stream: what a device saw, from where, and what it dropped.

Mirrors AVCaptureSynchronizedDataCollection and what an XRFrame shows::

    time ──┬── color     a stream that is None with no entry in `dropped` was never asked for or saw nothing;
           ├── depth     with an entry it was captured and lost, and the entry says why
           └── pose
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.arrays import adopt, as_picture
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.pose import Pose


class DropReason(Enum):
    """Why data that was captured did not arrive (AVCaptureOutput.DataDroppedReason)."""

    LATE_DATA = "late-data"
    """The receiver was busy, and the output was told to discard what comes late."""
    OUT_OF_BUFFERS = "out-of-buffers"
    """The receiver holds on to too many frames."""
    DISCONTINUITY = "discontinuity"
    """The device itself lost an unknown number of frames."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Frame:
    """What a device delivered for one moment.

    ``time`` is in seconds of the host's clock, ``sequence`` counts from 0; ``color`` is (H, W, 3) uint8
    sRGB, read-only, or None; ``pose`` is world_from_camera or None. ``dropped`` names the streams ("color",
    "depth", "pose") that were captured and lost, each with its reason; such a stream is None.
    Raises TypeError or ValueError on a part that is not what it should be.
    """

    time: float
    sequence: int = 0
    color: NDArray[np.uint8] | None = None
    depth: DepthMap | None = None
    pose: Pose | None = None
    dropped: Mapping[str, DropReason] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "time", float(self.time))
        if not isfinite(self.time):
            raise ValueError(f"time must be finite seconds; got {self.time}")
        if self.sequence < 0:
            raise ValueError(f"sequence counts from 0; got {self.sequence}")
        if self.color is not None:
            set_field(self, "color", adopt(as_picture(self.color)))
        if self.depth is not None and not isinstance(self.depth, DepthMap):
            raise TypeError(f"depth must be a DepthMap; got {type(self.depth).__name__}")
        if self.pose is not None and not isinstance(self.pose, Pose):
            raise TypeError(f"pose must be a Pose; got {type(self.pose).__name__}")
        dropped = {name: DropReason(reason) for name, reason in self.dropped.items()}
        for name in dropped:
            if name not in ("color", "depth", "pose"):
                raise ValueError(f"dropped names a stream that frames do not have: {name!r}")
            if getattr(self, name) is not None:
                raise ValueError(f"the {name} of a frame cannot be there and dropped at once")
        set_field(self, "dropped", MappingProxyType(dropped))

    def replace(self, **changes: Any) -> Frame:
        """A copy with some fields changed, checked like a new frame."""
        return replace(self, **changes)

    def __reduce__(self) -> tuple[type[Frame], tuple[Any, ...]]:
        values = [getattr(self, item.name) for item in fields(self)[:-1]]
        return type(self), (*values, dict(self.dropped))

    def __repr__(self) -> str:
        words = [f"{self.time:.6f} s", f"#{self.sequence}"]
        if self.color is not None:
            words.append(f"color {self.color.shape[1]}×{self.color.shape[0]}")
        words += [repr(self.depth)] if self.depth is not None else []
        words += ["with pose"] if self.pose is not None else []
        words += [f"{name} dropped: {reason.value}" for name, reason in self.dropped.items()]
        return f"Frame({', '.join(words)})"
