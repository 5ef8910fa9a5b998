"""XMP packets: read with a hardened parser, edited by splicing, written in Apple's shape.

    bytes ──parse──▶ Packet ──.tags──▶ {"depthData:Accuracy": "relative", …}
                        │
                        └──.set({…}) / .remove([…])──▶ bytes, all else byte for byte

A tag is called "prefix:Name" with the prefix of `NAMESPACES`, whatever prefix the file used; a tag of a
namespace that is not in the table is called "{uri}Name".
"""

from __future__ import annotations

from nearfar.photo.xmp.names import NAMESPACES
from nearfar.photo.xmp.packet import Packet, Structure, Tag, parse
from nearfar.photo.xmp.writing import build

__all__ = ["NAMESPACES", "Packet", "Structure", "Tag", "build", "parse"]
