"""What is forgotten is nowhere any more, stays away, and nothing else moves."""

import gzip
import os
import shutil
import sqlite3
from contextlib import suppress

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import UsageError

from crawler import disk
from crawler.archive.forgetting import empty_member
from crawler.archive.reader import read_exchange
from crawler.commands import forget
from crawler.corpus.checks import check_corpus
from crawler.corpus.reader import CorpusReader
from crawler.corpus.rebuild import rebuild_state
from crawler.corpus.schema import Dataset
from crawler.errors import ArchiveError
from crawler.items import Pointer
from crawler.state.frontier import Frontier
from crawler.state.store import Store
from tests.corpus.smallcrawl import SmallCrawl, home, story
from tests.dedup.newsdesk import Death, DiedError

N_DEATHS = int(os.environ.get("CRAWL_KILLS", "2"))
WIRE = f"{home('baobaclieu')}3"
"""Kept from the first site; the second one's page 3 is an exact copy."""
OWN = f"{home('baobaclieu')}4"


def rows(output, dataset):
    with CorpusReader(output) as reader:
        return reader.dataset(dataset).to_table().to_pylist()


def urls(output, dataset):
    return {row["url"] for row in rows(output, dataset)}


def pointers(output, *but):
    with sqlite3.connect(output / "state.sqlite") as connection:
        found = connection.execute("SELECT file, offset, length, url FROM records").fetchall()
    connection.close()
    is_there = {file for file, *_ in found if (output / file).is_file()}
    return [Pointer(*row[:3]) for row in found if row[3] not in but and row[0] in is_there]


def assert_gone(output, url, text):
    words = text.split("\n\n")[2].encode()
    for dataset in (Dataset.ARTICLES, Dataset.DUPLICATES):
        assert url not in urls(output, dataset)
        assert not [row for row in rows(output, dataset) if row["text"] == text]
    (reject,) = [row for row in rows(output, Dataset.REJECTED) if row["url"] == url]
    assert (reject["reason"], reject["title"], reject["detail"]) == ("forgotten", None, "")
    archive = list(output.rglob("*.warc.gz"))
    assert archive
    assert not [path for path in archive if words in gzip.decompress(path.read_bytes())]
    assert check_corpus(output, is_thorough=True) == []


def test_an_article_is_nowhere_and_stays_away(scrapy, own_corpus):
    others = {pointer: read_exchange(own_corpus, pointer) for pointer in pointers(own_corpus, OWN)}
    sizes = {path: path.stat().st_size for path in own_corpus.rglob("*.warc.gz")}
    n_before = len(rows(own_corpus, Dataset.ARTICLES))
    code, out, err = scrapy(forget, own_corpus, OWN, "--yes")
    assert (code, err) == (0, "")
    assert out.startswith("1 pages are kept out; 1 rows and 1 answers")
    assert_gone(own_corpus, OWN, story("baobaclieu", 4))
    assert len(rows(own_corpus, Dataset.ARTICLES)) == n_before - 1
    assert {path: path.stat().st_size for path in own_corpus.rglob("*.warc.gz")} == sizes
    assert {pointer: read_exchange(own_corpus, pointer) for pointer in others} == others
    kinds = []
    for path in sizes:
        with path.open("rb") as file:
            kinds += [
                (record.record_type, record.verify_block_digest()) for record in ArchiveIterator(file, parse_http=False)
            ]
    assert all(is_right for kind, is_right in kinds if kind == WarcRecordType.response)
    assert [kind for kind, _ in kinds].count(WarcRecordType.metadata) == 1

    again = SmallCrawl(own_corpus, "baobaclieu", "again", n_pages=14)
    fetched = []
    again.on_fetch = fetched.append
    again.run()
    assert fetched == [home("baobaclieu")]
    with Store(own_corpus) as store:
        frontier = Frontier(store, "baobaclieu")
        frontier.retry_failed(99)
        known = frontier.get(OWN)
    assert (known.state, known.reason, known.title, known.pointer) == ("left_out", "forgotten", None, None)
    assert_gone(own_corpus, OWN, story("baobaclieu", 4))


def test_exact_copies_go_along(scrapy, own_corpus):
    copy = f"{home('baothainguyen')}3"
    assert WIRE in urls(own_corpus, Dataset.ARTICLES)
    assert copy in urls(own_corpus, Dataset.DUPLICATES)
    assert scrapy(forget, own_corpus, WIRE, "--yes")[0] == 0
    assert_gone(own_corpus, WIRE, story("baobaclieu", 3))
    assert_gone(own_corpus, copy, story("baothainguyen", 3))


def test_a_text_does_not_come_back_under_another_address(own_corpus, scrapy):
    scrapy(forget, own_corpus, WIRE, "--yes")
    late = SmallCrawl(own_corpus, "a-third-site", "late", n_pages=5)
    assert late.run().by_reason == {"forgotten": 1}
    assert not [row for row in rows(own_corpus, Dataset.ARTICLES) if row["text"] == story("x", 3)]


def test_state_made_anew_still_knows(scrapy, own_corpus):
    scrapy(forget, own_corpus, OWN, "--yes")
    rebuild_state(own_corpus)
    again = SmallCrawl(own_corpus, "baobaclieu", "again", n_pages=14)
    fetched = []
    again.on_fetch = fetched.append
    again.run()
    assert OWN not in fetched
    assert_gone(own_corpus, OWN, story("baobaclieu", 4))


def test_a_changed_reprint_takes_the_place(scrapy, own_corpus):
    kept = {row["id"]: row for row in rows(own_corpus, Dataset.ARTICLES)}
    reprints = [
        row
        for row in rows(own_corpus, Dataset.DUPLICATES)
        if row["content_hash"] != kept[row["kept_id"]]["content_hash"]
    ]
    (reprint,) = [row for row in reprints if row["relation"] not in {"revision", "same_page"}]
    scrapy(forget, own_corpus, kept[reprint["kept_id"]]["url"], "--yes")
    assert reprint["url"] in urls(own_corpus, Dataset.ARTICLES)


def test_by_condition_and_by_site(scrapy, own_corpus):
    assert scrapy(forget, own_corpus, "--where", "n_words > 500 AND section = 'Thời sự'", "--yes")[0] == 0
    assert not [
        row for row in rows(own_corpus, Dataset.ARTICLES) if row["n_words"] > 500 and row["section"] == "Thời sự"
    ]
    assert scrapy(forget, own_corpus, "--site", "baothainguyen", "--yes")[0] == 0
    assert {row["site"] for row in rows(own_corpus, Dataset.ARTICLES)} == {"baobaclieu"}
    assert check_corpus(own_corpus, is_thorough=True) == []


def test_wrong_input_changes_nothing(scrapy, own_corpus):
    before = sorted(own_corpus.rglob("*.parquet"))
    assert scrapy(forget, own_corpus, "https://nobody.example/x", "--yes")[0] == 2
    assert scrapy(forget, own_corpus, "--where", "n_words > 99999", "--yes")[0] == 2
    with pytest.raises(UsageError, match="--yes"):
        scrapy(forget, own_corpus, OWN)
    assert sorted(own_corpus.rglob("*.parquet")) == before


def test_death_at_any_step(scrapy, own_corpus):
    """Sampled: every step is one too many for a quick test."""
    start = own_corpus.with_name(f"{own_corpus.name}-start")
    shutil.copytree(own_corpus, start)
    counter = Death(1 << 30)
    with disk.hooked(counter):
        scrapy(forget, own_corpus, OWN, "--yes")
    for at in range(2, counter.n + 1, max(1, counter.n // N_DEATHS)):
        shutil.rmtree(own_corpus)
        shutil.copytree(start, own_corpus)
        with suppress(DiedError), disk.hooked(Death(at)):
            scrapy(forget, own_corpus, OWN, "--yes")
        assert scrapy(forget, own_corpus, OWN, "--yes")[::2] == (0, ""), at
        assert_gone(own_corpus, OWN, story("baobaclieu", 4))
    shutil.rmtree(start)


@given(st.integers(300, 200_000))
def test_an_empty_record_has_any_length(length):
    member = empty_member(length)
    assert len(member) == length
    assert b"WARC-Type: metadata" in gzip.decompress(member)


def test_nothing_is_too_short():
    with pytest.raises(ArchiveError):
        empty_member(100)
