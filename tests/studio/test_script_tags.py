"""The tag goes in ahead of all that a page has, and nothing else changes."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.studio.script_tags import script_tag, with_script

TAG = script_tag("/s.js", {"data-profile": 'a"b<'})


def test_the_tag_is_safe_whatever_is_in_it() -> None:
    assert TAG == '<script src="/s.js" data-profile="a&quot;b&lt;"></script>'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<!doctype html><html><head>", "<title>x</title></head></html>"),
        ("<!DOCTYPE html>\n<HTML lang='>'>\n<HEAD data-x=\"a>b\" >", "\n<script>1</script></HEAD>"),
        ("<!-- a <head> that is none --><html><head>", "<meta charset=utf-8>"),
        ('<?xml version="1.0"?><!doctype html><html xmlns="x"><head>', "</head>"),
        ("<!doctype html><html>", "<title>no head</title><body>"),
        ("<!doctype html>", "<header>not a head</header>"),
        ("<!doctype html>\n", "<script src=a.js></script>"),
        ("", "<script>1</script>"),
        ("", "plain words <head>"),
        ("", ""),
        ("<html>", "<head-ache></head-ache>"),
        ("", "<html unfinished"),
        ("<!-- 1 --><!-- 2 --> <head>", "<link>"),
        ("<!-->", "<script>1</script><!-- x --><head>"),
        ("<!--->", "<script>1</script>-->"),
        ("<!-- x --!><head>", "<script>1</script>-->"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_the_tag_is_the_first_element_of_the_head(before: str, after: str, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    page = with_script(mark + (before + after).encode(encoding), TAG)
    assert page == mark + (before + TAG + after).encode(encoding)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1251", "shift-jis", "euc-jp"])
def test_any_encoding_with_ascii_stays(encoding: str) -> None:
    words = "ж" if encoding == "cp1251" else "ü" if encoding == "latin-1" else "奥行き"
    page = f"<html><head><title>{words}</title>".encode(encoding)
    assert with_script(page, TAG) == page.replace(b"<head>", b"<head>" + TAG.encode())


class First(HTMLParser):
    """Which element comes first, html and head aside."""

    name: str | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if self.name is None and tag not in ("html", "head"):
            self.name = tag


pieces = st.sampled_from(
    [
        "<!doctype html>",
        "<html>",
        "<head>",
        "<head a='>'>",
        "<!--x-->",
        "\n",
        "<p>",
        "text",
        "<body>",
        "</head>",
    ]
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_no_element_comes_before_it(page: str) -> None:
    done = with_script(page.encode(), TAG).decode()
    assert done.replace(TAG, "", 1) == page
    parser = First()
    parser.feed(done)
    assert parser.name == "script"


@given(st.binary(max_size=200))
def test_any_bytes_keep_all_they_were(page: bytes) -> None:
    done = with_script(page, TAG)
    assert any(
        done.replace(TAG.encode(encoding), b"", 1) == page
        for encoding in ("latin-1", "utf-16-le", "utf-16-be")
    )


@pytest.mark.parametrize(
    "hostile", ["<!--" * 20000, "<html " * 20000, "<" * 100000, '<html "' * 20000, "<!" * 50000]
)
def test_a_hostile_page_takes_no_longer(hostile: str) -> None:
    assert with_script(hostile.encode(), TAG).count(TAG.encode()) == 1
