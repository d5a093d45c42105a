"""Pages typed in TCVN3, VNI or VISCII, put into Unicode before anything is parsed.

TCVN3 writes ư as the soft hyphen and VISCII some letters as control codes: parser and cleaner drop both, and no later
step brings the letters back. Only text between tags changes; names, attributes, scripts and styles stay.
"""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.legacy import ENCODINGS, UNICODE_ONLY, convert, is_suspect, recognise
from crawler.spelling import is_syllable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.legacy import Encoding

_MIN_HIGH = 40
"""Characters beyond ASCII below which a page is left alone; two sentences of Vietnamese have as many."""
_GLANCE = 20_000
"""Characters at the beginning in which a page in Unicode shows a letter that only Unicode has."""
_FIRST_GLANCE = 4_000
_LOOK = 150_000
"""Characters at the beginning that decide whether the rest is worth a look."""
_LOST = "\xad"
"""The letter that gets lost most: ư in TCVN3."""
_MIN_LOST = 5
_SAMPLE = 4_000
"""Characters of text that decide."""
_MAX_TAG = 20_000
_TAG = re.compile(rf"(<[!/?a-zA-Z][^<>]{{0,{_MAX_TAG}}}>)")
_SILENT = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|big|em|font|i|o:p|s|small|span|strong|sub|sup|tt|u)\b", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{3}|[A-Za-z]{2,6}\d{0,2});")
_HIGH = re.compile(r"[\xa1-\xff]")
_WORD = re.compile(r"[A-Za-z]{1,6}[\xa1-\xff][A-Za-z\xa1-\xff]{0,6}")
_WORDS = 120
_MIN_WORDS = 8
_ASCII_AND_SPACE = bytes([*range(0x80), 0xA0])


def to_unicode(source: str) -> tuple[str, str | None]:
    """`source`, converted where its text is legacy, and the name of the encoding (None: unchanged). Linear, total."""
    if not _is_candidate(source):
        return source, None
    parts = _TAG.split(source)
    blocks = [[index for index in block if parts[index]] for block in _blocks(parts)]
    encoding = recognise(_sample("".join(parts[index] for index in block) for block in blocks))
    if encoding is None:
        return source, None
    for block in filter(None, blocks):
        _convert(parts, block, encoding)
    return "".join(parts), encoding.name


def _is_candidate(source: str) -> bool:
    """Whether a closer look pays; well under a millisecond for a page in Unicode or in English."""
    if source.count(_LOST) >= _MIN_LOST:
        return True
    if source.isascii():
        return source.count("&shy;") >= _MIN_LOST
    if UNICODE_ONLY.search(source, 0, _FIRST_GLANCE):
        return False
    look = source[:_LOOK].encode("latin-1", "ignore")
    if len(look.translate(None, _ASCII_AND_SPACE)) < _MIN_HIGH or UNICODE_ONLY.search(source, _FIRST_GLANCE, _GLANCE):
        return False
    source = source[:_LOOK]
    return _has_syllables(source)


def _has_syllables(source: str) -> bool:
    """Whether most of the first words with high characters are Vietnamese in one of the encodings, roughly."""
    places = (at.start() for at in islice(_HIGH.finditer(source), _WORDS))
    found = (_WORD.search(source, max(0, place - 6), place + 7) for place in places)
    words = {match[0] for match in found if match}
    least = max(_MIN_WORDS, len(words) / 2)
    return any(sum(is_syllable(one.convert(word)) for word in words) >= least for one in ENCODINGS)


def _blocks(parts: list[str]) -> Iterator[list[int]]:
    """Indices of the texts in `parts` (text and tag in turn) that only inline tags part."""
    block: list[int] = []
    is_silent = False
    for index, part in enumerate(parts):
        if index % 2 == 0:
            if not is_silent:
                block.append(index)
            continue
        if (silent := _SILENT.match(part)) is not None:
            is_silent = not silent[1]
        if _INLINE.match(part) is None:
            yield block
            block = []
    yield block


def _sample(texts: Iterable[str]) -> Iterator[str]:
    """Blocks that may be legacy, until there are enough characters to decide."""
    n_chars = 0
    for text in texts:
        characters = _characters(text)
        if is_suspect(characters):
            yield characters
            n_chars += len(characters)
        if n_chars > _SAMPLE:
            return


def _convert(parts: list[str], block: list[int], encoding: Encoding) -> None:
    """One decision for the texts of a block: a single word is often good Vietnamese either way."""
    texts = [_characters(parts[index]) for index in block]
    whole = "".join(texts)
    if convert(whole, encoding) != whole:
        for index, text in zip(block, texts, strict=True):
            parts[index] = encoding.convert(text)


def _characters(text: str) -> str:
    """`text` with the references to high Latin-1 characters resolved; `&lt;`, `&amp;` and no-break spaces stay."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    meaning = html.unescape(match[0])
    return meaning if len(meaning) == 1 and "\xa0" < meaning <= "\xff" else match[0]
