"""``nearfar embed`` puts depth in plain files into photos; what goes in comes out."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

import nearfar as nf
from cli.made import SIZE, picture
from nearfar.cli.depth_files import read_depth_values, write_floats, write_millimetres
from nearfar.depth import millimetres
from nearfar.photo import icc

RAMP = np.linspace(0.5, 4.0, 4800, dtype=np.float32).reshape(60, 80)
STEP = 3.5 / 255


@pytest.fixture
def color(tmp_path: Path) -> Path:
    Image.fromarray(picture()).save(tmp_path / "color.png")
    return tmp_path / "color.png"


def depth_file(folder: Path, kind: str, values: np.ndarray = RAMP) -> Path:
    path = folder / f"depth{kind}"
    if kind == ".npy":
        np.save(path, values)
    elif kind == ".tiff":
        Image.fromarray(values).save(path)
    else:
        Image.fromarray(np.rint(np.nan_to_num(values) * 1000).astype(np.uint16)).save(path)
    return path


@pytest.mark.parametrize("kind", [".npy", ".tiff", ".png"])
@pytest.mark.parametrize("container", [".heic", ".jpg"])
def test_depth_goes_in_and_comes_out(run, color: Path, tmp_path: Path, kind: str, container: str):
    out = tmp_path / f"out{container}"
    outcome = run("embed", color, depth_file(tmp_path, kind), "-o", out, "--accuracy", "absolute")
    assert (outcome.code, outcome.err) == (0, "")
    depth = nf.open(out).depth
    assert depth is not None
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    assert np.abs(depth.to(nf.DepthKind.DEPTH).values - RAMP).max() <= 3 * STEP
    assert np.abs(nf.open(out).color.astype(int) - picture()).mean() < 3


def test_what_has_no_value_stays_without_in_jpeg(run, color: Path, tmp_path: Path):
    holes = RAMP.copy()
    holes[10:20, 5:15] = np.nan
    out = tmp_path / "out.jpg"
    assert run("embed", color, depth_file(tmp_path, ".png", holes), "-o", out).code == 0
    depth = nf.open(out).depth
    assert depth is not None
    assert np.array_equal(depth.valid, ~np.isnan(holes))


def test_disparity_and_scale(run, color: Path, tmp_path: Path):
    out = tmp_path / "out.heic"
    words = ["embed", color, depth_file(tmp_path, ".npy"), "-o", out, "--kind", "disparity", "--scale", "2"]
    assert run(*words).code == 0
    depth = nf.open(out).depth
    assert depth is not None
    assert depth.kind is nf.DepthKind.DISPARITY
    assert np.abs(depth.values - RAMP / 2).max() <= STEP


def test_sixteen_bits_of_another_unit(run, color: Path, tmp_path: Path):
    Image.fromarray(np.full((60, 80), 10_000, np.uint16)).save(tmp_path / "tum.png")
    assert (
        run("embed", color, tmp_path / "tum.png", "-o", tmp_path / "out.jpg", "--scale", "0.0002").code == 0
    )
    depth = nf.open(tmp_path / "out.jpg").depth
    assert depth is not None
    assert np.allclose(depth.to(nf.DepthKind.DEPTH).values, 2.0, rtol=1e-2)


def test_calibration_comes_from_a_file(run, color: Path, tmp_path: Path):
    camera = nf.Calibration(np.array([[150.0, 0, 80], [0, 150.0, 60], [0, 0, 1]]), (160, 120))
    nf.write_calibration(camera, tmp_path / "camera.json")
    words = ["embed", color, depth_file(tmp_path, ".npy"), "-o", tmp_path / "out.heic"]
    assert run(*words, "--calibration", tmp_path / "camera.json").code == 0
    depth = nf.open(tmp_path / "out.heic").depth
    assert depth is not None
    assert depth.calibration is not None
    assert np.allclose(depth.calibration.intrinsics, camera.intrinsics, atol=1e-3)


def test_a_calibration_that_says_no_size_is_of_the_picture(run, color: Path, tmp_path: Path):
    (tmp_path / "camera.yaml").write_text(
        "%YAML:1.0\n---\n"
        "camera_matrix: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
        "   data: [ 150., 0., 79.5, 0., 150., 59.5, 0., 0., 1. ]\n"
    )
    words = ["embed", color, depth_file(tmp_path, ".npy"), "-o", tmp_path / "out.heic"]
    outcome = run(*words, "--calibration", tmp_path / "camera.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    depth = nf.open(tmp_path / "out.heic").depth
    assert depth is not None
    assert depth.calibration is not None
    assert depth.calibration.reference_size == SIZE
    assert (depth.calibration.cx, depth.calibration.cy) == pytest.approx((80, 60))


def test_of_two_cameras_the_left_one_is_taken_and_it_is_said(run, color: Path, tmp_path: Path):
    left, right = (
        nf.Calibration(
            np.array([[f, 0, 80], [0, f, 60], [0, 0, 1]]),
            SIZE,
            pose=nf.Pose(np.eye(3), np.array([x, 0.0, 0.0])),
        )
        for f, x in ((150.0, 0.0), (170.0, 0.1))
    )
    rig = tmp_path / "rig.yaml"
    nf.write_calibration(nf.StereoRig(left, right), rig, format="kalibr")
    words = ["embed", color, depth_file(tmp_path, ".npy"), "-o", tmp_path / "out.heic"]
    outcome = run(*words, "--calibration", rig)
    assert outcome.code == 0
    assert outcome.err == f"note: {rig}: holds two cameras; the left one is taken\n"
    depth = nf.open(tmp_path / "out.heic").depth
    assert depth is not None
    assert depth.calibration is not None
    assert depth.calibration.fx == pytest.approx(150)


def test_a_picture_that_exif_turns_comes_upright(run, tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = np.ascontiguousarray(np.rot90(picture()))
    Image.fromarray(lying).save(tmp_path / "lying.png", exif=exif)
    out = tmp_path / "out.heic"
    assert run("embed", tmp_path / "lying.png", depth_file(tmp_path, ".npy"), "-o", out).code == 0
    assert nf.open(out).size == SIZE
    assert np.abs(nf.open(out).color.astype(int) - picture()).mean() < 3


def test_a_pictures_colour_profile_is_applied(run, tmp_path: Path):
    pixels = np.full((120, 160, 3), (200, 100, 60), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p3.png", icc_profile=icc.PROFILES["display-p3"])
    out = tmp_path / "out.heic"
    assert run("embed", tmp_path / "p3.png", depth_file(tmp_path, ".npy"), "-o", out).code == 0
    wanted = (215, 93, 47)  # by the primaries of both spaces
    assert np.abs(nf.open(out).color.mean(axis=(0, 1)) - wanted).max() < 3


@pytest.mark.parametrize("word", ["COLOR", "DEPTH"])
def test_an_image_over_100_megapixels_is_refused_undecoded(run, color: Path, tmp_path: Path, word: str):
    large = tmp_path / "large.png"
    header = b"IHDR" + struct.pack(">IIBBBBB", 10_001, 10_000, 16, 0, 0, 0, 0)
    parts = [header, b"IDAT", b"IEND"]
    chunks = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts]
    large.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    given = [large, depth_file(tmp_path, ".npy")] if word == "COLOR" else [color, large]
    outcome = run("embed", *given, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert outcome.err == f"error: {large}: 10001×10000 is over 100 Mpx\n"


def test_an_array_over_100_megapixels_is_refused(run, color: Path, tmp_path: Path):
    large = tmp_path / "large.npy"
    np.lib.format.open_memmap(large, mode="w+", dtype=np.uint8, shape=(10_001, 10_000))
    outcome = run("embed", color, large, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert "up to 100 Mpx" in outcome.err


def test_the_picture_itself_is_never_overwritten(run, heic: Path, tmp_path: Path):
    photo = tmp_path / "a.heic"
    photo.write_bytes(heic.read_bytes())
    outcome = run("embed", photo, depth_file(tmp_path, ".npy"), "-o", photo)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert photo.read_bytes() == heic.read_bytes()


def test_a_photo_keeps_its_coded_picture(run, heic: Path, tmp_path: Path):
    out = tmp_path / "again.heic"
    assert run("embed", heic, depth_file(tmp_path, ".npy"), "-o", out).code == 0
    photo = nf.open(out)
    assert np.array_equal(photo.color, nf.open(heic).color)
    assert list(photo.mattes) == [nf.MatteKind.PORTRAIT]
    assert photo.depth is not None
    assert photo.depth.kind is nf.DepthKind.DEPTH


def test_another_aspect_is_refused(run, color: Path, tmp_path: Path):
    square = depth_file(tmp_path, ".npy", np.ones((60, 60), np.float32))
    outcome = run("embed", color, square, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert outcome.err.startswith(f"error: {square}: ")
    assert not (tmp_path / "out.heic").exists()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "a.npy",
            b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (9,9)}",
            "not a NumPy array",
        ),
        ("b.npy", b"", "not a NumPy array"),
        ("c.png", b"\x89PNG\r\n\x1a\n", "not a readable"),
        ("d.tiff", b"II*\0\xff\xff\xff\xff", "not a readable"),
    ],
)
def test_broken_depth_files_are_one_line(
    run, color: Path, tmp_path: Path, name: str, content: bytes, reason: str
):
    (tmp_path / name).write_bytes(content)
    outcome = run("embed", color, tmp_path / name, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert outcome.err.startswith(f"error: {tmp_path / name}: {reason}")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "values",
    [
        np.ones((60, 80, 3), np.float32),
        np.full((60, 80), -1, np.float32),
        np.ones((60, 80), np.int32),
        np.array([["a"]]),
        np.ones((0, 80), np.float32),
    ],
)
def test_arrays_that_are_no_depth_are_refused(run, color: Path, tmp_path: Path, values: np.ndarray):
    np.save(tmp_path / "a.npy", values)
    outcome = run("embed", color, tmp_path / "a.npy", "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert str(tmp_path / "a.npy") in outcome.err


def test_a_colour_picture_is_no_depth_and_the_other_way_round(run, color: Path, tmp_path: Path):
    outcome = run("embed", color, color, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert "16-bit gray" in outcome.err
    depth = depth_file(tmp_path, ".png")
    assert run("embed", depth, depth, "-o", tmp_path / "out.heic").code == 1


@settings(max_examples=25, deadline=None)
@given(
    values=arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.floats(0.0009765625, 65, width=32) | st.just(np.nan),
    )
)
def test_plain_files_give_back_what_was_written(values: np.ndarray, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("plain")
    for name in ("a.npy", "a.tiff"):
        write_floats(folder / name, values, "")
        back, whole = read_depth_values(folder / name, None)
        assert not whole
        assert np.array_equal(back, values, equal_nan=True)
    depth = nf.DepthMap(values)
    write_millimetres(folder / "a.png", depth, "")
    back, whole = read_depth_values(folder / "a.png", None)
    assert whole
    assert np.array_equal(np.isnan(back), np.isnan(values))
    assert np.nanmax(np.abs(back - values), initial=0) <= 0.00051
    assert np.array_equal(millimetres(nf.DepthMap(back))[0], millimetres(depth)[0])
