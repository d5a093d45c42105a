"""Text typed for fonts of the years before Unicode: TCVN3 (ABC), VNI and VISCII, read as Latin-1 or Windows-1252.

Tables: TCVN 5712:1993 (VN3), VNI for Windows, RFC 1456 (VISCII 1.1). A text is only taken for one of them when it
holds no letter that Latin-1 lacks, when its accented words are no Vietnamese as they stand, and when almost all of
them are once converted. Western languages fail the last test, Vietnamese in Unicode the first two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from crawler.spelling import is_syllable, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SAMPLE = 20_000
"""Characters that an article is judged by."""
_MIN_ACCENTED = 0.85
"""Share of the words with foreign letters that must be syllables after conversion."""
_MIN_WORDS = 0.6
"""Share of all words that must be; the rest are names and figures."""
_MIN_GAIN = 0.4
"""How much the share of syllables among the words with foreign letters must rise."""
_MIN_HITS = 3
"""Different words with foreign letters without which nothing is decided."""

UNICODE_ONLY = re.compile(r"[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9\u0300-\u0323]")
_HIGH = re.compile(r"[\x80-\uffff]")
_GAP_WORD = re.compile(r"[^ \n\t]+")
_EDGE = "!\"#$%&'()*+,-./:;<=>?@[]"


def _as_read(code: int) -> tuple[str, ...]:
    """The characters that byte `code` shows as when a page is read as Latin-1 or as Windows-1252."""
    windows = bytes([code]).decode("cp1252", errors="ignore")
    return tuple({chr(code), windows} - {""})


def _table(rows: dict[int, str]) -> dict[int, str]:
    """Translation table out of runs of letters, by the code of the first."""
    codes = ((start + index, letter) for start, run in rows.items() for index, letter in enumerate(run))
    return {ord(char): letter for code, letter in codes if letter != " " for char in _as_read(code)}


_TCVN3 = _table(
    {
        0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
        0xB5: "àảãáạ",
        0xBB: "ằẳẵắ",
        0xC6: "ặầẩẫấậè",
        0xCE: "ẻẽéẹềểễếệìỉ",
        0xDC: "ĩíịò",
        0xE1: "ỏõóọồổỗốộờởỡớợù",
        0xF1: "ủũúụừửữứựỳỷỹýỵ",
    }
)
_VISCII = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"} | _table(
    {
        0x80: "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ",
        0xA1: "ắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
    }
)

_VNI_PLAIN = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_CIRCUMFLEX = dict(zip("âáàåãä", ("", *"\u0301\u0300\u0309\u0303\u0323"), strict=True))
_VNI_BREVE = dict(zip("êéèúüë", ("", *"\u0301\u0300\u0309\u0303\u0323"), strict=True))
_VNI_ALONE = {"æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ", "ô": "ơ", "ö": "ư"}


def _vni_pairs() -> dict[str, str]:
    """Every VNI sequence of one or two characters in lower case and the letter it shows."""
    pairs = dict(_VNI_ALONE)
    for vowel in "aeouyôö":
        shown = _VNI_ALONE.get(vowel, vowel)
        pairs |= {vowel + mark: normalize("NFC", shown + tone) for mark, tone in _VNI_PLAIN.items()}
    for vowel in "aeo":
        pairs |= {vowel + mark: normalize("NFC", f"{vowel}\u0302{tone}") for mark, tone in _VNI_CIRCUMFLEX.items()}
    return pairs | {"a" + mark: normalize("NFC", f"a\u0306{tone}") for mark, tone in _VNI_BREVE.items()}


def _vni_table() -> dict[str, str]:
    """The pairs in lower case, in capitals, and a capital with a small mark."""
    table: dict[str, str] = {}
    for typed, shown in _vni_pairs().items():
        table |= {typed: shown, typed[0].upper() + typed[1:]: shown.upper(), typed.upper(): shown.upper()}
    return table


_VNI = _vni_table()
_VNI_LETTER = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))


def _from_vni(text: str) -> str:
    return _VNI_LETTER.sub(lambda match: _VNI[match[0]], text)


def _from_viscii(text: str) -> str:
    """VISCII has Õ where Latin-1 has the no-break space: a letter where that makes a syllable, else a space."""
    converted = text.translate(_VISCII)
    return _GAP_WORD.sub(_fill_gap, converted) if "\xa0" in converted else converted


def _fill_gap(match: re.Match[str]) -> str:
    filled = match[0].replace("\xa0", "Õ")
    return filled if filled != match[0] and all(map(is_syllable, words(filled))) else match[0]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One of the legacy encodings."""

    name: str
    """As in `Article.changes`: tcvn3, vni, viscii."""
    convert: Callable[[str], str]
    """Text as read to Unicode, linear; characters that the encoding does not define stay."""


ENCODINGS = (
    Encoding("tcvn3", lambda text: text.translate(_TCVN3)),
    Encoding("vni", _from_vni),
    Encoding("viscii", _from_viscii),
)


def recognise(paragraphs: Iterable[str]) -> Encoding | None:
    """The encoding that `paragraphs` (of one article) were typed in, or None; None whenever there is doubt."""
    sample = "\n".join(filter(is_suspect, paragraphs))[:_SAMPLE]
    if not sample:
        return None
    readings = [(_plausibility(sample, encoding), encoding) for encoding in ENCODINGS]
    best, encoding = max(readings, key=lambda reading: reading[0])
    return encoding if best > 0 else None


def convert(paragraph: str, encoding: Encoding) -> str:
    """`paragraph` in Unicode; unchanged where it is no text of `encoding`."""
    if not is_suspect(paragraph):
        return paragraph
    before = _accented(paragraph)
    converted = encoding.convert(paragraph)
    gained = _valid_share(map(encoding.convert, before)) - _valid_share(before)
    return converted if gained > 0 else paragraph


def is_suspect(paragraph: str) -> bool:
    """Has letters beyond ASCII, and none that only Unicode has."""
    return bool(_HIGH.search(paragraph)) and not UNICODE_ONLY.search(paragraph)


def _plausibility(sample: str, encoding: Encoding) -> float:
    """How many more words make sense once converted, 0 when one of the tests fails."""
    accented = _accented(sample)
    before, after = _valid_share(accented), _valid_share(map(encoding.convert, accented))
    if len(set(accented)) < _MIN_HITS or after < _MIN_ACCENTED or after - before < _MIN_GAIN:
        return 0.0
    return after - before if _valid_share(_tokens(encoding.convert(sample))) >= _MIN_WORDS else 0.0


def _tokens(text: str) -> list[str]:
    """Words between ASCII white space and punctuation, those without any letter left out."""
    bare = (word.strip(_EDGE) for word in re.split(r"[ \t\r\n/-]+", text))
    return [word for word in bare if word and not word.isdecimal()]


def _accented(text: str) -> list[str]:
    return [word for word in _tokens(text) if not word.isascii() and words(word)]


def _valid_share(tokens: Iterable[str]) -> float:
    """Share of `tokens` all of whose parts are Vietnamese syllables."""
    verdicts = [all(map(is_syllable, words(token))) for token in tokens]
    return sum(verdicts) / len(verdicts) if verdicts else 0.0
