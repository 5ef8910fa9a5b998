"""Laws of stereo matching, and what it finds in real pairs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest

from nearfar import _native
from nearfar.errors import EstimationError
from nearfar.estimate import StereoMatch, match_stereo
from reference.settings import bits, everywhere


def textured(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Noise of several sizes, (H, W, 3) uint8."""
    generator = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3))
    for step in (1, 2, 5, 11):
        coarse = generator.random((height // step + 2, width // step + 2, 3))
        picture += np.kron(coarse, np.ones((step, step, 1)))[:height, :width]
    return (picture * (255 / 4)).astype(np.uint8)


def stepped_pair(height: int = 120, width: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A near square before a far wall: left, right, and the shift of the left view."""
    wall, square = textured(height, width + 40, 1), textured(height, width + 40, 2)
    shift = np.full((height, width), 6.0)
    shift[30:90, 70:130] = 20.0
    left, right = wall[:, 40 - 6 : 40 - 6 + width].copy(), wall[:, 40 : 40 + width].copy()
    left[30:90, 70:130] = square[30:90, 70:130]
    right[30:90, 50:110] = square[30:90, 70:130]
    return left, right, shift


def test_a_step_is_found_to_a_tenth_of_a_pixel() -> None:
    left, right, shift = stepped_pair()
    match = match_stereo(left, right, max_shift=32)
    inner = np.zeros(shift.shape, bool)
    inner[4:-4, 30:-4] = True
    inner[26:94, 48:134] = False
    inner[34:86, 74:126] = True
    assert match.valid[inner].mean() > 0.99
    assert np.nanmax(np.abs(match.shift - shift)[inner]) < 0.1


def test_what_the_right_camera_cannot_see_is_occluded_and_filled_from_behind() -> None:
    left, right, shift = stepped_pair()
    match = match_stereo(left, right, max_shift=32)
    hidden = (slice(34, 86), slice(57, 69))  # left of the square by the difference of the shifts
    assert match.occluded[hidden].mean() > 0.8
    assert not match.valid[hidden].any() or np.isnan(match.shift[hidden]).mean() > 0.8
    filled = match_stereo(left, right, max_shift=32, fill=True)
    assert filled.valid.all()
    assert (np.abs(filled.shift - shift)[hidden] < 1).mean() > 0.95  # the square is 14 px away
    assert filled.confidence[hidden].mean() < 0.5 * filled.confidence[34:86, 76:124].mean()


def test_the_left_border_is_matched() -> None:
    left, right, shift = stepped_pair()
    match = match_stereo(left, right, max_shift=64)
    assert match.valid[4:-4, 10:40].mean() > 0.95
    assert np.nanmax(np.abs(match.shift - shift)[4:-4, 10:40]) < 0.5


@pytest.mark.parametrize("effort", ["fast", "standard", "best"])
def test_every_setting_gives_the_same_bits(effort) -> None:
    left, right, _ = (picture[5:66, 30:137].copy() for picture in stepped_pair())
    found = everywhere(lambda: match_stereo(left, right, max_shift=37, effort=effort, fill=True).shift)
    assert bits(found) == bits(match_stereo(left, right, max_shift=37, effort=effort, fill=True).shift)


@pytest.mark.parametrize("effort", ["fast", "standard", "best"])
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 40), (40, 1), (2, 3), (17, 33), (33, 65), (64, 64), (5, 130)], ids=str
)
def test_any_size_is_matched(size, effort) -> None:
    picture = textured(*size)
    for max_shift in {1, min(2, size[1]), size[1]}:
        match = match_stereo(picture, picture, max_shift=max_shift, effort=effort, fill=True)
        assert match.shift.shape == size
        assert (match.shift >= 0).all()
        assert (match.shift < max_shift).all()


def test_the_same_picture_twice_does_not_shift() -> None:
    picture = textured(80, 120)
    match = match_stereo(picture, picture, max_shift=32, fill=True)
    assert np.abs(match.shift).max() < 0.5
    assert match.confidence.mean() > 0.5


def test_grey_is_rgb_of_equal_channels() -> None:
    left, right, _ = stepped_pair()
    grey_left, grey_right = left[..., 1].copy(), right[..., 1].copy()
    grey = match_stereo(grey_left, grey_right, max_shift=32)
    stacked = match_stereo(*(np.repeat(p[..., None], 3, 2) for p in (grey_left, grey_right)), max_shift=32)
    assert bits(grey.shift) == bits(stacked.shift)


@pytest.mark.parametrize("top", [1023, 4095, 65535])
def test_sixteen_bits_match_like_eight(top) -> None:
    left, right, shift = stepped_pair()
    deep = [(p.astype(np.float64) * (top / 255)).astype(np.uint16) for p in (left, right)]
    match = match_stereo(*deep, max_shift=32, fill=True)
    assert np.abs(match.shift - shift)[34:86, 74:126].max() < 0.25


def test_constant_pictures_match_nowhere() -> None:
    flat = np.full((40, 60), 128, np.uint8)
    match = match_stereo(flat, flat, max_shift=16)
    assert not match.valid.any()
    assert not match.confidence.any()
    assert np.isnan(match.shift).all()


def test_results_are_read_only() -> None:
    left, right, _ = stepped_pair()
    match = match_stereo(left, right, max_shift=32)
    for array in (match.shift, match.valid, match.confidence, match.occluded):
        assert not array.flags.writeable
    assert match.confidence.dtype == np.float32
    assert 0 <= match.confidence.min() <= match.confidence.max() <= 1
    assert not match.confidence[~match.valid].any()


class SetWhenAskedAgain(threading.Event):
    """An event that another thread sets after the call began."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 1


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = _native.thread_count()
    _native.set_thread_count(1)
    yield
    _native.set_thread_count(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("effort", ["fast", "standard", "best"])
def test_an_event_ends_the_call(effort) -> None:
    picture = textured(1500, 2000)
    early, late = threading.Event(), SetWhenAskedAgain()
    early.set()
    for cancel in (early, late):
        with pytest.raises(CancelledError):
            match_stereo(picture, picture, max_shift=256, effort=effort, cancel=cancel)
    assert late.asked == 2


def test_an_event_that_is_not_set_changes_nothing() -> None:
    left, right, _ = stepped_pair()
    never = threading.Event()
    plain, told = (match_stereo(left, right, max_shift=32, cancel=cancel) for cancel in (None, never))
    assert bits(plain.shift) == bits(told.shift)


def test_bad_input_is_named() -> None:
    picture = textured(40, 60)
    with pytest.raises(EstimationError, match="60×40 and 60×39"):
        match_stereo(picture, picture[:39])
    with pytest.raises(TypeError, match="float64"):
        match_stereo(picture / 255, picture / 255)
    with pytest.raises(EstimationError, match="one dtype"):
        match_stereo(picture, picture[..., 0])
    with pytest.raises(EstimationError, match="width, 60 px"):
        match_stereo(picture, picture, max_shift=61)
    with pytest.raises(EstimationError, match=r"1\.\.511"):
        match_stereo(picture, picture, max_shift=0)
    with pytest.raises(EstimationError, match="picture"):
        match_stereo(picture[..., None], picture[..., None])
    with pytest.raises(EstimationError, match="picture"):
        match_stereo(picture[:0], picture[:0])
    with pytest.raises(TypeError, match=r"threading\.Event"):
        match_stereo(picture, picture, max_shift=16, cancel=True)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="effort"):
        match_stereo(picture, picture, max_shift=16, effort="quick")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="as shift is"):
        StereoMatch(
            np.zeros((3, 4), np.float32), np.zeros((3, 3), np.float32), np.zeros((3, 4), bool), 16, "fast"
        )


@pytest.mark.samples
def test_motorcycle(samples: Path) -> None:
    from PIL import Image

    folder = samples / "stereo" / "motorcycle"
    left, right = (
        np.asarray(Image.open(folder / f"motorcycle_{side}.png").convert("RGB")) for side in ("left", "right")
    )
    truth = np.load(folder / "motorcycle_disp.npz")["arr_0"]
    known = np.isfinite(truth)
    match = match_stereo(left, right, max_shift=80)
    wrong = np.abs(match.shift - truth)[known & match.valid] > 2
    assert match.valid.mean() > 0.8
    assert wrong.mean() < 0.03
