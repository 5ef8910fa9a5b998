"""Scenes from a user's glTF, and from files that are none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

import nearfar as nf
from nearfar import scene as scenes
from nearfar.depth import Calibration, Mesh
from scene.made import DOWN

CAMERA = Calibration.from_field_of_view(1.0, (96, 72))


def square(depth: float = 2.0) -> Mesh:
    corners = np.array([(-2, -2, -depth), (2, -2, -depth), (2, 2, -depth), (-2, 2, -depth)], np.float32)
    colors = np.array([(200, 30, 30)] * 4, np.uint8)
    return Mesh(corners, np.array([(0, 1, 2), (0, 2, 3)], np.uint32), colors, axes="world")


def textured(path: Path, **place: object) -> Path:
    """A file of two boxes that share a picture; the second one is moved, turned and mirrored."""
    box = trimesh.creation.box((1, 1, 0.2))
    picture = Image.new("RGB", (12, 6), (20, 200, 20))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=picture, roughnessFactor=0.4)
    box.visual = trimesh.visual.TextureVisuals(uv=box.vertices[:, :2] + 0.5, material=material)
    whole = trimesh.Scene()
    whole.add_geometry(box, geom_name="box", node_name="one")
    move = np.diag([-1.0, 1.0, 1.0, 1.0])
    move[:3, 3] = (1.5, 0.0, -3.0)
    whole.add_geometry(box, geom_name="box", node_name="two", transform=move)
    path.write_bytes(whole.export(file_type="glb"))
    return path


@pytest.mark.parametrize("suffix", [".glb", ".gltf"])
def test_a_mesh_that_was_saved_is_rendered_where_it_is(tmp_path: Path, suffix: str) -> None:
    square(2.0).save(tmp_path / f"wall{suffix}")
    scene = scenes.load(tmp_path / f"wall{suffix}")
    seen = scenes.render(scene, CAMERA, DOWN)
    assert np.abs(seen.depth - 2.0).max() < 1e-5
    red, green, blue = seen.color.reshape(-1, 3).mean(axis=0)
    assert red > 2 * green
    assert red > 2 * blue


def test_transforms_and_pictures_are_honoured(tmp_path: Path) -> None:
    scene = scenes.load(textured(tmp_path / "boxes.glb"))
    front = nf.Pose(DOWN.rotation, (0.0, 0.0, 2.0))
    seen = scenes.render(scene, CAMERA, front)
    middle = seen.depth[36, 48]
    assert middle == pytest.approx(1.9, abs=1e-5)
    aside = scenes.render(scene, CAMERA, nf.Pose(DOWN.rotation, (1.5, 0.0, 0.0))).depth[36, 48]
    assert aside == pytest.approx(2.9, abs=1e-5)
    color = seen.color[36, 48].astype(int)
    assert color[1] > 2 * max(color[0], color[2])
    assert seen.normals[36, 48] == pytest.approx((0, 0, -1), abs=1e-5)


def test_the_scenes_own_place_shows_it(tmp_path: Path) -> None:
    seen = scenes.render(scenes.load(textured(tmp_path / "boxes.glb")), CAMERA)
    assert 0.03 < np.isfinite(seen.depth).mean() < 1.0


def test_every_cut_and_every_flipped_byte_is_a_file_error_or_a_scene(tmp_path: Path) -> None:
    square().save(tmp_path / "wall.glb")
    data = (tmp_path / "wall.glb").read_bytes()
    generator = np.random.default_rng(0)
    broken = [data[: int(cut)] for cut in np.linspace(0, len(data) - 1, 25)]
    for _ in range(60):
        changed = bytearray(data)
        for at in generator.integers(0, len(data), 3):
            changed[at] ^= 1 << int(generator.integers(0, 8))
        broken.append(bytes(changed))
    path = tmp_path / "broken.glb"
    failed = 0
    for content in broken:
        path.write_bytes(content)
        try:
            scenes.render(scenes.load(path), CAMERA)
        except nf.FileError as error:
            failed += "broken.glb" in str(error)
    assert failed >= 25


def changed_document(tmp_path: Path, **members: object) -> Path:
    square().save(tmp_path / "wall.gltf")
    document = json.loads((tmp_path / "wall.gltf").read_text())
    document.update(members)
    (tmp_path / "wall.gltf").write_text(json.dumps(document))
    return tmp_path / "wall.gltf"


@pytest.mark.parametrize(
    ("members", "error", "words"),
    [
        ({"meshes": []}, nf.FileError, "wall"),
        ({"nodes": []}, nf.FileError, "wall"),
        ({"accessors": [{"count": 10**12}]}, nf.LimitExceeded, "max_triangles"),
        ({"accessors": 5}, nf.CorruptFile, "contradicts"),
        ({"images": [{"uri": "gone.png"}]}, nf.CorruptFile, "gone.png"),
        ({"images": [{"uri": "../secret.png"}]}, nf.UnsupportedFile, "outside"),
        ({"buffers": [{"uri": "http://example.org/a.bin"}]}, nf.UnsupportedFile, "outside"),
        ({"extensionsRequired": ["KHR_draco_mesh_compression"]}, nf.UnsupportedFile, "draco"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, members, error, words) -> None:
    with pytest.raises(error, match=words):
        scenes.load(changed_document(tmp_path, **members))


def test_limits_are_kept(tmp_path: Path) -> None:
    path = textured(tmp_path / "boxes.glb")
    with pytest.raises(nf.LimitExceeded, match="max_pixels"):
        scenes.load(path, max_pixels=10)
    with pytest.raises(nf.LimitExceeded, match="max_triangles"):
        scenes.load(path, max_triangles=20)


def test_other_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="room"):
        scenes.load("kitchen")
    with pytest.raises(ValueError, match="seed"):
        scenes.load("room", seed=-1)
    with pytest.raises(OSError, match="gone"):
        scenes.load(tmp_path / "gone.glb")


def test_a_missing_extra_is_one_clear_line() -> None:
    code = (
        "import sys; sys.modules['embreex'] = None\n"
        "import nearfar as nf\n"
        "try: nf.scene.load('room')\n"
        "except nf.MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "rendering a scene needs an optional part: pip install 'nearfar[scene]'"
    ]
