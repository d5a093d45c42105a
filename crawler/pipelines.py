"""The stages as item pipelines: each calls one pure function, and keeps its Article or drops its Reject.

Their order stands in `settings.py`. A Page enters, an Article leaves; whatever is dropped becomes a row of `rejected/`.
Those with a `step` that follow on extraction, without another kind between them, are done where extraction is: in a
worker process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem

from crawler.crawling.first_pages import FirstPages
from crawler.crawling.workers import ExtractionPool
from crawler.items import Article, Page, Reject
from crawler.stages import Context, Judging, Ranking, Step, normalised, signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scrapy.crawler import Crawler

    from crawler.crawling.run import Run


class StagePipeline:
    """A stage: takes what the stage before gave, and gives an Article or a Reject. It overrides `stage` or `step`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.is_done = False
        """Whether workers do the step, so that nothing is left to do here."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for the run of the crawler's spider."""
        return cls(crawler.spider.run)  # type: ignore[union-attr]

    def step(self) -> Step | None:
        """The pure function behind the stage, where it can be pickled."""
        return None

    def stage(self, article: Article) -> Article | Reject:
        """What the stage makes of an article."""
        step = self.step()
        if step is None:
            raise NotImplementedError(f"{type(self).__name__} has neither a stage nor a step")
        return step(article, self.context(article))

    async def process_item(self, item: Any) -> Any:
        """Called by Scrapy for each item."""
        return item if self.is_done else self.settle(item, self.stage(item))

    def context(self, item: Page | Article) -> Context:
        """What steps have to know besides the article."""
        return Context(self.run.profile, self.run.reservations.of(item.url))

    def settle(self, item: Page | Article, result: Article | Reject) -> Article:
        """Pass an article on; book a reject and drop the item."""
        if isinstance(result, Reject):
            self.run.ledger.reject(item, result)
            raise DropItem(f"{result.reason}: {result.detail}")
        return result


class ExtractPipeline(StagePipeline):
    """Page to Article by the site's template or by trafilatura, in a worker process, with the steps that follow."""

    pool: ExtractionPool
    first_pages: FirstPages

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.spider.run)  # type: ignore[union-attr]
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for the run of the crawler's spider."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Make the pool, now that all pipelines are there."""
        options = self.run.options
        limits = (options.extraction_workers, options.extraction_timeout, options.extraction_memory_mb)
        pipelines = self.crawler.engine.scraper.itemproc.middlewares
        self.pool = self.make_pool(limits, list(_take_over(pipelines)))
        self.run.at_abandon.append(self.pool.close)
        self.first_pages = FirstPages(self.run, self.pool, self.run.learn_into)

    def make_pool(self, limits: tuple[int, float, int], steps: Sequence[Step]) -> ExtractionPool:
        """Who works on pages: processes of this machine, with so many workers, seconds a page and megabytes each."""
        return ExtractionPool(*limits, steps=steps, agent=self.run.options.robots_token)

    async def process_item(self, item: Any) -> Any:
        """Called by Scrapy for each item; articles that a spider made itself need the steps alone."""
        if not isinstance(item, Page | Article):
            return item
        if isinstance(item, Page):
            await self.first_pages.let_pass(item)
        result = await self.pool.work(item, self.context(item))
        if result is None:
            raise DropItem("the crawl ends; the next run takes the page from the archive")
        return self.settle(item, result)

    def close_spider(self) -> None:
        """End the workers."""
        self.pool.close()


def _take_over(pipelines: Iterable[Any]) -> Iterator[Step]:
    """The steps of the stages that follow on extraction, up to the first that has to be done here."""
    following = iter(pipelines)
    for pipeline in following:
        if isinstance(pipeline, ExtractPipeline):
            break
    for pipeline in following:
        is_own = isinstance(pipeline, StagePipeline) and type(pipeline).stage is StagePipeline.stage
        step = pipeline.step() if is_own else None
        if step is None:
            return
        pipeline.is_done = True
        yield step


class NormalisePipeline(StagePipeline):
    """Unicode, spaces, legacy encodings: the text as published, spelled one way."""

    def step(self) -> Step:
        """See crawler.refinement.normalise."""
        return normalised


class JudgePipeline(StagePipeline):
    """Age, language and quality rules; opt-outs only where the corpus obeys them."""

    def step(self) -> Step:
        """See crawler.refinement.quality."""
        options = self.run.options
        return Judging(options.quality, self.run.horizon, options.obey_opt_outs)


class TopicPipeline(StagePipeline):
    """How much the article is about what each seed is about."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.ranking = Ranking(run.seed_topics())

    def step(self) -> Step:
        """See crawler.refinement.topic."""
        return self.ranking


class SignPipeline(StagePipeline):
    """Content hash and MinHash, from which duplicates are found at commit."""

    def step(self) -> Step:
        """See crawler.dedup.signatures."""
        return signed


class CommitPipeline(StagePipeline):
    """Hands the article to the run, which decides duplicates and writes rows in one transaction."""

    def stage(self, article: Article) -> Article | Reject:
        """The run answers at its next commit: a duplicate is found out there, not here."""
        self.run.ledger.keep(article)
        return article
