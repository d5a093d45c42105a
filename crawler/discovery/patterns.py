"""Groups of addresses that one budget watches: the same path shape, the same parameters, the same first folders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from crawler.discovery.paging import page_number, strip_page_number
from crawler.discovery.periods import period_of

if TYPE_CHECKING:
    from urllib.parse import SplitResult


class Pattern(NamedTuple):
    """A budget's key and its kind."""

    key: str
    trap: str
    """Which credit it has: a key of `traps.CREDITS`."""


_DIGITS = re.compile(r"\d+")
_HASH = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9]*[a-f])[0-9a-f]{6,64}", re.IGNORECASE)
_DATE_NAMES = re.compile(
    r"(?:ngay|date|day|d|thang|month|m|tuan|week|w|nam|year|y|lich|calendar|from|to|begin|end|start|"
    r"(?:event|start|end|from|to)_?(?:date|day)|(?:tu|den)_?ngay|ngay_?\w*|view_?date)",
    re.IGNORECASE,
)
_DATE_VALUE = re.compile(r"\d{1,4}(?:[-/.]\d{1,2}){0,2}|\d{6,8}|(?:%2F|\d){6,14}", re.IGNORECASE)
_DATE_PATH = re.compile(r"/(?:19|20|21)\d\d(?:[/-](?:0?[1-9]|1[0-2]))(?:[/-]\d{1,2})?/?$")
_CALENDAR_PATH = re.compile(r"/(?:[^/]*calendar|lich(?:-[^/]*)?|su-kien|events?|agenda|schedule)(?:/|$)", re.IGNORECASE)
_VIEW_NAMES = re.compile(
    r"(?:sort|order|dir|filter|facet|view|display|mode|limit|per_?page|page_?size|size|colou?r|price|brand|layout|type|"
    r"sap_?xep|loc|kieu|style|theme|lang|font)\w*(?:\[\w*\]|%5B\w*%5D)?",
    re.IGNORECASE,
)
_PAGE_NAMES = re.compile(r"(?:p|pg|page\w*|paged|trang|cur\w*|start|offset|limitstart)", re.IGNORECASE)
_FACETS = 2


def repeated_segment(path: str) -> bool:
    """Whether a path runs in circles: a folder with letters for the third time, or a pair of folders twice in a row."""
    segments = [segment for segment in path.lower().split("/") if segment and not segment.isdigit()]
    if len(segments) != len(set(segments)) and max(map(segments.count, segments)) > 2:  # noqa: PLR2004 - the third time
        return True
    return any(segments[at : at + 2] == segments[at + 2 : at + 4] for at in range(len(segments) - 3))


def patterns_of(split: SplitResult, kind: str) -> tuple[Pattern, ...]:
    """The budgets that `split` draws on, narrow before wide."""
    shape = _shape(split.path)
    if kind == "article":
        folder = Pattern(f"article {split.netloc}{_first_folder(split.path)}", "article")
        return (folder, Pattern(f"articles {split.netloc}", "articles"))
    if kind in ("sitemap", "feed"):
        return (Pattern(f"{kind} {split.netloc}", kind),)
    names = [pair.partition("=")[0] for pair in split.query.split("&") if pair]
    found = [*_narrow(split, shape, names)]
    found.append(Pattern(f"folder {split.netloc}{_first_folder(split.path)}", "folder"))
    found.append(Pattern(f"site {split.netloc}", "site"))
    return tuple(found)


def _narrow(split: SplitResult, shape: str, names: list[str]) -> list[Pattern]:
    found = []
    bare = f"{split.netloc}{shape}"
    if _is_calendar(split):
        folder = _CALENDAR_PATH.search(split.path)
        found.append(Pattern(f"calendar {split.netloc}{split.path[: folder.end()] if folder else shape}", "calendar"))
    elif page_number(f"{split.path}?{split.query}") is not None:
        found.append(Pattern(f"pagination {split.netloc}{strip_page_number(split.path)}", "pagination"))
    shown = [name for name in names if not _PAGE_NAMES.fullmatch(name)]
    if len(shown) >= _FACETS or any(_VIEW_NAMES.fullmatch(name) for name in shown):
        found.append(Pattern(f"parameters {bare}", "parameters"))
    elif shown:
        found.append(Pattern(f"query {bare}?{shown[0].lower()[:40]}", "query"))
    return found


def _is_calendar(split: SplitResult) -> bool:
    if _DATE_PATH.search(split.path) or period_of(f"{split.path}?{split.query}") is not None:
        return True
    pairs = (pair.partition("=") for pair in split.query.split("&"))
    dated = [name for name, _, value in pairs if _DATE_NAMES.fullmatch(name) and _DATE_VALUE.fullmatch(value)]
    return any(len(name) > 1 for name in dated) or (bool(dated) and _CALENDAR_PATH.search(split.path) is not None)


def _shape(path: str) -> str:
    segments = (_HASH.sub("{hex}", segment) for segment in path.split("/"))
    return _DIGITS.sub("0", "/".join(segments))[:200]


def _first_folder(path: str) -> str:
    return _shape("/".join(path.split("/")[:2])) if path.count("/") > 1 else "/"
