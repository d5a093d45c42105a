"""Posting lists: a table, sorted runs and merges say what one long list would say, and survive death at every step."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import Writer
from newsdesk import Death, DiedError, assert_agreeing, commit, deaths, kept

from crawler import disk
from crawler.dedup import postings, runs
from crawler.dedup.index import DedupIndex, rebuild
from crawler.dedup.postings import FOLDER, PostingLists
from crawler.dedup.runs import Run, merged, write_run
from crawler.dedup.signatures import sign
from crawler.errors import CorpusError

ARTICLES = st.lists(st.lists(st.integers(0, 12), max_size=6, unique=True).map(sorted), max_size=40)


@pytest.fixture
def small(monkeypatch):
    """Runs of two articles, merged with what is at most twice as long."""
    monkeypatch.setattr(postings, "TAIL_ARTICLES", 2)
    monkeypatch.setattr(postings, "MERGE_RATIO", 2)
    monkeypatch.setattr(runs, "MERGED_AT_ONCE", 4)


@settings(max_examples=60, deadline=None)
@given(ARTICLES, st.sets(st.integers(1, 40)), st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)))
def test_lists_are_what_one_list_would_be(tmp_path_factory, articles, gone, sizes):
    most, tail, ratio = sizes
    path = tmp_path_factory.mktemp("state") / "state.sqlite"
    alive = set()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, pytest.MonkeyPatch.context() as patch:
        for name, value in (("MAX_POSTINGS", most), ("TAIL_ARTICLES", tail), ("MERGE_RATIO", ratio)):
            patch.setattr(postings, name, value)
        patch.setattr(runs, "MERGED_AT_ONCE", 3)
        connection.execute("BEGIN IMMEDIATE")
        lists = PostingLists(connection)
        for number, fingerprints in enumerate(articles, start=1):
            alive.add(number)
            lists.add(number, fingerprints)
        found = lists.shared(range(13))
        everything = Counter(number for fingerprint in range(13) for number in _newest(articles, fingerprint, most))
        assert found == everything
        for number in gone & alive:
            alive.discard(number)
            lists.remove(number)
        lists = PostingLists(connection)
        patch.setattr(postings, "MAX_POSTINGS", 99)
        for number in alive:
            shared = lists.shared(articles[number - 1])
            assert shared[number] == len(articles[number - 1])
            assert {one for one in shared if one in alive} == {
                one for one in alive if set(articles[one - 1]) & set(articles[number - 1])
            }
        connection.execute("ROLLBACK")


def _newest(articles, fingerprint, most):
    return [number for number, own in enumerate(articles, start=1) if fingerprint in own][-most:]


def test_merging_drops_what_is_gone_and_keeps_the_order(tmp_path):
    pieces = [([1, 3, 3, 9], [1, 1, 2, 2]), ([0, 3, 9], [4, 3, 5])]
    some = []
    for name, (fingerprints, numbers) in enumerate(pieces):
        arrays = np.array(fingerprints, dtype=np.uint64), np.array(numbers, dtype=np.uint32)
        n = write_run(tmp_path, str(name), iter([arrays]), len(numbers), range(1, 6))
        some.append(Run(tmp_path, str(name), n))
    alive = np.array([False, True, False, True, True, True])
    (merge,) = merged(some, alive)
    assert [array.tolist() for array in merge] == [[0, 1, 3, 3, 9], [4, 1, 1, 3, 5]]


@pytest.mark.usefixtures("small")
def test_an_index_on_disk_answers_as_one_in_memory(connect, tmp_path):
    writer = Writer(41)
    articles = [sign(writer.article(writer.paragraphs(3))) for _ in range(21)]
    connection = connect(tmp_path / "state.sqlite")
    connection.execute("BEGIN IMMEDIATE")
    on_disk, in_memory = DedupIndex(connection), DedupIndex(connect(":memory:"))
    for article in articles:
        for index in (on_disk, in_memory):
            assert index.find(article) is None
            index.add(article)
    for index in (on_disk, in_memory):
        index.remove(articles[4].id)
        index.add(sign(articles[20]))
    reprints = [sign(writer.article([article.text, "(TTXVN)"], "bao9")) for article in articles]
    assert [on_disk.find(one) for one in reprints] == [in_memory.find(one) for one in reprints]
    assert on_disk.find(reprints[4]) is None
    connection.execute("COMMIT")
    (n_rows,) = connection.execute("SELECT count(*) FROM dedup_tail").fetchone()
    assert n_rows < 3
    assert len(list((tmp_path / FOLDER).iterdir())) >= 4


@pytest.mark.usefixtures("small")
def test_files_that_no_committed_state_names_are_removed(connect, tmp_path):
    writer = Writer(42)
    connection = connect(tmp_path / "state.sqlite")
    for end in ("COMMIT", "ROLLBACK"):
        connection.execute("BEGIN IMMEDIATE")
        index = DedupIndex(connection)
        for _ in range(9):
            index.add(sign(writer.article(writer.paragraphs(2))))
        connection.execute(end)
    left = {path.name.partition(".")[0] for path in (tmp_path / FOLDER).iterdir()}
    named = {f"run-{run:08d}" for (run,) in connection.execute("SELECT run FROM dedup_run")}
    assert left > named
    connection.execute("BEGIN IMMEDIATE")
    DedupIndex(connection)
    assert {path.name.partition(".")[0] for path in (tmp_path / FOLDER).iterdir()} == named


@pytest.mark.parametrize("damage", ["missing", "short"])
@pytest.mark.usefixtures("small")
def test_a_damaged_run_is_refused_until_rebuilt(connect, tmp_path, damage):
    writer = Writer(43)
    articles = [sign(writer.article(writer.paragraphs(2))) for _ in range(5)]
    connection = connect(tmp_path / "state.sqlite")
    connection.execute("BEGIN IMMEDIATE")
    index = DedupIndex(connection)
    for article in articles:
        index.add(article)
    connection.execute("COMMIT")
    path = next((tmp_path / FOLDER).glob("*.keys"))
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CorpusError, match=r"run-.*\.(keys|directory): .*scrapy dedup --rebuild"):
        DedupIndex(connection)
    connection.execute("BEGIN IMMEDIATE")
    assert rebuild(connection, articles).count() == 5
    connection.execute("COMMIT")
    copy = sign(writer.article([articles[0].text, "Hết."], "bao9"))
    assert DedupIndex(connection).find(copy).article_id == articles[0].id


@pytest.mark.usefixtures("small")
def test_a_rebuild_that_is_rolled_back_leaves_the_files(connect, tmp_path):
    writer = Writer(44)
    articles = [sign(writer.article(writer.paragraphs(2))) for _ in range(7)]
    connection = connect(tmp_path / "state.sqlite")
    connection.execute("BEGIN IMMEDIATE")
    index = DedupIndex(connection)
    for article in articles:
        index.add(article)
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    rebuild(connection, articles[:5])
    connection.execute("ROLLBACK")
    assert DedupIndex(connection).count() == 7
    copy = sign(writer.article([articles[6].text, "Hết."], "bao9"))
    assert DedupIndex(connection).find(copy).article_id == articles[6].id


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_death_at_every_step_of_a_commit_leaves_index_and_corpus_agreeing(memory_disk):
    writer = Writer(45)
    first, second = ([writer.article(writer.paragraphs(2), "bao1") for _ in range(n)] for n in (5, 2))
    commit(memory_disk / "whole", first)
    steps = []
    shutil.copytree(memory_disk / "whole", memory_disk / "done")
    with disk.hooked(lambda step, path: steps.append((step, path.parent.name))):
        commit(memory_disk / "done", second)
    assert len(kept(memory_disk / "done")) == 7
    assert sum(folder == FOLDER for _, folder in steps) > 20, "runs were written and merged"
    for at in deaths(len(steps)):
        output = memory_disk / f"at{at}"
        shutil.copytree(memory_disk / "whole", output)
        with pytest.raises(DiedError), disk.hooked(Death(at)):
            commit(output, second)
        commit(output, [writer.article([first[1].text, "(TTXVN)"], "bao2"), *second])
        assert len(kept(output)) == 7, at
        assert_agreeing(output)
        for article in [*first, *second]:
            with closing(sqlite3.connect(output / "state.sqlite", isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                copy = sign(writer.article([article.text, "Hết tin."], "bao9"))
                assert DedupIndex(connection).find(copy).article_id == article.id
                connection.execute("ROLLBACK")
        shutil.rmtree(output)
