"""Laws of coding in strips: the samples and the bytes are those of the picture coded at once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nearfar import _native
from nearfar.photo.jpeg.codec import encode_color
from nearfar.photo.jpeg.segments import find_end, read_header
from nearfar.photo.jpeg.strip_coding import MIN_PIXELS


def picture(height: int, width: int):
    random = np.random.default_rng(height)
    y, x = np.mgrid[:height, :width]
    smooth = np.stack([x * 255 / width, y * 255 / height, (x + y) % 256], axis=2)
    return np.clip(smooth + random.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8)


def at_once(color, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(color).save(out, "JPEG", quality=90, subsampling="4:4:4", **options)
    return out.getvalue()


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
@pytest.mark.parametrize("height", [2048, 2049, 2111, 2113])
def test_bytes_are_those_of_the_picture_coded_at_once(threads, height) -> None:
    color = picture(height, 1030)
    before = _native.thread_count()
    try:
        _native.set_thread_count(threads)
        coded = encode_color(color, 90)
    finally:
        _native.set_thread_count(before)
    assert coded == at_once(color, restart_marker_rows=1)


def test_samples_are_those_without_markers() -> None:
    color = picture(1500, 1500)
    coded = encode_color(color, 90)
    found, wanted = (np.asarray(Image.open(io.BytesIO(each))) for each in (coded, at_once(color)))
    assert np.array_equal(found, wanted)
    header = read_header(coded)
    assert find_end(coded, header.scan).end == len(coded)


def test_small_pictures_have_no_markers() -> None:
    color = picture(64, MIN_PIXELS // 64 - 1)
    assert encode_color(color, 90) == at_once(color)


def test_flat_and_wide_pictures_are_coded() -> None:
    color = picture(17, 65500)
    assert encode_color(color, 90) == at_once(color, restart_marker_rows=1)
