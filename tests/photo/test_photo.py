"""Photos made from arrays: what goes in comes out, within the stated error, in both containers."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import nearfar as nf
from nearfar.photo import jpeg
from nearfar.photo.icc import PROFILES

CONTAINERS = ("heic", "jpeg")
CODES_OFF = {"heic": 1.5, "jpeg": 2.5}


def picture(width: int = 96, height: int = 72) -> NDArray[np.uint8]:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, 255 - x], axis=2).astype(np.uint8)


def calibration() -> nf.Calibration:
    return nf.Calibration(
        np.array([[80.0, 0, 47.5], [0, 80.0, 36.25], [0, 0, 1]]), (96, 72), pixel_size=1.4e-6
    )


def ramp(width: int = 48, height: int = 36, low: float = 0.5, high: float = 3.0) -> NDArray[np.float32]:
    return np.linspace(low, high, width * height, dtype=np.float32).reshape(height, width)


def made(depth: nf.DepthMap | None = None, **fields: object) -> nf.Photo:
    return nf.Photo(
        picture(), depth or nf.DepthMap(ramp(), nf.DepthKind.DISPARITY, calibration=calibration()), **fields
    )


def through(photo: nf.Photo, container: str, **options: object) -> nf.Photo:
    return nf.open(photo.file_data(container, **options))


def depth_of(photo: nf.Photo) -> nf.DepthMap:
    assert photo.depth is not None
    return photo.depth


@pytest.mark.parametrize("container", CONTAINERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_random_map_comes_back_within_the_stated_error(container: str, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 70), label="width")
    height = data.draw(st.integers(1, 70), label="height")
    seed = data.draw(st.integers(0, 2**32 - 1), label="seed")
    low = data.draw(st.floats(0.0078125, 8.0, width=32), label="low")
    span = data.draw(st.floats(0.0, 16.0, width=32), label="span")
    kind = data.draw(st.sampled_from(list(nf.DepthKind)), label="kind")
    random = np.random.default_rng(seed)
    values = (np.float32(low) + np.float32(span) * random.random((height, width), dtype=np.float32)).astype(
        np.float32
    )
    depth = nf.DepthMap(
        values,
        kind,
        data.draw(st.sampled_from(list(nf.Accuracy))),
        data.draw(st.sampled_from(list(nf.Quality))),
        filtered=data.draw(st.booleans()),
        metric=data.draw(st.booleans()),
    )
    again = depth_of(through(nf.Photo(picture(width, height), depth), container))
    step = (float(values.max()) - float(values.min())) / 255
    assert np.abs(again.values - values).max() <= CODES_OFF[container] * step + 2e-6 * float(values.max())
    assert again.replace(values=values).equals(depth)


@pytest.mark.parametrize("container", CONTAINERS)
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 60),
    height=st.integers(1, 60),
    infinite=st.booleans(),
)
def test_a_map_with_holes_comes_back_bit_for_bit(
    container: str, seed: int, width: int, height: int, infinite: bool
) -> None:
    random = np.random.default_rng(seed)
    values = random.uniform(0.1, 20, (height, width)).astype(np.float16)
    values[random.random((height, width)) < 0.3] = np.nan
    values[0, 0] = np.inf if infinite else np.nan
    depth = nf.DepthMap(values, nf.DepthKind.DEPTH, nf.Accuracy.ABSOLUTE, nf.Quality.LOW)
    assert depth_of(through(nf.Photo(picture(width, height), depth), container)).equals(depth)


@pytest.mark.parametrize("container", CONTAINERS)
def test_eight_bits_on_request_fill_the_holes_and_say_so(container: str) -> None:
    values = ramp()
    values[10:20, 10:20] = np.nan
    photo = made(nf.DepthMap(values, nf.DepthKind.DISPARITY))
    again = depth_of(through(photo, container, depth_encoding="8-bit"))
    assert again.filtered
    assert not np.isnan(again.values).any()
    whole = ~np.isnan(values)
    assert np.abs(again.values - values)[whole].max() <= CODES_OFF[container] * 2.5 / 255 + 1e-5


@pytest.mark.parametrize("container", CONTAINERS)
def test_sixteen_bits_on_request_are_lossless_halves(container: str) -> None:
    depth = nf.DepthMap(ramp().astype(np.float16), nf.DepthKind.DISPARITY, calibration=calibration())
    assert depth_of(through(made(depth), container, depth_encoding="16-bit")).equals(depth)


@pytest.mark.parametrize("container", CONTAINERS)
def test_everything_a_photo_holds_survives(container: str) -> None:
    random = np.random.default_rng(7)
    confidence = (random.integers(0, 256, (36, 48)) / np.float32(255)).astype(np.float32)
    depth = nf.DepthMap(
        ramp(),
        nf.DepthKind.DISPARITY,
        nf.Accuracy.ABSOLUTE,
        filtered=True,
        calibration=calibration(),
        confidence=confidence if container == "heic" else None,
    )
    matte = nf.Matte(
        (np.add.outer(np.arange(36), np.arange(48)) * 3).clip(0, 255).astype(np.uint8), nf.MatteKind.HAIR
    )
    photo = made(depth, mattes=[matte], edits=nf.Edits(f_number=2.0, focus=(0.1, 0.9)))
    again = through(photo, container)
    assert again.edits == photo.edits
    assert list(again.mattes) == [nf.MatteKind.HAIR]
    assert np.abs(again.mattes[nf.MatteKind.HAIR].values.astype(int) - matte.values).max() <= 2
    read = depth_of(again)
    assert read.calibration is not None
    assert read.calibration.reference_size == (96, 72)
    assert np.allclose(read.calibration.intrinsics, calibration().intrinsics, atol=1e-3)
    assert (read.accuracy, read.filtered) == (nf.Accuracy.ABSOLUTE, True)
    if container == "heic":
        assert read.confidence is not None
        assert np.array_equal(read.confidence, confidence)
    assert np.abs(again.color.astype(int) - photo.color).mean() < 6


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_constant_map_comes_back(container: str) -> None:
    depth = nf.DepthMap(np.full((36, 48), 1.25, np.float32), nf.DepthKind.DEPTH)
    assert np.array_equal(depth_of(through(made(depth), container)).values, depth.values)


@pytest.mark.parametrize("container", CONTAINERS)
def test_depth_mattes_and_edits_can_be_taken_out_of_a_file(container: str) -> None:
    matte = nf.Matte(np.full((36, 48), 200, np.uint8))
    opened = through(made(mattes=[matte], edits=nf.Edits(f_number=4.0)), container)
    bare = through(opened.with_depth(None).with_mattes([]), container)
    assert bare.depth is None
    assert not bare.mattes
    assert not bare.edits
    assert np.array_equal(bare.color, opened.color)
    without = through(opened.with_mattes([]), container)
    assert depth_of(without).equals(depth_of(opened))
    grown = through(bare.with_depth(depth_of(opened)).with_mattes(opened.mattes), container)
    assert list(grown.mattes) == [nf.MatteKind.PORTRAIT]
    assert np.array_equal(grown.color, opened.color)


def test_with_edits_leaves_the_first_photo_alone() -> None:
    photo = made()
    assert photo.with_edits(f_number=2.0).edits.f_number == 2.0
    assert photo.edits.f_number is None
    assert photo.with_edits(f_number=2.0).with_edits(focus=(0.5, 0.5)).edits == nf.Edits(2.0, (0.5, 0.5))


def test_what_makes_no_sense_is_refused() -> None:
    flat = io.BytesIO(nf.Photo(picture()).file_data())
    flat.name = "flat.heic"  # as an opened file has one
    with pytest.raises(ValueError, match=r"uint8"):
        nf.Photo(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(ValueError, match="field of view"):
        nf.Photo(picture(96, 72), nf.DepthMap(ramp(36, 48)))
    with pytest.raises(nf.NoDepth, match=r"^edits are stored"):
        nf.Photo(picture()).with_edits(f_number=2)
    with pytest.raises(nf.NoDepth, match=r"^flat\.heic: edits are stored"):
        nf.open(flat).without_edits()
    with pytest.raises(nf.NoDepth):
        nf.Photo(picture(), edits=nf.Edits(f_number=2))
    with pytest.raises(ValueError, match="f_number"):
        made().with_edits(f_number=0)
    with pytest.raises(ValueError, match="focus"):
        made().with_edits(focus=(320, 240))
    with pytest.raises(ValueError, match="container"):
        made().save("photo.png")
    with pytest.raises(ValueError, match="metadata"):
        made().file_data("heic", metadata="everything")
    with pytest.raises(ValueError, match="8-bit"):
        made().file_data("heic", depth_encoding="12-bit")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", nf.UnsupportedFile),
        (b"GIF89a" + bytes(40), nf.UnsupportedFile),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", nf.UnsupportedFile),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", nf.UnsupportedFile),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\1\0meta", nf.CorruptFile),
        (b"\xff\xd8\xff", nf.CorruptFile),
    ],
    ids=["empty", "gif", "movie", "heic without meta", "heic cut short", "jpeg without picture"],
)
def test_what_is_no_photo_is_refused_by_name(data: bytes, kind: type[nf.FileError], tmp_path: Path) -> None:
    path = tmp_path / "thing.heic"
    path.write_bytes(data)
    with pytest.raises(kind, match=r"thing\.heic"):
        nf.open(path)


def test_a_photo_opens_from_path_bytes_and_file(tmp_path: Path) -> None:
    data = made().file_data("jpeg")
    path = tmp_path / "made.jpg"
    path.write_bytes(data)
    with path.open("rb") as file:
        from_file = nf.open(file)
    photos = [
        nf.open(path),
        nf.open(str(path)),
        nf.open(data),
        nf.open(bytearray(data)),
        nf.open(io.BytesIO(data)),
        from_file,
    ]
    assert all(depth_of(photo).equals(depth_of(photos[0])) for photo in photos)
    with pytest.raises(TypeError, match="binary"):
        nf.open(io.StringIO("text"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="path"):
        nf.open(7)  # type: ignore[arg-type]


def test_many_threads_get_the_same_picture() -> None:
    photo = through(made(), "heic")
    found: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=lambda: found.append((id(photo.color), id(photo.depth)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_range_is_kept_to_the_last_bit(container: str) -> None:
    value = np.float32(0.123456789)
    depth = nf.DepthMap(np.full((36, 48), value), nf.DepthKind.DISPARITY)
    assert np.array_equal(depth_of(through(made(depth), container)).values, depth.values)


def test_noise_that_the_codec_cannot_follow_is_coded_without_loss() -> None:
    values = np.random.default_rng(0).random((384, 512), dtype=np.float32)
    photo = nf.Photo(picture(512, 384), nf.DepthMap(values, nf.DepthKind.DISPARITY))
    assert np.abs(depth_of(through(photo, "heic")).values - values).max() <= 1.5 / 255


def test_eight_bits_on_request_bring_infinity_down_to_the_farthest_value() -> None:
    values = ramp()
    values[0, :5] = np.inf
    again = depth_of(through(made(nf.DepthMap(values)), "heic", depth_encoding="8-bit"))
    assert np.abs(again.values[0, :5] - 3.0).max() <= 1.5 * 2.5 / 255
    assert again.filtered


@pytest.mark.parametrize("container", CONTAINERS)
def test_another_depth_map_keeps_the_edits(container: str) -> None:
    opened = through(made(edits=nf.Edits(f_number=1.85, focus=(0.3, 0.4))), container)
    changed = opened.with_depth(nf.DepthMap(ramp(low=1), nf.DepthKind.DISPARITY))
    assert changed.edits == opened.edits == nf.Edits(f_number=1.85, focus=(0.3, 0.4))
    assert through(changed, container).edits == changed.edits
    assert changed.with_depth(None).edits == nf.Edits()


def test_a_saved_photo_is_private_to_the_user(tmp_path: Path) -> None:
    made().save(tmp_path / "made.jpg")
    assert (tmp_path / "made.jpg").stat().st_mode & 0o777 == 0o600


def test_a_notebook_shows_colour_and_depth_side_by_side() -> None:
    both = Image.open(io.BytesIO(made()._repr_png_()))
    alone = Image.open(io.BytesIO(nf.Photo(picture())._repr_png_()))
    assert alone.size == (96, 72)
    assert both.size == (192, 72)


def test_an_edit_can_be_changed_back_until_the_file_is_the_same() -> None:
    data = made(edits=nf.Edits(f_number=4.0)).file_data("heic")
    photo = nf.open(data)
    there_and_back = nf.open(photo.with_edits(f_number=2.0).file_data("heic")).with_edits(f_number=4.0)
    assert depth_of(there_and_back).equals(depth_of(photo))
    assert photo.with_edits(f_number=4.0).file_data("heic") == data


def test_the_picture_stays_read_only_for_good() -> None:
    for photo in (made(), through(made(), "jpeg")):
        with pytest.raises(ValueError, match="WRITEABLE"):
            photo.color.flags.writeable = True


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("low", "high"), [(200001.0, 200003.0), (65537.5, 65540.5), (0.5, 0.5000019), (1e-6, 3e-6)]
)
def test_narrow_and_odd_ranges_keep_their_bound(container: str, low: float, high: float) -> None:
    values = ramp(low=low, high=high)
    again = depth_of(through(made(nf.DepthMap(values, nf.DepthKind.DISPARITY)), container))
    step = (float(values.max()) - float(values.min())) / 255
    assert np.abs(again.values - values).max() <= CODES_OFF[container] * step + np.spacing(np.float32(high))


def test_half_floats_that_are_too_coarse_say_so() -> None:
    values = ramp(low=1000.0, high=1000.4)
    values[0, 0] = np.nan
    with pytest.warns(nf.LossWarning, match="half floats"):
        made(nf.DepthMap(values)).file_data("jpeg")


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_map_without_a_finite_value_has_no_8_bit_codes(value: float) -> None:
    with pytest.raises(ValueError, match="no finite value"):
        made(nf.DepthMap(np.full((36, 48), value, np.float32))).file_data("heic", depth_encoding="8-bit")


def test_a_colour_profile_stays_with_its_picture(samples_free_p3: bytes) -> None:
    photo = nf.open(samples_free_p3)
    profile = photo.metadata.icc
    assert profile is not None
    changed = photo.with_metadata(nf.Metadata(exif=photo.metadata.exif))
    for container in CONTAINERS:
        again = nf.open(changed.file_data(container))
        assert again.metadata.icc == profile
    assert nf.Photo(photo.color, metadata=photo.metadata).metadata.icc is None


@pytest.fixture
def samples_free_p3() -> bytes:
    return jpeg.compose(picture(), [], icc=PROFILES["display-p3"])


def test_a_stream_that_reads_short_is_read_to_its_end() -> None:
    class Short(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1000, 1000) if size is not None and size >= 0 else 1000)

    data = made().file_data("jpeg")
    assert depth_of(nf.open(Short(data))).equals(depth_of(nf.open(data)))


def test_a_photo_gives_its_file_in_its_own_container() -> None:
    assert nf.open(nf.open(made().file_data("jpeg")).file_data()).container == "jpeg"
    assert nf.open(made().file_data()).container == "heic"


def test_colour_pictures_behind_a_jpeg_are_left_out_aloud() -> None:
    data = jpeg.compose(picture()) + jpeg.compose(picture(48, 36))
    with pytest.warns(nf.LossWarning, match="not kept"):
        again = nf.open(nf.open(data).file_data("heic"))
    assert again.size == (96, 72)


def test_a_meaningless_aperture_does_not_hide_the_depth() -> None:
    data = made(edits=nf.Edits(f_number=4.0)).file_data("jpeg")
    assert b">4.000000<" in data
    photo = nf.open(data.replace(b">4.000000<", b">0.000000<"))
    assert photo.edits.f_number is None
    assert photo.depth is not None
