"""``nearfar studio PHOTO``: a copy is kept once, whole or not at all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from studio.photo_pages import made_photo


def studio(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """`nearfar studio`, which ends by itself as its port is taken."""
    program = f"{before}\nfrom nearfar.cli import main\nraise SystemExit(main())"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-c", program, "studio", *arguments, "--no-browser", "--port", port]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "made.heic"
    path.write_bytes(made_photo().file_data("heic"))
    return path


def test_a_photo_is_kept_once(photo: Path, tmp_path: Path) -> None:
    for _ in range(2):
        studio(str(photo), "--folder", str(tmp_path / "studio"))
    kept = [path for path in (tmp_path / "studio").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["made.heic"]
    assert kept[0].read_bytes() == photo.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="no limit to be set on a process")
def test_nothing_half_written_is_left_where_there_is_no_room(photo: Path, tmp_path: Path) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
    ended = studio(str(photo), "--folder", str(tmp_path / "studio"), before=full)
    assert ended.returncode == 1
    assert "too large" in ended.stderr
    assert not [path for path in (tmp_path / "studio").rglob("*") if path.is_file()]


def test_a_file_in_the_place_of_the_folder_is_told_at_once(photo: Path) -> None:
    ended = studio("--folder", str(photo))
    assert (ended.returncode, ended.stderr) == (1, f"error: {photo}: Not a directory\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_a_device_is_no_photo(tmp_path: Path) -> None:
    """Nobody writes to it: to open it would wait for ever."""
    pipe = tmp_path / "never.heic"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        ended = studio(str(path), "--folder", str(tmp_path / "studio"))
        said = f"error: {path}: this is a pipe or a device, and the studio takes files: write it to one.\n"
        assert (ended.returncode, ended.stderr) == (1, said)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C goes to all processes of a console")
def test_ctrl_c_does_not_wait_for_what_threads_still_compute(tmp_path: Path) -> None:
    program = (
        "import time, concurrent.futures as futures\n"
        "futures.ThreadPoolExecutor(1).submit(time.sleep, 600)\n"
        "from nearfar.cli import main\nraise SystemExit(main())"
    )
    command = [
        sys.executable,
        "-c",
        program,
        "studio",
        "--no-browser",
        "--port",
        "0",
        "--folder",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[0]
            with urllib.request.urlopen(url, timeout=30):
                process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, said) == (0, "")
