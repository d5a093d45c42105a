"""ReplaySpider: archive to corpus again, with today's profile, rules and code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.items import Page
from crawler.spiders.article import ArticleSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class ReplaySpider(ArticleSpider):
    """Reads every page of the site's own archive through the stages; asks the network for nothing."""

    name = "replay"
    is_replay = True

    async def begin(self) -> AsyncIterator[Any]:
        """All archived pages, in the order they came; addresses that wait go on waiting for a crawl."""
        self.run.is_open = False
        for page, target in self.run.unfinished():
            await self.run.ledger.room()
            for result in self.visit(page, target):
                if isinstance(result, Page):
                    yield result
