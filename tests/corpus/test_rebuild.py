from __future__ import annotations

import pytest
from smallcrawl import SmallCrawl

from crawler import disk
from crawler.corpus.checks import check_corpus
from crawler.corpus.reader import CorpusReader
from crawler.corpus.rebuild import rebuild_state
from crawler.errors import ArchiveError, CorpusError, LockedError
from crawler.state.locks import SiteLock
from crawler.state.store import Store

N_PAGES = 9


@pytest.fixture
def crawled(output):
    for site in "ab":
        SmallCrawl(output, site, f"run-{site}", n_pages=N_PAGES).run()
    return output


def facts(output):
    with CorpusReader(output) as reader:
        ids = sorted(article.id for article in reader.articles())
        return reader.parts(), reader.counts(), reader.reasons(), reader.relations(), ids


def test_a_rebuilt_state_knows_what_the_old_one_knew(crawled):
    before = facts(crawled)
    (crawled / "state.sqlite").write_bytes(b"spoilt" * 1000)
    with pytest.raises(CorpusError, match="damaged"):
        Store(crawled)
    rebuilt = rebuild_state(crawled)
    assert (rebuilt.n_rows, rebuilt.problems) == (2 * N_PAGES, [])
    assert rebuilt.aside.read_bytes().startswith(b"spoilt")
    assert facts(crawled) == before
    assert check_corpus(crawled, is_thorough=True) == []


def test_the_next_crawl_and_replay_go_on_from_it(crawled):
    (crawled / "state.sqlite").unlink()
    rebuild_state(crawled)
    before = facts(crawled)
    for site in "ab":
        run = SmallCrawl(crawled, site, f"next-{site}", n_pages=N_PAGES)
        run.run()
        assert run.n_fetched == 1
    assert facts(crawled) == before
    SmallCrawl(crawled, "c", "run-c", n_pages=N_PAGES).run()
    with CorpusReader(crawled) as reader:
        assert reader.relations("c") == {"exact_copy": 3}
    SmallCrawl(crawled, "a", "replay").replay()
    assert check_corpus(crawled, is_thorough=True) == []
    assert facts(crawled)[4] == sorted({*before[4], *facts(crawled)[4]})


def test_epochs_go_on(crawled):
    rebuild_state(crawled)
    with Store(crawled) as store, SiteLock(store, "a", "r") as lock:
        assert lock.epoch == 2


def test_a_damaged_part_is_left_out_and_made_anew(crawled):
    part = next(crawled.glob("articles/site=a/*-0001.parquet"))
    part.write_bytes(part.read_bytes()[:-9])
    twin = part.with_name("part-copy-0009.parquet")
    twin.write_bytes(next(crawled.glob("articles/site=a/*-0002.parquet")).read_bytes())
    rebuilt = rebuild_state(crawled)
    assert len(rebuilt.problems) == 2
    assert any("not readable" in problem for problem in rebuilt.problems)
    assert any("another part has too" in problem for problem in rebuilt.problems)
    run = SmallCrawl(crawled, "a", "again", n_pages=N_PAGES)
    run.run()
    assert check_corpus(crawled, is_thorough=True) == []
    with CorpusReader(crawled) as reader:
        assert len(facts(crawled)[4]) == 13
        assert reader.counts().total() == 2 * N_PAGES


def test_nothing_else_may_write(crawled):
    with Store(crawled) as store, SiteLock(store, "a", "mine"), pytest.raises(LockedError, match="mine"):
        rebuild_state(crawled)


def test_a_rebuild_that_dies_is_done_again(crawled):
    before = facts(crawled)

    class Death(BaseException):
        pass

    def die(step, _path):
        if step == "commit" and next(commits) == 1:
            raise Death

    commits = iter(range(9))
    with disk.hooked(die), pytest.raises(Death):
        rebuild_state(crawled)
    with Store(crawled) as store, SiteLock(store, "a", "r"):
        pass
    rebuild_state(crawled)
    assert facts(crawled) == before


@pytest.mark.parametrize(
    ("n_left", "complaint", "is_state_lost"),
    [(0, "gone", False), (0, "gone", True), (500, "500 bytes instead of", False)],
)
def test_a_replay_without_its_whole_archive_is_refused(crawled, n_left, complaint, is_state_lost):
    before = facts(crawled)
    file = sorted((crawled / "archive" / "a").iterdir())[1]
    file.write_bytes(file.read_bytes()[:n_left])
    for path in [file] * (not n_left) + [*crawled.glob("state.sqlite*")] * is_state_lost:
        path.unlink()
    with pytest.raises(ArchiveError, match=complaint) as refused:
        SmallCrawl(crawled, "a", "replayed").replay()
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    if not is_state_lost:
        assert facts(crawled) == before
        assert check_corpus(crawled, is_thorough=True) == []
