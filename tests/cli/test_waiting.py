"""Signs of life appear on a terminal, and what is written to stdout goes to stdout alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="terminals of POSIX")

IMPATIENT = "import sys, threading\nfrom nearfar.cli import main, waiting\nwaiting._PATIENCE = 0\n"
SPINNING = """
with waiting.waiting("Reading [red]a\\n.heic"):
    while not any(type(thread).__name__ == "_RefreshThread" for thread in threading.enumerate()):
        pass
    print("a result")
"""


def at_a_terminal(code: str, *words: object, stdout: Path) -> tuple[int, str]:
    """Run Python with stderr on a terminal and stdout in a file; its exit code and what was seen."""
    ours, theirs = pty.openpty()
    with stdout.open("w") as out:
        command = [sys.executable, "-c", code, *map(str, words)]
        child = subprocess.Popen(command, stdout=out, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:  # Linux's way to say that the terminal was left
        pass
    os.close(ours)
    return child.wait(timeout=60), seen.decode()


def test_a_bar_on_the_terminal_leaves_the_file_whole(heic: Path, tmp_path: Path):
    code = IMPATIENT + "sys.exit(main(sys.argv[1:]))"
    bad = tmp_path / "bad.heic"
    words = ["info", "--json", *[heic] * 30, bad, *[heic] * 10]
    left, seen = at_a_terminal(code, *words, stdout=tmp_path / "out.json")
    assert left == 1
    assert len(json.loads((tmp_path / "out.json").read_text())) == 40
    assert "Reading photos" in seen
    assert '"container"' not in seen
    assert "error: " in seen


def test_a_spinner_leaves_stdout_alone_and_names_files_as_they_are(tmp_path: Path):
    left, seen = at_a_terminal(IMPATIENT + SPINNING, stdout=tmp_path / "out")
    assert left == 0
    assert (tmp_path / "out").read_text() == "a result\n"
    assert "Reading [red]a\\n.heic" in seen


def test_nothing_is_shown_where_stderr_is_no_terminal(heic: Path):
    code = IMPATIENT + "sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "info", *map(str, [heic] * 5)]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""
