"""``nearfar devices`` and ``nearfar shoot``: which cameras are here, and a photo from one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nearfar as nf


def test_devices_are_listed_with_what_they_give(run):
    done = run("devices", "--json")
    assert done.code == 0
    listed = {each["name"]: each for each in json.loads(done.out)}
    assert listed["virtual:wide"]["type"] == "wide"
    assert not any(each["depth"] for each in listed["virtual:wide"]["formats"])
    dual = listed["virtual:dual"]
    assert (dual["type"], dual["position"]) == ("dual-camera", "back")
    assert {depth["kind"] for each in dual["formats"] for depth in each["depth"]} == {"disparity", "depth"}
    words = run("devices").out
    assert all(name in words for name in listed)


def test_a_photo_is_taken(run, tmp_path: Path):
    output, view = tmp_path / "shot.jpg", tmp_path / "look.png"
    device = "virtual:dual?size=160x120"
    done = run("shoot", "--device", device, "-o", str(output), "--view", str(view))
    assert done.code == 0, done.err
    assert str(output) in done.out
    photo = nf.open(output)
    assert photo.container == "jpeg"
    assert photo.depth is not None
    assert view.is_file()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--device", "nowhere:1", "-o", "shot.heic"], 1, "nowhere"),
        (["--device", "virtual:triple", "-o", "shot.heic"], 1, "triple"),
        (["-o", "shot.png"], 2, "must end in"),
        (["-o", "no-such-folder/shot.heic"], 1, "no folder"),
    ],
)
def test_what_cannot_be_shot_is_said(run, words: list[str], code: int, said: str):
    done = run("shoot", *words)
    assert done.code == code
    assert said in done.err
