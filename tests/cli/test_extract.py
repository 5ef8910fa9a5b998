"""``nearfar extract`` writes what the suffix says, in metres, and never a number that is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from cli.made import DEPTH_SIZE, picture
from nearfar.cli.output import save_image
from nearfar.depth import millimetres

STEP = 1.5 / 255
"""One code of the made photos' disparity."""


def stored_depth(photo: Path) -> np.ndarray:
    depth = nf.open(photo).depth
    assert depth is not None
    return np.asarray(depth.to(nf.DepthKind.DEPTH))


def test_png_is_millimetres_and_says_that_they_are_nominal(run, heic: Path, tmp_path: Path):
    out = tmp_path / "mm.png"
    outcome = run("extract", heic, "-o", out)
    assert outcome.code == 0
    assert outcome.err == f"note: {heic}: the accuracy is relative: the metres are nominal\n"
    with Image.open(out) as image:
        assert image.mode.startswith("I;16")
        assert "nominal" in image.text["Description"]
        codes = np.asarray(image)
    assert codes.shape == DEPTH_SIZE[::-1]
    assert np.abs(codes / 1000 - stored_depth(heic)).max() <= 0.0005001


@pytest.mark.parametrize("suffix", [".npy", ".tiff", ".tif"])
def test_floats_are_exact(run, jpeg: Path, tmp_path: Path, suffix: str):
    out = tmp_path / f"depth{suffix}"
    assert run("extract", jpeg, "-o", out).code == 0
    values = np.load(out) if suffix == ".npy" else np.asarray(Image.open(out))
    assert values.dtype == np.float32
    assert np.array_equal(values, stored_depth(jpeg))


def test_disparity_keeps_the_stored_numbers(run, heic: Path, tmp_path: Path):
    out = tmp_path / "d.npy"
    assert run("extract", heic, "-o", out, "--as", "disparity").code == 0
    depth = nf.open(heic).depth
    assert depth is not None
    assert np.array_equal(np.load(out), depth.values)


def test_scale_multiplies_depth_and_divides_disparity(run, heic: Path, tmp_path: Path):
    for kind in ("depth", "disparity"):
        run("extract", heic, "-o", tmp_path / "one.npy", "--as", kind)
        outcome = run("extract", heic, "-o", tmp_path / "two.npy", "--as", kind, "--scale", "2")
        assert outcome.code == 0
        ratio = np.load(tmp_path / "two.npy") / np.load(tmp_path / "one.npy")
        assert np.allclose(ratio, 2 if kind == "depth" else 0.5)


def test_scale_does_not_make_relative_metres_absolute(run, heic: Path, tmp_path: Path):
    outcome = run("extract", heic, "-o", tmp_path / "mm.png", "--scale", "2")
    assert outcome.err == f"note: {heic}: the accuracy is relative: the metres are nominal\n"
    with Image.open(tmp_path / "mm.png") as image:
        assert "scaled by 2 metres per unit" in image.text["Description"]
        assert "nominal" in image.text["Description"]


@pytest.mark.parametrize("scale", ["inf", "nan", "1e300", "0", "1e-300"])
@pytest.mark.parametrize("command", ["extract", "embed"])
def test_a_scale_that_no_camera_has_is_wrong_usage(run, heic: Path, tmp_path: Path, scale: str, command: str):
    np.save(tmp_path / "a.npy", np.ones((60, 80)))
    given = [heic] if command == "extract" else [heic, tmp_path / "a.npy"]
    out = tmp_path / ("out.npy" if command == "extract" else "out.heic")
    outcome = run(command, *given, "-o", out, "--scale", scale)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert not out.exists()


@pytest.mark.filterwarnings("error")
def test_a_scale_out_of_which_float32_runs_is_the_inputs_fault(run, tmp_path: Path):
    far = nf.DepthMap(np.full((60, 80), 1e30, np.float32), accuracy=nf.Accuracy.ABSOLUTE)
    nf.Photo(picture(), far).save(tmp_path / "far.jpg")
    outcome = run("extract", tmp_path / "far.jpg", "-o", tmp_path / "far.npy", "--scale", "1e9")
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "far.npy").exists()


@pytest.mark.parametrize("suffix", [".glb", ".ply"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_map_without_a_point_is_no_shape(run, tmp_path: Path, suffix: str, value: float):
    photo = tmp_path / "empty.jpg"
    nf.Photo(picture(), nf.DepthMap(np.full((60, 80), value, np.float32))).save(photo)
    outcome = run("extract", photo, "-o", tmp_path / f"a{suffix}", "--fov", "60")
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith(f"error: {photo}: ")
    assert not (tmp_path / f"a{suffix}").exists()


def test_points_and_mesh_are_coloured_and_where_the_camera_saw_them(run, heic: Path, tmp_path: Path):
    assert run("extract", heic, "-o", tmp_path / "cloud.ply").code == 0
    cloud = nf.PointCloud.load(tmp_path / "cloud.ply")
    assert len(cloud) == DEPTH_SIZE[0] * DEPTH_SIZE[1]
    assert cloud.colors is not None
    assert np.allclose(cloud.positions[:, 2], stored_depth(heic).ravel(), rtol=1e-5)
    assert run("extract", heic, "-o", tmp_path / "mesh.glb").code == 0
    mesh = nf.Mesh.load(tmp_path / "mesh.glb")
    assert len(mesh.faces) > 1000
    assert mesh.colors is not None


def test_points_without_calibration_need_a_field_of_view(run, tmp_path: Path):
    photo = tmp_path / "uncalibrated.jpg"
    depth = nf.DepthMap(np.full((60, 80), 2.0, np.float32), accuracy=nf.Accuracy.ABSOLUTE)
    nf.Photo(picture(), depth).save(photo)
    refused = run("extract", photo, "-o", tmp_path / "a.ply")
    assert refused.code == 1
    assert "--fov" in refused.err
    assert not (tmp_path / "a.ply").exists()
    assert run("extract", photo, "-o", tmp_path / "a.ply", "--fov", "90").code == 0
    across = np.ptp(nf.PointCloud.load(tmp_path / "a.ply").positions[:, 0])
    assert across == pytest.approx(4.0 * 79 / 80, rel=1e-3)


def test_a_map_without_a_unit_needs_a_scale(run, tmp_path: Path):
    photo = tmp_path / "blur.jpg"
    nf.Photo(picture(), nf.DepthMap(np.full((60, 80), 20.0, np.float32), metric=False)).save(photo)
    refused = run("extract", photo, "-o", tmp_path / "a.npy")
    assert refused.code == 1
    assert "--scale" in refused.err
    assert run("extract", photo, "-o", tmp_path / "a.npy", "--scale", "0.01").code == 0
    assert np.allclose(np.load(tmp_path / "a.npy"), 0.2, atol=1e-3)
    assert run("extract", photo, "-o", tmp_path / "view.png", "--view").code == 0


@pytest.mark.parametrize("name", ["look.png", "look.jpg"])
def test_view_is_a_colour_picture(run, heic: Path, tmp_path: Path, name: str):
    assert run("extract", heic, "-o", tmp_path / name, "--view").code == 0
    with Image.open(tmp_path / name) as image:
        assert image.mode == "RGB"
        assert image.width >= DEPTH_SIZE[0]


def test_jpg_is_the_picture(run, heic: Path, tmp_path: Path):
    out = tmp_path / "color.jpg"
    assert run("extract", heic, "-o", out).code == 0
    assert np.abs(nf.open(out).color.astype(int) - nf.open(heic).color).mean() < 2
    assert nf.open(out).depth is None


def test_a_jpg_keeps_fine_colour(tmp_path: Path):
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2, 0] = stripes[:, 1::2, 2] = 200
    save_image(tmp_path / "a.jpg", Image.fromarray(stripes))
    with Image.open(tmp_path / "a.jpg") as image:
        assert max(max(steps) for steps in image.quantization.values()) <= 12
        assert np.abs(np.asarray(image).astype(int) - stripes).max() <= 25


def test_the_picture_of_a_photo_without_depth_can_be_taken(run, plain: Path, tmp_path: Path):
    assert run("extract", plain, "-o", tmp_path / "color.jpg").code == 0


def test_depth_of_a_photo_without_depth_is_its_fault(run, plain: Path, tmp_path: Path):
    outcome = run("extract", plain, "-o", tmp_path / "a.png")
    assert outcome.code == 1
    assert outcome.err == f"error: {plain}: there is no depth in this photo; it has only the picture\n"


@pytest.mark.parametrize("suffix", [".png", ".npy", ".tiff", ".jpg"])
def test_matte(run, heic: Path, tmp_path: Path, suffix: str):
    out = tmp_path / f"matte{suffix}"
    assert run("extract", heic, "-o", out, "--matte", "portrait").code == 0
    values = np.load(out) if suffix == ".npy" else np.asarray(Image.open(out))
    assert values.shape == (60, 80)
    assert values.max() == (1 if suffix in (".npy", ".tiff") else 255)


def test_a_matte_that_is_not_there(run, heic: Path, tmp_path: Path):
    outcome = run("extract", heic, "-o", tmp_path / "a.png", "--matte", "hair")
    assert outcome.code == 1
    assert "no hair matte" in outcome.err
    assert "a depth map, a portrait matte" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ["a.ply", "--matte", "portrait"],
        ["a.npy", "--view"],
        ["a.png", "--view", "--matte", "portrait"],
        ["a.png", "--as", "disparity"],
        ["a.png", "--fov", "60"],
        ["a.jpg", "--scale", "2"],
    ],
)
def test_options_without_effect_are_refused(run, heic: Path, tmp_path: Path, words: list[str]):
    outcome = run("extract", heic, "-o", tmp_path / words[0], *words[1:])
    assert outcome.code == 2
    assert not (tmp_path / words[0]).exists()


def test_the_photo_itself_is_never_overwritten(run, jpeg: Path):
    before = jpeg.read_bytes()
    assert run("extract", jpeg, "-o", jpeg).code == 2
    assert jpeg.read_bytes() == before


def test_a_missing_folder_is_named(run, heic: Path, tmp_path: Path):
    outcome = run("extract", heic, "-o", tmp_path / "no" / "a.png")
    assert outcome.code == 1
    assert f"there is no folder {tmp_path / 'no'}" in outcome.err


def test_millimetres_say_only_what_they_can():
    inf, nan = float("inf"), float("nan")
    metres = np.array([[nan, 0.0001, 0.0015, 65.535, 65.5356, inf, 1.0004]], np.float32)
    codes, beyond = millimetres(nf.DepthMap(metres))
    assert codes.tolist() == [[0, 1, 2, 65535, 0, 0, 1000]]
    assert beyond == 2


def test_depth_beyond_millimetres_is_said_once(run, tmp_path: Path):
    far = np.linspace(1, 200, 4800, dtype=np.float32).reshape(60, 80)
    nf.Photo(picture(), nf.DepthMap(far, accuracy=nf.Accuracy.ABSOLUTE)).save(tmp_path / "far.jpg")
    outcome = run("extract", tmp_path / "far.jpg", "-o", tmp_path / "far.png")
    assert outcome.code == 0
    assert outcome.err.count("\n") == 1
    assert "beyond 65.535 m" in outcome.err


@pytest.mark.samples
def test_points_of_a_real_photo(run, samples: Path, tmp_path: Path):
    assert run("extract", samples / "photos/apple/iphonex_depth.jpg", "-o", tmp_path / "a.ply").code == 0
    cloud = nf.PointCloud.load(tmp_path / "a.ply")
    assert len(cloud) == 576 * 768
    assert 1 / 2.52 < cloud.positions[:, 2].min() < cloud.positions[:, 2].max() < 1 / 0.65
