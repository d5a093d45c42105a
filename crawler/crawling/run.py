"""Run: one crawl of one site, from its lock to its manifest. The one object that all Scrapy components share."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.corpus.committer import Committer
from crawler.corpus.handover import Handover
from crawler.corpus.manifest import RunManifest, check, write_manifest
from crawler.corpus.opening import open_state
from crawler.corpus.recovery import recover
from crawler.corpus.replacement import Replacement
from crawler.crawling.intake import Intake
from crawler.crawling.ledger import Ledger
from crawler.crawling.offline import OfflineSource, archived_kind
from crawler.crawling.publication import publication_of
from crawler.crawling.recounting import described
from crawler.crawling.retries import FINAL_FAILURES
from crawler.crawling.waking import FINISHED, recall, rested, wake
from crawler.dedup.index import DedupIndex
from crawler.dedup.relations import Thresholds
from crawler.discovery.horizon import Horizon
from crawler.discovery.reservations import Reservations
from crawler.discovery.urls import source_urls
from crawler.errors import CollectorError, CorpusError, FencedError, StorageError
from crawler.options import new_run_id
from crawler.refinement.topic import SeedTopics
from crawler.sites.topics import seed_texts
from crawler.state.guards import GuardState
from crawler.state.locks import SiteLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from crawler.archive import Exchange
    from crawler.items import Page
    from crawler.options import RunOptions
    from crawler.sites.profile import SiteProfile
    from crawler.state.urls import KnownUrl, NewUrl

T = TypeVar("T")


class Run:
    """Opens state, lock, archive and corpus of one site; takes pages in and their outcomes; commits both."""

    def __init__(
        self,
        options: RunOptions,
        profile: SiteProfile,
        *,
        run_id: str = "",
        archive: Sequence[str] = (),
        is_replay: bool = False,
        learn_into: Sequence[Path] = (),
        max_pages: int = 0,
        since: date | None = None,
    ) -> None:
        """`archive`: WARC files to crawl offline; `is_replay`: make the site's rows anew from its own archive.

        `learn_into`: folders for the profile that the first pages teach; none: the profile is taken as it is.
        `max_pages`: fetch no more than this, 0: no limit. `since`: leave out older articles.
        Raises LockedError, ArchiveError, CorpusError or ProfileError when the run cannot start.
        """
        self.options = options
        self.profile = profile
        self.run_id = run_id or new_run_id(profile.key)
        self.is_replay = is_replay
        self.horizon = Horizon(since or profile.crawl.since, profile.time_zone)
        self.learn_into = learn_into
        self.max_pages = max_pages or profile.crawl.max_pages
        self.failure: CollectorError | None = None
        self.is_open = True
        """Whether addresses are still given out."""
        self.at_abandon: list[Callable[[], None]] = []
        """What to call when pages in hand shall not be waited for any more; the next run takes them up."""
        self.ledger = Ledger(source_urls(profile))
        self.reservations = Reservations(options.robots_token)
        self.notes: list[str] = []
        """What went not quite as it should, one line each."""
        self.archive = [Path(name) for name in archive]
        self.origin = "archive" if is_replay else ", ".join(archive) or "network"
        """Where pages come from: `archive` for a replay, else the files or `network`."""
        self.offline = OfflineSource(self.archive, profile) if self.archive else None
        self.started_at = datetime.now(UTC)
        self.manifest: RunManifest | None = None
        self.publication = publication_of(options)
        self.store = open_state(options.output, self.notes, is_replay=is_replay)
        try:
            self.lock = SiteLock(self.store, profile.key, self.run_id)
            self._open()
        except CollectorError:
            self.release()
            raise

    def _open(self) -> None:
        options = self.options
        if self.publication is not None:
            self.publication.take(self.store, self.lock, is_replay=self.is_replay)
            self.notes.extend(self.publication.notes)
        found = recover(self.store, self.lock, kind_of=partial(archived_kind, self.profile), is_replay=self.is_replay)
        self.notes.extend(found.problems)
        self.intake = Intake(self.store, self.profile.key, self.run_id, self.lock.epoch, options)
        parts = (self.store, self.profile.key, self.run_id)
        self.guard = GuardState(*parts)
        recall(self.reservations, self.intake, is_needed=not self.is_replay)
        make_index = partial(DedupIndex, thresholds=Thresholds(**options.dedup))
        rhythm = {"max_rows": options.commit_rows, "max_age": options.commit_seconds}
        kind: type[Any] = Replacement if self.is_replay else Handover if options.is_shard else Committer
        arguments = {} if self.is_replay else rhythm
        self.outcomes: Committer | Replacement = kind(*parts, make_index=make_index, **arguments)

    def enter(self, urls: Iterable[NewUrl], *, is_full: bool = True) -> None:
        """Let entry points wait, known or not, if not just answered or `is_full`; and what else is woken."""
        wake(self.intake, self.horizon, is_offline=self.offline is not None)
        due = urls if is_full else rested(self.intake, urls, self.origin, self.profile.version)
        self.intake.frontier.revisit(due)

    def next_target(self) -> KnownUrl | None:
        """The next address to fetch, or None: nothing waits now, or the run is ending."""
        if self.max_pages and self.intake.n_given_out >= self.max_pages:
            self.is_open = False
        return self._try(self.intake.next_target) if self.is_open else None

    def has_targets(self) -> bool:
        """Whether the run has more to fetch."""
        return self.is_open and bool(self._try(self.intake.has_targets))

    def _try(self, call: Callable[[], T]) -> T | None:
        """What `call` gives, or None when the disk or the state fails, which ends the run."""
        try:
            return call()
        except CollectorError as error:
            self.end(error)
            return None

    def receive(self, exchange: Exchange, target: KnownUrl) -> Page:
        """Archive a response."""
        page = self.ledger.begin(self.intake.receive(exchange, target))
        self._check_hosts()
        return page

    def receive_robots(self, exchange: Exchange) -> Page:
        """Archive a robots.txt, which no frontier entry asked for."""
        page = self.ledger.begin(self.intake.receive_robots(exchange))
        self.ledger.pass_over(page.pointer, "robots")
        return page

    def unfinished(self) -> Iterator[tuple[Page, KnownUrl]]:
        """Pages that are archived and have no outcome yet, or all of them in a replay."""
        records = self.intake.records.all() if self.is_replay else self.intake.records.pending()
        for record in records:
            if self.is_replay and record.kind == "robots":
                self.reservations.read(self.intake.reread(record)[0])
            if self.is_replay and record.kind != "article":
                self.intake.seqs[record.pointer] = record.seq
                self.ledger.pass_over(record.pointer, record.kind)
            else:
                page, target = self.intake.reread(record)
                yield self.ledger.begin(page), target

    def tick(self) -> None:
        """Make durable and commit what is due."""
        if self.intake.is_checkpoint_due:
            self.intake.checkpoint()
        self.guard.tick()
        self.ledger.hand_over(self.intake.seqs, self.outcomes, self.profile)
        if isinstance(self.outcomes, Committer) and self.outcomes.is_due:
            self.outcomes.flush()
        if self.publication is not None:
            self.publication.tick()

    def fail(self, target: KnownUrl, reason: str) -> None:
        """An address did not answer; many in a row mean that the host is down, and end the run."""
        self.ledger.traffic.failed(reason, target.url)
        self.intake.fail(target, reason, is_final=reason in FINAL_FAILURES)
        self._check_hosts()

    def _check_hosts(self, *, is_over: bool = False) -> None:
        if problem := self.intake.problem(self.profile.hosts[0], is_over=is_over):
            self.end(CollectorError(problem))

    def abandon(self) -> None:
        """Wait for no page any more: those without an outcome stay pending in the archive."""
        for call in self.at_abandon:
            call()
        self.at_abandon.clear()

    def end(self, error: CollectorError) -> None:
        """Fetch nothing more; the first error is the run's failure."""
        self.failure = self.failure or error
        self.is_open = False

    def close(self, reason: str, versions: Mapping[str, str]) -> None:
        """Commit everything and write the manifest; a replay that did not end leaves the site's rows as they were.

        `reason`: Scrapy's, `finished` when nothing was left to do.
        Raises CollectorError when that fails, or when the counts do not add up.
        """
        self.is_open = False
        self.intake.close()
        self.guard.keep(is_over=self.intake.n_waiting() == 0)
        self.ledger.hand_over(self.intake.seqs, self.outcomes, self.profile)
        if isinstance(self.outcomes, Committer):
            self.outcomes.flush()
        elif self.failure is None and reason == FINISHED:
            self.outcomes.finish()
        else:
            self.outcomes.close()
        self._check_hosts(is_over=reason == FINISHED)
        self.notes += self.offline.problems if self.offline else ()
        self.manifest = described(
            self.store,
            self.profile,
            self.ledger,
            run_id=self.run_id,
            started_at=self.started_at,
            origin=self.origin,
            exit_status=f"failed: {self.failure}" if self.failure else reason,
            versions=versions,
            notes=self.notes,
        )
        path = write_manifest(self.options.output, self.manifest)
        if problems := check(self.manifest):
            raise CorpusError(f"{path}: does not add up: {'; '.join(problems)}")
        if self.publication is not None and not isinstance(self.failure, StorageError | FencedError):
            self.publication.finish()
        if self.manifest.counts.open and reason == FINISHED and self.failure is None:
            raise CorpusError(f"{path}: {self.manifest.counts.open} pages have no outcome; run again to take them up")

    def release(self) -> None:
        """Let go of the lock and the state."""
        if self.publication is not None:
            self.publication.close()
        if hasattr(self, "lock"):
            self.lock.release()
        self.store.close()

    def seed_topics(self) -> SeedTopics:
        """The topics of all seeds of all sites."""
        return SeedTopics(seed_texts(self.options.seeds_dir))

    def progress(self) -> dict[str, int]:
        """How far the run is, for a display: fetched, articles, rejected, waiting."""
        counts = self.ledger.counts
        return {"fetched": counts["fetched"], "rejected": self.ledger.n_rejected, "waiting": self.intake.n_waiting()}
