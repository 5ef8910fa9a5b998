"""The types that pages are built with are those of the messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nearfar.studio.typescript import as_typescript, main

FILE = Path(__file__).parents[2] / "web/protocol/messages.ts"


def test_the_file_is_what_the_messages_say() -> None:
    assert FILE.read_text(encoding="utf-8") == as_typescript(), (
        "stale: python -m nearfar.studio.typescript web/protocol/messages.ts"
    )


def test_the_command_writes_it(tmp_path: Path) -> None:
    out = tmp_path / "messages.ts"
    subprocess.run([sys.executable, "-m", "nearfar.studio.typescript", out], check=True)
    assert out.read_text(encoding="utf-8") == as_typescript()


def test_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "OUT" in capsys.readouterr().err
