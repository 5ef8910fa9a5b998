"""Calibration files: numbers survive, half a pixel is where it belongs, and OpenCV agrees."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibrations import brown_conradys, calibrations, fisheyes, poses
from nearfar.depth.calibration import Calibration, StereoRig
from nearfar.depth.calibration_files import CalibrationFormat, read_calibration, write_calibration
from nearfar.depth.distortion import BrownConrady, Distortion, Fisheye, LensTable
from nearfar.depth.pose import Pose
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

ON_FILES = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
RADTAN = st.builds(BrownConrady, *[st.floats(-0.3, 0.3)] * 2, *[st.floats(-0.01, 0.01)] * 2)


def same(a: Calibration | StereoRig, b: Calibration | StereoRig) -> None:
    """Equal up to the half pixel's rounding and, in poses, to that of a product and an inverse."""
    assert type(a) is type(b)
    if isinstance(a, StereoRig) and isinstance(b, StereoRig):
        assert np.allclose(a.right_from_left.to_matrix(), b.right_from_left.to_matrix(), atol=1e-12)
        pairs = [(a.left, b.left), (a.right, b.right)]
    else:
        assert isinstance(a, Calibration)
        assert isinstance(b, Calibration)
        pairs = [(a, b)]
    for one, other in pairs:
        assert np.allclose(one.pose.to_matrix(), other.pose.to_matrix(), atol=1e-12)
        assert one.reference_size == other.reference_size
        assert (one.fx, one.fy) == (other.fx, other.fy)
        assert np.allclose(one.intrinsics, other.intrinsics, rtol=0.0, atol=1e-12 * max(one.reference_size))
        lens, others = (side.distortion if side.bends else None for side in (one, other))
        zero = isinstance(lens, BrownConrady) and not any(lens.coefficients)
        assert others is None if lens is None or zero else lens.equals(others)


def bare(lens: st.SearchStrategy[Distortion | None]) -> st.SearchStrategy[Calibration]:
    """Cameras at the origin of their world, without a pixel size."""
    return st.builds(
        lambda camera, distortion: camera.replace(pixel_size=None, distortion=distortion),
        calibrations(lens=False, pose=False),
        lens,
    )


def rigs(
    lens: st.SearchStrategy[Distortion | None], *, left: st.SearchStrategy[Pose] | None = None
) -> st.SearchStrategy[StereoRig]:
    """Two cameras of one picture size, the left one at the origin of their world unless told otherwise."""
    return st.builds(
        lambda one, other, place, pose: StereoRig(
            one.replace(pose=place), other.scaled_to(one.reference_size).replace(pose=pose)
        ),
        bare(lens),
        bare(lens),
        st.just(Pose.identity()) if left is None else left,
        poses(mirrored=False),
    )


@ON_FILES
@given(
    st.one_of(
        bare(st.none() | brown_conradys()),
        bare(fisheyes()),
        rigs(brown_conradys()),
        rigs(fisheyes(), left=poses()),
    )
)
def test_opencv_files_round_trip(tmp_path: Path, value: Calibration | StereoRig) -> None:
    write_calibration(value, tmp_path / "a.yml", format="opencv")
    same(value, read_calibration(tmp_path / "a.yml"))


@ON_FILES
@given(st.one_of(bare(st.none() | RADTAN | fisheyes()), rigs(st.none() | RADTAN | fisheyes())))
def test_kalibr_files_round_trip(tmp_path: Path, value: Calibration | StereoRig) -> None:
    write_calibration(value, tmp_path / "a.yaml", format="kalibr")
    same(value, read_calibration(tmp_path / "a.yaml"))


@ON_FILES
@given(bare(st.none() | brown_conradys() | fisheyes()), poses(mirrored=False))
def test_ros_files_round_trip(tmp_path: Path, value: Calibration, pose: Pose) -> None:
    value = value.replace(pose=Pose(pose.rotation, pose.translation * (1.0, 1.0, 0.0)))
    write_calibration(value, tmp_path / "a.yaml", format="ros")
    same(value, read_calibration(tmp_path / "a.yaml"))


@ON_FILES
@given(rigs(st.none()), st.floats(1e-3, 1e3))
def test_middlebury_files_round_trip(tmp_path: Path, value: StereoRig, baseline: float) -> None:
    right = value.right.replace(pose=Pose(np.eye(3), np.array([baseline, 0.0, 0.0])))
    value = StereoRig(value.left, right)
    write_calibration(value, tmp_path / "calib.txt")
    again = read_calibration(tmp_path / "calib.txt")
    same(value, again)
    assert isinstance(again, StereoRig)
    assert again.baseline == value.baseline


TABLES = st.lists(st.floats(-0.5, 0.5, width=32), min_size=2, max_size=42)


@ON_FILES
@given(calibrations(lens=False), calibrations(lens=False), TABLES, TABLES, st.booleans())
def test_apple_files_round_trip(
    tmp_path: Path, a: Calibration, b: Calibration, forward: list[float], inverse: list[float], pair: bool
) -> None:
    a = a.replace(distortion=LensTable(forward, inverse, (3.25, 1 / 3), (0.1, 0.2), None))
    value = StereoRig(a, b) if pair else a
    write_calibration(value, tmp_path / "a.json")
    again = read_calibration(tmp_path / "a.json")
    assert again.equals(value)


# Half a pixel, and what the files look like

OPENCV = """%YAML:1.0
---
calibration_time: "Tue 21 Jul 2026: 10:00"
image_width: 640
image_height: 480
flags: 0
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 5.3591573396163199e+02, 0., 3.4228315473308373e+02, 0.,
       5.3591573396163199e+02, 2.3557082909788173e+02, 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 5
   cols: 1
   dt: d
   data: [ -2.6637260909660682e-01, -3.8588898922304653e-02,
       1.7831947042852964e-03, -2.8122100441115472e-04,
       2.3839153080878486e-01 ]
avg_reprojection_error: 3.9259109564815858e-01
"""

ROS = """image_width: 640
image_height: 480
camera_name: narrow_stereo/right
camera_matrix:
  rows: 3
  cols: 3
  data: [438.783367, 0.000000, 305.593336, 0.000000, 437.302876, 243.738352, 0.0, 0.0, 1.0]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.361976, 0.110510, 0.001014, 0.000505, 0.000000]
rectification_matrix:
  rows: 3
  cols: 3
  data: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
projection_matrix:
  rows: 3
  cols: 4
  data: [400.0, 0.0, 310.0, -48.0, 0.0, 400.0, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0]
"""

KALIBR = """cam0:
  cam_overlaps: [1]
  camera_model: pinhole
  distortion_coeffs: [-0.0027, 0.0241, -0.0412, 0.0293]
  distortion_model: equidistant
  intrinsics: [461.629, 460.152, 362.680, 246.049]
  resolution: [752, 480]
  rostopic: /cam0/image_raw
cam1:
  T_cn_cnm1:
  - [1.0, 0.0, 0.0, -0.11]
  - [0.0, 1.0, 0.0, 0.0]
  - [0.0, 0.0, 1.0, 0.0]
  - [0.0, 0.0, 0.0, 1.0]
  cam_overlaps: [0]
  camera_model: pinhole
  distortion_coeffs: [-0.28, 0.07, 0.0001, 0.00002]
  distortion_model: radtan
  intrinsics: [458.654, 457.296, 367.215, 248.375]
  resolution: [752, 480]
"""

MIDDLEBURY = """cam0=[3979.911 0 1244.772; 0 3979.911 1019.507; 0 0 1]
cam1=[3979.911 0 1369.115; 0 3979.911 1019.507; 0 0 1]
doffs=124.343
baseline=193.001
width=2964
height=1988
ndisp=270
isint=0
vmin=23
"""


def test_an_opencv_camera() -> None:
    camera = read_calibration(OPENCV.encode())
    assert isinstance(camera, Calibration)
    assert camera.reference_size == (640, 480)
    assert camera.cx == 3.4228315473308373e02 + 0.5
    assert camera.cy == 2.3557082909788173e02 + 0.5
    assert isinstance(camera.distortion, BrownConrady)
    assert camera.distortion.k3 == 2.3839153080878486e-01
    assert camera.distortion.p2 == -2.8122100441115472e-04


def test_a_ros_right_camera_has_its_baseline_in_the_projection() -> None:
    camera = read_calibration(ROS.encode())
    assert isinstance(camera, Calibration)
    assert (camera.cx, camera.cy) == (305.593336 + 0.5, 243.738352 + 0.5)
    assert camera.pose.translation.tolist() == [0.12, 0.0, 0.0]
    left = camera.replace(pose=Pose.identity())
    assert StereoRig(left, camera).baseline == pytest.approx(0.12)


def test_a_printed_ros_message() -> None:
    message = (
        "height: 480\nwidth: 640\ndistortion_model: rational_polynomial\n"
        "D: [0.1, 0.2, 0.0, 0.0, 0.3, 0.4, 0.5, 0.6]\n"
        "K: [500.0, 0.0, 319.5, 0.0, 500.0, 239.5, 0.0, 0.0, 1.0]\n"
    )
    camera = read_calibration(message.encode())
    assert isinstance(camera, Calibration)
    assert (camera.cx, camera.cy) == (320.0, 240.0)
    assert camera.distortion == BrownConrady(0.1, 0.2, 0.0, 0.0, 0.3, 0.4, 0.5, 0.6)
    # `rostopic echo` ends each message with a line of its own.
    for end in ("---\n", "---", "---\n\n# end\n"):
        printed = read_calibration((message + end).encode())
        assert camera.equals(printed)
    with pytest.raises(UnsupportedFile, match="line 6: a second document"):
        read_calibration((message + "---\n" + message).encode())


def test_millimetres_in_apples_json_are_read_digit_for_digit() -> None:
    text = (
        '{"intrinsicMatrix": [500, 0, 0, 0, 500, 0, 320, 240, 1], "pixelSize": 0.00140000000000000000001,'
        ' "intrinsicMatrixReferenceDimensions": [640, 480],'
        ' "extrinsicMatrix": [1, 0, 0, 0, 1, 0, 0, 0, 1, 3, 1E-7, 1234.5678901234567]}'
    )
    camera = read_calibration(text.encode())
    assert isinstance(camera, Calibration)
    assert camera.pixel_size == 1.4e-6
    assert camera.pose.translation.tolist() == [0.003, 1e-10, 1.2345678901234567]


def test_a_kalibr_chain() -> None:
    rig = read_calibration(KALIBR.encode())
    assert isinstance(rig, StereoRig)
    assert rig.baseline == pytest.approx(0.11)
    # The second camera is 11 cm to the right: points move left when it sees them.
    assert rig.right.pose.translation.tolist() == [0.11, 0.0, 0.0]
    assert rig.left.distortion == Fisheye(-0.0027, 0.0241, -0.0412, 0.0293)
    assert isinstance(rig.right.distortion, BrownConrady)
    assert rig.right.cx == 367.215 + 0.5


def test_a_middlebury_pair() -> None:
    rig = read_calibration(MIDDLEBURY.encode())
    assert isinstance(rig, StereoRig)
    assert rig.baseline == 0.193001
    assert rig.doffs == pytest.approx(124.343)
    assert rig.left.cx == 1244.772 + 0.5
    assert rig.left.reference_size == (2964, 1988)


def test_apples_names_in_snake_case_with_base64_tables() -> None:
    table = np.linspace(0.0, -0.02, 42).astype("<f4")
    document = {
        "calibration_data": {
            "intrinsic_matrix": [[600.0, 0, 0], [0, 600.0, 0], [320.0, 240.0, 1]],
            "intrinsic_matrix_reference_dimensions": [640, 480],
            "extrinsic_matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [12.5, 0, 0]],
            "pixel_size": 0.0019,
            "lens_distortion_center": {"x": 321.0, "y": 239.0},
            "lens_distortion_lookup_table": base64.b64encode(table.tobytes()).decode(),
        }
    }
    camera = read_calibration(json.dumps(document).encode())
    assert isinstance(camera, Calibration)
    assert (camera.cx, camera.cy) == (320.0, 240.0)
    assert camera.pose.translation.tolist() == [0.0125, 0.0, 0.0]
    assert camera.pixel_size == 1.9e-6
    assert isinstance(camera.distortion, LensTable)
    assert camera.distortion.forward is not None
    assert np.array_equal(camera.distortion.forward, table)


@pytest.mark.parametrize("text", [OPENCV, ROS, KALIBR, MIDDLEBURY])
def test_every_line_end_and_a_byte_order_mark_read_the_same(text: str) -> None:
    plain = read_calibration(text.encode())
    assert read_calibration(text.replace("\n", "\r\n").encode("utf-8-sig")).equals(plain)  # type: ignore[arg-type]


# OpenCV itself


@ON_FILES
@given(rigs(brown_conradys()))
def test_opencv_reads_what_is_written(tmp_path: Path, rig: StereoRig) -> None:
    cv2 = pytest.importorskip("cv2")
    write_calibration(rig, tmp_path / "a.yml", format="opencv")
    storage = cv2.FileStorage(str(tmp_path / "a.yml"), cv2.FILE_STORAGE_READ)
    assert storage.getNode("image_width").real() == rig.left.reference_size[0]
    matrix = storage.getNode("M1").mat()
    assert np.array_equal(matrix[:2, :2], rig.left.intrinsics[:2, :2])
    assert np.array_equal(matrix[:2, 2], rig.left.intrinsics[:2, 2] - 0.5)
    lens = rig.right.distortion
    assert isinstance(lens, BrownConrady)
    theirs = storage.getNode("D2").mat().ravel()
    assert np.array_equal(theirs, lens.coefficients[: theirs.size])
    assert not any(lens.coefficients[theirs.size :])
    assert np.array_equal(storage.getNode("R").mat(), rig.right_from_left.rotation)
    assert storage.getNode("T").mat().shape == (3, 1)
    storage.release()


@ON_FILES
@given(rigs(brown_conradys()), st.booleans())
def test_what_opencv_writes_is_read(tmp_path: Path, rig: StereoRig, as_size: bool) -> None:
    cv2 = pytest.importorskip("cv2")
    storage = cv2.FileStorage(str(tmp_path / "a.yml"), cv2.FILE_STORAGE_WRITE)
    half = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]])
    width, height = rig.left.reference_size
    if as_size:
        storage.startWriteStruct("image_size", cv2.FILE_NODE_SEQ | cv2.FILE_NODE_FLOW)
        storage.write("", width)
        storage.write("", height)
        storage.endWriteStruct()
    else:
        storage.write("image_width", width)
        storage.write("image_height", height)
    storage.writeComment("the cameras", append=False)
    for number, side in ((1, rig.left), (2, rig.right)):
        assert isinstance(side.distortion, BrownConrady)
        storage.write(f"M{number}", side.intrinsics - half)
        storage.write(f"D{number}", np.array([side.distortion.coefficients]))
    storage.write("R", np.array(rig.right_from_left.rotation))
    storage.write("T", rig.right_from_left.translation.reshape(3, 1).copy())
    storage.startWriteStruct("roi", cv2.FILE_NODE_MAP | cv2.FILE_NODE_FLOW)
    storage.write("x", 1)
    storage.write("label", "left: [first]")
    storage.endWriteStruct()
    storage.release()
    same(rig, read_calibration(tmp_path / "a.yml"))


def test_opencvs_stereo_sample_says_no_size_and_counts_squares() -> None:
    header = "!!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
    matrix = f"{header}   data: [ 500., 0., 320., 0., 500., 240., 0., 0., 1. ]"
    unit = f"{header}   data: [ 1., 0., 0., 0., 1., 0., 0., 0., 1. ]"
    text = (
        f"%YAML:1.0\n---\nM1: {matrix}\nM2: {matrix}\nR: {unit}\n"
        "T: !!opencv-matrix\n   rows: 3\n   cols: 1\n   dt: d\n   data: [ -4., 0., 0. ]\n"
    )
    with pytest.raises(CorruptFile, match="size="):
        read_calibration(text.encode())
    rig = read_calibration(text.encode(), size=(640, 480), unit=0.025)
    assert isinstance(rig, StereoRig)
    assert rig.baseline == pytest.approx(0.1)
    assert rig.right.pose.translation[0] == pytest.approx(0.1)


# What is refused


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (OPENCV, "rows: 3", "rows: 4", "line 8: camera_matrix is 4 x 3"),
        (OPENCV, "data: [ 5.3", "data: [ nan, 5.3", "line 11: camera_matrix must be a finite number"),
        (OPENCV, "image_width: 640", "image_width: -640", "line 4: image_width"),
        (OPENCV, "image_width: 640", "image_width: 6.5", "line 4: image_width"),
        (OPENCV, "image_width: 640", "image_width: [640]", "line 4: image_width"),
        (OPENCV, "camera_matrix:", "camera:", "'camera_matrix' is missing"),
        (OPENCV, "0., 0., 1. ]", "0., 0., 1. ", r"line 1\d: .*expected"),
        (OPENCV, "flags: 0", "flags: 0\nflags: 1", "second time"),
        (OPENCV, "flags: 0", "flags: 0\n  more: 1", "line 7: this line is indented more"),
        (OPENCV, "flags: 0", "\tflags: 0", "line 6: a tab"),
        (OPENCV, "flags: 0", "flags: 'a", "line 6: a quoted text has no end"),
        (OPENCV, "5.3591573396163199e+02, 0.", "-5.3591573396163199e+02, 0.", "focal"),
        (ROS, "310.0, -48.0", "310.0, -1e308", "line 20: projection_matrix must be a finite number"),
        (ROS, "cols: 5", "cols: 4", "distortion_coefficients is 1 x 4"),
        (ROS, "data: [1.0, 0.0", "data: [2.0, 0.0", "orthonormal"),
        (KALIBR, "[0.0, 1.0, 0.0, 0.0]", "[0.0, 1.0, 0.0]", "T_cn_cnm1 must hold"),
        (KALIBR, "  T_cn_cnm1:\n", "  T_other:\n", "'T_cn_cnm1' is missing"),
        (KALIBR, "resolution: [752, 480]", "resolution: [752]", "resolution"),
        (MIDDLEBURY, "doffs=124.343", "doffs=24.343", "line 3: doffs"),
        (MIDDLEBURY, "baseline=193.001", "baseline=-1", "line 4: baseline"),
        (MIDDLEBURY, "; 0 0 1]", "]", "line 1: cam0"),
        (MIDDLEBURY, "width=2964", "size", "line 5: expected 'name=value'"),
        (MIDDLEBURY, "width=2964\n", "", "'width' is missing"),
    ],
)
def test_corrupt_files_are_refused_with_the_line(text: str, old: str, new: str, message: str) -> None:
    assert old in text
    with pytest.raises(CorruptFile, match=message):
        read_calibration(text.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (OPENCV, "flags: 0", "flags: &a 0", "line 6: '&'"),
        (OPENCV, "flags: 0", "flags: *a", r"line 6: '\*'"),
        (OPENCV, "flags: 0", "flags: |", "line 6"),
        (OPENCV, "flags: 0", "flags: 0\n---\nflags: 1", "second document"),
        (ROS, "plumb_bob", "double_sphere", "distortion_model 'double_sphere'"),
        (
            ROS,
            "[438.783367, 0.000000, 305.593336, 0.000000, 437.302876, 243.738352, 0.0, 0.0, 1.0]",
            "[0, 0, 0, 0, 0, 0, 0, 0, 0]",
            "not been calibrated",
        ),
        (KALIBR, "camera_model: pinhole", "camera_model: omni", "camera_model 'omni'"),
        (KALIBR, "equidistant", "fov", "distortion_model 'fov'"),
        (KALIBR, "cam1:", "cam2:\n  x: 1\ncam1:", "3 cameras"),
        (MIDDLEBURY, "cam0", "camera", "no calibration format"),
    ],
)
def test_unsupported_files_say_what_they_are(text: str, old: str, new: str, message: str) -> None:
    assert old in text
    with pytest.raises(UnsupportedFile, match=message):
        read_calibration(text.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"left": {}, "right": 3}',
        '{"intrinsicMatrix": [NaN]}',
        '{"intrinsicMatrix": [1,0,0,0,1,0,0,0,1], "intrinsicMatrixReferenceDimensions": [1e999, 3]}',
        '{"intrinsicMatrix": [1,0,0,0,1,0,0,0,1], "intrinsicMatrixReferenceDimensions": {"width": 3}}',
        '{"intrinsicMatrix": "abc", "intrinsicMatrixReferenceDimensions": [3, 3]}',
        '{"a": ' + "[" * 100_000,
        '{"a": ' + "9" * 100_000 + "}",
    ],
)
def test_json_without_a_camera_is_refused(text: str) -> None:
    with pytest.raises(CorruptFile):
        read_calibration(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "cam0: " + "[" * 50_000,
        "cam0: " + "{a: " * 50_000,
        "cam0:\n" + "".join(" " * i + f"a{i}:\n" for i in range(1, 400)),
        "cam0:\n- " + "- " * 50_000,
        "cam0: [" + "1," * 1_000_000 + "]",
        "cam0: " + "!a " * 50_000 + "1",
        "cam0:\n" + "a: \n" * 3,
        "cam0: [!a !a !a " + "!a " * 50_000 + "]",
        "cam0: x" + " " * 1_000_000 + "x: y",
        "cam0: 'x" + "''" * 500_000,
        "a" + ":" * 1_000_000,
        "\n" * 2_000_000 + "cam0: 1",
    ],
    ids=range(12),
)
def test_hostile_text_is_refused_at_once(text: str) -> None:
    with pytest.raises((CorruptFile, UnsupportedFile)):
        read_calibration(text.encode())


def test_bounds_come_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "large.yml"
    path.write_bytes(b"#" * (5 * 1024 * 1024))
    with pytest.raises(LimitExceeded, match=r"large\.yml"):
        read_calibration(path)
    with pytest.raises(CorruptFile, match="at byte 1"):
        read_calibration(b"a\xff")


def test_an_open_file_is_read_like_its_bytes() -> None:
    assert read_calibration(io.BytesIO(ROS.encode())).equals(read_calibration(ROS.encode()))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="bytes"):
        read_calibration(io.StringIO(ROS))  # type: ignore[arg-type]


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "camera.yml"
    path.write_text(OPENCV.replace("rows: 3", "rows: x", 1))
    with pytest.raises(CorruptFile, match=r"camera\.yml: line 8: camera_matrix") as caught:
        read_calibration(path)
    assert caught.value.file == str(path)


def camera(**changes: object) -> Calibration:
    return Calibration.from_field_of_view(1.0, (640, 480)).replace(**changes)


PLACE = Pose(np.eye(3), np.array([0.1, 0.0, 0.0]))
AHEAD = Pose(np.eye(3), np.array([0.1, 0.0, 0.2]))


@pytest.mark.parametrize(
    ("value", "form", "message"),
    [
        (camera(distortion=LensTable([0.0, 0.1], None, (1.0, 1.0))), "opencv", "rectified"),
        (camera(distortion=LensTable(None, None, (1.0, 1.0))), "ros", "rectified"),
        (camera(distortion=Fisheye(0.1)), "apple", "Fisheye"),
        (camera(distortion=LensTable([0.0, 0.1], None, (1.0, 1.0), radius=5.0)), "apple", "cropped"),
        (camera(distortion=BrownConrady(k3=0.1)), "kalibr", "k1, k2, p1, p2 only"),
        (camera(pose=PLACE), "kalibr", "pose"),
        (camera(intrinsics=[[600.0, 1.0, 320.0], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]]), "kalibr", "skew"),
        (camera(pose=AHEAD), "ros", "along the axis"),
        (StereoRig(camera(), camera(pose=PLACE)), "ros", "one camera"),
        (camera(), "middlebury", "two cameras"),
        (StereoRig(camera(), camera(pose=AHEAD)), "middlebury", "rectified pair"),
        (StereoRig(camera(), camera(pose=PLACE.inverse())), "middlebury", "rectified pair"),
        (
            StereoRig(camera(), camera(pose=PLACE, distortion=BrownConrady(0.1))),
            "middlebury",
            "rectified pair",
        ),
        (StereoRig(camera(pose=PLACE), camera()), "kalibr", "right_from_left"),
        (StereoRig(camera(pose=PLACE.inverse()), camera()), "middlebury", "origin"),
        (
            # An iPhone's lens, of which only coefficients are known, bends nothing here, but it is one.
            StereoRig(camera(distortion=LensTable(None, None, (1.0, 1.0), (0.1,))), camera(pose=PLACE)),
            "middlebury",
            "no lens",
        ),
        (StereoRig(camera(), camera(pose=PLACE).scaled_to((64, 48))), "opencv", "one picture size"),
        (StereoRig(camera(), camera(pose=PLACE, distortion=Fisheye())), "opencv", "two fisheyes"),
        (camera(), None, "pass format="),
        (camera(), "matlab", "format must be"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(
    tmp_path: Path, value: Calibration | StereoRig, form: CalibrationFormat | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_calibration(value, tmp_path / "a.yaml", format=form)
    assert not list(tmp_path.iterdir())


def test_a_pose_survives_in_opencvs_file(tmp_path: Path) -> None:
    value = camera(pose=AHEAD)
    write_calibration(value, tmp_path / "a.yml", format="opencv")
    same(value, read_calibration(tmp_path / "a.yml"))
