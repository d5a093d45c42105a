"""Folded forms of text, for matching only: what is stored stays as published."""

from __future__ import annotations

import re
import unicodedata

_LATIN_MARKS = re.compile(r"[\u0300-\u034e\u0350-\u036f]+")
_OTHER_MARKS = re.compile(r"[\u0483-\u1fff\u20d0-\u20ff\u2cef-\U0010ffff]")
"""Where combining characters outside the common block lie; a text without any is spared the slow way."""
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Words of `text` in lower case without any mark, one space between them.

    NFC, NFD, both tone placements (hòa, hoà), Đ and Ð, case and punctuation all fold to the same.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d").replace("ð", "d"))
    bare = _LATIN_MARKS.sub("", decomposed)
    if _OTHER_MARKS.search(bare):
        bare = "".join(char for char in bare if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", bare).strip()


def syllables(text: str) -> list[str]:
    """The folded words of `text`, in order; in Vietnamese these are syllables."""
    return fold(text).split()
