"""Messages back into a `Frame`, bit for bit as it was recorded; what contradicts itself is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.capture.takes import foxglove
from nearfar.capture.takes.foxglove import Image
from nearfar.capture.takes.frame_record import FrameRecord, Shape
from nearfar.capture.takes.packing import (
    COLOR,
    COLOR_JPEG,
    CONFIDENCE,
    CONFIDENCE_PACKET,
    DEPTH,
    DEPTH_PACKET,
    DISPARITY,
)
from nearfar.depth import DepthKind, DepthMap, Frame, decode_frame
from nearfar.errors import FileError

__all__ = ["unpack_frame"]


def unpack_frame(record: FrameRecord, find: Callable[[str], memoryview], max_pixels: int) -> Frame:
    """The frame of a record.

    Args:
        record: what was said of it.
        find: gives the frame's message on a topic; LookupError where there is none.
        max_pixels: of each of its pictures.

    Raises:
        ValueError: messages and record contradict one another.
        OverflowError: a picture has more than `max_pixels`.
        LookupError: a message is missing.
    """
    for shape in (record.color, record.depth):
        if shape is not None and shape.width * shape.height > max_pixels:
            raise OverflowError(shape.width * shape.height)
    return Frame(
        time=record.time,
        sequence=record.sequence,
        color=None if record.color is None else _color(record.color, find),
        depth=None if record.depth is None else _depth(record, record.depth, find),
        pose=record.pose,
        dropped=record.dropped,
    )


def _color(shape: Shape, find: Callable[[str], memoryview]) -> NDArray[np.uint8]:
    if shape.encoding == "jpeg":
        return _from_jpeg(foxglove.compressed_data(find(COLOR_JPEG)), shape)
    pixels = _pixels(Image.parse(find(COLOR)), shape, np.dtype("u1"), 3)
    return pixels.reshape(shape.height, shape.width, 3)


def _depth(record: FrameRecord, shape: Shape, find: Callable[[str], memoryview]) -> DepthMap:
    if shape.encoding == "packed":
        values = _from_packet(find(DEPTH_PACKET), record.dtype, shape)
        sure = _from_packet(find(CONFIDENCE_PACKET), "float32", shape) if record.confidence else None
        return DepthMap(values, confidence=sure, **record.about)
    image = Image.parse(find(DEPTH if record.about["kind"] is DepthKind.DEPTH else DISPARITY))
    values = _from_millimetres(image, shape) if shape.encoding == "16UC1" else _floats(image, shape)
    with np.errstate(over="ignore"):
        values = values.astype(record.dtype, copy=False)
    values.flags.writeable = False
    plain = Shape("32FC1", shape.width, shape.height)
    sure = _floats(Image.parse(find(CONFIDENCE)), plain) if record.confidence else None
    return DepthMap(values, confidence=sure, **record.about)


def _from_millimetres(image: Image, shape: Shape) -> NDArray[np.float32]:
    codes = _pixels(image, shape, np.dtype("<u2")).reshape(shape.height, shape.width)
    values: NDArray[np.float32] = codes.astype(np.float32) / np.float32(1000.0)
    values[codes == 0] = np.nan
    return values


def _from_packet(packet: memoryview, dtype: str, shape: Shape) -> NDArray[Any]:
    try:
        values = decode_frame(packet, max_pixels=shape.width * shape.height).values
    except FileError as error:
        raise ValueError(f"a depth packet: {error.reason}") from None
    if (values.dtype.name, *values.shape) != (dtype, shape.height, shape.width):
        raise ValueError("a depth packet is not what the frame's record says")
    return values


def _floats(image: Image, shape: Shape) -> NDArray[np.float32]:
    if shape.encoding != "32FC1":
        raise ValueError(f"a map cannot be stored as {shape.encoding!r}")
    values = _pixels(image, shape, np.dtype("<f4")).reshape(shape.height, shape.width)
    return values.astype(np.float32, copy=False)


def _pixels(image: Image, shape: Shape, dtype: np.dtype[Any], channels: int = 1) -> NDArray[Any]:
    """The pixels of an image that must be what the frame's record says, read-only, in memory of their own."""
    if (image.encoding, image.width, image.height) != (shape.encoding, shape.width, shape.height):
        raise ValueError("a picture is not what the frame's record says")
    if len(image.data) != shape.width * shape.height * channels * dtype.itemsize:
        raise ValueError(f"a picture of {shape.width}×{shape.height} cannot have {len(image.data):,} bytes")
    pixels: NDArray[Any] = np.frombuffer(image.data, dtype).copy()
    pixels.flags.writeable = False
    return pixels


def _from_jpeg(data: memoryview, shape: Shape) -> NDArray[np.uint8]:
    from PIL import Image as Pillow

    if _jpeg_size(data) != (shape.width, shape.height):
        raise ValueError("a JPEG has not the size that the frame's record says")
    try:
        with Pillow.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            pixels: NDArray[np.uint8] = np.array(picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise ValueError(f"a JPEG cannot be decoded: {error}") from None
    pixels.flags.writeable = False
    return pixels


def _jpeg_size(data: memoryview) -> tuple[int, int] | None:
    """(width, height) as a JPEG's frame header says; None where there is none."""
    at = 2
    while bytes(data[:2]) == b"\xff\xd8" and at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = (int.from_bytes(data[i : i + 2], "big") for i in (at + 5, at + 7))
            return width, height
        at += 2 + length
    return None
