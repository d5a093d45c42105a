"""What is counted of the words of a text: each is looked at once, however often it comes."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from crawler.folding import PerWord
from crawler.spelling import has_marks

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Traits(NamedTuple):
    """Of a run of characters between white space."""

    n_letters: int
    n_capitals: int
    is_marked: bool
    """Has letters, and one with a Vietnamese mark."""
    is_said: bool
    """Is more than punctuation."""


def _read(word: str) -> _Traits:
    letters = [char for char in word if char.isalpha()]
    is_marked = bool(letters) and has_marks(word)
    return _Traits(len(letters), sum(map(str.isupper, letters)), is_marked, any(map(str.isalnum, word)))


_TRAITS = PerWord(_read)


class Wording:
    """Counts of the words of a text, which are what stands between white space."""

    def __init__(self, lines: Sequence[str], line_words: Sequence[Sequence[str]]) -> None:
        self._lines = lines
        self._line_words = line_words
        self.n_words = sum(map(len, line_words))
        """All words."""

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(chain.from_iterable(self._line_words))

    @cached_property
    def _traits(self) -> list[tuple[_Traits, int]]:
        return [(_TRAITS[word], n) for word, n in self._counts.items()]

    @cached_property
    def n_chars(self) -> int:
        """Characters of all words."""
        return sum(len(word) * n for word, n in self._counts.items())

    def capital_share(self) -> float:
        """Share of the letters that are capitals."""
        n_letters = sum(word.n_letters * n for word, n in self._traits)
        return sum(word.n_capitals * n for word, n in self._traits) / n_letters if n_letters else 0.0

    def n_spelled(self) -> int:
        """Words with at least one letter."""
        return sum(n for word, n in self._traits if word.n_letters)

    def n_marked(self) -> int:
        """Of them those with a Vietnamese mark."""
        return sum(n for word, n in self._traits if word.is_marked)

    def n_said(self) -> int:
        """Words outside tables that are more than punctuation."""
        lines = zip(self._lines, self._line_words, strict=True)
        in_tables = chain.from_iterable(words for line, words in lines if line.startswith("|"))
        return sum(n for word, n in self._traits if word.is_said) - sum(_TRAITS[word].is_said for word in in_tables)
