"""Around a crawl: opening and closing its run, durable every few seconds, and saying how it goes."""

from __future__ import annotations

import json
import logging
import platform
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.downloader import InterruptibleDownloader
from crawler.errors import CollectorError
from crawler.items import Reason, Reject
from crawler.options import RunOptions
from crawler.run import FINISHED, Run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
REPORT_SECONDS = 0.5
LOG_SECONDS = 60.0
ANSWER_SECONDS = 2.0
"""How long an ending crawl waits for answers that are on their way."""
PAGE_SECONDS = 4.0
"""How long it waits for pages that are being extracted; the next run takes them from the archive."""
EARLY = {
    "memusage_exceeded": "more memory than MEMUSAGE_LIMIT_MB; the same command goes on where it was",
    "closespider_errorcount": "more errors than CLOSESPIDER_ERRORCOUNT; run with -L ERROR to see them",
}
"""Scrapy's reasons to close a spider, for people."""


class RunExtension:
    """Opens the run before any other component exists, keeps it durable, and closes it after the last of them."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        spider: Any = crawler.spider
        options = RunOptions.from_settings(crawler.settings)
        self.run = spider.run = Run(
            options,
            spider.profile,
            run_id=spider.run_id,
            archive=spider.archive,
            is_replay=spider.is_replay,
            learn_into=spider.learn_into,
            max_pages=spider.max_pages,
        )
        self.ticker = create_looping_call(self.tick)
        self.ending_since = 0.0
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.item_error, signals.item_error)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises LockedError, ProfileError, CorpusError or ArchiveError when the run cannot start."""
        return cls(crawler)

    def spider_opened(self) -> None:
        """Begin to make what comes in durable."""
        self.ticker.start(TICK_SECONDS, now=False)

    def tick(self) -> None:
        """Checkpoint and commit what is due; a run that cannot write any more is ended."""
        if self.run.failure is None:
            try:
                self.run.tick()
            except CollectorError as error:
                self.run.end(error)
        if self.run.failure is not None or not self.crawler.crawling:
            self.hurry()
        elif self.run.has_targets():
            # a retry falls due without any event; by itself the engine looks every five seconds only
            self.crawler.engine._slot.nextcall.schedule()  # type: ignore[union-attr]  # noqa: SLF001 - no public way

    def hurry(self) -> None:
        """The crawl ends: ask for nothing more, and wait a little for what is in hand."""
        self.run.is_open = False
        self.ending_since = self.ending_since or time.monotonic()
        waited = time.monotonic() - self.ending_since
        downloader = self.crawler.engine.downloader
        if isinstance(downloader, InterruptibleDownloader):
            downloader.take_back(is_all=waited >= ANSWER_SECONDS)
        if waited >= PAGE_SECONDS and not self.crawler.crawling:
            self.run.abandon()

    def item_error(self, item: Any, failure: Failure) -> None:
        """A stage that raises costs one page, and says which error it was."""
        error = failure.value
        self.run.ledger.reject(item, Reject(Reason.EXTRACTION_ERROR, f"{type(error).__name__}: {error}"[:500]))

    def spider_closed(self, reason: str) -> None:
        """Commit the rest and write the manifest."""
        if self.ticker.running:
            self.ticker.stop()
        if reason not in {FINISHED, "shutdown"}:
            self.run.end(CollectorError(f"{self.run.profile.key}: ended early: {EARLY.get(reason, reason)}"))
        try:
            self.run.close(reason, versions())
        except CollectorError as error:
            self.run.failure = self.run.failure or error
        finally:
            self.run.release()


def versions() -> dict[str, str]:
    """Of what the rows depend on."""
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("scrapy", "trafilatura", "pyarrow")},
    }


class ProgressExtension:
    """Writes how the crawl goes to PROGRESS_FILE for whoever shows it, and a log line a minute."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.path = Path(crawler.settings["PROGRESS_FILE"]) if crawler.settings["PROGRESS_FILE"] else None
        self.started = self.logged = time.monotonic()
        self.reporter = create_looping_call(self.report)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Off when nobody can read it."""
        if not crawler.settings["PROGRESS_FILE"] and not crawler.settings.getbool("LOG_ENABLED"):
            raise NotConfigured
        return cls(crawler)

    def spider_opened(self) -> None:
        """Begin to report."""
        self.reporter.start(REPORT_SECONDS, now=False)

    def spider_closed(self) -> None:
        """Report the end."""
        if self.reporter.running:
            self.reporter.stop()
        self.report()

    def report(self) -> None:
        """One state for the reader of PROGRESS_FILE; one line for the log now and then."""
        run: Run = self.crawler.spider.run  # type: ignore[union-attr]
        progress = run.progress()
        now = time.monotonic()
        if self.path:
            draft = self.path.with_suffix(".new")
            draft.write_text(json.dumps(progress), encoding="utf-8")
            draft.replace(self.path)
        if now - self.logged >= LOG_SECONDS:
            self.logged = now
            rate = progress["fetched"] / max(now - self.started, 1e-9)
            logger.info("%s: %.1f pages/s; %s", run.profile.key, rate, progress)
