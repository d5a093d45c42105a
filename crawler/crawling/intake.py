"""The way in: addresses out of the frontier, responses into the archive, both durable together (transaction 1)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.archive.exchange import Exchange, to_page
from crawler.archive.reader import read_exchange
from crawler.archive.writer import ArchiveWriter
from crawler.corpus.answers import digest_of, finished_by, reason_for, record_of, stand_in
from crawler.crawling.retries import RETRY_STATUSES, RETRY_WINDOW, Retries, has_end
from crawler.discovery.sitemaps import MAX_SITEMAP_BYTES
from crawler.errors import ArchiveError
from crawler.items import Page, Pointer, Reason, Reject
from crawler.state.frontier import Frontier
from crawler.state.records import NewRecord, Record, Records
from crawler.state.urls import FailedUrl, FinishedUrl, KnownUrl, NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from crawler.options import RunOptions
    from crawler.state.store import Store

LEASE_SIZE = 16
"""Addresses taken out of the frontier at a time: what a crash may fetch twice."""


class Intake:
    """Frontier and archive of one site for one run. What it holds in memory is durable after `checkpoint`."""

    def __init__(self, store: Store, site: str, run_id: str, epoch: int, options: RunOptions) -> None:
        self.store = store
        self.site = site
        self.run_id = run_id
        self.options = options
        self.frontier = Frontier(store, site, run_id)
        self.records = Records(store, site, run_id)
        self.writer = ArchiveWriter(options.output, site, epoch, options.archive_max_bytes)
        self.seqs: dict[Pointer, int] = {}
        self.problems: dict[Pointer, Reject] = {}
        self.retried: set[Pointer] = set()
        """Answers of no use, whose address is asked again."""
        self.unchanged: set[Pointer] = set()
        """Responses that brought the same bytes as before."""
        self.n_fetched = 0
        self.n_given_out = 0
        """Addresses handed out to be asked for."""
        self.retries = Retries(options)
        self._records: list[NewRecord] = []
        self._finished: list[FinishedUrl] = []
        self._found: list[NewUrl] = []
        self._failed: list[FailedUrl] = []
        self._leased: list[KnownUrl] = []
        self._checkpoint_at = time.monotonic()
        self.busy_hosts: Callable[[], Collection[str]] = frozenset
        """Hosts (with their port) that have enough to do: the others' addresses go before theirs."""

    def discover(self, urls: Iterable[NewUrl]) -> None:
        """Remember addresses; they wait from the next checkpoint or lease on."""
        self._found.extend(urls)

    def visit_again(self, new: NewUrl) -> None:
        """Remember a listing, or let it wait again when this run has not seen it yet."""
        known = self.frontier.get(new.url)
        if known is None:
            self._found.append(new)
        elif known.last_run_id != self.run_id and known.state in {"done", "failed", "left_out"}:
            self.frontier.revisit([new])

    def is_known(self, urls: Iterable[str], *, since: datetime | None = None) -> set[str]:
        """Those of `urls` that were found before, not earlier than `since` if that is given."""
        found = {new.url for new in self._found}
        wanted = set(urls)
        return self.frontier.is_known(wanted, since=since) | (found & wanted)

    def next_target(self) -> KnownUrl | None:
        """The next address to fetch now, or None."""
        busy = {*self.busy_hosts(), *self.retries.resting()}
        if (target := self._pop_leased(busy)) is None:
            if self._found or self._failed:  # they may be what comes next; answers can wait for the next checkpoint
                self.checkpoint()
            self._leased[:0] = self.frontier.lease(LEASE_SIZE, datetime.now(UTC), without=busy)[::-1]
            target = self._pop_leased(busy)
        self.n_given_out += target is not None
        return target

    def _pop_leased(self, busy: Collection[str]) -> KnownUrl | None:
        for place in range(len(self._leased) - 1, -1, -1):
            if not busy or urlsplit(self._leased[place].url).netloc not in busy:
                return self._leased.pop(place)
        return None

    def has_targets(self) -> bool:
        """Whether an address waits, or will be tried again within `RETRY_WINDOW`."""
        closed = self.retries.closed()
        if self._found or self._failed or any(urlsplit(one.url).netloc not in closed for one in self._leased):
            return True
        return self.frontier.has_due(datetime.now(UTC) + RETRY_WINDOW, without=closed)

    def problem(self, home: str, *, is_over: bool = False) -> str:
        """Why a run ends early: hosts want to be left alone, or are down, and no other has anything to ask for."""
        problems = self.retries.problems(home, is_over=is_over)
        return "; ".join(problems) if problems and not self.has_targets() else ""

    def n_waiting(self) -> int:
        """Addresses that wait to be fetched."""
        return (
            len(self._leased)
            + len(self._found)
            + sum(n for key, n in self.frontier.counts().items() if key.state == "pending")
        )

    def receive(self, exchange: Exchange, target: KnownUrl, robots: str = "allowed") -> Page:
        """Archive a response and give it as a Page; one whose body cannot be used has an entry in `problems`."""
        digest = digest_of(exchange)
        pointer = self._write(exchange, target, digest)
        self.n_fetched += 1
        self._records.append(record_of(exchange, target, pointer, robots))
        page = self.page(exchange, pointer, target.found_via, robots, asked_url=target.url, kind=target.kind)
        if code := self._failure(page, exchange):
            if self.fail(target, code, not_before=self.retries.heed(target.url, exchange)):
                self.retried.add(pointer)
        else:
            self.retries.answered(target.url)
            self._finished.append(finished_by(exchange, target, pointer, digest))
        return page

    def _failure(self, page: Page, exchange: Exchange) -> str | None:
        """Why an answer is not the one that was asked for: overload, or a body whose end is missing."""
        if exchange.status in RETRY_STATUSES:
            return f"http_{exchange.status}"
        if exchange.truncated and page.pointer not in self.problems and not has_end(page.body):
            self.problems[page.pointer] = Reject(Reason.TRUNCATED, exchange.truncated)
        problem = self.problems.get(page.pointer)
        return "truncated" if problem and problem.reason is Reason.TRUNCATED else None

    def receive_robots(self, exchange: Exchange) -> Page:
        """Archive a robots.txt: no address of the frontier asked for it."""
        target = stand_in(exchange.url, "robots", exchange.fetched_at)
        pointer = self.writer.append(exchange)
        self.n_fetched += 1
        self._records.append(record_of(exchange, target, pointer, "allowed"))
        return self.page(exchange, pointer, "robots", "allowed", asked_url=exchange.url, kind="robots")

    def reread(self, record: Record) -> tuple[Page, KnownUrl]:
        """A response out of the archive, and the address that asked for it."""
        self.seqs[record.pointer] = record.seq
        target = self.frontier.get(record.url) or stand_in(record.url, record.kind, record.fetched_at)
        try:
            exchange = read_exchange(self.options.output, record.pointer)
        except ArchiveError as error:
            self.problems[record.pointer] = Reject(Reason.TRUNCATED, str(error)[:500])
            exchange = Exchange(record.final_url, record.status, (), b"", record.fetched_at)
        if exchange.refers_to_url is not None:
            self.unchanged.add(record.pointer)
        page = self.page(
            exchange, record.pointer, record.found_via, record.robots, asked_url=record.url, kind=record.kind
        )
        if self._failure(page, exchange) and (target.state != "failed" and target.pointer != record.pointer):
            self.retried.add(record.pointer)
        return page, replace(target, kind=record.kind)

    def page(
        self, exchange: Exchange, pointer: Pointer, found_via: str, robots: str, *, asked_url: str, kind: str
    ) -> Page:
        """The Page of an archived exchange; the body is empty when it cannot be decoded, and `problems` says why."""
        max_bytes = MAX_SITEMAP_BYTES if kind in {"sitemap", "feed"} else self.options.page_max_bytes
        make = partial(
            to_page,
            pointer=pointer,
            site=self.site,
            found_via=found_via,
            run_id=self.run_id,
            robots=robots,
            asked_url=asked_url,
            max_bytes=max_bytes,
        )
        try:
            return make(exchange)
        except ArchiveError as error:
            self.problems[pointer] = Reject(reason_for(error), str(error)[:500])
            return make(replace(exchange, body=b"", truncated="unspecified"))

    def _write(self, exchange: Exchange, target: KnownUrl, digest: str) -> Pointer:
        seen_at = target.last_fetched_at
        if seen_at and exchange.status == HTTPStatus.NOT_MODIFIED:
            return self.writer.append_revisit(exchange, exchange.url, seen_at)
        if seen_at and exchange.status == HTTPStatus.OK and digest == target.content_hash:
            pointer = self.writer.append_revisit(exchange, exchange.url, seen_at, "identical-payload-digest")
            self.unchanged.add(pointer)
            return pointer
        return self.writer.append(exchange)

    def fail(
        self, target: KnownUrl, reason: str, *, is_final: bool = False, not_before: datetime | None = None
    ) -> bool:
        """Note that an address was not answered; returns whether it will be tried again.

        That is later, not before `not_before`, unless `is_final` or tried often enough.
        """
        self.retries.failed(target.url, reason)
        next_try_at = None if is_final else self.retries.next_try_at(target, not_before)
        self._failed.append(FailedUrl(target.url, reason, next_try_at))
        return next_try_at is not None

    def give_back(self, target: KnownUrl) -> None:
        """Let an address wait again that was taken out and not asked for after all, and those that would be next."""
        self.n_given_out -= 1
        self.frontier.give_back([target.url, *(one.url for one in self._leased)])
        self._leased.clear()

    def leave_out(self, target: KnownUrl, reason: str) -> None:
        """A rule forbids an address that was taken out already."""
        self.frontier.leave_out([target.url], reason)

    @property
    def is_checkpoint_due(self) -> bool:
        """Whether what is in memory has waited long enough."""
        if not (self._records or self._found or self._failed):
            return False
        is_late = time.monotonic() - self._checkpoint_at >= self.options.checkpoint_seconds
        return is_late or len(self._records) >= self.options.checkpoint_records

    def checkpoint(self) -> None:
        """Make the archive durable, then what it means: addresses done, links found, failures, in one transaction."""
        self._checkpoint_at = time.monotonic()
        if not (self._records or self._found or self._failed):
            return
        self.writer.sync()
        seqs = self.records.append(self._records, self._finished, self._found, self._failed)
        self.seqs.update(zip((record.pointer for record in self._records), seqs, strict=True))
        for done in (self._records, self._finished, self._found, self._failed):
            done.clear()

    def close(self) -> None:
        """Checkpoint, let wait what was leased and not fetched, close the archive file."""
        self.checkpoint()
        self.frontier.recover()
        self._leased.clear()
        self.writer.close()
