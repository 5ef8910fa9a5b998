"""``nearfar info`` says what is inside, of many photos, and nothing of where they were taken unless asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from cli.made import picture
from nearfar.cli.describing import as_json, describe

KEYS = {
    "file",
    "container",
    "format",
    "device",
    "color",
    "depth",
    "mattes",
    "gain_map",
    "stereo_pair",
    "edits",
}
DEPTH_KEYS = {
    "kind",
    "width",
    "height",
    "dtype",
    "accuracy",
    "quality",
    "filtered",
    "metric",
    "min",
    "max",
    "holes",
    "calibration",
}


@pytest.mark.parametrize("name", ["depth.heic", "depth.jpg"])
def test_words(run, folder: Path, name: str):
    outcome = run("info", folder / name)
    assert outcome.code == 0
    assert outcome.err == ""
    assert "80×60 disparity, 0.5..2 1/m, relative, filtered, high" in outcome.out
    assert "0.5 m to 2 m (nominal" in outcome.out
    assert "f 150.000 px, c (80.000, 60.000) @ 160×120" in outcome.out
    assert "portrait 80×60" in outcome.out
    assert "f/2.8" in outcome.out
    assert "location" not in outcome.out


@pytest.mark.parametrize("name", ["depth.heic", "depth.jpg"])
def test_json_has_the_documented_shape(run, folder: Path, name: str):
    outcome = run("info", "--json", folder / name)
    (summary,) = json.loads(outcome.out)
    assert set(summary) == KEYS
    assert set(summary["depth"]) == DEPTH_KEYS
    assert summary["file"] == str(folder / name)
    assert summary["format"] == "apple"
    assert summary["color"] == {"width": 160, "height": 120}
    assert summary["depth"]["holes"] is None
    assert (summary["depth"]["min"], summary["depth"]["max"]) == (0.5, 2.0)
    assert summary["mattes"] == [{"kind": "portrait", "width": 80, "height": 60}]
    assert summary["edits"]["f_number"] == 2.8


def test_a_photo_without_depth_says_what_it_has(run, plain: Path):
    outcome = run("info", plain)
    assert outcome.code == 0
    assert "none; the photo has only the picture" in outcome.out


@pytest.mark.parametrize("name", ["a.heic", "a.jpg"])
def test_a_map_without_a_value_has_no_range(run, tmp_path: Path, name: str):
    nf.Photo(picture(), nf.DepthMap(np.full((60, 80), np.nan, np.float32))).save(tmp_path / name)
    assert "  depth         80×60 depth, relative, unfiltered, high\n" in run("info", tmp_path / name).out
    (summary,) = json.loads(run("info", "--json", tmp_path / name).out)
    assert (summary["depth"]["min"], summary["depth"]["max"]) == (None, None)


def test_a_folder_stands_for_the_photos_in_it_and_below(run, folder: Path, tmp_path: Path):
    below = tmp_path / "DCIM" / "100"
    below.mkdir(parents=True)
    hidden = tmp_path / ".trash"
    hidden.mkdir()
    for place in (below / "B.HEIC", tmp_path / "a.heic", hidden / "c.heic", tmp_path / "notes.txt"):
        place.write_bytes((folder / "depth.heic").read_bytes())
    outcome = run("info", "--json", tmp_path)
    assert outcome.code == 0
    assert [Path(one["file"]).name for one in json.loads(outcome.out)] == ["a.heic", "B.HEIC"]


def test_an_empty_folder_is_at_fault(run, tmp_path: Path):
    outcome = run("info", tmp_path)
    assert outcome.code == 1
    assert outcome.err == f"error: {tmp_path}: no photo (HEIC or JPEG) in this folder\n"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_one_bad_photo_does_not_stop_the_others(
    run, heic: Path, jpeg: Path, tmp_path: Path, options: list[str]
):
    bad = tmp_path / "bad.heic"
    bad.write_bytes(heic.read_bytes()[:200])
    outcome = run("info", heic, bad, jpeg, *options)
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert str(bad) in outcome.err
    assert str(heic) in outcome.out
    assert str(jpeg) in outcome.out
    if options:
        assert len(json.loads(outcome.out)) == 2


def test_json_of_nothing_readable_is_an_empty_list(run, tmp_path: Path):
    outcome = run("info", "--json", tmp_path / "gone.heic")
    assert outcome.code == 1
    assert json.loads(outcome.out) == []


def test_location_only_when_asked(run, heic: Path):
    assert "not recorded" in run("info", "--location", heic).out
    (summary,) = json.loads(run("info", "--json", "--location", heic).out)
    assert summary["location"] is None


def test_words_of_a_place():
    summary = {
        "file": "a.heic",
        "container": "heic",
        "device": None,
        "color": {"width": 4, "height": 3},
        "depth": None,
        "mattes": [],
        "gain_map": True,
        "stereo_pair": True,
        "edits": None,
        "location": {"latitude": -33.5, "longitude": 18.25, "altitude": 12.0},
    }
    text = describe(summary)
    assert "33.500000° S, 18.250000° E, 12 m" in text
    assert "an HDR gain map, a stereo pair" in text


def test_json_has_no_infinity():
    assert json.loads(as_json({"max": float("inf"), "list": (float("nan"), 1.5)})) == {
        "max": None,
        "list": [None, 1.5],
    }


@pytest.mark.samples
def test_the_iphone_13_pro(run, samples: Path):
    outcome = run("info", samples / "photos/apple/iphone13pro_dualwide.heic")
    assert outcome.code == 0
    for text in (
        "4032×3024 HEIC, Apple iPhone 13 Pro",
        "768×576 disparity, 1.498..4.383 1/m, relative, filtered, high",
        "f 3032.594 px, c (1988.451, 1512.307) @ 4032×3024, pixel 1.9 µm",
        "gain map      yes",
        "f/2.8",
    ):
        assert text in outcome.out


@pytest.mark.samples
def test_photos_without_depth_say_what_they_have(run, samples: Path):
    outcome = run(
        "info",
        samples / "photos/no-depth/samsung_gainmap.heic",
        samples / "photos/spatial/visionpro_spatial.heic",
    )
    assert outcome.code == 0
    assert "none; the photo has a stereo pair" in outcome.out
    assert "stereo pair   yes" in outcome.out
