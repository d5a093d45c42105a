"""Few files, the same rows; death at any step leaves the one or the other."""

import os
import shutil
from contextlib import suppress

import pyarrow.parquet as pq

from crawler import disk
from crawler.commands import compact
from crawler.corpus.checks import check_corpus
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import SCHEMAS, Dataset
from tests.corpus.smallcrawl import SmallCrawl
from tests.dedup.newsdesk import Death, DiedError, assert_agreeing

N_DEATHS = int(os.environ.get("CRAWL_KILLS", "2"))


def rows(output):
    with CorpusReader(output) as reader:
        tables = {dataset: reader.dataset(dataset).to_table().to_pylist() for dataset in Dataset}
    return {dataset: sorted(found, key=repr) for dataset, found in tables.items()}


def parts(output):
    return sorted(path.relative_to(output).as_posix() for path in output.rglob("part-*.parquet"))


def test_same_rows_in_fewer_parts(scrapy, own_corpus):
    before, files = rows(own_corpus), parts(own_corpus)
    code, out, _ = scrapy(compact, own_corpus)
    assert code == 0
    assert out.startswith("2 sites changed")
    assert rows(own_corpus) == before
    folders = {path.rpartition("/")[0] for path in files}
    assert len(parts(own_corpus)) == len(folders) < len(files)
    for path in own_corpus.rglob("part-*.parquet"):
        assert pq.read_schema(path).equals(SCHEMAS[Dataset(path.parent.parent.name)], check_metadata=True)
    assert_agreeing(own_corpus)
    assert scrapy(compact, own_corpus)[1].startswith("0 sites changed")


def test_a_crawl_goes_on_after_it(scrapy, own_corpus):
    scrapy(compact, own_corpus)
    assert SmallCrawl(own_corpus, "baobaclieu", "later", n_pages=16).run().counts.kept == 2
    assert check_corpus(own_corpus, is_thorough=True) == []


def test_death_at_any_step(scrapy, own_corpus):
    start = own_corpus.with_name(f"{own_corpus.name}-start")
    shutil.copytree(own_corpus, start)
    before = rows(own_corpus)
    counter = Death(1 << 30)
    with disk.hooked(counter):
        scrapy(compact, own_corpus)
    for at in range(2, counter.n + 1, max(1, counter.n // N_DEATHS)):
        shutil.rmtree(own_corpus)
        shutil.copytree(start, own_corpus)
        with suppress(DiedError), disk.hooked(Death(at)):
            scrapy(compact, own_corpus)
        urls = [
            url
            for path in own_corpus.glob("articles/*/*.parquet")
            for url in pq.read_table(path, partitioning=None)["url"].to_pylist()
        ]
        assert len(urls) == len(set(urls))
        assert scrapy(compact, own_corpus)[0] == 0
        assert rows(own_corpus) == before
        assert_agreeing(own_corpus)
    shutil.rmtree(start)
