"""Archive to corpus step by step: what floor.py calls the floor, and ours beside it; CPU of this process."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

from fastwarc import ArchiveIterator, WarcRecordType
from lxml import html
from trafilatura import extract as read_by_trafilatura

from crawler.archive import scan_tail, to_page
from crawler.corpus.parts import encode
from crawler.corpus.rows import article_row
from crawler.corpus.schema import Dataset
from crawler.dedup.signatures import sign
from crawler.examination import examine
from crawler.items import Article, Page
from crawler.refinement.normalise import normalise
from crawler.refinement.quality import judge
from crawler.sites.selectors import compile_selector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from crawler.sites.profile import SiteProfile, Template

ROWS = 500
NO_SELECTORS = frozenset({"valid_from", "valid_until", "drop_lines", "drop_blocks", "keep_blocks"})


class Case(NamedTuple):
    """An archive, and the profile of each of its pages."""

    folder: Path
    warc: Path
    profiles: dict[str, SiteProfile]
    n_kb: int


def responses(warc: Path) -> Iterator[Page]:
    """What the archive holds, as stages take it."""
    for pointer, exchange in scan_tail(warc, 0):
        yield to_page(exchange, pointer, site="bench", found_via="replay", run_id="r")


def refine(page: Page, profiles: dict[str, SiteProfile]) -> Article | None:
    """All stages of a page."""
    found = examine(page, profiles[page.url])
    judged = judge(normalise(found), profiles[page.url]) if isinstance(found, Article) else None
    return sign(judged) if isinstance(judged, Article) else None


class Clock:
    """CPU milliseconds a page by step."""

    def __init__(self, n_pages: int) -> None:
        self.n_pages = n_pages
        self.steps: dict[str, float] = {}

    def step(self, name: str, work: Callable[[], list[object]]) -> list[object]:
        """Do it twice; the faster one counts."""
        for _ in range(2):
            started = time.process_time()
            made = work()
            spent = 1000 * (time.process_time() - started) / self.n_pages
            self.steps[name] = min(spent, self.steps.get(name, spent))
        return made

    @property
    def total(self) -> float:
        """All steps."""
        return sum(self.steps.values())


def floor(case: Case) -> Clock:
    """The least, step by step."""
    clock = Clock(len(case.profiles))
    bodies = clock.step("decompress", lambda: list(_read(case.warc)))
    trees = clock.step("parse once", lambda: [_parse(body) for _, body in bodies])
    selected = clock.step(
        "select", lambda: [_select(tree, case.profiles[url]) for (url, _), tree in zip(bodies, trees, strict=True)]
    )
    clock.step("trafilatura on the selected", lambda: [_read_part(part) for part in selected])
    articles = [one for one in (refine(page, case.profiles) for page in responses(case.warc)) if one]
    clock.step("sign", lambda: [sign(one) for one in articles])
    clock.step("write", lambda: written(articles))
    return clock


def own(case: Case) -> Clock:
    """Ours, step by step."""
    clock = Clock(len(case.profiles))
    pages = clock.step("read, decompress", lambda: list(responses(case.warc)))
    found = clock.step("parse, examine, extract", lambda: [examine(page, case.profiles[page.url]) for page in pages])
    kept = [(one, case.profiles[one.url]) for one in found if isinstance(one, Article)]
    normal = clock.step("normalise", lambda: [(normalise(one), profile) for one, profile in kept])
    judged = clock.step("judge", lambda: [judge(one, profile) for one, profile in normal])
    articles = [one for one in judged if isinstance(one, Article)]
    signed = clock.step("sign", lambda: [sign(one) for one in articles])
    clock.step("write", lambda: written(signed))
    return clock


def _read(warc: Path) -> Iterator[tuple[str, bytes]]:
    with warc.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, auto_decode="content"):
            yield record.headers["WARC-Target-URI"], record.reader.read()


def _parse(body: bytes) -> html.HtmlElement:
    return html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))


def _select(tree: html.HtmlElement, profile: SiteProfile) -> list[html.HtmlElement]:
    """The body's elements, after every field of the first template that fits."""
    for template in profile.templates:
        found = {name: list(_found(tree, getattr(template, name))) for name in _fields(template)}
        if found["body"]:
            return found["body"]
    return [tree]


def _fields(template: Template) -> list[str]:
    return [name for name in template.__struct_fields__ if name not in NO_SELECTORS]


def _found(tree: html.HtmlElement, selectors: Iterable[str]) -> Iterator[html.HtmlElement]:
    for selector in selectors:
        yield from compile_selector(selector)(tree)


def _read_part(part: list[html.HtmlElement]) -> str:
    document = html.document_fromstring("<html><body></body></html>")
    document.body.extend(deepcopy(one) for one in part)
    return read_by_trafilatura(document, include_comments=False, fast=True) or ""


def written(articles: list[Article]) -> list[bytes]:
    """Parquet files of ROWS rows."""
    rows = [article_row(one) for one in articles]
    return [encode(Dataset.ARTICLES, rows[at : at + ROWS]) for at in range(0, len(rows), ROWS)]
