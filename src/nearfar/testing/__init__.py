"""Suites that plug-ins must pass: what a class promises, as tests to inherit.

    class TestMyCamera(nearfar.testing.SourceConformance):
        device = "mine:0"                                   ── pytest ──▶ the law of `nearfar.capture.Source`

For tests only: nothing else in nearfar imports this package. Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.testing.source_conformance import SourceConformance as SourceConformance

_HOMES = {"source_conformance": "SourceConformance"}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
