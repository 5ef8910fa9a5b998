"""Edits in the file: found again, changed, taken back; picture, depth and all else stay as they were."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.photo import RENDERER, Aperture, heic, xmp
from nearfar.photo.edits import Edits
from photo.heic.edits import assert_kept

APPLE = [
    "iphone12mini_depth_gainmap.jpg",
    "iphone13pro_dualwide.heic",
    "iphonex_depth.jpg",
    "iphonex_depth_matte.jpg",
]
EDITED: dict[str, Any] = {
    "f_number": 1.4,
    "focus": (0.1, 0.2, 0.3, 0.4),
    "shape": Aperture(6, 0.25, 0.5, 0.1),
}


@pytest.fixture(params=APPLE)
def path(request: pytest.FixtureRequest, samples: Path) -> Path:
    return samples / "photos/apple" / str(request.param)


def made(**edits: Any) -> nf.Photo:
    values = np.linspace(0.5, 2, 12 * 16, dtype=np.float32).reshape(12, 16)
    depth = nf.DepthMap(values, nf.DepthKind.DISPARITY)
    return nf.Photo(np.zeros((48, 64, 3), np.uint8), depth, edits=nf.Edits(**edits) if edits else None)


def again(photo: nf.Photo, container: Any = None) -> nf.Photo:
    return nf.open(photo.file_data(container))


def scans(data: bytes) -> list[bytes]:
    """The coded pixels of every JPEG in a file."""
    return [part.split(b"\xff\xd9")[0] for part in data.split(b"\xff\xda")[1:]]


# Real photos


def test_edits_are_found_again_and_picture_and_depth_are_not_touched(path: Path) -> None:
    photo, before = nf.open(path), path.read_bytes()
    data = photo.with_edits(**EDITED).file_data()
    edited = nf.open(data)
    assert edited.edits == nf.Edits(**EDITED, lighting=photo.edits.lighting)
    if path.suffix == ".heic":
        old, new = heic.open_document(before), heic.open_document(data)
        changed = {item for item in old.meta.items if old.meta.payload(item) != new.meta.payload(item)}
        assert len(changed) == 1, "the packet of the depth image alone"
        assert_kept(old, new, changed=changed)
    else:
        assert scans(data) == scans(before)
    assert edited.depth is not None
    assert edited.depth.equals(photo.require_depth())
    assert edited.metadata == photo.metadata


def test_an_edit_adds_tags_of_its_own_and_touches_no_other(path: Path) -> None:
    photo = nf.open(path)
    before, after = photo.depth_tags, again(photo.with_edits(**EDITED)).depth_tags
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed == {
        "depthBlurEffect:SimulatedAperture",
        "nearfar:Focus",
        "nearfar:ApertureShape",
        "nearfar:Renderer",
        "nearfar:OriginalAperture",
    }
    assert after["nearfar:OriginalAperture"] == before["depthBlurEffect:SimulatedAperture"]
    assert after["nearfar:Renderer"] == str(RENDERER)


def test_taking_all_edits_back_restores_the_depth_images_metadata_byte_for_byte(path: Path) -> None:
    photo, before = nf.open(path), path.read_bytes()
    step = again(photo.with_edits(**EDITED))
    step = again(step.with_edits(f_number=16, focus=None, focus_distance=2.5))
    restored = step.without_edits().file_data()
    assert len(restored) == len(before)
    packets = [part for part in before.split(b"<x:xmpmeta")[1:] if b"SimulatedAperture" in part]
    assert len(packets) == 1
    assert packets[0].split(b"</x:xmpmeta>")[0] in restored
    assert b"nearfar" not in restored
    assert nf.open(restored).edits == photo.edits


def test_an_aperture_that_was_taken_out_comes_back(path: Path) -> None:
    photo = nf.open(path)
    without = again(photo.with_edits(f_number=None))
    assert without.edits.f_number is None
    assert "depthBlurEffect:SimulatedAperture" not in without.depth_tags
    assert again(without.without_edits()).depth_tags == photo.depth_tags


def test_a_cameras_own_file_comes_back_whole(samples: Path) -> None:
    path = samples / "photos/apple/iphone12mini_depth_gainmap.jpg"
    assert again(nf.open(path).with_edits(**EDITED)).without_edits().file_data() == path.read_bytes()


def test_setting_all_as_it_was_is_taking_it_back(path: Path) -> None:
    photo = nf.open(path)
    edited = again(photo.with_edits(**EDITED))
    back = edited.with_edits(f_number=photo.edits.f_number, focus=None, shape=None)
    assert back.file_data() == edited.without_edits().file_data()


def test_edits_survive_another_container_and_are_taken_back_there(path: Path) -> None:
    photo = nf.open(path)
    other = "jpeg" if photo.container == "heic" else "heic"
    moved = again(photo.with_edits(**EDITED), other)
    assert moved.edits == nf.Edits(**EDITED, lighting=photo.edits.lighting)
    assert again(moved.without_edits()).edits == photo.edits
    assert again(moved.without_edits()).depth_tags == nf.open(photo.file_data(other)).depth_tags


def test_exiftool_sees_the_aperture_and_every_other_tag_as_before(
    path: Path, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    def told(file: Path) -> dict[str, Any]:
        command = [
            tool("exiftool"),
            "-j",
            "-G1",
            "-a",
            "-ee",
            "-x",
            "System:all",
            "-x",
            "MPF0:all",
            str(file),
        ]
        found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
        moved = ("MPImage", "MPF", "PreviewImage", "Composite", "SourceFile", "MediaData", "ExifTool")
        return {
            name: value for name, value in found.items() if not any(part in name for part in moved)
        }  # offsets, and what is said of the file

    copy = tmp_path / path.name
    nf.open(path).with_edits(**EDITED).save(copy)
    before, after = told(path), told(copy)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert all("SimulatedAperture" in name or "nearfar" in name.lower() for name in changed)
    if path.suffix == ".heic":
        assert after["XMP-depthBlurEffect:SimulatedAperture"] == 1.4


def test_gdepth_has_no_place_for_edits_in_jpeg_and_gets_one_in_heic(samples: Path) -> None:
    photo = nf.open(samples / "photos/android/lensblur_gdepth_2.jpg").with_edits(f_number=2, focus=(0.5, 0.6))
    with pytest.raises(nf.PhotoError, match="HEIC"):
        photo.file_data("jpeg")
    with pytest.warns(nf.LossWarning):
        moved = again(photo, "heic")
    assert moved.edits == nf.Edits(2, (0.5, 0.6))
    assert again(moved.without_edits()).edits == nf.Edits()
    with pytest.raises(nf.PhotoError, match=r"metres.*arbitrary"):
        photo.with_edits(focus_distance=2)


# Photos made here


@given(
    f_number=st.none() | st.floats(0.1, 100),
    focus=st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
    distance=st.none() | st.floats(0.01, 1e6) | st.just(float("inf")),
    shape=st.none()
    | st.builds(Aperture, st.none() | st.integers(3, 32), st.floats(-7, 7), st.floats(0, 1), st.floats(0, 1)),
    renderer=st.integers(1, 0xFFFF),
)
def test_what_is_written_is_read(
    f_number: float | None,
    focus: tuple[float, float] | None,
    distance: float | None,
    shape: Aperture | None,
    renderer: int,
) -> None:
    edits = Edits(f_number, focus, focus_distance=None if focus else distance, shape=shape, renderer=renderer)
    stored = {"depthBlurEffect:SimulatedAperture": "4.5", "other": "kept"}
    tags = {name: text for name, text in {**stored, **edits.to_tags(stored)}.items() if text is not None}
    read = Edits.from_tags(xmp.parse(xmp.build({k: v for k, v in tags.items() if k != "other"})).tags)
    assert read.f_number == (None if f_number is None else pytest.approx(f_number, abs=5e-7))
    assert (read.focus, read.focus_distance, read.shape) == (edits.focus, edits.focus_distance, shape)
    if len(tags) > len(stored):
        assert read.renderer == renderer
    back = {name: text for name, text in {**tags, **read.as_shot().to_tags(tags)}.items() if text is not None}
    shot = Edits.shot_from_tags(tags)
    assert shot.f_number == 4.5
    assert {name: text for name, text in {**back, **shot.to_tags(back)}.items() if text is not None} == stored


@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_made_photos_keep_what_they_were_made_with(container: Any) -> None:
    photo = made(f_number=2.8)
    edited = again(photo.with_edits(f_number=1.4, focus=(0.5, 0.5)), container)
    assert edited.edits == nf.Edits(1.4, (0.5, 0.5))
    assert edited.without_edits().edits == photo.edits == again(edited.without_edits()).edits
    assert photo.with_edits(f_number=1.4).without_edits().edits == photo.edits
    assert again(again(made(), container).with_edits(f_number=1.4)).without_edits().edits == nf.Edits()
    other = photo.require_depth().with_values(photo.require_depth().values / 2)
    assert again(edited.with_depth(other)).without_edits().edits == photo.edits


def test_a_new_focus_takes_the_place_of_the_other_kind() -> None:
    photo = made(focus=(0.5, 0.5)).with_edits(focus_distance=2)
    assert (photo.edits.focus, photo.edits.focus_distance) == (None, 2)
    photo = again(photo).with_edits(focus=(0, 0, 1, 1))
    assert (photo.edits.focus, photo.edits.focus_distance) == ((0, 0, 1, 1), None)
    with pytest.raises(ValueError, match="not both"):
        photo.with_edits(focus=(0, 0), focus_distance=1)


@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_an_aperture_of_a_later_look_keeps_its_version(container: Any) -> None:
    assert again(made(f_number=2, renderer=7), container).edits == nf.Edits(f_number=2, renderer=7)


def test_a_later_look_is_kept_when_an_edit_is_changed() -> None:
    photo = again(made(f_number=2, focus=(0.5, 0.5), renderer=7))
    assert photo.edits.renderer == 7
    assert again(photo.with_edits(f_number=4)).edits.renderer == 7
    assert photo.without_edits().with_edits(f_number=4).edits.renderer == RENDERER


# Bad input


@pytest.mark.parametrize(
    "wrong",
    [
        {"f_number": 0}, {"f_number": float("nan")}, {"f_number": 101}, {"focus": (0.5, 1.1)},
        {"focus": (0.5,)}, {"focus": (0.5, 0.5, 0.6, 0.1)}, {"focus": (float("nan"), 0)},
        {"focus_distance": 0}, {"focus_distance": -1}, {"focus_distance": float("nan")},
        {"focus": 0.5}, {"focus": "middle"}, {"shape": "disc"},
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError), match=r"f_number|focus|shape"):
        made().with_edits(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"blades": 2}, {"blades": 33}, {"blades": 5.5}, {"rotation": float("inf")}, {"curvature": 1.1},
     {"cats_eye": -0.1}, {"curvature": float("nan")}],
)  # fmt: skip
def test_an_aperture_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Aperture(**wrong)


HOSTILE = (
    "",
    "nan",
    "inf",
    "-1",
    "1e99",
    "x",
    "nan nan",
    "1e99 0.5",
    "0.1 0.2 0.3",
    "-1 0",
    "0.5 0.5 0.9 0.9",
    "١ ٢",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "name",
    ["nearfar:Focus", "nearfar:ApertureShape", "nearfar:Renderer", "depthBlurEffect:SimulatedAperture",
     "portraitLightingEffect:EffectStrength"],
)  # fmt: skip
def test_hostile_tags_count_as_absent(name: str, text: str) -> None:
    assert Edits.from_tags({name: text}) == Edits()
    assert Edits.shot_from_tags({name: text, "nearfar:OriginalAperture": text}) == Edits()
    assert name not in Edits().to_tags({name: text}) or name.startswith("nearfar:")


def test_other_hostile_tags_count_as_absent() -> None:
    for text in ("nan", "0", "-2", "x"):
        assert Edits.from_tags({"nearfar:FocusDistance": text}) == Edits()
    assert Edits.from_tags({"nearfar:Focus": ("0.5", "0.5")}) == Edits()
    both = {"nearfar:Focus": "0.5 0.5", "nearfar:FocusDistance": "2"}
    assert Edits.from_tags(both) == Edits(focus=(0.5, 0.5))
    for name, text in (
        ("nearfar:ApertureShape", "5.5 0 0 0"), ("nearfar:ApertureShape", "2 0 0 0"),
        ("nearfar:Renderer", "0"), ("nearfar:Renderer", "65536"),
        ("depthBlurEffect:SimulatedAperture", "0.05"),
    ):  # fmt: skip
        assert Edits.from_tags({name: text}) == Edits()
