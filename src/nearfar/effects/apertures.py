"""Shapes of apertures, for `lens_blur`. The value lies with photos, whose edits store it."""

from __future__ import annotations

from nearfar.photo import Aperture

__all__ = ["Aperture"]
