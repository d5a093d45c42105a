"""What is counted of a word, read once per word."""

from __future__ import annotations

from typing import NamedTuple

from crawler.folding import PerWord
from crawler.spelling import has_marks


class Traits(NamedTuple):
    """Of a run of characters between white space."""

    n_letters: int
    n_capitals: int
    is_marked: bool
    """Has letters, and one with a Vietnamese mark."""
    is_said: bool
    """Is more than punctuation."""


def _read(word: str) -> Traits:
    letters = [char for char in word if char.isalpha()]
    is_marked = bool(letters) and has_marks(word)
    return Traits(len(letters), sum(map(str.isupper, letters)), is_marked, any(map(str.isalnum, word)))


TRAITS = PerWord(_read)
