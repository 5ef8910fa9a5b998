"""JPEG photos with depth: the Multi-Picture Format, read, written and edited segment by segment."""

from __future__ import annotations

from nearfar.photo.jpeg.compose import compose
from nearfar.photo.jpeg.document import JpegDocument, open_document

__all__ = ["JpegDocument", "compose", "open_document"]
