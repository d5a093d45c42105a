"""Scrapy's scheduler over the frontier in SQLite: what waits survives a kill, what is done is not done again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

    from crawler.run import Run
    from crawler.spiders.article import ArticleSpider


class FrontierScheduler(BaseScheduler):
    """Requests go into the run's frontier as addresses and come out of it as new requests."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.spider: ArticleSpider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for the run of the crawler's spider."""
        return cls(crawler.spider.run)  # type: ignore[union-attr]

    def open(self, spider: Spider) -> None:
        """Called by Scrapy when the spider opens."""
        self.spider = spider  # type: ignore[assignment]

    def has_pending_requests(self) -> bool:
        """Whether an address waits, or will be tried again within this run."""
        return self.run.has_targets()

    def enqueue_request(self, request: Request) -> bool:
        """Put the request's address into the frontier; a spider's own request counts as an article's."""
        new = request.meta.get("new_url") or self.spider.trail.new_url(request.url, "article", "link")
        self.run.intake.discover([new])
        return True

    def next_request(self) -> Request | None:
        """The request for the next address that may be fetched now, or None."""
        while (target := self.run.next_target()) is not None:
            reason = self.spider.trail.refusal(target)
            if reason is None:
                return self.spider.request_for(target)
            self.run.intake.leave_out(target, reason)
        return None
