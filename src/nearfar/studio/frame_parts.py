"""What a device gives, as the parts of a message.

DeviceFrame ── views, pose, depth ──▶ ViewPart, Matrix, DepthPart
            ├─ colour ── JPEG ──────▶ ColorPart
            └─ confidence ── bytes ─▶ ConfidencePart
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import DepthMap, encode_frame
from nearfar.studio.messages import Blob, ColorPart, ConfidencePart, DepthCoding, DepthPart, Matrix, ViewPart
from nearfar.xr import DepthDataFormat, DepthType, DeviceView, NativeDepth, RigidTransform

__all__ = ["color_part", "confidence_part", "depth_part", "matrix_of", "view_part"]

_QUALITY = 85
_LONGEST_SIDE = 1920
"""Of a picture behind a page, pixels: a larger one would take longer to code than a page shows it."""


def view_part(view: DeviceView) -> ViewPart:
    """A view of a device."""
    seen = view.field_of_view
    tangents = (seen.left, seen.right, seen.up, seen.down)
    return ViewPart(view.eye, tangents, matrix_of(view.offset))


def matrix_of(transform: RigidTransform) -> Matrix:
    """A transform's matrix."""
    return _numbers(transform.matrix)


def depth_part(depth: NativeDepth, coding: DepthCoding, depth_type: DepthType | None) -> DepthPart:
    """A depth buffer of a type, coded as a page wants it."""
    if coding == "short" and depth.data_format == DepthDataFormat.FLOAT32:
        depth = depth.converted_to(DepthDataFormat.UNSIGNED_SHORT)
    height, width = depth.raw.shape
    return DepthPart(
        data=Blob(memoryview(_packed(depth))) if coding == "packed" else _bytes_of(depth.raw),
        coding=coding,
        depth_type=depth_type,
        format=depth.data_format,
        width=width,
        height=height,
        raw_value_to_meters=depth.raw_value_to_meters,
        accuracy=depth.accuracy.value,
        norm_depth_buffer_from_norm_view=matrix_of(depth.norm_depth_buffer_from_norm_view),
        projection=None if depth.projection is None else _numbers(depth.projection),
        view_offset=None if depth.view_offset is None else matrix_of(depth.view_offset),
    )


def confidence_part(confidence: NDArray[np.float32]) -> ConfidencePart:
    """What a depth buffer's values are worth, (H, W) 0..1."""
    codes = np.rint(np.clip(confidence, 0.0, 1.0) * np.float32(255)).astype(np.uint8)
    height, width = codes.shape
    return ConfidencePart(_bytes_of(codes), width, height)


def color_part(color: NDArray[np.uint8]) -> ColorPart:
    """A picture, (H, W, 3), as a JPEG of at most 1920 pixels a side."""
    from PIL import Image

    picture = Image.fromarray(color)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BOX, reducing_gap=None)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return ColorPart(Blob(out.getbuffer()), *picture.size)


def _numbers(matrix: NDArray[np.float32]) -> Matrix:
    return Matrix(tuple(matrix.tolist()))


def _bytes_of(raw: NDArray[Any]) -> Blob:
    return Blob(raw.reshape(-1).view(np.uint8).data)


def _packed(depth: NativeDepth) -> bytes:
    if depth.data_format != DepthDataFormat.FLOAT32:
        return encode_frame(depth.raw, scale=depth.raw_value_to_meters, compression="deflate")
    return encode_frame(DepthMap(np.where(depth.raw > 0, depth.raw, np.nan)), compression="deflate")
