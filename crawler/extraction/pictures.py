"""Which images show something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ICON = 60
"""Pixels of an icon, in width and in height."""
MAX_DIGITS = 2


def is_icon(picture: HtmlElement) -> bool:
    """True for an image that says it is too small to show anything: a spacer, a quotation mark, an arrow."""
    sizes = (picture.get("width") or "", picture.get("height") or "")
    return all(size.isdecimal() and len(size) <= MAX_DIGITS and int(size) <= MAX_ICON for size in sizes)
