"""`scrapy replay SITE`: the site's rows anew from its own archive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crawler.command import FAILED, INTERRUPTED, OK, report_error
from crawler.commands.crawl import Command as CrawlCommand
from crawler.errors import CollectorError
from crawler.logformatter import one_line
from crawler.options import local_folder

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import Crawler


class Command(CrawlCommand):
    """A crawl whose only source is the archive; the old rows go when the new ones are whole."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Make a site's rows anew from its own archive, with today's profile and rules"

    engine: Any = None
    """Cluster of --on, while a replay runs there."""
    on: str | None = None
    n_cores: int | None = None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--ccnews", nargs="+", metavar="FILE", default=[],
                            help="back-fill from CC-NEWS of Common Crawl: paths, s3:// or https://")  # fmt: skip
        parser.add_argument("--sites", default="", metavar="SITE,SITE", help="with --ccnews: sites, or `all`")
        parser.add_argument("--since", metavar="DAY", help="with --ccnews: captures from this day on")
        parser.add_argument("--until", metavar="DAY", help="with --ccnews: captures up to this day")
        parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N",
                            help="with --ccnews: sites at once; with --on ray: cores to use")  # fmt: skip
        parser.add_argument("--on", metavar="ray[://HOST:PORT]", help="stage the pages on a Ray cluster")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy before `run`."""
        super().process_options(args, opts)
        self.on, self.n_cores = opts.on, opts.jobs or None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy."""
        if not opts.ccnews:
            super().run(args, opts)
            return
        try:
            self.exitcode = self.backfill([*opts.ccnews, *args], opts)
        except CollectorError as error:
            self.exitcode = report_error(self.name, error)
        except KeyboardInterrupt:
            self.exitcode = INTERRUPTED

    def backfill(self, places: list[str], opts: argparse.Namespace) -> int:
        """Gather what the files hold, make rows of it in crawls that fetch nothing; returns the exit code."""
        from crawler.backfilling import gather_from, told
        from crawler.collecting import Collection
        from crawler.commands.collect import print_summary

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        found = gather_from(places, opts.sites, opts.since, opts.until, self.settings)
        for problem in found.problems:
            print(f"scrapy {self.name}: {one_line(problem)}", file=sys.stderr)
        for line in told(found.counts):
            print(line)
        output = local_folder(self.settings["OUTPUT_DIR"])
        runs = Collection(output, opts.set, {"fetch": "no"}, n_jobs=opts.jobs).run(found.pending)
        if runs:
            print_summary(runs, output)
        return OK if not found.problems and all(run.is_ok for run in runs) else FAILED

    def crawl(self, site: str, arguments: dict[str, str]) -> int:
        """Run the replay to its end; returns the exit code."""
        if self.on is None:
            return super().crawl(site, arguments)
        from crawler.cluster.engine import Engine

        with Engine(self.on, n_cores=self.n_cores) as self.engine:
            return super().crawl(site, arguments)

    def create_crawler(self, site: str) -> Crawler:
        """A crawler of the site's spider, reading the archive."""
        from crawler.spiders.replay import ReplaySpider

        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before run()
        spider: Any = self.crawler_process.spider_loader.load(site)
        replay = type(f"{spider.__name__}Replay", (ReplaySpider,), {"name": site, "profile": spider.profile})
        if self.engine is None:
            return self._create_crawler(replay)
        from crawler.cluster.spans import put_on

        crawler = self._create_crawler(type(replay.__name__, (replay,), {"engine": self.engine}))
        put_on(crawler.settings)
        return crawler
