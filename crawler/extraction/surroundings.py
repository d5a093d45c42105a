"""The part of a page around its article: where dateline, signature, credits and lede are looked for first.

Whole pages are mostly menus and other articles: most of those measured have three to ten times as many elements.
"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors, is_inline
from crawler.extraction.template import outermost, select

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

WIDENED = 1.25
SPARE = 50
"""The part grows outwards to so many times its elements and so many more: byline and date may stand beside it."""


def surroundings(document: Document, template: Template | None, title: HtmlElement | None = None) -> HtmlElement:
    """The smallest element around the headline and what the template's body stands in, widened a little.

    Without `title` its place is that of the last h1 above the body. The whole page without a template or
    where its body is not found.
    """
    tops = outermost(select(document, template.body)) if template else []
    if not tops:
        return document.tree
    heading = title if title is not None else _last_heading(document, tops[0])
    elements = [*(top.getparent() for top in tops), heading]
    return _widened(_around([element for element in elements if element is not None], document.tree))


def _last_heading(document: Document, below: HtmlElement) -> HtmlElement | None:
    above = takewhile(lambda element: element is not below, document.tree.iter("h1", str(below.tag)))
    headings = [element for element in above if element.tag == "h1"]
    return next((h1 for h1 in reversed(headings) if any(map(str.strip, h1.itertext()))), None)


def _around(elements: Iterable[HtmlElement], tree: HtmlElement) -> HtmlElement:
    chains = [list(ancestors(element, tree))[::-1] for element in elements]
    holder = tree
    for steps in zip(*chains, strict=False):
        if any(step is not steps[0] for step in steps):
            break
        holder = steps[0]
    return holder


def _widened(element: HtmlElement) -> HtmlElement:
    most = int(WIDENED * len(list(element.iter()))) + SPARE
    while (parent := element.getparent()) is not None:
        if len(list(islice(parent.iter(), most + 1))) > most and not is_inline(element):
            break
        element = parent
    return element
