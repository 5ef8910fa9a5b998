"""Laws of the quick match: half size first, then a narrow band of shifts at full size."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nearfar import _native
from reference.settings import bits, everywhere

FAST, STANDARD = 0, 1
FINE = 8
"""Samples of a made texture in a pixel."""


def matched(
    left: NDArray[np.uint8] | NDArray[np.uint16],
    right: NDArray[np.uint8] | NDArray[np.uint16],
    shifts: int,
    effort: int = FAST,
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Shift, state and confidence of two pictures (H, W) or (H, W, 3)."""
    channels = left.shape[2] if left.ndim == 3 else 1
    flat = (np.ascontiguousarray(p.reshape(p.shape[0], -1)) for p in (left, right))
    return _native.match_stereo(*flat, channels, shifts, effort)


def fine_texture(height: int, width: int, seed: int) -> NDArray[np.float64]:
    """Noise as a camera sees it, without detail finer than a pixel, FINE samples a pixel along the row."""
    noise = np.random.default_rng(seed).random((height, width * FINE // 4)).repeat(4, axis=1)
    lens = np.hanning(3 * FINE + 2)[1:-1]
    rows = np.stack([np.convolve(row, lens / lens.sum(), "same") for row in noise])
    rows = (rows + np.roll(rows, 1, 0) + np.roll(rows, -1, 0)) / 3
    return (rows - rows.min()) * (250 / np.ptp(rows))


def sampled(texture: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The texture at columns `x`, px."""
    places = np.arange(texture.shape[1]) / FINE
    return np.stack([np.interp(x, places, row) for row in texture]).round().astype(np.uint8)


@pytest.mark.parametrize("slope", [0.04, -0.06, 0.1])
@pytest.mark.parametrize("start", [12.3, 16.0, 20.75])
def test_a_slant_is_found_to_a_tenth_of_a_pixel(start: float, slope: float) -> None:
    width = 160
    texture = fine_texture(64, width + 80, seed=3)
    columns = np.arange(width, dtype=float)
    truth = start + slope * columns
    left = sampled(texture, columns + 20)
    right = sampled(texture, (columns + start) / (1 - slope) + 20)
    shift, state, _ = matched(left, right, 48)
    inner = (slice(4, -4), slice(int(truth.max()) + 8, -8))
    assert (state[inner] == 0).mean() > 0.95
    wrong = np.abs(shift - truth)[inner]
    assert np.median(wrong) < 0.1
    assert np.quantile(wrong, 0.99) < 0.4
    assert abs((shift - truth)[inner].mean()) < 0.03


def stepped_pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """A near square, 22 px of shift, before a wall at 7; and where it is in the left picture."""
    generator = np.random.default_rng(5)

    def blocks() -> NDArray[np.float64]:
        cells = [np.kron(generator.random((40, 60, 3)), np.ones((step, step, 1))) for step in (5, 9, 17)]
        return np.sum([cell[:120, :200] for cell in cells], axis=0) * 25

    wall, square = (blocks() + 10).astype(np.uint8), (blocks() + 165).astype(np.uint8)
    near = np.zeros((120, 180), bool)
    near[31:90, 71:130] = True
    left, right = wall[:, :180].copy(), wall[:, 7:187].copy()
    left[near] = square[:, :180][near]
    right[31:90, 49:108] = square[31:90, 71:130]
    return left, right, near


def test_the_edges_of_a_step_stay_within_a_pixel() -> None:
    left, right, near = stepped_pair()
    shift, _, _ = matched(left, right, 32)
    found = shift > 14
    around = np.stack([near, *(np.roll(near, step, axis) for step in (-1, 1) for axis in (0, 1))])
    inside, outside = around.all(axis=0), ~around.any(axis=0)
    for away_from_corners in np.s_[36:85, :], np.s_[:, 76:125]:
        assert found[away_from_corners][inside[away_from_corners]].all()
        assert not found[away_from_corners][outside[away_from_corners]].any()
    assert (found != near).sum() < 60


@pytest.mark.parametrize("size", [(32, 32), (33, 45), (47, 64), (64, 129), (100, 131)], ids=str)
@pytest.mark.parametrize("kind", ["grey", "rgb", "deep"])
def test_every_setting_gives_the_same_bits(size: tuple[int, int], kind: str) -> None:
    height, width = size
    picture = np.random.default_rng(height).integers(0, 256, (height, width + 9, 3), dtype=np.uint8)
    smooth = (picture // 4 + np.roll(picture, 1, 1) // 4 + np.roll(picture, 2, 1) // 2).astype(np.uint8)
    if kind == "grey":
        smooth = smooth[..., 0]
    pair = [np.ascontiguousarray(smooth[:, at : at + width]) for at in (0, 9)]
    if kind == "deep":
        pair = [p.astype(np.uint16) * 257 for p in pair]
    for shifts in (1, 2, width // 2, 300):
        for part in range(3):
            found = everywhere(lambda part=part, shifts=shifts: matched(*pair, shifts)[part])
            assert bits(found) == bits(matched(*pair, shifts)[part])
        shift = matched(*pair, shifts)[0]
        assert (shift >= 0).all()
        assert (shift <= shifts - 1).all()


def test_the_largest_shifts_are_found() -> None:
    generator = np.random.default_rng(8)
    scene = np.kron(generator.integers(0, 256, (20, 400), dtype=np.uint8), np.ones((2, 3), np.uint8))
    left, right = (np.ascontiguousarray(scene[:, at : at + 640]) for at in (0, 501))
    shift, state, _ = matched(left, right, 511)
    seen = (slice(4, -4), slice(512, -8))
    assert (state[seen] == 0).mean() > 0.7
    assert np.abs(shift - 501)[seen].max() < 1


def test_small_pictures_are_matched_at_full_size() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (31, 60), dtype=np.uint8)
    other = np.roll(picture, -3, 1)
    for quick, whole in zip(matched(picture, other, 9), matched(picture, other, 9, STANDARD), strict=True):
        assert bits(quick) == bits(whole)
