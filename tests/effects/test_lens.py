"""Laws of lens blur, and its quality on a scene with a known truth."""

from __future__ import annotations

import concurrent.futures
import threading
from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from nearfar.effects import lens_blur
from reference.lens_blur import widened
from reference.settings import everywhere

EFFORTS = ("fast", "standard", "best")


def coded(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def decibels(found, truth) -> float:
    """PSNR of sRGB-coded pictures."""
    return float(-10 * np.log10(np.mean((coded(found) - coded(truth)) ** 2)))


def noise(shape, dtype, seed=1):
    random = np.random.default_rng(seed)
    if dtype == np.float32:
        return random.random(shape, np.float32) ** 3 * 4
    return random.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)


def scenery(height, width, seed=1):
    """Disparity of a slope with two cards before it: radii of both signs, and edges."""
    random = np.random.default_rng(seed)
    slope = 0.2 + 0.3 * np.arange(width, dtype=np.float32) / max(width, 2)
    disparity = np.repeat(slope[np.newaxis], height, axis=0)
    for nearness in (0.7, 1.3):
        left, top = random.integers(0, max(1, width * 2 // 3)), random.integers(0, max(1, height * 2 // 3))
        disparity[top : top + height // 3 + 1, left : left + width // 4 + 1] = nearness
    return disparity


SHARED = {
    "f1.4": (1.4, 1.5, 42.8),
    "f2.0": (2.0, 1.5, 44.8),
    "f4.0": (4.0, 1.5, 45.4),
    "f8.0": (8.0, 1.5, 45.4),
    "f2.0_zf0.8": (2.0, 0.8, 44.4),
    "f2.0_zf6.0": (2.0, 6.0, 43.4),
}
"""f-number, focus in metres, and the least that is asked for, of each reference."""


@pytest.mark.parametrize("case", SHARED)
def test_it_is_what_a_lens_would_have_taken(samples: Path, case) -> None:
    f_number, focus, least = SHARED[case]
    scene = np.load(samples / "bokeh" / "scene_512x384.npz")
    truth = np.load(samples / "bokeh" / "refs_512x384.npz")[case]
    strength = 52 / 36 * 512 * 0.052 / (2 * f_number)
    disparity = 1 / scene["depth"]
    found = lens_blur(scene["aif"], disparity, focus_disparity=1 / focus, strength=strength, effort="best")
    assert decibels(found, truth) >= least


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("effort", EFFORTS)
def test_threads_and_simd_levels_give_the_same_bits(dtype, effort) -> None:
    image, disparity = noise((150, 203, 3), dtype), scenery(150, 203)
    everywhere(lambda: lens_blur(image, disparity, focus_disparity=0.5, strength=40, effort=effort))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
def test_strength_nothing_gives_the_picture(dtype) -> None:
    image = noise((20, 30, 3), np.float32 if dtype == np.float16 else dtype).astype(dtype)
    found = lens_blur(image, scenery(20, 30), focus_disparity=0.5, strength=0)
    assert found.dtype == image.dtype
    assert np.array_equal(found, image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("effort", EFFORTS)
def test_what_is_in_focus_stays_bit_by_bit(dtype, effort) -> None:
    image, disparity = noise((100, 300, 3), dtype), np.full((100, 300), 0.5, np.float32)
    disparity[:, :150] += np.random.default_rng(3).uniform(-0.049, 0.049, (100, 150)).astype(np.float32)
    disparity[:, 200:] = 0.1
    found = lens_blur(image, disparity, focus_disparity=0.5, strength=10, effort=effort)
    assert np.array_equal(found[:, :190], image[:, :190])
    assert not np.array_equal(found[:, 220:], image[:, 220:])


@pytest.mark.parametrize("code", [np.arange(256), np.arange(65536)], ids=["bytes", "words"])
def test_every_code_comes_back(code) -> None:
    dtype = np.uint8 if code.size == 256 else np.uint16
    image = np.repeat(code.reshape(-1, 256).T, 3).reshape(256, -1, 3).astype(dtype)
    disparity = np.full(image.shape[:2], 2, np.float32)
    assert np.array_equal(lens_blur(image, disparity, focus_disparity=2, strength=10), image)


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("radius", [1.0, 3.0, 9.5, 20.0, 45.0])
def test_a_point_becomes_a_disc(effort, radius) -> None:
    side = 257
    image = np.zeros((side, side, 3), np.float32)
    image[side // 2, side // 2] = (1000, 2000, 4000)
    disparity = np.zeros((side, side), np.float32)
    found = lens_blur(image, disparity, focus_disparity=1, strength=radius, effort=effort).astype(np.float64)
    assert np.allclose(found.sum(axis=(0, 1)), (1000, 2000, 4000), rtol=1e-3)
    light = found[..., 0] / found[..., 0].sum()
    y, x = np.mgrid[:side, :side] - side // 2
    centre = (light * x).sum(), (light * y).sum()
    assert np.abs(centre).max() <= radius / 8  # a large disc is drawn at a smaller size
    spread = (light * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2)).sum()
    assert spread == pytest.approx(radius**2 / 2, rel=0.05, abs=0.05)


@pytest.mark.parametrize("effort", EFFORTS)
def test_one_colour_stays_one_colour(effort) -> None:
    disparity = scenery(130, 170)
    codes = np.full((130, 170, 3), (200, 90, 3), np.uint8)
    assert np.array_equal(lens_blur(codes, disparity, focus_disparity=0.5, strength=60, effort=effort), codes)
    floats = np.full((130, 170, 3), (3.0, 0.5, 0.01), np.float32)
    found = lens_blur(floats, disparity, focus_disparity=0.5, strength=60, effort=effort)
    assert np.allclose(found, floats, rtol=1e-4)


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("radius", [3, 9, 20, 40])
@pytest.mark.parametrize("near", [True, False])
def test_a_card_is_opaque_within_and_gone_outside(effort, radius, near) -> None:
    card = slice(130, 430), slice(140, 500)
    image, disparity = np.full((560, 620, 3), 0.2, np.float32), np.full((560, 620), 0.5, np.float32)
    image[card], disparity[card] = (1, 0, 0.5), 1
    focus = 0.5 if near else 1
    found = lens_blur(image, disparity, focus_disparity=focus, strength=2 * radius, effort=effort)
    reach = radius * 5 // 4 + 3
    inside = slice(130 + reach, 430 - reach), slice(140 + reach, 500 - reach)
    assert np.allclose(found[inside], (1, 0, 0.5), atol=1e-3)
    around = np.ones((560, 620), bool)
    around[130 - reach : 430 + reach, 140 - reach : 500 + reach] = False
    assert np.allclose(found[around], 0.2, atol=1e-3)


def test_channels_are_alike() -> None:
    image, disparity = noise((90, 110, 3), np.float32), scenery(90, 110)
    image[..., 1:] = image[..., :1]
    found = lens_blur(image, disparity, focus_disparity=0.5, strength=30)
    assert np.array_equal(found[..., 0], found[..., 1])
    assert np.array_equal(found[..., 0], found[..., 2])


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 5), (63, 65), (20, 200)])
@pytest.mark.parametrize("strength", [0.01, 3.0, 50.0, 5000.0, 1e30])
def test_any_size_and_any_radius_are_defined(shape, strength) -> None:
    image = noise((*shape, 3), np.float32)
    for focus in (0.1, 0.5, 2.0):
        found = lens_blur(image, scenery(*shape), focus_disparity=focus, strength=strength, effort="best")
        assert np.isfinite(found).all()
        assert found.min() >= 0
        assert found.max() <= image.max() * 2.02  # what is thinner than a pixel may be brighter than it


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("radius", [1, 5, 15, 30, 60])
def test_beyond_its_border_the_picture_goes_on(effort, radius) -> None:
    image, disparity = noise((96, 160, 3), np.float32), np.zeros((96, 160), np.float32)
    wide = widened(image, 64).astype(np.float32), np.pad(disparity, 64)
    wanted = lens_blur(*wide, focus_disparity=1, strength=radius, effort=effort)[64:-64, 64:-64]
    found = lens_blur(image, disparity, focus_disparity=1, strength=radius, effort=effort)
    if radius <= 5:
        assert np.allclose(found, wanted, atol=1e-5)
    else:  # drawn at a smaller size
        assert np.allclose(found[8:-8, 8:-8], wanted[8:-8, 8:-8], atol=radius / 150)
        assert np.mean((coded(found) - coded(wanted)) ** 2) < 10**-3.5


@pytest.mark.parametrize(("side", "strength", "least"), [(10, 40, 28), (24, 60, 30), (48, 100, 30)])
def test_small_pictures_stand_huge_radii(side, strength, least) -> None:
    image, disparity = noise((side, side, 3), np.float32), scenery(side, side)
    margin = 128
    wide = (
        np.pad(image, [(margin, margin), (margin, margin), (0, 0)], "edge"),
        np.pad(disparity, margin, "edge"),
    )
    wanted = lens_blur(*wide, focus_disparity=0.5, strength=strength, effort="best")[
        margin:-margin, margin:-margin
    ]
    found = lens_blur(image, disparity, focus_disparity=0.5, strength=strength, effort="best")
    assert decibels(found, wanted) >= least


@pytest.mark.parametrize("effort", EFFORTS)
def test_what_blurred_foreground_uncovers_is_guessed_from_nearby(effort) -> None:
    image, disparity = np.zeros((192, 256, 3), np.float32), np.full((192, 256), 0.5, np.float32)
    image[:, :70, 0], image[:, 70:, 2] = 1, 1
    image[:, 40:52], disparity[:, 40:52] = (0, 1, 0), 2
    found = lens_blur(image, disparity, focus_disparity=0.5, strength=12, effort=effort)[64:128, 40:52]
    assert found[..., 0].min() > 0.5  # what stands behind the strip shows through it
    assert found[..., 2].max() < 0.005  # with the colour of its surroundings, not of what is farther away


def behind_a_strip(wall):
    """A dark strip, blurred, before a wall in focus; its borders cover half a column of pixels."""
    image, disparity = wall.copy(), np.full(wall.shape[:2], 0.5, np.float32)
    image[:, 100:120], disparity[:, 100:120] = 0.02, 2
    image[:, [99, 120]] = 0.5 * (image[:, [99, 120]] + 0.02)
    return image, disparity


def lit_wall(brightness):
    wall = np.full((192, 256, 3), 0.05, np.float32)
    for y in range(20, 192, 24):
        wall[y : y + 3, 96:100] = wall[y + 12 : y + 15, 120:124] = brightness
    return wall


@pytest.mark.parametrize("effort", ["standard", "best"])
def test_no_lamp_beside_a_blurred_strip_shines_through_it(effort) -> None:
    """What the strip hides is more of the wall: lamps are few, so that one is seldom cut by its border."""
    settings = {"focus_disparity": 0.5, "strength": 8, "effort": effort}
    plain, bright = (lens_blur(*behind_a_strip(lit_wall(light)), **settings) for light in (1, 30))
    assert plain[:, 104:116].max() < 0.1
    assert bright[:, 104:116].max() < 0.1


def test_a_window_brighter_than_white_goes_on_behind_a_strip() -> None:
    wall = np.full((192, 256, 3), 0.05, np.float32)
    wall[40:150, 60:160] = 8
    found = lens_blur(*behind_a_strip(wall), focus_disparity=0.5, strength=12, effort="best")
    shows = lens_blur(*behind_a_strip(np.ones_like(wall)), focus_disparity=0.5, strength=12, effort="best")
    inner = np.s_[80:110, 100:120]
    assert (found[inner] > 0.9 * 8 * shows[inner]).all()


def test_holes_are_filled_first() -> None:
    image, disparity = noise((50, 60, 3), np.uint8), scenery(50, 60)
    holes = disparity.copy()
    holes[10:20, 5:9] = np.nan
    filled = nf.depth.fill(nf.DepthMap(holes, kind=nf.DepthKind.DISPARITY)).values
    found = lens_blur(image, holes, focus_disparity=0.5, strength=20)
    assert np.array_equal(found, lens_blur(image, filled, focus_disparity=0.5, strength=20))


def test_infinite_and_negative_disparities_are_values() -> None:
    image, disparity = noise((50, 60, 3), np.float32), scenery(50, 60)
    disparity[:5], disparity[5:9], disparity[9:12] = np.inf, -np.inf, -3
    found = lens_blur(image, disparity, focus_disparity=0.5, strength=20)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("brightest", [1e6, 1e15])
def test_light_of_any_strength_is_a_value(effort, brightest) -> None:
    image, disparity = noise((70, 90, 3), np.float32), np.random.default_rng(5).random((70, 90), np.float32)
    image[20:24, 30:40], image[50:, 60:] = brightest, -brightest
    found = lens_blur(image, disparity, focus_disparity=0.5, strength=30, effort=effort)
    assert np.isfinite(found).all()


def test_half_floats_stay_finite() -> None:
    image, disparity = noise((40, 50, 3), np.float32), np.random.default_rng(5).random((40, 50), np.float32)
    image[np.random.default_rng(6).random((40, 50)) < 0.3] = 65504
    found = lens_blur(image.astype(np.float16), disparity, focus_disparity=0.5, strength=20, effort="best")
    assert np.isfinite(found).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_any_finite_setting_is_defined(dtype) -> None:
    image, disparity = noise((40, 50, 3), dtype), scenery(40, 50)
    still = lens_blur(image, disparity, focus_disparity=0.5, strength=1e-60)
    assert np.array_equal(still, image)
    most = [lens_blur(image, disparity, focus_disparity=0.5, strength=s) for s in (1e38, 1e60)]
    assert np.array_equal(*most)
    assert np.isfinite(lens_blur(image, disparity, focus_disparity=-1e60, strength=5)).all()


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("strength", [3, 12, 40])
def test_mirrored_pictures_give_mirrored_blur(effort, strength) -> None:
    image, disparity = (
        noise((128, 192, 3), np.float32),
        scenery(128, 192),
    )  # whole tiles, so that they mirror, too
    settings = {"focus_disparity": 0.5, "strength": strength, "effort": effort}
    found = lens_blur(image, disparity, **settings)
    for way in (np.s_[::-1], np.s_[:, ::-1]):
        apart = np.abs(lens_blur(image[way], disparity[way], **settings)[way] - found)
        # Of two mixed pixels that are equally far, what they hide takes after the first.
        assert np.mean(apart > 1e-5) < (0.02 if strength == 40 and effort != "fast" else 1e-9)
        assert apart.max() < 0.05


@pytest.mark.parametrize("strength", [3, 12, 40])
def test_unsplit_light_adds_up(strength) -> None:
    """With effort "fast" the picture is the sum of what each of its lights gives."""
    one, other, disparity = (
        noise((100, 130, 3), np.float32),
        noise((100, 130, 3), np.float32, 2),
        scenery(100, 130),
    )
    blur = lambda light: lens_blur(light, disparity, focus_disparity=0.5, strength=strength, effort="fast")  # noqa: E731
    assert np.allclose(blur(one + other), blur(one) + blur(other), atol=1e-4)
    assert np.allclose(blur(one) * 3, blur(one * 3), atol=1e-4)


@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda a: a.astype(a.dtype.newbyteorder(">")),
        lambda a: np.repeat(a, 2, axis=0)[::2],
    ],
)
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_any_layout_of_memory_will_do(dtype, layout) -> None:
    image, disparity = noise((40, 50, 3), dtype), scenery(40, 50)
    found = lens_blur(layout(image), layout(disparity), focus_disparity=0.5, strength=20)
    assert found.dtype == image.dtype
    assert np.array_equal(found, lens_blur(image, disparity, focus_disparity=0.5, strength=20))


def test_concurrent_calls_do_not_meet() -> None:
    image, disparity = noise((150, 203, 3), np.uint8), scenery(150, 203)
    blur = lambda strength: lens_blur(image, disparity, focus_disparity=0.5, strength=strength)  # noqa: E731
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        found = list(threads.map(blur, [5, 20, 60] * 4))
    for at, strength in enumerate((5, 20, 60)):
        alone = blur(strength)
        assert all(np.array_equal(each, alone) for each in found[at::3])


IMAGE, DISPARITY = np.zeros((4, 6, 3), np.uint8), np.ones((4, 6), np.float32)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"image": np.zeros((4, 6, 3))}, TypeError, "uint8, uint16, float16 or float32"),
        ({"image": np.zeros((4, 6), np.uint8)}, nf.EstimationError, r"\(H, W, 3\)"),
        ({"image": np.zeros((0, 6, 3), np.uint8)}, nf.EstimationError, "not empty"),
        ({"image": np.full((4, 6, 3), np.nan, np.float32)}, nf.EstimationError, "finite"),
        ({"image": np.full((4, 6, 3), np.inf, np.float16)}, nf.EstimationError, "finite"),
        ({"image": np.full((4, 6, 3), -2e15, np.float32)}, nf.EstimationError, "within 1e"),
        ({"disparity": np.ones((4, 6), np.int32)}, TypeError, "float"),
        ({"disparity": np.ones((5, 6), np.float32)}, nf.EstimationError, "size of the image"),
        ({"disparity": np.full((4, 6), np.nan)}, nf.EstimationError, "no value at all"),
        ({"focus_disparity": np.nan}, nf.EstimationError, "focus_disparity"),
        ({"focus_disparity": np.inf}, nf.EstimationError, "focus_disparity"),
        ({"strength": -1}, nf.EstimationError, "strength"),
        ({"strength": np.nan}, nf.EstimationError, "strength"),
        ({"effort": "much"}, ValueError, "effort"),
        ({"shape": "star"}, ValueError, "shape"),
        ({"progress": 1}, TypeError, "callable"),
        ({"cancel": 1}, TypeError, "Event"),
    ],
)
def test_nonsense_is_refused(change, error, message) -> None:
    arguments = {"image": IMAGE, "disparity": DISPARITY, "focus_disparity": 0.5, "strength": 4} | change
    with pytest.raises(error, match=message):
        lens_blur(**arguments)


@pytest.mark.parametrize("gain", [None, [[1.0, 2.0]]])
def test_it_can_be_cancelled(gain) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(concurrent.futures.CancelledError):
        lens_blur(IMAGE, DISPARITY, focus_disparity=0.5, strength=4, gain=gain, cancel=cancel)


def test_the_result_is_new_and_read_only() -> None:
    for strength in (0, 4):
        found = lens_blur(IMAGE, DISPARITY, focus_disparity=0.5, strength=strength)
        assert not found.flags.writeable
        assert not np.shares_memory(found, IMAGE)


@pytest.mark.parametrize("strength", [0, 4])
def test_progress_rises_to_one_on_the_calling_thread(strength) -> None:
    image, disparity = noise((300, 400, 3), np.uint8), scenery(300, 400)
    told = []
    found = lens_blur(
        image,
        disparity,
        focus_disparity=0.5,
        strength=strength,
        progress=lambda share: told.append((share, threading.get_ident())),
    )
    shares, threads = zip(*told, strict=True)
    assert list(shares) == sorted(shares)
    assert min(shares) > 0
    assert shares[-1] == 1.0
    assert set(threads) == {threading.get_ident()}
    assert np.array_equal(found, lens_blur(image, disparity, focus_disparity=0.5, strength=strength))


def test_what_progress_raises_ends_the_work() -> None:
    told = []

    def stop(share: float) -> None:
        told.append(share)
        if share > 0.3:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        lens_blur(
            noise((300, 400, 3), np.uint8),
            scenery(300, 400),
            focus_disparity=0.5,
            strength=9,
            progress=stop,
        )
    assert told[-1] < 0.7


@pytest.mark.parametrize(("upper", "lower"), [(5.2, 6.3), (18, 22), (24, 29)])
def test_no_light_comes_through_where_a_near_surface_changes_its_layer(upper, lower) -> None:
    image = np.zeros((200, 320, 3), np.float32)
    image[:, 240:] = 1
    circles = np.zeros((200, 320), np.float32)
    circles[:100, :240], circles[100:, :240] = upper, lower
    assert lens_blur(image, circles, focus_disparity=0.0, strength=1.0)[:, :180].max() < 0.001
