"""The names of XMP tags: one prefix for each namespace, whatever a file calls it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nearfar.depth import NAMESPACES as APPLE_NAMESPACES

__all__ = ["NAMESPACES", "RDF", "canonical", "expand"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_GOOGLE = "http://ns.google.com/photos/1.0/"
_DYNAMIC = "http://ns.google.com/photos/dd/1.0/"

NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        **APPLE_NAMESPACES,
        "rdf": RDF,
        "x": "adobe:ns:meta/",
        "xml": "http://www.w3.org/XML/1998/namespace",
        "nearfar": "urn:nearfar:photo:1.0#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "tiff": "http://ns.adobe.com/tiff/1.0/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "xmpNote": "http://ns.adobe.com/xmp/note/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
        "stArea": "http://ns.adobe.com/xmp/sType/Area#",
        "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
        "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
        "GDepth": _GOOGLE + "depthmap/",
        "GImage": _GOOGLE + "image/",
        "GFocus": _GOOGLE + "focus/",
        "GCamera": _GOOGLE + "camera/",
        "GContainer": _GOOGLE + "container/",
        "GItem": _GOOGLE + "container/item/",
        "Device": _DYNAMIC + "device/",
        "Container": _DYNAMIC + "container/",
        "Item": _DYNAMIC + "item/",
        "Camera": _DYNAMIC + "camera/",
        "DepthMap": _DYNAMIC + "depthmap/",
        "Image": _DYNAMIC + "image/",
        "ImagingModel": _DYNAMIC + "imagingmodel/",
        "Profile": _DYNAMIC + "profile/",
        "Pose": _DYNAMIC + "pose/",
    }
)
"""Prefix → namespace URI.

Google uses the prefixes Container and Item for two generations of namespaces: those of Dynamic Depth have
them, and the later ones (Ultra HDR, motion photos) are GContainer and GItem.
"""

_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}


def canonical(expanded: str) -> str:
    """Turn expat's "uri Name" into "prefix:Name", or "{uri}Name" where the table has no prefix."""
    uri, space, name = expanded.rpartition(" ")
    if not space:
        return name
    prefix = _PREFIXES.get(uri)
    return f"{prefix}:{name}" if prefix else f"{{{uri}}}{name}"


def expand(tag: str, namespaces: Mapping[str, str] = NAMESPACES) -> tuple[str, str, str]:
    """Split a tag's name into (prefix, uri, name); a "{uri}Name" gets the prefix "ns0".

    Raises:
        ValueError: the prefix is not in the table, or there is none.
    """
    if tag.startswith("{"):
        uri, _, name = tag[1:].partition("}")
        return "ns0", uri, name
    prefix, colon, name = tag.partition(":")
    if not colon or prefix not in namespaces:
        raise ValueError(f"{tag!r} is no XMP tag: write 'prefix:Name' with a known prefix, or '{{uri}}Name'")
    return prefix, namespaces[prefix], name
