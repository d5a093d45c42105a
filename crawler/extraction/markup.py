"""Repairs of source text without which libxml2 drops the rest of a page in silence."""

from __future__ import annotations

import re

MAX_DEPTH = 240
"""Levels of nesting that are kept; libxml2 gives up at 256."""
_PROLOGUE = 65_536
"""Bytes in which a document type declaration is looked for."""
_MAX_TAG = 50_000
_MAX_ATTRIBUTES = 3_000
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_HARMFUL = re.compile(
    rb"&#(?=[xX]?[0-9a-fA-F])(?!0{0,7}(?:9|10|13|3[2-9]|[4-9]\d|1[01]\d|12[0-6]|1[6-9]\d|[2-9]\d\d|[1-9]\d{3}|[1-4]\d{4})(?!\d)"
    rb"|[xX]0{0,7}(?:[9aAdD]|[2-6][\da-fA-F]|7[\da-eA-E]|[a-fA-F][\da-fA-F]|[1-9a-fA-F][\da-fA-F]{2}|[1-9a-cA-C][\da-fA-F]{3})"
    rb"(?![\da-fA-F]))"
)
"""References that are not plainly harmless. Most pages have none; Python is not called for the hundreds of others."""
_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*>")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_PLAIN_DOCTYPE = b"<!DOCTYPE html>"
_HUGE_TAG = re.compile(rf"<([a-zA-Z][a-zA-Z0-9]{{0,20}})\s[^<>]{{{_MAX_TAG},}}>")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_FLAT = frozenset(
    {
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot"),
        *("html", "head", "body", "title", "script", "style"),
    }
)
"""Elements that hold nothing or end by themselves: they do not make a page deep."""


_CONTROL = re.compile("[\0-\b\v\f\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What XML does not allow, and non-characters below 0x10000; those above do no harm and cost ten times the search."""
_CONTROL_BYTES = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_NON_CHARACTER = re.compile(rb"\xef(?:\xb7|\xbf[\xbe\xbf])")
"""Lead bytes of U+FDD0 to U+FDEF (and of some Arabic letters), U+FFFE, U+FFFF."""
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf]")
_SEPARATORS = frozenset({"\v", "\f", "&#11;", "&#12;", "&#xB;", "&#xC;", "&#xb;", "&#xc;"})
_C1 = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)}


def repair(text: str, source: bytes | None = None) -> bytes:
    """`text` in UTF-8 without what makes the parser lose text.

    That is control characters, references to them, inner DTDs and huge tags. `source`: `text` in UTF-8 where the
    caller has it. All is looked for in bytes, which is several times faster.
    """
    data = text.encode("utf-8", "surrogatepass") if source is None else source
    if not _is_clean(data):
        text = _CONTROL.sub(_separator, text)
        data = text.encode()
    if _HARMFUL.search(data):
        text = _REFERENCE.sub(_reference, text)
        data = text.encode()
    if _has_huge_tag(data):
        data = _HUGE_TAG.sub(_slim, text).encode()
    return _with_plain_prologue(data)


def _with_plain_prologue(data: bytes) -> bytes:
    """`data` without an XML declaration and with nothing in its document type; mostly `data` itself, not copied."""
    if (declaration := _XML_DECLARATION.match(data, 0, _PROLOGUE)) is not None:
        data = data[declaration.end() :]
    found = _DOCTYPE.search(data, 0, _PROLOGUE)
    if found is None or found[0] == _PLAIN_DOCTYPE:
        return data
    return b"".join((data[: found.start()], _PLAIN_DOCTYPE, data[found.end() :]))


def _has_huge_tag(data: bytes) -> bool:
    """True when half as many bytes as a huge tag has hold neither `<` nor `>`, and a `<` is what stands before them."""
    half = _MAX_TAG // 2
    return any(
        data.find(b"<", start, start + half) < 0
        and data.find(b">", start, start + half) < 0
        and data.rfind(b"<", max(0, start - half), start) > data.rfind(b">", max(0, start - half), start)
        for start in range(0, len(data) - half, half)
    )


def _is_clean(data: bytes) -> bool:
    """True when `_CONTROL` finds nothing in the text of `data`: ten times faster, and true for most pages."""
    is_odd = (b"\xef" in data and _NON_CHARACTER.search(data)) or (b"\xed" in data and _SURROGATE.search(data))
    return not is_odd and len(data.translate(None, _CONTROL_BYTES)) == len(data)


def _separator(match: re.Match[str]) -> str:
    """Nothing, as browsers do; a space for line and page separators, which part words."""
    return " " if match[0] in _SEPARATORS else ""


def _reference(match: re.Match[str]) -> str:
    """A numeric character reference as browsers read it, the bad ones gone."""
    hexadecimal, decimal = match.groups()
    digits = (hexadecimal or decimal).lstrip("0")
    if len(digits) > 7:  # noqa: PLR2004 - more than any code point has
        return ""
    code = int(digits or "0", 16 if hexadecimal else 10)
    if code > 0x10FFFF:  # noqa: PLR2004 - the last code point
        return ""
    if code in _C1:
        return _C1[code]
    return _separator(match) if _CONTROL.match(chr(code)) else match[0]


def _slim(match: re.Match[str]) -> str:
    """A start tag with thousands of attributes, on which libxml2 spends quadratic time, without them."""
    is_bomb = len(match[0].split(None, _MAX_ATTRIBUTES)) > _MAX_ATTRIBUTES
    return f"<{match[1]}>" if is_bomb else match[0]


def flatten(text: str) -> str:
    """`text` with the tags of more than `MAX_DEPTH` levels taken out; what they hold stays."""
    depth = n_dropped = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth, n_dropped
        if match[2].lower() in _FLAT or match[0].endswith("/>"):
            return match[0]
        if not match[1]:
            n_dropped += depth >= MAX_DEPTH
            depth += depth < MAX_DEPTH
            return "" if n_dropped else match[0]
        if n_dropped:
            n_dropped -= 1
            return ""
        depth = max(0, depth - 1)
        return match[0]

    return _TAG.sub(keep, text)
