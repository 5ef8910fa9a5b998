"""`Matte`: how much of each pixel a subject covers, 0 (none) to 255 (all), linear.

Mirrors AVPortraitEffectsMatte and AVSemanticSegmentationMatte, whose pixels are 8-bit and linear.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.arrays import ArrayValue, adopt, frozen, picture_size
from nearfar.depth.kinds import MatteKind, Orientation, orient_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Matte(ArrayValue):
    """The 8-bit linear coverage of one kind of subject.

    ``values`` is (H, W) uint8, C-contiguous and read-only: 0 outside the subject, 255 inside, linear between.
    Raises TypeError on another dtype and ValueError on another shape.

    Source: Apple, AVPortraitEffectsMatte and AVSemanticSegmentationMatte.
    """

    values: NDArray[np.uint8]
    kind: MatteKind = MatteKind.PORTRAIT

    def __post_init__(self) -> None:
        array = np.asarray(self.values)
        if array.dtype != np.uint8:
            raise TypeError(f"matte values must be uint8 coverage, 0..255; got {array.dtype}")
        if array.ndim != 2 or 0 in array.shape:
            raise ValueError(f"matte values must have shape (H, W), 1×1 or more; got {array.shape}")
        object.__setattr__(self, "values", adopt(array))
        object.__setattr__(self, "kind", MatteKind(self.kind))

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width), as NumPy counts."""
        height, width = self.values.shape
        return height, width

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.values.shape
        return width, height

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.values.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.values.shape[0])

    def oriented(self, orientation: Orientation | int) -> Matte:
        """The matte turned upright from an EXIF orientation. Raises ValueError outside 1..8."""
        orientation = Orientation(orientation)
        if orientation is Orientation.UP:
            return self
        return replace(self, values=frozen(orient_array(self.values, orientation)))

    def resized(self, size: tuple[int, int]) -> Matte:
        """The matte stretched to `size` (width, height): averaged when it shrinks, linear when it grows.

        Raises ValueError unless both sides are positive whole numbers.
        """
        from PIL import Image

        wanted = picture_size("size", size)
        resized = Image.fromarray(self.values).resize(wanted, Image.Resampling.BILINEAR)
        return replace(self, values=frozen(np.array(resized)))

    def with_values(self, values: ArrayLike) -> Matte:
        """A matte of the same kind with other coverage, of any size."""
        return replace(self, values=np.asarray(values))

    def equals(self, other: object) -> bool:
        """True when the kind and every pixel are the same."""
        if not isinstance(other, Matte) or self.kind is not other.kind:
            return False
        return np.array_equal(self.values, other.values)

    def __reduce__(self) -> tuple[type[Matte], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        covered = float(self.values.mean()) / 255
        return f"Matte({self.width}×{self.height} {self.kind.value}, covers {covered:.1%})"

    def _repr_png_(self) -> bytes:
        """The coverage as a grey picture: what a notebook shows."""
        from nearfar.depth.colour import png_bytes

        return png_bytes(self.values)
