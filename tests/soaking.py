"""How much a long test counts: a hundredth or so in ``make test``, everything in ``make soak``."""

from __future__ import annotations

import os

__all__ = ["SOAKING", "rounds"]

SOAKING = os.environ.get("NEARFAR_SOAK") == "1"
"""Set by ``make soak``, which runs the tests marked ``soak`` and shows what they print."""


def rounds(usual: int, soak: int) -> int:
    """How often to do it here; the tests that ask are marked ``soak``."""
    return soak if SOAKING else usual
