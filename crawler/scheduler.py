"""Scrapy's scheduler over the frontier in SQLite: what waits survives a kill, what is done is not done again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.core.scheduler import BaseScheduler

from crawler.crawling.downloader import InterruptibleDownloader
from crawler.errors import InternalError

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

    from crawler.crawling.run import Run
    from crawler.spiders.article import ArticleSpider


class FrontierScheduler(BaseScheduler):
    """Requests go into the run's frontier as addresses and come out of it as new requests."""

    def __init__(self, run: Run, crawler: Crawler) -> None:
        self.run = run
        self.crawler = crawler
        run.intake.busy_hosts = self.busy_hosts
        self.spider: ArticleSpider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for the run of the crawler's spider."""
        return cls(crawler.spider.run, crawler)  # type: ignore[union-attr]

    def open(self, spider: Spider) -> None:
        """Called by Scrapy when the spider opens."""
        self.spider = spider  # type: ignore[assignment]

    def busy_hosts(self) -> set[str]:
        """Hosts that hold as many requests as they may: what one sends while it answers another, or their share.

        So a host that never answers takes no request away from the site's other hosts.
        """
        downloader = self.crawler.engine.downloader if self.crawler.engine else None
        if not isinstance(downloader, InterruptibleDownloader):
            return set()
        settings = self.crawler.settings
        share = settings.getint("CONCURRENT_REQUESTS") // len(self.run.profile.hosts)
        most = max(1, min(settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") + 1, share))
        return {host for host, n in downloader.hosts().items() if n >= most}

    def has_pending_requests(self) -> bool:
        """Whether an address waits, or will be tried again within this run."""
        return self.run.has_targets()

    def enqueue_request(self, request: Request) -> bool:
        """Put the request's address into the frontier; a spider's own request counts as an article's."""
        new = request.meta.get("new_url") or self.spider.trail.new_url(request.url, "article", "link")
        self.run.intake.discover([new])
        return True

    def next_request(self) -> Request | None:
        """The request for the next address that may be fetched now, or None.

        Scrapy logs what is raised here and asks again.
        """
        try:
            return self._next_request()
        except Exception as error:
            self.run.end(InternalError(self.run.profile.key, error))
            raise

    def _next_request(self) -> Request | None:
        while (target := self.run.next_target()) is not None:
            if self.spider.trail.is_early(target, self.run.ledger.urls_in_hand):
                self.run.intake.give_back(target)
                return None
            reason = self.spider.trail.refusal(target)
            if reason is None:
                return self.spider.request_for(target)
            self.run.intake.leave_out(target, reason)
        return None
