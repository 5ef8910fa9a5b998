"""Laws of `prepare_portrait`: it renders what `portrait` renders, as often as one likes."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from effects.test_portraits import FAR, NEAR, SIZE, photo_of, texture, two_planes
from nearfar.effects import Aperture, PreparedPortrait, prepare_portrait
from photo.test_coded_color import gamma_profile

_LOOKS: list[dict[str, Any]] = [
    {},
    {"f_number": 1.4, "focus": NEAR},
    {"f_number": 1.4, "focus": FAR, "effort": "fast"},
    {"f_number": 8, "focus": (0.2, 0.2, 0.5, 0.5), "effort": "best"},
    {"f_number": 2, "shape": Aperture(blades=6), "highlights": "keep", "grain": True},
]


def relative(values: np.ndarray) -> nf.Photo:
    """A photo with a map that a phone measured: its edges are settled, its rims are widened."""
    depth = nf.DepthMap(values, kind=nf.DepthKind.DISPARITY, accuracy=nf.Accuracy.RELATIVE)
    matte = np.zeros((120, 160), np.uint8)
    matte[30:-30, 40:-40] = 255
    return nf.Photo(texture(), depth, [nf.Matte(matte)])


def outlying(value: float) -> nf.Photo:
    values = two_planes()
    values[:, :30] = value
    return photo_of(values)


def same(prepared: PreparedPortrait, photo: nf.Photo, look: dict[str, Any], **size: int) -> None:
    once, again = nf.portrait(photo, **look, **size), prepared.render(**look)
    np.testing.assert_array_equal(again.unblurred().codes, once.unblurred().codes)
    assert again.metadata == once.metadata


@pytest.mark.parametrize(
    "photo",
    [
        photo_of(two_planes()),
        relative(two_planes()),
        outlying(1e6),
        outlying(1e25),
        photo_of(two_planes(), icc=gamma_profile(1.8)),
        photo_of(two_planes()).with_edits(f_number=2, focus=FAR, shape=Aperture(blades=5)),
    ],
    ids=["truth", "relative", "outliers", "beyond all", "gamma", "edited"],
)
def test_one_prepared_photo_renders_every_look_as_portrait_does(photo: nf.Photo) -> None:
    prepared = prepare_portrait(photo)
    for look in (*_LOOKS, *reversed(_LOOKS)):
        same(prepared, photo, look)


@pytest.mark.parametrize("side", [1, 100, 160, 5000])
def test_a_small_one_renders_as_a_small_portrait(side: int) -> None:
    photo = relative(two_planes())
    prepared = prepare_portrait(photo, max_side=side)
    assert max(prepared.size) <= side
    for look in _LOOKS[:3]:
        same(prepared, photo, look, max_side=side)


def test_a_focus_far_from_everything_renders_as_portrait_does() -> None:
    photo = photo_of(two_planes())
    prepared = prepare_portrait(photo)
    same(prepared, photo, {"focus_distance": 1e-3})
    same(prepared, photo, {"focus_distance": float("inf")})


@pytest.mark.samples
@pytest.mark.parametrize(
    "name",
    ["apple/iphone13pro_dualwide.heic", "apple/iphonex_depth_matte.jpg", "android/lensblur_gdepth_2.jpg"],
)
def test_a_phones_photo_renders_as_portrait_does(samples: Path, name: str) -> None:
    photo = nf.open(samples / "photos" / name)
    prepared = prepare_portrait(photo, max_side=700)
    for look in ({"f_number": 1.4}, {"f_number": 1.4, "focus": (0.2, 0.3)}, {"f_number": 5.6}):
        same(prepared, photo, look, max_side=700)


@pytest.mark.samples
def test_a_phones_photo_of_full_size_stays_within_its_memory(samples: Path) -> None:
    photo = nf.open(samples / "photos/apple/iphone13pro_dualwide.heic")
    prepared = prepare_portrait(photo)
    assert prepared.size == photo.size == (4032, 3024)
    assert 84e6 < prepared.nbytes < 200e6
    same(prepared, photo, {"f_number": 1.4})


# As often as one likes, from any thread


def test_several_threads_render_at_once() -> None:
    photo = relative(two_planes())
    prepared = prepare_portrait(photo)
    alone = [prepared.render(**look).color for look in _LOOKS]
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda look: prepared.render(**look).color, _LOOKS * 4))
    for picture, expected in zip(pictures, alone * 4, strict=True):
        np.testing.assert_array_equal(picture, expected)


def test_one_that_is_cancelled_leaves_the_others_alone() -> None:
    photo = relative(two_planes())
    prepared = prepare_portrait(photo)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        prepared.render(f_number=1.4, cancel=cancel)
    with pytest.raises(CancelledError):
        prepare_portrait(photo, cancel=cancel)
    same(prepared, photo, {"f_number": 1.4})


def test_nothing_of_it_can_be_changed() -> None:
    prepared = prepare_portrait(relative(two_planes()))
    assert prepared.depth.alignment is not None
    for values in (prepared.image, prepared.depth.alignment.values, prepared.depth.disparity.values):
        assert not values.flags.writeable


def test_progress_of_preparing_and_of_rendering_rises_to_one() -> None:
    told: list[float] = []
    prepared = prepare_portrait(photo_of(two_planes()), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    told.clear()
    prepared.render(progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


# What it refuses


def test_what_cannot_be_rendered_is_refused_when_it_is_prepared() -> None:
    with pytest.raises(nf.NoDepth, match="only the picture"):
        prepare_portrait(nf.Photo(texture()))
    with pytest.raises(nf.NoDepth, match="hole"):
        prepare_portrait(photo_of(np.full((120, 160), np.nan, np.float32)))
    with pytest.raises(ValueError, match="max_side"):
        prepare_portrait(photo_of(two_planes()), max_side=0)
    with pytest.raises(TypeError, match="Photo"):
        prepare_portrait(texture())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"f_number": 1.0}, "f_number"),
        ({"focus": (1.2, 0.5)}, "focus"),
        ({"focus": (0.5, 0.5), "focus_distance": 1}, "focus"),
        ({"effort": "slow"}, "effort"),
        ({"shape": "heart"}, "shape"),
    ],
)
def test_a_look_that_is_none_is_refused_by_name(look: dict[str, Any], said: str) -> None:
    prepared = prepare_portrait(photo_of(two_planes()), max_side=max(SIZE) // 2)
    with pytest.raises(ValueError, match=said):
        prepared.render(**look)
