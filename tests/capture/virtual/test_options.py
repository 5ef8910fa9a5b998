"""Names of virtual cameras: what can be asked of them, and what is refused and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from capture.virtual.cameras import ALL
from nearfar.capture import DevicePosition, DeviceType, Source, StillSource, open_source
from nearfar.capture.names import discovered
from nearfar.errors import DeviceNotFound, InvalidConfiguration


def test_the_scheme_finds_its_cameras() -> None:
    assert [name for name in discovered() if name.startswith("virtual:")] == [f"virtual:{one}" for one in ALL]


@pytest.mark.parametrize("camera", ALL)
def test_every_camera_says_what_it_is_without_a_scene(camera: str) -> None:
    source = open_source(f"virtual:{camera}")
    assert isinstance(source, Source)
    assert isinstance(source, StillSource)
    assert source.info.name == f"virtual:{camera}"
    front = source.info.type is DeviceType.TRUE_DEPTH
    assert source.info.position is (DevicePosition.FRONT if front else DevicePosition.BACK)
    assert source.formats[0].size == (640, 480)


def test_a_name_opens_the_same_camera_again() -> None:
    name = "virtual:dual?scene=room&path=orbit&seed=4"
    assert open_source(open_source(name).info.name).info == open_source(name).info


def test_the_size_asked_for_comes_first() -> None:
    formats = open_source("virtual:dual?size=800x600&fps=60").formats
    assert formats[0].size == (800, 600)
    assert {one.max_frame_rate for one in formats} == {60.0}
    assert formats[0].depth is not None
    assert formats[0].depth.size == (640, 480)


def test_an_unknown_camera() -> None:
    with pytest.raises(DeviceNotFound, match="wide, dual, dualwide"):
        open_source("virtual:triple")


@pytest.mark.parametrize(
    ("option", "allowed"),
    [
        ("color=red", "scene, path, seed, size, fps, noise, distortion, effort"),
        ("scene=attic", "room, portrait, desk"),
        ("path=fly", "still, sway, orbit or walk"),
        ("seed=-1", "999999999"),
        ("seed=1.5", "whole number"),
        ("size=640", "WIDTHxHEIGHT"),
        ("size=8x8", "64x48"),
        ("size=4096x64", "four times"),
        ("fps=0", "1..240"),
        ("fps=nan", "1..240"),
        ("noise=-1", "0..10"),
        ("distortion=2", "0..1"),
        ("effort=most", "fast, standard or best"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(option: str, allowed: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        open_source(f"virtual:dual?{option}")
    assert option.partition("=")[0] in str(caught.value)
    assert allowed in str(caught.value)
    assert caught.value.device == f"virtual:dual?{option}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DeviceNotFound, match=r"scene.*glTF file that there is"):
        open_source(f"virtual:dual?scene={tmp_path / 'none.glb'}")


@pytest.mark.parametrize("camera", ["wide", "truedepth", "lidar"])
def test_a_camera_that_matches_nothing_has_no_effort(camera: str) -> None:
    with pytest.raises(InvalidConfiguration, match="effort"):
        open_source(f"virtual:{camera}?effort=best")
