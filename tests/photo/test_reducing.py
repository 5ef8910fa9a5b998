"""Small pictures are means of the whole one, whatever the coding, and never the whole in memory."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import nearfar as nf
from nearfar.photo import reduced_color

PHOTOS = [
    "apple/iphone13pro_dualwide.heic",
    "apple/iphone12mini_depth_gainmap.jpg",
    "apple/iphonex_depth.jpg",
    "android/lensblur_gdepth_2.jpg",
    "no-depth/samsung_gainmap.heic",
    "spatial/visionpro_spatial.heic",
]


def smooth(height: int, width: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [np.sin(columns / 70), np.cos(rows / 50), np.sin((rows + columns) / 90)]
    return (127 + 120 * np.stack(waves, axis=-1)).astype(np.uint8)


def means(color: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(color).resize(size, Image.Resampling.BOX), np.float32)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("at_least", [200, 700, 1280])
def test_a_real_photo_small_is_the_whole_one_seen_from_farther(
    samples: Path, name: str, at_least: int
) -> None:
    photo = nf.open(samples / "photos" / name)
    small = reduced_color(photo, at_least)
    longest = max(small.shape)
    assert at_least <= longest < 2 * at_least or longest == max(photo.size)
    width, height = photo.size
    assert small.shape[1] / small.shape[0] == pytest.approx(width / height, rel=0.01)
    away = np.abs(small - means(photo.color, (small.shape[1], small.shape[0])))
    assert away.mean() < 2.5


def turned_jpeg(color: NDArray[np.uint8], orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Image.fromarray(color).save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("size", [(1100, 1500), (1501, 1099), (600, 513), (64, 48), (1, 1)])
@pytest.mark.parametrize("turned", [None, 1, 3, 6, 7])
def test_every_size_and_orientation(size: tuple[int, int], turned: int | None) -> None:
    color = smooth(*size)
    opened = nf.open(nf.Photo(color).file_data("heic") if turned is None else turned_jpeg(color, turned))
    for at_least in (1, 40, 300, 5000):
        small = reduced_color(opened, at_least)
        longest, whole = max(small.shape[:2]), max(opened.size)
        assert longest == whole if whole <= at_least else at_least <= longest < 2 * at_least
        assert np.abs(small - means(opened.color, (small.shape[1], small.shape[0]))).mean() < 4


def test_a_photo_in_memory_keeps_its_own_picture() -> None:
    photo = nf.Photo(smooth(60, 80))
    small = reduced_color(photo, 100)
    assert np.array_equal(small, photo.color)
    small[:] = 0
    assert photo.color.any()
    assert reduced_color(photo, 20).shape == (15, 20, 3)


def test_no_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="at_least"):
        reduced_color(nf.Photo(smooth(6, 8)), 0)
