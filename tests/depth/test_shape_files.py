"""PLY and glTF: what is written comes back, others' files are read, and no file is trusted."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from calibrations import poses
from nearfar.depth import Mesh, PointCloud, Pose
from nearfar.depth.gltf import read_glb, read_gltf, write_glb
from nearfar.depth.ply import MAX_UNEVEN, read_ply, write_ply
from nearfar.depth.saving import Shape
from nearfar.errors import CorruptFile, FileError, LimitExceeded, UnsupportedFile

NUMBERS = st.floats(-1e6, 1e6, width=32)


@st.composite
def point_clouds(draw: st.DrawFn, least: int = 0) -> PointCloud:
    count = draw(st.integers(least, 7))
    colors = draw(st.none() | hnp.arrays(np.uint8, (count, 3)))
    normals = draw(st.none() | hnp.arrays(np.float32, (count, 3), elements=st.sampled_from([0, 0.6, -0.8])))
    positions = draw(hnp.arrays(np.float32, (count, 3), elements=NUMBERS))
    return PointCloud(positions, colors, normals, draw(st.sampled_from(["camera", "world"])))


@st.composite
def meshes(draw: st.DrawFn) -> Mesh:
    cloud = draw(point_clouds(least=1))
    corners = st.integers(0, len(cloud) - 1)
    faces = draw(hnp.arrays(np.uint32, st.tuples(st.integers(0, 6), st.just(3)), elements=corners))
    return Mesh(cloud.positions, faces, cloud.colors, cloud.normals, cloud.axes)


CLOUD = PointCloud(np.arange(9, dtype=np.float32).reshape(3, 3), np.arange(9, dtype=np.uint8).reshape(3, 3))
MESH = Mesh(CLOUD.positions, np.array([[0, 1, 2], [2, 1, 0]]), CLOUD.colors)


def joined(pieces: object) -> bytes:
    return b"".join(pieces)  # type: ignore[arg-type]


@given(cloud=point_clouds(), mesh=meshes())
def test_ply_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, cloud: PointCloud, mesh: Mesh
) -> None:
    path = tmp_path_factory.getbasetemp() / "shape.ply"
    cloud.save(path)
    assert PointCloud.load(path).equals(cloud)
    assert len(Mesh.load(path).faces) == 0
    mesh.save(path)
    assert Mesh.load(path).equals(mesh)


@given(cloud=point_clouds(least=1), mesh=meshes(), suffix=st.sampled_from([".glb", ".gltf"]))
def test_gltf_gives_back_what_was_written_turned_upright(
    tmp_path_factory: pytest.TempPathFactory, cloud: PointCloud, mesh: Mesh, suffix: str
) -> None:
    path = (tmp_path_factory.getbasetemp() / "shape").with_suffix(suffix)
    for shape, points in ((cloud, cloud.positions), (mesh, mesh.vertices)):
        shape.save(path)
        back = type(shape).load(path)
        assert back.axes == "world"
        turn = np.eye(3) if shape.axes == "world" else Pose.identity().to_opengl()[:3, :3]
        read = back.positions if isinstance(back, PointCloud) else back.vertices
        np.testing.assert_array_equal(read, points @ turn.astype(np.float32))
        assert (back.colors is None) == (shape.colors is None)
        if shape.colors is not None:
            np.testing.assert_array_equal(back.colors, shape.colors)
        if shape.normals is not None:
            np.testing.assert_allclose(np.linalg.norm(back.normals, axis=1), 1, rtol=1e-6)
        if isinstance(back, Mesh) and len(mesh.faces):
            np.testing.assert_array_equal(back.faces, mesh.faces)


@given(meshes())
def test_glb_keeps_the_rules_of_the_format(mesh: Mesh) -> None:
    data = joined(write_glb(Shape.of(mesh)))
    magic, version, length, json_length, kind = struct.unpack_from("<4sIII4s", data)
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), b"JSON")
    assert json_length % 4 == 0
    binary_length, binary_kind = struct.unpack_from("<I4s", data, 20 + json_length)
    assert binary_kind == b"BIN\0"
    assert 28 + json_length + binary_length == length
    document = json.loads(data[20 : 20 + json_length])
    assert document["buffers"] == [{"byteLength": binary_length}]
    widths = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
    sizes = {5126: 4, 5123: 2, 5125: 4}
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        item = widths[accessor["type"]] * sizes[accessor["componentType"]]
        assert item % 4 == 0, "vertices begin on multiples of four bytes"
        assert view["byteLength"] == accessor["count"] * item
        assert view["byteOffset"] + view["byteLength"] <= binary_length
    primitive = document["meshes"][0]["primitives"][0]
    assert primitive["mode"] == (4 if len(mesh.faces) else 0)
    (material,) = document["materials"]
    assert primitive["material"] == 0
    assert material["doubleSided"], "a mesh cut out of a picture is seen from behind as well"
    assert "KHR_materials_unlit" in material["extensions"]
    assert document["extensionsUsed"] == ["KHR_materials_unlit"]
    for name, index in primitive["attributes"].items():
        assert document["accessors"][index].get("normalized", False) == (name == "COLOR_0")
    position = document["accessors"][primitive["attributes"]["POSITION"]]
    read = read_glb(data).positions
    np.testing.assert_array_equal(position["min"], read.min(axis=0).astype(np.float64))
    np.testing.assert_array_equal(position["max"], read.max(axis=0).astype(np.float64))


def test_gltf_colours_are_linear() -> None:
    grey = PointCloud(np.zeros((3, 3)), np.array([[0] * 3, [188] * 3, [255] * 3], np.uint8))
    data = joined(write_glb(Shape.of(grey)))
    codes = np.frombuffer(data[-24:], "<u2").reshape(3, 4) / 65535
    np.testing.assert_allclose(codes, [[0, 0, 0, 1], [0.5029] * 3 + [1], [1] * 4], atol=1e-4)


PLY_ASCII = b"""ply
format ascii 1.0
comment by hand
element vertex 4
property double x
property double y
property double z
property float red
property float green
property float blue
property list uchar int flags
element face 2
property list uchar uint vertex_index
property uchar kind
end_header
"""


def test_a_ply_file_of_others() -> None:
    header = PLY_ASCII.replace(b"property list uchar int flags\n", b"")
    shape = read_ply(
        header + b"0 0 0 1 0 0\n1 0 0 0 1 0\n1 1 0 0 0 1\n0 1 0 .5 .5 .5\n4 0 1 2 3 9\n3 0 1 2 9\n"
    )
    np.testing.assert_array_equal(shape.positions, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    np.testing.assert_array_equal(shape.faces, [[0, 1, 2], [0, 2, 3], [0, 1, 2]])
    assert shape.colors is not None
    np.testing.assert_array_equal(shape.colors[[0, 3]], [[255, 0, 0], [128, 128, 128]])
    assert shape.axes == "world"
    with pytest.raises(UnsupportedFile, match="lists"):
        read_ply(PLY_ASCII + b"0 " * 100)


@given(meshes(), st.sampled_from(["binary_big_endian", "ascii"]))
def test_every_coding_of_ply_says_the_same(mesh: Mesh, coding: str) -> None:
    little = joined(write_ply(Shape.of(mesh)))
    split = little.index(b"end_header\n") + 11
    header = little[:split].replace(b"binary_little_endian", coding.encode())
    columns = [mesh.vertices] + [part for part in (mesh.normals, mesh.colors) if part is not None]
    lines = [
        [(part.dtype.char, number) for part in columns for number in part[index].tolist()]
        for index in range(len(mesh.vertices))
    ]
    lines += [[("B", 3), *(("i", corner) for corner in face)] for face in mesh.faces.tolist()]
    if coding == "ascii":
        body = "\n".join(" ".join(repr(number) for _, number in line) for line in lines).encode()
    else:
        body = b"".join(struct.pack(f">{kind}", number) for line in lines for kind, number in line)
    shape = read_ply(header + body)
    assert shape.faces is not None
    assert Mesh(shape.positions, shape.faces, shape.colors, shape.normals, shape.axes).equals(mesh)


ASCII, BIG, END = "ply\nformat ascii 1.0\n", "ply\nformat binary_big_endian 1.0\n", "end_header\n"
VERTEX = "element vertex 1\nproperty float x\n"
FACE = "element face 2\nproperty list {} int vertex_index\n" + END
BYTES = "\xff" * 40

BAD_HEADERS = [
    (ASCII + "element vertex 1000000000000\n" + END, LimitExceeded, "limit"),
    (ASCII + "element vertex -1\n" + END, CorruptFile, "-1"),
    (ASCII + "element vertex many\n" + END, CorruptFile, "many"),
    ("ply\nformat ascii 2.0\n" + END, CorruptFile, r"2\.0"),
    ("ply\nformat ebcdic 1.0\n" + END, CorruptFile, "ebcdic"),
    ("ply\n" + END, CorruptFile, "format"),
    (ASCII + "comment\n" * 10_000, CorruptFile, "end_header"),
    (ASCII + "property float x\n" + END, CorruptFile, "property"),
    (ASCII + END, CorruptFile, "without vertices"),
    (ASCII + "element vertex 0\n" + END, CorruptFile, "x, y and z"),
    (ASCII + VERTEX + END, CorruptFile, "ends before"),
    (ASCII + VERTEX + END + "none", CorruptFile, "no number"),
    (ASCII + VERTEX + "property uchar red\n" + END + "1 256", CorruptFile, "no uint8"),
    (ASCII + VERTEX + "property int flag\n" + END + "1 nan", CorruptFile, "no int32"),
    (ASCII + "element face 9\n" + END, UnsupportedFile, "vertex_indices"),
    (BIG + VERTEX.replace("1", "99999999") + END + "abcd", CorruptFile, "ends before"),
    (BIG + FACE.format("uint") + BYTES, CorruptFile, "ends before"),
    (BIG + FACE.format("char") + BYTES, CorruptFile, "list of"),
    (ASCII + FACE.format("uchar") + "nan", CorruptFile, "list of"),
    (ASCII + FACE.format("uchar") + "3 0 1 -2 0", CorruptFile, "below zero"),
    (ASCII + FACE.format("float") + "3", CorruptFile, "property"),
    ("obj", UnsupportedFile, "ply"),
    ("", UnsupportedFile, "ply"),
]


@pytest.mark.parametrize(("data", "error", "message"), BAD_HEADERS)
def test_ply_that_lies_is_refused(data: str, error: type[FileError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        read_ply(data.encode("latin-1"), file="liar.ply")
    assert caught.value.file == "liar.ply"


def test_one_long_word_makes_no_large_table() -> None:
    """A table of as many words of a megabyte each would have taken 233 GB."""
    words = b"0 " * 250_000 + b"1" * 1_000_000
    with pytest.raises(CorruptFile, match="1000000 bytes"):
        read_ply((ASCII + VERTEX + END).encode() + words)


def polygons(faces: list[list[int]], *, marks: bool) -> bytes:
    """A big-endian file with faces, and with a list of marks before the corners and a number behind."""
    lists = "property list uchar ushort marks\n" if marks else ""
    header = BIG + VERTEX + "property float y\nproperty float z\n" + f"element face {len(faces)}\n" + lists
    header += "property list int uint vertex_index\nproperty uchar flag\n" + END
    body = struct.pack(">3f", 1, 2, 3)
    for face in faces:
        if marks:
            body += struct.pack(f">B{len(face)}H", len(face), *face)
        body += struct.pack(f">i{len(face)}IB", len(face), *face, 7)
    return header.encode() + body


@given(
    st.lists(st.lists(st.integers(0, 60_000), max_size=7), max_size=9)
    | st.integers(0, 7).flatmap(lambda n: st.lists(st.lists(st.integers(0, 60_000), min_size=n, max_size=n))),
    st.booleans(),
)
def test_polygons_of_any_length_split_like_fans(faces: list[list[int]], marks: bool) -> None:
    fans = [(face[0], *pair) for face in faces for pair in itertools.pairwise(face[1:])]
    data = polygons(faces, marks=marks)
    found = read_ply(data).faces
    assert found is not None
    assert found.tolist() == [list(fan) for fan in fans]
    if faces:
        with pytest.raises(CorruptFile):
            read_ply(data[:-1])


def test_rows_that_all_have_lists_are_few_or_alike() -> None:
    """Lists of one length are read at once, however many; others only up to a limit."""
    start = BIG + VERTEX + "property float y\nproperty float z\n"
    lists = "element strips {}\nproperty list uchar uchar items\n"
    vertex = bytes(12)
    many = MAX_UNEVEN + 1
    # The strips come first, so that they are what is passed over.
    alike = ply_of(lists.format(many), start) + b"\1\5" * many + vertex
    np.testing.assert_array_equal(read_ply(alike).positions, [[0, 0, 0]])
    unlike = ply_of(lists.format(many), start) + b"\1\5" * (many - 1) + b"\0" + vertex
    with pytest.raises(LimitExceeded, match="different lengths"):
        read_ply(unlike)


def ply_of(elements: str, start: str) -> bytes:
    """A header whose first elements are ``elements``, before the vertex of ``start``."""
    return start.replace("element vertex", elements + "element vertex").encode() + END.encode()


def test_what_a_file_may_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    nowhere = joined(write_ply(Shape.of(CLOUD))).replace(struct.pack("<f", 8), struct.pack("<f", np.nan))
    path.write_bytes(nowhere)
    with pytest.raises(CorruptFile, match="NaN"):
        PointCloud.load(path)
    path.write_bytes(joined(write_ply(Shape.of(MESH))).replace(b"\3\0\0\0\0", b"\3\7\0\0\0"))
    with pytest.raises(CorruptFile, match="vertex 7 of 3"):
        Mesh.load(path)


@given(st.data())
@settings(max_examples=200)
def test_damaged_files_fail_within_the_tree(data: st.DataObject) -> None:
    whole = joined((write_ply if data.draw(st.booleans()) else write_glb)(Shape.of(MESH)))
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    for read in (read_ply, read_glb, read_gltf):
        try:
            read(bytes(damaged))
        except FileError:
            continue


def test_gltf_that_lies_is_refused() -> None:
    data = joined(write_glb(Shape.of(MESH)))
    length = struct.unpack_from("<I", data, 12)[0]
    document = json.loads(data[20 : 20 + length])

    def changed(path: str, value: object) -> bytes:
        *parents, name = path.split(".")
        lie = copy.deepcopy(document)
        place = lie
        for parent in parents:
            place = place[int(parent) if parent.isdigit() else parent]
        place[name] = value
        place = lie["buffers"][0]
        place["uri"] = (
            "data:application/octet-stream;base64," + base64.b64encode(data[28 + length :]).decode()
        )
        return json.dumps(lie).encode()

    assert read_gltf(changed("scene", 0)).faces is not None
    for path, value in (
        ("accessors.0.count", 10**12),
        ("accessors.0.count", -1),
        ("accessors.0.count", "3"),
        ("accessors.0.type", "MAT4"),
        ("accessors.0.bufferView", 99),
        ("bufferViews.0.byteOffset", 10**9),
        ("accessors.1.count", 2),
        ("accessors.2.count", 5),
        ("meshes", []),
    ):
        with pytest.raises(CorruptFile):
            read_gltf(changed(path, value))
    for path, value in (("asset.generator", "another"), ("nodes", [{"mesh": 0, "scale": [2, 2, 2]}])):
        with pytest.raises(UnsupportedFile):
            read_gltf(changed(path, value))
    for text in (b"", b"{", b"[]", b"[" * 100_000, b'{"buffers": [{"uri": "other.bin"}]}', b"\xff"):
        with pytest.raises(FileError):
            read_gltf(text)
    with pytest.raises(LimitExceeded):
        read_glb(struct.pack("<4sIIII", b"glTF", 2, 3 << 20, 2 << 20, 0x4E4F534A) + bytes(3 << 20))


def test_suffixes_and_empty_shapes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="suffix"):
        CLOUD.save(tmp_path / "cloud.obj")
    with pytest.raises(ValueError, match="suffix"):
        PointCloud.load(tmp_path / "cloud")
    empty = PointCloud(np.zeros((0, 3)))
    empty.save(tmp_path / "empty.PLY")
    assert PointCloud.load(tmp_path / "empty.PLY").equals(empty)
    with pytest.raises(ValueError, match="without points"):
        empty.save(tmp_path / "empty.glb")
    with pytest.raises(ValueError, match="no bounds"):
        _ = empty.bounds
    with pytest.raises(FileNotFoundError):
        Mesh.load(tmp_path / "none.ply")


@given(meshes(), poses())
def test_moving_there_and_back(mesh: Mesh, pose: Pose) -> None:
    moved = mesh.transformed(pose, axes="world")
    back = moved.transformed(pose.inverse(), axes=mesh.axes)
    largest = max(1.0, float(np.abs(mesh.vertices).max()))
    np.testing.assert_allclose(back.vertices, mesh.vertices, atol=1e-5 * largest)
    np.testing.assert_array_equal(back.faces, mesh.faces)
    cloud = PointCloud(mesh.vertices, mesh.colors, mesh.normals, mesh.axes).transformed(pose, axes="world")
    np.testing.assert_array_equal(cloud.positions, moved.vertices)
    np.testing.assert_array_equal(cloud.bounds, moved.bounds)


@given(point_clouds(), meshes())
def test_copies_are_equal(cloud: PointCloud, mesh: Mesh) -> None:
    assert pickle.loads(pickle.dumps(cloud)).equals(cloud)
    assert copy.deepcopy(mesh).equals(mesh)
    assert not cloud.equals(mesh)
    assert repr(cloud).startswith(f"PointCloud({len(cloud)} points")


def test_what_shapes_cannot_be() -> None:
    good = np.zeros((3, 3), np.float32)
    for make, message in (
        (lambda: PointCloud(np.zeros((3, 2))), "shape"),
        (lambda: PointCloud(np.full((1, 3), np.nan)), "finite"),
        (lambda: PointCloud(good, np.zeros((2, 3), np.uint8)), "colors"),
        (lambda: PointCloud(good, None, np.zeros((2, 3))), "normals"),
        (lambda: PointCloud(good, axes="up"), "axes"),
        (lambda: Mesh(good, np.array([[0, 1, 3]])), "faces name vertices"),
        (lambda: Mesh(good, np.array([[0, 1, -1]])), "faces name vertices"),
        (lambda: Mesh(good, np.array([0, 1, 2])), "shape"),
    ):
        with pytest.raises(ValueError, match=message):
            make()
    for make in (
        lambda: PointCloud(good, np.zeros((3, 3))),
        lambda: PointCloud(np.zeros((3, 3), complex)),
        lambda: Mesh(good, np.zeros((1, 3))),
    ):
        with pytest.raises(TypeError):
            make()
