"""The manual names tests that there are for the rules of WebXR, and leaves out none that hold them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs/guide/webxr-conformance.md"
NAMED = re.compile(r"`([\w/]+\.py)::([\w:]+)`")
ROW = re.compile(r"(?m)^\| (?P<rule>[^|]+) \| (?P<python>[^|]+) \| (?P<browser>[^|]+) \|$")


def written_in(file: str) -> set[str]:
    """A file's tests, those in classes as Class::test."""
    found = set()
    for node in ast.parse((TESTS / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
    return {name for name in found if name.split("::")[-1].startswith("test_")}


def named() -> set[tuple[str, str]]:
    return set(NAMED.findall(PAGE.read_text(encoding="utf-8")))


def test_every_test_that_the_table_names_is_there() -> None:
    assert named()
    missing = [f"{file}::{name}" for file, name in sorted(named()) if name not in written_in(file)]
    assert not missing


def test_every_rule_is_tested_on_one_side_or_both() -> None:
    rows = [
        match
        for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))
        if match["rule"] not in ("rule", "---")
    ]
    assert len(rows) > 30
    for row in rows:
        python, browser = NAMED.findall(row["python"]), NAMED.findall(row["browser"])
        assert python or browser, row["rule"]
        assert all(not file.startswith("browser/") for file, _ in python), row["rule"]
        assert all(file.startswith("browser/") for file, _ in browser), row["rule"]
        for cell, tests in ((row["python"], python), (row["browser"], browser)):
            assert tests or cell.strip() == "–", row["rule"]


def test_every_conformance_test_stands_in_the_table() -> None:
    for file in ("browser/test_conformance.py", "browser/test_conformance_session.py"):
        assert written_in(file) <= {name for where, name in named() if where == file}
