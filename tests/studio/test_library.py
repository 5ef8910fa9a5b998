"""The studio's folder: names are made plain, nothing leads out of it, and it can be emptied."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.studio.library import Library, Shelf, plain_name


@pytest.fixture
def photos(tmp_path: Path) -> Shelf:
    return Library(tmp_path / "studio").photos


def test_what_is_put_in_is_found_by_its_name(photos: Shelf) -> None:
    assert list(photos) == []
    place = photos.new_path("IMG_0042.HEIC")
    place.write_bytes(b"first")
    assert photos.path("IMG_0042.HEIC") == place
    again = photos.new_path("IMG_0042.HEIC")
    assert again.name == "IMG_0042 2.HEIC"
    again.write_bytes(b"second")
    assert set(photos) == {place, again}


def test_only_files_of_its_sort_are_on_a_shelf(photos: Shelf) -> None:
    place = photos.new_path("a.jpg")
    place.write_bytes(b"x")
    (photos.folder / "notes.txt").write_text("x")
    (photos.folder / ".hidden.jpg").write_text("x")
    (photos.folder / "folder.jpg").mkdir()
    (photos.folder / "link.jpg").symlink_to(place)
    assert list(photos) == [place]
    with pytest.raises(ValueError, match="txt"):
        photos.new_path("notes.txt")


@pytest.mark.skipif(sys.platform == "win32", reason="its file names have no such characters")
def test_what_people_put_there_by_hand_is_found_under_the_name_that_it_has(photos: Shelf) -> None:
    folder = photos.new_path("a.jpg").parent
    names = ("two  spaces .jpg", "14:03.jpg", "what?.jpg", "cafe\u0301.jpg", f"{'n' * 150}.jpg")
    for name in names:
        (folder / name).write_bytes(b"x")
    for nameless in (b"\xff.jpg", b"a\nb.jpg", b"a\\b.jpg"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + nameless)).write_bytes(b"x")
    assert {photos.path(path.name).name for path in photos} == set(names)


def test_a_file_in_the_place_of_the_folder_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file/studio"):
        with pytest.raises(NotADirectoryError, match=r"file'"):
            Library(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../secret.jpg",
        "/etc/secret.jpg",
        "..",
        "",
        ".",
        "a/b.jpg",
        "a\\b.jpg",
        "c:x.jpg",
        "a\0.jpg",
        "link.jpg",
        "none.jpg",
    ],
)
def test_no_id_leads_out_of_the_folder(photos: Shelf, name: str) -> None:
    photos.new_path("a.jpg").write_bytes(b"x")
    (photos.folder.parent / "secret.jpg").write_text("x")
    (photos.folder / "link.jpg").symlink_to("../secret.jpg")
    with pytest.raises(FileNotFoundError):
        photos.path(name)


@given(st.text(max_size=300))
def test_any_wish_becomes_one_plain_name(wish: str) -> None:
    name = plain_name(f"{wish}.jpg")
    assert name == plain_name(name)
    assert Path(name).name == name
    assert name.endswith(".jpg")
    assert not name.startswith(".")
    assert len(name) <= 120


def test_emptying_takes_all_of_it_and_nothing_else(photos: Shelf, tmp_path: Path) -> None:
    photos.empty()  # nothing is there yet
    place = photos.new_path("a.jpg")
    place.write_bytes(b"x")
    photos.unfinished(place).write_bytes(b"y")
    (photos.folder / "notes.txt").write_text("mine")
    photos.empty()
    assert [path.name for path in photos.folder.iterdir()] == ["notes.txt"]


def test_the_folder_is_for_its_user_alone(photos: Shelf) -> None:
    photos.new_path("a.jpg")
    assert photos.folder.stat().st_mode & 0o077 == 0


def test_what_is_settled_replaces_nothing(photos: Shelf) -> None:
    settled = []
    for content in (b"first", b"second", b"third"):
        unfinished = photos.unfinished_path()
        assert list(photos) == sorted(settled, key=lambda path: -path.stat().st_mtime)
        unfinished.write_bytes(content)
        settled.append(photos.settle(unfinished, "a.jpg"))
        assert not unfinished.exists()
    assert [path.read_bytes() for path in settled] == [b"first", b"second", b"third"]


def test_what_was_taken_away_is_not_settled(photos: Shelf) -> None:
    with pytest.raises(FileNotFoundError):
        photos.settle(photos.unfinished_path(), "a.jpg")
    assert list(photos) == []


def test_sweeping_takes_what_nobody_writes_any_more(photos: Shelf) -> None:
    photos.sweep()  # there is no folder yet
    old, new = photos.unfinished_path(), photos.unfinished_path()
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    photos.new_path("a.jpg").write_bytes(b"x")
    photos.sweep()
    assert sorted(photos.folder.iterdir()) == sorted([new, photos.path("a.jpg")])
