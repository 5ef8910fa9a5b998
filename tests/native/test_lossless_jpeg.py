"""Laws of the lossless JPEG codec, against an independent writer and reader."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import lossless_jpeg as twin

LIMIT = 10**6
PREDICTORS = range(1, 8)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=24)


def smooth(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Half floats of a depth map with holes, as their bits: what such streams hold in practice."""
    generator = np.random.default_rng(seed)
    depth = (
        np.cumsum(generator.normal(size=(height, width)), axis=1).astype(np.float16) * np.float16(0.01) + 2
    )
    depth[generator.random((height, width)) < 0.1] = np.nan
    return depth.astype(np.float16).view(np.uint16)


@settings(max_examples=100, deadline=None)
@given(hnp.arrays(np.uint16, SHAPES), st.sampled_from(PREDICTORS))
def test_what_goes_in_comes_out(samples, predictor) -> None:
    assert np.array_equal(
        _native.lossless_jpeg_decode(_native.lossless_jpeg_encode(samples, predictor), LIMIT), samples
    )


@settings(max_examples=40, deadline=None)
@given(hnp.arrays(np.uint16, SHAPES), st.sampled_from(PREDICTORS))
def test_another_reader_agrees(samples, predictor) -> None:
    assert np.array_equal(twin.decode(_native.lossless_jpeg_encode(samples, predictor)), samples)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_another_writer_is_understood(data) -> None:
    precision = data.draw(st.integers(2, 16), "precision")
    samples = data.draw(hnp.arrays(np.uint16, SHAPES, elements=st.integers(0, 2**precision - 1)), "samples")
    point_transform = data.draw(st.integers(0, precision - 1), "point transform")
    stream = twin.encode(
        samples,
        precision=precision,
        predictor=data.draw(st.sampled_from(PREDICTORS), "predictor"),
        point_transform=point_transform,
        restart_rows=data.draw(st.integers(0, 3), "restart rows"),
        code=data.draw(st.sampled_from([twin.FLAT_CODE, twin.LONG_CODE]), "code"),
    )
    found = _native.lossless_jpeg_decode(stream, LIMIT)
    assert found.dtype == (np.uint8 if precision <= 8 else np.uint16)
    assert np.array_equal(found, samples >> point_transform << point_transform)


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_the_largest_difference_has_its_own_category(predictor: int) -> None:
    samples = np.array([[0, 32768, 0, 65535], [32768, 0, 32768, 1], [0, 65535, 32767, 0]], np.uint16)
    stream = _native.lossless_jpeg_encode(samples, predictor)
    assert np.array_equal(_native.lossless_jpeg_decode(stream, LIMIT), samples)
    assert np.array_equal(twin.decode(stream), samples)


def test_frequencies_of_a_long_code_are_limited_to_sixteen_bits() -> None:
    fibonacci = [1, 1]
    while len(fibonacci) < 17:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    jumps = [0 if c == 0 else 1 << (c - 1) for c in range(17) for _ in range(fibonacci[16 - c])]
    samples = (np.cumsum(jumps) + 32768).astype(np.uint16).reshape(1, -1)
    stream = _native.lossless_jpeg_encode(samples)
    assert np.array_equal(_native.lossless_jpeg_decode(stream, LIMIT), samples)
    assert np.array_equal(twin.decode(stream), samples)


def test_flat_and_single_pictures() -> None:
    for samples in (
        np.zeros((1, 1), np.uint16),
        np.full((7, 9), 32768, np.uint16),
        np.full((1, 65535), 9, np.uint16),
    ):
        assert np.array_equal(
            _native.lossless_jpeg_decode(_native.lossless_jpeg_encode(samples), LIMIT), samples
        )


def test_bytes_of_any_sort_are_read() -> None:
    samples = smooth(9, 11)
    stream = _native.lossless_jpeg_encode(samples)
    for data in (stream, bytearray(stream), memoryview(stream), np.frombuffer(stream, np.uint8)):
        assert np.array_equal(_native.lossless_jpeg_decode(data, LIMIT), samples)


def test_metadata_and_fill_bytes_are_passed_over() -> None:
    samples = smooth(9, 11)
    stream = _native.lossless_jpeg_encode(samples)
    padded = (
        stream[:2] + twin.segment(0xE1, b"Exif") + b"\xff\xff" + twin.segment(0xFE, b"note")[1:] + stream[2:]
    )
    assert np.array_equal(_native.lossless_jpeg_decode(padded, LIMIT), samples)


def test_mutated_streams_are_read_or_refused() -> None:
    chance = random.Random(5)
    seeds = [_native.lossless_jpeg_encode(smooth(24, 32), predictor) for predictor in (1, 7)]
    seeds.append(twin.encode(smooth(12, 16), restart_rows=2, code=twin.LONG_CODE))
    seeds.append(twin.encode(smooth(12, 16) >> 8, precision=8, predictor=4, point_transform=1))
    refused = 0
    for _ in range(10_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data) if chance.random() < 0.5 else min(100, len(data)))
            action = chance.random()
            if action < 0.6:
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            elif action < 0.8:
                del data[at : at + chance.randint(1, 8)]
            else:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
            data = data or bytearray(b"\xff")
        try:
            assert _native.lossless_jpeg_decode(data, LIMIT).size <= LIMIT
        except ValueError:
            refused += 1
    assert refused > 3000


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 10, 30, 60, 120])
def test_a_cut_stream_is_refused(keep: int) -> None:
    with pytest.raises(ValueError, match=r"lossless JPEG: .* \(at byte \d+\)"):
        _native.lossless_jpeg_decode(_native.lossless_jpeg_encode(smooth(24, 32))[:keep], LIMIT)


def patched(offset: int, value: bytes) -> bytes:
    """The stream SOI, SOF3 (at 2), DHT (at 15), SOS with bytes replaced."""
    stream = bytearray(_native.lossless_jpeg_encode(np.full((8, 8), 5, np.uint16)))
    stream[offset : offset + len(value)] = value
    return bytes(stream)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (patched(0, b"\x89P"), "no SOI"),
        (patched(3, b"\xc0"), r"baseline \(SOF0\)"),
        (patched(3, b"\xcb"), r"arithmetic \(SOF11\)"),
        (patched(4, b"\x00\x00"), "length 0"),
        (patched(4, b"\xff\xff"), "past the end"),
        (patched(6, b"\x11"), "precision 17"),
        (patched(7, b"\x00\x00"), "8x0 is empty"),
        (patched(7, b"\xff\xff\xff\xff"), "65535x65535 is over the limit"),
        (patched(7, b"\x03\x00\x03\x00"), "768x768 can't come from"),
        (patched(11, b"\x03"), "3 components"),
        (patched(19, b"\x07"), "Huffman table 7"),
        (patched(20, b"\xff"), "runs past its segment"),
        (patched(36, b"\x11"), "no difference category"),
    ],
)
def test_refusals_say_what_is_wrong(stream: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _native.lossless_jpeg_decode(stream, LIMIT)


def test_the_limit_counts_pixels() -> None:
    stream = _native.lossless_jpeg_encode(np.zeros((8, 8), np.uint16))
    assert _native.lossless_jpeg_decode(stream, 64).shape == (8, 8)
    with pytest.raises(ValueError, match="limit of 63 pixels"):
        _native.lossless_jpeg_decode(stream, 63)


@pytest.mark.parametrize(
    ("rows", "found", "message"), [(2, b"\xff\xd1", "restart marker 0"), (2, b"\x00\x00", "restart|row")]
)
def test_restart_markers_must_be_in_order(rows: int, found: bytes, message: str) -> None:
    stream = twin.encode(smooth(8, 8), restart_rows=rows)
    at = stream.index(b"\xff\xd0")
    with pytest.raises(ValueError, match=message):
        _native.lossless_jpeg_decode(stream[:at] + found + stream[at + 2 :], LIMIT)


def test_restarts_within_a_row_are_refused() -> None:
    stream = twin.encode(smooth(8, 8), restart_rows=1)
    at = stream.index(b"\xff\xdd")
    with pytest.raises(ValueError, match="whole number of rows"):
        _native.lossless_jpeg_decode(stream[: at + 5] + b"\x07" + stream[at + 6 :], LIMIT)


def test_a_sample_over_the_precision_is_refused() -> None:
    stream = bytearray(twin.encode(np.full((2, 2), 4095, np.uint16), precision=12))
    stream[6] = 11
    with pytest.raises(ValueError, match="exceeds the precision"):
        _native.lossless_jpeg_decode(stream, LIMIT)


@pytest.mark.parametrize(
    ("samples", "predictor", "error"),
    [
        (np.zeros((0, 4), np.uint16), 1, ValueError),
        (np.zeros((1, 65536), np.uint16), 1, ValueError),
        (np.zeros((4, 4), np.uint16), 0, ValueError),
        (np.zeros((4, 4), np.uint16), 8, ValueError),
        (np.zeros((4, 4), np.uint8), 1, TypeError),
        (np.zeros((4, 4), np.int16), 1, TypeError),
    ],
)
def test_what_has_no_stream_is_refused(samples, predictor: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        _native.lossless_jpeg_encode(samples, predictor)
