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
