"""The crawl behind `scrapy learn`: the examples, what announces articles, and a few articles more, into the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.spiders.article import ArticleSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from crawler.sites.profile import SiteProfile

MAX_PAGES = 60
"""Responses of one lesson: home, sections, sitemaps, the examples and some twenty articles."""


class GatheringSpider(ArticleSpider):
    """Archives only: the articles stay unfinished, and the next crawl reads them with what was learned."""

    name = "gathering"
    example_urls: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_pages = self.max_pages or MAX_PAGES

    async def start(self) -> AsyncIterator[Any]:
        """The examples first, then the entry points of any crawl."""
        examples = [self.trail.new_url(url, "article", "seed", priority=200) for url in self.example_urls]
        self.run.enter([*examples, *self.trail.entry_points()])
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # an asynchronous generator, as Scrapy wants it
            yield item

    def visit(self, page: Any, target: Any) -> Any:
        """As any crawl, but no article goes to the stages."""
        if target.kind == "article" and page.status == 200:  # noqa: PLR2004 - HTTP's own number
            return iter(())
        return super().visit(page, target)


def gathering_spider(profile: SiteProfile, urls: Sequence[str]) -> type[GatheringSpider]:
    """A spider class for one lesson."""
    return type("LessonSpider", (GatheringSpider,), {"name": profile.key, "profile": profile, "example_urls": urls})
