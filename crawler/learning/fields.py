"""Find where a page states its title, lede, captions, author, source, section and date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler.extraction.template import text_of
from crawler.folding import fold
from crawler.learning.selectors import select_tree, selector_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.learning.gold import GoldFields
    from crawler.learning.layout import LearnedPage
    from crawler.sites.profile import Template


_STATED = "//meta[@property='og:title']/@content | //title/text()"
MAX_HEADS = 40
MIN_SPACES = 2
"""A headline has three words or more; shorter heads are the site's or the section's name."""


def split_title(document: Document, gold: GoldFields) -> GoldFields:
    """Gold with a title: its own, its first line where that is the page's headline, else the page's headline."""
    if gold.title:
        return gold
    stated = f" {' '.join(fold(text) for text in document.tree.xpath(_STATED))} "
    heads = [text_of(element) for element in list(document.tree.iter("h1"))[:MAX_HEADS]]
    first = gold.body[0] if gold.body and not gold.lede else ""
    if first and (fold(first) in map(fold, heads) or f" {fold(first)} " in stated):
        return msgspec.structs.replace(gold, title=first, body=gold.body[1:])
    heads += [text_of(element) for element in list(document.tree.iter("h2"))[:MAX_HEADS]]
    likely = [head for head in heads if fold(head).count(" ") >= MIN_SPACES and f" {fold(head)} " in stated]
    return msgspec.structs.replace(gold, title=max(likely, key=len, default=None))


def learn_fields(template: Template, pages: Sequence[LearnedPage]) -> Template:
    """Add to `template` the selectors of the fields that the seeds state."""
    return msgspec.structs.replace(template, title=_title(pages))


def _title(pages: Sequence[LearnedPage]) -> tuple[str, ...]:
    found: list[str] = []
    for page in pages:
        wanted = fold(page.gold.title or "")
        elements = [e for e in page.document.tree.iter("h1", "h2", "h3", "div", "p", "span") if wanted and fold(text_of(e)) == wanted] if wanted else []
        if elements and (selector := selector_for([elements[0]], page.document.tree)):
            found.append(selector)
    return tuple(dict.fromkeys(found))
