"""Photos made once for the tests of the commands, and what running a command gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import nearfar as nf
from cli.made import made_photo, picture
from nearfar.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a command line gave back."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""

    def call(*words: object) -> Outcome:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos that no test may change: with depth in both containers, and one without."""
    folder = tmp_path_factory.mktemp("photos")
    made_photo().save(folder / "depth.heic")
    made_photo().save(folder / "depth.jpg")
    nf.Photo(picture()).save(folder / "plain.jpg")
    return folder


@pytest.fixture
def heic(folder: Path) -> Path:
    return folder / "depth.heic"


@pytest.fixture
def jpeg(folder: Path) -> Path:
    return folder / "depth.jpg"


@pytest.fixture
def plain(folder: Path) -> Path:
    """A photo without depth."""
    return folder / "plain.jpg"
