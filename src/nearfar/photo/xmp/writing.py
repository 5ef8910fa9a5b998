"""New packets, in the shape that Apple writes: plain, indented by three, all values as element text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nearfar.photo.xmp.names import NAMESPACES, RDF, expand

__all__ = ["attribute_text", "build", "element_text"]

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ELEMENT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


def build(
    tags: Mapping[str, str | tuple[str, ...]],
    namespaces: Mapping[str, str] | None = None,
    *,
    toolkit: str = "XMP Core 6.0.0",
) -> bytes:
    """Write a packet in the byte shape of Apple's auxiliary images: no xpacket, one rdf:Description.

    Args:
        tags: "prefix:Name" → text, or texts for an rdf:Seq; written in this order.
        namespaces: prefixes beyond those of `NAMESPACES`.
        toolkit: the x:xmptk attribute; iOS 14 and later write "XMP Core 6.0.0".

    Raises:
        ValueError: a prefix is unknown, or a value holds characters that XML cannot.
    """
    known = {**NAMESPACES, **namespaces} if namespaces else NAMESPACES
    declared: dict[str, str] = {}
    elements: list[str] = []
    for tag, value in tags.items():
        prefix, uri, name = expand(tag, known)
        while declared.setdefault(prefix, uri) != uri:  # a second namespace without a prefix of its own
            prefix += "0"
        if isinstance(value, str):
            content = element_text(value).decode()
        else:
            items = "".join(f"{' ' * 15}<rdf:li>{element_text(item).decode()}</rdf:li>\n" for item in value)
            content = f"\n{' ' * 12}<rdf:Seq>\n{items}{' ' * 12}</rdf:Seq>\n{' ' * 9}"
        elements.append(f"         <{prefix}:{name}>{content}</{prefix}:{name}>\n")
    names = "".join(f'\n            xmlns:{prefix}="{uri}"' for prefix, uri in declared.items())
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{attribute_text(toolkit).decode()}">\n'
        f'   <rdf:RDF xmlns:rdf="{RDF}">\n'
        f'      <rdf:Description rdf:about=""{names}>\n'
        f"{''.join(elements)}"
        f"      </rdf:Description>\n"
        f"   </rdf:RDF>\n"
        f"</x:xmpmeta>\n"
    ).encode()


def element_text(value: str) -> bytes:
    """Escape a value for element content."""
    return _checked(value).translate(_ELEMENT).encode()


def attribute_text(value: str) -> bytes:
    """Escape a value for an attribute in double quotes."""
    return _checked(value).translate(_ATTRIBUTE).encode()


def _checked(value: str) -> str:
    found = _FORBIDDEN.search(value)
    if found:
        raise ValueError(f"XMP cannot hold the character {found[0]!r}")
    return value
