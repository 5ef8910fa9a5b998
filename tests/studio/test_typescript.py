"""The types that pages are built with are those of the messages and the answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nearfar.studio.typescript import answers_as_typescript, as_typescript, main

FOLDER = Path(__file__).parents[2] / "web/protocol"
WRITTEN = {"messages.ts": as_typescript, "answers.ts": answers_as_typescript}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_files_are_what_python_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == WRITTEN[name](), (
        "stale: python -m nearfar.studio.typescript web/protocol"
    )


def test_the_command_writes_them(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "nearfar.studio.typescript", tmp_path], check=True)
    for name, text in WRITTEN.items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text()


def test_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
