"""Geometry and colour of items, against pillow-heif as the judge."""

from __future__ import annotations

import io
import struct

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.depth import Orientation, orient_array
from nearfar.errors import CorruptFile, UnsupportedFile
from nearfar.photo.heic import open_document
from nearfar.photo.heic.boxes import box
from nearfar.photo.heic.properties import build_clap, build_turning, placement
from photo.heic.forge import forged, ramp, read_meta


def clap(width: tuple[int, int], height: tuple[int, int], x: tuple[int, int], y: tuple[int, int]) -> bytes:
    numbers = [number & 0xFFFFFFFF for pair in (width, height, x, y) for number in pair]
    return box(b"clap", struct.pack(">8I", *numbers))


@pytest.mark.parametrize("orientation", list(Orientation))
def test_every_orientation_is_written_and_read(orientation: Orientation) -> None:
    meta = read_meta(forged(*build_turning(orientation)).build())
    found = placement(meta, 1, "picture")
    assert found.orientation is orientation
    assert found.turned is (orientation is not Orientation.UP)


@pytest.mark.parametrize("angle", range(4))
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("mirror_first", [False, True])
def test_turns_are_those_of_libheif(angle: int, axis: int | None, mirror_first: bool) -> None:
    turn = [box(b"irot", bytes([angle]))]
    if axis is not None:
        turn.insert(0 if mirror_first else 1, box(b"imir", bytes([axis])))
    data = forged(*turn).build()
    document = open_document(data)
    flat = open_document(forged().build()).decode_color()
    judged = np.asarray(pillow_heif.open_heif(io.BytesIO(data)))
    np.testing.assert_array_equal(orient_array(flat, document.orientation), judged)
    np.testing.assert_array_equal(document.decode_color(), judged)
    assert document.size == (judged.shape[1], judged.shape[0])


halves = st.tuples(st.integers(-40, 40), st.sampled_from([1, 2, 3]))


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(60, 130), st.just(1)), st.tuples(st.integers(180, 300), st.just(3)), halves, halves
)
def test_crops_are_those_of_libheif(
    width: tuple[int, int], height: tuple[int, int], x: tuple[int, int], y: tuple[int, int]
) -> None:
    data = forged(clap(width, height, x, y)).build()
    judged = pillow_heif.open_heif(io.BytesIO(data))
    pixels = np.asarray(judged)
    document = open_document(data)
    assert document.size == (pixels.shape[1], pixels.shape[0])
    np.testing.assert_array_equal(document.decode_color(), pixels)


def test_the_crop_of_a_cropped_iphone_photo() -> None:
    words = (489, 1, 490, 1, -4194304 & 0xFFFFFFFF, 8388608, 0, 1)
    forge = forged(box(b"clap", struct.pack(">8I", *words)), size=(490, 490))
    assert placement(read_meta(forge.build()), 1, "picture").crop == (0, 0, 489, 490)


@given(st.integers(1, 500), st.integers(0, 63))
def test_a_crop_to_the_top_left_is_read_as_written(size: int, padding: int) -> None:
    whole = size + padding
    forge = forged()
    entry = forge.items[1]
    ispe = box(b"ispe", struct.pack(">III", 0, whole, whole))
    entry.properties = [entry.properties[0], (ispe, False), (build_clap((whole, whole), (size, size)), True)]
    assert placement(read_meta(forge.build()), 1, "picture").crop == (0, 0, size, size)


@pytest.mark.parametrize(
    ("words", "error"),
    [((1, 0, 1, 1, 0, 1, 0, 1), CorruptFile), ((0, 1, 5, 1, 0, 1, 0, 1), CorruptFile), ((5, 1), CorruptFile)],
    ids=["denominator-0", "nothing-left", "cut-off"],
)
def test_a_crop_that_cannot_be_is_refused(words: tuple[int, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        open_document(forged(box(b"clap", struct.pack(f">{len(words)}I", *words))).build())


def test_a_crop_after_a_turn_is_unsupported() -> None:
    data = forged(box(b"irot", b"\1"), clap((64, 1), (64, 1), (0, 1), (0, 1))).build()
    with pytest.raises(UnsupportedFile):
        open_document(data)


def test_a_picture_without_a_size_is_corrupt() -> None:
    forge = forged()
    forge.items[1].properties = [p for p in forge.items[1].properties if p[0][4:8] != b"ispe"]
    with pytest.raises(CorruptFile, match="ispe"):
        open_document(forge.build())


def test_the_ramp_has_no_symmetry() -> None:
    flat = ramp(96, 96)
    turned = [orient_array(flat, each).tobytes() for each in Orientation]
    assert len(set(turned)) == 8
