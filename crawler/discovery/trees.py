"""An HTML page as a tree for link reading, cheaply and without trust in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree, html
from resiliparse.parse.encoding import detect_encoding

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_PAGE_BYTES = 8_388_608
"""Most bytes of a page that are looked at."""

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)


def parse_page(body: bytes) -> HtmlElement | None:
    """The tree of a page, or None when there is nothing to make one of; never raises."""
    text = body[:MAX_PAGE_BYTES].decode(_encoding(body), errors="replace").replace("\x00", "")
    try:
        return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", recover=True))
    except (etree.LxmlError, ValueError, AssertionError):
        return None


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
