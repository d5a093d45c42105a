"""Gathering: one pass over WARC files of others; what is an article page of a site goes into its own archive.

Copied, because every row must be made anew from the archive, and files of others move and go. Records are pending then:
the next crawl of the site makes rows of them, with the templates that were valid when they were captured.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from crawler.archive.parsing import is_joined, parse_heading, parse_record
from crawler.archive.spans import Spans
from crawler.archive.writer import ArchiveWriter
from crawler.backfill.notes import TAKEN, Note, read_note
from crawler.backfill.sieve import marked
from crawler.discovery.urls import canonicalize
from crawler.errors import ArchiveError, RefusedError
from crawler.state.frontier import Frontier
from crawler.state.records import NewRecord, Records
from crawler.state.urls import FinishedUrl, NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crawler.archive.exchange import Exchange
    from crawler.archive.spans import Span
    from crawler.backfill.sieve import Sieve
    from crawler.backfill.sources import WarcSource
    from crawler.sites.profile import SiteProfile
    from crawler.state.locks import SiteLock
    from crawler.state.store import Store

FOUND_VIA = "ccnews"
CHECKPOINT_RECORDS = 64
CHECKPOINT_SECONDS = 10.0
"""What a kill costs: so much is read again, and nothing copied twice into the corpus."""


class _Found(NamedTuple):
    url: str
    record: NewRecord
    finished: FinishedUrl


class _Latest(NamedTuple):
    """What is known of an address."""

    at: datetime | None
    content_hash: str | None


class Gathering:
    """One pass for many sites, whose locks the caller holds. Methods raise ArchiveError and CorpusError."""

    def __init__(
        self,
        store: Store,
        locks: Mapping[str, SiteLock],
        sieve: Sieve,
        wanted: Mapping[str, str],
        *,
        max_bytes: int,
    ) -> None:
        """`wanted`: by site, what is looked for, in words; `max_bytes`: size of our archive files."""
        self.problems: list[str] = []
        """Files that are not whole, one line each."""
        self._store = store
        self._locks = locks
        self._sieve = sieve
        self._wanted = wanted
        self._writers = {site: ArchiveWriter(store.output, site, lock.epoch, max_bytes) for site, lock in locks.items()}
        self._found: defaultdict[str, list[_Found]] = defaultdict(list)
        self._fresh: dict[tuple[str, str], _Latest] = {}
        self._notes: dict[str, Note] = {}
        self._begun: set[str] = set()

    def read(self, source: WarcSource, tell: Callable[[int, int], None]) -> dict[str, Note]:
        """Read a file from where it was left; returns by site what was found in it, over all times it was read.

        `tell` gets bytes read and bytes in all.
        """
        seen = source.seen()
        self._notes = {
            site: read_note(self._store, source.name, site, seen, wanted) for site, wanted in self._wanted.items()
        }
        start = min(note.offset for note in self._notes.values())
        if start >= seen.size:
            return self._notes
        spans = Spans(source, start)
        checkpoint_at = time.monotonic()
        for span in spans:
            self._look(source, span)
            n_found = sum(map(len, self._found.values()))
            if n_found >= CHECKPOINT_RECORDS or time.monotonic() - checkpoint_at >= CHECKPOINT_SECONDS:
                self._checkpoint(spans.end)
                checkpoint_at = time.monotonic()
                tell(spans.end, seen.size)
        if spans.problem is not None and spans.end == 0:
            raise ArchiveError(spans.problem)
        self._checkpoint(spans.end)
        if spans.problem is not None:
            self.problems.append(f"{spans.problem}; the same command reads on when the file is whole")
        return self._notes

    def _look(self, source: WarcSource, span: Span) -> None:
        where = f"{source} at byte {span.offset}"
        if span.offset == 0 and is_joined(span.data):
            raise ArchiveError(f"{source}: compressed as one piece, no record can be reached; gunzip it first")
        try:
            heading = parse_heading(span.data, where)
        except ArchiveError as error:
            self.problems.append(str(error))
            return
        profile = self._sieve.site_of(heading.url) if heading is not None else None
        if profile is None or span.offset < self._notes[profile.key].offset:
            return
        try:
            exchange = parse_record(span.data, where, is_cut=span.is_cut).exchange
        except ArchiveError:
            exchange = None
        reason = "unreadable" if exchange is None else self._take(source, span, exchange, profile)
        self._notes[profile.key].counts[reason] += 1

    def _take(self, source: WarcSource, span: Span, exchange: Exchange, profile: SiteProfile) -> str:
        """Copy an answer; returns TAKEN, or why not."""
        if reason := self._sieve.judge(exchange, profile):
            return reason
        url = canonicalize(exchange.url, profile)
        digest = hashlib.blake2b(exchange.body, digest_size=16).hexdigest()
        known = self._latest(profile.key, url)
        if known.at is not None and known.at >= exchange.fetched_at:
            return "known"
        if known.content_hash == digest:
            return "unchanged"
        self._begin(profile.key, url)
        try:
            pointer = self._writers[profile.key].append(marked(exchange, source.name, span.offset))
        except RefusedError:
            return "not_archivable"
        what = (url, exchange.url, FOUND_VIA, "article", exchange.status, exchange.fetched_at, pointer, "unknown")
        finished = FinishedUrl(url, exchange.fetched_at, pointer=pointer, content_hash=digest)
        self._found[profile.key].append(_Found(url, NewRecord(*what), finished))
        self._fresh[profile.key, url] = _Latest(exchange.fetched_at, digest)
        return TAKEN

    def _begin(self, site: str, url: str) -> None:
        """Note a first address before anything is archived: a site that has an archive and none had its state lost."""
        if site not in self._begun:
            Frontier(self._store, site, self._locks[site].run_id).add([NewUrl(url, "article", FOUND_VIA)])
            self._begun.add(site)

    def _latest(self, site: str, url: str) -> _Latest:
        """The newest answer of an address that is known; pages of the past never take the place of newer ones."""
        if (fresh := self._fresh.get((site, url))) is not None:
            return fresh
        known = Frontier(self._store, site).get(url)
        return _Latest(None, None) if known is None else _Latest(known.last_fetched_at, known.content_hash)

    def _checkpoint(self, offset: int) -> None:
        """Make the copies durable, then what they mean and how far the file was read, in one transaction."""
        for site in self._found:
            self._writers[site].sync()
        with self._store.transaction() as connection:
            for site, found in self._found.items():
                run_id = self._locks[site].run_id
                frontier = Frontier(self._store, site, run_id)
                frontier.add(NewUrl(one.url, "article", FOUND_VIA) for one in found)
                Records(self._store, site, run_id).append(
                    [one.record for one in found], [one.finished for one in found]
                )
            for note in self._notes.values():
                note.offset = max(note.offset, offset)
                note.save(connection)
        self._found.clear()
        self._fresh.clear()

    def close(self) -> None:
        """Close our archive files."""
        for writer in self._writers.values():
            writer.close()
