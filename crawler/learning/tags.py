"""Find the box of key words on seed pages: links that say what the page declares, or a box that its name tells."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors
from crawler.extraction.metadata import read_tags
from crawler.extraction.template import text_of
from crawler.folding import fold
from crawler.learning.selectors import select_tree, selector_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.learning.layout import LearnedPage

MAX_TAGS = 30
"""Links of a box of key words; more are a menu or a cloud of all of the site's."""

MIN_AGREEING = 0.8
"""Share of a box's links that must be key words which the page declares."""

MIN_LINKS = 2
"""One link alone may agree by chance: with the section, with a name."""

MAX_WORDS = 8
MAX_LIFT = 3
MAX_LINKS = 2_000
_NAME = re.compile(r"(?:^|[-_ ])(?:tags?|tag-?(?:list|box|item)s?|keywords?|tu-?khoa)(?:$|[-_ ])", re.IGNORECASE)


def learn_tags(pages: Sequence[LearnedPage]) -> tuple[str, ...]:
    """The selector of the links that hold the key words on most of `pages`, or none."""
    votes: Counter[str] = Counter()
    for page in pages:
        links = next(_boxes(page), [])
        selector = selector_for(links, page.document.tree) if links else None
        votes.update([selector] if selector else [])
    good = (selector for selector, _ in votes.most_common() if not any(_misleads(selector, page) for page in pages))
    return tuple(itertools.islice(good, 1))


def _boxes(page: LearnedPage) -> Iterator[list[HtmlElement]]:
    """The links of each box: those that agree with the gold or what the page declares; else those of a named box."""
    links = [link for link in itertools.islice(page.document.tree.iter("a"), MAX_LINKS) if _is_word(link)]
    wanted = _wanted(page)
    if wanted:
        yield from _agreeing([link for link in links if fold(text_of(link)) in wanted], wanted)
        return
    for link in links:
        box = next((one for one in itertools.islice(link.iterancestors(), MAX_LIFT) if _is_named(one)), None)
        if box is not None:
            inside = [other for other in links if box in ancestors(other, page.document.tree)]
            if MIN_LINKS <= len(inside) <= MAX_TAGS:
                yield inside


def _agreeing(links: Sequence[HtmlElement], wanted: set[str]) -> Iterator[list[HtmlElement]]:
    """Links of the smallest elements around each of `links` that hold two key words and hardly anything else."""
    for link in links[:MAX_TAGS]:
        for around in itertools.islice(link.iterancestors(), MAX_LIFT):
            inside = list(itertools.islice(around.iter("a"), MAX_TAGS + 1))
            n_right = sum(fold(text_of(one)) in wanted for one in inside)
            if n_right >= min(MIN_LINKS, len(wanted)) and MIN_AGREEING * len(inside) <= n_right:
                yield inside
                break


def _wanted(page: LearnedPage) -> set[str]:
    return {fold(tag) for tag in page.gold.tags or read_tags(page.document, None)[0]}


def _misleads(selector: str, page: LearnedPage) -> bool:
    """True where `selector` finds text of the article, too much, or other words than the page declares."""
    found = select_tree(page.document.tree, selector)
    wanted = _wanted(page)
    n_right = sum(fold(text_of(one)) in wanted for one in found) if wanted else len(found)
    return len(found) > MAX_TAGS or n_right < MIN_AGREEING * len(found) or not page.holders.isdisjoint(found)


def _is_word(link: HtmlElement) -> bool:
    return 0 < len(fold(text_of(link)).split()) <= MAX_WORDS


def _is_named(element: HtmlElement) -> bool:
    return any(_NAME.search(name) for name in f"{element.get('id') or ''} {element.get('class') or ''}"[:500].split())
