"""Filters and the Jinja2 environment: how each system's editor spells text, dates and bytes."""

from __future__ import annotations

import html
import html.entities
import unicodedata
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape
from press import HERE, TAG

if TYPE_CHECKING:
    from datetime import datetime

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
LATIN_1 = 256


def date_line(moment: datetime, style: str) -> str:
    """`moment` the way a site prints it."""
    hour = moment.hour % 12 or 12
    half = "SA" if moment.hour < 12 else "CH"
    return {
        "vnpt": f"{moment:%H:%M, %d/%m/%Y}",
        "updated": f"Cập nhật: {moment:%H:%M} ngày {moment:%d/%m/%Y}",
        "half_day": f"{moment:%d/%m/%Y} {hour:02d}:{moment:%M} {half}",
        "vhv": f"{moment:%H:%M:%S} | {moment:%d/%m/%Y}",
        "posted": f"Ngày đăng : {moment:%H:%M, %d/%m/%Y}",
        "longform": f"{moment:%d/%m/%Y %H:%M}",
        "weekday": f"{WEEKDAYS[moment.weekday()]}, {moment:%d/%m/%Y | %H:%M}",
        "weekday_zone": f"{WEEKDAYS[moment.weekday()]}, {moment:%d/%m/%Y, %H:%M} (GMT+7)",
        "american": f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {'AM' if half == 'SA' else 'PM'}",
        "words": f"ngày {moment.day} tháng {moment.month} năm {moment.year}",
        "day": f"{moment:%d/%m/%Y}",
        "rfc2822": f"{moment:%a, %d %b %Y %H:%M:%S +0700}",
        "iso": f"{moment.isoformat()}",
    }[style]


def entities(text: object) -> Markup:
    """Write Latin-1 letters as HTML entities and leave the others, as CKEditor does."""
    names = html.entities.codepoint2name
    spelled = (f"&{names[ord(c)]};" if ord(c) >= 128 and ord(c) in names else c for c in str(escape(text)))
    return Markup("".join(spelled))  # noqa: S704 - escaped in the line above


def hard_spaces(text: object) -> Markup:
    """Put a no-break space where Word puts one: after the third word."""
    words = str(escape(text)).split(" ", 3)
    text = "&nbsp;".join([" ".join(words[:3]), words[3]]) if len(words) > 3 else " ".join(words)
    return Markup(text)  # noqa: S704 - escaped in the first line


def teaser(text: object, length: int = 120) -> str:
    """Cut a text to whole words, with three dots, as listings do."""
    whole = html.unescape(TAG.sub("", str(text)))
    return whole if len(whole) <= length else whole[:length].rsplit(" ", 1)[0] + "..."


def encode(text: str, charset: str) -> bytes:
    """Bytes in `charset`; windows-1258 writes the tone as a mark of its own after the vowel."""
    return decompose_tones(text).encode("cp1258") if charset == "windows-1258" else text.encode(charset)


def decompose_tones(text: str) -> str:
    """Split tone marks off Vietnamese vowels, keeping circumflex, breve and horn on them."""
    tones = "\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}\N{COMBINING TILDE}"
    tones += "\N{COMBINING HOOK ABOVE}\N{COMBINING DOT BELOW}"
    out = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in parts if mark in tones)
        out.append(unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones)) + tone)
    return "".join(out)


def environment(site: str) -> jinja2.Environment:
    """Templates of one site; an undefined name is an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / site / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(entities=entities, hard_spaces=hard_spaces, date=date_line, teaser=teaser, safe_html=Markup)
    return env
