"""``nearfar convert`` brings depth and its company to the other container, or says what it lost."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from nearfar.cli.messages import notes_of_loss


@pytest.mark.parametrize(
    ("source", "suffix"), [("heic", ".jpg"), ("jpeg", ".heic"), ("heic", ".heic"), ("jpeg", ".jpg")]
)
def test_depth_mattes_and_edits_come_along(run, request, tmp_path: Path, source: str, suffix: str):
    photo = nf.open(request.getfixturevalue(source))
    out = tmp_path / f"out{suffix}"
    outcome = run("convert", photo.file, out)
    assert (outcome.code, outcome.err) == (0, "")
    back = nf.open(out)
    assert photo.depth is not None
    assert back.depth is not None
    assert np.abs(back.depth.values - photo.depth.values).max() <= 2.5 * 1.5 / 255
    assert list(back.mattes) == [nf.MatteKind.PORTRAIT]
    assert back.edits.f_number == 2.8


def test_into_its_own_container_nothing_is_coded_anew(run, heic: Path, tmp_path: Path):
    assert run("convert", heic, tmp_path / "out.heic").code == 0
    assert (tmp_path / "out.heic").read_bytes() == heic.read_bytes()
    refused = run("convert", heic, tmp_path / "again.heic", "--quality", "50")
    assert refused.code == 2
    assert "--quality" in refused.err


def test_the_photo_itself_is_never_overwritten(run, heic: Path, tmp_path: Path):
    photo = tmp_path / "a.heic"
    photo.write_bytes(heic.read_bytes())
    outcome = run("convert", photo, photo, "--metadata", "no-location")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert photo.read_bytes() == heic.read_bytes()


def test_losses_are_notes_and_said_once(capsys: pytest.CaptureFixture[str]):
    with notes_of_loss():
        for _ in range(2):
            warnings.warn("the second picture is not kept", nf.LossWarning, stacklevel=1)
    assert capsys.readouterr().err == "note: the second picture is not kept\n"


def test_other_warnings_go_their_way():
    with pytest.warns(DeprecationWarning, match="old"), notes_of_loss():
        warnings.warn("old", DeprecationWarning, stacklevel=1)


@pytest.mark.samples
def test_a_spatial_photo_says_what_it_loses(run, samples: Path, tmp_path: Path):
    outcome = run("convert", samples / "photos/spatial/visionpro_spatial.heic", tmp_path / "out.jpg")
    assert outcome.code == 0
    assert "note: the second picture of the stereo pair is not kept\n" in outcome.err


def test_what_may_still_tell_the_place_is_a_note(run, heic: Path, tmp_path: Path):
    source = tmp_path / "vendor.heic"
    source.write_bytes(heic.read_bytes() + b"\0\0\0\x0csefdSEFT")
    outcome = run("convert", source, tmp_path / "out.heic", "--metadata", "no-location")
    assert outcome.code == 0
    assert outcome.err == ("note: kept without looking inside, where a place may stand too: a box 'sefd'\n")


@pytest.mark.samples
def test_location_is_left_out(run, samples: Path, tmp_path: Path):
    for name, out in (("iphonex_depth.jpg", "a.jpg"), ("iphone13pro_dualwide.heic", "b.heic")):
        source = samples / "photos/apple" / name
        assert run("convert", source, tmp_path / out, "--metadata", "no-location").code == 0
        assert nf.open(tmp_path / out).metadata.location is None
        assert nf.open(tmp_path / out).metadata.device == nf.open(source).metadata.device
