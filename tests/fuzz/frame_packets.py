"""Changed packets for the frame codec.

A checksum keeps nearly all changed packets from the decoder, so every other one has its checksum made good
after the change. What is refused must be refused by an error of the tree, with a place; what is not must be a
frame of the size that its header says; and with the checksum left alone, a packet that nobody changed.
"""

from __future__ import annotations

import random
import struct
import time
from dataclasses import dataclass
from functools import cache

import numpy as np

import nearfar as nf
from fuzz.mutations import mutate
from nearfar import _native
from nearfar.depth import decode_frame, encode_frame
from nearfar.errors import FileError

MAX_PIXELS = 1 << 20


@dataclass(frozen=True)
class Figures:
    """What became of a number of packets; ``slowest`` in seconds of processor time."""

    refused: int
    decoded: int
    slowest: float


@cache
def packets() -> tuple[bytes, ...]:
    """Small frames in every coding."""
    generator = np.random.default_rng(7)
    ramp = np.linspace(0.5, 4, 35 * 21, dtype=np.float32).reshape(21, 35)
    noisy = ramp + generator.normal(0, 0.01, ramp.shape).astype(np.float32)
    noisy[generator.random(ramp.shape) < 0.1] = np.nan
    told = nf.DepthMap(noisy, "disparity", "absolute", "low", True, False)
    counts = np.nan_to_num(noisy * 1000).astype(np.uint16)
    stereo = np.where(counts > 0, 600 * np.rint(counts / 600), 0).astype(np.uint16)
    frames = (counts, stereo, counts[:1, :1], told, told.to(dtype=np.float16), nf.DepthMap(ramp[:3, :2]))
    return tuple(encode_frame(frame, compression=how) for frame in frames for how in ("zstd", "deflate"))


def signed(packet: bytes) -> bytes:
    """The packet with its checksum made good."""
    crc = _native.crc32c(packet[16:], _native.crc32c(packet[:12]))
    return packet[:12] + struct.pack("<I", crc) + packet[16:]


def attempt(packet: bytes) -> bool:
    """Decode a packet from anywhere and say whether it was one; check what comes out."""
    try:
        frame = decode_frame(packet, max_pixels=MAX_PIXELS)
    except FileError as error:
        if error.offset is None:
            raise AssertionError("an error without a place") from error
        return False
    assert frame.values.shape == struct.unpack_from("<HH", packet, 4)[::-1]
    assert not frame.values.flags.writeable
    return True


def run(count: int, seed: int) -> Figures:
    """Change and decode ``count`` packets."""
    rng = random.Random(seed)
    sound = packets()
    decoded, slowest = 0, 0.0
    for number in range(count):
        packet = mutate(sound, rng)
        unsigned = number % 2 == 0
        if not unsigned:
            packet = signed(packet)
        start = time.process_time()
        held = attempt(packet)
        slowest = max(slowest, time.process_time() - start)
        assert not (held and unsigned) or packet in sound, "a change went through the checksum"
        decoded += held
    return Figures(count - decoded, decoded, slowest)
