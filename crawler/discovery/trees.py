"""An HTML page as a tree for link reading, cheaply and without trust in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree, html
from resiliparse.parse.encoding import detect_encoding

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_PAGE_BYTES = 4_194_304
"""Most bytes of a list page that are looked at: 4 MiB of line breaks already take 160 MB as a tree, and 3 seconds."""

MAX_ATTRIBUTES = 500
"""Attributes of a tag that is taken as it is; libxml2 needs quadratic time for thousands, minutes for one page."""
_ATTRIBUTES = re.compile(
    r"""(<[a-zA-Z][^\s<>/]{0,50}+)((?:[\s/]++(?:[^\s=<>/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+)?+)*+)"""
)

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)


def parse_page(body: bytes) -> HtmlElement | None:
    """The tree of a page, or None when there is nothing to make one of; never raises."""
    text = body[:MAX_PAGE_BYTES].decode(_encoding(body), errors="replace").replace("\x00", "")
    text = _ATTRIBUTES.sub(_slim, text)
    try:
        return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", recover=True))
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _slim(tag: re.Match[str]) -> str:
    return tag[0] if len(tag[2]) < 2 * MAX_ATTRIBUTES or len(tag[2].split()) <= MAX_ATTRIBUTES else tag[1]


def _encoding(body: bytes) -> str:
    declared = _META_CHARSET.search(body[:4096])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    if name in ("windows-1258", "cp1258"):
        return "cp1258"
    try:
        body[:MAX_PAGE_BYTES].decode()
    except UnicodeDecodeError:
        guess = detect_encoding(body[:200_000]) or "utf-8"
    else:
        return "utf-8"
    try:
        b"".decode(guess)
    except (LookupError, ValueError):
        return "utf-8"
    return guess


def attribute(element: HtmlElement, name: str) -> str:
    """Value of an attribute, stripped, at most 4,096 characters; empty when there is none."""
    return (element.get(name) or "")[:4096].strip()


def ancestors(element: HtmlElement, n: int) -> list[HtmlElement]:
    """Up to `n` parents, nearest first."""
    found: list[HtmlElement] = []
    parent = element.getparent()
    while parent is not None and len(found) < n:
        found.append(parent)
        parent = parent.getparent()
    return found
