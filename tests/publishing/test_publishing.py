"""A corpus in object storage: death at every request, another machine, two writers, what goes and what stays."""

import itertools
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from publishedcrawl import DiedError, FailingObjects, PublishedCrawl, options

from crawler.archive.reader import scan_tail
from crawler.corpus.checks import check_corpus
from crawler.corpus.schema import Dataset
from crawler.crawling.publication import publication_of
from crawler.errors import FencedError, LockedError, OptionError, StorageError
from crawler.publishing.checking import check_published
from crawler.publishing.commits import Claim, Commit, Published, part_key, segment_key
from crawler.publishing.holding import claims_for
from crawler.publishing.log import CHECKPOINT_EVERY, CommitLog
from crawler.publishing.publisher import Publisher
from crawler.publishing.sharing import Access, bring_in, changing
from crawler.state.instants import now
from crawler.storage.objects import Objects

N_PAGES = 6
GROUP = 3


@pytest.fixture
def url(tmp_path):
    return f"file://{tmp_path}/bucket"


def published_keys(url):
    return CommitLog(Objects(url)).refresh().keys()


def crawl(output, objects, site="a", run_id="run", n_pages=N_PAGES):
    run = PublishedCrawl(output, objects, site, run_id, n_pages=n_pages, group=GROUP)
    run.run()
    return run


def texts(url):
    """All rows as a reader of the commits sees them: dataset, address, what it says. Every part must be whole."""
    objects = Objects(url)
    published = CommitLog(objects).refresh()
    found = []
    for part in published.parts.values():
        table = pq.read_table(url.removeprefix("file://") + "/" + part_key(part), partitioning=None)
        assert table.num_rows == part.rows
        column = "reason" if part.dataset == Dataset.REJECTED else "text"
        rows = table.select(["url", column, "archive_file", "archive_offset"]).to_pylist()
        found += [(part.dataset, *row.values()) for row in rows]
    articles = [row[:3] for row in found if row[0] == Dataset.ARTICLES]
    assert len(articles) == len(set(articles)), "an article is there twice"
    assert len(found) == len({row[3:] for row in found}), "a page has two rows"
    return {row[:3] for row in found}


def assert_rows_have_their_pages(url):
    """Each row's answer is in the archive objects, at the offset that it names."""
    objects = Objects(url)
    published = CommitLog(objects).refresh()
    places = set()
    for file, segments in published.archive.items():
        ends = [0, *(one.end for one in segments)]
        assert [one.start for one in segments] == ends[:-1], "a hole in the archive"
        for one in segments:
            path = url.removeprefix("file://") + "/" + segment_key(file, one)
            tail = scan_tail(Path(path), 0)
            places |= {(file, one.start + pointer.offset) for pointer, _ in tail}
            assert tail.problem is None
    for part in published.parts.values():
        table = pq.read_table(url.removeprefix("file://") + "/" + part_key(part), partitioning=None)
        rows = table.select(["archive_file", "archive_offset"]).to_pylist()
        assert {(row["archive_file"], row["archive_offset"]) for row in rows} <= places


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    objects = FailingObjects(f"file://{folder}/bucket")
    crawl(folder / "output", objects)
    return texts(objects.url), objects.n


def test_a_published_corpus_holds_what_the_folder_holds_and_every_row_its_page(tmp_path, url, undisturbed):
    crawl(tmp_path / "output", Objects(url))
    assert texts(url) == undisturbed[0]
    assert len(texts(url)) == N_PAGES
    assert_rows_have_their_pages(url)
    assert list(check_published(Objects(url), is_thorough=True)) == []


def deaths():
    every = int(os.environ.get("STORAGE_DEATHS", "5"))
    return [(at, at // every % 2 == 0, at // every // 2 % 2 == 0) for at in range(1, 28, every)]


@pytest.mark.parametrize("death", deaths(), ids=str)
def test_death_at_a_request_loses_and_doubles_nothing(tmp_path, url, undisturbed, death):
    """`is_new`: the working folder is lost as well; the corpus goes on from what is published."""
    at, is_late, is_new = death
    if at > undisturbed[1]:
        pytest.skip("a crawl has fewer requests")
    output = tmp_path / "output"
    with suppress(DiedError):
        crawl(output, FailingObjects(url, at, is_late=is_late))
    assert texts(url) <= undisturbed[0]  # also now a reader sees whole commits only
    if is_new:
        shutil.rmtree(output, ignore_errors=True)
    crawl(output, Objects(url), run_id="again")
    assert texts(url) == undisturbed[0]
    assert_rows_have_their_pages(url)
    assert list(check_published(Objects(url), is_thorough=True)) == []
    assert check_corpus(output, is_thorough=True) == []


def test_a_second_folder_goes_on_where_the_first_was(tmp_path, url):
    crawl(tmp_path / "one", Objects(url), n_pages=3)
    second = crawl(tmp_path / "two", Objects(url), run_id="second")
    assert second.n_fetched == 1 + N_PAGES - 3  # the listing, and what is new
    back = crawl(tmp_path / "one", Objects(url), run_id="third", n_pages=N_PAGES + 2)
    assert back.n_fetched == 1 + 2
    assert len(texts(url)) == N_PAGES + 2
    assert check_corpus(tmp_path / "one", is_thorough=True) == []


def test_a_text_of_another_site_is_a_duplicate_also_when_it_was_published_elsewhere(tmp_path, url):
    crawl(tmp_path / "one", Objects(url), "a")
    crawl(tmp_path / "two", Objects(url), "b")
    articles = [text for dataset, _, text in texts(url) if dataset == Dataset.ARTICLES]
    assert len(articles) == len(set(articles))
    assert any(dataset == Dataset.DUPLICATES for dataset, *_ in texts(url))


def test_a_task_that_works_on_one_site_alone_leaves_the_others_out_and_they_stay_published(tmp_path, url):
    crawl(tmp_path / "one", Objects(url), "a")
    alone = PublishedCrawl(tmp_path / "two", Objects(url), "b", n_pages=N_PAGES, group=GROUP)
    alone.has_neighbours = False
    alone.run()
    assert not list((tmp_path / "two").glob("articles/site=a/*"))
    assert {row[1].split("/")[2] for row in texts(url)} == {"a.example", "b.example"}
    assert list(check_published(Objects(url), is_thorough=True)) == []


def test_what_a_task_of_a_cluster_does_is_published_by_who_started_it(tmp_path, url):
    given = replace(options(tmp_path / "output"), storage=url)
    assert publication_of(given) is not None
    assert publication_of(replace(given, is_shard=True)) is None


def test_a_writer_that_was_taken_for_dead_is_refused_and_changes_nothing(tmp_path, url):
    frozen = PublishedCrawl(tmp_path / "one", Objects(url), n_pages=N_PAGES, group=GROUP)
    seen = []

    def take_over(_):
        if not seen and len(texts(url)) >= 1:
            seen.append(True)
            crawl(tmp_path / "two", Objects(url), run_id="second")
            seen.append(texts(url))

    frozen.on_fetch = take_over
    with pytest.raises(FencedError, match="taken for dead"):
        frozen.run()
    assert texts(url) == seen[1]
    crawl(tmp_path / "one", Objects(url), run_id="third")  # it may go on after it has read what came in between
    assert texts(url) == seen[1]
    assert list(check_published(Objects(url), is_thorough=True)) == []


def claim(**more):
    held = {"writer": "other", "epoch": 3, "run_id": "r", "host": "elsewhere", "pid": 4711, "at": now()}
    return Claim(**(held | more))


@pytest.mark.parametrize(
    ("more", "is_free"),
    [
        ({}, False),
        ({"is_over": True}, True),
        ({"writer": "own"}, True),
        ({"at": now().replace(year=2020)}, True),
        ({"host": os.uname().nodename, "pid": os.getppid()}, False),
        ({"host": os.uname().nodename, "pid": 2**22 + 1}, True),  # above the system's largest
    ],
)
def test_a_site_is_taken_from_its_writer_only_when_that_one_is_gone(more, is_free):
    published = Published(claims={"a": claim(**more)})
    if is_free:
        assert claims_for(published, {"a": 1}, "own", "run", 600)["a"].epoch == 4
    else:
        with pytest.raises(LockedError, match=r"a: being published by process \d+ on "):
            claims_for(published, {"a": 1}, "own", "run", 600)


def test_epochs_of_archive_files_never_come_twice_over_folders(tmp_path, url):
    for run, folder in enumerate(("one", "two", "one", "three")):
        crawl(tmp_path / folder, Objects(url), run_id=f"run{run}", n_pages=run + 1)
    files = CommitLog(Objects(url)).refresh().archive
    assert len({file.split("-")[-2] for file in files}) == 4


def test_the_log_is_read_from_its_newest_checkpoint(url):
    log = CommitLog(Objects(url))
    for number in range(1, CHECKPOINT_EVERY + 4):
        log.append(lambda before, n=number: commit(before, open={"a": n}))
    counting = FailingObjects(url)
    assert CommitLog(counting).refresh() == log.refresh()
    assert counting.n <= 2 + 1 + 3  # two listings, the checkpoint, three commits


def commit(before, **more):
    return Commit(id="x", corpus="c", number=before.number + 1, writer="w", run_id="r", at=now(), **more)


def test_of_two_commits_to_one_number_one_is_made_again(url):
    one, other = CommitLog(Objects(url)), CommitLog(Objects(url))
    seen = []

    def make(before):
        seen.append(before.number)
        if len(seen) == 1:
            other.append(lambda now_: commit(now_, open={"b": 1}))
        return commit(before, open={"a": 1})

    assert one.append(make).open == {"a": 1, "b": 1}
    assert seen == [0, 1]


def test_a_hole_in_the_log_is_an_error(url):
    log = CommitLog(Objects(url))
    for _ in range(3):
        log.append(commit)
    log.objects.delete(["commits/000000000002.json"])
    with pytest.raises(StorageError, match=r"000000000002\.json: missing"):
        CommitLog(Objects(url)).refresh()


def test_a_folder_with_another_corpus_is_refused(tmp_path, url):
    crawl(tmp_path / "one", Objects(url))
    crawl(tmp_path / "two", Objects(f"file://{tmp_path}/elsewhere"))
    with pytest.raises(OptionError, match="holds another corpus"):
        Publisher(tmp_path / "two", Objects(url))


def test_a_folder_brought_back_from_an_old_copy_takes_nothing_away(tmp_path, url):
    output = tmp_path / "output"
    crawl(output, Objects(url), n_pages=2)
    shutil.copytree(output, tmp_path / "copy")
    crawl(output, Objects(url), run_id="second")
    before = texts(url)
    shutil.rmtree(output)
    (tmp_path / "copy").rename(output)
    crawl(output, Objects(url), run_id="third")
    assert texts(url) == before
    assert check_corpus(output, is_thorough=True) == []


def access(output, url):
    return Access(output, url, 5.0, 600.0, "command")


def test_reading_brings_rows_in_and_takes_nothing(tmp_path, url):
    crawl(tmp_path / "one", Objects(url))
    before = CommitLog(Objects(url)).refresh().number
    bring_in(access(tmp_path / "reader", url))
    assert check_corpus(tmp_path / "reader", is_thorough=True) == []
    assert CommitLog(Objects(url)).refresh().number == before
    crawl(tmp_path / "one", Objects(url), run_id="second", n_pages=N_PAGES + 1)
    bring_in(access(tmp_path / "reader", url))
    crawl(tmp_path / "reader", Objects(url), "b", run_id="third")  # its index of duplicates is made first
    articles = [text for dataset, _, text in texts(url) if dataset == Dataset.ARTICLES]
    assert len(articles) == len(set(articles))


def test_what_is_erased_is_gone_from_the_storage_at_once(tmp_path, url):
    output = tmp_path / "output"
    crawl(output, Objects(url))
    secret = next(path for path in sorted((output / "archive").rglob("*.warc.gz")))
    old = {key for key in published_keys(url) if key.startswith("archive/")}
    with changing(access(output, url), is_erasing=True):
        data = bytearray(secret.read_bytes())
        data[8] ^= 1  # a byte of the first member's header that no reader minds
        secret.write_bytes(data)
    left = {found.key for found in Objects(url).list("archive")}
    assert len(old - left) == 1
    assert left == {key for key in published_keys(url) if key.startswith("archive/")}
    assert list(check_published(Objects(url), is_thorough=True)) == []


def test_missing_changed_and_orphaned_objects_are_found(tmp_path, url):
    crawl(tmp_path / "output", Objects(url))
    objects = Objects(url)
    keys = sorted(key for key in published_keys(url) if key.startswith("articles/"))
    data = objects.get(keys[0])
    for damage, words in (
        (lambda: objects.delete(keys[:1]), "missing"),
        (lambda: objects.put(keys[0], data[:-1]), f"{len(data) - 1} bytes"),
        (lambda: objects.put(keys[0], bytes(len(data))), "SHA-256 differs"),
    ):
        damage()
        assert words in next(iter(check_published(objects, is_thorough=True))).problem
    objects.put(keys[0], data)
    objects.put("articles/site=a/part-x-0001.000000000000.parquet", b"left by an upload")
    assert "belong to no commit" in next(iter(check_published(objects))).problem
    crawl(tmp_path / "output", objects, run_id="again")
    assert list(itertools.islice(check_published(objects, is_thorough=True), 1)) == []
