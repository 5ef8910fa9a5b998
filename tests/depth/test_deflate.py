"""What is deflated here, any zlib undoes: noise, runs and texts, at block ends and beyond the window."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar import _native
from reference.settings import everywhere

WINDOW, LONGEST_MATCH, BLOCK = 32768, 258, 32768


def deflated(data: bytes) -> bytes:
    """The stream, the same at every level; zlib has undone it and found its checksum right."""
    stream = everywhere(lambda: _native.deflate(data)).tobytes()
    assert zlib.decompress(stream) == data
    return stream


@given(st.binary(min_size=1, max_size=600))
def test_any_bytes_come_back(data: bytes) -> None:
    deflated(data)


@given(
    st.integers(1, 3 * BLOCK),
    st.sampled_from([0.01, 0.5, 3.0, 40.0, 1e6]),
    st.integers(0, 2**32 - 1),
)
def test_noise_of_any_strength_comes_back(count: int, spread: float, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, spread, count)
    deflated((noise.astype(np.int64) & 255).astype(np.uint8).tobytes())


@given(st.binary(min_size=1, max_size=300), st.integers(1, 2000), st.integers(0, 300))
def test_what_comes_again_and_again_is_said_once(text: bytes, times: int, rest: int) -> None:
    data = text * times + text[:rest]
    assert len(deflated(data)) < 2 * len(text) + len(data) // 60 + 200


@pytest.mark.parametrize("apart", [1, 2, 3, 4, 5, 7, 8, 9, 24576, 24577, WINDOW - 1, WINDOW, WINDOW + 1])
def test_matches_reach_as_far_as_the_window(apart: int) -> None:
    random = np.random.default_rng(apart)
    data = random.bytes(apart) + random.bytes(100)
    deflated((data[:apart] * 3)[: 2 * apart + 5000])


@pytest.mark.parametrize("length", range(1, 2 * LONGEST_MATCH + 10))
def test_matches_of_any_length_come_back(length: int) -> None:
    before = bytes(range(256)) * 4
    deflated(before + b"\0" + before[3 : 3 + length] + b"\xff")


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_block_may_end_with_the_data(more: int) -> None:
    random = np.random.default_rng(4)
    deflated(random.bytes(BLOCK + more))
    deflated(random.bytes(2 * BLOCK + more))


def test_codes_are_complete_where_some_bytes_are_a_million_times_as_frequent() -> None:
    counts = [1, 1]
    while sum(counts) < 400_000:
        counts.append(counts[-1] + counts[-2])
    values = np.repeat(np.arange(len(counts), dtype=np.uint8) * 7, counts)
    deflated(np.random.default_rng(5).permutation(values).tobytes())


def test_what_is_smooth_is_as_small_as_zlib_at_its_quickest_makes_it() -> None:
    rows, columns = np.mgrid[:200, :300]
    picture = (90 * np.sin(columns / 17) + rows / 3).astype(np.int64).astype(np.uint8).tobytes()
    assert len(deflated(picture)) < 1.1 * len(zlib.compress(picture, 1))


def test_nothing_is_no_frame() -> None:
    with pytest.raises(ValueError, match="nothing"):
        _native.deflate(b"")
