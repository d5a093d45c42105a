"""kill -9 at random moments of a real crawl, each followed by the same command."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from crawler.archive import ArchiveIndex
from crawler.corpus.checks import check_corpus

N_KILLS = int(os.environ.get("CRAWL_KILLS", "20"))
"""Kills in all; four in a row hit the same output before a last run goes to the end."""
IN_A_ROW = 4


def crawl_and_kill(workshop, moment):
    process = workshop.start("crawl", "baobaclieu")
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(-(-N_KILLS // IN_A_ROW)))
def test_nothing_is_lost_and_nothing_comes_twice(trial, workshop, newspapers, undisturbed):
    seed = int(os.environ.get("CRAWL_SEED", str(time.time_ns() % 1_000_000))) + trial
    print(f"repeat with CRAWL_SEED={seed - trial}")  # noqa: T201 - shown when it fails
    moments = random.Random(seed)  # noqa: S311 - moments, no secrets
    for _ in range(IN_A_ROW):
        crawl_and_kill(workshop, moments.uniform(0.05, 2.4))
    last = workshop.scrapy("crawl", "baobaclieu")

    articles = pd.read_parquet(workshop.output / "articles")
    assert articles["id"].is_unique
    assert sorted(articles["text"]) == sorted(pd.read_parquet(undisturbed.output / "articles")["text"]), last.stderr
    assert all_texts(workshop) == all_texts(undisturbed)
    assert check_corpus(workshop.output, is_thorough=True) == []
    assert_archive_is_whole(workshop, articles)
    assert_all_readers_agree(workshop, len(articles))
    served = Counter(entry["path"] for entry in newspapers.requests("baobaclieu") if entry["path"].endswith(".html"))
    # a kill may repeat what was in flight and not yet checkpointed: one commit group of 16 leases at the most
    assert sum(n - 1 for n in served.values()) <= IN_A_ROW * 17


def assert_all_readers_agree(workshop, n_articles):
    folder = workshop.output / "articles"
    assert duckdb.read_parquet(f"{folder}/**/*.parquet").count("*").fetchall() == [(n_articles,)]
    assert len(pl.read_parquet(folder)) == n_articles
    assert pq.read_table(folder).num_rows == n_articles
    cache = str(workshop.output.parent / "cache")
    rows = load_dataset("parquet", data_dir=str(folder), cache_dir=cache, split="train")
    assert len(rows) == n_articles
    assert len(set(rows["id"])) == n_articles


def all_texts(workshop):
    """Text of every article and duplicate by id: which of two copies is the kept one depends on which came first."""
    rows = [pd.read_parquet(workshop.output / name)[["id", "text"]] for name in ("articles", "duplicates")]
    return {(row.id, row.text) for row in pd.concat(rows).itertuples()}


def assert_archive_is_whole(workshop, articles):
    files = sorted((workshop.output / "archive").rglob("*.warc.gz"))
    index = ArchiveIndex(files)
    assert index.problems == []
    for row in articles.itertuples():
        assert index.get(row.url) is not None


@pytest.mark.slow
def test_a_crawl_that_was_frozen_and_taken_for_dead_is_fenced(workshop, undisturbed):
    frozen = workshop.start("crawl", "baobaclieu", DOWNLOAD_DELAY=0.1)
    deadline = time.monotonic() + 30
    while not list(workshop.output.glob("archive/*/*.gz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(frozen.pid, signal.SIGSTOP)
    try:
        refused = workshop.scrapy("crawl", "baobaclieu", check=False)
        assert refused.returncode == 1
        assert str(frozen.pid) in refused.stderr
        shutil.rmtree(workshop.output / "locks")  # as people do with a lock that they think is stale
        workshop.scrapy("crawl", "baobaclieu")
    finally:
        os.killpg(frozen.pid, signal.SIGCONT)
    assert frozen.wait(timeout=30) == 1
    assert check_corpus(workshop.output, is_thorough=True) == []
    articles = pd.read_parquet(workshop.output / "articles")
    assert articles["id"].is_unique
    assert len(articles) == len(pd.read_parquet(undisturbed.output / "articles"))
