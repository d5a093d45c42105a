"""Folded forms of text, for matching only: what is stored stays as published."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MAX_WORDS = 50_000
"""Folded words that are remembered; a site's pages share a few ten thousand, with and without punctuation."""
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


class _Words(dict[str, str]):
    """What runs between white space fold to; the same words come again and again."""

    def __missing__(self, word: str) -> str:
        folded = " ".join(word.translate(_LETTERS).split())
        if len(word) <= MAX_WORD:
            if len(self) >= MAX_WORDS:
                self.clear()
            self[word] = folded
        return folded


_LAST_USUAL = 0xFFFF
_LETTERS = _Letters()
_WORDS = _Words()


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
    return fold(text).split()
