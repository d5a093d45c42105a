"""Bring a seed's text and its page together: which blocks of the page are the article."""

from __future__ import annotations

import enum
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.extraction.furniture import is_caption
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.learning.gold import GoldFields

SHINGLE = 4
"""Words of a shingle: shorter ones match by chance, longer ones break at every correction."""

MIN_SHARED = 0.6
"""Share of a block's shingles that must stand in the gold text for the block to be article text: a corrected or
re-spelt paragraph keeps more, a teaser of another article has none."""

MIN_WORDS = 4
"""Shorter blocks must be a whole line of the gold text."""

NEAR = 4
"""Blocks a short match may lie from the nearest sure one."""

MIN_COPIED = 0.8
"""Share of a block's words that are whole lines of the text which stand elsewhere on the page as well."""

MAX_COPIED_LINES = 1_000
"""Lines of the text that are looked for in other blocks."""


MAX_CELLS = 20
MAX_ROW = 2_000
"""Columns, and characters of a row: wider tables lay out the page."""

_CELLS = frozenset({"td", "th"})


class Label(enum.Enum):
    """What a block of a seed's page is."""

    ARTICLE = "article"
    OTHER_FIELD = "other field"
    """Title, caption, author, date: neither text nor furniture."""
    FURNITURE = "furniture"


@dataclass(slots=True)
class Aligned:
    """The blocks of a page with their labels."""

    blocks: list[Block]
    labels: list[Label]
    recall: float
    """Share of the gold's words that some block holds."""
    repeats: Counter[str] = field(default_factory=Counter)
    """How many article blocks say the same, by folded text."""

    def weight(self, index: int) -> float:
        """Words of an article block, shared between the blocks that say the same."""
        folded = fold(self.blocks[index].text)
        return (folded.count(" ") + 1) / max(1, self.repeats[folded])


class _Gold:
    """The gold text, indexed for look-ups."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = {fold(line) for line in lines}
        self.words = " ".join(fold(line) for line in lines).split()
        self.text = f" {' '.join(self.words)} "
        self.shingles = set(_shingles(self.words))

    def has(self, folded: str) -> bool:
        if not folded:
            return False
        words = folded.split()
        if len(words) < MIN_WORDS:
            return folded in self.lines
        return self.says(folded) or self.shares(words)

    def says(self, folded: str) -> bool:
        return f" {folded} " in self.text

    def shares(self, words: list[str]) -> bool:
        shingles = _shingles(words)
        return sum(shingle in self.shingles for shingle in shingles) >= MIN_SHARED * len(shingles)


def _shingles(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]


def align(blocks: list[Block], gold: GoldFields, tree: HtmlElement) -> Aligned:
    """Label each of the `blocks` of the page `tree` by the seed's fields."""
    text = _Gold(gold.lines)
    others = _Gold([*gold.captions, *filter(None, (gold.title, gold.kicker, gold.author, gold.source, gold.section))])
    folded = [fold(block.text) for block in blocks]
    title = fold(gold.title or "")
    is_other = [line == title or is_caption(block, tree) for line, block in zip(folded, blocks, strict=True)]
    is_article = [
        text.has(line) and (not other or line in text.lines) for line, other in zip(folded, is_other, strict=True)
    ]
    is_cell = [_says_row(text, block, line) for line, block in zip(folded, blocks, strict=True)]
    _forget_stray(folded, is_article)
    _forget_copies(folded, is_article, text.lines)
    is_article = [is_text or cell for is_text, cell in zip(is_article, is_cell, strict=True)]
    labels = [
        Label.ARTICLE if is_text else Label.OTHER_FIELD if other or others.has(line) else Label.FURNITURE
        for line, is_text, other in zip(folded, is_article, is_other, strict=True)
    ]
    found = Counter(word for line, is_text in zip(folded, is_article, strict=True) if is_text for word in line.split())
    wanted = Counter(text.words)
    recall = sum((found & wanted).values()) / max(1, len(text.words))
    repeats = Counter(line for line, is_text in zip(folded, is_article, strict=True) if is_text)
    return Aligned(blocks, labels, recall, repeats)


def _says_row(text: _Gold, block: Block, folded: str) -> bool:
    """True for a cell whose table row stands in the text as one line: short cells alone would match by chance."""
    row = block.element.getparent() if block.element.tag in _CELLS else None
    if not folded or row is None or not 1 < len(row) <= MAX_CELLS:
        return False
    line = fold(" ".join(" ".join(cell.itertext()) for cell in row))
    return len(line) <= MAX_ROW and line.count(" ") + 1 >= MIN_WORDS and text.says(line)


def _forget_stray(folded: list[str], is_article: list[bool]) -> None:
    """Short matches far from every sure one are chance: a section's name in the menu, a place, a number."""
    sure = [index for index, line in enumerate(folded) if is_article[index] and line.count(" ") + 1 >= 2 * MIN_WORDS]
    near = {index + offset for index in sure for offset in range(-NEAR, NEAR + 1)}
    for index in range(len(folded)):
        if is_article[index] and index not in near:
            is_article[index] = False


def _forget_copies(folded: list[str], is_article: list[bool], lines: set[str]) -> None:
    """Blocks that say again what lines of the text do which stand elsewhere: all of it in one piece, or a teaser."""
    said = {line for line, is_text in zip(folded, is_article, strict=True) if is_text and line in lines}
    whole = [f" {line} " for line in itertools.islice(said, MAX_COPIED_LINES) if line.count(" ") + 1 >= MIN_WORDS]
    joined = "|".join(whole)
    for index, line in enumerate(folded):
        if is_article[index] and line not in lines:
            held = [one for one in whole if one in f" {line} "]
            is_sum = len(held) > 1 and sum(len(one) - 1 for one in held) >= MIN_COPIED * len(line)
            is_article[index] = not is_sum and f" {line} " not in joined
