"""The vectors in the repository are those that the Python model gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nearfar.testing.xr_vectors import vectors, written

FILE = Path(__file__).parents[2] / "web" / "webxr" / "conformance" / "vectors.json"


def test_the_file_is_what_the_model_gives() -> None:
    made = vectors()
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    for part in made:  # part by part: a difference is easier to find
        assert json.loads(json.dumps(made[part])) == kept[part], part
    if written(made) != FILE.read_text(encoding="utf-8"):
        pytest.fail(f"written anew it differs: python -m nearfar.testing.xr_vectors {FILE}")


def test_names_say_which_case_it_is() -> None:
    document = vectors()
    for part in ("cpu", "gpu"):
        names = [case["name"] for case in document[part]]
        assert len(names) == len(set(names))
