"""A run's publication: what it commits goes to object storage beside the crawl, in a thread of its own."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from crawler.publishing.publisher import Publisher
from crawler.storage.objects import Objects

if TYPE_CHECKING:
    from crawler.options import RunOptions
    from crawler.state.locks import SiteLock
    from crawler.state.store import Store

RENEWALS = 4
"""How often in the time after which a writer is taken for dead it says that it is alive."""


class Publication:
    """The publisher of one run. Methods raise StorageError, CorpusError, LockedError, FencedError."""

    def __init__(self, publisher: Publisher, seconds: float) -> None:
        """`seconds`: how often it publishes."""
        self.publisher = publisher
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="publish")
        self._running: Future[bool] | None = None
        self._begun_at = self._renewed_at = time.monotonic()
        self.notes = publisher.notes

    def take(self, store: Store, lock: SiteLock, *, is_replay: bool) -> None:
        """Take the site for this run, and bring the working folder up to what is published of it."""
        self.publisher.take(store, lock, needs_archive=is_replay)

    def tick(self) -> None:
        """Publish when that is due and the last time is over; raises what the last time raised."""
        if self._running is not None and self._running.done():
            running, self._running = self._running, None
            running.result()
        now = time.monotonic()
        if self._running is None and now - self._begun_at >= self._seconds:
            self._begun_at = now
            is_renewal = now - self._renewed_at >= self.publisher.lease_seconds / RENEWALS
            self._renewed_at = now if is_renewal else self._renewed_at
            self._running = self._pool.submit(self.publisher.publish, is_renewal=is_renewal)

    def finish(self) -> None:
        """Publish the rest and let go of the site."""
        if self._running is not None:
            self._running.result()
        self.publisher.publish(is_over=True)

    def close(self) -> None:
        """End the thread; what is not published stays in the working folder."""
        self._pool.shutdown(wait=True)


def publication_of(options: RunOptions) -> Publication | None:
    """The publication that OUTPUT asks for, or None; what a task of a cluster does, whoever started it publishes.

    Raises OptionError, StorageError, CorpusError.
    """
    if not options.storage or options.is_shard:
        return None
    publisher = Publisher(
        options.output,
        Objects(options.storage, retry_seconds=options.storage_retry_seconds),
        lease_seconds=options.storage_lease_seconds,
        has_neighbours=options.storage_has_neighbours,
    )
    return Publication(publisher, options.commit_seconds)
