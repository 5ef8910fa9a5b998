"""Laws of `nf.portrait`: what it sharpens and blurs, what it keeps, and what it refuses."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Literal

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import nearfar as nf
from nearfar.photo import xmp
from nearfar.photo.icc import PROFILES
from photo.test_coded_color import gamma_profile
from photo.test_exif import made

SIZE = (320, 240)
NEAR, FAR = (0.5, 0.5), (0.1, 0.15)
"""A point on the square in front, and one on the wall behind."""


def texture(size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """A picture with detail everywhere: a checkerboard of 4 px in soft colours."""
    y, x = np.mgrid[: size[1], : size[0]]
    board = ((x // 4 + y // 4) % 2).astype(np.uint8)
    return np.stack([70 + 100 * board, 90 + 70 * board, 110 + 40 * board], axis=2).astype(np.uint8)


def two_planes(size: tuple[int, int] = (160, 120)) -> NDArray[np.float32]:
    """Disparity of a square at 1 m in front of a wall at 4 m."""
    values = np.full((size[1], size[0]), 0.25, np.float32)
    values[size[1] // 4 : -size[1] // 4, size[0] // 4 : -size[0] // 4] = 1.0
    return values


def photo_of(values: NDArray[np.float32], *, metric: bool = True, **more: object) -> nf.Photo:
    camera = nf.Calibration.from_field_of_view(0.9, SIZE)
    depth = nf.DepthMap(values, kind=nf.DepthKind.DISPARITY, calibration=camera, metric=metric)
    return nf.Photo(texture(), depth, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def photo() -> nf.Photo:
    return photo_of(two_planes())


def detail(picture: NDArray[np.uint8], place: tuple[float, float]) -> float:
    """How much neighbouring pixels differ about a place."""
    height, width = picture.shape[:2]
    x, y = round(place[0] * width), round(place[1] * height)
    return float(np.abs(np.diff(picture[y - 12 : y + 12, x - 12 : x + 12].astype(float), axis=1)).mean())


# What it renders


@pytest.mark.parametrize(("sharp", "soft"), [(NEAR, FAR), (FAR, NEAR)])
def test_what_is_in_focus_stays_and_the_rest_is_blurred(
    photo: nf.Photo, sharp: tuple[float, float], soft: tuple[float, float]
) -> None:
    rendered = nf.portrait(photo, f_number=1.4, focus=sharp)
    assert detail(rendered.color, sharp) > 0.9 * detail(photo.color, sharp)
    assert detail(rendered.color, soft) < 0.35 * detail(photo.color, soft)


def test_a_rectangle_and_a_distance_focus_as_a_point_does(photo: nf.Photo) -> None:
    point = nf.portrait(photo, f_number=2, focus=NEAR).color
    np.testing.assert_array_equal(nf.portrait(photo, f_number=2, focus=(0.4, 0.4, 0.2, 0.2)).color, point)
    np.testing.assert_array_equal(nf.portrait(photo, f_number=2, focus_distance=1.0).color, point)


def test_a_smaller_aperture_blurs_less(photo: nf.Photo) -> None:
    left = [detail(nf.portrait(photo, f_number=n, focus=NEAR).color, FAR) for n in (1.4, 4, 11, 22)]
    assert left == sorted(left)
    assert left[-1] > 1.5 * left[0]


def test_a_small_aperture_over_little_depth_changes_little() -> None:
    ramp = np.linspace(0.98, 1.02, 160, dtype=np.float32)[None].repeat(120, axis=0)
    shallow = photo_of(ramp)
    rendered = nf.portrait(shallow, f_number=22, focus=(0.5, 0.5))
    assert np.abs(rendered.color.astype(int) - shallow.color).max() <= 2


def test_depth_that_is_all_one_leaves_the_picture_as_it_is() -> None:
    flat = photo_of(np.full((120, 160), 0.7, np.float32))
    np.testing.assert_array_equal(nf.portrait(flat, f_number=1.4).color, flat.color)
    blurred = nf.portrait(flat, f_number=1.4, focus_distance=0.3).color
    assert detail(blurred, NEAR) < 0.5 * detail(flat.color, NEAR)


def test_rendering_twice_gives_the_same_bits(photo: nf.Photo) -> None:
    first, second = (nf.portrait(photo, f_number=1.4, focus=NEAR).color for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_stored_edits_are_the_default(photo: nf.Photo) -> None:
    asked = nf.portrait(photo, f_number=2, focus=FAR)
    stored = nf.portrait(photo.with_edits(f_number=2, focus=FAR))
    np.testing.assert_array_equal(stored.color, asked.color)
    np.testing.assert_array_equal(
        nf.portrait(photo, focus=FAR).color, nf.portrait(photo, f_number=2.8, focus=FAR).color
    )


def test_what_is_asked_for_goes_before_what_is_stored(photo: nf.Photo) -> None:
    edited = photo.with_edits(f_number=16, focus=FAR)
    np.testing.assert_array_equal(
        nf.portrait(edited, f_number=2, focus=NEAR).color, nf.portrait(photo, f_number=2, focus=NEAR).color
    )


def test_depth_in_metres_renders_as_its_disparity(photo: nf.Photo) -> None:
    assert photo.depth is not None
    metres = nf.Photo(photo.color, photo.depth.to(nf.DepthKind.DEPTH))
    np.testing.assert_array_equal(
        nf.portrait(metres, f_number=2, focus=NEAR).color, nf.portrait(photo, f_number=2, focus=NEAR).color
    )


def test_a_map_without_a_unit_renders_whatever_its_numbers_are() -> None:
    values = two_planes()
    rendered = [
        nf.portrait(photo_of(values * factor, metric=False), f_number=2, focus=NEAR).color
        for factor in (1, 1024)
    ]
    np.testing.assert_array_equal(*rendered)


def test_holes_are_filled_from_around_them(photo: nf.Photo) -> None:
    values = two_planes()
    values[50:58, 70:80] = np.nan
    values[5:9, 5:9] = np.inf
    rendered = nf.portrait(photo_of(values), f_number=2, focus=NEAR).color
    whole = nf.portrait(photo, f_number=2, focus=NEAR).color
    np.testing.assert_array_equal(rendered[40:-40, 80:-80], whole[40:-40, 80:-80])


def test_a_blur_wider_than_the_picture_is_defined() -> None:
    values = two_planes()
    values[:, :30] = 1e6
    rendered = nf.portrait(photo_of(values), f_number=1.4, focus=NEAR).color
    assert detail(rendered, NEAR) > 0.6 * detail(texture(), NEAR)
    assert detail(rendered, (0.06, 0.5)) < 0.2 * detail(texture(), (0.06, 0.5))


@pytest.mark.parametrize("scale", [1e-38, 1e6, 1e25])
def test_disparity_of_any_size_is_rendered_without_a_warning(scale: float) -> None:
    rendered = nf.portrait(photo_of(two_planes() * np.float32(scale)), f_number=1.4)
    assert rendered.size == SIZE


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 3), (5, 4)])
def test_the_smallest_pictures_are_rendered(size: tuple[int, int]) -> None:
    picture = np.full((size[1], size[0], 3), 90, np.uint8)
    depth = nf.DepthMap(np.linspace(1, 2, size[0] * size[1], dtype=np.float32).reshape(size[1], size[0]))
    rendered = nf.portrait(nf.Photo(picture, depth), f_number=1.4)
    np.testing.assert_array_equal(rendered.color, picture)


# What it keeps


def test_the_photo_stays_as_it_is(tmp_path: Path, photo: nf.Photo) -> None:
    file = tmp_path / "shot.heic"
    photo.with_edits(f_number=4, focus=FAR).save(file)
    before = file.read_bytes()
    opened = nf.open(file)
    nf.portrait(opened, f_number=1.4, focus=NEAR)
    assert opened.edits == nf.Edits(f_number=4, focus=FAR)
    assert opened.depth is not None
    assert file.read_bytes() == before
    assert opened.file_data() == before


@pytest.mark.parametrize(
    "icc", [None, PROFILES["display-p3"], gamma_profile(2.2)], ids=["srgb", "p3", "gamma"]
)
def test_colours_keep_their_profile_and_their_light(icc: bytes | None) -> None:
    grey = np.full((240, 320, 3), (40, 128, 200), np.uint8)
    depth = nf.DepthMap(two_planes(), kind=nf.DepthKind.DISPARITY)
    rendered = nf.portrait(nf.Photo(grey, depth, icc=icc), f_number=1.4, focus=NEAR)
    assert rendered.metadata.icc == icc
    np.testing.assert_array_equal(rendered.unblurred().codes, grey)
    again = nf.open(rendered.file_data("jpeg"))
    assert again.metadata.icc == icc


def test_another_curve_blurs_the_same_light() -> None:
    plain, bent = photo_of(two_planes()), photo_of(two_planes(), icc=gamma_profile(1.0))
    light = bent.color_as("linear-srgb", "float32")
    rendered = nf.portrait(bent, f_number=1.4, focus=NEAR)
    wall = np.s_[4:20, 4:20]
    np.testing.assert_allclose(
        rendered.color_as("linear-srgb", "float32")[wall].mean((0, 1)), light[wall].mean((0, 1)), atol=0.01
    )
    assert rendered.metadata.icc == bent.metadata.icc != plain.metadata.icc


def test_a_picture_of_more_than_8_bits_is_rendered_in_all_of_them() -> None:
    deep = texture().astype(np.uint16) * 257
    buffer = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", SIZE, deep.tobytes()).save(buffer, quality=-1)
    photo = nf.open(buffer.getvalue()).with_depth(photo_of(two_planes()).depth)
    assert photo.unblurred().codes.dtype == np.uint16
    rendered = nf.portrait(photo, f_number=1.4, focus=NEAR)
    assert detail(rendered.color, NEAR) > 0.9 * detail(photo.color, NEAR)
    assert detail(rendered.color, FAR) < 0.35 * detail(photo.color, FAR)


def test_the_rendering_is_flat_and_says_how_it_was_made(photo: nf.Photo) -> None:
    about = nf.Metadata(exif=made(orientation=1))
    source = nf.Photo(photo.color, photo.depth, [nf.Matte(np.full((60, 80), 255, np.uint8))], metadata=about)
    rendered = nf.portrait(source, f_number=2, focus=NEAR)
    for each in (rendered, nf.open(rendered.file_data("heic")), nf.open(rendered.file_data("jpeg"))):
        assert each.depth is None
        assert not each.mattes
        assert not each.has_gain_map
        assert not each.edits
        assert each.metadata.device == about.device
        assert each.metadata.location == about.location
        assert each.metadata.xmp is not None
        assert b"nearfar:Renderer" in each.metadata.xmp
    clean = nf.open(rendered.file_data("jpeg", metadata="no-location"))
    assert clean.metadata.location is None


def test_a_preview_is_the_same_picture_smaller() -> None:
    photo = photo_of(4 * two_planes())
    small = nf.portrait(photo, f_number=1.4, focus=NEAR, max_side=80)
    assert small.size == (80, 60)
    whole = nf.portrait(photo, f_number=1.4, focus=NEAR).color
    shrunk = whole.reshape(60, 4, 80, 4, 3).mean((1, 3))
    assert np.abs(small.color - shrunk).mean() < 6
    assert nf.portrait(photo, max_side=5000).size == photo.size


def test_clipped_lamps_become_bright_discs() -> None:
    y, x = np.mgrid[:240, :320]
    lamps = np.hypot((x - 20) % 40 - 20, (y - 16) % 32 - 16) < 3
    picture = np.where(lamps[..., None], 255, (18, 20, 26)).astype(np.uint8)
    depth = photo_of(two_planes()).depth
    kept, recovered = (
        nf.portrait(nf.Photo(picture, depth), f_number=1.4, focus=NEAR, highlights=highlights).color
        for highlights in ("keep", "recover")
    )
    again = nf.portrait(nf.Photo(picture, depth), f_number=1.4, focus=NEAR).color
    np.testing.assert_array_equal(again, recovered)
    wall = np.s_[:50, :60]
    assert recovered[wall].mean() > kept[wall].mean()
    square = np.s_[80:-80, 100:-100]
    np.testing.assert_array_equal(recovered[square], kept[square])


def test_the_shape_is_the_one_asked_for_else_the_stored_one(photo: nf.Photo) -> None:
    blades = nf.effects.Aperture(blades=5)
    asked = nf.portrait(photo, f_number=1.4, focus=NEAR, shape=blades).color
    stored = photo.with_edits(shape=blades)
    np.testing.assert_array_equal(nf.portrait(stored, f_number=1.4, focus=NEAR).color, asked)
    round_ = nf.portrait(stored, f_number=1.4, focus=NEAR, shape="disc").color
    np.testing.assert_array_equal(round_, nf.portrait(photo, f_number=1.4, focus=NEAR).color)
    assert (round_ != asked).any()


@pytest.mark.parametrize("effort", ["fast", "standard", "best"])
def test_every_effort_renders(photo: nf.Photo, effort: Literal["fast", "standard", "best"]) -> None:
    rendered = nf.portrait(photo, f_number=2, focus=NEAR, effort=effort)
    assert detail(rendered.color, FAR) < 0.5 * detail(photo.color, FAR)


# How it goes about it


def test_progress_rises_to_one(photo: nf.Photo) -> None:
    told: list[float] = []
    nf.portrait(photo, f_number=2, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_it_can_be_cancelled(photo: nf.Photo) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        nf.portrait(photo, f_number=2, cancel=cancel)


# What it refuses


def test_a_photo_without_depth_is_refused_by_what_it_has() -> None:
    with pytest.raises(nf.NoDepth, match="only the picture"):
        nf.portrait(nf.Photo(texture()))
    matte = nf.Matte(np.full((60, 80), 255, np.uint8))
    with pytest.raises(nf.NoDepth, match="portrait matte"):
        nf.portrait(nf.Photo(texture(), mattes=[matte]))


def test_a_photo_without_depth_is_refused_before_anything_is_decoded(tmp_path: Path) -> None:
    flat = tmp_path / "flat.jpg"
    Image.fromarray(texture()).save(flat)
    code = (
        "import sys, nearfar\n"
        "try:\n    nearfar.portrait(nearfar.open(sys.argv[1]))\n"
        "except nearfar.NoDepth as refusal:\n    print(refusal)\n"
        "print(sorted({'PIL', 'pillow_heif'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(flat)], capture_output=True, text=True, check=True)
    said, codecs = done.stdout.splitlines()
    assert said.startswith(f"{flat}: the photo has no depth map")
    assert codecs == "[]"


@pytest.mark.parametrize("words", [{}, {"focus_distance": 1.0}])
def test_a_map_of_holes_alone_is_refused(words: dict[str, float]) -> None:
    with pytest.raises(nf.NoDepth, match="hole"):
        nf.portrait(photo_of(np.full((120, 160), np.nan, np.float32)), **words)  # type: ignore[arg-type]


def test_a_distance_needs_depth_with_a_unit() -> None:
    with pytest.raises(nf.PhotoError, match="focus_distance"):
        nf.portrait(photo_of(two_planes(), metric=False), focus_distance=1.0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"f_number": 1.0}, "f_number"),
        ({"f_number": 32}, "f_number"),
        ({"focus": (1.2, 0.5)}, "focus"),
        ({"focus": (0.5, -0.1)}, "focus"),
        ({"focus": (0.5, 0.5, 0.6, 0.1)}, "focus"),
        ({"focus": (0.5, 0.5, 0.6)}, "focus"),
        ({"focus": (300, 200)}, "focus"),
        ({"focus_distance": 0}, "focus_distance"),
        ({"focus_distance": float("nan")}, "focus_distance"),
        ({"focus": (0.5, 0.5), "focus_distance": 1}, "focus"),
        ({"effort": "slow"}, "effort"),
        ({"highlights": "lost"}, "highlights"),
        ({"shape": "heart"}, "shape"),
        ({"max_side": 0}, "max_side"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(
    photo: nf.Photo, words: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        nf.portrait(photo, **words)  # type: ignore[arg-type]


def test_what_is_no_photo_is_refused() -> None:
    with pytest.raises(TypeError, match="Photo"):
        nf.portrait(texture())  # type: ignore[arg-type]


# Phones' photos


@pytest.mark.samples
@pytest.mark.parametrize(
    "name",
    [
        "apple/iphone13pro_dualwide.heic",
        "apple/iphone12mini_depth_gainmap.jpg",
        "apple/iphonex_depth.jpg",
        "android/lensblur_gdepth_2.jpg",
    ],
)
def test_a_phones_photo_keeps_what_it_says_of_itself(samples: Path, name: str) -> None:
    photo = nf.open(samples / "photos" / name)
    rendered = nf.portrait(photo, f_number=1.4, max_side=800)
    assert max(rendered.size) <= 800
    assert rendered.size[0] * photo.size[1] == pytest.approx(rendered.size[1] * photo.size[0], rel=0.01)
    for field in ("icc", "device", "captured", "location", "lens", "f_number", "iso", "focal_length_35mm"):
        assert getattr(rendered.metadata, field) == getattr(photo.metadata, field), field
    saved = nf.open(rendered.file_data("jpeg"))
    assert saved.depth is None
    assert saved.size == rendered.size
    assert saved.metadata.xmp is not None
    packet = xmp.parse(saved.metadata.xmp)
    kept = {each.partition(":")[0] for each in (*packet.tags, *packet.structures)}
    assert not kept & {"GDepth", "GImage", "GFocus", "depthBlurEffect", "HDRGainMap", "apdi", "hdrgm"}


@pytest.mark.samples
def test_lamps_of_a_gain_map_change_nothing_in_focus(samples: Path) -> None:
    photo = nf.open(samples / "photos/apple/iphone13pro_dualwide.heic")
    kept, lit = (nf.portrait(photo, f_number=16, highlights=way).color for way in ("keep", "recover"))
    source = photo.unblurred().codes
    same = Image.fromarray(np.where((kept == source).all(axis=2), 255, 0).astype(np.uint8))
    sharp = np.asarray(same.filter(ImageFilter.MinFilter(17))) > 0
    assert sharp.mean() > 0.02
    assert np.array_equal(lit[sharp], source[sharp])


@pytest.mark.samples
def test_a_spatial_photo_says_that_it_has_a_pair(samples: Path) -> None:
    with pytest.raises(nf.NoDepth, match="stereo pair"):
        nf.portrait(nf.open(samples / "photos/spatial/visionpro_spatial.heic"))


# Stored edits


def test_edits_of_a_later_look_are_rendered_with_a_warning() -> None:
    photo = photo_of(two_planes(), edits=nf.Edits(f_number=2.8, focus=FAR, renderer=99))
    with pytest.warns(nf.LossWarning, match="version 99"):
        later = nf.portrait(photo)
    known = nf.portrait(photo_of(two_planes(), edits=nf.Edits(f_number=2.8, focus=FAR)))
    assert np.array_equal(later.color, known.color)
