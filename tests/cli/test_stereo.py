"""``nearfar stereo`` makes depth of two pictures: a box at 1.07 m, a wall at 2.5 m; and of real scenes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from nearfar.depth import sample_picture

SIZE = (160, 120)
FOCAL, BASELINE = 150.0, 0.1
WALL, BOX = 6, 14
WALL_METRES, BOX_METRES = (FOCAL * BASELINE / shift for shift in (WALL, BOX))
ON_WALL, ON_BOX = np.s_[10:110, 20:50], np.s_[45:75, 70:100]


def scene(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Both views (H, W, 3) uint8 of a textured box before a textured wall."""
    generator = np.random.default_rng(seed)
    wall, box = (generator.integers(20, 236, (120, 200, 3)).astype(np.float32) for _ in range(2))
    for texture in (wall, box):  # a little smooth, as lenses make it
        texture[:, 1:] = (texture[:, 1:] + texture[:, :-1]) / 2
    left, right = wall[:, 20:180].copy(), wall[:, 20 + WALL : 180 + WALL].copy()
    left[35:85, 60:110] = box[35:85, 60:110]
    right[35:85, 60 - BOX : 110 - BOX] = box[35:85, 60:110]
    return left.astype(np.uint8), right.astype(np.uint8)


def rig() -> nf.StereoRig:
    left = nf.Calibration(np.array([[FOCAL, 0, 80], [0, FOCAL, 60], [0, 0, 1]]), SIZE)
    return nf.StereoRig(left, left.replace(pose=nf.Pose(np.eye(3), np.array([BASELINE, 0.0, 0.0]))))


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    for name, picture in zip(("left.png", "right.png"), scene(), strict=True):
        Image.fromarray(picture).save(tmp_path / name)
    return tmp_path / "left.png", tmp_path / "right.png"


@pytest.fixture
def calibration(tmp_path: Path) -> Path:
    nf.write_calibration(rig(), tmp_path / "calib.txt")
    return tmp_path / "calib.txt"


def is_the_scene(metres: np.ndarray) -> bool:
    """Whether a map (H, W) of metres has the wall and the box where they are."""
    return all(
        np.nanmedian(metres[place]) == pytest.approx(z, rel=0.02)
        and np.nanpercentile(np.abs(metres[place] - z), 90) < 0.05 * z
        for place, z in ((ON_WALL, WALL_METRES), (ON_BOX, BOX_METRES))
    )


@pytest.mark.parametrize("suffix", [".heic", ".jpg"])
def test_two_pictures_become_a_photo_with_metres(run, pictures, calibration: Path, tmp_path: Path, suffix):
    out = tmp_path / f"out{suffix}"
    outcome = run("stereo", *pictures, "--calibration", calibration, "-o", out, "--max-shift", 32)
    assert (outcome.code, outcome.err) == (0, "")
    assert "160×120 photo with 160×120 disparity" in outcome.out
    photo = nf.open(out)
    depth = photo.depth
    assert depth is not None
    assert depth.kind is nf.DepthKind.DISPARITY
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    assert depth.metric
    assert depth.valid.all()
    assert is_the_scene(depth.to(nf.DepthKind.DEPTH).values)
    assert depth.calibration is not None
    assert depth.calibration.fx == pytest.approx(FOCAL)
    assert np.corrcoef(gray(photo.color).ravel(), gray(scene()[0]).ravel())[0, 1] > 0.9


def test_every_other_format_holds_the_metres(run, pictures, calibration: Path, tmp_path: Path):
    def made(name: str, *more: object) -> Path:
        words = ["stereo", *pictures, "--calibration", calibration, "-o", tmp_path / name, "--max-shift", 32]
        outcome = run(*words, *more)
        assert (outcome.code, outcome.err) == (0, "")
        assert name in outcome.out
        return tmp_path / name

    assert is_the_scene(np.load(made("out.npy")))
    assert is_the_scene(1.0 / np.load(made("disparity.npy", "--as", "disparity")))
    assert is_the_scene(FOCAL * BASELINE / np.load(made("shift.npy", "--as", "shift")))
    assert is_the_scene(np.asarray(Image.open(made("out.tiff"))))
    millimetres = np.asarray(Image.open(made("out.png"))).astype(float)
    assert is_the_scene(np.where(millimetres == 0, np.nan, millimetres) / 1000)
    cloud = nf.PointCloud.load(made("out.ply"))
    assert cloud.colors is not None
    assert np.median(cloud.positions[:, 2]) == pytest.approx(WALL_METRES, rel=0.02)
    assert len(nf.Mesh.load(made("out.glb")).faces) > 10_000


def test_holes_are_filled_in_photos_only_unless_asked(run, pictures, calibration: Path, tmp_path: Path):
    """Beside the box is wall that only the left camera sees."""
    words = ["stereo", *pictures, "--calibration", calibration, "--max-shift", 32]
    for name, more, filled in (
        ("a.npy", (), False),
        ("b.npy", ("--fill",), True),
        ("c.heic", (), True),
        ("d.heic", ("--no-fill",), False),
    ):
        assert run(*words, "-o", tmp_path / name, *more).code == 0
        found = nf.open(tmp_path / name).depth if name.endswith("heic") else None
        valid = ~np.isnan(np.load(tmp_path / name)) if found is None else found.valid
        assert valid.all() == filled
        if found is not None:
            assert found.filtered == filled


def test_the_range_is_found(run, pictures, calibration: Path, tmp_path: Path):
    words = ["stereo", *pictures, "--calibration", calibration, "-o", tmp_path / "out.npy"]
    assert run(*words).code == 0
    assert is_the_scene(np.load(tmp_path / "out.npy"))


@pytest.mark.parametrize("effort", ["fast", "standard", "best"])
def test_every_effort_finds_the_scene(run, pictures, calibration: Path, tmp_path: Path, effort: str):
    words = ["stereo", *pictures, "--calibration", calibration, "-o", tmp_path / "out.npy"]
    assert run(*words, "--max-shift", 32, "--effort", effort).code == 0
    assert is_the_scene(np.load(tmp_path / "out.npy"))


def test_a_view_goes_along(run, pictures, calibration: Path, tmp_path: Path):
    words = ["stereo", *pictures, "--calibration", calibration, "--max-shift", 32]
    outcome = run(*words, "-o", tmp_path / "out.heic", "--view", tmp_path / "view.png")
    assert outcome.code == 0
    assert "view.png" in outcome.out
    with Image.open(tmp_path / "view.png") as view:
        assert view.height == 160  # with its scale
        assert view.mode == "RGB"


def test_without_a_calibration_the_depth_is_relative(run, pictures, tmp_path: Path):
    outcome = run("stereo", *pictures, "-o", tmp_path / "out.heic", "--max-shift", 32)
    assert outcome.code == 0
    assert outcome.err.startswith("note: ")
    assert "relative" in outcome.err
    depth = nf.open(tmp_path / "out.heic").depth
    assert depth is not None
    assert depth.accuracy is nf.Accuracy.RELATIVE
    assert not depth.metric
    assert np.median(depth.values[ON_BOX]) / np.median(depth.values[ON_WALL]) == pytest.approx(
        14 / 6, rel=0.02
    )
    assert run("stereo", *pictures, "-o", tmp_path / "s.npy", "--as", "shift", "--max-shift", 32).code == 0
    assert np.nanmedian(np.load(tmp_path / "s.npy")[ON_BOX]) == pytest.approx(BOX, abs=0.1)
    outcome = run("stereo", *pictures, "-o", tmp_path / "out.ply")
    assert outcome.code == 1
    assert "--calibration" in outcome.err


def bent(picture: np.ndarray, old: nf.Calibration, camera: nf.Calibration) -> np.ndarray:
    """What another camera in the same place sees of a picture."""
    grid = np.stack(np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5), axis=-1)
    rays = camera.unproject(grid) @ camera.pose.rotation.T @ old.pose.rotation
    return sample_picture(picture, old.project(rays))


def test_a_pair_that_is_not_rectified_is_rectified_first(run, tmp_path: Path):
    """The scene as two turned cameras with lenses see it; its metres come back along the new axis."""
    straight = rig()
    lens = nf.BrownConrady(-0.08, 0.01)
    turns = [
        nf.Pose.from_quaternion((x, y, z, 1.0)) for x, y, z in ((0.01, 0.006, 0.004), (-0.008, 0, -0.006))
    ]
    cameras = [
        side.replace(distortion=lens, pose=nf.Pose(turn.rotation, side.pose.translation))
        for side, turn in zip((straight.left, straight.right), turns, strict=True)
    ]
    for name, picture, old, camera in zip(
        ("left", "right"), scene(), (straight.left, straight.right), cameras, strict=True
    ):
        Image.fromarray(bent(picture, old, camera)).save(tmp_path / f"{name}.png")
    nf.write_calibration(nf.StereoRig(*cameras), tmp_path / "rig.yaml", format="opencv")
    words = ["stereo", tmp_path / "left.png", tmp_path / "right.png", "--calibration", tmp_path / "rig.yaml"]
    outcome = run(*words, "-o", tmp_path / "out.heic", "--max-shift", 32)
    assert outcome.code == 0
    assert "rectified first" in outcome.err
    depth = nf.open(tmp_path / "out.heic").depth
    assert depth is not None
    assert depth.calibration is not None
    metres = depth.to(nf.DepthKind.DEPTH).values
    assert np.median(metres[50:70, 75:95]) == pytest.approx(BOX_METRES, rel=0.05)
    assert np.median(metres[20:100, 15:40]) == pytest.approx(WALL_METRES, rel=0.05)


def gray(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.uint16).mean(axis=2).astype(np.uint8)


@pytest.mark.parametrize("kind", ["gray", "sixteen", "twelve", "alpha", "palette", "pgm", "turned"])
def test_pictures_of_every_kind_are_taken(run, calibration: Path, tmp_path: Path, kind: str):
    suffix = ".pgm" if kind == "pgm" else ".png"
    for name, picture in zip(("left", "right"), scene(), strict=True):
        options = {}
        if kind == "alpha":
            image = Image.fromarray(np.dstack([picture, np.full(picture.shape[:2], 77, np.uint8)]))
        elif kind == "palette":
            image = Image.fromarray(picture).quantize(256)
        elif kind == "turned":
            image = Image.fromarray(picture).transpose(Image.Transpose.ROTATE_90)
            exif = Image.Exif()
            exif[0x0112] = 6
            options["exif"] = exif
        else:
            scale = {"sixteen": 256, "pgm": 256, "twelve": 16}.get(kind)
            values = gray(picture)
            image = Image.fromarray(values if scale is None else values.astype(np.uint16) * np.uint16(scale))
        image.save(tmp_path / f"{name}{suffix}", **options)
    words = ["stereo", tmp_path / f"left{suffix}", tmp_path / f"right{suffix}", "--calibration", calibration]
    outcome = run(*words, "-o", tmp_path / "out.heic", "--max-shift", 32)
    assert (outcome.code, outcome.err) == (0, "")
    photo = nf.open(tmp_path / "out.heic")
    assert photo.depth is not None
    assert is_the_scene(photo.depth.to(nf.DepthKind.DEPTH).values)
    assert abs(float(photo.color.mean()) - float(scene()[0].mean())) < 3


def test_eight_and_sixteen_bits_meet_as_eight(run, pictures, calibration: Path, tmp_path: Path):
    Image.fromarray(gray(scene()[1]).astype(np.uint16) * np.uint16(256)).save(tmp_path / "right.png")
    words = ["stereo", *pictures, "--calibration", calibration, "-o", tmp_path / "out.npy", "--max-shift", 32]
    outcome = run(*words)
    assert outcome.code == 0
    assert "matched as 8-bit" in outcome.err
    assert is_the_scene(np.load(tmp_path / "out.npy"))


def test_a_photo_keeps_its_coded_picture_and_metadata(run, calibration: Path, tmp_path: Path):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    for name, picture in zip(("left.jpg", "right.jpg"), scene(), strict=True):
        Image.fromarray(picture).save(tmp_path / name, quality=97, subsampling=0, exif=exif)
    words = ["stereo", tmp_path / "left.jpg", tmp_path / "right.jpg", "--calibration", calibration]
    assert run(*words, "-o", tmp_path / "out.jpg", "--max-shift", 32).code == 0
    photo = nf.open(tmp_path / "out.jpg")
    assert np.array_equal(photo.color, nf.open(tmp_path / "left.jpg").color)
    with Image.open(io.BytesIO((tmp_path / "out.jpg").read_bytes())) as image:
        assert image.getexif()[0x010F] == "Maker"


# What is at fault is said with its name


def test_swapped_pictures_are_noticed(run, pictures, calibration: Path, tmp_path: Path):
    words = ["stereo", *pictures[::-1], "--calibration", calibration, "-o", tmp_path / "out.heic"]
    outcome = run(*words, "--max-shift", 32)
    assert outcome.err.startswith("note: ")
    assert "left and right swapped?" in outcome.err


def test_two_sizes_are_both_named(run, pictures, tmp_path: Path):
    Image.new("RGB", (80, 120)).save(tmp_path / "right.png")
    outcome = run("stereo", *pictures, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert "160×120" in outcome.err
    assert "80×120" in outcome.err
    assert "right.png" in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "out.heic").exists()


def test_calibrations_that_do_not_fit_are_refused(run, pictures, tmp_path: Path):
    def said(cameras: nf.Calibration | nf.StereoRig) -> str:
        nf.write_calibration(cameras, tmp_path / "rig.yaml", format="opencv")
        words = ["stereo", *pictures, "--calibration", tmp_path / "rig.yaml", "-o", tmp_path / "out.heic"]
        outcome = run(*words)
        assert outcome.code == 1
        assert "rig.yaml" in outcome.err
        assert not (tmp_path / "out.heic").exists()
        return outcome.err

    good = rig()
    assert "one camera" in said(good.left)
    assert "160×160" in said(good.scaled_to((160, 160)))
    assert "swapped" in said(nf.StereoRig(good.left, good.right.replace(pose=good.right.pose.inverse())))
    below = nf.Pose(np.eye(3), np.array([0.0, 0.1, 0.0]))
    assert "above the other" in said(nf.StereoRig(good.left, good.left.replace(pose=below)))


def test_a_calibration_of_another_size_is_scaled(run, pictures, tmp_path: Path):
    nf.write_calibration(rig().scaled_to((640, 480)), tmp_path / "calib.txt")
    words = ["stereo", *pictures, "--calibration", tmp_path / "calib.txt", "-o", tmp_path / "out.npy"]
    assert run(*words, "--max-shift", 32).code == 0
    assert is_the_scene(np.load(tmp_path / "out.npy"))


def test_files_that_are_no_pictures_are_named(run, pictures, calibration: Path, tmp_path: Path):
    left, right = pictures
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    outcome = run("stereo", left, broken, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert "broken.png" in outcome.err
    outcome = run("stereo", left, tmp_path / "gone.png", "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert "gone.png" in outcome.err
    broken.rename(tmp_path / "broken.txt")
    words = ["stereo", left, right, "-o", tmp_path / "out.heic", "--calibration", tmp_path / "broken.txt"]
    outcome = run(*words)
    assert outcome.code == 1
    assert "broken.txt" in outcome.err


def test_pictures_without_anything_to_match_are_at_fault(run, calibration: Path, tmp_path: Path):
    for name in ("left.png", "right.png"):
        Image.new("RGB", SIZE, (90, 90, 90)).save(tmp_path / name)
    words = ["stereo", tmp_path / "left.png", tmp_path / "right.png", "-o", tmp_path / "out.npy"]
    outcome = run(*words, "--calibration", calibration, "--max-shift", 32)
    assert outcome.code == 1
    assert "nothing in one picture was found in the other" in outcome.err
    assert not (tmp_path / "out.npy").exists()


def test_one_photo_without_a_pair_is_at_fault(run, heic: Path, tmp_path: Path):
    outcome = run("stereo", heic, "-o", tmp_path / "out.heic")
    assert outcome.code == 1
    assert "no stereo pair" in outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "out.txt"], "must end in"),
        (["-o", "out.heic", "--max-shift", "0"], "at least 1"),
        (["-o", "out.heic", "--max-shift", "wide"], "max-shift"),
        (["-o", "out.heic", "--as", "shift"], "--as shift is for"),
        (["-o", "out.npy", "--depth-encoding", "16-bit"], "--depth-encoding is for photos"),
        (["-o", "out.heic", "--view", "look.npy"], "must end in"),
        (["-o", "out.png", "--view", "out.png"], "one file"),
        (["-o", "right.png"], "replace"),
        (["-o", "out.heic", "--view", "left.png"], "replace"),
    ],
)
def test_contradictions_are_wrong_usage(run, pictures, monkeypatch, words: list[str], message: str):
    monkeypatch.chdir(pictures[0].parent)
    outcome = run("stereo", "left.png", "right.png", *words)
    assert outcome.code == 2
    assert message in outcome.err


def test_one_picture_alone_is_wrong_usage(run, pictures, heic: Path, calibration: Path, tmp_path: Path):
    assert run("stereo", pictures[0], "-o", tmp_path / "out.heic").code == 2
    outcome = run("stereo", heic, "--calibration", calibration, "-o", tmp_path / "out.heic")
    assert outcome.code == 2
    assert "carries its own" in outcome.err


# Real scenes


@pytest.mark.samples
def test_motorcycle_has_the_metres_of_the_ground_truth(run, samples: Path, tmp_path: Path):
    """Middlebury's calibration goes in as its own file; the depth photo agrees with the measured scene."""
    folder = samples / "stereo" / "motorcycle"
    (tmp_path / "calib.txt").write_text(
        "cam0=[994.978 0 311.193; 0 994.978 254.877; 0 0 1]\n"
        "cam1=[994.978 0 342.279; 0 994.978 254.877; 0 0 1]\n"
        "doffs=31.086\nbaseline=193.001\nwidth=741\nheight=500\nndisp=80\n"
    )
    pair = [folder / "motorcycle_left.png", folder / "motorcycle_right.png"]
    words = ["stereo", *pair, "--calibration", tmp_path / "calib.txt", "-o", tmp_path / "moto.heic"]
    assert run(*words).code == 0
    depth = nf.open(tmp_path / "moto.heic").depth
    assert depth is not None
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    shift = np.load(folder / "motorcycle_disp.npz")["arr_0"]
    truth = np.where(np.isfinite(shift), 0.193001 * 994.978 / (shift + 31.086), np.nan)
    off = np.abs(depth.to(nf.DepthKind.DEPTH).values / truth - 1.0)[np.isfinite(truth)]
    assert np.median(off) < 0.005
    assert (off > 0.05).mean() < 0.08


@pytest.mark.samples
def test_a_spatial_photo_gets_the_depth_of_its_own_pair(run, samples: Path, tmp_path: Path):
    source = samples / "photos" / "spatial" / "visionpro_spatial.heic"
    assert run("stereo", source, "-o", tmp_path / "out.heic", "--effort", "fast").code == 0
    before, photo = nf.open(source), nf.open(tmp_path / "out.heic")
    assert np.array_equal(photo.color, before.color)
    assert photo.stereo is not None
    depth = photo.depth
    assert depth is not None
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    assert depth.calibration is not None
    assert depth.calibration.fx == pytest.approx(1525.44, abs=0.01)
