"""Photo and depth become pictures: effects that use what lies at which distance.

    photo ── focus_disparity ──▶ what is to be in focus
    small disparity, picture ── align_disparity ──▶ disparity with the picture's edges
    photo ── prepare_portrait ──▶ PreparedPortrait, to be rendered again and again
    picture, disparity ── lens_blur ──▶ the picture as a wide lens would have taken it

Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.effects.alignment import align_disparity as align_disparity
    from nearfar.effects.aperture_geometry import aperture_of as aperture_of
    from nearfar.effects.aperture_geometry import blur_strength as blur_strength
    from nearfar.effects.apertures import Aperture as Aperture
    from nearfar.effects.focusing import Focus as Focus
    from nearfar.effects.focusing import focus_disparity as focus_disparity
    from nearfar.effects.highlights import recover_highlights as recover_highlights
    from nearfar.effects.lens import lens_blur as lens_blur
    from nearfar.effects.portraits import portrait as portrait
    from nearfar.effects.prepared_portraits import PreparedPortrait as PreparedPortrait
    from nearfar.effects.prepared_portraits import prepare_portrait as prepare_portrait

_HOMES = {
    "alignment": "align_disparity",
    "aperture_geometry": "aperture_of blur_strength",
    "apertures": "Aperture",
    "focusing": "Focus focus_disparity",
    "highlights": "recover_highlights",
    "lens": "lens_blur",
    "portraits": "portrait",
    "prepared_portraits": "PreparedPortrait prepare_portrait",
}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
