"""How a text is built, in figures: repetition, lists of teasers, menus, cohesion. All linear in the text's length."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler.folding import syllables
from crawler.refinement.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

T = TypeVar("T")

_MAX_CHARS = 300_000
"""Longest text that is looked at; the extraction allows no more."""
_SENTENCE_END = re.compile(r"[.!?:;…,\"”'’»)\]|。！？」』।։؟۔]$")
_ITEM = re.compile(
    r"^(?:[-+*•–|]|\(?[0-9]{1,3}[.)/]|[a-zđ][.)]|[IVXLC]{1,6}\.|(?i:bài|điều|chương|mục|phần|bước|câu)\s+\d)"
)
_TAG = re.compile(r"^[A-ZĐ]{2,6} ?[-–] |^.{0,240}?\([A-ZĐ][\w.]{1,20}(?: [\w.]{1,20}){0,2}\) ?[-–] ")
_MORE = re.compile(
    r"^(?:>{1,2}|»)\s*\S|^[\W_]*(?:xem tiếp|xem thêm|đọc tiếp|chi tiết|xem chi tiết|read more)[\W_]*$", re.IGNORECASE
)
_STAMP = re.compile(
    r"^[\W_]*(?:(?:thứ \w+|chủ nhật|hôm nay|hôm qua)[\W_]+)?"
    r"(?:\d{1,4}[-/.:h]\d{1,2}(?:[-/.:]\d{1,4})?[\W_]*(?:am|pm|sa|ch|gmt)?[\W_]*\d?[\W_]*){1,3}$"
    r"|^[\W_]*\d{1,2} (?:phút|giờ|ngày|tuần|tháng) trước[\W_]*$",
    re.IGNORECASE,
)
_HEADLINE_WORDS = range(5, 31)
_LONG_WORDS = 12
"""Least words of a paragraph that says something; a headline or a line of verse has fewer or about as many."""
_MENU_WORDS = 4
_NEIGHBOURS = 2
"""Paragraphs before and after a paragraph that count as near it."""
_MIN_UNITS = 8
"""Least number of long paragraphs for cohesion to mean anything."""
_TEASER_SENTENCES = 2.5
"""Mean sentences of a teaser, at most."""
_SENTENCE = re.compile(r"[.!?…](?=[\s”\"']|$)")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIN_PAIRS = 4
_PAIR_COHESION = 0.15
"""Articles with a heading to every paragraph share 0.17 and more."""


@dataclass(frozen=True)
class Shape:
    """Measures of one text. Shares are 0 to 1; those of lines count lines that are not empty."""

    text: str
    title: str = ""

    @cached_property
    def lines(self) -> list[str]:
        """Lines with something in them, spaces at the ends taken off."""
        return [line.strip() for line in self.text[:_MAX_CHARS].split("\n") if line.strip()]

    @cached_property
    def line_words(self) -> list[list[str]]:
        """Runs between white space, line by line."""
        return [line.split() for line in self.lines]

    @cached_property
    def wording(self) -> Wording:
        """The words, counted."""
        return Wording(self.lines, self.line_words)

    @cached_property
    def line_syllables(self) -> list[list[str]]:
        """Folded syllables of each line."""
        return [syllables(line) for line in self.lines]

    @cached_property
    def _is_headline(self) -> list[bool]:
        return [_is_headline(line, len(words)) for line, words in zip(self.lines, self.line_words, strict=True)]

    @cached_property
    def syllables(self) -> list[str]:
        """Folded syllables of the running text: lists and tables repeat themselves by their nature."""
        lines = zip(self.lines, self.line_syllables, strict=True)
        return [syllable for line, spelled in lines if not _ITEM.match(line) for syllable in spelled]

    def duplicate_lines(self) -> float:
        """Share of lines that stood in the text before."""
        return 1 - len(set(self.lines)) / len(self.lines) if self.lines else 0.0

    @cached_property
    def _hashes(self) -> NDArray[np.uint64]:
        return np.fromiter(map(hash, self.syllables), np.int64, len(self.syllables)).view(np.uint64)

    def _runs(self, n: int) -> NDArray[np.uint64]:
        """A number for each run of `n` syllables: equal ones for equal runs, and for others but once in 2^64."""
        n_runs = max(0, len(self._hashes) - n + 1)
        runs = np.zeros(n_runs, dtype=np.uint64)
        for start in range(n):
            runs = runs * _MULTIPLIER + self._hashes[start : start + n_runs]
        return runs

    def top_ngram(self, n: int) -> float:
        """Share of the syllables that the most frequent run of `n` covers, when it occurs more than once."""
        counts = np.unique(self._runs(n), return_counts=True)[1]
        most = int(counts.max(initial=0))
        return min(1.0, most * n / len(self.syllables)) if most > 1 else 0.0

    def duplicate_ngrams(self, n: int) -> float:
        """Share of the syllables inside runs of `n` that stood in the text before; runs do not overlap (Gopher)."""
        found = self._runs(n)
        if len(np.unique(found)) == len(found):
            return 0.0
        runs: list[int] = found.tolist()
        seen: set[int] = set()
        covered = index = 0
        while index < len(runs):
            is_known = runs[index] in seen
            seen.add(runs[index])
            covered += n * is_known
            index += n if is_known else 1
        return covered / len(self.syllables) if covered else 0.0

    def teaser_pairs(self) -> float:
        """Share of lines in pairs of a headline and a longer line, when the pairs are about different things.

        A section page looks like that, and so does an article with many headings, which keeps to its subject.
        """
        n_pairs, index = 0, 0
        while index < len(self.lines) - 1:
            is_pair = self._is_headline[index] and self._is_sapo(index + 1)
            n_pairs += is_pair
            index += 2 if is_pair else 1
        is_list = n_pairs >= _MIN_PAIRS and self._near_share < _PAIR_COHESION
        return 2 * n_pairs / len(self.lines) if is_list else 0.0

    def _is_sapo(self, index: int) -> bool:
        return len(self.line_words[index]) >= _LONG_WORDS and not self._is_headline[index]

    def cohesion(self) -> float:
        """How many of the syllable pairs of a paragraph its neighbours share, on average.

        An article keeps to its subject, a page of unrelated teasers does not. 1 where that means nothing: for
        fewer than eight paragraphs, and for paragraphs of several sentences each, which no teaser has.
        """
        lines = zip(self.lines, self.line_words, strict=True)
        n_sentences = sum(len(_SENTENCE.findall(line)) for line, words in lines if len(words) >= _LONG_WORDS)
        if len(self._units) < _MIN_UNITS or n_sentences > _TEASER_SENTENCES * len(self._units):
            return 1.0
        return self._near_share

    @cached_property
    def _units(self) -> list[set[tuple[str, str]]]:
        """Syllable pairs of each long paragraph, a headline taken together with what it heads."""
        units, heading = [], list[str]()
        for is_headline, spelled in zip(self._is_headline, self.line_syllables, strict=True):
            unit = heading + spelled
            heading = unit if is_headline and not heading else []
            if not heading and len(unit) >= _LONG_WORDS:
                units.append(set(pairwise(unit)))
        return units

    @cached_property
    def _near_share(self) -> float:
        """Mean share of a unit's pairs that stand in the units next to it or in the title."""
        units, title = self._units, set(pairwise(syllables(self.title[:1000])))
        shared = [own & title for own in units]
        for (one, own), (other, near) in _neighbours(enumerate(units)):
            common = own & near
            shared[one] |= common
            shared[other] |= common
        shares = [len(found) / len(own) for found, own in zip(shared, units, strict=True)]
        return sum(shares) / len(shares) if shares else 1.0

    def tagged_lines(self) -> float:
        """Share of lines with an agency's tag at their head, `(Dân trí) -`, `TTO -`; an article has one."""
        n_tagged = sum(bool(_TAG.match(line)) for line in self.lines)
        return n_tagged / len(self.lines) if n_tagged > 1 else 0.0

    def more_lines(self) -> float:
        """Share of lines that only lead elsewhere: `>> …`, `Xem tiếp`."""
        return self._share(lambda line: bool(_MORE.match(line)))

    def stamp_lines(self) -> float:
        """Share of lines that are nothing but a date or a time."""
        return self._share(lambda line: len(line) <= 40 and bool(_STAMP.match(line)))  # noqa: PLR2004 - longer is prose

    def menu_lines(self) -> float:
        """Share of lines of up to four words, without a figure and without a sentence's end."""
        n_menu = sum(_is_menu(line, len(words)) for line, words in zip(self.lines, self.line_words, strict=True))
        return n_menu / len(self.lines) if self.lines else 0.0

    def _share(self, test: Callable[[str], bool]) -> float:
        return sum(map(test, self.lines)) / len(self.lines) if self.lines else 0.0


def _neighbours(items: Iterable[T]) -> Iterator[tuple[T, T]]:
    """Pairs of items that stand near each other."""
    last: deque[T] = deque(maxlen=_NEIGHBOURS)
    for item in items:
        yield from ((other, item) for other in last)
        last.append(item)


def _is_headline(line: str, n_words: int) -> bool:
    return (
        n_words in _HEADLINE_WORDS
        and not _SENTENCE_END.search(line)
        and not _ITEM.match(line)
        and (line[0].isupper() or line[0] in "\"'“‘")
    )


def _is_menu(line: str, n_words: int) -> bool:
    return n_words <= _MENU_WORDS and not any(map(str.isdigit, line)) and not _SENTENCE_END.search(line)
