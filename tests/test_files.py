"""An interrupted save leaves the old file whole."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nearfar.files import write_file

WRITER = """
import sys
from nearfar.files import write_file
path, sizes = sys.argv[1], (2_000_000, 3_000_000)
print("ready", flush=True)
while True:
    for size, letter in zip(sizes, (b"a", b"b")):
        write_file(path, (letter * 1000 for _ in range(size // 1000)))
"""


def test_a_kill_leaves_one_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "photo.heic"
    write_file(target, [b"a" * 2_000_000])
    for delay in (1, 7, 13, 29, 37):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(delay / 1000)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        data = target.read_bytes()
        assert data in (b"a" * 2_000_000, b"b" * 3_000_000)


def full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_full_disk_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "photo.heic"
    target.write_bytes(b"old")
    ran = subprocess.run(
        [sys.executable, "-c", WRITER, str(target)],
        preexec_fn=full_disk,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode != 0
    assert "OSError" in ran.stderr
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["photo.heic"]


def test_an_error_while_writing_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "photo.heic"
    target.write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise RuntimeError("stop here")

    with pytest.raises(RuntimeError):
        write_file(target, pieces())
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["photo.heic"]


def test_a_new_file_is_private_and_a_replaced_one_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "photo.heic"
    write_file(target, [b"one"], private=True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    target.chmod(0o644)
    write_file(target, [b"two"])
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target = tmp_path / "photo.heic"
    target.write_bytes(b"old")
    link = tmp_path / "link.heic"
    link.symlink_to(target)
    write_file(link, [b"new"])
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("a" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 5) + ".heic")
    target.write_bytes(b"old")
    write_file(target, [b"new"])
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == [target.name]


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_file(tmp_path / "nowhere" / "photo.heic", [b"x"])
