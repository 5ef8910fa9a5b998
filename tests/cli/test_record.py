"""``nearfar record`` and ``nearfar recover``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from capture.takes.made import record as record_frames
from capture.takes.made import scene
from nearfar.capture import Recorder, Take
from nearfar.depth import Frame


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("takes") / "a.mcap"
    record_frames(path, scene(20))
    return path


def test_a_take_is_recorded_from_a_camera(run, take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    done = run(
        "record", "--device", f"take:{take}?loop=1", "-o", out, "--seconds", "0.5", "--depth", "packed"
    )
    assert done.code == 0, done.err
    with Take(out) as found:
        assert f"{out}: {len(found)} frames, {found.duration:.1f} s" in done.out
        assert len(found) > 5
    assert out.stat().st_mode & 0o777 == 0o600


def test_what_is_there_is_not_replaced_unless_told(run, take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    out.write_bytes(b"mine")
    words = ["record", "--device", f"take:{take}", "-o", out, "--seconds", "0.2"]
    done = run(*words)
    assert (done.code, out.read_bytes()) == (1, b"mine")
    assert "--overwrite replaces it" in done.err
    assert run(*words, "--overwrite").code == 0
    assert len(Take(out)) > 1


def test_a_stream_that_ends_early_is_said(run, take: Path, tmp_path: Path):
    done = run("record", "--device", f"take:{take}", "-o", tmp_path / "b.mcap", "--seconds", "60")
    assert done.code == 0
    assert "gave frames for 0.6 s of 60 s" in done.err


def test_a_camera_that_breaks_fails_and_what_came_is_kept(run, take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    done = run("record", "--device", f"faulty:take:{take}?unplug=0.3", "-o", out, "--seconds", "60")
    assert done.code == 1
    assert "unplugged" in done.err
    assert f"{out}: the recording ended early; what was recorded until then is in it" in done.err
    assert len(Take(out)) > 0


def test_what_cannot_be_is_refused(run, take: Path, tmp_path: Path):
    for code, said, words in (
        (2, "must end in .mcap", ("-o", tmp_path / "b.mp4")),
        (1, "no such file", ("-o", tmp_path / "b.mcap", "--device", "take:nowhere.mcap")),
        (2, "", ("-o", tmp_path / "b.mcap", "--seconds", "0")),
        (1, "no folder", ("-o", tmp_path / "no" / "b.mcap")),
    ):
        done = run("record", *words)
        assert done.code == code
        assert said in done.err
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_it_cleanly(take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    words = ["record", "--device", f"take:{take}?loop=1", "-o", out]
    code = "import sys\nfrom nearfar.cli import main\nsys.exit(main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        while not (out.exists() and out.stat().st_size > 20_000):
            assert child.poll() is None
            os.sched_yield()
        child.send_signal(signal.SIGINT)
        said, errors = child.communicate(timeout=30)
    assert child.returncode == 0, errors
    with Take(out) as found:
        assert found.complete
        assert f"{len(found)} frames" in said


def test_a_bar_shows_size_and_time_left(take: Path, tmp_path: Path):
    pytest.importorskip("pty", reason="terminals of POSIX")
    from cli.test_waiting import at_a_terminal

    code = "import sys\nfrom nearfar.cli import main\nsys.exit(main(sys.argv[1:]))"
    words = ["record", "--device", f"take:{take}?loop=1", "-o", tmp_path / "b.mcap", "--seconds", "1"]
    left, seen = at_a_terminal(code, *words, stdout=tmp_path / "out")
    assert left == 0
    assert "Recording b.mcap" in seen
    assert "KB left" in seen
    assert "frames" in (tmp_path / "out").read_text()
    left, seen = at_a_terminal(code, "recover", tmp_path / "b.mcap", stdout=tmp_path / "out")
    assert left == 0
    assert "Recovering b.mcap" in seen
    assert " kB" in seen
    assert "left" in seen


def test_a_torn_take_is_recovered(run, take: Path, tmp_path: Path):
    torn = tmp_path / "b.mcap"
    torn.write_bytes(take.read_bytes()[:-100])
    done = run("recover", torn)
    assert done.code == 0
    assert f"{torn}: 20 frames, recovered" in done.out
    assert Take(torn).complete
    assert "nothing to do" in run("recover", torn).out
    (tmp_path / "c.mcap").write_bytes(b"not one")
    done = run("recover", tmp_path / "c.mcap")
    assert done.code == 1
    assert "not an MCAP file" in done.err
    assert run("recover", tmp_path / "none.mcap").code == 1


def test_a_full_disk_leaves_the_torn_take_and_names_it(take: Path, tmp_path: Path):
    torn = tmp_path / "b.mcap"
    torn.write_bytes(take.read_bytes()[:-100])
    code = (
        "import resource, sys\nfrom nearfar.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\nsys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", code, "recover", str(torn)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"error: {torn}: File too large; it was left as it is\n")
    assert list(tmp_path.iterdir()) == [torn]
    assert len(Take(torn)) == 20


def test_what_records_nothing_leaves_what_there_was(run, take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    silent = [
        "record",
        "--device",
        f"faulty:{quote(f'take:{take}?loop=1', safe='')}?drop=1",
        "--seconds",
        "0.1",
    ]
    done = run(*silent, "-o", out)
    assert (done.code, list(tmp_path.iterdir())) == (1, [])
    assert "gave no frame, so nothing was recorded" in done.err
    out.write_bytes(take.read_bytes())
    done = run("record", "--device", f"take:{out}?fast=1", "-o", out, "--overwrite")
    assert done.code == 0
    kept = len(Take(out))
    assert 0 < kept <= 20  # at full speed a busy machine drops some; the next test counts them
    assert f"{kept} frames" in done.out


def test_at_full_speed_each_frame_is_kept_or_told_as_dropped(run, tmp_path: Path):
    """A busy machine drops some, a quick one none."""
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
    with Recorder(tmp_path / "a.mcap", color="raw", compression="none") as recorder:
        for number in range(60):
            recorder.write(Frame(number / 30, number, noise), wait=True)
    out = tmp_path / "b.mcap"
    done = run("record", "--device", f"take:{tmp_path / 'a.mcap'}?fast=1", "--quality", "100", "-o", out)
    assert done.code == 0
    with Take(out) as found:
        kept = len(found)
        told = [event["count"] for event in found.events() if event["event"] == "frames-dropped"]
    late = re.search(r"(\d+) of 60 frames were dropped", done.err)
    assert sum(told) == (0 if late is None else int(late[1])) == 60 - kept
    assert f"{kept} frames" in done.out


def test_a_disk_that_fills_is_said_and_keeps_what_there_is(take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    code = (
        "import resource, sys\nfrom nearfar.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\nsys.exit(main(sys.argv[1:]))"
    )
    words = ["record", "--device", f"take:{take}?loop=1", "-o", str(out), "--seconds", "30"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    with Take(out) as found:
        assert len(found) > 0
        assert f"File too large; what was recorded until then is in it, {len(found)} frames" in done.stderr


def test_a_take_that_is_being_recorded_is_left_alone(run, take: Path, tmp_path: Path):
    out = tmp_path / "b.mcap"
    with Recorder(out):
        done = run("record", "--device", f"take:{take}", "-o", out, "--overwrite")
        assert (done.code, "it is being recorded" in done.err) == (1, True)
        done = run("recover", out)
        assert (done.code, "it is being recorded" in done.err) == (1, True)
