"""A script put into a page ahead of all its own.

<!doctype html> <html> <head> ▼ <title>…        the first element of the head, if the page has one,
<!doctype html> ▼ <p>…                          else where the browser would begin it
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Mapping

__all__ = ["script_tag", "with_script"]

_TAG = r"""(?=[\s/>])(?:"[^"]*"|'[^']*'|[^'">])*>"""
_BEFORE_HEAD = re.compile(
    rf"\s+|<!--(?:-?>|.*?--!?>)|<![^>]*>|<\?[^>]*>|<html{_TAG}", re.IGNORECASE | re.DOTALL
)
_HEAD = re.compile(rf"<head{_TAG}", re.IGNORECASE)
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def script_tag(source: str, attributes: Mapping[str, str]) -> str:
    """The tag of a classic script, which runs before the parser goes on."""
    words = {"src": source, **attributes}
    said = " ".join(f'{name}="{html.escape(value)}"' for name, value in words.items())
    return f"<script {said}></script>"


def with_script(page: bytes, tag: str) -> bytes:
    """An HTML page with ``tag`` as the first element of its head; all else stays as it is, byte for byte.

    Works in any encoding that has ASCII in it, and in UTF-16 with its mark.
    """
    mark, encoding = next((found for found in _ENCODINGS if page.startswith(found[0])), (b"", "latin-1"))
    try:
        text = page[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", page[len(mark) :].decode("latin-1")
    place = 0
    while found := _BEFORE_HEAD.match(text, place):
        place = found.end()
    if head := _HEAD.match(text, place):
        place = head.end()
    return mark + f"{text[:place]}{tag}{text[place:]}".encode(encoding)
