"""Encoding-level repairs of one string: spaces, invisible characters, entities, mojibake, Ð, NFC.

Each takes text and gives text, is linear in its length, and changes nothing that a reader would have seen.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5
from itertools import chain

import ftfy
from ftfy.badness import is_bad
from ftfy.fixes import fix_c1_controls

from crawler.folding import PerWord
from crawler.spelling import is_syllable, syllable_share, words

_MAX_REPAIR = 50_000
"""Longest string handed to ftfy."""

# Joiners, bidi marks and zero-width spaces carry meaning after letters of the scripts between Hebrew and Khmer and
# inside emoji; anywhere else, and soft hyphens everywhere, they are leftovers of an editor.
_INVISIBLE = re.compile(
    r"[\xad\u180e\ufeff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]"
    r"|(?<![\u0590-\u1cff\u200b-\u200f\u203c-\u3299\ufe0f\U0001f000-\U0001faff])[\u200b-\u200f\u202a-\u202e\u2060-\u2069]+"
)
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_EDGE_SPACE = re.compile(r"(?:(?<=\n)|\A) | (?=\n)| \Z")
_BLANK_LINES = re.compile(r"\n{3,}")


def drop_invisible(text: str) -> str:
    """`text` without soft hyphens, zero-width characters, byte order marks, control characters and lone surrogates."""
    if text.replace("\n", "").isprintable():  # none of them is
        return text
    return _INVISIBLE.sub("", text)


def tidy_spaces(text: str) -> str:
    """One plain space for each run of white space, none at the ends of a line, paragraphs one blank line apart."""
    text = _LINE_BREAK.sub("\n", text)
    text = _EDGE_SPACE.sub("", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


_ENTITY = re.compile(r"&(?:(?:amp|#38|#x26);)*(#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,5}|[A-Za-z][A-Za-z0-9]{1,30});")
_IN_WORD = re.compile(rf"(?:(?<=[^\W\d_])|(?<=;)){_ENTITY.pattern}|{_ENTITY.pattern}(?=[^\W\d_])")
_MARKUP_TALK = re.compile(r"&(?:amp;)*(?:lt|gt|#60|#62);|</?[A-Za-z]|html|\bxml\b", re.IGNORECASE)
_TYPOGRAPHIC = frozenset("\xa0\"'&“”‘’–—…«»•·´°²³½±×\u200b\xad")


def decode_entities(text: str) -> str:
    """`text` with entities that were encoded twice as characters; as it is when it may be about mark-up.

    Sure are letters written as entities inside a word (`Th&aacute;i`) and, in a text that shows no sign of
    mark-up, no-break spaces, quotes, dashes and ampersands.
    """
    if "&" not in text or _MARKUP_TALK.search(text):
        return text
    has_letters = any(_is_letter(_meaning(match[1] or match[2])) for match in _IN_WORD.finditer(text))

    def decode(match: re.Match[str]) -> str:
        meaning = _meaning(match[1])
        is_sure = meaning in _TYPOGRAPHIC or (has_letters and _is_letter(meaning))
        return meaning if is_sure else match[0]

    return _ENTITY.sub(decode, text)


def _meaning(name: str) -> str:
    """The character that entity `name` stands for, or nothing."""
    if name.startswith("#"):
        return html.unescape(f"&{name};")
    return html5.get(f"{name};", "")


def _is_letter(meaning: str) -> bool:
    return len(meaning) == 1 and not meaning.isascii() and meaning.isalpha()


def repair_mojibake(text: str) -> str:
    """UTF-8 that was read as a one-byte encoding, and stray C1 codes as the Windows characters they were meant as.

    Only where ftfy finds the text implausible and the result has more Vietnamese words.
    """
    text = fix_c1_controls(text)
    if len(text) > _MAX_REPAIR or not is_bad(text):
        return text
    repaired = ftfy.fix_encoding(text)
    if len(repaired) > len(text) or "\ufffd" in repaired.replace(text, ""):
        return text
    return repaired if _vietnamese_share(repaired) > _vietnamese_share(text) else text


def _vietnamese_share(text: str) -> float:
    return syllable_share([word for word in words(text) if not word.isascii()] or words(text))


_LETTERS = re.compile(r"[^\W\d_]+")
_ETH_TO_D = str.maketrans("Ðð", "Đđ")
_VOWELS = frozenset("aăâeêioôơuưy")


def mend_d_stroke(text: str, *, is_vietnamese: bool) -> str:
    """Đ for Ð (U+00D0) and đ for ð in Vietnamese words; other words with eth stay, Icelandic ones above all.

    Everywhere: words that are a syllable with đ, which stands at the start only, where no Icelandic word has eth.
    With `is_vietnamese`: also names that start with it (Ðăkrông), abbreviations (QÐ, HÐND) and the currency (500ð).
    """
    if "Ð" not in text and "ð" not in text:
        return text

    def mend(match: re.Match[str]) -> str:
        mended = match[0].translate(_ETH_TO_D)
        if mended == match[0]:
            return mended
        return mended if is_syllable(mended) or (is_vietnamese and _is_local(mended)) else match[0]

    return _LETTERS.sub(mend, text)


def _is_local(word: str) -> bool:
    """Whether a word that is no syllable has its Đ where Vietnamese texts have one."""
    if len(word) == 1:
        return True
    start = unicodedata.normalize("NFD", word[1].lower())[0]
    if word[0] in "Đđ" and (start in _VOWELS or start == "r"):
        return True
    return word.isupper() and not _VOWELS.intersection(unicodedata.normalize("NFD", word.lower()))


def compose(text: str) -> str:
    """`text` in NFC."""
    return unicodedata.normalize("NFC", text)


def is_clean(text: str) -> bool:
    """Whether no function of this module but `mend_d_stroke` changes `text`. Of ordinary texts almost all are clean."""
    lines = [line.split() for line in text.split("\n")]
    if text != "\n".join(map(" ".join, lines)) or "\n\n\n" in text or text.strip("\n") != text:
        return False
    return all(map(_IS_CLEAN.__getitem__, set(chain.from_iterable(lines))))


def _is_clean_word(word: str) -> bool:
    """Whether no such function changes `word`, whatever stands beside it.

    ftfy's patterns reach over a space in two cases only: after `Â` or `Ã` that stands alone, and after `ГўВЂВ`.
    """
    if not word.isprintable() or "&" in word or word in {"Â", "Ã"} or "ГўВЂВ" in word:
        return False
    return unicodedata.is_normalized("NFC", word) and not is_bad(f" {word} ")


_IS_CLEAN = PerWord(_is_clean_word)
