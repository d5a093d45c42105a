"""`scrapy crawl SITE`: fetch what is new on one site into the corpus."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError

from crawler.command import (
    FAILED,
    INTERRUPTED,
    OK,
    TERMINATED,
    check_options,
    complain_in_one_line,
    report_error,
    spider_arguments,
)
from crawler.errors import CollectorError
from crawler.logformatter import one_line

if TYPE_CHECKING:
    import argparse
    import asyncio
    from pathlib import Path

    from scrapy.crawler import Crawler

    from crawler.corpus.manifest import RunManifest
    from crawler.crawling.run import Run


class Ending:
    """Which signal ends the crawl. The first is handed to Scrapy, which ends in order; the second ends at once."""

    def __init__(self) -> None:
        self.signum = 0

    def listen(self) -> None:
        """Stand before Scrapy's own handlers; to be called when those are installed."""
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, partial(self._begin, signal.getsignal(signum)))

    def _begin(self, handler: Any, signum: int, frame: Any) -> None:
        self.signum = signum
        handler(signum, frame)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._cut_off)
        os.write(2, b"scrapy: ending in order, a few seconds; the same signal again ends at once\n")

    def _cut_off(self, signum: int, _: Any) -> None:
        # what is archived and committed survives any end; workers end with their parent
        os._exit(INTERRUPTED if signum == signal.SIGINT else TERMINATED)


class Command(BaseRunSpiderCommand):
    """Scrapy's own command, with one clear line for a clear error and an exit code that tells."""

    requires_project = True

    @property
    def name(self) -> str:
        """What is typed after `scrapy`."""
        return type(self).__module__.rpartition(".")[2]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options of a crawl."""
        complain_in_one_line(parser, self.name)
        super().add_options(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy before `run`."""
        spider_arguments(opts.spargs)
        super().process_options(args, opts)
        check_options(args, opts.set)

    def syntax(self) -> str:
        """Usage line."""
        return "[options] SITE"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Fetch what is new on one site into the corpus (-a archive=FILE: offline, from WARC files)"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy."""
        if len(args) != 1:
            raise UsageError(f"one site is needed: scrapy {self.name} SITE; `scrapy list` shows them", print_help=False)
        try:
            self.exitcode = self.crawl(args[0], opts.spargs)
        except CollectorError as error:
            self.exitcode = report_error(self.name, error)

    def crawl(self, site: str, arguments: dict[str, str]) -> int:
        """Run the crawl to its end; returns the exit code."""
        crawler = self.create_crawler(site)
        return self.conclude(crawler, self.fetch(crawler, arguments))

    def fetch(self, crawler: Crawler, arguments: dict[str, str]) -> int:
        """Run `crawler` to its end; returns the signal that ended it, or 0. Raises what kept it from starting."""
        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before run()
        if crawler.settings["PROGRESS_FILE"]:  # `scrapy collect` started this crawl: it ends in order with it
            from crawler.crawling.workers import die_with_parent

            die_with_parent(os.getppid(), signal.SIGTERM)
        task: asyncio.Task[None] = self.crawler_process.crawl(crawler, **arguments)  # type: ignore[assignment]
        ending = Ending()
        task.get_loop().call_soon(ending.listen)
        self.crawler_process.start()
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error
        return ending.signum

    def create_crawler(self, site: str) -> Crawler:
        """A crawler of the site's spider."""
        return self._create_crawler(site)

    def conclude(self, crawler: Crawler, signum: int) -> int:
        """Say what came of the run; `signum`: the signal that ended it, or 0."""
        from crawler.corpus.manifest import summary
        from crawler.drift import describe_drift
        from crawler.inspection.lookup import printable

        run: Run | None = getattr(crawler.spider, "run", None)
        if run is not None and run.manifest is not None:
            print(summary(run.manifest))
            for note in run.manifest.notes:
                print(f"{run.manifest.site}: {one_line(note)}", file=sys.stderr)
            if run.manifest.alarms:
                print(printable(describe_drift(run.manifest, run.profile, run.options.output)))
            if run.origin == "network":
                _say_health(run.manifest, run.options.output)
        if run is not None and run.failure is not None:
            return report_error(self.name, run.failure)
        if signum == signal.SIGINT:
            return INTERRUPTED
        return OK if run is not None and run.manifest is not None else FAILED


def _say_health(manifest: RunManifest, output: Path) -> None:
    """What is wrong with the site, if anything; a run that brought nothing is never silent."""
    from crawler.corpus.manifest import earlier_manifests
    from crawler.health import diagnose

    verdict = diagnose(manifest, earlier_manifests(output, manifest.site, manifest.run_id))
    for finding in verdict.findings:
        cause = f"{manifest.site}: {verdict.level.value}: {finding.cause.value}: {finding.evidence}"
        print(f"{one_line(cause)}; next: {finding.cause.advice(manifest.site)}", file=sys.stderr)
    if not verdict.findings and not verdict.kept:
        print(f"{manifest.site}: nothing new published", file=sys.stderr)
