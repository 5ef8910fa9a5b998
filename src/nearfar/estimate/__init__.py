"""Pictures become depth: stereo, structured light, sparse completion, upsampling, filters.

    two pictures ── match_stereo ──▶ shift (px) ── stereo_depth ──▶ DepthMap
    infrared dots ── decode_pattern ──────────────────────────────▶ DepthMap
    points or a small map, and a picture ── complete, upsample ───▶ DepthMap
    a map that is noisy or torn ── filters ───────────────────────▶ a better one

Names load when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nearfar.estimate import filters as filters
    from nearfar.estimate.completion import complete as complete
    from nearfar.estimate.matching import StereoMatch as StereoMatch
    from nearfar.estimate.matching import match_stereo as match_stereo
    from nearfar.estimate.pairs import rectify_pair as rectify_pair
    from nearfar.estimate.pattern_decoding import decode_pattern as decode_pattern
    from nearfar.estimate.pattern_dots import dot_pattern as dot_pattern
    from nearfar.estimate.pattern_projector import InfraredSensor as InfraredSensor
    from nearfar.estimate.pattern_projector import PatternProjector as PatternProjector
    from nearfar.estimate.pattern_reference import PatternReference as PatternReference
    from nearfar.estimate.pattern_rendering import PatternView as PatternView
    from nearfar.estimate.pattern_rendering import render_pattern as render_pattern
    from nearfar.estimate.triangulation import stereo_depth as stereo_depth
    from nearfar.estimate.upsampling import upsample as upsample

_HOMES: dict[str, str] = {
    "matching": "StereoMatch match_stereo",
    "completion": "complete",
    "pairs": "rectify_pair",
    "pattern_decoding": "decode_pattern",
    "pattern_dots": "dot_pattern",
    "pattern_projector": "InfraredSensor PatternProjector",
    "pattern_reference": "PatternReference",
    "pattern_rendering": "PatternView render_pattern",
    "triangulation": "stereo_depth",
    "upsampling": "upsample",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}
_PACKAGES = ("filters",)

__all__ = sorted([*_HOME, *_PACKAGES])  # noqa: PLE0605 - the table above is the single list


def __getattr__(name: str) -> object:
    if name in _HOME:
        value = getattr(importlib.import_module(f"nearfar.estimate.{_HOME[name]}"), name)
    elif name in _PACKAGES:
        value = importlib.import_module(f"nearfar.estimate.{name}")
    else:
        raise AttributeError(f"module 'nearfar.estimate' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
