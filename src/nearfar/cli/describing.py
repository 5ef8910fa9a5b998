"""A photo's summary for the terminal, and in JSON for programs."""

from __future__ import annotations

import json
import math
from typing import Any

from nearfar.cli.messages import printable
from nearfar.photo import summary_lines

__all__ = ["as_json", "describe"]

_LABEL = 14


def describe(summary: dict[str, Any]) -> str:
    """Say in a few lines what `nearfar.Photo.summary` found."""
    lines = [f"  {label:<{_LABEL}}{printable(text)}" for label, text in summary_lines(summary)]
    return "\n".join([printable(summary["file"] or "photo"), *lines])


def as_json(summary: dict[str, Any]) -> str:
    """Give one summary as a JSON object; JSON has no infinity, so that is null."""
    return json.dumps(_finite(summary), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
