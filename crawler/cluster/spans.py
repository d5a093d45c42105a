"""`scrapy replay --on`: pages are staged on the nodes, each span of an archive file by one call; one process commits.

The replay is the one of every day, down to its manifest. Only its worker processes are elsewhere: calls read pages out
of the archive themselves, ahead of the replay, which takes their results in the order of the records. A call changes
nothing, so it may run twice; what it gives is known by the place of each page in the archive.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.archive.exchange import to_page
from crawler.archive.reader import read_exchange
from crawler.cluster.engine import CALLS_PER_CORE
from crawler.crawling.ledger import MAX_IN_FLIGHT
from crawler.crawling.workers import ExtractionPool
from crawler.discovery.reservations import Reservations
from crawler.errors import ArchiveError, CollectorError
from crawler.pipelines import ExtractPipeline
from crawler.stages import Context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scrapy.settings import BaseSettings

    from crawler.cluster.engine import Engine
    from crawler.crawling.run import Run
    from crawler.items import Article, Page, Pointer, Reject
    from crawler.stages import Step
    from crawler.state.records import Record

MIN_RECORDS, MAX_RECORDS = 8, 200
MAX_BYTES = 16 << 20
"""Of the archive, read by one call: some 5 to 10 s of work, less where a site would not keep all cores busy."""
HTTP_REDIRECT = 300
Limits = tuple[int, float, int]
"""Workers, seconds for a page, megabytes for a worker: as of `ExtractionPool`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Pages of one archive file, and how they shall be staged."""

    output: str
    run_id: str
    records: Sequence[Record]
    contexts: Sequence[Context]
    max_bytes: int
    limits: Limits
    steps: Sequence[Step]
    agent: str


def stage_span(span: Span) -> list[Article | Reject | None]:
    """What becomes of each page; None for one that is no page to be staged, such as a redirect."""
    return asyncio.run(_stage(span))


async def _stage(span: Span) -> list[Article | Reject | None]:
    _, seconds, memory_mb = span.limits
    pool = ExtractionPool(1, seconds, memory_mb, steps=span.steps, agent=span.agent)
    try:
        pages = (_page(span, record) for record in span.records)
        found = zip(pages, span.contexts, strict=True)
        return list(await asyncio.gather(*(_stage_page(pool, page, context) for page, context in found)))
    finally:
        pool.close()


async def _stage_page(pool: ExtractionPool, page: Page | None, context: Context) -> Article | Reject | None:
    return await pool.work(page, context) if page else None


def _page(span: Span, record: Record) -> Page | None:
    try:
        exchange = read_exchange(Path(span.output), record.pointer)
        if record.status >= HTTP_REDIRECT or exchange.refers_to_url is not None:
            return None
        return to_page(
            exchange,
            pointer=record.pointer,
            site=record.site,
            found_via=record.found_via,
            run_id=span.run_id,
            robots=record.robots,
            asked_url=record.url,
            max_bytes=span.max_bytes,
        )
    except ArchiveError:  # the replay finds out the same and says why
        return None


@dataclass(slots=True, eq=False)
class _Call:
    """A span on its way."""

    number: int
    span: Span
    reference: Any
    results: asyncio.Future[list[Article | Reject | None]] | None = None


class SpanPool(ExtractionPool):
    """The nodes of a cluster in the place of worker processes; these do what the nodes were not asked for."""

    def __init__(self, engine: Engine, run: Run, limits: Limits, *, steps: Sequence[Step], agent: str) -> None:
        super().__init__(*limits, steps=steps, agent=agent)
        self._engine = engine
        self._run = run
        self._spans = enumerate(_plan(run, (limits, steps, agent), CALLS_PER_CORE * engine.n_cores))
        self._calls: deque[_Call] = deque()
        self._places: dict[Pointer, tuple[_Call, int]] = {}
        self._n_reached = 0

    async def work(self, item: Page | Article, context: Context) -> Article | Reject | None:
        """As of ExtractionPool: from the nodes, if they know the page under the same circumstances."""
        call, place = self._reach(item.pointer)
        if call is None or call.span.contexts[place] != context:
            return await super().work(item, context)
        call.results = call.results or asyncio.ensure_future(self._engine.wait(call.reference))
        try:
            result = (await asyncio.shield(call.results))[place]
        except CollectorError as error:
            self._run.end(error)
            return None
        return result if result is not None else await super().work(item, context)

    def _reach(self, pointer: Pointer) -> tuple[_Call | None, int]:
        """The call that a page is in, with as many behind it on their way as keep all cores busy."""
        while pointer not in self._places and self._send():
            pass
        call, place = self._places.get(pointer, (None, 0))
        if call is not None:
            self._n_reached = max(self._n_reached, call.number)
            n_ahead = CALLS_PER_CORE * self._engine.n_cores
            while self._calls[-1].number < self._n_reached + n_ahead and self._send():
                pass
            while self._calls[0].number < self._n_reached - MAX_IN_FLIGHT:  # nobody can ask for these any more
                for record in self._calls.popleft().span.records:
                    self._places.pop(record.pointer, None)
        return call, place

    def _send(self) -> bool:
        """Begin the next call, if there is one."""
        number, span = next(self._spans, (0, None))
        if span is None:
            return False
        call = _Call(number, span, self._engine.start(stage_span, span))
        self._calls.append(call)
        self._places |= {record.pointer: (call, place) for place, record in enumerate(span.records)}
        return True

    def close(self) -> None:
        """End the workers, and what is still on its way."""
        super().close()
        for call in self._calls:
            self._engine.cancel(call.reference)
        self._calls.clear()


def _plan(run: Run, how: tuple[Limits, Sequence[Step], str], n_calls: int) -> Iterator[Span]:
    """All pages of the site that may become articles, in order, under the refusals of the robots.txt before them."""
    reservations = Reservations(run.options.robots_token)
    n_records = run.intake.records.n_articles()
    size = max(MIN_RECORDS, min(MAX_RECORDS, n_records // n_calls))
    records: list[Record] = []
    contexts: list[Context] = []

    def span() -> Span:
        options = run.options
        parts = (str(options.output.absolute()), run.run_id, tuple(records), tuple(contexts), options.page_max_bytes)
        return Span(*parts, *how)

    for record in run.intake.records.all():
        if record.kind == "robots":
            reservations.read(run.intake.reread(record)[0])
        if record.kind != "article":
            continue
        n_bytes = sum(one.pointer.length for one in records)
        if records and (len(records) >= size or n_bytes >= MAX_BYTES or records[0].pointer.file != record.pointer.file):
            yield span()
            records, contexts = [], []
        records.append(record)
        contexts.append(Context(run.profile, reservations.of(record.url)))
    if records:
        yield span()


def _is_full(records: Sequence[Record], after: Record, size: int) -> bool:
    n_bytes = sum(record.pointer.length for record in records)
    return len(records) >= size or n_bytes >= MAX_BYTES or records[0].pointer.file != after.pointer.file


class ClusterExtractPipeline(ExtractPipeline):
    """ExtractPipeline on the cluster that the spider was given."""

    def make_pool(self, limits: Limits, steps: Sequence[Step]) -> ExtractionPool:
        """A SpanPool."""
        engine: Engine = self.crawler.spider.engine  # type: ignore[union-attr]
        return SpanPool(engine, self.run, limits, steps=steps, agent=self.run.options.robots_token)


def put_on(settings: BaseSettings) -> None:
    """Let ClusterExtractPipeline stand where ExtractPipeline does."""
    pipelines = settings.getdict("ITEM_PIPELINES")
    place = pipelines.pop("crawler.pipelines.ExtractPipeline")
    settings.set("ITEM_PIPELINES", {**pipelines, f"{__name__}.ClusterExtractPipeline": place}, "cmdline")
