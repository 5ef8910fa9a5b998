"""The upsampling kernel and its twin, and what the binding refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import upsampling as twin
from reference.settings import bits, everywhere

SIDES = st.tuples(st.integers(1, 6), st.integers(1, 6))
LINES = st.tuples(st.floats(-2, 6), st.floats(0.5, 6))
LEVELS = st.sampled_from([float("nan"), float("inf"), 0.0, 1.0, 1.25, 1.5, 3.0, 3.1])
VALUES = st.one_of(LEVELS, st.floats(0.125, 16, width=32))
TRUST = st.floats(0, 1, width=32)


@st.composite
def jobs(draw):
    guide = draw(
        hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)), fill=st.nothing())
    )
    shape = draw(SIDES)
    values = draw(hnp.arrays(np.float32, shape, elements=VALUES, fill=st.nothing()))
    confidence = draw(st.none() | hnp.arrays(np.float32, shape, elements=TRUST))
    down, across = draw(LINES), draw(LINES)
    colours = _native.sample_guide(guide, *shape, down, across, 0.625)
    threshold = draw(st.sampled_from([0.0, 0.125, 1.0]))
    return guide, values, confidence, colours, down, across, draw(st.booleans()), threshold


@settings(max_examples=120, deadline=None)
@given(jobs())
def test_upsampling_is_its_twin(job) -> None:
    found = everywhere(lambda: _native.upsample(*job)[0])
    values, confidence = twin.upsample(*job)
    assert bits(found) == bits(values)
    carried = _native.upsample(*job)[1]
    assert (carried is None) == (confidence is None)
    assert carried is None or bits(carried) == bits(confidence)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)), fill=st.nothing()),
    SIDES,
    LINES,
    LINES,
    st.floats(0, 2),
)
def test_the_colours_around_samples_are_their_twins(guide, shape, down, across, radius) -> None:
    found = everywhere(lambda: _native.sample_guide(guide, *shape, down, across, radius))
    assert bits(found) == bits(twin.sample_guide(guide, *shape, down, across, radius))


def test_many_rows_are_the_same_in_every_setting() -> None:
    generator = np.random.default_rng(3)
    guide = generator.integers(0, 256, (300, 400, 3), dtype=np.uint8)
    values = generator.choice(np.array([1, 1.1, 3, np.nan], np.float32), (75, 100))
    lines = (2.0, 4.0), (2.0, 4.0)
    colours = everywhere(lambda: _native.sample_guide(guide, 75, 100, *lines, 0.625))
    everywhere(lambda: _native.upsample(guide, values, None, colours, *lines, False, 0.05)[0])


GUIDE = np.zeros((4, 4, 3), np.uint8)
MAP = np.ones((2, 2), np.float32)
COLOURS = np.zeros((2, 2, 3), np.float32)
LINE = (1.0, 2.0)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({0: GUIDE[:0]}, "guide"),
        ({1: MAP[:0], 3: COLOURS[:0]}, "samples"),
        ({2: np.ones((2, 3), np.float32)}, "size"),
        ({3: np.zeros((3, 2, 3), np.float32)}, "size"),
        ({4: (1.0, 0.0)}, "steps"),
        ({4: (1.0, -1.0)}, "steps"),
        ({5: (np.nan, 1.0)}, "steps"),
        ({5: (0.0, np.inf)}, "steps"),
        ({5: (0.0, 1e12)}, "steps"),
        ({4: (-1e12, 1.0)}, "steps"),
        ({7: np.nan}, "threshold"),
        ({7: -1.0}, "threshold"),
    ],
    ids=str,
)
def test_nonsense_is_refused(change, word) -> None:
    arguments = [GUIDE, MAP, None, COLOURS, LINE, LINE, False, 0.1]
    for place, value in change.items():
        arguments[place] = value
    with pytest.raises(ValueError, match=word):
        _native.upsample(*arguments)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((0, 2, LINE, LINE, 0.5), "samples"),
        ((2, 2, LINE, LINE, np.nan), "radius"),
        # Places beyond the largest float: infinite, and minus an infinite radius no number at all.
        ((2, 2, (1e308, 1e308), LINE, 1e5), "1e12"),
        ((2, 2, LINE, (-1e308, 1e308), 1e5), "1e12"),
    ],
    ids=str,
)
def test_nonsense_about_colours_is_refused(arguments, word) -> None:
    with pytest.raises(ValueError, match=word):
        _native.sample_guide(GUIDE, *arguments)
