"""Bytes to text: the encoding a page really has, whatever it says."""

from __future__ import annotations

import codecs
import re

from resiliparse.parse.encoding import detect_encoding

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))
_MARKS_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]{2,40})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w:.-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
"""Bytes in which a charset declaration is looked for; the HTML standard asks for it within the first 1,024."""
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252", "latin-1"})
_TONE_AFTER_VOWEL = re.compile(rb"[aeiouyAEIOUY\xc2\xca\xd4\xe2\xea\xf4\xc3\xe3\xd5\xf5\xdd\xfd][\xcc\xd2\xde\xec\xf2]")
_TONES = re.compile(rb"[\xcc\xd2\xde\xec\xf2]")
_HOOKED = re.compile(rb"[\xf0\xd0\xf5\xd5\xfd\xdd\xe3\xc3]")
_MIN_TONES = 5
_TONE_SHARE = 0.9
_LEGACY_VIETNAMESE = re.compile(
    rb"\.vntime|vni-times|font-family\s*:\s*[\"']?(?:\.vn|vni-)|lang=[\"']?vi\b", re.IGNORECASE
)
_BROKEN_SHARE = 0.1
"""Largest share of broken among all non-ASCII sequences of a page that still counts as UTF-8."""


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Text of `body` and the name of the encoding it was read with.

    Order: byte order mark, UTF-16 without one, UTF-8 that decodes strictly (a truncated last character aside),
    windows-1258 by its combining tones, mostly whole UTF-8, what header or page declare, detection. Never raises.
    """
    for mark, encoding in _MARKS + _MARKS_16:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace"), encoding
    if (name := _wide(body)) is not None:
        return body.decode(name, "replace"), name
    if (text := _utf8(body)) is not None:
        return text, "utf-8"
    for judge in (_windows_1258, _damaged_utf8):
        if (name := judge(body)) is not None:
            return body.decode(name, "replace"), name
    for label in _declared(body, content_type):
        if (text := _strictly(body, label)) is not None:
            return text, label
    return _detected(body)


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: markup is ASCII, so every second byte of the beginning is zero."""
    head = body[: _HEAD - _HEAD % 4]
    half = len(head) // 2
    if half < 8 or head.count(0) < half * 0.6:  # noqa: PLR2004 - 8 characters and more zeros than any text has
        return None
    if head.count(0) > half * 1.4:
        return "utf-32-be" if head[:3] == b"\0\0\0" else "utf-32-le"
    return "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"


def _utf8(body: bytes) -> str | None:
    """The text when all of `body` is UTF-8, except a character cut off at the end; ISO-2022 is told by its escapes."""
    if b"\x1b" in body and (b"\x1b$" in body or b"\x1b(" in body):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        is_cut = error.end == len(body) and error.reason == "unexpected end of data"
        return body.decode("utf-8", "replace") if is_cut else None


def _damaged_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken bytes in it: a cut, a glued advertisement."""
    text = body.decode("utf-8", "replace")
    n_broken = text.count("\ufffd")
    n_whole = len(text) - len(text.encode("ascii", "ignore")) - n_broken
    return "utf-8" if 0 < n_broken <= n_whole * _BROKEN_SHARE else None


def _windows_1258(body: bytes) -> str | None:
    """Vietnamese Windows bytes: tone marks of their own that stand after vowels, beside đ, ơ, ư or ă."""
    n_tones = len(_TONES.findall(body))
    if n_tones < _MIN_TONES or not _HOOKED.search(body):
        return None
    return "cp1258" if len(_TONE_AFTER_VOWEL.findall(body)) >= n_tones * _TONE_SHARE else None


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Encodings that the header, then the page itself name, as Python knows them."""
    labels = _HEADER_CHARSET.findall(content_type or "")
    labels += [label.decode("ascii", "replace") for label in _META_CHARSET.findall(body[:_HEAD])]
    return [name for label in labels if (name := _codec(label)) is not None]


def _codec(label: str) -> str | None:
    """Python's name of a text encoding, or None. Latin-1 means windows-1252 on the web."""
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return "cp1252" if label.lower() == "x-user-defined" else None
    is_text = getattr(info, "_is_text_encoding", True)
    if not is_text or info.name in {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}:
        return None
    return "cp1252" if info.name in _LATIN else info.name


def _strictly(body: bytes, name: str) -> str | None:
    if name == "cp1252":
        return _web_latin(body)
    try:
        return body.decode(name)
    except (UnicodeError, ValueError):
        return None


def _detected(body: bytes) -> tuple[str, str]:
    """What resiliparse takes it for; Vietnamese font encodings (TCVN3, VNI) look like Latin and keep their bytes."""
    name = _codec(detect_encoding(body) or "") or "cp1252"
    if _LEGACY_VIETNAMESE.search(body):
        name = "cp1252"
    text = _strictly(body, name)
    return (text, name) if text is not None else (_web_latin(body), "cp1252")


def _web_latin(body: bytes) -> str:
    """windows-1252 as browsers read it: its five undefined bytes are control characters, none is lost."""
    return body.decode("cp1252", "surrogateescape").translate(_UNDEFINED)


_UNDEFINED = {0xDC00 + byte: byte for byte in range(0x80, 0xA0)}
