"""The spider that everybody writes first: a sitemap, trafilatura in the callback, JSON lines.

scrapy runspider benchmarks/plain_spider.py -a sitemap=URL -a metadata=1 -o pages.jsonl
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import trafilatura
from scrapy.spiders import SitemapSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response


class PlainSpider(SitemapSpider):
    """Article pages from a sitemap; no link is looked for on a page, which is the cheapest it can do."""

    name = "plain"
    sitemap_rules: ClassVar[list[Any]] = [(r"-\d+\.html$", "parse_article")]
    custom_settings: ClassVar[dict[str, Any]] = {
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "ROBOTSTXT_OBEY": True,
        "LOG_LEVEL": "INFO",
    }

    def __init__(self, sitemap: str, metadata: str = "") -> None:
        super().__init__()
        self.sitemap_urls = [sitemap]
        self.has_metadata = bool(metadata)

    def parse_article(self, response: Response) -> Iterator[dict[str, Any]]:
        """Callback of an article's page."""
        if self.has_metadata:
            found = trafilatura.extract(response.text, url=response.url, output_format="json", with_metadata=True)
            yield {"url": response.url, **json.loads(found or "{}")}
        else:
            yield {"url": response.url, "text": trafilatura.extract(response.text, url=response.url)}
