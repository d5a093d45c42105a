"""Pages made to harm: in workers as a crawl has them, each becomes a row or a reason, within its time and memory.

    HOSTILE_PAGES=5000 HOSTILE_SEED=1 .venv/bin/pytest tests/extraction/test_hostile_pages.py

tries so many and takes some twenty minutes; by default what is named is tried small.
"""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from hostile import GIANTS, NAMED, corpus, mutated

from crawler.crawling.workers import ExtractionPool
from crawler.discovery.feeds import read_feed
from crawler.discovery.listings import read_listing
from crawler.discovery.sitemaps import read_sitemap
from crawler.examination import examine
from crawler.items import Article, Page, Pointer, Reject
from crawler.refinement.normalise import normalise
from crawler.refinement.quality import judge
from crawler.refinement.thresholds import Thresholds
from crawler.sites.profile import SiteProfile

N_PAGES = int(os.environ.get("HOSTILE_PAGES", "0"))
SEED = int(os.environ.get("HOSTILE_SEED", "20261122"))
SECONDS, GRACE = 5.0, 1.0
MEMORY_MB = 1_500
PROFILE = SiteProfile(key="bao", hosts=("bao.example",))
URL = "https://bao.example/tin/mua-vang-tren-dong-4100001.html"
QUICK_GIANTS = ("a line of 50 MB", "100,000 nested tags", "a million attributes")


def as_page(body):
    return Page(
        url=URL, final_url=URL, status=200, headers=(("content-type", "text/html"),), body=body,
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC), site="bao", found_via="section", pointer=Pointer("x", 0, 1),
    )  # fmt: skip


def look(page):
    """What a worker makes of a page, and the seconds that a crawl spends on it outside of workers."""
    found = examine(page, PROFILE)
    began = time.process_time()
    read_listing(page.body, URL, PROFILE)
    read_feed(page.body, URL, PROFILE)
    for _ in read_sitemap(page.body, URL, PROFILE).batches():
        pass
    return found, time.process_time() - began


def refine(found):
    """The stages after extraction; `row`, or the reason, and the seconds they took."""
    began = time.process_time()
    for stage in (normalise, lambda article: judge(article, PROFILE, Thresholds())):
        found = stage(found) if isinstance(found, Article) else found
    return ("row" if isinstance(found, Article) else str(found.reason)), time.process_time() - began


async def run(cases):
    """(name, `row` or reason, seconds in the worker, seconds outside) of each case, one after the other."""
    pool = ExtractionPool(1, SECONDS, MEMORY_MB)
    try:
        await pool.call(look, as_page(b""), seconds=60)  # starts the worker
        for name, body in cases:
            began = time.monotonic()
            answer = await pool.call(look, as_page(body), seconds=SECONDS)
            took = time.monotonic() - began
            found, outside = answer if isinstance(answer, tuple) else (answer, 0.0)
            result, more = refine(found)
            yield name, result, took, outside + more
            if isinstance(answer, Reject):
                await pool.call(look, as_page(b""), seconds=60)
    finally:
        pool.close()


def check(cases):
    """What became of the pages; fails with the names of those that cost more than a page may."""

    async def gather():
        return [found async for found in run(cases)]

    found = asyncio.run(gather())
    assert not [one for one in found if one[1] in {"extraction_crashed", "extraction_error"}]
    assert not [one for one in found if one[2] > SECONDS + GRACE or one[3] > SECONDS]
    return Counter(result for _, result, *_ in found)


def small():
    """What is named, small, some that are large all the same, and some mutations."""
    dice = random.Random(SEED)  # noqa: S311 - pages, no secrets
    pages = [body for make in NAMED.values() if (body := make(1_500))]
    yield from ((name, make(1_000)) for name, make in NAMED.items() if not name.startswith("bait"))
    yield from ((name, GIANTS[name]()) for name in QUICK_GIANTS)
    yield from ((f"{SEED}/{n}", mutated(dice, pages)) for n in range(20))


def test_pages_become_rows_or_reasons():
    cases = list(small())
    counts = check(cases)
    assert counts.total() == len(cases) > 150
    assert counts["row"] > len(cases) / 4
    assert not counts["extraction_timeout"]


@pytest.mark.skipif(not N_PAGES, reason="HOSTILE_PAGES=5000 tries giants, too")
def test_giants_become_rows_or_reasons():
    assert check([(name, make()) for name, make in GIANTS.items()]).total() == len(GIANTS)


@pytest.mark.skipif(not N_PAGES, reason="HOSTILE_PAGES=5000 says how many; they take some twenty minutes")
def test_very_many_pages(capsys):
    counts = check(corpus(N_PAGES, SEED))
    with capsys.disabled():
        sys.stdout.write(f"\n{N_PAGES} pages, seed {SEED}: {dict(counts)}\n")
    assert counts.total() == N_PAGES
