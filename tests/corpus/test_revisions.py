"""A page that changes: its newest text is the article, every older one stays, whatever happens on the way."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from smallcrawl import extract, fetch, home, story
from test_crashes import Death, DiedError

from crawler import disk
from crawler.archive.exchange import to_page
from crawler.corpus.checks import check_corpus
from crawler.corpus.committer import Committer
from crawler.corpus.manifest import check, describe_run
from crawler.corpus.reader import CorpusReader
from crawler.corpus.rebuild import rebuild_state
from crawler.corpus.recovery import recover
from crawler.corpus.replacement import Replacement
from crawler.corpus.schema import Dataset
from crawler.dedup.index import DedupIndex
from crawler.dedup.signatures import sign
from crawler.items import Pointer
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Desk:
    """Hands pages with a text of a certain edition to the corpus, one run after another."""

    def __init__(self, output):
        self.output = output
        self.articles = {}

    def read(self, store, run_id, number, edition, *, site="a", url=None):
        """A record of page `number`, and the article it says."""
        url = url or f"{home(site)}{number}"
        exchange = fetch(f"{home(site)}{number}", site, 99)
        pointer = Pointer(f"archive/{site}/x.warc.gz", 1000 * (len(self.articles) + 1), 50)
        page = to_page(exchange, pointer, site=site, found_via="section", run_id=run_id)
        text = story(site, number) + "".join(
            f"\n\nĐính chính lần {n + 1}: con số đúng là {n + 10}." for n in range(edition)
        )
        at = NOW + timedelta(days=len(self.articles))
        article = sign(dataclasses.replace(extract(page), url=url, text=text, title=f"Bài {number}", fetched_at=at))
        record = NewRecord(url, url, "section", "article", 200, at, pointer)
        self.articles[len(self.articles) + 1] = article
        (seq,) = Records(store, site, run_id).append([record])
        assert self.articles[seq] is article
        return seq, article

    def commit(self, run_id, *editions, site="a"):
        """One run that commits these (page, edition) in one batch; returns the manifest."""
        with Store(self.output) as store, SiteLock(store, site, run_id) as lock:
            recover(store, lock)
            committer = Committer(store, site, run_id)
            for number, edition in editions:
                committer.keep(*self.read(store, run_id, number, edition, site=site))
            committer.flush()
            return self.described(store, run_id, site)

    def described(self, store, run_id, site="a"):
        manifest = describe_run(
            store,
            site,
            run_id,
            started_at=NOW,
            ended_at=NOW,
            origin="network",
            versions={},
            profile_version="",
            exit_status="finished",
        )
        assert check(manifest) == []
        return manifest

    def replay(self, run_id="again"):
        archive = self.output / "archive" / "a" / "x.warc.gz"  # a replay asks that it is there
        archive.parent.mkdir(parents=True)
        archive.write_bytes(b"x" * (1000 * len(self.articles) + 50))
        with Store(self.output) as store, SiteLock(store, "a", run_id) as lock:
            recover(store, lock, is_replay=True)
            replacement = Replacement(store, "a", run_id)
            with closing(replacement._spool):  # a death closes it too, and does nothing else
                for seq, article in self.articles.items():
                    replacement.keep(seq, article)
                replacement.finish()
            return self.described(store, run_id)

    def state(self):
        """Kept texts by id, and all texts before them."""
        with CorpusReader(self.output) as reader:
            kept = {article.id: article.text for article in reader.articles()}
            columns = ["id", "kept_id", "relation", "text", "likeness", "kept_site"]
            older = reader.dataset(Dataset.DUPLICATES).to_table(columns=columns).to_pylist()
        assert check_corpus(self.output, is_thorough=True) == []
        return kept, sorted(older, key=lambda row: (row["id"], len(row["text"])))

    def newest(self):
        return {article.id: article.text for article in self.articles.values()}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "output")


def test_the_newest_text_is_the_article_and_the_older_one_stays(desk):
    desk.commit("r1", (1, 0), (2, 0), (4, 0))
    manifest = desk.commit("r2", (2, 1))
    kept, older = desk.state()
    assert kept == desk.newest()
    assert [(row["relation"], row["text"]) for row in older] == [("revision", story("a", 2))]
    assert older[0]["id"] == older[0]["kept_id"]
    assert 0.5 < older[0]["likeness"] < 1
    assert (manifest.counts.kept, manifest.counts.duplicates, manifest.counts.carried_over) == (1, 1, 1)
    with CorpusReader(desk.output) as reader:
        for article_id, text in kept.items():
            assert reader.article(article_id).text == text


def test_several_editions_over_several_runs_and_within_one(desk):
    desk.commit("r1", (1, 0), (2, 0))
    desk.commit("r2", (1, 1), (1, 2), (2, 0))
    desk.commit("r3", (1, 3))
    kept, older = desk.state()
    assert kept == desk.newest()
    assert Counter(row["relation"] for row in older) == {"revision": 3}
    texts = {article.text for article in desk.articles.values()}
    assert {row["text"] for row in older} | set(kept.values()) == texts


def test_a_part_whose_only_article_is_revised_goes(desk):
    desk.commit("r1", (1, 0))
    desk.commit("r2", (1, 1))
    assert [path.name for path in desk.output.glob("articles/*/*")] == ["part-r2-0001.parquet"]


def test_the_index_knows_the_newest_text_only(desk):
    desk.commit("r1", (1, 0))
    desk.commit("r2", (1, 1))
    with Store(desk.output) as store:
        index = DedupIndex(store._connection)
        assert index.count() == 1
        found = index.find(dataclasses.replace(list(desk.articles.values())[1], id="0" * 32, site="b"))
    assert (found.relation, found.likeness) == ("exact_copy", 1.0)


def test_a_text_that_comes_late_does_not_replace_a_newer_one(desk):
    with Store(desk.output) as store, SiteLock(store, "a", "r1"):
        old, new = desk.read(store, "r1", 1, 0), desk.read(store, "r1", 1, 1)
        for outcome in (new, old):
            committer = Committer(store, "a", "r1")
            committer.keep(*outcome)
            committer.flush()
    kept, older = desk.state()
    assert kept == desk.newest()
    assert [row["relation"] for row in older] == ["revision"]


def test_another_address_of_an_article_is_no_newer_text_of_it(desk):
    desk.commit("r1", (1, 0))
    with Store(desk.output) as store, SiteLock(store, "a", "r2"):
        committer = Committer(store, "a", "r2")
        committer.keep(*desk.read(store, "r2", 1, 1, url=f"{home('a')}amp/1"))
        committer.flush()
    kept, _ = desk.state()
    assert list(kept.values()) == [story("a", 1)]


def test_replay_comes_to_the_same(desk, monkeypatch):
    monkeypatch.setattr("crawler.corpus.replacement.MAX_PART_ROWS", 2)
    desk.commit("r1", (1, 0), (2, 0), (3, 0))
    desk.commit("r2", (2, 1), (3, 0), (4, 0))
    desk.commit("r3", (2, 2), (4, 1))
    before = desk.state()
    desk.replay()
    assert desk.state() == before


def test_a_rebuilt_state_knows_the_newest_text(desk):
    desk.commit("r1", (1, 0), (2, 0))
    desk.commit("r2", (2, 1))
    assert rebuild_state(desk.output).problems == []
    assert desk.state()[0] == desk.newest()
    desk.commit("r3", (2, 2))
    assert desk.state()[0] == desk.newest()


def test_death_at_every_step_of_a_revision(desk, tmp_path):
    desk.commit("r1", (1, 0), (2, 0), (4, 0))
    before, n_before = shutil.copytree(desk.output, tmp_path / "before"), dict(desk.articles)
    counter = Death(1 << 30)
    with disk.hooked(counter):
        desk.commit("r2", (2, 1), (8, 0))
    for at in range(1, counter.n + 1):
        shutil.rmtree(desk.output)
        shutil.copytree(before, desk.output)
        desk.articles = dict(n_before)
        with pytest.raises(DiedError), disk.hooked(Death(at)):
            desk.commit("r2", (2, 1), (8, 0))
        seen = Counter(
            key
            for path in desk.output.glob("articles/*/*.parquet")
            for key in pq.read_table(path, columns=["id"])["id"].to_pylist()
        )
        assert set(seen.values()) <= {1}, at
        finish(desk)
        kept, older = desk.state()
        assert kept == desk.newest(), at
        is_read = any(article.text.startswith(story("a", 2) + "\n") for article in desk.articles.values())
        assert [row["text"] for row in older] == [story("a", 2)] * is_read
        assert not list((desk.output / "staging").glob("a/*"))


def finish(desk):
    """What the next run does: the records without an outcome once more."""
    with Store(desk.output) as store, SiteLock(store, "a", "r3") as lock:
        recover(store, lock)
        committer = Committer(store, "a", "r3")
        pending = [record.seq for record in Records(store, "a", "r3").pending()]
        known = {row[0] for row in store.rows("SELECT seq FROM records")}
        desk.articles = {seq: article for seq, article in desk.articles.items() if seq in known}
        for seq in pending:
            committer.keep(seq, desk.articles[seq])
        committer.flush()
