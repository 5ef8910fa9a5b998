"""`Format`: what a camera can be set to give, and what it is set to give.

Mirrors AVCaptureDevice.Format. A format that a device lists carries its defaults; `Format.chosen` makes the
one that a source is started with::

    device.formats ──▶ Format(640×480, 1..30 fps) ── chosen(depth_format=…, frame_rate=…) ──▶ source.start
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from nearfar.depth import DepthKind
from nearfar.errors import InvalidConfiguration

__all__ = ["DepthFormat", "Format"]


@dataclass(frozen=True, slots=True)
class DepthFormat:
    """How the depth of a stream is written (hdis, fdis, hdep, fdep).

    ``kind`` is DEPTH (metres) or DISPARITY (1/metres), ``dtype`` "float16" or "float32", ``width`` and
    ``height`` in px. Raises ValueError on anything else.
    """

    kind: DepthKind
    dtype: str
    width: int
    height: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", DepthKind(self.kind))
        object.__setattr__(self, "dtype", np.dtype(self.dtype).name)
        if self.dtype not in ("float16", "float32"):
            raise ValueError(f"depth is float16 or float32, not {self.dtype}")
        _check_size(self.width, self.height)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px."""
        return self.width, self.height

    def __str__(self) -> str:
        return f"{self.kind.value} {self.dtype} {self.width}×{self.height}"


@dataclass(frozen=True, slots=True)
class Format:
    """A colour picture of one size at a range of frame rates, and the depth that can go with it.

    Args:
        width: px of the streamed colour picture.
        height: px.
        min_frame_rate: frames a second.
        max_frame_rate: frames a second.
        supported_depth_formats: all of the aspect ratio of the picture (to a pixel); the default one first.
        photo_size: (width, height) px of a photo; the streamed picture's own when None.
        max_zoom: the largest zoom factor; 1 is none.
        depth_zoom_ranges: the zoom factors at which depth is given: pairs (least, most). A range of one point
            locks the zoom while depth is delivered.
        depth_format: what depth to give: one of the supported ones, None for no depth; "default" stands for
            the first of them, or None.
        frame_rate: frames a second to give.

    Raises:
        ValueError: sizes, rates or depth formats that do not go together.

    Source: Apple, AVCaptureDevice.Format.
    """

    width: int
    height: int
    min_frame_rate: float = 1.0
    max_frame_rate: float = 30.0
    supported_depth_formats: tuple[DepthFormat, ...] = ()
    photo_size: tuple[int, int] | None = None
    max_zoom: float = 1.0
    depth_zoom_ranges: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    depth_format: DepthFormat | Literal["default"] | None = "default"
    frame_rate: float | None = None

    def __post_init__(self) -> None:
        _check_size(self.width, self.height)
        if self.photo_size is not None:
            _check_size(*self.photo_size)
        if not 0.0 < self.min_frame_rate <= self.max_frame_rate < math.inf:
            raise ValueError(
                f"frame rates must be 0 < least <= most; got {self.min_frame_rate}..{self.max_frame_rate}"
            )
        for least, most in self.depth_zoom_ranges:
            if not 1.0 <= least <= most <= self.max_zoom:
                raise ValueError(f"a depth zoom range lies in 1..{self.max_zoom:g}, not {least}..{most}")
        for depth in self.supported_depth_formats:
            if abs(depth.width * self.height - depth.height * self.width) > max(self.width, self.height):
                raise ValueError(f"{depth} has not the aspect ratio of {self.width}×{self.height}")
        if self.depth_format == "default":
            first = self.supported_depth_formats[0] if self.supported_depth_formats else None
            object.__setattr__(self, "depth_format", first)
        elif self.depth_format is not None and self.depth_format not in self.supported_depth_formats:
            raise ValueError(f"{self.depth_format} is not one of the format's depth formats")
        rate = self.frame_rate
        if rate is not None and not self.min_frame_rate <= rate <= self.max_frame_rate:
            raise ValueError(
                f"frame_rate must lie in {self.min_frame_rate:g}..{self.max_frame_rate:g}, not {rate}"
            )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px of the streamed colour picture."""
        return self.width, self.height

    @property
    def depth(self) -> DepthFormat | None:
        """What depth a source started with this format gives; None for none."""
        return None if isinstance(self.depth_format, str) else self.depth_format

    @property
    def rate(self) -> float:
        """Frames a second that a source started with this format gives: ``frame_rate``, or the most."""
        return self.max_frame_rate if self.frame_rate is None else self.frame_rate

    @property
    def still_size(self) -> tuple[int, int]:
        """(width, height) px of a photo."""
        return self.size if self.photo_size is None else self.photo_size

    def chosen(
        self,
        *,
        depth_format: DepthFormat | Literal["default"] | None = "default",
        frame_rate: float | None = None,
    ) -> Format:
        """The format to start a source with; the frame rate stays when None.

        Raises:
            InvalidConfiguration: a depth format or a frame rate that this format does not have.
        """
        rate = self.frame_rate if frame_rate is None else frame_rate
        try:
            return replace(self, depth_format=depth_format, frame_rate=rate)
        except ValueError as error:
            raise InvalidConfiguration(str(error)) from None

    def __str__(self) -> str:
        words = f"{self.width}×{self.height} {self.min_frame_rate:g}..{self.max_frame_rate:g} fps"
        return f"{words}, {self.depth_format}" if self.depth_format else words


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > 100_000_000:
        raise ValueError(f"a picture has 1 to 100 million pixels, not {width}×{height}")
