"""What several commands take, so that they take the same."""

from __future__ import annotations

from cyclopts.validators import Number

__all__ = ["SCALE"]

SCALE = Number(gte=1e-9, lte=1e9)
"""Metres in one unit, from a nanometre on; what is further from a metre is a slip, infinity among it."""
