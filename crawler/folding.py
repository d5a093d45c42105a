"""Folded forms of text, for matching only: what is stored stays as published."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

MAX_WORDS = 50_000
"""Words that are remembered; a site's pages share a few ten thousand, with and without punctuation."""
MAX_WORD = 24
"""Longest word that is remembered."""
MAX_BLOCK = 5_000
"""Longest text that is remembered: extraction asks for the same block of a page up to ten times."""


class _Letters(dict[int, str]):
    """For `str.translate`: a character without marks in lower case, a space for what belongs to no word."""

    def __missing__(self, code: int) -> str:
        bare = unicodedata.normalize("NFKD", chr(code).casefold().replace("đ", "d").replace("ð", "d"))
        folded = "".join(char if char.isalnum() else " " for char in bare if not unicodedata.combining(char))
        if code <= _LAST_USUAL:
            self[code] = folded
        return folded


class PerWord(dict[str, Value]):
    """What a function gives for a word, called once: the same words come again and again."""

    def __init__(self, compute: Callable[[str], Value]) -> None:
        self._compute = compute

    def __missing__(self, word: str) -> Value:
        value = self._compute(word)
        if len(word) <= MAX_WORD:
            if len(self) >= MAX_WORDS:
                self.clear()
            self[word] = value
        return value


def _fold_word(word: str) -> str:
    return " ".join(word.translate(_LETTERS).split())


_LAST_USUAL = 0xFFFF
_LETTERS = _Letters()
_WORDS = PerWord(_fold_word)
_SYLLABLES = PerWord(lambda word: _fold_word(word).split())


def fold(text: str) -> str:
    """Words of `text` in lower case without any mark, one space between them.

    NFC, NFD, both tone placements (hòa, hoà), Đ and Ð, case and punctuation all fold to the same.
    """
    return _fold_block(text) if len(text) <= MAX_BLOCK else _fold(text)


def _fold(text: str) -> str:
    return " ".join(filter(None, [_WORDS[word] for word in text.split()]))


_fold_block = lru_cache(maxsize=256)(_fold)


def syllables(text: str) -> list[str]:
    """The folded words of `text`, in order; in Vietnamese these are syllables."""
    return list(chain.from_iterable(map(_SYLLABLES.__getitem__, text.split())))
