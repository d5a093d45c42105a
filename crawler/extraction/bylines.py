"""One line to the people and papers it credits."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction import byline_words as words
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
    line = " ".join(words.BUTTONS.sub(" ", unicodedata.normalize("NFC", line)).split())
    if not line or len(line) > MAX_CHARS:
        return Byline()
    line = _unwrapped(line)
    if (label := words.LABEL.match(line)) is not None:
        return _labelled(label, line[label.end() :])
    if (label := words.LABEL_OF.match(line)) is not None:
        rest = line[label.end() :]
        if label["of"] or (rest.isupper() and " " in rest and not label["works"].isupper()):
            found = _signed(rest, is_marked=True)
            return found if found.authors else Byline()
    if (match := words.ACCORDING.match(line)) is not None:
        return _according(line[match.end() :])
    return _signed(line, is_marked=is_marked)


def _unwrapped(line: str) -> str:
    """`line` without brackets around the whole of it: `(Mây Ngàn ghi)`."""
    bare = line.strip(" .")
    inner = bare[1:-1]
    is_wrapped = bare[:1] == "(" and bare[-1:] == ")" and not set(inner) & set("()")
    return inner.strip() if is_wrapped and not is_media(inner) else line


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
        syllables = fold(name).split()
        at = next((i for i, other in enumerate(kept) if _is_tail(syllables, fold(other).split())), None)
        if at is None:
            kept.append(name)
        elif len(syllables) > len(fold(kept[at]).split()):
            kept[at] = name
    people = [name for name in kept if not is_team(name)]
    return tuple(people or kept[:1])[:MAX_AUTHORS]


def _is_tail(one: list[str], other: list[str]) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and long[len(long) - len(short) :] == short and (len(short) > 1 or len(short) == len(long))


def _labelled(label: re.Match[str], rest: str) -> Byline:
    if label["source"]:
        return _according(rest)
    if label["staff"] or (label["works"] and not words.WRITTEN.search(label["works"])):
        follow = re.search(r"\b(?:Bài|Tin)\s*:\s*", rest)
        people = _people(rest[follow.end() :], is_marked=True) if follow else Byline()
        return Byline(people.authors, people.source, is_credit=len(rest.split()) <= _MAX_SOURCE_WORDS)
    people = _signed(rest, is_marked=True)
    return people if people.is_credit else Byline(is_credit=not rest.strip(words.EDGES))


def _signed(line: str, *, is_marked: bool) -> Byline:
    """Names, and what a second label on their line credits: `Mây Ngàn - Ảnh: …`, `Mây Ngàn; Nguồn: …`."""
    cut = words.NEXT_LABEL.search(line)
    if cut is None:
        return _people(line, is_marked=is_marked)
    people = _people(line[: cut.start()], is_marked=is_marked)
    if not people.is_credit:
        return people
    rest = line[cut.end() :]
    label = words.LABEL.match(rest)
    match = (label if label and label["source"] else None) or words.ACCORDING.match(rest)
    return Byline(people.authors, people.source or (_source(rest[match.end() :]) if match else None), is_credit=True)


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
    bare = text.strip(words.EDGES)
    return (
        len(bare.split()) > _MAX_SOURCE_WORDS
        or ", " in bare
        or bool(re.search(r"[.!?:]\s", bare) or words.DOCUMENT.match(bare))
        or not (is_media(bare) or _is_titled(bare))
    )


def _is_titled(text: str) -> bool:
    """True when most words begin with a capital, as those of names do; web addresses count."""
    parts = [word for word in re.split(r"[\s/]+", text) if word.strip(words.EDGES)]
    capital = sum(not word.strip(words.EDGES)[:1].islower() or "." in word for word in parts)
    return bool(parts) and capital >= 0.5 * len(parts) and (not text[:1].islower() or bool(words.ADDRESS.match(text)))


def _source(text: str) -> str | None:
    """The name of an agency or paper, as written; the host of an address."""
    pieces = re.split(r"\s+[-–|]\s+", words.WHAT.sub("", text))
    text = " - ".join(piece.strip(words.EDGES) for piece in pieces if not is_team(piece))
    if (host := words.host_of(text)) is not None:
        return host
    return text if 1 < len(text) <= 60 and not _is_sentence(text) else None  # noqa: PLR2004 - characters of a paper's name


def _people(line: str, *, is_marked: bool) -> Byline:
    """Names, then in brackets, after a slash or after "Theo" the paper they come from."""
    source, line = None, words.WHAT.sub("", line)
    if (match := words.INSIDE.search(line)) is not None:
        if not (is_organisation(match[1]) or _is_titled(match[1]) or is_team(match[1])):
            return Byline()
        source = None if is_place(match[1]) or is_team(match[1]) else _source(match[1])
        line = words.WHAT.sub("", line[: match.start()])
    if (match := words.FOLLOWS.search(line)) is not None and match.start() > 0:
        source = source or _source(line[match.end() :])
        line = words.WHAT.sub("", line[: match.start()])
    authors: list[str] = []
    for part in _split(line):
        name = _name(part, is_marked=is_marked)
        if name is not None:
            authors.append(name)
        elif is_media(part) or (is_organisation(part) and (is_marked or authors)):
            source = source or _source(part)
        elif (not is_place(part) or not authors) and strip_rank(part):
            return Byline()
    if source is not None and not authors and line.strip(words.EDGES) and not is_organisation(line):
        return Byline()
    return Byline(merge_names(authors), source, is_credit=bool(authors or source))


def _split(line: str) -> list[str]:
    """Names and papers of a list; a paper with "và" in its own name stays whole."""
    pieces = [piece for piece in words.PIECES.split(line.strip(words.EDGES)) if piece.strip(words.EDGES)]
    parts = [part for piece in pieces for part in ([piece] if is_media(piece) else words.PARTS.split(piece))]
    return [part for part in parts if part and part.strip(words.EDGES)]


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
    value = words.BY.sub("", value.strip())
    if value.startswith(("http:", "https:", "/", "@")) or len(value) > MAX_CHARS:
        return []
    parts = [part.strip() for part in words.LIST.split(words.DATED.sub("", value))]
    short = [part for part in parts if part and len(part.split()) <= _MAX_FOREIGN_WORDS]
    return [name_case(part) if " " in part else part for part in short]
