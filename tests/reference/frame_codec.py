"""Twin of native/depth/frame_body and frame_rows: the body of a coded depth frame, and CRC-32C."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_STEP = 17
POLYNOMIAL = 0x82F63B78


def planes(samples: NDArray[np.unsignedinteger]) -> bytes:
    flat = samples.reshape(-1)
    signed = np.dtype(f"i{flat.itemsize}")
    difference = np.diff(flat, prepend=flat.dtype.type(0)).view(signed)
    folded = (difference << 1) ^ (difference >> (8 * flat.itemsize - 1))
    return folded.astype(f"<i{flat.itemsize}").view(np.uint8).reshape(-1, flat.itemsize).T.tobytes()


def unplanes(body: bytes, dtype: np.dtype[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    split = np.frombuffer(body, np.uint8).reshape(dtype.itemsize, -1)
    folded = np.ascontiguousarray(split.T).view(dtype.newbyteorder("<"))[:, 0].astype(dtype)
    difference = (folded >> 1) ^ (-(folded & 1).astype(np.int64)).astype(dtype)
    return np.cumsum(difference, dtype=dtype)


def palette_of(samples: NDArray[np.uint16]) -> NDArray[np.uint16] | None:
    some = np.unique(samples.reshape(-1)[::SAMPLE_STEP]).astype(np.int64)
    if np.count_nonzero(np.diff(some) == 1) * 4 > some.size * 3:
        return None
    palette = np.unique(samples)
    return palette if palette.size * 64 <= samples.size else None


def frame_body(samples: NDArray[np.unsignedinteger]) -> bytes:
    palette = palette_of(samples) if samples.dtype == np.uint16 else None
    if palette is None:
        return planes(samples)
    return planes(np.searchsorted(palette, samples).astype(np.uint16)) + planes(palette)


def frame_samples(
    body: bytes, height: int, width: int, dtype: type[np.unsignedinteger]
) -> NDArray[np.unsignedinteger]:
    kind = np.dtype(dtype)
    length = height * width * kind.itemsize
    samples = unplanes(body[:length], kind)
    if len(body) > length:
        samples = unplanes(body[length:], kind)[samples]
    return samples.reshape(height, width)


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
