"""Read the article from a page of which nothing is known: trafilatura, corrected by what news pages have in common."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors
from crawler.extraction.cleaner import clean_page
from crawler.extraction.furniture import below_pictures, is_caption, is_furniture, is_short
from crawler.extraction.furniture_lines import is_furniture_line, is_furniture_text
from crawler.extraction.matching import MIN_LONG_WORDS, Match
from crawler.extraction.reading import Reading
from crawler.extraction.selected import without_copies
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document

MIN_COVERAGE = 0.97
"""Where the page's blocks hold a smaller share of trafilatura's words, its own lines are taken instead."""

MAX_LEDE_DISTANCE = 25
"""Blocks between a lede above the body and the body: date, share strip, pictures."""

MAX_LEDE_RATIO = 3
"""A block that is longer, against the description, is the body in one piece."""

_DESCRIPTIONS = "//meta[@name='description' or @property='og:description' or @name='Description']/@content"

MAX_SAMPLE = 5_000
MIN_FOREIGN = 0.005
"""Share of letters outside ASCII that English prose does not reach."""
_ASCII = re.compile(r"[\x00-\x7f]+")

MAX_BOX_WORDS = 150
"""A box that its name calls furniture is dropped from generic text only up to this size: names can lie."""


def read_generic(document: Document) -> Reading | str | None:
    """The blocks trafilatura keeps, without captions and furniture; its own lines where blocks do not explain it."""
    text = clean_page(document)
    if not text:
        return None
    matched = Match(text, document.blocks, document.tree)
    below = below_pictures(matched.blocks)
    captions = tuple(
        dict.fromkeys(block.text for block in matched.blocks if block in below or is_caption(block, document.tree))
    )
    if matched.coverage < MIN_COVERAGE:
        return _without_furniture(text, captions, document.blocks)
    heads = _headlines(document)
    kept = [
        block
        for block in matched.with_recovered()
        if block not in below and not _is_outside(block, document.tree) and fold(block.text) not in heads
    ]
    lede = _described(document, matched, is_anywhere=not kept)
    if lede is not None and lede not in kept:
        kept.insert(0, lede)
    blocks = tuple(without_copies(kept))
    sources = (("text", "trafilatura"), *((("lede", "body:description"),) if lede is not None else ()))
    return Reading(blocks, captions, lede.text if lede is not None else None, sources) if blocks else text


def _without_furniture(text: str, captions: Sequence[str], blocks: Sequence[Block]) -> str:
    out = {*map(fold, captions), *(fold(block.text) for block in blocks if is_furniture_line(block))}
    kept = [line for line in text.splitlines() if not is_furniture_text(line) and fold(line) not in out]
    return "\n".join(kept) or text


def _described(document: Document, matched: Match, *, is_anywhere: bool = False) -> Block | None:
    """The block above the body that says what the page's description says: a lede that trafilatura passes over."""
    stated = [fold(text) for text in map(str, document.tree.xpath(_DESCRIPTIONS))]
    stated = [text for text in stated if text.count(" ") >= MIN_LONG_WORDS]
    if not stated or not matched.chosen or not opens_with_lede(matched.raw):
        return None
    first = matched.chosen[0]
    for index in range(len(matched.all)) if is_anywhere else range(max(0, first - MAX_LEDE_DISTANCE), first + 2):
        folded = matched.folded[index] if index < len(matched.folded) else ""
        if folded.count(" ") >= MIN_LONG_WORDS and any(_says(folded, text) for text in stated):
            return matched.all[index]
    return None


def opens_with_lede(text: str) -> bool:
    """True where the lede above the body opens the article: in all languages but English.

    English newspapers set a teaser there that sums up what follows. English is told by its letters: hardly any has a
    mark, against 1 to 4 in 100 in German, French or Spanish.
    """
    composed = unicodedata.normalize("NFC", text[:MAX_SAMPLE])
    n_letters = sum(map(str.isalpha, composed))
    n_foreign = sum(map(str.isalpha, _ASCII.sub("", composed)))
    return n_foreign > MIN_FOREIGN * max(1, n_letters)


def _says(folded: str, description: str) -> bool:
    begins = " ".join(description.split()[:MIN_LONG_WORDS])
    return begins in folded and len(folded) <= MAX_LEDE_RATIO * len(description)


def _headlines(document: Document) -> set[str]:
    """The stated headline and the first `h1`; others that the page's title does not hold are headings in the text."""
    stated = list(map(str, document.tree.xpath("//meta[@property='og:title']/@content")))
    named = f" {' '.join(map(fold, [*stated, *map(str, document.tree.xpath('//title/text()'))]))} "
    heads = ["".join(h1.itertext()) for h1 in document.tree.iter("h1")]
    told = [text for n, text in enumerate(heads) if n == 0 or f" {fold(text)} " in named]
    return {fold(text) for text in (*stated, *told) if " " in text.strip()}


def _is_outside(block: Block, tree: HtmlElement) -> bool:
    if is_caption(block, tree) or is_furniture_line(block):
        return True
    return any(is_furniture(element) and is_short(element, MAX_BOX_WORDS) for element in ancestors(block.element, tree))
