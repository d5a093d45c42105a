"""Read the article from a page of which nothing is known: trafilatura, corrected by what news pages have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction.blocks import Reading, ancestors, read_blocks
from crawler.extraction.cleaner import Verdict, clean_page
from crawler.extraction.furniture import is_caption, is_furniture, is_furniture_line
from crawler.extraction.selected import without_repeats
from crawler.folding import fold

if TYPE_CHECKING:
    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document

MIN_COVERAGE = 0.9
"""Where the page's blocks hold less than this share of trafilatura's words, its own lines are taken instead."""


def read_generic(document: Document) -> Reading | str | None:
    """The blocks trafilatura keeps, without captions and furniture; its own text where blocks do not explain it."""
    text = clean_page(document)
    if not text:
        return None
    verdict = Verdict(text)
    matched = [block for block in read_blocks(document.tree) if verdict.has(block)]
    if sum(len(fold(block.text)) for block in matched) < MIN_COVERAGE * len(fold(text)):
        return text
    captions = [block.text for block in matched if is_caption(block, document.tree)]
    kept = [block for block in matched if not is_caption(block, document.tree) and not is_furniture_line(block)]
    blocks = tuple(without_repeats(kept))
    return Reading(blocks, tuple(dict.fromkeys(captions)), None, (("text", "trafilatura"),))
