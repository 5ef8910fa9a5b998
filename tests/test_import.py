"""``import nearfar`` stays lean: a fresh interpreter shows what it loads. No timing here; see benchmarks."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "PIL",
    "pillow_heif",
    "rich",
    "cyclopts",
    "xml",
    "numpy.testing",
    "asyncio",
    "http",
    "urllib.request",
    "importlib.metadata",
    "concurrent.futures",
    "email",
    "unittest",
    "subprocess",
)
OURS = ("nearfar", "nanobind_backend")
LIGHT = frozenset(
    {
        "atexit",
        "importlib",
        "logging",
        "string",
        "threading",
        "traceback",
        "weakref",
        "textwrap",
        "linecache",
        "tokenize",
        "token",
    }
)
"""What `import nearfar` may load of the standard library beyond what numpy does."""


def loaded(statement: str) -> frozenset[str]:
    """Names of the modules that are there after the statement in a fresh interpreter."""
    code = f"{statement}\nimport sys, json; json.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return frozenset(json.loads(done.stdout))


def is_one_of(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.fixture(scope="module")
def nothing() -> frozenset[str]:
    return loaded("pass")


@pytest.fixture(scope="module")
def numpy_alone() -> frozenset[str]:
    return loaded("import numpy")


def test_import_nearfar_adds_little_to_import_numpy(numpy_alone: frozenset[str]):
    added = loaded("import numpy, nearfar") - numpy_alone
    foreign = {module for module in added if not is_one_of(module, OURS)}
    assert {module.partition(".")[0].lstrip("_") for module in foreign} <= LIGHT
    assert "nearfar.photo" not in added


@pytest.mark.parametrize(
    "statement",
    [
        "import nearfar",
        "import nearfar; nearfar.DepthMap, nearfar.Calibration, nearfar.Pose, nearfar.errors",
        "import nearfar; nearfar.open, nearfar.Photo",
        "import nearfar.cli",
    ],
)
def test_values_and_open_load_no_codec_and_no_command_line(
    statement: str, nothing: frozenset[str], numpy_alone: frozenset[str]
):
    added = loaded(statement) - nothing - numpy_alone
    allowed = ("xml",) if "open" in statement else ()  # photos carry XMP
    heavy = tuple(name for name in HEAVY if name not in allowed)
    assert sorted(module for module in added if is_one_of(module, heavy)) == []


def test_info_decodes_nothing_and_draws_nothing(tmp_path):
    statement = (
        "import io, contextlib, nearfar.cli\n"
        "with contextlib.redirect_stderr(io.StringIO()):\n"
        f"    nearfar.cli.main(['info', {str(tmp_path / 'gone')!r}])"
    )
    assert not {"PIL", "pillow_heif", "rich", "docstring_parser"} & loaded(statement)


def test_every_public_name_is_there():
    import nearfar

    assert all(getattr(nearfar, name) is not None for name in nearfar.__all__)
    assert set(nearfar.__all__) <= set(dir(nearfar))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nearfar.nothing


DOORS = (
    "nearfar",
    "nearfar.capture",
    "nearfar.capture.sources",
    "nearfar.capture.virtual",
    "nearfar.depth",
    "nearfar.effects",
    "nearfar.estimate",
    "nearfar.estimate.filters",
    "nearfar.scene",
    "nearfar.testing",
    "nearfar.xr",
)


@pytest.mark.parametrize("package", DOORS)
def test_a_door_says_the_names_that_type_checkers_see(package: str):
    door = importlib.import_module(package)
    assert door.__file__ is not None
    (told,) = (
        node
        for node in ast.parse(Path(door.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {alias.asname for node in told.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(door.__all__) - {"__version__"}
    assert dir(door) == sorted(door.__all__)
    for name in seen:
        assert getattr(door, name) is vars(door)[name]
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = door.nothing


@pytest.mark.parametrize("package", DOORS)
def test_opening_a_door_loads_nothing_behind_it(package: str):
    behind = loaded(f"import {package}")
    homes = importlib.import_module(package)._HOMES
    assert not {f"{package}.{home}" for home in homes} & behind
