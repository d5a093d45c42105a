"""Find the blocks of a page that make up a text trafilatura extracted from it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors
from crawler.extraction.cleaner import MIN_PART_WORDS
from crawler.extraction.selected import HEADINGS, is_prose
from crawler.folding import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block

MAIN_SHARE = 0.9
"""Share of trafilatura's words that the main container holds."""

MIN_SURE_WORDS = 5
"""Shorter blocks match by chance: outside the main container they are not believed."""

MAX_CELL_WORDS = 60
"""Words in a cell of a table with something to say; longer ones lay out the page."""

MAX_HEADING_LINKS = 0.5

MAX_SKIPPED = 10
"""Blocks between headline and text that are looked at."""

_BROKEN_OFF = ("…", "...")
MAX_TEASER_WORDS = 100
"""A longer block that ends with dots is the article in one piece."""

MIN_LONG_WORDS = 12
MIN_SHARED = 0.7
"""Share of a long block's four-word shingles that make it one of trafilatura's."""


def _shingles(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(words, words[1:], words[2:], words[3:], strict=False))


def _place(block: Block) -> tuple[str, ...]:
    """The block's path; a `div` without a name counts as the paragraph that it is beside others."""
    return (*block.path[:-1], "p") if block.path[-1:] == ("div",) else block.path


def _cells(line: str) -> list[str]:
    """The cells of a table's row as trafilatura writes it; any other line whole."""
    return line.split("|") if line.startswith("|") else [line]


def _without_layout(text: str) -> str:
    """`text` without the rows of its tables, where a cell is too long for a table of figures: it holds the page."""
    lines = text.splitlines()
    rows = [line for line in lines if line.startswith("|")]
    has_layout = any(cell.count(" ") > MAX_CELL_WORDS for row in rows for cell in row.split("|"))
    return "\n".join(line for line in lines if not line.startswith("|")) if has_layout else text


def _depth(element: HtmlElement) -> int:
    return sum(1 for _ in element.iterancestors())


class Match:
    """The page's blocks that make up trafilatura's text."""

    def __init__(self, text: str, blocks: list[Block], tree: HtmlElement) -> None:
        """Match the `blocks` of the page `tree` with `text`."""
        self.raw = text
        self.all = blocks
        self.tree = tree
        self.text = f" {fold(text)} "
        self.lines = Counter(fold(cell) for line in text.splitlines() for cell in _cells(line))
        self.folded = [fold(block.text) for block in blocks]
        occurring = (index for index in range(len(blocks)) if self._occurs(self.folded[index]))
        candidates = [index for index in occurring if not self._is_teaser(index)]
        self.main = self._main(candidates)
        self.chosen = self._choose(candidates)

    @property
    def blocks(self) -> list[Block]:
        """The matched blocks, in page order."""
        return [self.all[index] for index in self.chosen]

    @property
    def coverage(self) -> float:
        """Share of the text's words that the matched blocks hold; on a page laid out by a table, rows may be left."""
        found = Counter(word for index in self.chosen for word in self.folded[index].split())
        texts = {self.text, fold(_without_layout(self.raw))}
        wanted = [Counter(text.split()) for text in texts]
        return max(sum((words & found).values()) / sum(words.values()) if words else 1.0 for words in wanted)

    def _occurs(self, folded: str) -> int:
        if not folded:
            return 0
        if folded.count(" ") < MIN_PART_WORDS:
            return self.lines[folded]
        return self.text.count(f" {folded} ")

    def _is_teaser(self, index: int) -> bool:
        """True for a text that breaks off and is no part of a line: headline and first words of this very article."""
        if not self.all[index].text.endswith(_BROKEN_OFF) or self.folded[index].count(" ") >= MAX_TEASER_WORDS:
            return False
        folded = f" {self.folded[index]} "
        return not any(folded in f" {line} " for line in self.lines)

    def _main(self, candidates: list[int]) -> HtmlElement:
        """Smallest element that holds nearly all words of the long candidates, each text counted once."""
        words: Counter[HtmlElement] = Counter()
        total = 0
        seen: Counter[str] = Counter()
        for index in candidates:
            folded = self.folded[index]
            n_words = folded.count(" ") + 1
            if n_words < MIN_SURE_WORDS:
                continue
            seen[folded] += 1
            total += n_words if seen[folded] <= self._occurs(folded) else 0
            words.update(dict.fromkeys(ancestors(self.all[index].element, self.tree), n_words))
        enough = [element for element in words if words[element] >= MAIN_SHARE * total]
        return max(enough, key=_depth, default=self.tree)

    def _choose(self, candidates: list[int]) -> list[int]:
        """Candidates in the main container, then others above it that say more; none more often than the text."""
        inside = [index for index in candidates if self.main in set(ancestors(self.all[index].element, self.tree))]
        left = Counter({self.folded[index]: self._occurs(self.folded[index]) for index in candidates})
        chosen: list[int] = []
        end = inside[-1] if inside else len(self.all)
        outside = sorted((index for index in set(candidates) - set(inside) if index < end), reverse=True)
        for index in [*inside, *(i for i in outside if self.folded[i].count(" ") + 1 >= MIN_SURE_WORDS)]:
            if left[self.folded[index]] > 0:
                left[self.folded[index]] -= 1
                chosen.append(index)
        return sorted(chosen)

    def with_recovered(self) -> list[Block]:
        """The chosen blocks, and the prose between them that trafilatura passed over."""
        chosen = set(self.chosen) | self._nearly(self.chosen)
        inside = [i for i in sorted(chosen) if self.main in set(ancestors(self.all[i].element, self.tree))]
        if not inside:
            return [self.all[index] for index in sorted(chosen)]
        paths = Counter(_place(self.all[index]) for index in inside if is_prose(self.all[index]))
        span = range(self._begin(inside[0]), inside[-1])
        lost = self._headings(chosen, span) + [
            i for i in span if i not in chosen and is_prose(self.all[i]) and paths[_place(self.all[i])] > 1
        ]
        seen = {self.folded[index] for index in chosen}
        return [self.all[i] for i in sorted(chosen | {i for i in lost if self.folded[i] not in seen})]

    def _begin(self, first: int) -> int:
        """Where the article may begin that trafilatura begins at block `first`: below a headline not far above."""
        above = range(max(0, first - MAX_SKIPPED), first)
        return max((i + 1 for i in above if self.all[i].element.tag == "h1"), default=first)

    def _nearly(self, chosen: list[int]) -> set[int]:
        """Long blocks in the main container that trafilatura kept but for a few words of inline markup."""
        told = {shingle for index in chosen for shingle in _shingles(self.folded[index].split())}
        rest = set(_shingles(self.text.split())) - told
        found: set[int] = set()
        for index in range(len(self.all)) if rest else ():
            words = self.folded[index].split()
            shingles = _shingles(words)
            if len(words) >= MIN_LONG_WORDS and sum(s in rest for s in shingles) >= MIN_SHARED * len(shingles):
                found.add(index)
                rest.difference_update(shingles)
        return {index for index in found if self.main in set(ancestors(self.all[index].element, self.tree))}

    def _headings(self, chosen: set[int], span: range) -> list[int]:
        """Headings left out right before a chosen block, beside which they stand."""
        return [
            index
            for index in span
            if index not in chosen
            and index + 1 in chosen
            and self.all[index].element.tag in HEADINGS
            and self.all[index].element.getparent() is self.all[index + 1].element.getparent()
            and self.all[index].link_share <= MAX_HEADING_LINKS
        ]
