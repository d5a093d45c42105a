"""What stands right around the headline: the kicker above it, the section's link beside it, the path to it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.extraction.headline import MAX_CHARS, is_short
from crawler.extraction.template import text_of
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block

MAX_KICKER = 100
"""Characters of a kicker; longer lines above a headline are slogans or summaries."""
MAX_CRUMBS = 5
MAX_PATH = 160
"""Characters of a path of links; more is a menu."""
MAX_NEAR = 60
"""Elements looked at on either side of the headline."""
_KICKER = re.compile(
    r"kicker|super-?_?title|sup-?_?title|pre-?_?title|over-?_?line|overtitle|eyebrow|rubric|tieu-?_?de-?_?phu|toptitle",
    re.IGNORECASE,
)
_SECTION = re.compile(r"(?:^|[-_ ])(?:cat|cate|category|chuyen-?_?muc|section-?name|muc)(?:$|[-_ ])", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s>»›/|→\-–:·•]*")
_HOME = frozenset({"trang chu", "trang nhat", "home", "homepage"})


def index_of_title(blocks: Sequence[Block], title: HtmlElement | None) -> int | None:
    """Index of the last block inside the headline's element, else of the one around it that has its words.

    None without a headline. An element that holds the article too counts as being around the headline only.
    """
    if title is None:
        return None
    if is_short(title, MAX_CHARS):
        elements = set(title.iter())
        inside = [i for i, block in enumerate(blocks) if block.element in elements]
        if inside:
            return inside[-1]
    around, words = {title, *islice(title.iterancestors(), 2)}, fold(text_of(title)[:MAX_CHARS])
    return next((i for i, block in enumerate(blocks) if block.element in around and _shares(block, words)), None)


def _shares(block: Block, words: str) -> bool:
    folded = fold(block.text[:MAX_CHARS])
    return bool(folded) and (words in folded or words.startswith(folded))


def read_kicker(title: HtmlElement | None) -> tuple[str, str] | None:
    """(kicker, source): a short line right above the headline whose class says that it is one."""
    for element in _above(title):
        mark = _KICKER.search(element.get("class") or "")
        text = text_of(element) if mark else ""
        if (
            mark
            and text
            and len(text) <= MAX_KICKER
            and fold(text) != fold(text_of(title) if title is not None else "")
        ):
            return text, f"text:{mark[0].lower()}"
    return None


def sections_near(title: HtmlElement | None) -> Iterator[tuple[str, str]]:
    """(section, source): a link in the headline's own block whose class says category, then a path from home."""
    block = title.getparent() if title is not None else None
    for element in islice(block.iter("*"), MAX_NEAR) if block is not None else ():
        if element.tag == "a" and _says_section(element):
            yield text_of(element), "text:category"
    for element in _above(title):
        crumbs = [text_of(link) for link in islice(element.iter("a"), MAX_CRUMBS + 1)]
        if _is_path(element, crumbs):
            yield crumbs[-1], "text:path"


def _says_section(link: HtmlElement) -> bool:
    parent = link.getparent()
    classes = [link.get("class") or "", (parent.get("class") or "") if parent is not None else ""]
    return any(_SECTION.search(name.replace("__", "-")) for name in classes)


def _is_path(element: HtmlElement, crumbs: list[str]) -> bool:
    """Two to five links, the first to the home page, with nothing but separators between them."""
    if not 1 < len(crumbs) <= MAX_CRUMBS or fold(crumbs[0]) not in _HOME:
        return False
    text = text_of(element)
    if len(text) > MAX_PATH:
        return False
    between = text
    for crumb in crumbs:
        between = between.replace(crumb, "\0", 1)
    gaps = between.split("\0")
    return all(_SEPARATORS.fullmatch(gap) for gap in gaps) and any(gap.strip() for gap in gaps[1:-1])


def _above(title: HtmlElement | None) -> Iterator[HtmlElement]:
    """The elements before the headline, nearest first, up to three levels out."""
    element, n_left = title, MAX_NEAR
    for _ in range(4):
        if element is None:
            return
        for sibling in islice(element.itersiblings("*", preceding=True), n_left):
            n_left -= 1
            yield sibling
            yield from islice(sibling.iterchildren("*"), 8)
        element = element.getparent()
