"""Dates that stand on the page for readers: which of them is the article's own."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.dates import MAX_CHARS, has_label, read_moments
from crawler.extraction.headline import is_short
from crawler.extraction.settling import by_address
from crawler.extraction.template import text_of
from crawler.extraction.vicinity import index_of_title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.html import HtmlElement

    from crawler.extraction.dates import Clock, Moment
    from crawler.extraction.document import Document

NEAR = 700
"""Characters between title and dateline, at most: a kicker, a lede, a row of buttons."""
ACCEPTED = 4
"""Score from which a dateline is believed; a time beside the title without any label has 5."""
_TIMED = 2
_PUBLISHED = 3
_IN_ADDRESS = 2
_MAX_CANDIDATES = 200
_MAX_BLOCKS = 1_500
_DATED_CLASS = re.compile(r"[dD]ate|[tT]ime|publish|ngay")
_DATED_ID = re.compile(r"date|time")
_DIGITS = re.compile(r"\d")
_DATE_LIKE = re.compile(r"\d\s?[/.-]\s?\d|\d{4}|\d:\d\d|\d\s\S{2,6}\s(?:tr|ago)|qua\b|nay\b|yesterday")
_OUTSIDE = re.compile(
    r"footer|copyright|related|relate|other|sidebar|widget|comment|binhluan|weather|calendar|clock|today|hot-?news"
    r"|most|popular|tinkhac|tin-khac|lien-?quan|license|giayphep|event|ticker|marquee|hidden",
    re.IGNORECASE,
)
_OUTSIDE_TAGS = frozenset({"footer", "aside", "nav"})


@dataclass(frozen=True, slots=True)
class Dateline:
    """A date on the page, and how much speaks for its being the article's."""

    moment: Moment
    raw: str
    score: int
    is_near: bool


def read_datelines(
    document: Document, part: HtmlElement, title: HtmlElement | None, clock: Clock, url_days: tuple[int, ...]
) -> list[Dateline]:
    """Datelines in `part` of the page that may be `ACCEPTED`, likeliest first, and those under the same paths.

    `url_days`: the digits of a date in the address, year first.

    Speaks for one: a place near the title, a label, a date-like class, a time of day, the date in the address.
    Against it: footers, related lists, links, a place it shares with others, a bare date above the title ("today").
    """
    places = _Places(document, part, title)
    found = [
        (element, raw, by_address(moment, url_days, clock))
        for element, raw in _likely(list(_candidates(document, part)), places, url_days)
        for moment in read_moments(raw, clock)
    ]
    crowds = _Crowds(found)
    lines = [
        Dateline(
            moment,
            raw,
            _score(element, moment, places, url_days, clock) - crowds.points_off(element),
            places.is_near(element),
        )
        for element, raw, moment in found
    ]
    return sorted(lines, key=lambda line: -line.score)


def _candidates(document: Document, part: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Short texts with a figure in them: date-like elements first, then the other blocks."""
    seen: set[tuple[HtmlElement, str]] = set()
    index = document.index_of(part)
    elements = index.in_order([*part.iter("time"), *index.find(class_=_DATED_CLASS, id=_DATED_ID)])
    for element in elements[: 5 * _MAX_CANDIDATES]:
        if element.tag in {"script", "style", "body", "html", "form", "select"} or not is_short(element, MAX_CHARS):
            continue
        text = text_of(element)
        if _DIGITS.search(text) and (element, text) not in seen and len(seen) < _MAX_CANDIDATES:
            seen.add((element, text))
            yield element, text
    likely = (
        block for block in document.blocks_in(part) if len(block.text) <= MAX_CHARS and _DATE_LIKE.search(block.text)
    )
    for _, block in zip(range(_MAX_BLOCKS), likely, strict=False):
        if (block.element, block.text) not in seen:
            yield block.element, block.text


def _likely(
    candidates: list[tuple[HtmlElement, str]], places: _Places, url_days: tuple[int, ...]
) -> Iterator[tuple[HtmlElement, str]]:
    """`candidates` without the paths under which none can be accepted: reading a date costs more than its place."""
    paths = [_path(element) for element, _ in candidates]
    wanted: set[tuple[str, ...]] = set()
    for (element, raw), path in zip(candidates, paths, strict=True):
        if path not in wanted:
            least = ACCEPTED - places.score(element) - _TIMED - (_IN_ADDRESS if url_days else 0)
            if least <= 0 or (least <= _PUBLISHED and has_label(raw)):
                wanted.add(path)
    return (candidate for candidate, path in zip(candidates, paths, strict=True) if path in wanted)


class _Places:
    """How far from the title an element stands, in characters of text between them."""

    def __init__(self, document: Document, part: HtmlElement, title: HtmlElement | None) -> None:
        blocks = document.blocks_in(part)
        self._order = document.order
        self._starts = [self._order.get(block.element, 0) for block in blocks]
        self._lengths = [0]
        for block in blocks:
            self._lengths.append(self._lengths[-1] + len(block.text))
        self.around_title = frozenset(title.iterancestors()) if title is not None else frozenset()
        place = index_of_title(blocks, title)
        self._title_at = None if place is None else self._lengths[place]
        self._size = 0 if place is None else len(blocks[place].text)

    def distance(self, element: HtmlElement) -> int | None:
        """Characters between title and `element`; negative above the title; None without a title on the page."""
        if self._title_at is None:
            return None
        here = self._chars(element)
        return here - self._title_at - self._size if here > self._title_at else min(-1, here - self._title_at)

    def is_near(self, element: HtmlElement) -> bool:
        distance = self.distance(element)
        return distance is not None and abs(distance) <= NEAR

    def score(self, element: HtmlElement) -> int:
        """What the place of `element` says, whatever date stands there."""
        distance = self.distance(element)
        score = _is_dated(element)
        if distance is not None:
            score += 3 if abs(distance) <= NEAR // 3 else 2 if abs(distance) <= NEAR else -2
        chain = (element, *element.iterancestors())
        if any(_is_outside(parent) for parent in chain if parent not in self.around_title):
            score -= 6
        return score - 2 * any(parent.tag == "a" for parent in chain)

    def _chars(self, element: HtmlElement) -> int:
        return self._lengths[max(0, bisect_right(self._starts, self._order.get(element, 0)) - 1)]


def _score(element: HtmlElement, moment: Moment, places: _Places, url_days: tuple[int, ...], clock: Clock) -> int:
    distance = places.distance(element)
    score = (
        places.score(element) + _TIMED * moment.has_time + {"published": _PUBLISHED, "modified": 1}.get(moment.label, 0)
    )
    score -= 3 * (distance is not None and distance < 0 and not moment.has_time)
    return score + _url_score(moment, url_days, clock) - moment.is_relative


def _is_dated(element: HtmlElement) -> int:
    names = f"{element.tag!s} {element.get('class') or ''} {element.get('id') or ''}".lower()
    return int(any(word in names for word in ("time", "date", "publish", "ngay")))


def _is_outside(element: HtmlElement) -> bool:
    if element.tag in _OUTSIDE_TAGS:
        return True
    if element.tag in {"body", "html", "article", "main"}:
        return False
    return _is_outside_name(f"{element.get('class') or ''} {element.get('id') or ''}"[:300])


@functools.lru_cache(maxsize=8192)
def _is_outside_name(names: str) -> bool:
    return bool(_OUTSIDE.search(names))


def _url_score(moment: Moment, url_days: tuple[int, ...], clock: Clock) -> int:
    """An address with a date of its own speaks for that day, and against other months."""
    if not url_days:
        return 0
    local = moment.at.astimezone(clock.tz)
    if (local.year, local.month, local.day)[: len(url_days)] == url_days:
        return _IN_ADDRESS
    months = abs((local.year - url_days[0]) * 12 + local.month - url_days[1])
    return -4 if months > 1 else 0


def _path(element: HtmlElement) -> tuple[str, ...]:
    chain = [element, *element.iterancestors()][:4]
    return tuple(f"{parent.tag!s}.{parent.get('class') or ''}" for parent in chain)


class _Crowds:
    """Places that many different dates of the page share: lists of other articles."""

    def __init__(self, found: list[tuple[HtmlElement, str, Moment]]) -> None:
        self._moments: dict[tuple[str, ...], set[datetime]] = {}
        for element, _, moment in found:
            self._moments.setdefault(_path(element), set()).add(moment.at)

    def points_off(self, element: HtmlElement) -> int:
        """0 for a place of one or two dates: they may be published and updated."""
        n_dates = len(self._moments[_path(element)])
        return 0 if n_dates < 3 else 3 if n_dates < 5 else 5  # noqa: PLR2004 - see above
