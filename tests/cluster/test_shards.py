"""Crawls in folders of their own: brought back in order they are the corpus of one crawl after the other."""

import json
import os
import re
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from rows import assert_same, rows
from workshop import ROOT, Workshop

from crawler.cluster import crawls
from crawler.cluster.collection import ClusterCollection
from crawler.cluster.shards import SHARDS_FOLDER, is_out
from crawler.corpus.checks import check_corpus
from crawler.dedup.relations import Thresholds
from crawler.errors import CorpusError
from crawler.sites.profile import read_profiles
from crawler.state.store import Store

SITES = ("baobaclieu", "baobaclieu_hai")


class LateEngine:
    """Makes calls only when nobody waits for another one, the last first, as a cluster might."""

    def __init__(self):
        self.calls = []
        self.results = {}

    def start(self, function, *arguments, after=()):
        self.calls.append((function, arguments, [id(call) for call in after]))
        return self.calls[-1]

    def is_done(self, reference, _=0.0):
        waiting = [call for call in self.calls if id(call) not in self.results]
        for call in reversed(waiting):
            if all(name in self.results for name in call[2]):
                self.results[id(call)] = self.call(call[0], *call[1])
                break
        return id(reference) in self.results

    def call(self, function, *arguments):
        return function(*arguments)

    def get(self, reference):
        return self.results[id(reference)]

    def cancel(self, reference, *, is_at_once=False):
        pass


class KillingEngine(LateEngine):
    """Ends the first crawl when it has archived some articles that have no row yet, and begins it anew."""

    n_killed = 0

    def call(self, function, *arguments):
        if self.n_killed == 0:
            watcher = threading.Thread(target=self.kill, args=(Path(arguments[0].folder),))
            watcher.start()
            function(*arguments)
            watcher.join()
        return function(*arguments)

    def kill(self, folder):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(CorpusError), Store(folder, is_read_only=True) as store:
                query = "SELECT count(*) FROM records WHERE outcome IS NULL AND kind = 'article'"
                if store.rows(query)[0][0] >= 4:
                    *_, pid = json.loads((folder / "lease-000001.json").read_bytes())["pids"]
                    os.kill(pid, signal.SIGKILL)
                    self.n_killed += 1
                    return
            time.sleep(0.02)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """A paper twice: the second site repeats every article of the first, on the same host."""
    workshop = Workshop(tmp_path_factory.mktemp("paper"))
    shutil.copytree(workshop.seeds / SITES[0], workshop.seeds / SITES[1])
    path = workshop.seeds / SITES[1] / "profile.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(?m)^name = ".*"$', 'name = "Báo thứ hai"', text), encoding="utf-8")
    return workshop


def collection(paper, output, engine, monkeypatch):
    monkeypatch.chdir(ROOT)
    profiles, _ = read_profiles(paper.seeds)
    settings = [f"SEEDS_DIR={paper.seeds}", "COMMIT_SECONDS=600", "CHECKPOINT_SECONDS=0.05", "DOWNLOAD_DELAY=0"]
    arguments = {"archive": "seeds/demo.warc.gz"}
    return ClusterCollection(engine, profiles, Thresholds(extension=0.5), 1, output, settings, arguments, is_quiet=True)


def test_the_rows_of_one_crawl_after_the_other(tmp_path, paper, monkeypatch):
    archive = "archive=seeds/demo.warc.gz"
    paper.scrapy("collect", *SITES, "-j", "1", "-a", archive)
    engine = KillingEngine()
    runs = collection(paper, tmp_path, engine, monkeypatch).run(SITES)
    assert [run.exit_code for run in runs] == [0, 0], [run.complaint for run in runs]
    assert engine.n_killed == 1
    assert_same(tmp_path, paper.output)
    assert len(rows(tmp_path, "duplicates")) > len(rows(tmp_path, "articles")) // 2
    assert check_corpus(tmp_path, is_thorough=True) == []
    assert not list((tmp_path / SHARDS_FOLDER).iterdir())
    counts = {run.site: run.manifest.counts for run in runs}
    assert counts[SITES[1]].kept == 0
    assert counts[SITES[1]].duplicates >= counts[SITES[0]].kept
    assert len(engine.calls[1][2]) == len(read_profiles(paper.seeds)[0][SITES[1]].hosts), "waits for its host"


def test_what_a_collection_that_died_left_is_brought_back(tmp_path, paper, monkeypatch):
    class DiedError(Exception):
        pass

    def die(*_, **__):
        raise DiedError

    with monkeypatch.context() as patch:
        patch.setattr("crawler.cluster.collection.check_in", die)
        with pytest.raises(DiedError):
            collection(paper, tmp_path, LateEngine(), monkeypatch).run(SITES[:1])
    assert is_out(tmp_path, SITES[0])
    assert not rows(tmp_path, "articles")
    monkeypatch.setattr("crawler.cluster.collection.crawl", lambda _: crawls.NOT_BEGUN)
    (run,) = collection(paper, tmp_path, LateEngine(), monkeypatch).run(SITES[:1])
    assert run.exit_code == crawls.INTERRUPTED
    assert len(rows(tmp_path, "articles")) > 5
    assert check_corpus(tmp_path, is_thorough=True) == []
    assert not is_out(tmp_path, SITES[0])
