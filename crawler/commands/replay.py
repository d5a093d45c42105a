"""`scrapy replay SITE`: the site's rows anew from its own archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.commands.crawl import Command as CrawlCommand

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Command(CrawlCommand):
    """A crawl whose only source is the archive; the old rows go when the new ones are whole."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Make a site's rows anew from its own archive, with today's profile and rules"

    def create_crawler(self, site: str) -> Crawler:
        """A crawler of the site's spider, reading the archive."""
        from crawler.spiders.replay import ReplaySpider

        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before run()
        spider: Any = self.crawler_process.spider_loader.load(site)
        replay = type(f"{spider.__name__}Replay", (ReplaySpider,), {"name": site, "profile": spider.profile})
        return self._create_crawler(replay)
