"""``nearfar doctor`` tells what is here, and that it works or why not."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nearfar
from nearfar.cli import doctor as doctor_module


def test_all_is_well_here(run):
    outcome = run("doctor")
    assert outcome.code == 0
    assert outcome.out.endswith("All that nearfar needs works.\n")
    assert "virtual:dual" in outcome.out
    assert "samples" not in outcome.out
    for text in ("numpy", "pillow-heif", "libheif", "x265", "SIMD"):
        assert text in outcome.out


def test_json(run):
    outcome = run("doctor", "--json")
    report = json.loads(outcome.out)
    assert report["healthy"] is True
    assert report["nearfar"] == nearfar.__version__
    assert report["kernels"]["simd"] in report["kernels"]["simd_levels"]
    assert report["kernels"]["threads"] >= 1
    assert "virtual:dual" in report["devices"]
    assert all(check["codes_off"] <= 4 for check in report["checks"].values())


def test_depth_that_comes_back_wrong_is_a_finding():
    sent = np.linspace(0.5, 2, 256, dtype=np.float32)
    step = np.float32(1.5 / 255)
    assert doctor_module._codes_off(sent + 3 * step, sent) == pytest.approx(3, abs=0.01)
    for wrong in (sent + 5 * step, sent[::-1], np.full_like(sent, np.nan)):
        with pytest.raises(ValueError, match="came back wrong"):
            doctor_module._codes_off(wrong, sent)


def test_a_broken_part_is_named_and_exit_code_1(run, monkeypatch: pytest.MonkeyPatch):
    def broken() -> dict[str, object]:
        raise OSError("libx265.so: cannot open shared object file")

    monkeypatch.setitem(doctor_module._CHECKS, "heic photo", broken)
    outcome = run("doctor")
    assert outcome.code == 1
    assert "BROKEN: OSError: libx265.so" in outcome.out
