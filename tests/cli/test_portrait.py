"""``nearfar portrait``: the picture it writes, and what it refuses in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from cli.made import SIZE, picture


@pytest.mark.parametrize("name", ["out.jpg", "out.heic"])
def test_a_flat_picture_is_written(run, heic: Path, tmp_path: Path, name: str):
    done = run("portrait", heic, "-o", tmp_path / name, "--f-number", "1.4", "--focus", "0.9,0.5")
    assert done.code == 0, done.err
    assert done.out == f"{tmp_path / name}: 160×120 portrait at f/1.4\n"
    rendered = nf.open(tmp_path / name)
    assert rendered.depth is None
    assert rendered.size == SIZE


def test_it_renders_what_portrait_does(run, heic: Path, tmp_path: Path):
    output = tmp_path / "out.jpg"
    words = ["--f-number", "2", "--focus", "0.4,0.4,0.2,0.2", "--quality", "100"]
    assert run("portrait", heic, "-o", output, *words).code == 0
    rendered = nf.portrait(nf.open(heic), f_number=2, focus=(0.4, 0.4, 0.2, 0.2))
    assert np.abs(nf.open(output).color.astype(int) - rendered.color).max() <= 6


def test_the_stored_aperture_is_the_default(run, heic: Path, tmp_path: Path):
    assert "at f/2.8" in run("portrait", heic, "-o", tmp_path / "out.jpg").out


@pytest.mark.parametrize(("stored", "said"), [(None, "at f/2.8"), (1.0, "at f/1.4"), (64.0, "at f/22")])
def test_the_aperture_that_was_rendered_is_said(
    run, heic: Path, tmp_path: Path, stored: float | None, said: str
):
    nf.open(heic).with_edits(f_number=stored).save(tmp_path / "in.heic")
    assert said in run("portrait", tmp_path / "in.heic", "-o", tmp_path / "out.jpg").out


def test_an_edit_of_a_later_look_is_noted_in_one_line(run, heic: Path, tmp_path: Path):
    photo = nf.open(heic)
    later = nf.Photo(photo.color, photo.depth, edits=nf.Edits(f_number=2, renderer=9))
    later.save(tmp_path / "later.heic")
    done = run("portrait", tmp_path / "later.heic", "-o", tmp_path / "out.jpg")
    assert done.code == 0
    assert done.err.startswith("note: ")
    assert "version 9" in done.err
    assert done.err.count("\n") == 1


def test_a_preview_is_small(run, tmp_path: Path):
    values = np.linspace(0.5, 2, 48, dtype=np.float32).reshape(6, 8)
    large = nf.Photo(np.full((1536, 2048, 3), 120, np.uint8), nf.DepthMap(values))
    large.save(tmp_path / "large.jpg")
    output = tmp_path / "out.jpg"
    assert run("portrait", tmp_path / "large.jpg", "-o", output, "--preview").code == 0
    assert nf.open(output).size == (1024, 768)


def test_a_comparison_shows_the_picture_before_too(run, heic: Path, tmp_path: Path):
    output = tmp_path / "out.jpg"
    done = run("portrait", heic, "-o", output, "--compare", "--f-number", "1.4")
    assert done.code == 0, done.err
    with Image.open(output) as sheet:
        assert sheet.size == (SIZE[0], 2 * SIZE[1] + 2)
        before = np.asarray(sheet)[: SIZE[1]].astype(int)
    assert np.abs(before - picture()).mean() < 3


def test_options_are_taken(run, heic: Path, tmp_path: Path):
    words = ["--effort", "fast", "--highlights", "recover", "--focus-distance", "1"]
    blades = ["--blades", "6", "--rotation", "15", "--curvature", "0.3", "--cats-eye", "0.5", "--grain"]
    assert run("portrait", heic, "-o", tmp_path / "out.jpg", *words, *blades).code == 0


def test_the_location_can_be_left_out(run, folder: Path, tmp_path: Path):
    from photo.test_exif import made

    source = nf.open(folder / "depth.jpg")
    placed = source.with_metadata(nf.Metadata(exif=made(orientation=1)))
    placed.save(tmp_path / "placed.jpg")
    for policy, stays in (("keep", True), ("no-location", False)):
        output = tmp_path / f"{policy}.jpg"
        assert run("portrait", tmp_path / "placed.jpg", "-o", output, "--metadata", policy).code == 0
        assert (nf.open(output).metadata.location is not None) is stays


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "out.png"], "must end in"),
        (["-o", "out.jpg", "--f-number", "1"], "1.4"),
        (["-o", "out.jpg", "--f-number", "wide"], "wide"),
        (["-o", "out.jpg", "--focus", "here"], "--focus"),
        (["-o", "out.jpg", "--focus", "0.5"], "--focus"),
        (["-o", "out.jpg", "--focus", "1.5,0.5"], "--focus"),
        (["-o", "out.jpg", "--focus", "nan,0.5"], "--focus"),
        (["-o", "out.jpg", "--focus", "0.9,0.9,0.5,0.05"], "--focus"),
        (["-o", "out.jpg", "--focus", "0.9,0.9,0.05,0.5"], "--focus"),
        (["-o", "out.jpg", "--focus", "0.5,0.5", "--focus-distance", "1"], "give one"),
        (["-o", "out.jpg", "--focus-distance", "-1"], "focus-distance"),
        (["-o", "out.jpg", "--rotation", "10"], "--blades"),
        (["-o", "out.jpg", "--rotation", "nan", "--blades", "5"], "--rotation"),
        (["-o", "out.jpg", "--blades", "2"], "blades"),
        (["-o", "out.jpg", "--quality", "0"], "quality"),
    ],
)
def test_wrong_usage_is_said_in_one_line(run, heic: Path, words: list[str], said: str):
    done = run("portrait", heic, *words)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1


def test_the_photo_is_not_overwritten(run, heic: Path):
    before = heic.read_bytes()
    assert run("portrait", heic, "-o", heic).code == 2
    assert heic.read_bytes() == before


def test_what_the_photo_cannot_do_is_said_in_one_line(run, plain: Path, tmp_path: Path):
    no_unit = nf.Photo(
        picture(), nf.DepthMap(np.linspace(1, 2, 48, dtype=np.float32).reshape(6, 8), metric=False)
    )
    no_unit.save(tmp_path / "no-unit.heic")
    nf.Photo(picture(), nf.DepthMap(np.full((6, 8), np.nan, np.float32))).save(tmp_path / "holes.heic")
    output = tmp_path / "out.jpg"
    for words, said in (
        ([plain], "depth"),
        ([tmp_path / "no-unit.heic", "--focus-distance", "2"], "focus_distance"),
        ([tmp_path / "holes.heic"], "holes"),
        ([tmp_path / "missing.heic"], "missing.heic"),
    ):
        done = run("portrait", *words, "-o", output)
        assert done.code == 1
        assert str(words[0]) in done.err
        assert said in done.err
        assert done.err.count("\n") == 1
        assert not output.exists()
