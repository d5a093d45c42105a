"""`scrapy replay SITE`: the site's rows anew from its own archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.commands.crawl import Command as CrawlCommand

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

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--on", metavar="ray[://HOST:PORT]", help="stage the pages on a Ray cluster")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy before `run`."""
        super().process_options(args, opts)
        self.on = opts.on

    def crawl(self, site: str, arguments: dict[str, str]) -> int:
        """Run the replay to its end; returns the exit code."""
        if self.on is None:
            return super().crawl(site, arguments)
        from crawler.cluster.engine import Engine

        with Engine(self.on) as self.engine:
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
