"""Laws of `settled_edges`: edges go where the picture has them, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import nearfar as nf
from nearfar.effects.edge_settling import settled_edges

SHAPE = (60, 80)


def disparity(values: NDArray[np.float32]) -> nf.DepthMap:
    return nf.DepthMap(values, nf.DepthKind.DISPARITY)


def disc(radius: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.hypot(x - 40, y - 30) < radius


def colored(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A picture of two colours, with a little noise."""
    noise = np.random.default_rng(3).integers(-4, 5, (*SHAPE, 3))
    return (np.where(inside[..., None], (180, 90, 60), (60, 110, 90)) + noise).astype(np.uint8)


@pytest.mark.parametrize("off", [-2, -1, 0, 2, 3])
def test_an_edge_moves_to_that_of_the_picture(off: int) -> None:
    true = np.where(disc(16), 1.0, 0.25).astype(np.float32)
    seen = np.where(disc(16 + off), 1.0, 0.25).astype(np.float32)
    settled = settled_edges(disparity(seen), colored(disc(16))).values
    assert np.count_nonzero(settled != true) <= 4


def test_values_stand_in_the_map_and_slopes_stay() -> None:
    slope = np.linspace(0.5, 0.7, SHAPE[1], dtype=np.float32)[None].repeat(SHAPE[0], axis=0)
    seen = np.where(disc(14), np.float32(2), slope)
    settled = settled_edges(disparity(seen), colored(disc(17))).values
    assert np.isin(settled, seen).all()
    far = ~disc(26)
    np.testing.assert_array_equal(settled[far], seen[far])


def test_a_map_without_edges_stays_as_it_is() -> None:
    ramp = np.linspace(0.2, 3.0, SHAPE[0] * SHAPE[1], dtype=np.float32).reshape(SHAPE)
    for values in (np.full(SHAPE, 0.7, np.float32), ramp):
        np.testing.assert_array_equal(settled_edges(disparity(values), colored(disc(12))).values, values)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (3, 2)])
def test_the_smallest_maps_pass(shape: tuple[int, int]) -> None:
    values = np.linspace(1, 2, shape[0] * shape[1], dtype=np.float32).reshape(shape)
    settled = settled_edges(disparity(values), np.full((*shape, 3), 90, np.uint8))
    assert settled.values.shape == shape
