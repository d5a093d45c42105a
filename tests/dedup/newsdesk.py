"""Articles into a real corpus: archived nowhere, but noted, decided and committed as in a crawl."""

import os
import sqlite3
from dataclasses import replace
from itertools import count

from crawler.corpus.checks import check_corpus
from crawler.corpus.committer import Committer
from crawler.corpus.reader import CorpusReader
from crawler.corpus.recovery import recover
from crawler.corpus.schema import Dataset
from crawler.dedup.signatures import sign
from crawler.items import Pointer
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.store import Store

_RUNS = count(1)


def commit(output, articles):
    """Each run of articles of one site is a run of that site: in order, one transaction each."""
    waiting = list(articles)
    while waiting:
        site = waiting[0].site
        n = next((index for index, article in enumerate(waiting) if article.site != site), len(waiting))
        _commit_site(output, site, waiting[:n])
        waiting = waiting[n:]


def _commit_site(output, site, articles):
    run_id = f"{site}-{next(_RUNS):04d}"
    with Store(output) as store, SiteLock(store, site, run_id) as lock:
        recover(store, lock)
        committer = Committer(store, site, run_id)
        for number, article in enumerate(articles):
            pointer = Pointer(f"archive/{site}/{run_id}.warc.gz", number * 100, 100)
            record = NewRecord(article.url, article.url, "section", "article", 200, article.fetched_at, pointer)
            (seq,) = Records(store, site, run_id).append([record])
            placed = replace(article, run_id=run_id, archive_file=pointer.file, archive_offset=pointer.offset)
            assert committer.keep(seq, sign(replace(placed, archive_length=100))) is None
        committer.flush()


def kept(output):
    with CorpusReader(output) as reader:
        return {article.id: article for article in reader.articles()}


def duplicates(output):
    with CorpusReader(output) as reader:
        return reader.dataset(Dataset.DUPLICATES).to_table().to_pylist()


def assert_agreeing(output):
    """Files, manifest, records, kept ids and index say the same."""
    assert check_corpus(output, is_thorough=True) == []
    with sqlite3.connect(output / "state.sqlite") as connection:
        query = "SELECT id FROM dedup_article ORDER BY id"
        indexed = [row[0] for row in connection.execute(query)]
        known = [row[0] for row in connection.execute("SELECT id FROM kept ORDER BY id")]
        parts = {row[0] for row in connection.execute("SELECT path FROM parts")}
        query = "SELECT part FROM records WHERE outcome IN ('kept', 'duplicate') UNION SELECT part FROM kept"
        named = {row[0] for row in connection.execute(query)}
    connection.close()
    articles = kept(output)
    assert indexed == known == sorted(articles)
    assert named <= parts
    for row in duplicates(output):
        assert row["kept_url"] == articles[row["kept_id"]].url


def deaths(n_steps):
    """Steps at which a process is ended: every third and the last; all of them where EVERY_STEP is set."""
    stride = 1 if os.environ.get("EVERY_STEP") else 3
    return sorted({*range(1, n_steps + 1, stride), n_steps})


class DiedError(BaseException):
    """The process is gone; no handler of the code under test may catch it."""


class Death:
    """Ends the process before step `at`, and allows nothing after it."""

    def __init__(self, at):
        self.at = at
        self.n = 0

    def __call__(self, step, path):
        self.n += 1
        if self.n >= self.at:
            raise DiedError(f"{step} {path}")
