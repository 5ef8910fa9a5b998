"""The completion kernel and its twin, and what the binding refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import completion as twin
from reference.settings import bits, everywhere


@st.composite
def jobs(draw):
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    shades = st.sampled_from([0.0, 40.0, 48.5, 200.0, 255.0])
    colours = draw(hnp.arrays(np.float32, (height, width, 3), elements=shades, fill=st.nothing()))
    count = draw(st.integers(1, 16))
    # Quarters make many points as far as others: then the lower number goes first.
    place = st.integers(-2, 30).map(lambda quarters: quarters / 4)
    x, y = (draw(hnp.arrays(np.float64, count, elements=place, fill=st.nothing())) for _ in range(2))
    value = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 1.1, 3.0]), st.floats(-2, 8))
    values = draw(hnp.arrays(np.float64, count, elements=value, fill=st.nothing()))
    return colours, x, y, values, draw(st.sampled_from([0.01, 0.2, 2.0]))


@settings(max_examples=100, deadline=None)
@given(jobs())
def test_completion_is_its_twin(job) -> None:
    found = everywhere(lambda: np.stack(_native.complete(*job)))
    assert bits(found) == bits(np.stack(twin.complete(*job)))


def test_many_points_find_their_nearest() -> None:
    """The tree against the twin's sorted list, with clusters and with points that coincide."""
    generator = np.random.default_rng(5)
    spread = generator.uniform(0, 12, (60, 2))
    cluster = np.repeat(generator.normal(3, 0.2, (10, 2)), 4, axis=0)
    x, y = np.ascontiguousarray(np.concatenate([spread, cluster]).T)
    values = generator.uniform(1, 3, x.size)
    colours = generator.uniform(0, 255, (9, 12, 3)).astype(np.float32)
    found = everywhere(lambda: np.stack(_native.complete(colours, x, y, values, 0.1)))
    assert bits(found) == bits(np.stack(twin.complete(colours, x, y, values, 0.1)))


COLOURS = np.zeros((2, 2, 3), np.float32)
ONE = np.ones(1)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({0: COLOURS[:0]}, "picture"),
        ({1: ONE[:0], 2: ONE[:0], 3: ONE[:0]}, "size"),
        ({1: np.ones(2)}, "size"),
        ({3: np.ones(2)}, "size"),
        ({2: np.array([np.nan])}, "finite"),
        ({1: np.array([1e12])}, "within"),
        ({3: np.array([np.inf])}, "finite"),
        ({3: np.array([1e60])}, "below"),
        ({4: 0.0}, "threshold"),
        ({4: np.nan}, "threshold"),
    ],
    ids=str,
)
def test_nonsense_is_refused(change, word) -> None:
    arguments = [COLOURS, ONE, ONE, ONE, 0.1]
    for place, value in change.items():
        arguments[place] = value
    with pytest.raises(ValueError, match=word):
        _native.complete(*arguments)
