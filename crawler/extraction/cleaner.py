"""trafilatura's judgement on a page or on the part of it that a template selected."""

from __future__ import annotations

import copy
import itertools
import logging
from typing import TYPE_CHECKING

import trafilatura
from lxml import etree, html

from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document

MAX_ELEMENTS = 40_000
"""Elements of a page that trafilatura is given: it needs quadratic time on some bombs (real pages have up to 9,000)."""

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # one line per hostile page would drown the crawl's log


def clean_page(document: Document) -> str:
    """Text of the whole page as trafilatura judges it, "" when it finds none."""
    return _extract(document.tree, fast=False) or ""


def clean_subtree(tops: Sequence[HtmlElement], skip: Collection[HtmlElement]) -> str:
    """Text of the selected elements, without those in `skip`, as trafilatura cleans it; the page stays untouched."""
    page = html.Element("html")
    article = etree.SubElement(etree.SubElement(page, "body"), "article")
    for top in tops:
        article.append(_copy_without(top, skip))
    return _extract(page, fast=True) or ""


def _extract(page: HtmlElement, *, fast: bool) -> str | None:
    if sum(1 for _ in itertools.islice(page.iter(), MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
        return None
    try:
        text: str | None = trafilatura.extract(page, fast=fast, include_comments=False, include_tables=True)
    except Exception:  # noqa: BLE001 - whatever it raises on hostile markup, the blocks are still there
        return None
    return text


def _copy_without(top: HtmlElement, skip: Collection[HtmlElement]) -> HtmlElement:
    wanted = [index for index, element in enumerate(top.iter()) if element in skip] if skip else []
    twin = copy.deepcopy(top)
    twin.tail = None
    if wanted:
        nodes = list(twin.iter())
        for index in wanted:
            if nodes[index].getparent() is not None:
                nodes[index].drop_tree()
    return twin


MIN_PART_WORDS = 3
"""Blocks of fewer spaces must be a whole line of the text; longer ones may be part of a line."""


class Verdict:
    """Which blocks a cleaned text contains; a longer block counts when most of its words stand there together."""

    def __init__(self, text: str) -> None:
        """Index `text`, as trafilatura returned it."""
        self.lines = {fold(part) for line in text.splitlines() for part in (line, *line.split("|"))}
        self.text = f" {' '.join(fold(text).split())} "

    def has(self, block: Block) -> bool:
        """True when the block's words stand together in the text."""
        folded = fold(block.text)
        if not folded:
            return False
        return folded in self.lines if folded.count(" ") < MIN_PART_WORDS else f" {folded} " in self.text
