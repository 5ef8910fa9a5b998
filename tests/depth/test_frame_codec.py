"""Packets of depth frames: what goes in comes out, and what was changed is refused."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import nearfar as nf
from fuzz.frame_packets import packets, run, signed
from nearfar import _native
from nearfar.depth import decode_frame, encode_frame
from nearfar.errors import CorruptFile, FileError, LimitExceeded, UnsupportedFile
from soaking import rounds

COMPRESSIONS = st.sampled_from(["zstd", "deflate"])
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
SCALES = st.floats(2.0**-100, 2.0**100, width=32)


def packet(
    *, version: int = 1, coding: int = 0, size: tuple[int, int] = (2, 2), scale: float = 0.001, payload: bytes
) -> bytes:
    header = struct.pack("<2sBBHHfI", b"dz", version, coding, *size, scale, 0)
    return signed(header + payload)


def zstd(body: bytes, **options: object) -> bytes:
    return zstandard.ZstdCompressor(level=1, **options).compress(body)


BODY = bytes.fromhex("d004d301 07000700")
SOUND = packet(payload=zstd(BODY))


@given(hnp.arrays(np.uint16, SHAPES), SCALES, COMPRESSIONS)
def test_counts_come_back_with_their_scale(values, scale, compression) -> None:
    frame = decode_frame(encode_frame(values, scale=scale, compression=compression))
    assert frame.values.dtype == np.uint16
    assert np.array_equal(frame.values, values)
    assert np.float32(frame.scale) == np.float32(scale)
    assert not frame.values.flags.writeable


@st.composite
def depth_maps(draw: st.DrawFn) -> nf.DepthMap:
    dtype = draw(st.sampled_from([np.float16, np.float32]))
    numbers = st.one_of(st.sampled_from([np.nan, np.inf, 0.0]), st.floats(0, 1000, width=16))
    return nf.DepthMap(
        draw(hnp.arrays(dtype, SHAPES, elements=numbers)),
        draw(st.sampled_from(nf.DepthKind)),
        draw(st.sampled_from(nf.Accuracy)),
        draw(st.sampled_from(nf.Quality)),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@given(depth_maps(), COMPRESSIONS)
def test_a_map_comes_back_but_for_calibration_and_confidence(depth_map, compression) -> None:
    frame = decode_frame(encode_frame(depth_map, compression=compression))
    assert frame.depth_map().equals(depth_map)
    assert frame.scale == 1.0
    assert np.shares_memory(frame.depth_map().values, frame.values)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_every_bit_of_a_hole_survives(dtype) -> None:
    words = {
        np.float16: np.uint16([[0x7E01, 0xFE00, 0x7D00]]),
        np.float32: np.uint32([[0x7FC12345, 0xFFC00000]]),
    }
    values = words[dtype].view(dtype)
    frame = decode_frame(encode_frame(nf.DepthMap(values)))
    assert frame.values.tobytes() == values.tobytes()


def test_counts_are_millimetres_and_0_is_a_hole() -> None:
    frame = decode_frame(encode_frame(np.uint16([[0, 1234, 65535]])))
    assert frame.scale == 0.001
    found = frame.depth_map()
    assert np.array_equal(found.values, np.float32([[np.nan, 1.234, 65.535]]), equal_nan=True)
    assert (found.kind, found.metric) == (nf.DepthKind.DEPTH, True)
    assert repr(frame) == "DecodedFrame(3×1 uint16 × 0.001 depth)"


def test_the_bytes_are_those_of_the_format() -> None:
    values = np.uint16([[1000, 1002], [0, 65535]])
    data = encode_frame(values, scale=0.25)
    assert data[:12] == bytes.fromhex("647a 01 00 0200 0200 0000803e")
    assert zstandard.decompress(data[16:]) == BODY
    data = encode_frame(values, scale=0.25, compression="deflate")
    assert data[:12] == bytes.fromhex("647a 01 10 0200 0200 0000803e")
    assert zlib.decompress(data[16:]) == BODY
    told = nf.DepthMap(np.ones((1, 2), np.float16), "disparity", "absolute", "low", True, False)
    assert encode_frame(told)[:12] == bytes.fromhex("647a f1 41 0200 0100 0000803f")
    assert encode_frame(nf.DepthMap(np.ones((1, 2), np.float32)))[:12] == bytes.fromhex(
        "647a 01 02 0200 0100 0000803f"
    )


def test_a_stereo_camera_s_few_distances_become_a_palette() -> None:
    steps = np.add.outer(np.arange(64), np.arange(64)) // 4
    distances = (30000 / (20 + steps)).astype(np.uint16)
    data = encode_frame(distances)
    assert data[3] == 0x04
    assert np.array_equal(decode_frame(data).values, distances)
    plain = 16 + len(zstd(_native.frame_body(steps.astype(np.uint16)).data))
    assert len(data) < plain + 200


def test_real_frames_come_back_smaller_than_zstd_alone(samples) -> None:
    sizes = []
    for path in sorted((samples / "rgbd").glob("*/depth/*.png"))[::12]:
        with Image.open(path) as picture:
            values = np.array(picture).astype(np.uint16)
        data = encode_frame(values)
        assert np.array_equal(decode_frame(data).values, values)
        sizes.append(len(zstd(values.tobytes())) / len(data))
    assert np.exp(np.mean(np.log(sizes))) >= 1.3


def test_strided_arrays_and_any_buffer_are_taken() -> None:
    values = np.arange(96, dtype=np.uint16).reshape(8, 12)
    for view in (values[::2, ::3], values.T, values.astype(">u2")):
        data = encode_frame(view)
        for buffer in (data, bytearray(data), memoryview(data)):
            assert np.array_equal(decode_frame(buffer).values, view)


def test_threads_have_contexts_of_their_own() -> None:
    gate = threading.Barrier(4)

    def work(seed: int) -> bool:
        values = np.random.default_rng(seed).integers(0, 9000, (90, 120)).astype(np.uint16)
        gate.wait()
        return all(np.array_equal(decode_frame(encode_frame(values)).values, values) for _ in range(50))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))


# Misuse


@pytest.mark.parametrize(
    "values", [np.ones((2, 2), np.float32), np.ones((2, 2), np.int16), [[1, 2]], "depth"]
)
def test_what_has_no_known_unit_is_refused(values) -> None:
    with pytest.raises(TypeError, match="DepthMap or uint16"):
        encode_frame(values)


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 2, 2), (1, 65536), (65536, 1)])
def test_shapes_that_cannot_be_are_refused(shape) -> None:
    with pytest.raises(ValueError, match=r"shape|65535"):
        encode_frame(np.zeros(shape, np.uint16))


@pytest.mark.parametrize("scale", [0, -1, np.nan, np.inf, 1e-60, 1e60])
def test_scales_that_cannot_be_are_refused(scale) -> None:
    with pytest.raises(ValueError, match="scale"):
        encode_frame(np.zeros((1, 1), np.uint16), scale=scale)


def test_a_map_has_its_own_unit_and_compressions_have_names() -> None:
    with pytest.raises(TypeError, match="scale"):
        encode_frame(nf.DepthMap(np.ones((1, 1), np.float32)), scale=1.0)
    with pytest.raises(ValueError, match="'zstd' or 'deflate'"):
        encode_frame(np.zeros((1, 1), np.uint16), compression="lz4")


def test_without_zstandard_frames_are_deflated_and_zstd_s_are_refused() -> None:
    code = (
        "import sys; sys.modules['zstandard'] = None\n"
        "import numpy as np, nearfar as nf\n"
        "from nearfar.depth import decode_frame, encode_frame\n"
        "values = np.arange(6, dtype=np.uint16).reshape(2, 3)\n"
        "data = encode_frame(values)\n"
        "assert data[3] == 0x10 and np.array_equal(decode_frame(data).values, values)\n"
        "for attempt in (lambda: encode_frame(values, compression='zstd'), "
        f"lambda: decode_frame({SOUND!r})):\n"
        "    try: attempt()\n"
        "    except nf.MissingExtra as error: print(error.extra)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["record", "record"]


# What was changed, and what was made to harm


@pytest.mark.parametrize("data", [SOUND, encode_frame(nf.DepthMap(np.ones((9, 9), np.float32)))])
def test_no_changed_bit_and_no_cut_goes_unseen(data) -> None:
    for place in range(len(data)):
        with pytest.raises(FileError):
            decode_frame(data[:place])
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(FileError):
                decode_frame(changed)
    with pytest.raises(CorruptFile):
        decode_frame(data + b"\0")


@pytest.mark.parametrize(
    ("data", "error", "offset"),
    [
        (b"", CorruptFile, 0),
        (SOUND[:15], CorruptFile, 15),
        (signed(b"zd" + SOUND[2:]), UnsupportedFile, 0),
        (packet(version=2, payload=zstd(BODY)), UnsupportedFile, 2),
        (packet(version=0, payload=zstd(BODY)), UnsupportedFile, 2),
        (packet(coding=0x03, payload=zstd(BODY)), UnsupportedFile, 3),
        (packet(coding=0x08, payload=zstd(BODY)), UnsupportedFile, 3),
        (packet(coding=0x20, payload=zstd(BODY)), UnsupportedFile, 3),
        (packet(coding=0x80, payload=zstd(BODY)), UnsupportedFile, 3),
        (packet(coding=0x06, scale=1.0, payload=zstd(BODY * 2)), UnsupportedFile, 3),
        (packet(size=(0, 2), payload=zstd(b"")), CorruptFile, 4),
        (packet(size=(65535, 65535), payload=zstd(BODY)), LimitExceeded, 4),
        (packet(scale=0.0, payload=zstd(BODY)), CorruptFile, 8),
        (packet(scale=np.nan, payload=zstd(BODY)), CorruptFile, 8),
        (packet(scale=-np.inf, payload=zstd(BODY)), CorruptFile, 8),
        (packet(coding=0x02, scale=0.5, payload=zstd(BODY * 2)), CorruptFile, 8),
        (SOUND[:12] + bytes(4) + SOUND[16:], CorruptFile, 12),
        (packet(payload=b""), CorruptFile, 16),
        (packet(payload=BODY), CorruptFile, 16),
        (packet(payload=zstd(BODY)[:-1]), CorruptFile, 16),
        (packet(payload=zstd(BODY) + b"\0"), CorruptFile, 16),
        (packet(payload=zstd(BODY) * 2), CorruptFile, 16),
        (packet(payload=zstd(BODY + b"\0")), CorruptFile, 16),
        (packet(payload=zstd(BODY[:-1])), CorruptFile, 16),
        (packet(payload=zstd(BODY, write_content_size=False)), CorruptFile, 16),
        (packet(payload=b"\x50\x2a\x4d\x18\x04\0\0\0abcd"), CorruptFile, 16),
        (packet(coding=0x10, payload=zlib.compress(BODY)[:-1]), CorruptFile, 16),
        (packet(coding=0x10, payload=zlib.compress(BODY) + b"\0"), CorruptFile, 16),
        (packet(coding=0x10, payload=zlib.compress(BODY + b"\0")), CorruptFile, 16),
        (packet(coding=0x10, payload=zlib.compress(BODY[:-1])), CorruptFile, 16),
        (packet(coding=0x10, payload=zlib.compress(BODY)[2:]), CorruptFile, 16),
        (packet(coding=0x04, payload=zstd(BODY)), CorruptFile, 16),
        (packet(coding=0x04, payload=zstd(BODY + b"\2")), CorruptFile, 16),
        (packet(coding=0x04, payload=zstd(BODY + b"\2\0")), CorruptFile, 16),
        (packet(coding=0x04, payload=zstd(BODY + bytes(2 * 65537))), CorruptFile, 16),
        (packet(coding=0x14, payload=zlib.compress(BODY + bytes(2 * 65537))), CorruptFile, 16),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(data, error, offset) -> None:
    with pytest.raises(error) as caught:
        decode_frame(data)
    assert caught.value.offset == offset
    assert np.array_equal(
        decode_frame(SOUND).values, [[1000, 1002], [0, 65535]]
    )  # what was refused leaves no trace


def test_the_limit_is_the_reader_s() -> None:
    data = encode_frame(np.zeros((20, 30), np.uint16))
    assert decode_frame(data, max_pixels=600).values.shape == (20, 30)
    with pytest.raises(LimitExceeded, match="max_pixels=") as caught:
        decode_frame(data, max_pixels=599)
    assert (caught.value.limit, caught.value.value) == (599, 600)


def test_values_that_no_map_may_hold_are_the_packet_s_fault() -> None:
    body = _native.frame_body(np.float32([[-1.0]]).view(np.uint32))
    frame = decode_frame(packet(coding=0x02, size=(1, 1), scale=1.0, payload=zstd(body.tobytes())))
    with pytest.raises(CorruptFile, match="negative depth"):
        frame.depth_map()


@pytest.mark.parametrize("noise", [0.0, 0.5, 4.0, 4000.0])
def test_deflated_frames_are_as_small_as_zlib_at_its_quickest_makes_them(noise: float) -> None:
    random = np.random.default_rng(3)
    slope = np.add.outer(np.arange(240), np.arange(320)) // 2
    values = np.clip(1000 + slope + random.normal(0, noise, slope.shape), 0, 65535).astype(np.uint16)
    packet = encode_frame(values, compression="deflate")
    assert np.array_equal(decode_frame(packet).values, values)
    payload = packet[16:]
    assert len(payload) < 1.1 * len(zlib.compress(zlib.decompress(payload), 1))


BOMBS = {
    "zeros": lambda: packet(size=(10000, 10000), payload=zstd(bytes(1 << 28))),
    "lying zstd": lambda: packet(size=(10000, 10000), payload=_lying_zstd(200_000_000)),
    "window": lambda: packet(size=(10000, 10000), payload=_lying_zstd(200_000_000) + bytes(9000)),
    "deflate": lambda: packet(coding=0x10, payload=zlib.compress(bytes(1 << 28), 9)),
    "claim": lambda: packet(coding=0x10, size=(10000, 10000), payload=zlib.compress(bytes(1 << 16))),
}


def _lying_zstd(size: int) -> bytes:
    """A frame of one segment that says it has ``size`` bytes, and does not (RFC 8878, 3.1.1.1)."""
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size) + b"\x03\x00\x00" + b"\0" * 20


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_little_memory(name) -> None:
    data = BOMBS[name]()
    code = (
        "import resource, sys\n"
        "from nearfar.depth import decode_frame\n"
        "from nearfar.errors import CorruptFile\n"
        "data = sys.stdin.buffer.read(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: decode_frame(data)\n"
        "except CorruptFile: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert 0 <= int(done.stdout) < 20_000  # KiB


def test_changed_packets_come_from_every_coding() -> None:
    assert {data[3] & 0x3F for data in packets()} == {0x00, 0x01, 0x02, 0x04, 0x10, 0x11, 0x12, 0x14}


@pytest.mark.soak
def test_changed_packets_do_no_harm() -> None:
    count = rounds(100_000, 10_000_000)
    figures = run(count, seed=20261122)
    print(f"{count:,} packets: {figures}")
    assert figures.refused > count // 2
    assert figures.decoded > count // 100
