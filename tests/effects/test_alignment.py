"""Laws of `align_disparity`: what stays, what moves with its input, and how near the truth it comes."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import numpy as np
import pytest

import nearfar as nf
from nearfar.effects import align_disparity, lens_blur
from nearfar.errors import EstimationError

CELL = 4
TURNS = {"across": np.fliplr, "over": np.flipud, "aside": lambda array: array.swapaxes(0, 1)}


def scene(seed=0, height=96, width=128):
    """A bright slanted disc and thin bars before a dark wall, all textured; image and true disparity."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    texture = generator.normal(0, 12, (height, width, 1))
    near = (x - width * 0.55) ** 2 + (y - height * 0.5) ** 2 < (height * 0.3) ** 2
    bar = (np.abs(x - 0.2 * y - 12) < 1.0) | (np.abs(x + 0.3 * y - 50) < 1.0)
    disparity = np.where(near, 0.9 + x / width * 0.2, np.where(bar, 0.8, 0.2 + y / height * 0.1))
    colour = np.where(
        near[..., None], (200, 160, 120), np.where(bar[..., None], (220, 210, 60), (50, 70, 110))
    )
    return np.clip(colour + texture, 0, 255).astype(np.uint8), disparity.astype(np.float32)


def averaged(values, cell=CELL):
    height, width = values.shape
    return values.reshape(height // cell, cell, width // cell, cell).mean((1, 3)).astype(np.float32)


def wrong(found, truth):
    """The share of pixels that are off by more than a tenth of the scene's range."""
    return float((np.abs(found - truth) > 0.1 * np.ptp(truth)).mean())


IMAGE, TRUTH = scene()
SMALL = averaged(TRUTH)


@pytest.mark.parametrize("seed", range(3))
def test_edges_and_thin_things_come_back(seed) -> None:
    image, truth = scene(seed)
    small = averaged(truth)
    enlarged = np.kron(small, np.ones((CELL, CELL), np.float32))
    plain = nf.estimate.upsample(nf.DepthMap(small, kind=nf.DepthKind.DISPARITY), image, sampling="centre")
    found = wrong(align_disparity(small, image), truth)
    assert found < 0.02
    assert found < 0.25 * wrong(enlarged, truth)
    assert found < 0.5 * wrong(plain.values, truth)


def test_sampled_noisy_and_8_bit_maps_too() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01 * np.ptp(SMALL), SMALL.shape)
    codes = np.rint((SMALL - SMALL.min()) / np.ptp(SMALL) * 255) / 255 * np.ptp(SMALL) + SMALL.min()
    for small in (TRUTH[CELL // 2 :: CELL, CELL // 2 :: CELL], SMALL + noise, codes):
        assert wrong(align_disparity(small, IMAGE), TRUTH) < 0.02


def test_any_picture_of_the_same_light_guides_alike() -> None:
    light = np.where(IMAGE <= 10, IMAGE / 255 / 12.92, ((IMAGE / 255 + 0.055) / 1.055) ** 2.4)
    byte = align_disparity(SMALL, IMAGE)
    assert np.abs(align_disparity(SMALL, IMAGE.astype(np.uint16) * np.uint16(257)) - byte).mean() < 1e-4
    for dtype in (np.float32, np.float16):
        assert wrong(align_disparity(SMALL, light.astype(dtype)), TRUTH) < 0.02


@pytest.mark.parametrize("value", [0.0, 0.7, -3.0, 1e29])
def test_a_constant_stays_constant(value) -> None:
    assert (align_disparity(np.full((3, 5), value), IMAGE) == np.float32(value)).all()


def test_a_plane_stays_a_plane() -> None:
    y, x = np.mgrid[:24, :32]
    aligned = align_disparity((0.1 * x + 0.05 * y).astype(np.float32), IMAGE)
    y, x = np.mgrid[:96, :128]
    plane = 0.1 * ((x + 0.5) / 4 - 0.5) + 0.05 * ((y + 0.5) / 4 - 0.5)
    assert np.allclose(aligned[2:-2, 2:-2], plane[2:-2, 2:-2], atol=1e-5)


def test_a_map_of_the_pictures_size_comes_back_as_it_is() -> None:
    aligned = align_disparity(TRUTH.astype(np.float64), IMAGE)
    assert np.array_equal(aligned, TRUTH)
    assert not aligned.flags.writeable
    assert not np.shares_memory(align_disparity(TRUTH, IMAGE), TRUTH)


def test_in_a_flat_picture_the_edge_stays_where_the_map_has_it() -> None:
    step = np.repeat(np.float32([[1, 1, 1, 3, 3, 3]]), 6, axis=0)
    aligned = align_disparity(step, np.full((24, 24, 3), 90, np.uint8))
    assert np.allclose(aligned[:, :12], 1, atol=0.01)
    assert np.allclose(aligned[:, 12:], 3, atol=0.01)


def test_values_stay_within_their_bounds() -> None:
    aligned = align_disparity(SMALL, IMAGE)
    assert aligned.min() >= SMALL.min()
    assert aligned.max() <= SMALL.max() + 1.5 * np.ptp(SMALL)


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)
def test_a_turned_picture_gives_a_turned_map(turn) -> None:
    turned = align_disparity(turn(SMALL), turn(IMAGE))
    assert (np.abs(turned - turn(align_disparity(SMALL, IMAGE))) > 1e-3).mean() < 0.002


def test_scaled_and_shifted_disparities_give_scaled_and_shifted_maps() -> None:
    straight = align_disparity(SMALL, IMAGE)
    scaled = align_disparity(SMALL * 8 - 2, IMAGE)
    assert (np.abs(scaled - (straight * 8 - 2)) > 1e-2).mean() < 0.002
    assert np.array_equal(align_disparity(SMALL * 4, IMAGE), straight * 4)


def test_holes_are_filled_first_and_infinities_held() -> None:
    holed = SMALL.copy()
    holed[3:6, 20:23] = np.nan
    holed[0, 0], holed[0, 1] = np.inf, -np.inf
    aligned = align_disparity(holed, IMAGE)
    assert np.isfinite(aligned).all()
    assert aligned.min() >= SMALL.min()
    same = align_disparity(np.where(TRUTH > 0.9, np.nan, TRUTH), IMAGE)
    assert same.max() <= np.float32(0.9)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (96, 1), (5, 128), (95, 127)])
def test_any_ratio_of_sizes_works(size) -> None:
    aligned = align_disparity(np.random.default_rng(2).random(size), IMAGE)
    assert aligned.shape == IMAGE.shape[:2]
    assert np.isfinite(aligned).all()


def subject():
    """A matte of the disc at half the picture's size."""
    disc = (np.abs(TRUTH - 1) < 0.11).astype(np.float32)
    cover = disc.reshape(48, 2, 64, 2).mean((1, 3))
    return nf.Matte(np.rint(cover * 255).astype(np.uint8))


def blurred_map():
    """A map whose edges are soft and lie some pixels off, in a picture that does not show them."""
    soft = averaged(np.roll(TRUTH, (2, 3), (0, 1)))
    for axis in (0, 1):
        soft = (np.roll(soft, 1, axis) + 2 * soft + np.roll(soft, -1, axis)) / 4
    return soft, np.full_like(IMAGE, 90)


def test_the_mattes_edge_is_the_subjects() -> None:
    soft, grey = blurred_map()
    disc = np.abs(TRUTH - 1) < 0.11
    with_matte = align_disparity(soft, grey, mattes=[subject()])
    near = np.abs(with_matte - TRUTH) < 0.1
    assert near[disc].mean() > 0.95
    assert near[disc].mean() > (np.abs(align_disparity(soft, grey) - TRUTH) < 0.1)[disc].mean() + 0.05
    by_kind = {nf.MatteKind.PORTRAIT: subject()}
    assert np.array_equal(align_disparity(soft, grey, mattes=by_kind), with_matte)


def test_hair_counts_as_subject_and_other_kinds_do_not() -> None:
    soft, grey = blurred_map()
    halves = []
    for kind, side in ((nf.MatteKind.PORTRAIT, np.s_[:, 36:]), (nf.MatteKind.HAIR, np.s_[:, :36])):
        half = np.array(subject().values)
        half[side] = 0
        halves.append(nf.Matte(half, kind))
    whole = align_disparity(soft, grey, mattes=[subject()])
    assert np.array_equal(align_disparity(soft, grey, mattes=halves), whole)
    sky = nf.Matte(subject().values, nf.MatteKind.SKY)
    assert np.array_equal(align_disparity(soft, grey, mattes=[sky]), align_disparity(soft, grey))


@pytest.mark.parametrize("cover", [0, 255])
def test_a_matte_without_an_edge_changes_nothing(cover) -> None:
    matte = nf.Matte(np.full((7, 9), cover, np.uint8))
    assert np.array_equal(align_disparity(SMALL, IMAGE, mattes=[matte]), align_disparity(SMALL, IMAGE))


def test_far_from_the_mattes_edge_nothing_changes() -> None:
    cover = np.zeros((96, 128), np.uint8)
    cover[:, :40] = 255
    changed = align_disparity(SMALL, IMAGE, mattes=[nf.Matte(cover)]) != align_disparity(SMALL, IMAGE)
    assert changed.any()
    assert not changed[:, :32].any()
    assert not changed[:, 48:].any()


def test_what_is_no_matte_is_refused() -> None:
    with pytest.raises(TypeError, match="Matte"):
        align_disparity(SMALL, IMAGE, mattes=[np.zeros((4, 4), np.uint8)])


def test_lens_blur_takes_a_small_map() -> None:
    settings = {"focus_disparity": 0.25, "strength": 9.0}
    aligned = lens_blur(IMAGE, align_disparity(SMALL, IMAGE), **settings)
    assert np.array_equal(lens_blur(IMAGE, SMALL, **settings), aligned)
    exact = lens_blur(IMAGE, TRUTH, **settings).astype(float)
    nearest = lens_blur(IMAGE, np.kron(SMALL, np.ones((CELL, CELL))), **settings)
    assert ((aligned - exact) ** 2).mean() < 0.4 * ((nearest - exact) ** 2).mean()


def test_cancel_ends_it() -> None:
    event = threading.Event()
    event.set()
    with pytest.raises(CancelledError):
        align_disparity(SMALL, IMAGE, cancel=event)


@pytest.mark.parametrize(
    ("disparity", "image", "error", "word"),
    [
        (SMALL.astype(int), IMAGE, TypeError, "float"),
        (SMALL, IMAGE.astype(np.int16), TypeError, "uint8"),
        (SMALL[0], IMAGE, EstimationError, "shape"),
        (SMALL[:0], IMAGE, EstimationError, "empty"),
        (SMALL, IMAGE[..., 0], EstimationError, "shape"),
        (SMALL, IMAGE[:0], EstimationError, "empty"),
        (np.ones((97, 128)), IMAGE, EstimationError, "larger"),
        (SMALL * np.nan, IMAGE, EstimationError, "hole"),
        (SMALL * np.float32(1e31), IMAGE, EstimationError, "1e30"),
    ],
)
def test_bad_input_is_named(disparity, image, error, word) -> None:
    with pytest.raises(error, match=word):
        align_disparity(disparity, image)
