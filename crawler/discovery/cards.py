"""One card of a list: what its link says, whether it is a headline, and the time printed beside it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.discovery.times import read_time
from crawler.discovery.trees import ancestors, attribute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.html import HtmlElement

_HEADING = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADING_CLASS = re.compile(
    r"(?:^|[\s_-])(?:title|headline|heading|tieu-?de|entry-title|story__heading)(?:$|[\s_-])", re.IGNORECASE
)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|time|ngay|published|pubdate|datetime|thoi-?gian)(?:$|[\s_-])", re.IGNORECASE
)
_CARD_DEPTH = 4
_CARD_ELEMENTS = 60
_HEADLINE_SPACES = 4
"""A link of five words is a headline; sections, authors and tags, which stand on cards as well, are shorter."""


def anchor_text(anchor: HtmlElement) -> str:
    """What a link says: its text, else its title, else its picture's."""
    text = short_text(anchor)
    if text:
        return text
    image = next(anchor.iter("img"), None)
    return attribute(anchor, "title") or (attribute(image, "alt") if image is not None else "")


def short_text(element: HtmlElement, limit: int = 500) -> str:
    """Text of `element`, spaces collapsed, at most `limit` characters; stops reading early."""
    pieces, n_chars = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        n_chars += len(piece)
        if n_chars > 4 * limit:
            break
    return " ".join("".join(pieces).split())[:limit]


def is_heading(anchor: HtmlElement) -> bool:
    """Whether a link stands in a headline or is called one by its class."""
    if _HEADING_CLASS.search(attribute(anchor, "class")):
        return True
    near = [*ancestors(anchor, 3), *(child for child in anchor if isinstance(child.tag, str))]
    return any(element.tag in _HEADING or bool(_HEADING_CLASS.search(attribute(element, "class"))) for element in near)


def card_time(anchor: HtmlElement, time_zone: str) -> datetime | None:
    """The first time printed on the card around a link, UTC, or None; looks at a few dozen elements at most."""
    for stamp in _stamps(anchor):
        found = read_time(stamp, time_zone)
        if found is not None:
            return found
    return None


def _stamps(anchor: HtmlElement) -> Iterator[str]:
    for parent in ancestors(anchor, _CARD_DEPTH):
        if _has_other_headline(parent, anchor):
            return
        for n_seen, element in enumerate(parent.iter("time", "span", "p", "div", "em", "i", "small")):
            if n_seen > _CARD_ELEMENTS:
                return
            if element.tag == "time" or _DATE_CLASS.search(attribute(element, "class")):
                yield from (attribute(element, "datetime"), attribute(element, "title"), short_text(element, 200))


def _has_other_headline(parent: HtmlElement, anchor: HtmlElement) -> bool:
    """Whether `parent` is more than the card of `anchor`: a time in it may be another article's."""
    href = attribute(anchor, "href")
    return any(
        attribute(other, "href") != href and short_text(other, 200).count(" ") >= _HEADLINE_SPACES
        for other in islice(parent.iter("a"), _CARD_ELEMENTS)
    )
