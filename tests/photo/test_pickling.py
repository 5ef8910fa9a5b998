"""Laws of pickled photos: nothing is lost, nothing can be changed, and the file may be gone by then."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf


def made(**more: Any) -> nf.Photo:
    y, x = np.mgrid[:48, :64]
    color = np.stack([3 * x, 4 * y, x + y], axis=2).astype(np.uint8)
    values = np.linspace(0.5, 2, 12 * 16, dtype=np.float32).reshape(12, 16)
    values[3, 4] = np.nan
    matte = nf.Matte(np.full((12, 16), 200, np.uint8))
    return nf.Photo(color, nf.DepthMap(values, nf.DepthKind.DISPARITY), [matte], **more)


def assert_alike(one: nf.Photo, other: nf.Photo) -> None:
    np.testing.assert_array_equal(one.color, other.color)
    assert (one.depth is None) == (other.depth is None)
    if one.depth is not None and other.depth is not None:
        np.testing.assert_array_equal(one.depth.values, other.depth.values)
    assert one.mattes.keys() == other.mattes.keys()
    assert (one.edits, one.metadata, one.size) == (other.edits, other.metadata, other.size)
    assert (one.file, one.container) == (other.file, other.container)
    assert one.file_data() == other.file_data()


def twin(photo: nf.Photo) -> nf.Photo:
    found = pickle.loads(pickle.dumps(photo))
    assert type(found) is type(photo)
    return found


@pytest.mark.parametrize("edits", [None, nf.Edits(f_number=2.0, focus=(0.5, 0.25))])
def test_a_photo_made_from_arrays_comes_back(edits: nf.Edits | None) -> None:
    photo = made(edits=edits)
    found = twin(photo)
    assert_alike(found, photo)
    assert_alike(copy.deepcopy(photo), photo)
    assert not found.color.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        found.color.flags.writeable = True


@pytest.mark.parametrize("name", ["a.heic", "a.jpg"])
def test_an_opened_photo_takes_its_file_along(name: str, tmp_path: Path) -> None:
    made(edits=nf.Edits(f_number=2.0)).save(tmp_path / name)
    photo = nf.open(tmp_path / name)
    kept, data = pickle.dumps(photo), (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    found = pickle.loads(kept)
    assert_alike(found, photo)
    assert found.file_data() == data


@pytest.mark.parametrize("name", ["a.heic", "a.jpg"])
def test_what_was_changed_stays_changed(name: str, tmp_path: Path) -> None:
    made().save(tmp_path / name)
    photo = nf.open(tmp_path / name)
    for changed in (photo.with_edits(f_number=4.0), photo.with_depth(None), photo.with_mattes(())):
        assert_alike(twin(changed), changed)


def test_the_limits_go_along() -> None:
    photo = nf.open(made().file_data(), max_items=7_654)
    assert twin(photo)._state.contents.document.limits.max_items == 7_654


def test_a_phones_photo_comes_back(samples: Path) -> None:
    for name in ("iphone13pro_dualwide.heic", "iphonex_depth_matte.jpg"):
        photo = nf.open(samples / "photos/apple" / name)
        assert_alike(twin(photo), photo)


def test_a_captured_photo_keeps_how_it_was_taken() -> None:
    photo = nf.shoot("virtual:dual?size=160x120")
    found = twin(photo)
    np.testing.assert_array_equal(found.color, photo.color)
    assert (found.time, found.device, found.settings) == (photo.time, photo.device, photo.settings)
    assert found.resolved == photo.resolved
    assert found.file_data() == photo.file_data()
