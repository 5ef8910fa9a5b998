"""HEIC photos: our own reader and writer of the container, with pillow-heif as the codec.

open_document ─▶ HeicDocument ─▶ images, decode_color, rewrite      compose ─▶ a new file
"""

from __future__ import annotations

from nearfar.photo.heic.compose import compose
from nearfar.photo.heic.document import HeicDocument, open_document

__all__ = ["HeicDocument", "compose", "open_document"]
