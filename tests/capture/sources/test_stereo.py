"""`stereo:`: depth from two videos, or two series of pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from nearfar.capture import Source, open_source
from nearfar.testing import SourceConformance
from testing.running import first_frames, played

SIZE = (128, 96)
NEAR, FAR = 16, 8


def texture(seed: int, height: int, width: int) -> np.ndarray[Any, Any]:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 2, width // 2, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def pair(moment: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A square that moves to the right, 16 px of shift, before a wall at 8 px."""
    wall, square = texture(1, 96, 160), texture(2, 40, 40)
    left, right = wall[:, :128].copy(), wall[:, FAR : FAR + 128].copy()
    x = 40 + 3 * moment
    left[28:68, x : x + 40] = square
    right[28:68, x - NEAR : x - NEAR + 40] = square
    return left, right


def write_series(folder: Path, count: int) -> None:
    for name in ("left", "right"):
        (folder / name).mkdir()
    for moment in range(count):
        for name, picture in zip(("left", "right"), pair(moment), strict=True):
            Image.fromarray(picture).save(folder / name / f"{moment + 8}.png")


def write_videos(folder: Path, counts: tuple[int, int] = (5, 5), suffix: str = ".mp4") -> None:
    """Without loss, so that the numbers can be told."""
    for side, name in enumerate(("left", "right")):
        with av.open(str(folder / f"{name}{suffix}"), "w") as container:
            stream = container.add_stream("libx264rgb" if suffix != ".avi" else "mjpeg", rate=25)
            stream.width, stream.height = SIZE
            stream.pix_fmt = "rgb24" if suffix != ".avi" else "yuvj444p"
            stream.options = {"qp": "0"} if suffix != ".avi" else {}
            for moment in range(counts[side]):
                for packet in stream.encode(av.VideoFrame.from_ndarray(pair(moment)[side], format="rgb24")):
                    container.mux(packet)
            for packet in stream.encode():
                container.mux(packet)


def write_cameras(file: Path, focal: float = 100.0, baseline: float = 0.08, turn: float = 0.0) -> Path:
    left = nf.Calibration(np.array([[focal, 0, 64.0], [0, focal, 48.0], [0, 0, 1]]), SIZE)
    c, s = np.cos(turn), np.sin(turn)
    rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    right = left.replace(pose=nf.Pose(rotation, np.array((baseline, 0.0, 0.0))))
    nf.write_calibration(nf.StereoRig(left, right), file, format="kalibr")
    return file


@pytest.fixture
def series(tmp_path: Path) -> Path:
    write_series(tmp_path, 5)
    return tmp_path


class TestSeries(SourceConformance):
    finite = True

    @pytest.fixture(autouse=True)
    def made(self, series: Path) -> None:
        self.device = (
            f"stereo:{series}/left/*.png,{series}/right/*.png?calibration={write_cameras(series / 'c.yaml')}"
        )


class TestVideos(SourceConformance):
    finite = True

    @pytest.fixture(autouse=True)
    def made(self, tmp_path: Path) -> None:
        write_videos(tmp_path)
        self.device = f"stereo:{tmp_path}/left.mp4,{tmp_path}/right.mp4?max_shift=32"


class TestTwoPictures(SourceConformance):
    @pytest.fixture(autouse=True)
    def made(self, series: Path) -> None:
        self.device = f"stereo:{series}/left/8.png,{series}/right/8.png?width=96&effort=fast"


def shift_of(frame: nf.Frame, focal: float = 100.0, baseline: float = 0.08) -> np.ndarray[Any, Any]:
    assert frame.depth is not None
    return np.asarray(frame.depth.to("disparity").values * focal * baseline)


def check_moments(frames: list[nf.Frame]) -> None:
    for moment, frame in enumerate(frames):
        assert np.array_equal(frame.color, pair(moment)[0])
        shift = shift_of(frame)
        x = 40 + 3 * moment
        assert np.nanmedian(shift[32:64, x + 4 : x + 36]) == pytest.approx(NEAR, abs=0.1)
        assert np.nanmedian(shift[:20, 20:]) == pytest.approx(FAR, abs=0.1)


def test_depth_is_what_the_shift_says(series: Path) -> None:
    cameras = write_cameras(series / "c.yaml")
    source = open_source(f"stereo:{series}/left,{series}/right?calibration={cameras}&fps=5")
    frames = first_frames(source, 5)
    check_moments(frames)
    assert np.allclose(np.diff([frame.time for frame in frames]), 0.2)
    depth = frames[0].depth
    assert depth is not None
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    assert depth.calibration is not None
    assert depth.calibration.fx == pytest.approx(100.0)
    cloud = depth.points(world_from_camera=frames[0].pose)
    assert np.nanmedian(cloud.positions[:, 2]) == pytest.approx(-0.08 * 100 / FAR, rel=0.05)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_videos_are_read_frame_by_frame(tmp_path: Path, suffix: str) -> None:
    write_videos(tmp_path, suffix=suffix)
    cameras = write_cameras(tmp_path / "c.yaml")
    name = f"stereo:{tmp_path}/left{suffix},{tmp_path}/right{suffix}?calibration={cameras}"
    source = open_source(name)
    assert source.formats[0].max_frame_rate == 25.0
    *frames, end = played(source)
    source.stop()
    assert len(frames) == 5
    assert "at its end" in str(end)
    check_moments(frames)


def test_avi_is_read(tmp_path: Path) -> None:
    write_videos(tmp_path, suffix=".avi")
    (frame,) = first_frames(open_source(f"stereo:{tmp_path}/left.avi,{tmp_path}/right.avi"), 1)
    assert np.abs(frame.color.astype(int) - pair(0)[0]).mean() < 30


@pytest.mark.parametrize("kind", ["series", "videos"])
def test_it_begins_anew_when_asked_to(tmp_path: Path, kind: str) -> None:
    if kind == "series":
        write_series(tmp_path, 3)
        name = f"stereo:{tmp_path}/left,{tmp_path}/right?loop=1"
    else:
        write_videos(tmp_path, (3, 3), ".mkv")
        name = f"stereo:{tmp_path}/left.mkv,{tmp_path}/right.mkv?loop=1"
    frames = first_frames(open_source(name), 7)
    for number, frame in enumerate(frames):
        assert frame.sequence == number
        assert np.array_equal(frame.color, pair(number % 3)[0])


def test_without_a_calibration_depth_has_no_unit(series: Path) -> None:
    (frame,) = first_frames(open_source(f"stereo:{series}/left,{series}/right"), 1)
    assert frame.depth is not None
    assert not frame.depth.metric
    assert frame.depth.accuracy is nf.Accuracy.RELATIVE
    assert frame.pose is None
    assert np.nanmedian(frame.depth.values[:20, 20:]) == pytest.approx(FAR / 128, rel=0.02)


def test_cameras_that_do_not_share_rows_are_rectified(tmp_path: Path) -> None:
    """The right picture turned about its axis, and a calibration that says so: the same depth as before."""
    turn = 0.05
    left, right = pair(0)
    Image.fromarray(left).save(tmp_path / "left.png")
    # The camera is turned one way, what it sees the other.
    turned = Image.fromarray(right).rotate(np.degrees(turn), Image.Resampling.BICUBIC)
    turned.save(tmp_path / "right.png")
    cameras = write_cameras(tmp_path / "c.yaml", turn=turn)
    source = open_source(f"stereo:{tmp_path}/left.png,{tmp_path}/right.png?calibration={cameras}")
    (frame,) = first_frames(source, 1)
    assert frame.depth is not None
    assert frame.depth.calibration is not None
    shift = shift_of(frame)
    assert frame.depth.valid[10:-10, 30:-10].mean() > 0.5
    assert np.nanmedian(shift[5:20, 30:100]) == pytest.approx(FAR, abs=0.3)


def test_large_pictures_are_streamed_small(tmp_path: Path) -> None:
    for name, picture in zip(("l.png", "r.png"), pair(0), strict=True):
        Image.fromarray(picture).resize((512, 384), Image.Resampling.NEAREST).save(tmp_path / name)
    source = open_source(f"stereo:{tmp_path}/l.png,{tmp_path}/r.png?width=128")
    assert source.formats[0].size == SIZE
    (frame,) = first_frames(source, 1)
    assert np.abs(frame.color.astype(int) - pair(0)[0]).mean() < 1


def test_a_pattern_counts_as_people_do(series: Path) -> None:
    for pattern in ("%25d.png", "*.png", "[0-9]*.png"):
        frames = first_frames(open_source(f"stereo:{series}/left/{pattern},{series}/right/{pattern}"), 5)
        assert all(np.array_equal(frame.color, pair(k)[0]) for k, frame in enumerate(frames))


# What can be wrong with it


def test_two_sides_that_differ_are_named(series: Path, tmp_path: Path) -> None:
    (series / "right" / "12.png").unlink()
    with pytest.raises(nf.UnsupportedFile, match=r"as many pictures: .*left 5 and .*right 4"):
        open_source(f"stereo:{series}/left,{series}/right")
    Image.new("RGB", (64, 48)).save(tmp_path / "small.png")
    with pytest.raises(nf.UnsupportedFile, match=r"one size: .*8.png 128×96 and .*small.png 64×48"):
        open_source(f"stereo:{series}/left/8.png,{tmp_path}/small.png")


def test_a_video_that_ends_early_ends_the_stream_with_its_name(tmp_path: Path) -> None:
    write_videos(tmp_path, (5, 3), ".mkv")  # which does not say how many frames there are
    source = open_source(f"stereo:{tmp_path}/left.mkv,{tmp_path}/right.mkv")
    *frames, end = played(source)
    source.stop()
    assert len(frames) == 3
    assert "right.mkv" in str(end)
    assert "ends before picture 3" in str(end)


def test_a_picture_of_another_size_or_none_ends_the_stream_with_its_name(series: Path) -> None:
    Image.new("RGB", (64, 48)).save(series / "left" / "10.png")
    (series / "right" / "9.png").write_bytes(b"no picture")
    for name, words in (
        (f"{series}/left,{series}/left", "64×48"),
        (f"{series}/left,{series}/right", "9.png"),
    ):
        source = open_source(f"stereo:{name}")
        *frames, end = played(source)
        source.stop()
        assert frames
        assert isinstance(end, nf.DeviceLost)
        assert words in str(end)
        assert "png" in str(end)


@pytest.mark.parametrize(
    ("rest", "error", "words"),
    [
        ("{0}/left", nf.DeviceNotFound, "LEFT,RIGHT"),
        ("{0}/left,{0}/gone", nf.DeviceNotFound, "gone"),
        ("{0}/left,{0}/empty", nf.DeviceNotFound, "empty"),
        ("{0}/text.mp4,{0}/text.mp4", nf.UnsupportedFile, "text.mp4"),
        ("{0}/cut.mp4,{0}/cut.mp4", nf.CorruptFile, "cut.mp4"),
        ("{0}/text.png,{0}/text.png", nf.UnsupportedFile, "text.png"),
        ("{0}/huge.png,{0}/huge.png", nf.FileError, "huge.png"),
        ("{0}/left,{0}/right?calibration={0}/one.json", nf.UnsupportedFile, "one.json.*both"),
        ("{0}/left,{0}/right?calibration={0}/behind.json", nf.InvalidConfiguration, "calibration"),
        ("{0}/left,{0}/right?effort=most", nf.InvalidConfiguration, "fast, standard or best"),
        ("{0}/left,{0}/right?max_shift=500", nf.InvalidConfiguration, "128 px"),
    ],
)
def test_what_cannot_be_opened_is_named(series: Path, rest: str, error: type[Exception], words: str) -> None:
    (series / "empty").mkdir()
    for name in ("text.mp4", "text.png"):
        (series / name).write_text("no picture at all")
    (series / "cut.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(12) + b"\xff" * 100)
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60000).to_bytes(4) * 2 + b"\x08\x02\0\0\0"
    (series / "huge.png").write_bytes(header + bytes(64))
    camera = nf.Calibration.from_field_of_view(1.0, SIZE)
    nf.write_calibration(camera, series / "one.json", format="apple")
    behind = camera.replace(pose=nf.Pose(np.eye(3), np.array((0.0, 0.0, 0.1))))
    nf.write_calibration(nf.StereoRig(camera, behind), series / "behind.json", format="apple")
    with pytest.raises(error, match=words):
        open_source(f"stereo:{rest.format(series)}")


def test_broken_videos_are_file_errors_or_end_the_stream(tmp_path: Path) -> None:
    write_videos(tmp_path)
    data = (tmp_path / "left.mp4").read_bytes()
    random = np.random.default_rng(0)
    for number in range(40):
        broken = bytearray(data[: int(random.integers(20, len(data)))] if number % 2 else data)
        for at in random.integers(0, len(broken), 8):
            broken[at] ^= 1 << int(random.integers(0, 8))
        (tmp_path / "broken.mp4").write_bytes(bytes(broken))
        try:
            source = open_source(f"stereo:{tmp_path}/broken.mp4,{tmp_path}/broken.mp4")
        except (nf.FileError, nf.DeviceNotFound):
            continue
        *_, end = played(source, source.formats[0].chosen(depth_format=None), most=50)
        source.stop()
        assert isinstance(end, nf.DeviceLost)


def test_without_pyav_videos_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_videos(tmp_path)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(nf.MissingExtra, match=r"nearfar\[video\]"):
        open_source(f"stereo:{tmp_path}/left.mp4,{tmp_path}/right.mp4")


@pytest.mark.samples
def test_a_real_pair_has_the_depth_that_was_measured(samples: Path) -> None:
    folder = samples / "stereo" / "teddy"
    source: Source = open_source(f"stereo:{folder}/left.png,{folder}/right.png")
    (frame,) = first_frames(source, 1)
    assert frame.depth is not None
    truth = np.asarray(Image.open(folder / "gt.png")).astype(np.float32)
    assert truth.shape == frame.depth.shape
    known = (truth > 0) & frame.depth.valid
    ratio = frame.depth.values[known] * frame.depth.width / truth[known]
    unit = np.median(ratio)
    assert np.mean(np.abs(ratio / unit - 1) < 0.05) > 0.9


def test_it_offers_no_photos_of_its_single_cameras_since_it_takes_none(tmp_path: Path) -> None:
    left, right = tmp_path / "l.png", tmp_path / "r.png"
    for path in (left, right):
        Image.fromarray(np.full((48, 64, 3), 99, np.uint8)).save(path)
    with nf.CaptureSession() as session:
        output = nf.PhotoOutput()
        session.add_input(nf.DeviceInput(f"stereo:{left},{right}"))
        session.add_output(output)
        assert not output.constituent_delivery_supported
