"""``nearfar doctor`` tells what is here, and that it works or why not."""

from __future__ import annotations

import json

import pytest

import nearfar
from nearfar.cli import doctor as doctor_module


def test_all_is_well_here(run):
    outcome = run("doctor")
    assert outcome.code == 0
    assert outcome.out.endswith("All that nearfar needs works.\n")
    for text in ("numpy", "pillow-heif", "libheif", "x265", "SIMD"):
        assert text in outcome.out


def test_json(run):
    outcome = run("doctor", "--json")
    report = json.loads(outcome.out)
    assert report["healthy"] is True
    assert report["nearfar"] == nearfar.__version__
    assert report["kernels"]["simd"] in report["kernels"]["simd_levels"]
    assert report["kernels"]["threads"] >= 1
    assert all(check["codes_off"] <= 4 for check in report["checks"].values())


def test_a_broken_part_is_named_and_exit_code_1(run, monkeypatch: pytest.MonkeyPatch):
    def broken() -> dict[str, object]:
        raise OSError("libx265.so: cannot open shared object file")

    monkeypatch.setitem(doctor_module._CHECKS, "heic photo", broken)
    outcome = run("doctor")
    assert outcome.code == 1
    assert "BROKEN: OSError: libx265.so" in outcome.out
