"""Folded forms of text, for matching only: what is stored stays as published."""

from __future__ import annotations

import re
import unicodedata

_STROKES = str.maketrans({"đ": "d", "ð": "d"})
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Words of `text` in lower case without any mark, one space between them.

    NFC, NFD, both tone placements (hòa, hoà), Đ and Ð, case and punctuation all fold to the same.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_STROKES))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", bare).strip()


def syllables(text: str) -> list[str]:
    """The folded words of `text`, in order; in Vietnamese these are syllables."""
    return fold(text).split()
