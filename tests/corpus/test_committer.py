from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from smallcrawl import FIRST_DAY, SmallCrawl, extract, fetch, home

from crawler import disk
from crawler.archive.exchange import to_page
from crawler.corpus.checks import check_corpus
from crawler.corpus.committer import Committer
from crawler.corpus.keeping import is_same_version, version_of
from crawler.corpus.reader import CorpusReader, SiteCount
from crawler.corpus.recovery import recover
from crawler.corpus.replacement import Replacement
from crawler.corpus.schema import Dataset
from crawler.dedup.signatures import sign
from crawler.errors import CorpusError, FencedError
from crawler.items import Pointer, Reason
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, OutcomeKey, Records
from crawler.state.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def unlocked(tmp_path):
    with Store(tmp_path / "output") as opened:
        yield opened


@pytest.fixture
def store(unlocked):
    with SiteLock(unlocked, "a", "r"):
        yield unlocked


def page(number, site="a", offset=None):
    exchange = fetch(f"{home(site)}{number}", site, 99)
    pointer = Pointer(f"archive/{site}/x.warc.gz", 100 * number if offset is None else offset, 50)
    return to_page(exchange, pointer, site=site, found_via="section", run_id="r")


def append(store, one, site="a"):
    record = NewRecord(one.url, one.url, "section", "article", 200, NOW, one.pointer)
    return Records(store, site, "r").append([record])[0]


def test_nothing_waits_nothing_happens(store):
    assert Committer(store, "a", "r").flush().parts == ()
    assert not (store.output / "articles").exists()


def test_the_same_page_read_again(store):
    committer = Committer(store, "a", "r")
    first, second, third = page(1), page(1, offset=5000), page(1, offset=9000)
    changed = sign(dataclasses.replace(extract(third), text=extract(page(2)).text))
    committer.keep(append(store, first), extract(first))
    committer.keep(append(store, second), extract(second))
    committed = committer.flush()
    assert (committed.n_kept, committed.n_duplicates, committed.n_not_an_article) == (1, 0, 1)
    committer.keep(append(store, third), changed)
    assert committer.flush().n_kept == 1
    with CorpusReader(store.output) as reader:
        assert reader.relations() == {"revision": 1}
        (row,) = reader.dataset(Dataset.DUPLICATES).to_table().to_pylist()
        assert [article.text for article in reader.articles()] == [changed.text]
    assert (row["text"], row["kept_id"]) == (extract(first).text, extract(first).id)
    assert row["kept_published_at"] == extract(first).published_at


CORRECTED = {
    "another date": ({"published_at": FIRST_DAY + timedelta(hours=3)}, True),
    "another name": ({"authors": ("Hạt Mưa", "Bến Lá")}, True),
    "a time counted back from the visit": (
        {"published_at": FIRST_DAY + timedelta(minutes=7), "published_raw": "2 giờ trước"}, False,
    ),
    "another count of words": ({"n_words": 5}, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CORRECTED)
def test_a_date_or_a_name_put_right_is_a_revision(store, name):
    changed, is_revision = CORRECTED[name]
    raw = changed.get("published_raw", "01/03/2026 09:30")
    first, second = (page(1, offset=n) for n in (100, 5000))
    old = dataclasses.replace(extract(first), authors=("Hạt Mưa",), published_raw=raw)
    new = dataclasses.replace(old, archive_offset=second.pointer.offset, **changed)
    committer = Committer(store, "a", "r")
    for one, article in ((first, old), (second, new)):
        committer.keep(append(store, one), article)
        committer.flush()
    with CorpusReader(store.output) as reader:
        assert reader.relations() == ({"revision": 1} if is_revision else {})
        (kept,) = reader.articles()
    assert kept.archive_offset == (new if is_revision else old).archive_offset


def test_versions_of_older_releases_are_compared_as_far_as_they_go():
    article = extract(page(1))
    version = version_of(article)
    later = dataclasses.replace(article, authors=("Bến Lá",))
    assert is_same_version(article, article.content_hash, version)
    assert not is_same_version(later, article.content_hash, version)
    for older in ("", version.partition("-")[0]):
        assert is_same_version(later, article.content_hash, older)


@pytest.mark.parametrize("field", ["title", "lede", "text"])
def test_a_word_put_right_is_a_revision(store, field):
    """Also where the body stays, or only a mark in it changes: duplicates are found by folded bodies."""
    first, second, third = (page(1, offset=n) for n in (100, 5000, 9000))
    old = dataclasses.replace(extract(page(1)), title="Sửa chửa cầu", lede="Cầu sửa chửa xong.")
    old = sign(dataclasses.replace(old, text=f"Sửa chửa xong.\n{old.text}"))
    new = sign(dataclasses.replace(old, **{field: getattr(old, field).replace("ửa chửa", "ửa chữa")}))
    committer = Committer(store, "a", "r")
    for one, article in ((first, old), (second, new), (third, new)):
        committer.keep(append(store, one), dataclasses.replace(article, archive_offset=one.pointer.offset))
        committer.flush()
    with CorpusReader(store.output) as reader:
        assert reader.relations() == {"revision": 1}
        (kept,) = reader.articles()
        (row,) = reader.dataset(Dataset.DUPLICATES).to_table().to_pylist()
    assert getattr(kept, field) == getattr(new, field)
    assert row[field] == getattr(old, field)
    assert row["likeness"] == 1.0
    assert store.rows("SELECT outcome, reason FROM records ORDER BY seq") == [
        ("duplicate", "revision"), ("kept", None), ("not_an_article", "unchanged"),
    ]  # fmt: skip


def test_first_record_is_kept_whatever_the_order_of_arrival(store):
    wire, again = page(3), page(6)
    seqs = [append(store, wire), append(store, again)]
    twin = sign(dataclasses.replace(extract(again), text=extract(wire).text))
    committer = Committer(store, "a", "r")
    committer.keep(seqs[1], twin)
    committer.keep(seqs[0], extract(wire))
    committer.flush()
    with CorpusReader(store.output) as reader:
        assert [article.url for article in reader.articles()] == [wire.url]
        assert reader.relations() == {"second_url": 1}


def test_a_record_gets_one_outcome_only(store):
    one = page(1)
    seq = append(store, one)
    for _ in range(2):
        committer = Committer(store, "a", "r")
        committer.keep(seq, extract(one))
        committer.flush()
    with CorpusReader(store.output) as reader:
        assert reader.counts() == {SiteCount("a", "articles"): 1}
    assert Records(store, "a", "r").outcomes() == {OutcomeKey("kept", "", is_carried_over=False): 1}


def test_an_unknown_record_is_an_error_and_changes_nothing(store):
    one = page(1)
    committer = Committer(store, "a", "r")
    committer.keep(append(store, one), extract(one))
    committer.not_an_article(77)
    with pytest.raises(CorpusError, match="record 77"):
        committer.flush()
    assert committer.n_waiting == 2
    assert check_corpus(store.output) == []


def test_a_misfit_becomes_a_row_of_rejected(store):
    one = page(1)
    committer = Committer(store, "a", "r")
    reject = committer.keep(append(store, one), dataclasses.replace(extract(one), title="\ud800"))
    assert reject.reason is Reason.SCHEMA
    committer.flush()
    with CorpusReader(store.output) as reader:
        (row,) = reader.dataset(Dataset.REJECTED).to_table().to_pylist()
    assert row["reason"] == "schema"
    assert row["title"] == "\\ud800"
    assert row["detail"].startswith("title: ")


def test_due_by_rows_and_by_age(store):
    clock = iter([0.0, 59.0, 60.0])
    committer = Committer(store, "a", "r", max_rows=2, clock=lambda: next(clock))
    committer.not_an_article(append(store, page(1)))
    assert [committer.is_due, committer.is_due] == [False, True]
    assert Committer(store, "a", "r").is_due is False
    committer.not_an_article(append(store, page(2)))
    committer._clock = lambda: 0.0
    assert committer.is_due


def test_a_failed_flush_leaves_no_file_and_can_be_repeated(store):
    one = page(1)
    committer = Committer(store, "a", "r")
    committer.keep(append(store, one), extract(one))
    n_commits = iter(range(99))

    def full_at_second_commit(step, path):
        if step == "commit" and next(n_commits) == 1:
            raise OSError(28, "made up", str(path))

    with disk.hooked(full_at_second_commit), pytest.raises(CorpusError, match="disk is full"):
        committer.flush()
    assert check_corpus(store.output) == []
    assert committer.flush().n_kept == 1
    assert check_corpus(store.output, is_thorough=True) == []


def test_orphan_of_a_dead_site_goes_before_another_site_commits(store):
    one = page(3)
    committer = Committer(store, "a", "r")
    committer.keep(append(store, one), extract(one))

    class Death(BaseException):
        pass

    def die(step, _path):
        if step == "commit" and (store.output / "articles").exists():
            raise Death

    with disk.hooked(die), pytest.raises(Death):
        committer.flush()
    assert len(list(store.output.glob("articles/*/*.parquet"))) == 1
    SmallCrawl(store.output, "b", "run-b", n_pages=9).run()
    assert {path.parent.name for path in store.output.glob("articles/*/*.parquet")} == {"site=b"}


def test_a_frozen_writer_is_fenced(store):
    one = page(1)
    committer = Committer(store, "a", "r")
    committer.keep(append(store, one), extract(one))
    replacement = Replacement(store, "a", "r")
    (store.output / "locks" / "a.lock").unlink()
    with Store(store.output) as other, SiteLock(other, "a", "newer"):
        with pytest.raises(FencedError, match="taken for dead"):
            committer.flush()
        with pytest.raises(FencedError):
            replacement.finish()
    replacement.close()
    assert not list(store.output.glob("articles/*/*"))


def test_writing_without_the_lock_is_refused(unlocked):
    with pytest.raises(FencedError):
        Committer(unlocked, "a", "r")._announce({})


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".", "x" * 101])
def test_a_run_id_must_be_a_file_name(store, run_id):
    with pytest.raises(CorpusError, match="run id"):
        Committer(store, "a", run_id)


def test_replacement_tells_whose_duplicates_lost_their_article(store):
    one = page(3)
    committer = Committer(store, "a", "r")
    seq = append(store, one)
    committer.keep(seq, extract(one))
    committer.flush()
    SmallCrawl(store.output, "b", "run-b", n_pages=9).run()
    replacement = Replacement(store, "a", "r2")
    replacement.not_an_article(seq)
    assert list(replacement.finish().stale_sites) == ["b"]
    assert check_corpus(store.output, is_thorough=True) == []


def test_recovery_names_a_missing_part(store):
    SmallCrawl(store.output, "b", "run-b", n_pages=9).run()
    part = next(store.output.glob("articles/site=b/*.parquet"))
    part.rename(part.with_suffix(".gone"))
    with SiteLock(store, "b", "r") as other, pytest.raises(CorpusError, match=f"{part.name}: committed but is missing"):
        recover(store, other)
    part.write_bytes(b"PAR1")
    with SiteLock(store, "b", "r") as other, pytest.raises(CorpusError, match="has 4 bytes instead of"):
        recover(store, other)


def test_a_lost_state_does_not_cost_the_parts(tmp_path):
    output = tmp_path / "output"
    SmallCrawl(output, "b", "run-b", n_pages=9).run()
    for path in output.glob("state.sqlite*"):
        path.unlink()
    n_parts = len(list(output.glob("articles/site=b/*.parquet")))
    for _ in range(3):
        with Store(output) as fresh, SiteLock(fresh, "b", "r") as lock, pytest.raises(CorpusError, match="rebuild"):
            recover(fresh, lock)
    assert len(list(output.glob("articles/site=b/*.parquet"))) == n_parts > 0


def test_recovery_leaves_foreign_files_alone(store):
    folder = store.output / "articles" / "site=a"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    with SiteLock(store, "b", "r") as other:
        recover(store, other)
    assert (folder / "notes.txt").exists()
    assert check_corpus(store.output) == ["articles/site=a/notes.txt: not ours"]


def test_files_carry_checksums_docs_and_parameters(store):
    one = page(1)
    committer = Committer(store, "a", "r")
    committer.keep(append(store, one), extract(one))
    (part,) = committer.flush().parts
    file = pq.ParquetFile(store.output / part.path)
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert file.schema_arrow.metadata[b"signature_permutations"] == b"128"
    assert file.schema_arrow.field("text").metadata[b"doc"].startswith(b"Lede")
