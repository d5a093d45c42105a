"""What of a known site is worth another request: recent articles, changed sources, a horizon that moved."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from crawler.state.instants import opt_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.state.store import Store

RECHECK_PRIORITY = 30
"""Below new articles, above further pages of listings."""
# an article that was a fresh one when it came, at the first run after each step of the plan; a step that nobody ran for
# until long after the last one is forgotten
_RECHECK = """
UPDATE urls SET state = 'pending', attempts = 0, next_try_at = NULL, reason = NULL, priority = :priority
WHERE id IN (
  SELECT urls.id FROM urls JOIN kept ON kept.site = urls.site AND kept.url = urls.url
  WHERE urls.site = :site AND urls.kind = 'article' AND urls.state = 'done'
    AND urls.first_fetched_at >= :now - 2 * :longest AND kept.published_at >= urls.first_fetched_at - :longest
    AND EXISTS (
      SELECT 1 FROM json_each(:plan)
      WHERE urls.last_fetched_at < urls.first_fetched_at + value AND urls.first_fetched_at + value <= :now
    )
)
"""
LONGEST_REST = timedelta(days=7)
"""A sitemap that its index says nothing of is asked this often at least, at the cost of a 304."""
# sitemaps whose index gives no time, or did not change itself: the longer they have not changed, the longer they rest
_SOURCES = """
SELECT url, kind FROM urls WHERE site = :site AND state IN ('done', 'failed') AND (
  (kind IN ('listing', 'feed') AND depth = 1 AND found_via = 'listing')
  OR (kind = 'sitemap' AND found_via = 'sitemap' AND lastmod IS NULL
      AND :now - coalesce(last_fetched_at, 0) >= min((last_fetched_at - changed_at) / 2, :longest))
) ORDER BY id
"""
_READMIT = """
UPDATE urls SET state = 'pending', reason = NULL
WHERE site = :site AND state = 'left_out' AND reason = :reason AND (:since IS NULL OR dated_at >= :since)
"""


class Source(NamedTuple):
    """A list of articles that earlier runs found."""

    url: str
    kind: str
    """listing, feed or sitemap."""


def recheck(store: Store, site: str, plan: Sequence[timedelta], now: datetime) -> int:
    """Let kept articles wait again that are due: `plan` says how long after their first fetch; returns how many.

    Only those that were published at most the plan's longest time before they were fetched first: what a crawl brings
    from a newspaper's past does not change any more.
    """
    steps = [step.total_seconds() * 1e6 for step in plan]
    values = {
        "site": site,
        "now": to_micros(now),
        "plan": json.dumps([int(step) for step in steps]),
        "longest": int(max(steps, default=0)),
        "priority": RECHECK_PRIORITY,
    }
    with store.transaction() as connection:
        return connection.execute(_RECHECK, values).rowcount


def sources_due(store: Store, site: str, now: datetime) -> list[Source]:
    """Listings and feeds that the home page led to, and sitemaps of an index that says nothing of their changes.

    Sitemaps whose index gives a time wait for it to say that they have changed.
    """
    longest = LONGEST_REST // timedelta(microseconds=1)
    rows = store.rows(_SOURCES, {"site": site, "now": to_micros(now), "longest": longest})
    return [Source(*row) for row in rows]


def readmit(store: Store, site: str, reason: str, since: datetime | None) -> int:
    """Let addresses wait that a horizon left out for `reason` and that `since` (None: no horizon) would not."""
    with store.transaction() as connection:
        values = {"site": site, "reason": reason, "since": opt_micros(since)}
        return connection.execute(_READMIT, values).rowcount
