"""Which language a text is in: CLD2 first, py3langid where CLD2 is unsure, own rules for Vietnam's other languages.

Chosen by measurement (docs/quality-rules.md): CLD2 knows Vietnamese without its marks best and costs 10 µs;
py3langid takes a second to load and is loaded on first need.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pycld2

from crawler.folding import PerWord, syllables
from crawler.refinement.cleaning import drop_invisible
from crawler.spelling import SKELETONS, words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNKNOWN = "und"
"""ISO 639-3 code for a language that was not determined."""

_WINDOW = 2_000
"""Characters read at the start, in the middle and at the end of a text."""
_MIN_BARE_SYLLABLES = 4
"""Least words of a text without marks that is taken for Vietnamese because all of them are its syllables."""
_ALIASES = {"iw": "he", "zh-Hant": "zh", "un": UNKNOWN, "xxx": UNKNOWN}
_UNSAFE = re.compile(r"[^\S ]+|[\ufdd0-\ufdef\ufffe\uffff]")

# Tày and Nùng are written with Vietnamese letters, so every detector says Vietnamese. Told apart by onsets that
# Vietnamese has not and by everyday words against the everyday words of Vietnamese.
_TAY_ONSET = re.compile(r"(?:sl|bj|pj|mj|phj|khj)[^\W\d_]*[^\x00-\x7f]|(?:sl|bj|pj|mj|phj|khj)[aeiouy][^\W\d_]*")
_TAY_LIST = """
nẩy pây đảy hẩư cúa boong bấu dú nặm hăn pền vằn phuối noọng pỏ mé rườn thâng chắng bặng cụng nhằng điếp
lẻ tó tẻo vạ lầu khỏi mừa lồng lục kin cần háng khẩu bại tứn quá cạ
"""
_VIETNAMESE_LIST = """
của và là các được trong những cho không với này đã có để khi từ đến về theo người một năm ngày tại trên
vào ra sẽ cũng đó như nhiều
"""
_TAY_WORDS = frozenset(_TAY_LIST.split())
_VIETNAMESE_WORDS = frozenset(_VIETNAMESE_LIST.split())
_LOOKS_TAY = PerWord(lambda token: token in _TAY_WORDS or bool(_TAY_ONSET.fullmatch(token)))
_MIN_TAY = 3

# Êđê, Jrai, Bahnar and kin: letters with breve or stroke that no other language of the detectors combines.
_HIGHLAND_LETTERS = re.compile("[ƀɃɓƁĕĔĭĬŏŎŭŬčČƭƬ]")
_HIGHLAND_SHARE = 0.02


def detect(text: str) -> tuple[str, float]:
    """Code (ISO 639-1, 639-3 where there is none, `und`) and certainty, 0 to 1, of the main language of `text`.

    The certainty is the share of the text in that language; half of it when the detector calls its verdict
    unreliable. `tyz` stands for Tày and Nùng, which are told from Vietnamese and not from each other. Never raises.
    """
    sample = _sample(text)
    if _is_highland(sample):
        return UNKNOWN, 0.0
    code, score = _detect(sample)
    if code == "vi":
        return ("tyz" if _is_tay(sample) else "vi"), score
    return ("vi", 0.5) if _is_bare_vietnamese(sample) else (code, score)


def _sample(text: str) -> str:
    """Start, middle and end of `text`, NFC, without what CLD2 raises on."""
    if len(text) > 3 * _WINDOW:
        middle = (len(text) - _WINDOW) // 2
        text = " ".join((text[:_WINDOW], text[middle : middle + _WINDOW], text[-_WINDOW:]))
    return unicodedata.normalize("NFC", _UNSAFE.sub(" ", drop_invisible(text)))


def _detect(sample: str) -> tuple[str, float]:
    try:
        is_reliable, _, guesses = pycld2.detect(sample, isPlainText=True, bestEffort=True)
    except pycld2.error:
        is_reliable, guesses = False, (("", "un", 0, 0.0),)
    _, name, percent, _ = guesses[0]
    code, score = _ALIASES.get(name, name), percent / 100
    if is_reliable and code != UNKNOWN:
        return code, score
    second, certainty = _second_opinion(sample)
    if second == code:
        return code, max(score, certainty)
    return (second, certainty / 2) if code == UNKNOWN or certainty > score else (code, score / 2)


def _second_opinion(sample: str) -> tuple[str, float]:
    code, certainty = _identifier().classify(sample)
    return str(code), float(certainty)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _is_highland(sample: str) -> bool:
    letters = _HIGHLAND_LETTERS.findall(sample)
    return len(set(letters)) > 1 and len(letters) > _HIGHLAND_SHARE * len(sample)


def _is_tay(sample: str) -> bool:
    counts = Counter(words(sample.lower()))
    n_tay = sum(n for token, n in counts.items() if _LOOKS_TAY[token])
    return n_tay >= _MIN_TAY and n_tay > sum(counts[token] for token in _VIETNAMESE_WORDS)


def _is_bare_vietnamese(sample: str) -> bool:
    tokens = syllables(sample) if sample.isascii() else []
    return len(tokens) >= _MIN_BARE_SYLLABLES and all(token in SKELETONS for token in tokens)
