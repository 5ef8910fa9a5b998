"""Pictures become depth: stereo, structured light, sparse completion, upsampling, filters.

    two pictures ── match_stereo ──▶ shift (px) ── stereo_depth ──▶ DepthMap
    infrared dots ── decode_pattern ──────────────────────────────▶ DepthMap
    points or a small map, and a picture ── complete, upsample ───▶ DepthMap
    a map that is noisy or torn ── filters ───────────────────────▶ a better one

Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

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

_HOMES = {
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

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES, ("filters",))
