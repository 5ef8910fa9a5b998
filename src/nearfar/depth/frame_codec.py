"""The frame codec: one depth map as one packet of bytes, without loss, small and quick enough to stream.

::

    header, 16 bytes, little-endian                                   payload
    ┌───────┬─────────┬────────┬───────┬────────┬─────────┬────────┐ ┌────────────────────┐
    │ "dz"  │ version │ coding │ width │ height │  scale  │ CRC32C │ │ zstd or deflate of │
    │       │  flags  │        │  u16  │  u16   │ float32 │  u32   │ │ the body           │
    └───────┴─────────┴────────┴───────┴────────┴─────────┴────────┘ └────────────────────┘
    0       2         3        4       6        8         12         16

The body holds, for each sample in row order, the difference to the sample before as a zig-zag number: all low
bytes first, then all next ones. No packet needs another, so any may be lost. The bytes are described in full,
with a packet to try a decoder on, in docs/frame-format.md.

Packets come over networks and out of files: nothing in one is believed before it is checked.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.depth.arrays import frozen
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import Accuracy, DepthKind, Quality
from nearfar.errors import CorruptFile, LimitExceeded, MissingExtra, UnsupportedFile

if TYPE_CHECKING:
    import zstandard

__all__ = ["DecodedFrame", "decode_frame", "encode_frame"]

Compression: TypeAlias = Literal["zstd", "deflate"]

_MAGIC = b"dz"
_VERSION = 1
_HEADER = struct.Struct("<2sBBHHf")
_CRC = struct.Struct("<I")
_PAYLOAD = _HEADER.size + _CRC.size
_SAMPLES = (np.dtype(np.uint16), np.dtype(np.float16), np.dtype(np.float32))
_COMPRESSIONS: tuple[Compression, ...] = ("zstd", "deflate")
_EXPANSION = {"zstd": 32768, "deflate": 1032}
"""What a byte of payload can stand for at most: blocks of one byte (RFC 8878), longest matches (RFC 1951)."""
_LEVEL = 1
_WINDOW = 1 << 23
_LONGEST_SIDE = 65535
_LONGEST_PALETTE = 65536
_MILLIMETRE = 0.001


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DecodedFrame:
    """What a packet of `encode_frame` holds.

    Attributes:
        values: (H, W) uint16, float16 or float32, read-only, bit for bit as they were encoded.
        scale: metres (of disparity: 1/metres) that a uint16 value of 1 stands for; 1.0 with floats. A uint16
            of 0 is a hole.
        kind: what the values measure.
        accuracy: as the map's that was encoded; so are the others. Of plain uint16 values, a map's defaults.
        quality: as above.
        filtered: as above.
        metric: as above.
    """

    values: NDArray[Any]
    scale: float
    kind: DepthKind
    accuracy: Accuracy
    quality: Quality
    filtered: bool
    metric: bool

    def depth_map(self) -> DepthMap:
        """The frame as a map: floats as they are, uint16 values as float32, with NaN where they are 0.

        Raises CorruptFile when the floats are none that a map may hold, such as negative depths.
        """
        values = self.values
        if values.dtype == np.uint16:
            holes = values == 0
            values = (values * self.scale).astype(np.float32)
            values[holes] = np.nan
            values = frozen(values)
        try:
            return DepthMap(values, self.kind, self.accuracy, self.quality, self.filtered, self.metric)
        except ValueError as error:
            raise CorruptFile(f"a depth frame whose values cannot be: {error}") from error

    def __repr__(self) -> str:
        height, width = self.values.shape
        unit = f" × {self.scale:g}" if self.values.dtype == np.uint16 else ""
        return f"DecodedFrame({width}×{height} {self.values.dtype}{unit} {self.kind.value})"


def encode_frame(
    depth: DepthMap | ArrayLike, *, scale: float | None = None, compression: Compression | None = None
) -> bytes:
    """One depth map as a packet that `decode_frame`, or a page in a browser, turns back into the same bits.

    A map's kind, accuracy, quality, ``filtered`` and ``metric`` go with it; its calibration and confidence do
    not. On camera frames the packet is two thirds the size of zstd alone, in no more time.

    Args:
        depth: a `DepthMap`; or (H, W) uint16 with 0 for holes, as depth cameras give. Sides of 1..65535 px.
        scale: metres that a uint16 value of 1 stands for, kept as float32; 0.001, a millimetre, when None.
            Not for a `DepthMap`, whose unit is known.
        compression: ``"zstd"``; or ``"deflate"`` (zlib, RFC 1950), which browsers decode without a library
            but which takes longer to make. When None, zstd where it is installed.

    Raises:
        TypeError: neither a map nor uint16 values; a scale beside a map.
        ValueError: a shape, scale or compression that cannot be.
        MissingExtra: ``"zstd"`` was asked for and is not installed (extra ``record``).
    """
    if isinstance(depth, DepthMap):
        if scale is not None:
            raise TypeError("scale is for uint16 values; a DepthMap holds metres or 1/metres already")
        samples: NDArray[Any] = depth.values
        unit = 1.0
    else:
        samples = _counts(depth)
        unit = _checked_scale(_MILLIMETRE if scale is None else scale)
    height, width = samples.shape
    if max(height, width) > _LONGEST_SIDE:
        raise ValueError(f"a depth frame is at most 65535 pixels wide and high; got {width}×{height}")
    if compression is None:
        compression = "zstd" if _zstandard() is not None else "deflate"
    if compression not in _COMPRESSIONS:
        raise ValueError(f"compression must be 'zstd' or 'deflate', not {compression!r}")
    body = _native.frame_body(samples.view(np.uint16 if samples.itemsize == 2 else np.uint32))
    palette = body.size > samples.nbytes
    payload = _compress(body, compression)
    version, coding = _described(depth) if isinstance(depth, DepthMap) else (_VERSION, 0)
    coding |= _SAMPLES.index(samples.dtype) | palette << 2 | _COMPRESSIONS.index(compression) << 4
    header = _HEADER.pack(_MAGIC, version, coding, width, height, unit)
    return b"".join((header, _CRC.pack(_native.crc32c(payload, _native.crc32c(header))), payload))


def decode_frame(data: bytes | bytearray | memoryview, *, max_pixels: int = 100_000_000) -> DecodedFrame:
    """The values of a packet made by `encode_frame`, whoever sent it.

    Lengths are checked before anything is allocated, decompression stops at the size that the header gives,
    and the packet's checksum must fit.

    Args:
        data: the whole packet, and nothing after it.
        max_pixels: width × height at most.

    Raises:
        CorruptFile: the packet is cut short, changed or contradicts itself; the error has the place.
        UnsupportedFile: it is no depth frame, or of a later version.
        LimitExceeded: it has more than ``max_pixels``.
        MissingExtra: it needs zstd, which is not installed (extra ``record``).
    """
    packet = memoryview(data).cast("B")
    version, coding, width, height, scale = _read_header(packet)
    if not (width and height):
        raise CorruptFile(f"a depth frame of {width}×{height} pixels", offset=4)
    if width * height > max_pixels:
        raise LimitExceeded(
            f"the depth frame is {width}×{height} pixels, over the limit of {max_pixels:,}; "
            "raise it with max_pixels=",
            offset=4,
            limit=max_pixels,
            value=width * height,
        )
    dtype, palette, compression = _read_coding(coding)
    floats = dtype.kind == "f"
    if not (scale == 1.0 if floats else 0.0 < scale < np.inf):
        raise CorruptFile(f"a depth frame of {dtype} samples with scale {scale}", offset=8)
    least = width * height * dtype.itemsize
    body = _decompress(packet[_PAYLOAD:], compression, least, least + 2 * _LONGEST_PALETTE * palette)
    if (len(body) > least) != palette or len(body) % 2:
        raise CorruptFile(f"a depth frame with a body of {len(body):,} bytes", offset=_PAYLOAD)
    read = _native.frame_samples16 if dtype.itemsize == 2 else _native.frame_samples32
    try:
        samples = read(body, height, width)
    except ValueError as error:
        raise CorruptFile(f"a depth frame in which {error}", offset=_PAYLOAD) from None
    return DecodedFrame(
        samples.view(dtype),
        1.0 if floats else float(str(np.float32(scale))),  # 0.001 rather than 0.0010000000474974513
        DepthKind.DISPARITY if coding & 0x40 else DepthKind.DEPTH,
        Accuracy.ABSOLUTE if version & 0x10 else Accuracy.RELATIVE,
        Quality.LOW if version & 0x20 else Quality.HIGH,
        bool(version & 0x40),
        not version & 0x80,
    )


def _described(depth: DepthMap) -> tuple[int, int]:
    """The version with what is known of a map, and the bit of the coding that says what it measures."""
    about = (
        depth.accuracy is Accuracy.ABSOLUTE,
        depth.quality is Quality.LOW,
        depth.filtered,
        not depth.metric,
    )
    disparity = depth.kind is DepthKind.DISPARITY
    return _VERSION | sum(flag << bit for bit, flag in enumerate(about, 4)), disparity << 6


def _counts(values: ArrayLike) -> NDArray[np.uint16]:
    array = np.asarray(values)
    if array.dtype.newbyteorder("=") != np.uint16:
        raise TypeError(
            f"a depth frame is a DepthMap or uint16 values with their scale; got {array.dtype}. "
            "Floats go in a DepthMap, which knows what they measure"
        )
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"depth values must have shape (H, W) with at least one pixel; got {array.shape}")
    return np.ascontiguousarray(array, np.uint16)


def _checked_scale(scale: float) -> float:
    with np.errstate(over="ignore"):
        single = float(np.float32(scale))
    if not 0.0 < single < np.inf:
        raise ValueError(f"scale must be a positive number of metres, not {scale!r}")
    return single


def _read_header(packet: memoryview) -> tuple[int, int, int, int, float]:
    """The fields behind the magic number, of a packet whose checksum fits."""
    if len(packet) < _PAYLOAD:
        raise CorruptFile("a depth frame that ends in its header", offset=len(packet))
    magic, version, coding, width, height, scale = _HEADER.unpack_from(packet)
    if magic != _MAGIC:
        raise UnsupportedFile("not a depth frame: it does not begin with 'dz'", offset=0)
    if version & 0x0F != _VERSION:
        raise UnsupportedFile(
            f"a depth frame of version {version & 0x0F}; this is version {_VERSION}", offset=2
        )
    (stated,) = _CRC.unpack_from(packet, _HEADER.size)
    found = _native.crc32c(packet[_PAYLOAD:], _native.crc32c(packet[: _HEADER.size]))
    if found != stated:
        raise CorruptFile(
            f"a depth frame that was changed: its checksum is {found:08x}, not {stated:08x}",
            offset=_HEADER.size,
        )
    return version, coding, width, height, scale


def _read_coding(coding: int) -> tuple[np.dtype[Any], bool, Compression]:
    """The type of the samples, whether a palette stands behind them, and the compression."""
    samples, prediction, compression = coding & 3, coding >> 2 & 3, coding >> 4 & 3
    known = samples < len(_SAMPLES) and prediction < 2 and compression < len(_COMPRESSIONS) and coding < 0x80
    if not known or (prediction == 1 and _SAMPLES[samples].itemsize != 2):
        raise UnsupportedFile(f"a depth frame of an unknown coding, 0x{coding:02x}", offset=3)
    return _SAMPLES[samples], prediction == 1, _COMPRESSIONS[compression]


# Compression. Contexts are kept, one a thread: to make one takes longer than to compress a small frame.


class _Contexts(threading.local):
    compressor: zstandard.ZstdCompressor | None = None
    decompressor: zstandard.ZstdDecompressor | None = None


_contexts = _Contexts()


def _zstandard() -> Any:
    """The module, or None where it is not installed."""
    try:
        import zstandard
    except ImportError:
        return None
    return zstandard


def _compress(body: NDArray[np.uint8], compression: Compression) -> memoryview:
    if compression == "deflate":
        return _native.deflate(body).data
    zstandard = _zstandard()
    if zstandard is None:
        raise MissingExtra("encoding a depth frame with zstd", extra="record")
    if _contexts.compressor is None:
        _contexts.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return memoryview(_contexts.compressor.compress(body.data))


def _decompress(payload: memoryview, compression: Compression, least: int, most: int) -> bytes:
    """The body, of ``least`` to ``most`` bytes. Raises CorruptFile, MissingExtra."""
    if least > len(payload) * _EXPANSION[compression]:
        raise CorruptFile(
            f"a depth frame of {len(payload):,} bytes that is to hold {least:,}",
            offset=_PAYLOAD + len(payload),
        )
    undo: Callable[[memoryview, int, int], bytes] = _from_zstd if compression == "zstd" else _from_deflate
    body = undo(payload, least, most)
    if not least <= len(body) <= most:
        raise CorruptFile(f"a depth frame with a body of {len(body):,} bytes, not {least:,}", offset=_PAYLOAD)
    return body


def _from_zstd(payload: memoryview, least: int, most: int) -> bytes:
    zstandard = _zstandard()
    if zstandard is None:
        raise MissingExtra("decoding this depth frame", extra="record")
    if _contexts.decompressor is None:
        _contexts.decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    try:
        size = zstandard.frame_content_size(payload)
        if not least <= size <= most:
            raise CorruptFile(f"a depth frame with a body of {size:,} bytes, not {least:,}", offset=_PAYLOAD)
        return _contexts.decompressor.decompress(payload, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise CorruptFile(f"a depth frame that zstd refuses: {error}", offset=_PAYLOAD) from None


def _from_deflate(payload: memoryview, least: int, most: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        body = stream.decompress(payload, most)
        beyond = stream.decompress(stream.unconsumed_tail, 1)  # the stream's end, and no more
    except zlib.error as error:
        raise CorruptFile(f"a depth frame that deflate refuses: {error}", offset=_PAYLOAD) from None
    if beyond or not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise CorruptFile(
            f"a depth frame whose payload does not end with its {least:,} bytes", offset=_PAYLOAD
        )
    return body
