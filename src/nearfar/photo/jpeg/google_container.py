"""Google's list of what lies behind a JPEG, in its XMP: kept right when an image changes its size.

    Container:Directory ─ Seq ─ Item:Semantic="GainMap" Item:Length="11256"

Readers of Ultra HDR photos find the gain map by these lengths.
Source: developer.android.com/media/platform/hdr-image-format.
"""

from __future__ import annotations

import logging
import re

__all__ = ["with_item_length"]

_log = logging.getLogger("nearfar.photo")


def with_item_length(packet: bytes | None, old: int, new: int) -> bytes | None:
    """Give a primary picture's packet with the item of the old length now saying the new one."""
    if packet is None or old == new or b":Directory" not in packet:
        return packet
    pattern = rb"(:Length\s*(?:=\s*[\"']|>)\s*)%d(?=\s*[\"'<])" % old
    found = list(re.finditer(pattern, packet))
    if not found:
        return packet
    if len(found) > 1:
        _log.warning(
            "two items of the photo's container have %d bytes; their lengths are left as they are", old
        )
        return packet
    start = found[0].end(1)
    return packet[:start] + b"%d" % new + packet[found[0].end() :]
