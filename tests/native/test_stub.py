"""The shipped stub is what nanobind makes of the module."""

from __future__ import annotations

from pathlib import Path

import pytest

import nearfar
from nearfar import _native


def test_the_stub_is_up_to_date() -> None:
    stubgen = pytest.importorskip("nanobind.stubgen", reason="nanobind makes the stub; it is not installed")
    generator = stubgen.StubGen(_native, quiet=True)
    generator.put(_native)
    shipped = Path(nearfar.__file__).with_name("_native.pyi").read_text(encoding="utf-8")
    assert shipped == generator.get(), (
        "regenerate: python -m nanobind.stubgen -m nearfar._native -o src/nearfar/_native.pyi"
    )


def test_every_kernel_is_documented() -> None:
    names = [name for name in dir(_native) if not name.startswith("_")]
    assert names
    assert all(getattr(_native, name).__doc__ for name in names)
