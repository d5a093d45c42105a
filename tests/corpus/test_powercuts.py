"""Power cuts at every other step; and proof that the model sees it when one of the protocol's steps is missing."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress

import pytest
from powercut import CutError, PowerCut
from smallcrawl import SmallCrawl, home

from crawler import disk
from crawler.archive.writer import ArchiveWriter
from crawler.corpus import committer, parts, recovery, unfinished
from crawler.corpus.checks import check_corpus
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CollectorError

N_PAGES = 6


def crawl(output, run_id):
    SmallCrawl(output, "a", run_id, n_pages=N_PAGES, group=3).run()


def replay(output, run_id):
    SmallCrawl(output, "a", run_id, n_pages=N_PAGES, group=3).replay()


def is_whole(output) -> bool:
    if check_corpus(output, is_thorough=True):
        return False
    with CorpusReader(output) as reader:
        tables = [reader.dataset(dataset).to_table(columns=["url"]) for dataset in Dataset]
    urls = sorted(url for table in tables for url in table["url"].to_pylist())
    return urls == [f"{home('a')}{n}" for n in range(N_PAGES)]


def cut(output, at, seed, action):
    """Cut, damage, run again; returns whether all is whole, and whether the cut came before the end."""
    with pytest.MonkeyPatch.context() as patch:
        model = PowerCut(at, random.Random(f"{seed} {at}"))  # noqa: S311 - a seed to repeat it with
        model.install(patch)
        with suppress(CutError), disk.hooked(model):
            action(output, "cut")
    is_cut = model.n >= at
    model.lose()
    try:
        crawl(output, "again")
    except CollectorError:
        return False, is_cut
    return is_whole(output), is_cut


def failures(output, action, *, first=1, step=2, seed=0, start=None):
    """Steps before which a cut loses or doubles something."""
    at, is_cut = first, True
    while is_cut:
        shutil.rmtree(output, ignore_errors=True)
        if start is not None:
            shutil.copytree(start, output)
        is_good, is_cut = cut(output, at, seed, action)
        if not is_good:
            yield at
        at += step


@pytest.fixture
def start(output):
    """A folder that was crawled in peace."""
    folder = output.with_name("start")
    crawl(folder, "run")
    return folder


@pytest.mark.slow
def test_cuts_in_a_crawl(output):
    assert list(failures(output, crawl, seed="crawl")) == []


@pytest.mark.slow
def test_cuts_in_a_replay(output, start):
    assert list(failures(output, replay, seed="replay", start=start, step=1)) == []


def write_unsynced(path, data):
    disk.make_folders(path.parent)
    with disk.create(path) as file:
        file.write(data)


def publish_unsynced(draft, path):
    disk.make_folders(path.parent)
    disk.rename(draft, path)


def commit_before_publishing(patch):
    late = []
    flush, publish = committer.Committer.flush, parts.publish

    def flush_then_publish(self):
        late.clear()  # what a process that died had in mind is gone
        committed = flush(self)
        while late:
            publish(*late.pop())
        return committed

    patch.setattr(parts, "publish", lambda draft, path: late.append((draft, path)))
    patch.setattr(committer.Committer, "flush", flush_then_publish)


def keep_orphans(patch):
    patch.setattr(recovery, "_remove_strays", lambda *_: 0)
    for module in (recovery, committer):
        patch.setattr(module, "take_back", lambda *_, **__: 0)


MUTANTS = {
    "archive not synced": lambda patch: patch.setattr(ArchiveWriter, "sync", lambda _: None),
    "part not synced": lambda patch: patch.setattr(parts, "write", write_unsynced),
    "folder not synced": lambda patch: patch.setattr(parts, "publish", publish_unsynced),
    "commit before publishing": commit_before_publishing,
    "orphans stay": keep_orphans,
    "leased not recovered": lambda patch: patch.setattr(recovery.Frontier, "recover", lambda _: 0),
    "pending not processed": lambda patch: patch.setattr(SmallCrawl, "process_pending", lambda _: None),
}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_missing_step_is_seen(output, monkeypatch, mutant):
    MUTANTS[mutant](monkeypatch)
    assert next(failures(output, crawl, first=30, step=2, seed="mutant"), None) is not None


REPLAY_MUTANTS = {
    "swap not turned back": lambda patch: patch.setattr(unfinished, "_turn_back", lambda *_: False),
}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", REPLAY_MUTANTS)
def test_a_missing_step_of_a_replay_is_seen(output, start, monkeypatch, mutant):
    REPLAY_MUTANTS[mutant](monkeypatch)
    assert next(failures(output, replay, first=20, step=1, seed="mutant", start=start), None) is not None
