"""The stages as item pipelines: each calls one pure function, and keeps its Article or drops its Reject.

Their order stands in `settings.py`. A Page enters, an Article leaves; whatever is dropped becomes a row of `rejected/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem

from crawler.dedup.signatures import sign
from crawler.examination import refuse_older, refuse_opted_out
from crawler.first_pages import FirstPages
from crawler.items import Article, Page, Reject
from crawler.refinement.normalise import normalise
from crawler.refinement.quality import judge
from crawler.workers import ExtractionPool

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.run import Run


class StagePipeline(ABC):
    """A stage: `stage` takes what the stage before gave, and gives an Article or a Reject."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for the run of the crawler's spider."""
        return cls(crawler.spider.run)  # type: ignore[union-attr]

    @abstractmethod
    def stage(self, article: Article) -> Article | Reject:
        """The pure function behind this pipeline."""

    async def process_item(self, item: Any) -> Any:
        """Called by Scrapy for each item."""
        return self.settle(item, self.stage(item))

    def settle(self, item: Page | Article, result: Article | Reject) -> Article:
        """Pass an article on; book a reject and drop the item."""
        if isinstance(result, Reject):
            self.run.ledger.reject(item, result)
            raise DropItem(f"{result.reason}: {result.detail}")
        return result


class ExtractPipeline(StagePipeline):
    """Page to Article by the site's template or by trafilatura, in a worker process."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        options = run.options
        self.pool = ExtractionPool(options.extraction_workers, options.extraction_timeout, options.extraction_memory_mb)
        run.at_abandon.append(self.pool.close)
        self.first_pages = FirstPages(run, self.pool, run.learn_into)

    def stage(self, article: Article) -> Article | Reject:
        """Articles that a spider made itself pass as they are."""
        return article

    async def process_item(self, item: Any) -> Any:
        """Called by Scrapy for each item."""
        if isinstance(item, Page):
            profile = await self.first_pages.profile_for(item)
            result = await self.pool.examine(item, profile, self.run.options.robots_token)
            if result is None:
                raise DropItem("the crawl ends; the next run takes the page from the archive")
            return self.settle(item, result)
        return item

    def close_spider(self) -> None:
        """End the workers."""
        self.pool.close()


class NormalisePipeline(StagePipeline):
    """Unicode, spaces, legacy encodings: the text as published, spelled one way."""

    def stage(self, article: Article) -> Article | Reject:
        """See crawler.refinement.normalise."""
        return normalise(article)


class JudgePipeline(StagePipeline):
    """Age, language and quality rules."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.thresholds = run.options.quality

    def stage(self, article: Article) -> Article | Reject:
        """See crawler.refinement.quality; opt-outs only where the corpus obeys them."""
        opt_outs = self.run.reservations.of(article.url).union(article.opt_outs)
        article = replace(article, opt_outs=tuple(sorted(opt_outs)))
        if isinstance(older := refuse_older(article, self.run.horizon), Reject):
            return older
        judged = judge(article, self.run.profile, self.thresholds)
        if isinstance(judged, Reject) or not self.run.options.obey_opt_outs:
            return judged
        return refuse_opted_out(judged)


class TopicPipeline(StagePipeline):
    """How much the article is about what each seed is about."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.topics = run.seed_topics()

    def stage(self, article: Article) -> Article | Reject:
        """See crawler.refinement.topic."""
        return self.topics.rank(article)


class SignPipeline(StagePipeline):
    """Content hash and MinHash, from which duplicates are found at commit."""

    def stage(self, article: Article) -> Article | Reject:
        """See crawler.dedup.signatures."""
        return sign(article)


class CommitPipeline(StagePipeline):
    """Hands the article to the run, which decides duplicates and writes rows in one transaction."""

    def stage(self, article: Article) -> Article | Reject:
        """The run answers at its next commit: a duplicate is found out there, not here."""
        self.run.ledger.keep(article)
        return article
