"""`photo:`: a depth photo seen from around where it was taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from nearfar.capture import StillSource, open_source
from nearfar.testing import SourceConformance
from testing.running import first_frames

SIZE = (320, 240)
CAMERA = nf.Calibration.from_field_of_view(1.1, SIZE)


def photo(**depth: Any) -> nf.Photo:
    """A square at 1 m before a wall at 3 m; colours say where on them a pixel is, and which it is of."""
    y, x = np.mgrid[0:240, 0:320]
    near = (abs(x - 150) < 50) & (abs(y - 120) < 40)
    disparity = np.where(near, 1.0, 1 / 3).astype(np.float32)
    color = np.stack([x * 0.75, y, np.where(near, 230, 20)], axis=-1).astype(np.uint8)
    about: dict[str, Any] = {"kind": nf.DepthKind.DISPARITY, "calibration": CAMERA, **depth}
    return nf.Photo(color, nf.DepthMap(disparity, **about), [nf.Matte(near.astype(np.uint8) * 255)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    photo().save(tmp_path / "made.heic")
    return tmp_path / "made.heic"


class TestPhoto(SourceConformance):
    @pytest.fixture(autouse=True)
    def made(self, file: Path) -> None:
        self.device = f"photo:{file}?width=160"


class TestPhotoWithoutUnitOrCamera(SourceConformance):
    @pytest.fixture(autouse=True)
    def made(self, tmp_path: Path) -> None:
        photo(metric=False, calibration=None).save(tmp_path / "made.jpg")
        self.device = f"photo:{tmp_path / 'made.jpg'}?width=96&scale=0.5"


def test_near_and_far_stay_where_they_are_in_the_world(file: Path) -> None:
    source = open_source(f"photo:{file}?width=320&period=1&sway=0.02&fps=12")
    corners = []
    for frame in first_frames(source, 12):
        assert frame.depth is not None
        assert frame.pose is not None
        assert frame.depth.holes == 0
        cloud = frame.depth.points(world_from_camera=frame.pose).positions
        near = cloud[np.abs(cloud[:, 2] + 1.0) < 0.1]
        corners.append([near[:, 0].min(), near[:, 0].max(), near[:, 1].min(), near[:, 1].max()])
    pixel = 1.0 / CAMERA.fx
    assert np.ptp(corners, axis=0).max() < 2.5 * pixel
    expected = np.array((100.5 - 160, 200.5 - 160, 120 - 160.5, 120 - 80.5)) / CAMERA.fx
    assert np.abs(np.mean(corners, axis=0) - expected).max() < 4 * pixel


def test_colour_goes_with_its_depth(file: Path) -> None:
    """What a pixel shows is what the photo shows of the same point of the world."""
    source = open_source(f"photo:{file}?width=320&period=1&sway=0.02&fps=12")
    for frame in first_frames(source, 12):
        assert frame.depth is not None
        assert frame.color is not None
        cloud = frame.depth.points(world_from_camera=frame.pose)
        depth = -cloud.positions[:, 2]
        x = CAMERA.fx * cloud.positions[:, 0] / depth + CAMERA.cx
        y = -CAMERA.fy * cloud.positions[:, 1] / depth + CAMERA.cy
        color = frame.color.reshape(-1, 3).astype(float)
        wall = (depth > 2.5) & ((abs(x - 150) > 70) | (abs(y - 120) > 60))
        square = (depth < 1.5) & (abs(x - 150) < 45) & (abs(y - 120) < 35)
        for part, blue in ((wall, 20), (square, 230)):
            assert part.mean() > 0.05
            assert np.median(abs(color[part, 0] / 0.75 - x[part])) < 1.5
            assert np.median(abs(color[part, 1] - y[part])) < 1.5
            assert np.median(abs(color[part, 2] - blue)) < 6


def test_what_comes_out_from_behind_looks_like_the_wall(file: Path) -> None:
    source = open_source(f"photo:{file}?width=320&period=1&sway=0.02&fps=4")
    for frame in first_frames(source, 4):
        assert frame.depth is not None
        assert frame.color is not None
        far = frame.depth.to("depth").values > 2.0
        assert np.quantile(frame.color[far][:, 2], 0.99) < 60


def test_the_circle_is_as_large_as_is_asked(file: Path) -> None:
    frames = first_frames(open_source(f"photo:{file}?radius=0.01&period=1&fps=12&width=320"), 12)
    places = np.array([frame.pose.translation for frame in frames if frame.pose])
    assert np.allclose(np.hypot(places[:, 0], places[:, 1]), 0.01, rtol=0.005)
    assert np.allclose(places[:, 2], 0.0)


def test_depth_keeps_its_accuracy_and_takes_the_scale(tmp_path: Path) -> None:
    for accuracy in nf.Accuracy:
        photo(accuracy=accuracy).save(tmp_path / "made.heic")
        (frame,) = first_frames(open_source(f"photo:{tmp_path / 'made.heic'}?width=160&scale=2"), 1)
        assert frame.depth is not None
        assert frame.depth.accuracy is accuracy
        metres = frame.depth.to("depth").values
        assert np.median(metres) == pytest.approx(6.0, rel=0.02)


def test_a_photo_of_it_is_the_photo_itself(file: Path) -> None:
    source, given = open_source(f"photo:{file}?width=64"), nf.open(file)
    assert isinstance(source, StillSource)
    listed = source.formats[0]
    assert listed.still_size == given.size
    still = source.still(listed, 1.0)
    assert np.array_equal(still.frame.color, given.color)
    assert still.frame.depth is not None
    assert given.depth is not None
    assert still.frame.depth.equals(given.depth)
    assert still.mattes.keys() == given.mattes.keys() == set(source.info.mattes)


def test_the_same_name_gives_the_same_frames(file: Path) -> None:
    one, two = (first_frames(open_source(f"photo:{file}?width=96"), 3) for _ in range(2))
    assert all(np.array_equal(a.color, b.color) for a, b in zip(one, two, strict=True))


def test_a_photo_without_depth_or_unit_says_what_to_do(tmp_path: Path) -> None:
    nf.Photo(np.zeros((48, 64, 3), np.uint8)).save(tmp_path / "flat.heic")
    with pytest.raises(nf.NoDepth, match=r"flat\.heic"):
        open_source(f"photo:{tmp_path / 'flat.heic'}")
    photo(metric=False).save(tmp_path / "units.jpg")
    with pytest.raises(nf.InvalidConfiguration, match=r"units.jpg.*scale="):
        open_source(f"photo:{tmp_path / 'units.jpg'}")


def test_a_file_that_is_none_is_named(tmp_path: Path, file: Path) -> None:
    (tmp_path / "broken.heic").write_bytes(file.read_bytes()[:400])
    (tmp_path / "text.jpg").write_text("no photo")
    for name in ("broken.heic", "text.jpg"):
        with pytest.raises(nf.FileError, match=name):
            open_source(f"photo:{tmp_path / name}")
    with pytest.raises(nf.DeviceNotFound, match=r"there is no file .*gone"):
        open_source(f"photo:{tmp_path / 'gone.heic'}")
    with pytest.raises(nf.InvalidConfiguration, match="option fps"):
        open_source(f"photo:{file}?fps=0")


def test_holes_and_flat_maps_are_looked_around_in(tmp_path: Path) -> None:
    flat = np.full((60, 80), 0.5, np.float32)
    holes = flat.copy()
    holes[:, ::3] = np.nan
    far = flat.copy()
    far[:30] = 0.0
    for values in (flat, holes, far):
        made = nf.Photo(np.full((120, 160, 3), 90, np.uint8), nf.DepthMap(values, nf.DepthKind.DISPARITY))
        made.save(tmp_path / "made.heic")
        (frame,) = first_frames(open_source(f"photo:{tmp_path / 'made.heic'}"), 1)
        assert frame.depth is not None
        assert frame.depth.holes == 0
        assert abs(frame.color.astype(int) - 90).max() < 4


@pytest.mark.samples
@pytest.mark.parametrize(
    "name",
    [
        "apple/iphone13pro_dualwide.heic",
        "apple/iphonex_depth_matte.jpg",
        "android/lensblur_gdepth_1.jpg?scale=1",
    ],
)
def test_real_photos_can_be_looked_around_in(samples: Path, name: str) -> None:
    source = open_source(f"photo:{samples / 'photos' / name}")
    one, two = first_frames(source, 2)
    assert one.depth is not None
    assert one.depth.holes == 0
    assert one.depth.accuracy is nf.Accuracy.RELATIVE
    assert max(source.formats[0].size) == 640
    assert not np.array_equal(one.color, two.color)
