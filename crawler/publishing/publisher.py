"""Publisher: takes sites, brings the working folder up to what is published, and publishes what it commits."""

from __future__ import annotations

import secrets
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from crawler.corpus.reader import CorpusReader
from crawler.dedup.index import DedupIndex, rebuild
from crawler.errors import CorpusError, LockedError
from crawler.publishing import binding, holding, restoring, sweeping
from crawler.publishing.commits import Claim, Commit, Published, run_key
from crawler.publishing.difference import Difference, difference, new_runs
from crawler.publishing.log import CommitLog
from crawler.state.locks import SiteLock
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from crawler.corpus.decisions import MakeIndex
    from crawler.storage.objects import Objects

N_UPLOADS = 4
"""Objects on their way at once: few enough that memory stays at some segments."""
MAX_COMPARISONS = 20
"""How often files are compared again because one was replaced meanwhile."""
LEASE_SECONDS = 600.0
"""How long a writer that is not heard of keeps its sites."""


class Publisher:
    """One working folder's way to one published corpus. Methods raise StorageError, CorpusError and LockedError."""

    def __init__(
        self,
        output: Path,
        objects: Objects,
        *,
        lease_seconds: float = LEASE_SECONDS,
        has_neighbours: bool = True,
        make_index: MakeIndex = DedupIndex,
    ) -> None:
        """`has_neighbours`: bring in the other sites' rows too, so that duplicates of theirs are found here.

        Raises OptionError when `output` holds another corpus.
        """
        self.output = output
        self.objects = objects
        self.lease_seconds = lease_seconds
        self.notes: list[str] = []
        """What went not quite as it should, one line each."""
        self._has_neighbours = has_neighbours
        self._make_index = make_index
        self._log = CommitLog(objects)
        published = self._log.refresh()
        self._binding = binding.bind(output, objects.url, published)
        self._corpus = published.corpus or secrets.token_hex(8)
        self._claims: dict[str, Claim] = {}

    @property
    def sites(self) -> list[str]:
        """Sites that are held."""
        return list(self._claims)

    def published(self) -> Published:
        """The corpus as of now."""
        return self._log.refresh()

    def take(self, store: Store, lock: SiteLock, *, needs_archive: bool = False) -> None:
        """Take a site, whose lock is held here, and make its rows and state those that are published.

        What an earlier run of this folder committed and did not publish stays: the next `publish` publishes it.
        `needs_archive`: a replay reads all of it. Raises LockedError while another folder writes it.
        """
        before = self._take({lock.site: lock.epoch}, lock.run_id)
        lock.raise_to(self._claims[lock.site].epoch)
        self._settle(store, before, lock.site, needs_archive=needs_archive)
        for site in sorted(before.sites() - {lock.site}) if self._has_neighbours else ():
            self._bring_neighbour(store, before, site, lock.run_id)
        self._reindex(store)
        sweeping.sweep(self.objects, self._log.refresh(), [lock.site])

    def take_all(self, store: Store, run_id: str, *, needs_archive: bool = False) -> None:
        """Take every site at once, for what changes the whole corpus; the caller holds the OutputLock."""
        epochs = dict(store.rows("SELECT site, epoch FROM writers"))
        known = {row[0] for row in store.rows("SELECT DISTINCT site FROM parts")}
        sites = known | self._log.refresh().sites()
        before = self._take({site: epochs.get(site, 0) for site in sorted(sites)}, run_id)
        for site, claim in self._claims.items():
            self._raise_epoch(store, site, claim.epoch)
            self._settle(store, before, site, needs_archive=needs_archive)
        self._reindex(store)

    def _reindex(self, store: Store) -> None:
        """Make the index of duplicates anew where rows were brought in only to be read."""
        if self._binding.is_index_old:
            with store.transaction() as connection, CorpusReader(self.output) as reader:
                rebuild(connection, reader.articles())
            self._binding.is_index_old = False
            binding.save(self.output, self._binding)

    def _take(self, epochs: Mapping[str, int], run_id: str) -> Published:
        """Claim sites; returns the corpus as it was before."""
        seen: list[Published] = []

        def make(published: Published) -> Commit:
            seen.append(published)
            own = holding.claims_for(published, epochs, self._binding.writer, run_id, self.lease_seconds)
            self._claims |= own
            return self._commit(published, own)

        self._note(self._log.append(make))
        return seen[-1]

    def _settle(self, store: Store, before: Published, site: str, *, needs_archive: bool) -> None:
        held = before.claims.get(site)
        is_ours = held is None or (held.writer == self._binding.writer and self._is_current(store, before, site))
        if not is_ours and not restoring.is_same(store, before, site):
            problems = restoring.restore_site(store, self.objects, before, site, self._make_index)
            if problems:
                raise CorpusError(f"{site}: {problems[0]}; nothing was changed in {self.objects.url}")
            restoring.restore_runs(self.output, self.objects, before)
        if needs_archive or (not is_ours and before.open.get(site)):
            restoring.restore_archive(store, self.objects, before, site)

    def _is_current(self, store: Store, published: Published, site: str) -> bool:
        """Whether the folder has what it published last: one that was brought back from a copy has not."""
        is_known = published.touched.get(site, 0) <= binding.last_number(self.output, site)
        return is_known or restoring.is_same(store, published, site)

    def _bring_neighbour(self, store: Store, published: Published, site: str, run_id: str) -> None:
        held = published.claims[site]
        if held.writer == self._binding.writer or restoring.is_same(store, published, site):
            return
        with suppress(LockedError), SiteLock(store, site, run_id):  # who has it here brings it in itself
            found = restoring.restore_site(store, self.objects, published, site, self._make_index)
            self.notes += found

    def _raise_epoch(self, store: Store, site: str, epoch: int) -> None:
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO writers (site, epoch, run_id, host, pid, started_at) VALUES (?, ?, '', '', 0, 0)"
                " ON CONFLICT (site) DO UPDATE SET epoch = max(epoch, excluded.epoch)",
                (site, epoch),
            )

    def publish(self, *, is_over: bool = False, is_renewal: bool = False) -> bool:
        """Publish what the working folder committed of the sites that are held; returns whether there was anything.

        `is_over` lets go of them, `is_renewal` says that we are alive, both also when there is nothing new.
        Raises FencedError when another writer has taken one of them; then nothing was published.
        """
        published = self._log.refresh()
        holding.check(published, self._claims)
        with Store(self.output, is_read_only=True) as store:
            found = self._upload(store, published)
        if not (
            found or is_over or is_renewal or found.open != {site: published.open.get(site) for site in self.sites}
        ):
            return False
        own = holding.renewed(self._claims, is_over=is_over)

        def make(now: Published) -> Commit:
            holding.check(now, self._claims)
            return self._commit(now, own, found)

        published = self._log.append(make)
        self._note(published)
        binding.note_number(self.output, self._claims, published.number)
        if is_over:
            self._claims.clear()
        return bool(found)

    def _upload(self, store: Store, published: Published) -> Difference:
        for _ in range(MAX_COMPARISONS):
            with _Uploads(self.objects) as uploads:
                try:
                    doubtful = self._binding.is_archive_doubtful
                    found = difference(store, published, self.sites, uploads.add, is_doubtful=doubtful)
                except FileNotFoundError:
                    continue
                for name, data in new_runs(self.output, published).items():
                    uploads.add(run_key(name), data)
                    found.runs.append(name)
            return found
        raise CorpusError(f"{self.output}: files were replaced again and again while they were published; try again")

    def _commit(self, published: Published, claims: dict[str, Claim], found: Difference | None = None) -> Commit:
        found = found or Difference()
        return Commit(
            id=secrets.token_hex(8),
            corpus=published.corpus or self._corpus,
            number=published.number + 1,
            writer=self._binding.writer,
            run_id=next(iter(claims.values())).run_id if claims else "",
            at=datetime.now(UTC),
            claims=claims,
            added=tuple(found.added),
            removed=tuple(found.removed),
            archive=found.archive,
            runs=tuple(found.runs),
            open=found.open,
        )

    def _note(self, published: Published) -> None:
        if self._binding.corpus != published.corpus:
            self._binding.corpus = published.corpus
            binding.save(self.output, self._binding)

    def doubt_archive(self, *, is_doubtful: bool) -> None:
        """Note durably that published bytes of the archive are about to change, or that they are published again."""
        self._binding.is_archive_doubtful = is_doubtful
        binding.save(self.output, self._binding)

    def erase(self) -> None:
        """Delete at once what commits took out, readers or not."""
        sweeping.sweep(self.objects, self._log.refresh(), self.sites, is_at_once=True)


class _Uploads:
    """Some uploads at a time; leaving the block waits for all, and raises what the first that failed raised."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._pool = ThreadPoolExecutor(N_UPLOADS, thread_name_prefix="upload")
        self._running: set[Future[None]] = set()

    def add(self, key: str, data: bytes) -> None:
        """Upload, as soon as there is room."""
        while len(self._running) >= N_UPLOADS:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            for one in done:
                one.result()
        self._running.add(self._pool.submit(self._objects.put, key, data))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for one in self._running:
                one.result()
