"""`scrapy crawl SITE`: fetch what is new on one site into the corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, report_error
from crawler.errors import CollectorError

if TYPE_CHECKING:
    import argparse
    import asyncio

    from scrapy.crawler import Crawler


class Command(BaseRunSpiderCommand):
    """Scrapy's own command, with one clear line for a clear error and an exit code that tells."""

    requires_project = True

    def syntax(self) -> str:
        """Usage line."""
        return "[options] SITE"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Fetch what is new on one site into the corpus (-a archive=FILE: offline, from WARC files)"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy."""
        if len(args) != 1:
            raise UsageError("one site is needed: scrapy crawl SITE; `scrapy list` shows them", print_help=False)
        try:
            self.exitcode = self.crawl(args[0], opts.spargs)
        except CollectorError as error:
            self.exitcode = report_error("crawl", error)

    def crawl(self, site: str, arguments: dict[str, str]) -> int:
        """Run the crawl to its end; returns the exit code."""
        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before run()
        crawler = self.create_crawler(site)
        task: asyncio.Task[None] = self.crawler_process.crawl(crawler, **arguments)  # type: ignore[assignment]
        self.crawler_process.start()
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error
        return self.conclude(crawler)

    def create_crawler(self, site: str) -> Crawler:
        """A crawler of the site's spider."""
        return self._create_crawler(site)

    def conclude(self, crawler: Crawler) -> int:
        """Say what came of the run."""
        from crawler.drift import describe_drift
        from crawler.run import Run, summary

        run: Run | None = getattr(crawler.spider, "run", None)
        if run is None or run.manifest is None:
            return FAILED if run is None or run.failure is None else report_error("crawl", run.failure)
        print(summary(run.manifest))
        if run.manifest.alarms:
            print(describe_drift(run.manifest, run.before(), run.profile, run.options.output))
        return OK if run.failure is None else report_error("crawl", run.failure)
