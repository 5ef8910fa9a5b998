"""Suites that plug-ins must pass: what a class promises, as tests to inherit.

    class TestMyCamera(nearfar.testing.SourceConformance):
        device = "mine:0"                                   ── pytest ──▶ the law of `nearfar.capture.Source`

For tests only: nothing else in nearfar imports this package. Names load when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nearfar.testing.source_conformance import SourceConformance as SourceConformance

_HOMES = {"source_conformance": "SourceConformance"}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the single list


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'nearfar.testing' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"nearfar.testing.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
