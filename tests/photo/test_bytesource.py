"""A named file is read piece by piece: the same bytes as all at once, and never those of another file."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import nearfar as nf
from nearfar.photo.bytesource import BLOCK_BYTES, FileBytes, whole

CONTENT = np.random.default_rng(5).bytes(3 * BLOCK_BYTES + 1000)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bytes") / "file"
    path.write_bytes(CONTENT)
    return path


def opened(path: Path) -> FileBytes:
    with io.FileIO(path) as stream:
        return FileBytes(stream, str(path))


@given(st.lists(st.tuples(st.integers(0, len(CONTENT) + 9), st.integers(0, len(CONTENT) + 9)), max_size=8))
def test_slices_are_those_of_the_bytes(place: Path, parts: list[tuple[int, int]]) -> None:
    data = opened(place)
    assert len(data) == len(CONTENT)
    for start, stop in parts:
        assert data[start:stop] == CONTENT[start:stop]
    assert data[BLOCK_BYTES + 1 :] == CONTENT[BLOCK_BYTES + 1 :]
    assert whole(data) == CONTENT


def grown(path: Path) -> None:
    path.write_bytes(CONTENT + b"more")


def touched(path: Path) -> None:
    os.utime(path, ns=(0, 0))


def replaced(path: Path) -> None:
    status = path.stat()
    other = path.with_name("other")
    other.write_bytes(CONTENT)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, path)


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [grown, touched, replaced, removed])
def test_another_file_is_refused(tmp_path: Path, change: object) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    data = opened(path)
    read = data[2 * BLOCK_BYTES : 2 * BLOCK_BYTES + 10]
    assert callable(change)
    change(path)
    with pytest.raises(nf.FileError, match=r"changed since it was opened|cannot be read any more") as caught:
        data[BLOCK_BYTES : BLOCK_BYTES + 10]
    assert caught.value.file == str(path)
    assert data[:10] == CONTENT[:10]
    assert data[2 * BLOCK_BYTES : 2 * BLOCK_BYTES + 10] == read


def test_a_file_that_shrinks_while_it_is_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    with io.FileIO(path) as stream:
        data = FileBytes(stream, str(path))
        os.truncate(path, BLOCK_BYTES)
        with pytest.raises(nf.FileError, match="shorter"):
            data[BLOCK_BYTES : BLOCK_BYTES + 10]


def test_a_name_means_the_file_that_it_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    data = opened(Path("file"))
    monkeypatch.chdir(tmp_path / "other")
    assert whole(data) == CONTENT


@pytest.fixture(scope="module")
def photo() -> nf.Photo:
    """A photo of more bytes than are read at once."""
    noise = np.random.default_rng(2).integers(0, 256, (240, 320, 3), np.uint8)
    ramp = np.linspace(0.5, 2.0, 60 * 80, dtype=np.float32).reshape(60, 80)
    return nf.Photo(noise, nf.DepthMap(ramp))


@pytest.mark.parametrize("suffix", [".heic", ".jpg"])
class TestPhotos:
    """What a photo does that was opened by name."""

    @pytest.fixture
    def path(self, photo: nf.Photo, tmp_path: Path, suffix: str) -> Path:
        path = tmp_path / f"photo{suffix}"
        photo.save(path, color_quality=95)
        assert path.stat().st_size > 2 * BLOCK_BYTES
        return path

    def test_holds_what_its_bytes_hold(self, path: Path) -> None:
        named, held = nf.open(path), nf.open(path.read_bytes())
        assert named.depth is not None
        assert held.depth is not None
        assert named.depth.equals(held.depth)
        assert_array_equal(named.color, held.color)
        assert named.metadata == held.metadata

    def test_opens_no_descriptor_that_stays(self, path: Path) -> None:
        folder = Path("/proc/self/fd")
        if not folder.exists():
            pytest.skip("this system does not list a process's descriptors")
        before = len(list(folder.iterdir()))
        photos = [nf.open(path) for _ in range(20)]
        assert all(photo.depth is not None for photo in photos)
        assert len(list(folder.iterdir())) == before

    def test_outlives_a_save_over_its_own_file(self, path: Path) -> None:
        held = nf.open(path.read_bytes())
        photo = nf.open(path)
        photo.with_edits(f_number=2.8).save(path)
        assert nf.open(path).edits.f_number == pytest.approx(2.8)
        assert photo.depth is not None
        assert held.depth is not None
        assert photo.depth.equals(held.depth)
        assert_array_equal(photo.color, held.color)

    def test_refuses_a_file_that_was_changed(self, path: Path) -> None:
        photo = nf.open(path)
        shutil.copy(path, path.with_suffix(".copy"))
        os.replace(path.with_suffix(".copy"), path)
        with pytest.raises(nf.FileError, match="has changed since it was opened; open it again"):
            _ = photo.color

    def test_is_read_from_a_pipe(self, path: Path, suffix: str) -> None:
        if not Path("/dev/fd").exists():
            pytest.skip("this system gives descriptors no names")
        small = path.with_name("small" + suffix)
        nf.Photo(np.zeros((16, 16, 3), np.uint8)).save(small)
        reading, writing = os.pipe()
        try:
            os.write(writing, small.read_bytes())
            os.close(writing)
            assert nf.open(f"/dev/fd/{reading}").size == (16, 16)
        finally:
            os.close(reading)
