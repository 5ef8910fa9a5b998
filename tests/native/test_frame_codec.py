"""Laws of the frame codec's kernels, and their twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import frame_codec as twin
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=80)
WORDS = hnp.arrays(np.uint16, SHAPES)
LONGS = hnp.arrays(np.uint32, SHAPES)


@st.composite
def few_values(draw: st.DrawFn) -> np.ndarray:
    """Maps of few values, now near one another and now far apart, some longer than the kernels' chunks."""
    height, width = draw(st.tuples(st.integers(1, 70), st.integers(1, 130)))
    count, step = draw(st.integers(1, 200)), draw(st.sampled_from([1, 2, 9, 300]))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = generator.integers(0, count, (height, width)) * step + draw(st.integers(0, 5))
    return values.astype(np.uint16)


@given(st.one_of(WORDS, LONGS, few_values()))
def test_a_body_is_its_twin_and_comes_back(samples) -> None:
    body = everywhere(lambda: _native.frame_body(samples))
    assert body.tobytes() == twin.frame_body(samples)
    read = _native.frame_samples16 if samples.dtype == np.uint16 else _native.frame_samples32
    again = everywhere(lambda: read(body, *samples.shape))
    assert bits(again) == bits(samples)
    assert bits(twin.frame_samples(body.tobytes(), *samples.shape, samples.dtype.type)) == bits(samples)


@given(few_values())
def test_a_palette_holds_every_value_once(samples) -> None:
    body = _native.frame_body(samples)
    palette = twin.palette_of(samples)
    length = 2 * samples.size
    assert body.size == length + (0 if palette is None else 2 * palette.size)
    if palette is not None:
        assert _native.frame_samples16(body[length:], 1, palette.size).tolist() == [
            np.unique(samples).tolist()
        ]


@given(st.binary(min_size=4, max_size=400))
def test_any_bytes_of_the_right_length_are_samples(data) -> None:
    body = data[: len(data) // 4 * 4]
    words = everywhere(lambda: _native.frame_samples16(body, 1, len(body) // 2))
    assert bits(words) == bits(twin.frame_samples(body, 1, len(body) // 2, np.uint16))
    longs = everywhere(lambda: _native.frame_samples32(body, 1, len(body) // 4))
    assert bits(longs) == bits(twin.frame_samples(body, 1, len(body) // 4, np.uint32))


@given(st.binary(max_size=200), st.integers(0, 200))
def test_a_checksum_is_its_twin_and_goes_on(data, cut) -> None:
    found = everywhere(lambda: _native.crc32c(data))
    assert found == twin.crc32c(data)
    assert _native.crc32c(data[cut:], _native.crc32c(data[:cut])) == found


@pytest.mark.parametrize(
    ("data", "crc"),
    [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (b"", 0)],
)
def test_checksums_are_those_of_rfc_3720(data, crc) -> None:
    assert everywhere(lambda: _native.crc32c(data)) == crc


def test_the_vector_of_the_format() -> None:
    body = _native.frame_body(np.uint16([[1000, 1002, 0, 65535]]))
    assert body.tobytes() == bytes.fromhex("d004d301 07000700")


@pytest.mark.parametrize(("length", "places"), [(4 + 2, [0, 1]), (4 + 4, [2, 0]), (4 + 2, [0, 65535])])
def test_a_place_beyond_the_palette_is_refused(length, places) -> None:
    body = twin.planes(np.uint16(places)) + bytes(length - 4)
    with pytest.raises(ValueError, match="palette"):
        _native.frame_samples16(body, 1, 2)


@pytest.mark.parametrize(
    ("read", "length", "height", "width"),
    [
        (_native.frame_samples16, 7, 2, 2),
        (_native.frame_samples16, 9, 2, 2),
        (_native.frame_samples16, 8 + 2 * 65537, 2, 2),
        (_native.frame_samples16, 0, 0, 2),
        (_native.frame_samples16, 8, 2**32, 2**32),
        (_native.frame_samples16, 0, 65536, 1),
        (_native.frame_samples32, 15, 2, 2),
        (_native.frame_samples32, 18, 2, 2),
        (_native.frame_samples32, 16, 2**63, 2),
    ],
)
def test_a_body_that_does_not_fit_is_refused(read, length, height, width) -> None:
    with pytest.raises(ValueError, match=r"body|pixels"):
        read(bytes(length), height, width)
