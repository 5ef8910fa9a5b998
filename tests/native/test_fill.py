"""Laws of the hole filling kernel, and its twin."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import fill as twin
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=24)
VALUES = st.one_of(st.just(float("nan")), st.floats(0, 16, width=32), st.just(float("inf")))
MAPS = hnp.arrays(np.float32, SHAPES, elements=VALUES, fill=st.just(np.float32("nan")))


@settings(max_examples=150, deadline=None)
@given(MAPS)
def test_filling_is_its_twin(values) -> None:
    assert bits(everywhere(lambda: _native.fill_holes(values))) == bits(twin.fill_holes(values))


@settings(max_examples=80, deadline=None)
@given(MAPS)
def test_values_stay_and_holes_take_values_that_are_there(values) -> None:
    filled = _native.fill_holes(values)
    valid = ~np.isnan(values)
    assert filled[valid].tobytes() == values[valid].tobytes()
    if valid.any():
        assert np.isin(filled, values[valid]).all()
    else:
        assert np.isnan(filled).all()


@settings(max_examples=40, deadline=None)
@given(MAPS)
def test_filling_twice_is_filling_once(values) -> None:
    filled = _native.fill_holes(values)
    assert bits(_native.fill_holes(filled)) == bits(filled)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (300, 1), (65, 64), (130, 200)])
def test_one_value_fills_all(height: int, width: int) -> None:
    values = np.full((height, width), np.nan, np.float32)
    values[height // 3, width // 2] = 2.5
    assert (everywhere(lambda: _native.fill_holes(values)) == 2.5).all()


def test_many_bands_and_chunks_are_the_same() -> None:
    generator = np.random.default_rng(2)
    values = generator.random((331, 257), dtype=np.float32)
    values[40:200, 30:180] = np.nan
    values[generator.random(values.shape) < 0.2] = np.nan
    filled = everywhere(lambda: _native.fill_holes(values))
    rows = slice(190, 204)  # the twin is slow: a strip that holds the whole lower rim of the large hole
    holes = [tuple(at) for at in np.argwhere(np.isnan(values)) if rows.start <= at[0] < rows.stop]
    for y, x in holes:
        seen = [found for step in twin.DIRECTIONS if (found := twin._look(values, y, x, step))]
        assert filled[y, x] == twin._weighted_median(seen)


@pytest.mark.parametrize("height", [63, 64, 65, 127, 128, 129, 192, 193])
def test_bands_meet_without_a_seam(height: int) -> None:
    generator = np.random.default_rng(height)
    values = generator.random((height, 3), dtype=np.float32)
    values[generator.random(values.shape) < 0.9] = np.nan
    assert bits(everywhere(lambda: _native.fill_holes(values))) == bits(twin.fill_holes(values))


MEMORY = """
import resource
import numpy as np
from nearfar import _native
values = np.full((3000, 4000), np.nan, np.float32)
values[1000, 1500] = 1
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_native.fill_holes(values)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / values.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts memory in KiB")
def test_filling_needs_little_more_than_its_result_and_one_copy() -> None:
    ran = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 3


def test_an_edge_stays_an_edge() -> None:
    values = np.ones((60, 80), np.float32)
    values[:, 40:] = 3
    values[20:40, 30:50] = np.nan
    assert set(np.unique(_native.fill_holes(values))) == {1.0, 3.0}
