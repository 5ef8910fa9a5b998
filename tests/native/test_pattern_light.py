"""The kernels of the virtual structured-light camera, and their twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from nearfar.estimate import PatternProjector
from nearfar.estimate.pattern_light import Illumination, project
from reference import pattern_light as twin
from reference.settings import bits, everywhere


@st.composite
def scenes(draw):
    """Everything that the light of a pattern depends on: steps, slopes, holes, and what is out of reach."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 90))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    inverse = np.float32(0.5) + x * np.float32(draw(st.sampled_from([0, 0.003, -0.004])))
    inverse = inverse + y * np.float32(draw(st.sampled_from([0, 0.002])))
    near = generator.random((1 + height // 9, 1 + width // 9)) < 0.3
    inverse = inverse + 2 * near.repeat(9, axis=0).repeat(9, axis=1)[:height, :width].astype(np.float32)
    odd = generator.random((height, width))
    special = [np.nan, np.inf, 0, -1, 1e-30, 1e-40, 500]
    for k, value in enumerate(special):
        inverse[(odd >= 0.005 * k) & (odd < 0.005 * (k + 1))] = value
    columns = draw(st.integers(1, 150))
    texels = draw(st.sampled_from([1, 2, 3, 40, 1000]))
    sums = generator.integers(0, 1 << 20, (2 * height, columns + 1)).astype(np.uint32)
    sums = np.cumsum(sums * (generator.random(sums.shape) < 0.4), axis=1, dtype=np.uint32)
    surface = generator.random((height, width)).astype(np.float32) if draw(st.booleans()) else None
    before = draw(st.integers(0, 5))
    return (
        inverse,
        draw(st.booleans()),
        surface,
        sums,
        texels,
        draw(st.sampled_from([43.5, -43.5, 1e-4, 900])),
        draw(st.sampled_from([0, -30, 7.5])),
        draw(st.booleans()),
        draw(st.sampled_from([0, 0.8, 1e30])),
        draw(st.sampled_from([0, 0.15])),
        generator.random(height).astype(np.float32),
        generator.random(width).astype(np.float32),
        generator.random(before + draw(st.integers(1, 5))).astype(np.float32),
        before,
    )


@settings(max_examples=60)
@given(scenes())
def test_light_is_its_twin(scene) -> None:
    expected = twin.light(*scene)
    found = everywhere(lambda: np.stack(_native.pattern_light(*scene)))
    assert bits(found[0]) == bits(expected[0])
    assert np.array_equal(found[1], expected[1])


@settings(max_examples=40)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 600)),
    st.integers(0, 2**64 - 1),
    st.sampled_from([(0.02, 2500.0), (0.0, math.inf), (0.5, 1.0)]),
)
def test_exposure_is_its_twin(size, seed, noise) -> None:
    light = np.random.default_rng(seed).exponential(0.4, size).astype(np.float32)
    for kernel, full in ((_native.pattern_expose_8, 255), (_native.pattern_expose_16, 65535)):
        found = everywhere(lambda kernel=kernel: kernel(light, *noise, seed))
        assert np.array_equal(found, twin.expose(light, full, *noise, seed))


def test_noise_is_nearly_normal_and_each_pixels_own() -> None:
    light = np.full((400, 500), 0.5, np.float32)
    counts = _native.pattern_expose_16(light, 0.02, math.inf, 7).astype(float) / 65535
    noise = (counts - 0.5) / 0.02
    assert abs(noise.mean()) < 0.01
    assert noise.std() == pytest.approx(1, abs=0.01)
    assert (noise**3).mean() == pytest.approx(0, abs=0.05)
    assert (noise**4).mean() == pytest.approx(3, abs=0.3)
    for by in ((0, 1), (1, 0), (1, 1)):
        assert abs((noise * np.roll(noise, by, (0, 1))).mean()) < 0.01
    other = _native.pattern_expose_16(light, 0.02, math.inf, 8).astype(float) / 65535
    assert abs(((other - 0.5) / 0.02 * noise).mean()) < 0.01


def test_a_plane_at_infinity_shows_the_pattern_itself() -> None:
    pattern = np.random.default_rng(0).random((40, 60)).astype(np.float32)
    light, shadow = project(
        PatternProjector(pattern), np.zeros((20, 30), np.float32), 40.0, Illumination(exposure=0.5)
    )
    means = pattern.reshape(20, 2, 30, 2).mean(axis=(1, 3))
    assert np.abs(light - 0.5 * means).max() < 1e-5
    assert not shadow.any()


@pytest.mark.parametrize("texels", [1, 2, 3, 8])
def test_light_is_neither_lost_nor_won(texels) -> None:
    """However a pattern is shifted and blurred, its mean comes back: it repeats to the sides."""
    pattern = np.random.default_rng(1).random((texels * 24, texels * 32)).astype(np.float32)
    projector = PatternProjector(pattern, texels=texels)
    for inverse in (0.0, 0.37, 2.0, 180.0):
        light, _ = project(projector, np.full((24, 32), inverse, np.float32), -43.5, Illumination(blur=0.6))
        assert light.mean() == pytest.approx(pattern.mean(), abs=2e-3)


def test_what_does_not_belong_together_is_refused() -> None:
    values, sums = np.ones((4, 5), np.float32), np.zeros((8, 9), np.uint32)
    down, across, weights = (np.ones(n, np.float32) for n in (4, 5, 1))
    good = [values, True, None, sums, 2.0, 43.5, 0.0, True, 0.8, 0.1, down, across, weights, 0]
    _native.pattern_light(*good)
    for at, wrong, words in (
        (0, np.ones((0, 5), np.float32), "empty"),
        (2, np.ones((4, 6), np.float32), "surface"),
        (3, np.zeros((7, 9), np.uint32), "two rows"),
        (3, np.zeros((8, 1), np.uint32), "samples"),
        (4, 0.0, "1000"),
        (4, 1001.0, "1000"),
        (4, math.nan, "1000"),
        (6, 1e9, "column"),
        (6, math.nan, "column"),
        (10, across, "room"),
        (11, down, "room"),
        (12, np.ones(0, np.float32), "middle"),
        (12, np.ones(257, np.float32), "middle"),
        (13, 1, "middle"),
    ):
        with pytest.raises(ValueError, match=words):
            _native.pattern_light(*good[:at], wrong, *good[at + 1 :])
