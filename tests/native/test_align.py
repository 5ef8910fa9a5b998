"""The alignment kernel and its twin, and what the binding refuses."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import alignment as twin
from reference.settings import bits, everywhere

DISPARITIES = st.one_of(st.sampled_from([1.0, 1.25, 3.0, 5.0]), st.floats(-4, 16, width=32))
LIGHT = st.one_of(st.sampled_from([0.0, 0.25, 1.0, 20.0]), st.floats(-1, 4, width=32))
SAMPLES = {np.uint8: st.integers(0, 255), np.uint16: st.integers(0, 65535), np.float32: LIGHT}


@st.composite
def jobs(draw):
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    size = height * draw(st.integers(1, 7)) + draw(st.integers(0, 3)), width * draw(st.integers(1, 7))
    dtype = draw(st.sampled_from(list(SAMPLES)))
    image = draw(hnp.arrays(dtype, (*size, 3), elements=SAMPLES[dtype], fill=st.nothing()))
    disparity = draw(hnp.arrays(np.float32, (height, width), elements=DISPARITIES, fill=st.nothing()))
    return image, disparity, draw(st.sampled_from([0.0625, 0.5, 3.0]))


@settings(max_examples=100, deadline=None)
@given(jobs())
def test_alignment_is_its_twin(job) -> None:
    found = everywhere(lambda: _native.align_disparity(*job))
    assert bits(found) == bits(twin.align(*job))


def test_many_and_large_cells_are_the_same_in_every_setting() -> None:
    generator = np.random.default_rng(3)
    image = generator.integers(0, 256, (360, 480, 3), dtype=np.uint8)
    for shape in ((90, 120), (12, 16)):
        disparity = generator.choice(np.array([1, 1.1, 3], np.float32), shape)
        found = everywhere(lambda values=disparity: _native.align_disparity(image, values, 0.05))
        if shape == (12, 16):
            assert bits(found) == bits(twin.align(image, disparity, 0.05))


def test_a_set_event_ends_it() -> None:
    event = threading.Event()
    event.set()
    with pytest.raises(CancelledError):
        _native.align_disparity(IMAGE, MAP, 0.1, cancel=event)


IMAGE = np.zeros((4, 4, 3), np.uint8)
MAP = np.ones((2, 2), np.float32)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((IMAGE[:0], MAP, 0.1), "image"),
        ((np.zeros((4, 4, 4), np.uint8), MAP, 0.1), "image"),
        ((IMAGE, MAP[:0], 0.1), "disparity"),
        ((IMAGE, np.ones((5, 2), np.float32), 0.1), "larger"),
        ((IMAGE, np.ones((2, 5), np.float32), 0.1), "larger"),
        ((IMAGE, MAP * np.float32(np.nan), 0.1), "1e30"),
        ((IMAGE, MAP * np.float32(1e30), 0.1), "1e30"),
        ((IMAGE, MAP, 0.0), "threshold"),
        ((IMAGE, MAP, np.nan), "threshold"),
        ((IMAGE, MAP, np.inf), "threshold"),
    ],
)
def test_nonsense_is_refused(arguments, word) -> None:
    with pytest.raises(ValueError, match=word):
        _native.align_disparity(*arguments)
