"""What a site's feeds, sitemaps and listings announced, month by month, and what became of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.state.store import Store

UNDATED = "undated"
_ROWS = """
WITH best AS (
  SELECT url, outcome, reason, max(CASE outcome
    WHEN 'kept' THEN 4 WHEN 'duplicate' THEN 3 WHEN 'rejected' THEN 2 WHEN 'not_an_article' THEN 1 ELSE 0 END)
  FROM records WHERE site = :site AND kind = 'article' GROUP BY url
)
SELECT coalesce(strftime('%Y-%m', coalesce(kept.published_at, urls.dated_at, urls.lastmod) / 1000000, 'unixepoch'), ''),
  urls.found_via, urls.state, coalesce(urls.reason, ''), best.url IS NOT NULL, coalesce(best.outcome, ''),
  coalesce(best.reason, ''), count(*)
FROM urls
LEFT JOIN best ON best.url = urls.url
LEFT JOIN kept ON kept.site = urls.site AND kept.url = urls.url
WHERE urls.site = :site AND urls.kind = 'article'
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_RECORDED = {"duplicate": "duplicate", "rejected": "rejected"}
_UNRECORDED = {"failed": "failed", "left_out": "left out"}


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Article addresses of one month: announced = kept + the sum of `gap`."""

    month: str
    """`2026-03`, in UTC, of the article's own date, else of the date it was announced with; else `undated`."""
    announced: int
    by_source: dict[str, int]
    """By what named the address first: feed, sitemap, news_sitemap, listing, seed, redirect, …"""
    fetched: int
    """Answered at least once."""
    kept: int
    gap: dict[str, int]
    """What the others are: `duplicate: <relation>`, `rejected: <reason>`, `failed: <reason>`, `left out: <rule>`,
    `pending`, `in flight`, `not read yet`, `no article` (a redirect)."""

    @property
    def share(self) -> float:
        """Share of the announced addresses whose text is in the corpus, duplicates included; 1 where none was."""
        repeated = sum(n for name, n in self.gap.items() if name.startswith("duplicate"))
        return (self.kept + repeated) / self.announced if self.announced else 1.0


def completeness(store: Store, site: str) -> list[MonthCount]:
    """One count per month, newest first, undated last. Raises CorpusError when the state cannot be read."""
    sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
    fates: defaultdict[str, Counter[str]] = defaultdict(Counter)
    fetched: Counter[str] = Counter()
    for month, source, state, reason, is_fetched, outcome, detail, n in store.rows(_ROWS, {"site": site}):
        name = month or UNDATED
        sources[name][source] += n
        fates[name][_fate(state, reason, outcome, detail, is_fetched=bool(is_fetched))] += n
        fetched[name] += n * is_fetched
    months = sorted(sources, key=lambda name: "" if name == UNDATED else name, reverse=True)
    return [_count(month, sources[month], fates[month], fetched[month]) for month in months]


def _fate(state: str, reason: str, outcome: str, detail: str, *, is_fetched: bool) -> str:
    """What became of an address; what it is in the corpus says more than where it stands in the frontier."""
    if outcome == "kept":
        return "kept"
    if outcome in _RECORDED:
        return f"{_RECORDED[outcome]}: {detail}"
    if state in _UNRECORDED:
        return f"{_UNRECORDED[state]}: {reason}"
    if state in {"pending", "leased"}:
        return "pending" if state == "pending" else "in flight"
    return "no article" if outcome or not is_fetched else "not read yet"


def _count(month: str, sources: Counter[str], fates: Counter[str], fetched: int) -> MonthCount:
    gap = {name: n for name, n in sorted(fates.items(), key=lambda one: (-one[1], one[0])) if name != "kept"}
    by_source = dict(sorted(sources.items(), key=lambda one: (-one[1], one[0])))
    return MonthCount(month, sources.total(), by_source, fetched, fates["kept"], gap)


def in_all(months: Iterable[MonthCount]) -> MonthCount:
    """The sum over all months, under the name `all`."""
    by_source: Counter[str] = Counter()
    fates: Counter[str] = Counter()
    fetched = 0
    for one in months:
        by_source.update(one.by_source)
        fates.update(one.gap)
        fates["kept"] += one.kept
        fetched += one.fetched
    return _count("all", by_source, fates, fetched)
