"""`mesh:`: depth of a world that is known as a mesh."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.capture import open_source
from nearfar.capture.sources.trajectory import read_trajectory
from nearfar.testing import SourceConformance
from testing.running import first_frames, played

DOWN = "1 0 0 0"
"""The quaternion of a camera that looks along -z, upright."""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A wall at z = -3 and before it, at z = -1, a square of 1 m; in two colours."""
    corners, faces, colors = [], [], []
    for number, (half, z, color) in enumerate(((4.0, -3.0, (30, 60, 200)), (0.5, -1.0, (200, 60, 30)))):
        corners += [(-half, -half, z), (half, -half, z), (half, half, z), (-half, half, z)]
        faces += [(4 * number, 4 * number + 1, 4 * number + 2), (4 * number, 4 * number + 2, 4 * number + 3)]
        colors += [color] * 4
    mesh = nf.Mesh(
        np.array(corners, np.float32), np.array(faces, np.uint32), np.array(colors, np.uint8), axes="world"
    )
    mesh.save(tmp_path / "room.glb")
    return tmp_path / "room.glb"


def write_poses(file: Path, *lines: str) -> Path:
    file.write_text("# time tx ty tz qx qy qz qw\n" + "\n".join(lines) + "\n")
    return file


class TestMesh(SourceConformance):
    @pytest.fixture(autouse=True)
    def made(self, room: Path) -> None:
        self.device = f"mesh:{room}?size=96x72"


class TestMeshAlongAPath(SourceConformance):
    finite = True

    @pytest.fixture(autouse=True)
    def made(self, room: Path, tmp_path: Path) -> None:
        poses = write_poses(tmp_path / "poses.txt", f"5.0 0 0 0 {DOWN}", f"5.4 0.2 0 0 {DOWN}")
        self.device = f"mesh:{room}?size=64x48&path={poses}"


def test_depth_is_the_distance_to_the_mesh(room: Path, tmp_path: Path) -> None:
    poses = write_poses(tmp_path / "p.txt", f"0 0 0 0 {DOWN}", f"1 0 0 0.5 {DOWN}")
    source = open_source(f"mesh:{room}?size=96x72&path={poses}&fps=4")
    *frames, end = played(source)
    source.stop()
    assert len(frames) == 5
    assert isinstance(end, nf.DeviceLost)
    for number, frame in enumerate(frames):
        depth = frame.depth
        assert depth.accuracy is nf.Accuracy.ABSOLUTE
        assert depth.metric
        assert depth.values[36, 48] == pytest.approx(1.0 + 0.125 * number, abs=1e-5)
        assert depth.values[4, 4] == pytest.approx(3.0 + 0.125 * number, abs=1e-5)
        assert frame.pose.translation == pytest.approx((0, 0, 0.125 * number))
        cloud = depth.points(world_from_camera=frame.pose).positions
        assert np.minimum(abs(cloud[:, 2] + 1), abs(cloud[:, 2] + 3)).max() < 1e-4
        red, _, blue = frame.color[36, 48].astype(int)
        assert red > blue


def test_small_depth_has_the_same_view(room: Path) -> None:
    source = open_source(f"mesh:{room}?size=96x72&path=still")
    listed = source.formats[0]
    (whole,) = first_frames(source, 1)
    small = next(each for each in listed.supported_depth_formats if each.width == 24)
    (quarter,) = first_frames(source, 1, listed.chosen(depth_format=small))
    assert whole.depth is not None
    assert quarter.depth is not None
    wide = np.sort(whole.depth.values[np.isfinite(whole.depth.values)])
    narrow = np.sort(quarter.depth.values[np.isfinite(quarter.depth.values)])
    assert np.quantile(narrow, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(wide, [0.1, 0.5, 0.9]), rel=0.05)


def test_the_sky_is_infinitely_far(room: Path) -> None:
    """Disparity 0 and depth +inf are one another's; a hole is neither."""
    source = open_source(f"mesh:{room}?size=64x48&path=still&field_of_view=2.5")
    listed = source.formats[0]
    for kind, far in ((nf.DepthKind.DEPTH, np.inf), (nf.DepthKind.DISPARITY, 0.0)):
        asked = next(each for each in listed.supported_depth_formats if each.kind is kind)
        (frame,) = first_frames(source, 1, listed.chosen(depth_format=asked))
        assert frame.depth is not None
        assert (frame.depth.values == far).any()
        assert frame.depth.holes == 0


def test_a_path_turns_evenly_and_begins_anew(room: Path, tmp_path: Path) -> None:
    half = np.sqrt(0.5)
    poses = write_poses(tmp_path / "p.txt", f"0 0 0 0 {DOWN}", f"1 1 0 0 {half} 0 {half} 0")
    turn = read_trajectory(poses).pose(0.5).rotation
    assert np.degrees(np.arccos((np.trace(turn.T @ np.diag([1, -1, -1])) - 1) / 2)) == pytest.approx(45)
    source = open_source(f"mesh:{room}?size=32x24&path={poses}&fps=4&loop=1")
    places = [frame.pose.translation[0] for frame in first_frames(source, 9) if frame.pose]
    assert places == pytest.approx([0, 0.25, 0.5, 0.75, 0, 0.25, 0.5, 0.75, 0])


@pytest.mark.parametrize("way", ["still", "sway", "orbit", "walk"])
def test_named_paths_begin_where_the_scene_is_seen(room: Path, way: str) -> None:
    (frame,) = first_frames(open_source(f"mesh:{room}?size=32x24&path={way}"), 1)
    assert frame.depth is not None
    assert np.isfinite(frame.depth.values).mean() > 0.1


# What can be wrong with it


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 2 3", "line 3 is not"),
        (f"1 2 3 x {DOWN}", "line 3 is not"),
        (f"nan 0 0 0 {DOWN}", "line 3 is not"),
        (f"0 0 0 0 {DOWN}", "line 3 does not increase"),
        (f"1 0 0 1e9 {DOWN}", "line 3 is farther"),
        ("1 0 0 0 0 0 0 0", "line 3 is not one of length 1"),
    ],
)
def test_a_line_that_is_no_pose_is_named(room: Path, tmp_path: Path, line: str, words: str) -> None:
    poses = write_poses(tmp_path / "p.txt", f"0 0 0 0 {DOWN}", line)
    with pytest.raises(nf.CorruptFile, match=words) as caught:
        open_source(f"mesh:{room}?path={poses}")
    assert "p.txt" in str(caught.value)


def test_what_cannot_be_opened_is_named(room: Path, tmp_path: Path) -> None:
    write_poses(tmp_path / "empty.txt")
    (tmp_path / "broken.glb").write_bytes(room.read_bytes()[:100])
    (tmp_path / "greedy.gltf").write_text(json.dumps({"accessors": [{"count": 10**12}]}))
    (tmp_path / "room.obj").write_text("v 0 0 0")
    cases = [
        (f"{tmp_path}/gone.glb", nf.DeviceNotFound, "gone.glb"),
        (f"{tmp_path}/room.obj", nf.UnsupportedFile, "room.obj"),
        (f"{tmp_path}/broken.glb", nf.FileError, "broken.glb"),
        (f"{tmp_path}/greedy.gltf", nf.LimitExceeded, "greedy.gltf"),
        (f"{room}?path=sideways", nf.DeviceNotFound, "sideways"),
        (f"{room}?path={tmp_path}/empty.txt", nf.CorruptFile, "empty.txt: no pose"),
        (f"{room}?size=1x1", nf.InvalidConfiguration, "16x16"),
        (f"{room}?colour=red", nf.InvalidConfiguration, "no option 'colour'"),
    ]
    for rest, error, words in cases:
        with pytest.raises(error, match=words):
            open_source(f"mesh:{rest}")


@given(st.binary(max_size=200) | st.text("0123456789.-+eE#, \n\tnaif", max_size=200).map(str.encode))
def test_any_bytes_are_poses_or_a_file_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "poses.txt")
        file.write_bytes(data)
        with contextlib.suppress(nf.FileError):
            trajectory = read_trajectory(file)
            assert np.isfinite(trajectory.pose(trajectory.length / 2).translation).all()
