"""Every example runs, on a photo that one of them makes and on a phone's, and says what it did."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import moderngl
import numpy as np
import pytest
from PIL import Image

import nearfar as nf

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TRIED = {
    "capture_photo",
    "make_depth_photo",
    "look_at_a_photo",
    "change_aperture",
    "change_focus_later",
    "depth_to_numpy",
    "edit_keeps_everything",
    "photo_from_a_sensor",
    "stereo_to_photo",
    "webxr_depth",
}
PHONE_PHOTOS = ("iphone13pro_dualwide.heic", "iphonex_depth_matte.jpg")


def example(name: str) -> Callable[..., object]:
    """The `main` of an example."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "made.heic"
    example("make_depth_photo")(str(path))
    return path


@pytest.fixture(params=["made", *PHONE_PHOTOS])
def photo(request: pytest.FixtureRequest) -> Path:
    """A made photo, and phones' where they are here."""
    if request.param == "made":
        return request.getfixturevalue("made")
    return request.getfixturevalue("samples") / "photos" / "apple" / request.param


def test_no_example_goes_untried():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == TRIED


def test_the_made_photo_is_the_scene_it_says(made: Path):
    photo = nf.open(made)
    assert photo.color.shape == (1200, 1600, 3)
    assert photo.color.std() > 30
    depth = photo.depth
    assert depth is not None
    assert depth.size == (640, 480)
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    step = (1 / 0.865 - 1 / 3.45) / 255
    positions = depth.points().positions.reshape(480, 640, 3).astype(np.float64)
    across, down, away = positions[-1, 10]  # a point of the floor, which is 0.55 m under the camera
    level = down * np.cos(0.12) + away * np.sin(0.12)
    assert level == pytest.approx(0.55, rel=2 * step * away)
    assert across < 0
    _, down, away = positions[5, 320]  # a point of the wall
    assert away * np.cos(0.12) - down * np.sin(0.12) == pytest.approx(3.4, rel=2 * step * 3.4)


def test_look_at_a_photo(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert example("look_at_a_photo")(str(photo), str(tmp_path / "out")) == 0
    said = capsys.readouterr().out
    assert "disparity" in said
    source, depth = nf.open(photo), nf.open(photo).depth
    assert depth is not None
    written = {path.name: path for path in (tmp_path / "out").iterdir()}
    edited_name = f"aperture.{photo.suffix.lstrip('.')}"
    assert set(written) == {"depth.png", "depth_mm.png", "cloud.ply", edited_name, "portrait.jpg"}
    assert all(str(path) in said for path in written.values())
    millimetres = np.asarray(Image.open(written["depth_mm.png"]))
    assert np.allclose(millimetres / 1000, depth.to(nf.DepthKind.DEPTH).values, atol=0.00051)
    assert len(nf.PointCloud.load(written["cloud.ply"])) == depth.width * depth.height
    rendered = nf.open(written["portrait.jpg"])
    assert (rendered.size, rendered.depth) == (source.size, None)
    edited = nf.open(written[edited_name])
    assert edited.edits.f_number == 1.4
    assert edited.edits.f_number != source.edits.f_number
    assert edited.depth is not None
    assert edited.depth.equals(depth)


def test_capture_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    example("capture_photo")(str(tmp_path / "shot.jpg"), "virtual:dual?size=320x240")
    said = capsys.readouterr().out
    assert said.index("click") < said.index("processed") < said.index("reach")
    assert "disparity, relative" in said
    depth = nf.open(tmp_path / "shot.jpg").depth
    assert depth is not None
    assert depth.kind is nf.DepthKind.DISPARITY


def test_change_aperture(photo: Path, tmp_path: Path):
    out = tmp_path / f"out{photo.suffix}"
    example("change_aperture")(str(photo), str(out), "2.0", "0.25", "0.75")
    assert nf.open(out).edits.f_number == 2.0
    assert nf.open(out).edits.focus == (0.25, 0.75)


def test_change_focus_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What Apple says of its photos: effects change long after the shot; no byte of picture or depth does."""
    example("change_focus_later")(str(tmp_path), "virtual:dual?scene=portrait&size=320x240")
    said = capsys.readouterr().out
    for line in ("f/2, focus at (0.1, 0.3)", "edits      as they were"):
        assert line in said
    assert said.count("the same") == 2
    shot, copy = ((tmp_path / f"{name}.heic").read_bytes() for name in ("shot", "copy"))
    assert len(shot) == len(copy)  # all notes are gone again; what the camera wrote may lie in another order
    assert shot.count(b"nearfar") == copy.count(b"nearfar")
    person, background = (
        np.asarray(Image.open(tmp_path / f"{each}.jpg")) for each in ("person", "background")
    )
    assert person.shape == background.shape
    assert np.abs(person.astype(int) - background).mean() > 3


def test_depth_to_numpy(photo: Path, capsys: pytest.CaptureFixture[str]):
    example("depth_to_numpy")(str(photo))
    said = capsys.readouterr().out
    assert "nearest" in said
    assert "focal length" in said


def test_edit_keeps_everything(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    example("edit_keeps_everything")(str(photo), str(tmp_path / f"out{photo.suffix}"))
    said = capsys.readouterr().out
    assert "picture    the same" in said
    assert "location   gone" in said


def test_photo_from_a_sensor(tmp_path: Path):
    millimetres = np.full((60, 80), 1500, np.uint16)
    millimetres[:9, :9] = 0
    Image.fromarray(millimetres).save(tmp_path / "mm.png")
    Image.fromarray(np.full((120, 160, 3), 99, np.uint8)).save(tmp_path / "color.png")
    names = [str(tmp_path / name) for name in ("color.png", "mm.png")]
    example("photo_from_a_sensor")(*names, "70", str(tmp_path / "out.jpg"))
    depth = nf.open(tmp_path / "out.jpg").depth
    assert depth is not None
    assert depth.holes == pytest.approx(81 / 4800)
    assert np.allclose(depth.to(nf.DepthKind.DEPTH).filled(1.5), 1.5, rtol=1e-3)
    assert depth.calibration is not None
    assert depth.calibration.fx == 70


def test_stereo_to_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A rendered room: the photo's metres are those of the room."""
    camera = nf.Calibration.from_field_of_view(1.1, (320, 240))
    rig = nf.StereoRig(camera, camera.replace(pose=nf.Pose(np.eye(3), (0.1, 0.0, 0.0))))
    room = nf.scene.render_pair(nf.scene.load("room"), rig, samples=4)
    for name, view in (("left.png", room.left), ("right.png", room.right)):
        Image.fromarray(view.color).save(tmp_path / name)
    nf.write_calibration(rig, tmp_path / "calib.txt")
    names = [str(tmp_path / name) for name in ("left.png", "right.png", "calib.txt", "photo.heic")]
    example("stereo_to_photo")(*names)
    assert "searched" in capsys.readouterr().out
    depth = nf.open(tmp_path / "photo.heic").depth
    assert depth is not None
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    off = np.abs(depth.to(nf.DepthKind.DEPTH).values / room.left.depth - 1.0)
    assert np.median(off) < 0.03


@pytest.mark.parametrize(
    ("profile", "size", "middle"), [("spec", "320x240", 1.16), ("arcore", "480x640", 1.15)]
)
def test_webxr_depth(
    profile: str,
    size: str,
    middle: float,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    gl_context: moderngl.Context,
) -> None:
    """Both usages find the same metres of a camera that stands still: on a desk, in a phone held upright."""
    name = f"virtual:dual?size={size}&path=still&fps=1"
    example("webxr_depth")(str(tmp_path / "depth.png"), name, profile)
    said = capsys.readouterr().out
    assert "CPU   cpu-optimized, luminance-alpha" in said
    assert "GPU   gpu-optimized, luminance-alpha" in said
    in_the_middle = [float(found) for found in re.findall(r"([\d.]+) m in the middle", said)]
    assert in_the_middle == pytest.approx([middle, middle], abs=0.02)
    picture = np.asarray(Image.open(tmp_path / "depth.png"))
    assert picture.shape == (360, 3 * 480 if profile == "spec" else 270 + 480 + 270, 3)
    *_, buffer, drawn = np.split(picture, [480, 960] if profile == "spec" else [270, 750], axis=1)
    upright = (
        buffer if profile == "spec" else np.asarray(Image.fromarray(np.rot90(buffer)).resize((270, 360)))
    )
    assert np.abs(upright.astype(int) - drawn).mean() < 4
