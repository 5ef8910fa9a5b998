"""JPEG samples in and out: Pillow codes what is lossy, our own coder what is lossless.

Pillow sees a stream that is cut down to tables and scans: its parsers of metadata never meet the file, and
size and number of scans are checked before it starts.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile
from nearfar.photo.bytesource import Bytes
from nearfar.photo.jpeg import strip_coding, strips
from nearfar.photo.jpeg.segments import Header, Scans, find_end, read_header
from nearfar.photo.limits import Limits

__all__ = ["decode", "encode_color", "encode_gray", "encode_lossless", "prepare"]

MAX_CODE_ERROR = 2
"""What `encode_gray` may change a code by; measured at quality 100 over noise, binary noise and edges: 1."""

_MAX_SCANS = 200  # a progressive picture has about ten; each costs a pass over all of it
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_MAX_HELD = (
    256 << 20
)  # 45 Mpx of a progressive picture whose colour is not subsampled, twice that where it is
_FREE_SCANS = 12  # these cost nothing; all further ones together no more passes than over this many pictures
_LEAST_REACH = 1 << 16  # bytes behind a header in which a picture's end is looked for first
_QUALITIES = (92, 97, 99, 100)  # smooth maps pass at the first, pure noise at the third
_METADATA = frozenset({*range(0xE1, 0xF0), 0xFE} - {0xEE})  # APP14 says which colour model is coded
_PILLOW_ERRORS = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error)


def decode(
    data: Bytes, header: Header, *, limits: Limits, file: str | None = None, share: int = 1
) -> NDArray[Any]:
    """Decode the JPEG that a header was read of; see `prepare`."""
    return prepare(data, header, limits=limits, file=file, share=share)()


def prepare(
    data: Bytes, header: Header, *, limits: Limits, file: str | None = None, share: int = 1
) -> Callable[[], NDArray[Any]]:
    """Check the JPEG that a header was read of, and give the function that decodes it.

    A `share` of 2, 4 or 8 gives 1/`share` of each side, rounded up, unless the picture is lossless.

    Returns:
        A function that gives (H, W) for one component, uint8, or uint16 for more than 8 bits; for more
        components (H, W, 3) uint8 RGB.

    Raises:
        CorruptFile: it cannot be decoded, or ends early; it may be the function that finds out.
        LimitExceeded: too many pixels or scans, or too many scans of so many pixels.
        UnsupportedFile: a coding that no decoder here handles.
    """
    frame = header.frame
    limits.check_pixels(frame.width, frame.height, file=file, offset=frame.offset, what="JPEG picture")
    picture, scans = _coded(data, header)
    held = _coefficient_bytes(data, header)
    if held > _MAX_HELD:
        raise LimitExceeded(
            f"the progressive JPEG picture of {frame.width}×{frame.height} pixels takes {held >> 20} MiB of "
            f"coefficients, over the limit of {_MAX_HELD >> 20}; save it as a baseline JPEG",
            file=file, offset=frame.offset, limit=_MAX_HELD, value=held,
        )  # fmt: skip
    if scans.count > _MAX_SCANS:
        raise LimitExceeded(
            f"the JPEG picture has {scans.count} scans, over the limit of {_MAX_SCANS}",
            file=file, offset=header.scan, limit=_MAX_SCANS, value=scans.count,
        )  # fmt: skip
    work, budget = (scans.count - _FREE_SCANS) * frame.width * frame.height, _FREE_SCANS * limits.max_pixels
    if work > budget:
        raise LimitExceeded(
            f"the JPEG picture has {scans.count} scans of {frame.width}×{frame.height} pixels; those after "
            f"the first {_FREE_SCANS} are over the limit of {budget:,} pixels in all",
            file=file, offset=header.scan, limit=budget, value=work,
        )  # fmt: skip
    lossless = frame.lossless and frame.components == 1
    if frame.precision != 8 and not lossless:
        raise UnsupportedFile(
            f"JPEG coding SOF{frame.marker - 0xC0} of {frame.precision} bits is not supported",
            file=file,
            offset=frame.offset,
        )
    decode: Callable[[], NDArray[Any]] = partial(_decode_lossless, picture, scans, limits)
    if not lossless:
        decode = _prepare_pillow(picture, read_header(picture, file=file), scans, share)
    return partial(_blaming_the_picture, decode, file, header.start)


def _coefficient_bytes(data: Bytes, header: Header) -> int:
    """What a decoder must hold of all scans at once; 0 for a picture that is decoded as it is read."""
    frame = header.frame
    if frame.marker not in _PROGRESSIVE:
        return 0
    segment = next(segment for segment in header.segments if segment.marker == frame.marker)
    at = segment.payload
    factors = [data[at + 7 + 3 * n : at + 8 + 3 * n][0] for n in range(frame.components)]
    across, down = max([1, *(each >> 4 for each in factors)]), max([1, *(each & 15 for each in factors)])
    blocks = sum((each >> 4) * (each & 15) for each in factors)
    return 2 * frame.width * frame.height * blocks // (across * down)


def _blaming_the_picture(decode: Callable[[], NDArray[Any]], file: str | None, offset: int) -> NDArray[Any]:
    try:
        return decode()
    except _PILLOW_ERRORS as error:
        reason = f"the JPEG picture cannot be decoded: {error}"
        raise CorruptFile(reason, file=file, offset=offset) from error


def _coded(data: Bytes, header: Header) -> tuple[bytes, Scans]:
    """Give the JPEG that begins at a header, and its coded part; what follows it may be in the bytes too."""
    reach = _LEAST_REACH + header.frame.width * header.frame.height // 8
    while True:
        picture = data[header.start : header.scan + reach]
        scans = find_end(picture, header.scan - header.start)
        if scans.end is not None or header.start + len(picture) >= len(data):
            return picture, scans
        reach *= 4


def _decode_lossless(data: bytes, scans: Scans, limits: Limits) -> NDArray[Any]:
    from nearfar import _native

    samples: NDArray[Any] = _native.lossless_jpeg_decode(memoryview(data)[: scans.end], limits.max_pixels)
    return samples


def _prepare_pillow(data: bytes, header: Header, scans: Scans, share: int) -> Callable[[], NDArray[Any]]:
    frame = header.frame
    kept = [segment for segment in header.segments if segment.marker not in _METADATA]
    parts = strips.cut(data, header, scans, kept) if frame.components in (1, 3) and share == 1 else []
    if parts:
        decode_into = _gray_into if frame.components == 1 else _color_into
        shape = (frame.height, frame.width, 3)[: 2 if frame.components == 1 else 3]
        return partial(strips.decode_strips, parts, np.empty(shape, np.uint8), decode_into)
    stream = b"".join((b"\xff\xd8", *(data[s.start : s.end] for s in kept), data[header.scan : scans.end]))
    if share > 1:
        return partial(_decode_color, stream, share)
    if frame.components == 1:
        return partial(_gray_into, stream, np.empty((frame.height, frame.width), np.uint8))
    return partial(_decode_color, stream)


def _gray_into(stream: bytes, samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Decode a stream of one component into an array, which must be of the frame's size.

    Pillow's decoder takes the size from us: it is that of the first frame, and libjpeg refuses a second one.
    """
    from PIL import Image

    target = Image.frombuffer("L", samples.shape[::-1], samples, "raw", "L", 0, 1)
    target.frombytes(stream, "jpeg", ("L", ""))
    return samples


def _color_into(stream: bytes, samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    samples[...] = _decode_color(stream)
    return samples


def _decode_color(stream: bytes, share: int = 1) -> NDArray[Any]:
    from PIL import JpegImagePlugin

    picture = JpegImagePlugin.JpegImageFile(io.BytesIO(stream))
    if share > 1:
        picture.draft(picture.mode, (picture.width // share, picture.height // share))
    return np.asarray(picture if picture.mode in ("L", "RGB") else picture.convert("RGB"))


def encode_color(color: NDArray[np.uint8], quality: int) -> bytes:
    """Code an RGB picture (H, W, 3), 4:4:4.

    Colour is not subsampled, as in the JPEGs of iPhone cameras: depth effects cut along colour edges, where
    4:2:0 leaves a fringe of up to two pixels. Large pictures get restart markers, and so are coded, and can
    be decoded, in strips at the same time.
    """
    if color.shape[0] * color.shape[1] >= strip_coding.MIN_PIXELS:
        return strip_coding.encode_in_strips(color, quality)
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(color)).save(out, "JPEG", quality=quality, subsampling="4:4:4")
    return out.getvalue()


def encode_gray(codes: NDArray[np.uint8]) -> bytes:
    """Code an 8-bit map (H, W) so that no code is off by more than `MAX_CODE_ERROR` (checked by decoding)."""
    from PIL import Image, JpegImagePlugin

    picture = Image.fromarray(np.ascontiguousarray(codes))
    coded = b""
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        coded = out.getvalue()
        back = np.asarray(JpegImagePlugin.JpegImageFile(io.BytesIO(coded)))
        if (np.maximum(codes, back) - np.minimum(codes, back)).max() <= MAX_CODE_ERROR:
            break
    return coded


def encode_lossless(samples: NDArray[np.uint16]) -> bytes:
    """Code 16-bit samples (H, W) bit for bit (SOF3)."""
    from nearfar import _native

    return bytes(_native.lossless_jpeg_encode(np.ascontiguousarray(samples)))
