"""Date archives: which day, month or year an address asks for, and the same address for the one before it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

_YEAR, _MONTH, _DAY = (
    r"(?P<year>(?:19|20)\d\d)",
    r"(?P<month>0[1-9]|1[0-2]|[1-9])",
    r"(?P<day>0[1-9]|[12]\d|3[01]|[1-9])",
)
_END = r"(?:\.\w{2,5})?/?$"
_BEGIN = r"(?:/|(?:ngay|thang|nam|date|day|month|archives?|luu-tru)[-_/])"
_BETWEEN = r"(?:/(?:thang|ngay)?[-_]?|[-_](?:thang|ngay)?[-_]?)"
_NAMES = r"[?&](?:\w{1,20}_)?(?:ngay\w{0,12}|date|day|d|thang|month|m|(?:tu|from|start|view|event)_?(?:ngay|date)?)="
_MARK = r"(?:[-/._]|%2F)"
_STOP = r"(?=&|$)"
_PATHS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_BEGIN}{_YEAR}{_BETWEEN}{_MONTH}(?:{_BETWEEN}{_DAY})?{_END}",
        rf"{_BEGIN}(?:{_DAY}{_BETWEEN})?{_MONTH}{_BETWEEN}{_YEAR}{_END}",
        rf"{_BEGIN}{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01]){_END}",
        rf"(?:/(?:archives?|luu-tru|kho-tin|nam)[-/]|^/){_YEAR}{_END}",
    )
)
_QUERIES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NAMES}{_YEAR}{_MARK}{_MONTH}(?:{_MARK}{_DAY})?{_STOP}",
        rf"{_NAMES}(?:{_DAY}{_MARK})?{_MONTH}{_MARK}{_YEAR}{_STOP}",
        rf"{_NAMES}{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?{_STOP}",
    )
)
_PARTS = tuple(
    re.compile(rf"[?&](?:{names})={part}{_STOP}", re.IGNORECASE)
    for names, part in (("nam|year|y", _YEAR), ("thang|month|m", _MONTH), ("ngay|day|d", _DAY))
)


class Period(NamedTuple):
    """The days of which a page lists the articles, and where its address names them."""

    first: date
    last: date
    spans: tuple[tuple[str, int, int], ...]
    """Part (year, month, day), begin and end of its digits in the address."""


@lru_cache(maxsize=4096)
def period_of(url: str) -> Period | None:
    """The day, month or year that a list's address ends in or asks for, or None.

    `/2026/11/`, `/luu-tru/2026-11-22.html`, `/ngay-22-11-2026`, `?ngay=22/11/2026`, `?m=202611`, `?thang=11&nam=2026`.
    An address that goes on behind its date is an article's and names no period.
    """
    start = url.find("/", url.find("://") + 3) if "://" in url else 0
    if start < 0:
        return None
    path, mark, query = url[start:].partition("?")
    tries = ((_PATHS, path), (_QUERIES, " " * len(path) + mark + query))
    found = next((match for spellings, text in tries for one in spellings if (match := one.search(text))), None)
    groups = [found] if found else [match for part in _PARTS if (match := part.search(tries[1][1]))]
    spans = tuple(
        (name, start + match.start(name), start + match.end(name))
        for match in groups
        for name, value in match.groupdict().items()
        if value
    )
    return _period(url, spans)


def _period(url: str, spans: tuple[tuple[str, int, int], ...]) -> Period | None:
    numbers = {name: int(url[begin:end]) for name, begin, end in spans}
    if "year" not in numbers or ("day" in numbers and "month" not in numbers):
        return None
    try:
        first = date(numbers["year"], numbers.get("month", 1), numbers.get("day", 1))
    except ValueError:
        return None
    if "day" in numbers:
        return Period(first, first, spans)
    following = date(first.year + 1, 1, 1) if "month" not in numbers else _next_month(first)
    return Period(first, following - timedelta(days=1), spans)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def address_before(url: str) -> str | None:
    """The address of the period before the one that `url` names, spelled alike; None where it names none."""
    period = period_of(url)
    if period is None or period.first.year <= date.min.year:
        return None
    before = period.first - timedelta(days=1)
    for name, begin, end in sorted(period.spans, key=lambda span: -span[1]):
        number = getattr(before, name)
        width = end - begin if url[begin] == "0" or end - begin > 1 else 1
        url = f"{url[:begin]}{number:0{width}}{url[end:]}"
    return url
