"""Readers that take the folder as it lies, at every step of what puts files into the place of others."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import partial

import pyarrow.dataset as ds
import pytest
from test_powercuts import correct, crawled_in_two_runs, replay, without_exchange

from crawler import disk
from crawler.corpus.compaction import compact
from crawler.corpus.reader import CorpusReader
from crawler.corpus.unfinished import take_back
from crawler.state.store import Store

ACTIONS = {"compact": compact, "replay": replay, "corrections": correct}


class Onlooker:
    """Reads `articles/` before each step."""

    def __init__(self, output, *, dies_at=1 << 30):
        self.output = output
        self.dies_at = dies_at
        self.seen = []

    def __call__(self, step, path):
        del step, path
        self.look()
        if len(self.seen) >= self.dies_at:
            raise KeyboardInterrupt

    def look(self):
        self.seen.append(editions(self.output))


def editions(output):
    """Every row of a glob: which text of which article."""
    files = sorted(map(str, output.glob("articles/**/*.parquet")))
    return Counter((row["id"], row["text"]) for row in ds.dataset(files).to_table(["id", "text"]).to_pylist())


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crawled") / "output"
    crawled_in_two_runs(folder)
    return folder


@pytest.mark.parametrize("name", ACTIONS)
def test_a_glob_sees_all_rows_of_before_or_of_afterwards(crawled, output, name):
    shutil.copytree(crawled, output)
    before = editions(output)
    onlooker = Onlooker(output)
    with disk.hooked(onlooker):
        ACTIONS[name](output, "new")
    after = editions(output)
    ids = {article for article, _ in before}
    assert all(seen in (before, after) for seen in onlooker.seen)
    assert {article for article, _ in after} == ids
    assert len(before) == len(after) == len(ids)


@pytest.mark.parametrize("at", [0.5, 0.9, 0.97])
def test_so_it_does_while_a_dead_process_is_cleared_up_after(crawled, output, at):
    shutil.copytree(crawled, output)
    before = editions(output)
    counter = Onlooker(output)
    with disk.hooked(counter):
        compact(output, "first")
    shutil.rmtree(output)
    shutil.copytree(crawled, output)
    with pytest.raises(KeyboardInterrupt), disk.hooked(Onlooker(output, dies_at=round(len(counter.seen) * at))):
        compact(output, "second")
    onlooker = Onlooker(output)
    with disk.hooked(onlooker), Store(output) as store, store.transaction() as connection:
        take_back(connection, output)
    onlooker.look()
    assert all(seen == before for seen in onlooker.seen)


def test_where_folders_cannot_change_places_a_site_is_away_for_an_instant(crawled, output):
    shutil.copytree(crawled, output)
    onlooker = Onlooker(output)
    before = editions(output)
    with disk.hooked(onlooker):
        partial(without_exchange, compact)(output, "new")
    assert any(seen < before for seen in onlooker.seen)
    assert editions(output) == before


def test_files_of_others_survive_a_swap(crawled, output):
    shutil.copytree(crawled, output)
    note = output / "articles" / "site=a" / "README"
    note.write_text("mine", encoding="utf-8")
    compact(output, "new")
    assert note.read_text(encoding="utf-8") == "mine"
    with CorpusReader(output) as reader:
        assert sum(part.rows for part in reader.parts(site="a")) > 0
