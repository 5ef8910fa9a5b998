"""Laws of the recovery of clipped highlights, its twin, and its worth on scenes with a known truth."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageFilter

from nearfar import _native
from nearfar.effects import lens_blur, recover_highlights
from nearfar.errors import EstimationError
from reference import highlights as twin
from reference.settings import everywhere

FINE = 8
"""Points across a pixel of a drawn scene."""


def encoded(light, dtype=np.uint8):
    light = np.clip(light, 0, 1)
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(code * np.iinfo(dtype).max).astype(dtype)


def decibels(found, truth) -> float:
    return float(-10 * np.log10(np.mean((encoded(found) / 255 - encoded(truth) / 255) ** 2) + 1e-12))


def drawn(shape, light, size=(48, 64), behind=(0.06, 0.05, 0.08)):
    """Linear light of a shape, `light` bright, before a dim checkerboard, as a pixel's square sees it."""
    y, x = (np.mgrid[: size[0] * FINE, : size[1] * FINE] + 0.5) / FINE
    board = np.where(((x // 9 + y // 9) % 2 < 1)[..., None], behind, 2 * np.array(behind))
    fine = np.where(shape(x, y)[..., None], np.broadcast_to(light, 3), board)
    return fine.reshape(size[0], FINE, size[1], FINE, 3).mean(axis=(1, 3))


def lamp(radius):
    return lambda x, y: (x - 31.3) ** 2 + (y - 22.8) ** 2 < radius**2


def blurred(light):
    """Everything out of focus by 6 px."""
    far = np.zeros(light.shape[:2], np.float32)
    return lens_blur(light.astype(np.float32), far, focus_disparity=1.0, strength=6.0, effort="best")


def specks(shape, dtype):
    """Pictures with clipped specks of every kind."""
    top = np.iinfo(dtype).max
    codes = [0, top // 4, top // 2, top * 7 // 8, 250 * (top // 255) - 1, 250 * (top // 255), top]
    colours = hnp.arrays(dtype, (5, 3), elements=st.sampled_from(codes))
    places = hnp.arrays(np.intp, shape, elements=st.integers(0, 4))
    return st.builds(lambda table, at: np.ascontiguousarray(table[at]), colours, places)


def gains_of(image):
    light = everywhere(lambda: _native.recover_highlights(image))
    coded_light = twin.decoded(image)
    return np.where(coded_light > 0, light / np.maximum(coded_light, 1e-9), 1)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_recovery_is_its_twin(data) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=14))
    image = data.draw(specks(shape, data.draw(st.sampled_from([np.uint8, np.uint16]))))
    assert np.allclose(gains_of(image), twin.gains(image), rtol=1e-5)


def test_bands_meet_without_a_seam() -> None:
    random = np.random.default_rng(3)
    image = random.integers(0, 200, (150, 40, 3)).astype(np.uint8)
    y, x = np.mgrid[:150, :40]
    for at in (20, 63, 64, 66, 127, 130):
        image[(x - 20) ** 2 + (y - at) ** 2 < 30] = 255
    assert np.allclose(gains_of(image), twin.gains(image), rtol=1e-5)


@pytest.mark.parametrize("light", [4.0, 9.0, (12.0, 8.0, 3.0)])
@pytest.mark.parametrize("radius", [2.5, 6.2, 14.1])
def test_lamps_get_most_of_their_light_back(light, radius) -> None:
    truth = drawn(lamp(radius), light)
    found = recover_highlights(encoded(truth))
    lost = truth.sum() - np.clip(truth, 0, 1).sum()
    assert 0.1 * lost < found.sum() - np.clip(truth, 0, 1).sum() < 1.6 * lost
    before, after = (decibels(blurred(x), blurred(truth)) for x in (np.clip(truth, 0, 1), found))
    assert after > before + 1.5


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_hue_of_a_lamp_comes_back(dtype) -> None:
    truth = drawn(lamp(14.1), (9.0, 6.0, 3.0))
    red, green, blue = recover_highlights(encoded(truth, dtype))[22, 31]
    assert 1.1 < red / green < 2.2
    assert 1.1 < green / blue < 2.7


def test_a_channel_that_is_not_clipped_speaks_for_one_that_is() -> None:
    truth = drawn(lamp(14.1), (5.0, 0.8, 0.4), behind=(0.02, 0.02, 0.02))
    found = recover_highlights(encoded(truth))[22, 31]
    assert found[0] > 3
    assert np.allclose(found[1:], (0.8, 0.4), rtol=0.01)


def test_a_rim_that_hardly_shows_a_hue_tells_little() -> None:
    """Sky between bars, clipped in blue alone: sharp borders on the grid, beside them a faint tint."""
    image = np.broadcast_to(np.float32([0.15, 0.19, 0.17]), (40, 40, 3)).copy()
    image[9:31, 9:21] += np.float32([0.012, 0.012, 0.034])
    image[10:30, 10:20] = (0.62, 0.75, 1.0)
    assert recover_highlights(encoded(image)).max() < 1.35


PAPERS = {
    "on the grid": lambda x, y: (abs(x - 32) < 20) & (abs(y - 24) < 14),
    "off the grid": lambda x, y: (abs(x - 31.7) < 20.2) & (abs(y - 24.4) < 14.1),
    "turned": lambda x, y: (abs(x + y / 4 - 38) < 18) & (abs(y - x / 4 - 16) < 12),
    "stripes": lambda x, y: (x + 0 * y) % 7.3 < 3.6,
    "slanted stripes": lambda x, y: (x + y / 9) % 7.3 < 3.6,
    "a checkerboard": lambda x, y: (x // 8 + y // 8) % 2 < 1,
    "discs": lambda x, y: (x % 16 - 8) ** 2 + (y % 16 - 8) ** 2 < 30,
    "the whole picture": lambda x, y: x + y > -1,
    "thin lines": lambda x, y: (x / 2.3 + y) % 9 < 1.4,
    "at 45 degrees": lambda x, y: (abs(x - y + 3.4) < 18) & (abs(x + y - 51.1) < 20),
}


@pytest.mark.parametrize("white", [1.0, 1.2, 1.5])
@pytest.mark.parametrize("paper", PAPERS)
def test_papers_stay_as_they_are(paper, white) -> None:
    truth = drawn(PAPERS[paper], (white, white, white))
    kept = np.clip(truth, 0, 1)
    found = recover_highlights(encoded(truth))
    before, after = (decibels(blurred(x), blurred(truth)) for x in (kept, found))
    assert after > min(before, 45) - 0.3


def test_shades_of_a_bright_wall_stay_as_they_are() -> None:
    y, x = np.mgrid[:80, :120]
    wall = 1.6 * np.exp(-((x - 50) ** 2 + (y - 40) ** 2) / 2 / 30**2)[..., None] * (1, 0.97, 0.9)
    found = recover_highlights(encoded(wall))
    assert found.max() < 1.5


@pytest.mark.parametrize("seed", range(4))
def test_specks_of_a_wall_that_is_nearly_white_are_no_lamps(seed) -> None:
    """Where noise lifts codes of 249 over the limit, channel by channel."""
    random = np.random.default_rng(seed)
    wall = random.normal(247, 1.5, (60, 80, 3)) + 3 * np.sin(np.arange(80) / 9)[:, None]
    found = recover_highlights(np.clip(np.rint(wall), 0, 255).astype(np.uint8))
    assert found.max() < 1.05


@given(hnp.arrays(np.uint8, (7, 9, 3), elements=st.integers(0, 249)))
def test_what_is_not_clipped_is_the_light_of_its_codes(image) -> None:
    assert np.allclose(recover_highlights(image), twin.decoded(image), rtol=1e-6)


def test_noise_is_no_photograph() -> None:
    noise = np.random.default_rng(0).integers(180, 256, (1200, 1600, 3)).astype(np.uint8)
    assert recover_highlights(noise).max() <= 1


@pytest.mark.parametrize(("case", "least"), [("f1.4", 37.5), ("f2.0_zf0.8", 36.0), ("f2.0_zf6.0", 38.0)])
def test_recovery_is_worth_seven_decibels(samples: Path, case, least) -> None:
    scene = np.load(samples / "bokeh" / "scene_512x384.npz")
    truth = np.load(samples / "bokeh" / "refs_512x384.npz")[case]
    f_number, _, focus = case[1:].partition("_zf")
    found = lens_blur(
        encoded(scene["aif"]),
        1 / scene["depth"],
        focus_disparity=1 / float(focus or 1.5),
        strength=52 / 36 * 512 * 0.052 / (2 * float(f_number)),
        effort="best",
        highlights="recover",
    )
    assert decibels(twin.decoded(found), truth) > least


@pytest.mark.parametrize("behind", [(20, 60, 20), (60, 20, 20), (20, 25, 70), (12, 12, 12)])
@pytest.mark.parametrize("white", [(255, 255, 255), (254, 253, 249), (249, 255, 255)])
@pytest.mark.parametrize("soft", [0, 0.6])
def test_coarse_colours_of_files_tint_no_lamp(behind, white, soft) -> None:
    """As JPEG and HEVC keep them: half the size, so that rims have colours from behind."""
    y, x = np.mgrid[:96, :128]
    disc = Image.fromarray(np.where((x - 31) ** 2 + (y - 46) ** 2 < 200, 255, 0).astype(np.uint8))
    share = np.asarray(disc.filter(ImageFilter.GaussianBlur(soft)))[..., None] / 255
    codes = np.rint(share * white + (1 - share) * behind).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(codes).save(stream, "jpeg", quality=90, subsampling="4:2:0")
    found = recover_highlights(np.asarray(Image.open(stream)))[38:55, 23:40].mean(axis=(0, 1))
    assert found.max() < 2.1 * found.min()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lamps_in_focus_keep_their_codes(dtype) -> None:
    """Those of 250 to 255, too, beside a background that is blurred."""
    random, top = np.random.default_rng(5), np.iinfo(dtype).max
    image = encoded(drawn(lamp(9.3), 9.0, (96, 128)), dtype)
    clipped = image >= top // 255 * 250
    image[clipped] = random.integers(top // 255 * 250, top, clipped.sum(), endpoint=True)
    sharp = np.ones(image.shape[:2], np.float32)
    settings = {"focus_disparity": 1.0, "strength": 5.0, "highlights": "recover"}
    assert recover_highlights(image).max() > 3
    assert np.array_equal(everywhere(lambda: lens_blur(image, sharp, **settings)), image)
    sharp[:, 80:] = 0
    assert np.array_equal(lens_blur(image, sharp, **settings)[:, :60], image[:, :60])


def test_floats_have_nothing_to_recover() -> None:
    light = drawn(lamp(6.2), 9.0).astype(np.float32)
    far = np.zeros(light.shape[:2], np.float32)
    kept, found = (
        lens_blur(light, far, focus_disparity=1.0, strength=5.0, highlights=way)
        for way in ("keep", "recover")
    )
    assert np.array_equal(kept, found)


def test_wrong_pictures_are_refused() -> None:
    with pytest.raises(TypeError, match="uint8 or uint16"):
        recover_highlights(np.zeros((2, 2, 3), np.float32))
    with pytest.raises(EstimationError, match=r"\(H, W, 3\)"):
        recover_highlights(np.zeros((2, 2), np.uint8))
    with pytest.raises(ValueError, match="'keep' or 'recover'"):
        lens_blur(
            np.zeros((2, 2, 3), np.uint8),
            np.ones((2, 2), np.float32),
            focus_disparity=1.0,
            strength=1.0,
            highlights="boost",  # type: ignore[arg-type]
        )
