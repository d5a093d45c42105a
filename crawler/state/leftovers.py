"""Links that their spelling alone leaves out: some of each rule are kept as addresses, the others are counted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from crawler.state.urls import LINK, NewUrl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.state.store import Store

N_KEPT = 1_000
"""Addresses of one rule that are kept; search pages and comment links come without end."""
N_TOLD_APART = 20_000
"""Addresses of one rule that a run tells apart; what comes after them is not counted."""


class Leftovers:
    """The left-out links of one site, met by one run."""

    def __init__(self, store: Store, site: str) -> None:
        self._store = store
        self._site = site
        self._n_more: Counter[str] = Counter()
        self._seen: defaultdict[str, set[int]] = defaultdict(set)
        self._has_changed = False

    @cached_property
    def _n_kept(self) -> Counter[str]:
        query = "SELECT reason, n FROM url_counts WHERE site = ? AND state = 'left_out' AND kind = ?"
        return Counter(dict(self._store.rows(query, (self._site, LINK))))

    def take(self, links: Iterable[tuple[str, str]], found_via: str) -> list[NewUrl]:
        """Of pairs of canonical address and rule, those to be remembered; the others are known or counted."""
        fresh = {url: reason for url, reason in links if self._is_fresh(url, reason)}
        known = self._known(fresh) if fresh else set()
        return [
            NewUrl(url, LINK, found_via, reason=reason)
            for url, reason in fresh.items()
            if url not in known and self._is_kept(reason)
        ]

    def _is_fresh(self, url: str, reason: str) -> bool:
        seen, key = self._seen[reason], hash(url)
        if key in seen or len(seen) >= N_TOLD_APART:
            return False
        seen.add(key)
        return True

    def _known(self, urls: Iterable[str]) -> set[str]:
        query = "SELECT url FROM urls WHERE site = ? AND url IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._store.rows(query, (self._site, json.dumps(list(urls))))}

    def _is_kept(self, reason: str) -> bool:
        is_kept = self._n_kept[reason] < N_KEPT
        (self._n_kept if is_kept else self._n_more)[reason] += 1
        self._has_changed |= not is_kept
        return is_kept

    def save(self) -> None:
        """Note the counts: of each rule those of the run that met most. Raises CorpusError."""
        if self._has_changed:
            with self._store.transaction() as connection:
                connection.executemany(
                    "INSERT INTO more_left_out (site, reason, n) VALUES (?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET n = max(n, excluded.n)",
                    ((self._site, reason, n) for reason, n in self._n_more.items()),
                )
            self._has_changed = False


def n_more_left_out(store: Store, site: str) -> int:
    """Links of the site that are counted by `Frontier.counts` and kept as no address."""
    return int(store.rows("SELECT coalesce(sum(n), 0) FROM more_left_out WHERE site = ?", (site,))[0][0])
