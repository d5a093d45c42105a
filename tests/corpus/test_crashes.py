"""Death at every step, and what the same command makes of it afterwards: nothing lost, nothing twice."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import smallcrawl
from smallcrawl import SmallCrawl, home

from crawler import disk
from crawler.corpus.checks import check_corpus
from crawler.corpus.manifest import check, read_manifest
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CollectorError, CorpusError
from crawler.state.store import Store

N_PAGES = 6
GROUP = 4


class DiedError(BaseException):
    """The process is gone; no handler of the code under test may catch it."""


class Death:
    """Ends the process before step `at`, with the write before it torn, and allows nothing after it."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.n = 0

    def __call__(self, step: str, path: Path) -> int | None:
        self.n += 1
        if self.n >= self.at:
            raise DiedError(f"before step {self.n}: {step} {path}")
        return 7 if self.n == self.at - 1 and step == "write" else None


class FullDisk:
    """Fails step `at` and, if it stays full, every later one that needs space."""

    def __init__(self, at: int, error: int, *, stays: bool) -> None:
        self.at = at
        self.error = error
        self.stays = stays
        self.n = 0

    def __call__(self, step: str, path: Path) -> int | None:
        if step == "committed":
            return None
        self.n += 1
        needs_space = step in {"create", "write", "fsync", "make_folder", "commit"}
        if self.n == self.at or (self.stays and self.n > self.at and needs_space):
            raise OSError(self.error, "made up", str(path))
        return None


def crawl(output, site="a", run_id="run", **more):
    run = SmallCrawl(output, site, run_id, n_pages=N_PAGES, group=GROUP, **more)
    run.run()
    return run


def n_steps(action) -> int:
    counter = Death(1 << 30)
    with disk.hooked(counter):
        action()
    return counter.n


def complaint(action) -> str | None:
    """What an action that fails says; None when it does not fail."""
    try:
        action()
    except CollectorError as error:
        return str(error)
    return None


def rows(output, site):
    """Addresses by row, over all three datasets."""
    with CorpusReader(output) as reader:
        tables = [reader.dataset(dataset, site).to_table(columns=["url"]) for dataset in Dataset]
    return Counter(url for table in tables for url in table["url"].to_pylist())


def assert_whole(output, *sites):
    assert check_corpus(output, is_thorough=True) == []
    for site in sites:
        assert rows(output, site) == {f"{home(site)}{n}": 1 for n in range(N_PAGES)}
    with CorpusReader(output) as reader:
        texts = Counter(article.content_hash for article in reader.articles())
    assert set(texts.values()) <= {1}


def assert_readable(output):
    """A reader that takes whatever lies in the folder reads it, and no row twice, also before recovery."""
    files = sorted((output / "articles").glob("**/*"))
    ids = Counter(
        key for path in files if path.is_file() for key in pq.read_table(path, columns=["id"])["id"].to_pylist()
    )
    assert set(ids.values()) <= {1}


@pytest.mark.slow
def test_every_step_of_a_crawl(output):
    total = n_steps(lambda: crawl(output.with_name("whole")))
    assert total > 60
    for at in range(1, total + 1):
        shutil.rmtree(output, ignore_errors=True)
        fetched = []
        first = SmallCrawl(output, "a", "run", n_pages=N_PAGES, group=GROUP)
        first.on_fetch = fetched.append
        with pytest.raises(DiedError), disk.hooked(Death(at)):
            first.run()
        assert_readable(output)
        again = SmallCrawl(output, "a", "again", n_pages=N_PAGES, group=GROUP)
        again.on_fetch = fetched.append
        again.run()
        assert_whole(output, "a")
        assert sum(n - 1 for url, n in Counter(fetched).items() if url != home("a")) <= GROUP


@pytest.mark.slow
def test_every_step_of_a_replay(output):
    whole = output.with_name("whole")
    crawl(whole)
    crawl(whole, site="b", run_id="run-b")
    before = rows(whole, "a")
    total = n_steps(lambda: SmallCrawl(shutil.copytree(whole, output), "a", "replay").replay())
    for at in range(1, total + 1):
        shutil.rmtree(output)
        shutil.copytree(whole, output)
        with pytest.raises(DiedError), disk.hooked(Death(at)):
            SmallCrawl(output, "a", "replay").replay()
        if at % 4 == 1:
            crawl(output, site="b", run_id="again-b")
        crawl(output, run_id="again")
        assert rows(output, "a") == before
        assert_whole(output, "a", "b")
    SmallCrawl(output, "a", "again2").replay()
    assert_whole(output, "a", "b")


@pytest.mark.parametrize("seed", range(6))
def test_deaths_in_a_row(output, seed):
    dice = random.Random(seed)  # noqa: S311 - a seed to repeat it with
    for n in range(dice.randint(2, 6)):
        action = SmallCrawl(output, dice.choice("ab"), f"run{n}", n_pages=N_PAGES, group=GROUP)
        is_replay = n > 1 and dice.random() < 0.3
        with suppress(DiedError), disk.hooked(Death(dice.randint(1, 60))):
            action.replay() if is_replay else action.run()
        assert_readable(output)
    crawl(output, "a", "last-a")
    crawl(output, "b", "last-b")
    assert_whole(output, "a", "b")


@pytest.mark.slow
@pytest.mark.parametrize(("error", "stays"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_full_or_failing_disk_at_every_step(output, error, stays):
    total = n_steps(lambda: crawl(output.with_name("whole")))
    for at in range(1 if stays else 2, total, 4):
        shutil.rmtree(output, ignore_errors=True)
        hook = FullDisk(at, error, stays=stays)
        with disk.hooked(hook):
            message = complaint(lambda: crawl(output))
        assert (hook.n < at) == (message is None)
        if message is not None:
            assert "\n" not in message
            assert str(output.parent) in message
        assert_readable(output)
        crawl(output, run_id="again")
        assert_whole(output, "a")


class ShortWrite(Death):
    """Lets write `at` write seven bytes at a time, from then on; nothing fails."""

    def __call__(self, step: str, path: Path) -> int | None:
        self.n += 1
        is_short = self.at <= self.n < self.at + 50 and step == "write" and path.suffix != ".tmp"
        return 7 if is_short else None


FAULTS = {
    "death": Death,
    "full": partial(FullDisk, error=errno.ENOSPC, stays=True),
    "broken": partial(FullDisk, error=errno.EIO, stays=False),
    "short": ShortWrite,
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_steps_of_a_long_crawl(output, fault):
    """A fault at steps of a crawl of 200 pages, drawn by CRAWL_SEED.

    CRAWL_STEPS=all: each step once, the faults by turns; a number, 4: every fault at each fourth step, CRAWL_FROM the
    first of them.
    """
    n_pages, group = 200, 17
    start = partial(SmallCrawl, output, "a", n_pages=n_pages, group=group)
    total = n_steps(SmallCrawl(output.with_name("whole"), "a", "run", n_pages=n_pages, group=group).run)
    dice = random.Random(f"{os.environ.get('CRAWL_SEED', '1')} {fault}")  # noqa: S311 - a seed to repeat it with
    how = os.environ.get("CRAWL_STEPS", "")
    first_step = int(os.environ.get("CRAWL_FROM", "2")) if how.isdecimal() else 2 + list(FAULTS).index(fault)
    every = range(first_step, total + 1, int(how) if how.isdecimal() else len(FAULTS))
    for at in every if how else dice.sample(every, 1):
        shutil.rmtree(output, ignore_errors=True)
        fetched = []
        first, again = start(run_id="run"), start(run_id="again")
        first.on_fetch = again.on_fetch = fetched.append
        with suppress(DiedError, CollectorError), disk.hooked(FAULTS[fault](at)):
            first.run()
        assert_readable(output)
        again.run()
        assert check_corpus(output, is_thorough=True) == [], at
        assert rows(output, "a") == {f"{home('a')}{n}": 1 for n in range(n_pages)}, at
        assert check(read_manifest(output / "runs" / "again.json")) == [], at
        assert sum(n - 1 for url, n in Counter(fetched).items() if url != home("a")) <= group, at


def test_state_file_that_cannot_grow(output):
    crawl(output)
    with Store(output) as store:
        (pages,) = store.rows("PRAGMA page_count")[0]
        store.rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CorpusError, match="no space left"), store.transaction() as connection:
            connection.execute("CREATE TABLE big AS SELECT zeroblob(10000000)")
    assert_whole(output, "a")


def start(output, site, run_id, log, n_pages=N_PAGES):
    command = [sys.executable, smallcrawl.__file__, str(output), site, run_id, str(n_pages), str(log)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], env={"PYTHONPATH": "."}, stderr=subprocess.PIPE)


def test_real_kills(output, tmp_path):
    log = tmp_path / "fetched.txt"
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    dice = random.Random(seed)  # noqa: S311 - a seed to repeat it with
    n_pages = 120
    for n in range(3):
        child = start(output, "a", f"run{n}", log, n_pages)
        seen = log.stat().st_size if log.exists() else 0
        while child.poll() is None and not (log.exists() and log.stat().st_size > seen):
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 0.5))
        child.kill()
        child.communicate()
        assert_readable(output)
    last = start(output, "a", "last", log, n_pages)
    assert last.communicate()[1] == b""
    assert last.returncode == 0
    assert check_corpus(output, is_thorough=True) == []
    assert rows(output, "a") == {f"{home('a')}{n}": 1 for n in range(n_pages)}
    assert check(read_manifest(output / "runs" / "last.json")) == []


def test_two_sites_at_once(output, tmp_path):
    n_pages = 60
    children = [start(output, site, f"run-{site}", tmp_path / f"{site}.txt", n_pages) for site in "ab"]
    for child in children:
        assert child.communicate()[1] == b""
        assert child.returncode == 0
    assert check_corpus(output, is_thorough=True) == []
    with CorpusReader(output) as reader:
        hashes = Counter(article.content_hash for article in reader.articles())
        relations = reader.relations()
    n_wire = len(range(0, n_pages, smallcrawl.WIRE))
    n_short = len([n for n in range(0, n_pages, smallcrawl.WIRE) if n % 7 == 5])
    assert set(hashes.values()) == {1}
    assert relations.total() == n_wire - n_short
    assert rows(output, "a").total() == rows(output, "b").total() == n_pages
