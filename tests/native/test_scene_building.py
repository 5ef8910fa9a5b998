"""Kernels with which scenes are built, and their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import scene_building as twin
from reference.settings import everywhere

SKY = np.array([(0.4, 0.5, 0.8), (0.9, 0.9, 0.9), (0.2, 0.2, 0.1)])
LAMP = (0.3, 2.0, 0.1, 0.0, -0.4, 0.1, 5.0, 4.0, 3.0, 0.5, 0.2, 0.0)
SUN = (0.6, 0.8, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.9, 0.5, np.inf, 1.0)


def vertices(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    normals = generator.normal(size=(count, 3))
    normals[::5] = (0, 0, 1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return generator.normal(0, 0.5, (count, 3)).astype(np.float32), normals.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 70), st.integers(0, 3))
def test_noise_is_the_sum_of_its_octaves(seed, height, width, count) -> None:
    generator = np.random.default_rng(seed)
    octaves = [
        generator.normal(size=(generator.integers(1, height + 1), generator.integers(1, width + 1)))
        for _ in range(count)
    ]
    weights = [0.5**k for k in range(count)]
    found = everywhere(lambda: _native.smooth_noise(octaves, weights, 1.7, height, width))
    assert np.allclose(found, twin.smooth_noise(octaves, weights, 1.7, (height, width)), atol=1e-13)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(3, 4)),
        elements=st.floats(-1, 2),
    )
)
def test_texels_are_rounded_codes(picture) -> None:
    found = everywhere(lambda: _native.texels(picture))
    assert np.abs(found - twin.texels(picture)).max() <= 0.5 + 1e-4


def test_the_code_of_every_value_is_the_nearest() -> None:
    ramp = np.repeat(np.linspace(0, 1, 200_001)[:, np.newaxis, np.newaxis], 3, axis=2)
    assert np.abs(_native.texels(ramp) - twin.texels(ramp)).max() <= 0.5 + 1e-4
    assert (_native.texels(np.full((1, 1, 3), np.nan))[..., :3] == 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 6))
def test_rays_go_out_about_the_normals(seed, sets, count) -> None:
    positions, normals = vertices(seed, 60)
    generator = np.random.default_rng(seed)
    numbers = generator.integers(0, 60, 5000).astype(np.int32)
    ways = generator.normal(size=(sets, count, 3))
    found = everywhere(lambda: np.stack(_native.rays_about(positions, normals, numbers, ways, 1e-3)))
    expected = np.stack(twin.rays_about(positions, normals, numbers, ways, 1e-3))
    assert np.allclose(found, expected, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_means_are_over_the_rays_of_a_vertex(seed, count) -> None:
    generator = np.random.default_rng(seed)
    sent = generator.random((30, 3), np.float32)
    hits = generator.integers(-2, 30, (4000, count)).astype(np.int32)
    hits[hits < 0] = -1
    ways = generator.uniform(-1, 1, (hits.size, 3)).astype(np.float32)
    assert np.allclose(
        everywhere(lambda: _native.mean_sent(sent, hits)), twin.mean_sent(sent, hits), atol=1e-6
    )
    found = everywhere(lambda: _native.mean_sky(SKY, ways, hits))
    assert np.allclose(found, twin.mean_sky(SKY, ways, hits), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 3]))
def test_light_of_spots_is_what_they_send_and_shadow_takes_it(seed, each) -> None:
    positions, normals = vertices(seed, 50)
    spots = np.array([LAMP, SUN, LAMP, SUN, LAMP])
    origins, ways, ends, weight = _native.rays_to_spots(positions, normals, spots, 1e-3, each)
    vertex, spot = ends.T
    place = spots[spot, :3]
    assert np.allclose(origins, positions[vertex] + 1e-3 * normals[vertex], atol=1e-6)
    lamp = spots[spot, 11] == 0
    assert np.allclose((origins + ways / 0.999)[lamp], place[lamp], atol=1e-5)
    assert np.allclose((ways / 100)[~lamp], place[~lamp], atol=1e-5)
    free = np.ones(len(ends), bool)
    found = _native.light_of_spots(ends, weight, free, spots, 50)
    assert np.allclose(found, twin.spot_light(positions, normals, spots, 1e-3, each), atol=1e-9)
    free = np.random.default_rng(seed).random(len(ends)) < 0.5
    parts = [_native.light_of_spots(ends, weight, some, spots, 50) for some in (free, ~free)]
    assert np.allclose(parts[0] + parts[1], found, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 9000), st.integers(0, 3))
def test_evening_out_takes_the_mean_with_neighbours(seed, count, rounds) -> None:
    generator = np.random.default_rng(seed)
    values = generator.random((3000, 4))
    pairs = generator.integers(0, 3000, (count, 2)).astype(np.int32)
    found = everywhere(lambda: _native.evened(values, pairs, rounds))
    assert np.allclose(found, twin.evened(values, pairs, rounds), atol=1e-12)


def test_nonsense_is_refused() -> None:
    positions, normals = vertices(0, 4)
    one, ways = np.array([0], np.int32), np.ones((1, 1, 3))
    spots, pair = np.array([LAMP]), np.array([(0, 0)], np.int32)
    for call in (
        lambda: _native.smooth_noise([np.ones((2, 2))], [1.0], 1.0, 1, 4),
        lambda: _native.smooth_noise([np.ones((2, 2))], [], 1.0, 4, 4),
        lambda: _native.smooth_noise([], [], 1.0, 0, 4),
        lambda: _native.texels(np.ones((2, 2, 2))),
        lambda: _native.rays_about(positions, normals, one + 4, ways, 0.0),
        lambda: _native.rays_about(positions, normals, one - 1, ways, 0.0),
        lambda: _native.rays_about(positions, normals[:3], one, ways, 0.0),
        lambda: _native.rays_about(positions, normals, one, ways[:, :0], 0.0),
        lambda: _native.mean_sent(positions, np.array([[4]], np.int32)),
        lambda: _native.mean_sent(positions, np.zeros((3, 0), np.int32)),
        lambda: _native.mean_sky(SKY, positions, np.zeros((1, 3), np.int32)),
        lambda: _native.rays_to_spots(positions, normals, spots, 0.0, 0),
        lambda: _native.rays_to_spots(positions, normals, spots[:, :11].copy(), 0.0, 1),
        lambda: _native.light_of_spots(pair + 1, np.ones((1, 2)), np.ones(1, bool), spots, 4),
        lambda: _native.light_of_spots(pair, np.ones((1, 2)), np.ones(2, bool), spots, 4),
        lambda: _native.evened(np.ones((3, 1)), pair + 3, 1),
        lambda: _native.evened(np.ones((3, 1)), pair - 1, 1),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - each of these has words of its own
            call()
