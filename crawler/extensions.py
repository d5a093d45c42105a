"""Around a crawl: opening and closing its run, durable every few seconds, and saying how it goes."""

from __future__ import annotations

import json
import logging
import platform
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.crawling.downloader import InterruptibleDownloader
from crawler.crawling.run import Run
from crawler.crawling.waking import FINISHED
from crawler.errors import CollectorError
from crawler.items import Reason, Reject
from crawler.options import RunOptions
from crawler.progress import LINE_SECONDS, time_left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

TICK_SECONDS = 0.5
REPORT_SECONDS = 0.5
ANSWER_SECONDS = 2.0
"""How long an ending crawl waits for answers that are on their way."""
PAGE_SECONDS = 3.0
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
            since=spider.since,
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
        # retries fall due, and pages come back from workers, without any event that the engine knows of; by itself it
        # looks every five seconds only
        if (slot := self.crawler.engine._slot) is not None:  # noqa: SLF001 - there is no public way
            slot.nextcall.schedule()

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
        if problem := self.run.ledger.breakdown():
            self.run.end(CollectorError(f"{self.run.profile.key}: {problem}"))
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
    """Says how the crawl goes: a live line on a terminal, else a line a minute; the same to PROGRESS_FILE."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self.path = Path(settings["PROGRESS_FILE"]) if settings["PROGRESS_FILE"] else None
        self.has_log = settings.getbool("LOG_ENABLED")
        is_told = self.has_log and not settings["LOG_FILE"]
        console = Console(stderr=True)
        level = logging.getLevelNamesMapping().get(str(settings["LOG_LEVEL"]).upper(), logging.DEBUG)
        is_quiet = level > logging.INFO  # many log lines and a live line do not mix
        self.status = Status("", console=console) if is_told and is_quiet and console.is_terminal else None
        self.started = self.told = time.monotonic()
        self.reporter = create_looping_call(self.report)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Off with --nolog, when nobody reads PROGRESS_FILE either."""
        if not crawler.settings["PROGRESS_FILE"] and not crawler.settings.getbool("LOG_ENABLED"):
            raise NotConfigured
        return cls(crawler)

    def spider_opened(self) -> None:
        """Begin to report."""
        self.reporter.start(REPORT_SECONDS, now=False)
        if self.status is not None:
            self.status.start()
        self.report()

    def spider_closed(self) -> None:
        """Report the end."""
        if self.reporter.running:
            self.reporter.stop()
        self.report()
        if self.status is not None:
            self.status.stop()

    def report(self) -> None:
        """How far the crawl is, for whoever looks on."""
        run: Run = self.crawler.spider.run  # type: ignore[union-attr]
        progress = run.progress()
        if self.path:
            draft = self.path.with_suffix(".new")
            draft.write_text(json.dumps(progress), encoding="utf-8")
            draft.replace(self.path)
        now = time.monotonic()
        line = describe(run.profile.key, progress, now - self.started)
        if self.status is not None:
            self.status.update(escape(line))
        elif self.has_log and now - self.told >= LINE_SECONDS:
            self.told = now
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - no log line: it is shown at every level


def describe(site: str, progress: Mapping[str, int], seconds: float) -> str:
    """How far a crawl is, on one line."""
    rate = progress["fetched"] / max(seconds, 1e-9)
    counts = ", ".join(f"{n:,} {name}" for name, n in progress.items())
    left = time_left(progress["fetched"], progress["fetched"] + progress["waiting"], seconds)
    return f"{site}: {counts}; {rate:.1f} pages/s{', ' if left else ''}{left}"
