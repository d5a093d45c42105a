"""One line to the people and papers it credits."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.names import (
    is_media,
    is_name,
    is_organisation,
    is_place,
    is_team,
    is_vietnamese,
    name_case,
    strip_rank,
)
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHARS = 160
"""Longer lines are sentences."""
MAX_AUTHORS = 12
_MAX_SOURCE_WORDS = 9
_MAX_FOREIGN_WORDS = 6

_LABEL = re.compile(
    r"^[(\[\s*•|-]*(?P<label>(?:tác giả|bút danh|người viết|bài viết|bài viết và ảnh|bài và ảnh|bài, ảnh|bài,ảnh"
    r"|bài - ảnh|bài – ảnh"
    r"|bài & ảnh|bài/ảnh|bài ảnh|ảnh, bài|ảnh và bài|tin, bài|tin bài|tin, ảnh|tin,ảnh|tin - ảnh|tin – ảnh"
    r"|tin và ảnh|tin ảnh"
    r"|tin & ảnh|bài, ảnh, clip|bài, ảnh, video|tin, ảnh, clip|bài|tin|thực hiện|nội dung|biên soạn|biên dịch|lược dịch"
    r"|tổng hợp|phóng viên|người thực hiện|nhóm thực hiện|ghi chép|tản văn|truyện ngắn|thơ|phóng sự|bút ký"
    r"|written by|author|by)"
    r"|(?P<photo>ảnh|video|clip|đồ họa|đồ hoạ|infographic|minh họa|minh hoạ|thiết kế|trình bày|kỹ thuật|photos?"
    r"|ảnh minh họa"
    r"|ảnh tư liệu|ảnh, clip|ảnh, video|video, ảnh|hình ảnh|hình|graphic)"
    r"|(?P<source>nguồn tin|nguồn|nguồn bài viết|dẫn nguồn|source|xuất xứ))\s*[:：]\s*",
    re.IGNORECASE,
)
_ACCORDING = re.compile(r"^[(\[\s*•|-]*(?:Theo|THEO|theo|Nguồn|NGUỒN|Dẫn theo)\s*[:：]?\s+(?=\S)")
_WHAT = re.compile(
    r"\s*[(\[]\s*(?:thực hiện|tổng hợp|biên dịch|lược dịch|dịch|ghi|th|t/h|t\.h|lược ghi|biên tập|biên soạn|sưu tầm"
    r"|st|s\.t"
    r"|bài và ảnh|bài, ảnh|tin, ảnh|ảnh|thực hiện và ghi|lược thuật|từ [\w\s]{2,30})\s*[)\]]"
    r"|\s+(?:phóng viên|pv|ctv|p\.v)\s+(?:[^()]{0,60}\s)?(?:thường trú|tại|từ)\s[^()]{2,40}$"
    r"|\s+(?:(?i:tổng hợp|lược dịch|biên dịch|thực hiện|ghi))$",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"\s*[(\[]\s*(?:(?:theo|nguồn)\s*:?\s+)?([^()\[\]]{2,60})[)\]]\s*\.?$", re.IGNORECASE)
_FOLLOWS = re.compile(r"\s*[-–—,|/]?\s*\b(?:Theo|theo|THEO|Nguồn|nguồn)\s*[:：]?\s+(?=\S)")
_PIECES = re.compile(r"\s+[-–—|•]+\s+|\s*[;/]\s*")
_PARTS = re.compile(r"\s+[-–—|•]+\s+|\s*[;,&]\s*|\s+\+\s+|\s+(?:và|VÀ|and|AND)\s+|(?<=\w)-(?=VOV|TTXVN|VTV)")
_BUTTONS = re.compile(
    r"\s*(?:copy link|sao chép liên kết|in trang|in bài|chia sẻ|facebook|zalo|gửi email)(?=\s|$|/)", re.IGNORECASE
)
_NEXT_LABEL = re.compile(r"\s*[-–—;,.|]*\s*(?=\b(?:ảnh|video|clip|đồ họa|nguồn|theo)\s*:)", re.IGNORECASE)
_EDGES = " \t.,;:*•|/()[]-–—\"“”'"
_BY = re.compile(r"^(?:by|von|par|por|di|door|av|af)\s*:?\s+", re.IGNORECASE)
_LIST = re.compile(r"\s*[;|]\s*|,\s+|\s+(?:and|und|et|y|e|og|och|ve|&)\s+")
_DATED = re.compile(r",?\s+(?:[^\W\d_]{3,10}\.?\s+)?\d.*$")
_URL = re.compile(r"^(?:https?://)?((?:[\w-]+\.)+[a-z]{2,12})(?:/\S*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Byline:
    """What a line credits. Empty in all fields: it is no credit line."""

    authors: tuple[str, ...] = ()
    """Name Case, in order."""
    source: str | None = None
    is_credit: bool = False
    """True also for credits of pictures, which name neither author nor source."""


def read_byline(line: str, *, is_marked: bool = False) -> Byline:
    """Authors and source of a signature or credit line; nothing for a sentence, a place, a rank.

    `is_marked`: the page itself says that it is a byline, so that names need less proof.
    """
    if len(line) > 2 * MAX_CHARS:
        return Byline()
    line = " ".join(_BUTTONS.sub(" ", unicodedata.normalize("NFC", line)).split())
    if not line or len(line) > MAX_CHARS:
        return Byline()
    label = _LABEL.match(line)
    if label is not None:
        return _labelled(label, line[label.end() :])
    if (match := _ACCORDING.match(line)) is not None:
        return _according(line[match.end() :])
    return _people(line, is_marked=is_marked)


def read_names(values: Iterable[str], publishers: Iterable[str] = (), *, is_strict: bool = True) -> tuple[str, ...]:
    """People among declared authors, each once, in order; the site's own names are none.

    `is_strict`: leave out organisations and addresses, as Vietnamese papers put their own name there.
    """
    own = {fold(name) for name in publishers}
    found: dict[str, str] = {}
    for value in values:
        parts = read_byline(value, is_marked=True).authors if is_strict else _loose(value)
        for name in parts:
            if fold(name) not in own and "/" not in name:
                found.setdefault(fold(name), name)
    return tuple(found.values())[:MAX_AUTHORS]


def merge_names(names: Iterable[str]) -> tuple[str, ...]:
    """`names`, each once; a short form ("Việt Hùng") gives way to the full name ("Nguyễn Việt Hùng") in its place.

    "Nhóm PV" beside a name says nothing and goes.
    """
    kept: list[str] = []
    for name in names:
        words = fold(name).split()
        at = next((i for i, other in enumerate(kept) if _is_tail(words, fold(other).split())), None)
        if at is None:
            kept.append(name)
        elif len(words) > len(fold(kept[at]).split()):
            kept[at] = name
    people = [name for name in kept if not is_team(name)]
    return tuple(people or kept[:1])[:MAX_AUTHORS]


def _is_tail(one: list[str], other: list[str]) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and long[len(long) - len(short) :] == short and (len(short) > 1 or len(short) == len(long))


def _labelled(label: re.Match[str], rest: str) -> Byline:
    if label["source"]:
        return _according(rest)
    if label["photo"]:
        follow = re.search(r"\b(?:Bài|Tin)\s*:\s*", rest)
        people = _people(rest[follow.end() :], is_marked=True) if follow else Byline()
        return Byline(people.authors, people.source, is_credit=len(rest.split()) <= _MAX_SOURCE_WORDS)
    cut = _NEXT_LABEL.search(rest)
    people = _people(rest[: cut.start()] if cut else rest, is_marked=True)
    if cut and (match := _LABEL.match(rest[cut.end() :]) or _ACCORDING.match(rest[cut.end() :])):
        source = (
            _source(rest[cut.end() :][match.end() :]) if "photo" not in match.groupdict() or match["source"] else None
        )
        return Byline(people.authors, people.source or source, is_credit=True)
    return people if people.is_credit else Byline(is_credit=not rest.strip(_EDGES))


def _according(rest: str) -> Byline:
    """`Theo TTXVN`, `Nguồn: Báo Lâm Đồng`; a name with its paper in brackets is author and source."""
    if _is_sentence(rest):
        return Byline()
    people = _people(rest, is_marked=False)
    if people.authors and people.source:
        return people
    source = _source(rest)
    return Byline(source=source, is_credit=source is not None)


def _is_sentence(text: str) -> bool:
    bare = text.strip(_EDGES)
    return (
        len(bare.split()) > _MAX_SOURCE_WORDS
        or ", " in bare
        or bool(re.search(r"[.!?:]\s", bare))
        or not (is_media(bare) or _is_titled(bare))
    )


def _is_titled(text: str) -> bool:
    """True when most words begin with a capital, as those of names do; web addresses count."""
    words = [word for word in re.split(r"[\s/]+", text) if word.strip(_EDGES)]
    capital = sum(not word.strip(_EDGES)[:1].islower() or "." in word for word in words)
    return bool(words) and capital >= 0.5 * len(words) and (not text[:1].islower() or bool(_URL.match(text)))


def _source(text: str) -> str | None:
    """The name of an agency or paper, as written; the host of an address."""
    pieces = re.split(r"\s+[-–|]\s+", _WHAT.sub("", text))
    text = " - ".join(piece.strip(_EDGES) for piece in pieces if not is_team(piece))
    if (match := _URL.match(text)) is not None:
        return match[1].lower().removeprefix("www.")
    return text if 1 < len(text) <= 60 and not _is_sentence(text) else None  # noqa: PLR2004 - characters of a paper's name


def _people(line: str, *, is_marked: bool) -> Byline:
    """Names, then in brackets, after a slash or after "Theo" the paper they come from."""
    source = None
    if (match := _FOLLOWS.search(line)) is not None and match.start() > 0:
        source = _source(line[match.end() :])
        line = line[: match.start()]
    line = _WHAT.sub("", line)
    if (match := _INSIDE.search(line)) is not None:
        if not (is_organisation(match[1]) or _is_titled(match[1])):
            return Byline()
        source, line = source or _source(match[1]), _WHAT.sub("", line[: match.start()])
    authors: list[str] = []
    for part in _split(line):
        name = _name(part, is_marked=is_marked)
        if name is not None:
            authors.append(name)
        elif is_media(part) or (is_organisation(part) and (is_marked or authors)):
            source = source or _source(part)
        elif not is_place(part) or not authors:
            return Byline()
    if source is not None and not authors and line.strip(_EDGES) and not is_organisation(line):
        return Byline()
    return Byline(merge_names(authors), source, is_credit=bool(authors or source))


def _split(line: str) -> list[str]:
    """Names and papers of a list; a paper with "và" in its own name stays whole."""
    pieces = [piece for piece in _PIECES.split(line.strip(_EDGES)) if piece.strip(_EDGES)]
    parts = [part for piece in pieces for part in ([piece] if is_media(piece) else _PARTS.split(piece))]
    return [part for part in parts if part and part.strip(_EDGES)]


def _name(part: str, *, is_marked: bool) -> str | None:
    part = part.strip(" \t,;:*•|/()[]-–—\"“”'")
    if is_team(part):
        return part
    bare = strip_rank(part)
    if not bare or not is_name(bare):
        return None
    return name_case(bare) if is_marked or is_vietnamese(bare) else None


def _loose(value: str) -> list[str]:
    """Names of a declared author of any language: lists are parted, addresses, dates and long titles left out."""
    value = _BY.sub("", value.strip())
    if value.startswith(("http:", "https:", "/", "@")) or len(value) > MAX_CHARS:
        return []
    parts = [part.strip() for part in _LIST.split(_DATED.sub("", value))]
    short = [part for part in parts if part and len(part.split()) <= _MAX_FOREIGN_WORDS]
    return [name_case(part) if " " in part else part for part in short]
