"""The addresses of one site: what waits, what is being fetched, what is done, failed or left out, and why."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from crawler.state import changes
from crawler.state.instants import now as present
from crawler.state.instants import opt_micros, to_micros
from crawler.state.leasing import has_due, take
from crawler.state.leftovers import Leftovers
from crawler.state.urls import COLUMNS, FailedUrl, FinishedUrl, KnownUrl, NewUrl, known_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from crawler.state.store import Store


LONGEST_WAIT = timedelta(days=2)
"""Twice the longest Retry-After that is heeded."""


class CountKey(NamedTuple):
    """What `Frontier.counts` counts by."""

    state: str
    kind: str
    reason: str
    """Empty where there is none."""


class Frontier:
    """The frontier of one site. Every method that changes it is one transaction, or joins the open one of `store`.

    An address is in one state: pending (with `next_try_at` set: waiting for that moment), leased, done, failed,
    left_out. All methods raise CorpusError and FencedError as `Store.transaction` does.
    """

    def __init__(self, store: Store, site: str, run_id: str = "") -> None:
        """`run_id` is noted with what is finished or failed."""
        self._store = store
        self._site = site
        self._run_id = run_id

    @cached_property
    def leftovers(self) -> Leftovers:
        """Links that their spelling leaves out: what `add` is given of them is what this lets through."""
        return Leftovers(self._store, self._site)

    def add(self, urls: Iterable[NewUrl]) -> int:
        """Remember `urls`; returns how many were unknown.

        A known one that is done or failed waits again if its `lastmod` is newer than the one stated before (where
        none was stated: than the last visit). Give a sitemap in batches of a few thousand.
        """
        batch = list(urls)
        found_at = to_micros(present())
        with self._store.transaction() as connection:
            cursor = connection.executemany(changes.INSERT, (self._row(new, found_at) for new in batch))
            n_new = max(cursor.rowcount, 0)
            self.leftovers.save()
            if n_new < len(batch):
                connection.executemany(
                    changes.TOUCH, (self._named(new) for new in batch if new.lastmod and not new.reason)
                )
                connection.executemany(changes.DATE, (self._named(new) for new in batch if new.dated_at))
                connection.executemany(changes.RESPELL, (self._named(new) for new in batch if new.spelling))
                connection.executemany(changes.ADMIT, (self._named(new) for new in batch if not new.reason))
        return n_new

    def revisit(self, urls: Iterable[NewUrl]) -> None:
        """Remember entry points of a run (home, feeds, sitemaps, sections) and let them wait again, known or not."""
        batch = list(urls)
        found_at = to_micros(present())
        with self._store.transaction() as connection:
            connection.executemany(changes.INSERT, (self._row(new, found_at) for new in batch))
            connection.executemany(changes.REVISIT, (self._named(new) for new in batch))

    def _row(self, new: NewUrl, found_at: int) -> tuple[object, ...]:
        state = "pending" if new.reason is None else "left_out"
        lastmod = opt_micros(new.lastmod)
        place = (new.priority, new.depth, new.found_via, found_at)
        return (self._site, new.url, new.kind, state, *place, lastmod, new.title, new.reason, opt_micros(new.dated_at))

    def _named(self, new: NewUrl) -> dict[str, object]:
        return {
            "site": self._site,
            "url": new.url,
            "kind": new.kind,
            "priority": new.priority,
            "lastmod": opt_micros(new.lastmod),
            "dated_at": opt_micros(new.dated_at),
            "title": new.title,
            "spelling": new.spelling,
            "n_spellings": new.n_spellings,
        }

    def lease(self, n: int, now: datetime, *, without: Collection[str] = ()) -> list[KnownUrl]:
        """Take up to `n` waiting addresses whose time has come by `now` (aware): highest priority, then oldest.

        `without`: hosts (with their port) that have enough to do.
        """
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE urls SET next_try_at = NULL WHERE site = ? AND state = 'pending' AND next_try_at <= ?",
                (self._site, to_micros(now)),
            )
            rows = take(connection, self._site, n, without)
        rows.sort(key=lambda row: (-row[4], row[0]))
        return [known_url(row[1:]) for row in rows]

    def recover(self) -> int:
        """Let everything leased wait again, at the start of a run; returns how many.

        So does what waits for a moment further away than any answer can ask for: a clock was wrong.
        """
        latest = to_micros(present() + LONGEST_WAIT)
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE urls SET next_try_at = NULL WHERE site = ? AND state = 'pending' AND next_try_at > ?",
                (self._site, latest),
            )
            return connection.execute(
                "UPDATE urls SET state = 'pending', next_try_at = NULL WHERE site = ? AND state = 'leased'",
                (self._site,),
            ).rowcount

    def retry_failed(self, max_attempts: int) -> int:
        """Let what failed wait again, where it was tried less often than `max_attempts`; returns how many."""
        with self._store.transaction() as connection:
            return connection.execute(
                "UPDATE urls SET state = 'pending', next_try_at = NULL, reason = NULL"
                " WHERE site = ? AND state = 'failed' AND attempts < ?",
                (self._site, max_attempts),
            ).rowcount

    def give_back(self, urls: Iterable[str]) -> None:
        """Let leased `urls` that were not asked for after all wait again: a crawl that stops in order."""
        with self._store.transaction() as connection:
            connection.executemany(
                "UPDATE urls SET state = 'pending' WHERE site = ? AND url = ? AND state = 'leased'",
                ((self._site, url) for url in urls),
            )

    def finish(self, urls: Iterable[FinishedUrl]) -> None:
        """Note answers. `Records.append` does this in one transaction with the records: use that for pages."""
        with self._store.transaction() as connection:
            connection.executemany(changes.FINISH, (self._finished(done) for done in urls))

    def _finished(self, done: FinishedUrl) -> dict[str, object]:
        pointer = done.pointer
        return {
            "site": self._site,
            "run_id": self._run_id,
            "url": done.url,
            "fetched_at": to_micros(done.fetched_at),
            "etag": done.etag,
            "last_modified": done.last_modified,
            "content_hash": done.content_hash,
            "file": pointer and pointer.file,
            "offset": pointer and pointer.offset,
            "length": pointer and pointer.length,
        }

    def fail(self, urls: Iterable[FailedUrl]) -> None:
        """Count a failed attempt of each; it waits until its `next_try_at`, or has failed for good."""
        with self._store.transaction() as connection:
            connection.executemany(
                changes.FAIL,
                (
                    {
                        "site": self._site,
                        "run_id": self._run_id,
                        "url": failed.url,
                        "reason": failed.reason,
                        "next_try_at": opt_micros(failed.next_try_at),
                    }
                    for failed in urls
                ),
            )

    def leave_out(self, urls: Iterable[str], reason: str) -> None:
        """Do not crawl known `urls`, by the rule `reason`. For unknown ones: `add` with `NewUrl.reason`."""
        with self._store.transaction() as connection:
            connection.executemany(
                "UPDATE urls SET state = 'left_out', next_try_at = NULL, reason = ? WHERE site = ? AND url = ?",
                ((reason, self._site, url) for url in urls),
            )

    def is_known(self, urls: Collection[str], *, since: datetime | None = None) -> set[str]:
        """Those of `urls` that the frontier knows, in whatever state, but for links that their spelling left out.

        `since`: only those that it learned of then (aware) or later.
        """
        query = (
            "SELECT url FROM urls WHERE site = ? AND url IN (SELECT value FROM json_each(?)) AND kind <> 'link'"
            " AND discovered_at >= ?"
        )
        values = (self._site, json.dumps(list(urls)), to_micros(since) if since else 0)
        return {row[0] for row in self._store.rows(query, values)}

    def is_any_due(self, urls: Collection[str]) -> bool:
        """Whether one of `urls` is being fetched, or waits for nothing but its turn."""
        query = (
            "SELECT 1 FROM urls WHERE site = ? AND url IN (SELECT value FROM json_each(?))"
            " AND (state = 'leased' OR (state = 'pending' AND next_try_at IS NULL)) LIMIT 1"
        )
        return bool(self._store.rows(query, (self._site, json.dumps(list(urls)))))

    def get(self, url: str) -> KnownUrl | None:
        """All that is known of `url`; ETag, Last-Modified and archive record for a conditional request among it."""
        rows = self._store.rows(f"SELECT {COLUMNS} FROM urls WHERE site = ? AND url = ?", (self._site, url))  # noqa: S608 - a constant
        return known_url(rows[0]) if rows else None

    def counts(self) -> Counter[CountKey]:
        """Number of addresses by state, kind and reason, links that are only counted included.

        Kept by triggers: costs the same at any size.
        """
        query = (
            "SELECT state, kind, reason, n FROM url_counts WHERE site = ? AND n > 0"
            " UNION ALL SELECT 'left_out', 'link', reason, n FROM more_left_out WHERE site = ?"
        )
        counts: Counter[CountKey] = Counter()
        for row in self._store.rows(query, (self._site, self._site)):
            counts[CountKey(*row[:3])] += row[3]
        return counts

    def has_due(self, by: datetime, *, without: Collection[str] = ()) -> bool:
        """Whether an address waits whose time comes before `by` (aware), of a host that is not among `without`."""
        return has_due(self._store, self._site, to_micros(by), without)

    def iterate(self, states: Sequence[str] = (), *, batch: int = 1000) -> Iterator[KnownUrl]:
        """Addresses in the order they were found, of `states` only if some are given, read `batch` at a time."""
        query = (
            f"SELECT id, {COLUMNS} FROM urls WHERE site = ? AND id > ?"  # noqa: S608 - a constant
            " AND (? = '[]' OR state IN (SELECT value FROM json_each(?))) ORDER BY id LIMIT ?"
        )
        wanted = json.dumps(list(states))
        last = 0
        while rows := self._store.rows(query, (self._site, last, wanted, wanted, batch)):
            yield from (known_url(row[1:]) for row in rows)
            last = rows[-1][0]
