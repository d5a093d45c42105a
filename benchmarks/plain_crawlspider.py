"""The spider of most tutorials: follow every link, trafilatura in the callback of what looks like an article.

scrapy runspider benchmarks/plain_crawlspider.py -a home=URL -o pages.jsonl
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import trafilatura
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response


class PlainCrawlSpider(CrawlSpider):
    """Article pages from links."""

    name = "plain_crawl"
    rules = (
        Rule(LinkExtractor(allow=r"-\d+\.html$"), callback="parse_article", follow=True),
        Rule(LinkExtractor(allow=r"/$")),
    )
    custom_settings: ClassVar[dict[str, Any]] = {
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "LOG_LEVEL": "INFO",
    }

    def __init__(self, home: str) -> None:
        super().__init__()
        self.start_urls = [home]
        self.allowed_domains = [urlsplit(home).hostname]

    def parse_article(self, response: Response) -> Iterator[dict[str, Any]]:
        """Callback of an article's page."""
        yield {"url": response.url, "text": trafilatura.extract(response.text, url=response.url)}
