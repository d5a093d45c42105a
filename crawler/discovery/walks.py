"""How far a list is walked: which of its further pages come next, and whether a page moved on from the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discovery.patterns import patterns_of
from crawler.discovery.periods import address_before, period_of
from crawler.discovery.urls import split_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

MAX_WALKS = 2_000
"""Lists remembered at a time."""
MAX_OLDER = 20_000
"""Articles before the horizon that are remembered at a time."""
_NARROW = frozenset({"calendar", "pagination", "query", "parameters"})


class Walks:
    """What the last page of each list named, as long as the run lasts."""

    def __init__(self) -> None:
        self._last: dict[str, frozenset[str]] = {}

    def moves_on(self, url: str, listed: Collection[str]) -> bool:
        """Whether a further page names an article that the page of its list read before it did not."""
        split = split_url(url)
        narrow = [pattern for pattern in patterns_of(split, "listing") if pattern.trap in _NARROW] if split else []
        if not narrow:
            return bool(listed)
        before = self._last.pop(narrow[0].key, frozenset())
        self._last[narrow[0].key] = frozenset(listed)
        if len(self._last) > MAX_WALKS:
            del self._last[next(iter(self._last))]
        return not before.issuperset(listed)


class Lookback:
    """What a run with a horizon remembers of its lists: which articles were too old, and what stood before each page.

    Bounded; what is forgotten costs the requests for pages that would not have been asked for.
    """

    def __init__(self, max_articles: int = MAX_OLDER, max_pages: int = MAX_WALKS) -> None:
        self._max_articles = max_articles
        self._max_pages = max_pages
        self._older: dict[str, None] = {}
        self._leading: dict[str, tuple[str, ...]] = {}

    def found_older(self, url: str) -> None:
        """An article turned out to be older than the horizon."""
        self._older[url] = None
        if len(self._older) > self._max_articles:
            del self._older[next(iter(self._older))]

    def is_older(self, url: str) -> bool:
        """Whether that is known of an article."""
        return url in self._older

    def follow(self, page: str, listed: Iterable[str]) -> None:
        """The further page at `page` comes after one that lists these articles."""
        self._leading.pop(page, None)
        self._leading[page] = tuple(listed)
        if len(self._leading) > self._max_pages:
            del self._leading[next(iter(self._leading))]

    def before(self, page: str) -> tuple[str, ...]:
        """The articles that the page before `page` lists."""
        return self._leading.get(page, ())

    def is_too_far(self, page: str) -> bool:
        """Whether all of them were too old. To be asked once, when it is the page's turn."""
        listed = self._leading.pop(page, ())
        return bool(listed) and all(map(self.is_older, listed))


def in_walking_order(url: str, pages: Iterable[str], today: date) -> list[str]:
    """Further pages of the list at `url`: numbered ones as they stand, then days and months, the newest first.

    A page of an archive that names no earlier one is followed by the address before it, spelled alike.
    """
    numbered, dated = [], []
    for page in pages:
        period = period_of(page)
        if period is None:
            numbered.append(page)
        else:
            dated.append((period.last, page))
    here = period_of(url)
    if here is not None and here.first <= today and not any(last < here.first for last, _ in dated):
        earlier = address_before(url)
        dated += [(here.first, earlier)] if earlier else []
    return numbered + [page for _, page in sorted(dated, key=lambda one: one[0], reverse=True)]
