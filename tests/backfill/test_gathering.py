"""Filtering a CC-NEWS file: what is taken, what is not and why, how far it was read, what is never done twice."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import ccnews
import pytest

from crawler.archive.reader import read_exchange
from crawler.backfill.gathering import Gathering
from crawler.backfill.holding import holding, sites_with_pending
from crawler.backfill.notes import TAKEN
from crawler.backfill.sieve import ORIGIN_HEADER, Sieve, Span, wanted_of
from crawler.backfill.sources import warc_sources
from crawler.crawling.offline import archived_kind
from crawler.errors import ArchiveError, LockedError, OptionError
from crawler.sites.profile import load_profile
from crawler.state.locks import SiteLock
from crawler.state.records import Records
from crawler.state.store import Store

SITES = ("baobaclieu", "baothainguyen")
HOSTS = ("baobaclieu.vn", "baothainguyen.vn")
KILLED_AFTER = (5, 2, 9, 3, 1, 7)[: int(os.environ.get("CRAWL_KILLS", "1"))]
"""Copies after which a pass is killed; every second one was noted."""
ANY_DAY = Span(None, None)
PROFILES = {site: load_profile(ccnews.ROOT / "seeds" / site) for site in SITES}


@pytest.fixture(scope="module")
def pages():
    return ccnews.demo_pages(*HOSTS)


@pytest.fixture(scope="module")
def articles(pages):
    sieve = Sieve(PROFILES.values(), Span(None, None))
    return [page for page in pages if not sieve.judge(page, sieve.site_of(page.url))]


@pytest.fixture
def file(tmp_path, pages):
    members = [ccnews.info(pages[0].fetched_at), *map(ccnews.capture, pages)]
    return ccnews.write(tmp_path / "news" / ccnews.NAME, members)


def gather(output, *files, span=ANY_DAY, run_id="ccnews-1", profiles=PROFILES, hosts=()):
    notes = []
    kinds = {site: partial(archived_kind, profile) for site, profile in profiles.items()}
    with holding(output, kinds, run_id, notes, None) as (store, locks):
        wanted = {site: wanted_of(profile, span) for site, profile in profiles.items()}
        gathering = Gathering(store, locks, Sieve(profiles.values(), span), wanted, max_bytes=1 << 30)
        found = [gathering.read(source, lambda *_: None) for source in warc_sources([str(one) for one in files], hosts)]
        gathering.close()
        return found, [*notes, *gathering.problems], sites_with_pending(store, list(profiles))


def records(output):
    with Store(output) as store:
        return [record for site in SITES for record in Records(store, site).all()]


def test_article_pages_of_the_sites_are_copied_with_where_they_come_from(tmp_path, file, articles):
    (found,), problems, pending = gather(tmp_path / "output", file)
    assert problems == []
    assert pending == list(SITES)
    copied = {record.final_url: record for record in records(tmp_path / "output")}
    assert set(copied) == {page.url for page in articles}
    assert sum(note.counts[TAKEN] for note in found.values()) == len(articles) > 20
    for page in articles:
        record = copied[page.url]
        exchange = read_exchange(tmp_path / "output", record.pointer)
        assert exchange.body == ccnews.body(page)
        assert exchange.fetched_at == page.fetched_at.replace(microsecond=0)
        name, _, offset = exchange.header(ORIGIN_HEADER).rpartition(" ")
        assert name == ccnews.NAME
        assert file.read_bytes()[int(offset) : int(offset) + 2] == b"\x1f\x8b"
        assert record.robots == "unknown"


def test_each_record_of_a_site_is_counted_once_and_says_why_it_was_not_taken(tmp_path, file, pages):
    (found,), *_ = gather(tmp_path / "output", file)
    assert sum(note.counts.total() for note in found.values()) == len(pages)
    counts = found["baobaclieu"].counts
    assert {"http_301", "http_404", "listing"} <= set(counts)


@pytest.mark.parametrize(
    ("change", "fields", "reason"),
    [
        ({}, {"WARC_Profile": "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"}, "revisit"),
        ({"status": 503}, {}, "http_503"),
        ({"headers": (("content-type", "application/pdf"),)}, {}, "not_html"),
        ({"url": "https://baobaclieu.vn/robots.txt"}, {}, "robots"),
        ({"url": "https://elsewhere.example/kinh-te/mot-bai-viet-dai-40011.html"}, {}, None),
        ({"url": "https://baobaclieu.vn.elsewhere.example/kinh-te/mot-bai-40011.html"}, {}, None),
        ({"url": "http://m.baobaclieu.vn/kinh-te/nguoi-lam-muoi-mung-vi-nang-som-55248.html?utm_source=x"}, {}, TAKEN),
        ({}, {"WARC_Truncated": "length"}, TAKEN),
        ({"headers": (("content-type", "text/html"), ("x-test-chunked", "1"))}, {}, TAKEN),
    ],
)
def test_quirks(tmp_path, articles, change, fields, reason):
    page = replace(articles[0], **change)
    file = ccnews.write(tmp_path / ccnews.NAME, [ccnews.capture(page, **fields)])
    (found,), problems, _ = gather(tmp_path / "output", file)
    assert problems == []
    assert dict(found["baobaclieu"].counts) == ({reason: 1} if reason else {})
    if reason == TAKEN:
        (record,) = records(tmp_path / "output")
        exchange = read_exchange(tmp_path / "output", record.pointer)
        assert exchange.body == ccnews.decode_body(page)
        assert exchange.truncated == fields.get("WARC_Truncated")
        assert "utm_source" not in record.url


def test_a_file_is_read_once_and_again_when_something_else_is_looked_for(tmp_path, file, articles):
    output = tmp_path / "output"
    gather(output, file)
    before = {path: path.stat().st_mtime_ns for path in (output / "archive").rglob("*")}
    gather(output, file, run_id="again")
    assert {path: path.stat().st_mtime_ns for path in (output / "archive").rglob("*")} == before
    first_day = min(page.fetched_at for page in articles).date()
    (found,), *_ = gather(output, file, span=Span(first_day - timedelta(days=1), None), run_id="third")
    assert {reason for note in found.values() for reason in note.counts} & {TAKEN} == set()
    assert sum(note.counts["known"] for note in found.values()) == len(articles)
    assert len(records(output)) == len(articles)


def test_another_site_later_reads_the_file_for_that_one_alone(tmp_path, file):
    output = tmp_path / "output"
    gather(output, file, profiles={"baobaclieu": PROFILES["baobaclieu"]})
    n_before = len(records(output))
    (found,), *_ = gather(output, file, run_id="second")
    assert len([record for record in records(output) if record.site == "baobaclieu"]) == n_before
    assert found["baothainguyen"].counts[TAKEN] > 0


def test_days_of_capture(tmp_path, file, articles):
    last_day = max(page.fetched_at for page in articles).date()
    (found,), *_ = gather(tmp_path / "output", file, span=Span(last_day + timedelta(days=1), date.max))
    assert {reason for note in found.values() for reason in note.counts} <= {"other_time", "revisit"}


def test_an_older_capture_never_takes_the_place_of_a_newer_answer(tmp_path, articles):
    newer = articles[0]
    older = replace(newer, fetched_at=newer.fetched_at - timedelta(days=9), body=ccnews.body(newer) + b"<!-- older -->")
    files = [
        ccnews.write(tmp_path / "CC-NEWS-20261101000000-00002.warc.gz", [ccnews.capture(replace(older, headers=()))]),
        ccnews.write(tmp_path / "CC-NEWS-20261101000000-00001.warc.gz", [ccnews.capture(newer)]),
    ]
    found, *_ = gather(tmp_path / "output", *files)
    assert [dict(one["baobaclieu"].counts) for one in found] == [{TAKEN: 1}, {"known": 1}]


def test_the_same_bytes_again_are_not_copied(tmp_path, articles):
    page = replace(articles[0], headers=(("content-type", "text/html"),), body=ccnews.body(articles[0]))
    later = replace(page, fetched_at=page.fetched_at + timedelta(days=1))
    file = ccnews.write(tmp_path / ccnews.NAME, [ccnews.capture(page), ccnews.capture(later)])
    (found,), *_ = gather(tmp_path / "output", file)
    assert dict(found["baobaclieu"].counts) == {TAKEN: 1, "unchanged": 1}


def test_a_cut_file_gives_its_whole_records_and_is_read_on_when_it_is_whole(tmp_path, file, articles):
    output, data = tmp_path / "output", file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    _, problems, _ = gather(output, file)
    assert len(problems) == 1
    assert "ends inside a record" in problems[0]
    assert 0 < len(records(output)) < len(articles)
    file.write_bytes(data)
    _, problems, _ = gather(output, file, run_id="second")
    assert problems == []
    assert len(records(output)) == len(articles)


def test_a_damaged_record_costs_itself_alone(tmp_path, articles):
    good = [ccnews.capture(page) for page in articles[:3]]
    import gzip

    rubbish = gzip.compress(b"no record at all\r\n\r\n")
    file = ccnews.write(tmp_path / ccnews.NAME, [good[0], rubbish, good[1], good[2]])
    (found,), problems, _ = gather(tmp_path / "output", file)
    assert found["baobaclieu"].counts[TAKEN] == 3
    assert len(problems) == 1


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, file):
    import gzip

    joined = ccnews.write(tmp_path / "joined.warc.gz", [gzip.compress(gzip.decompress(file.read_bytes()))])
    with pytest.raises(ArchiveError, match="compressed as one piece"):
        gather(tmp_path / "output", joined)
    with pytest.raises(ArchiveError, match="No such file"):
        gather(tmp_path / "output", tmp_path / "missing.warc.gz")
    with pytest.raises(OptionError, match="not among CCNEWS_HOSTS"):
        warc_sources(["https://elsewhere.example/a.warc.gz"], ["data.commoncrawl.org"])


def test_a_site_that_is_being_crawled_is_refused_before_anything_is_read(tmp_path, file):
    output = tmp_path / "output"
    with Store(output) as store, SiteLock(store, "baobaclieu", "crawl"), pytest.raises(LockedError):
        gather(output, file)
    assert not (output / "archive").exists()


def test_kill_9_at_any_moment_then_the_same_command_copies_the_rest(tmp_path, file, articles):
    output = tmp_path / "output"
    for n_records in KILLED_AFTER:
        kill_after(output, file, n_records)
    _, problems, _ = gather(output, file, run_id="last")
    assert problems == []
    found = records(output)
    assert len({record.url for record in found}) == len(found)
    assert {record.final_url for record in found} == {page.url for page in articles}
    for record in found:
        read_exchange(output, record.pointer)


def kill_after(output, file, n_records):
    """A process of its own that dies by signal 9 after so many copies; every second copy is noted."""
    code = f"""
import os, signal, sys
sys.path[:0] = [{str(ccnews.ROOT)!r}, {str(Path(__file__).parent)!r}]
from pathlib import Path
import test_gathering
from crawler.backfill import gathering
gathering.CHECKPOINT_RECORDS = 2
copied = []
append = gathering.ArchiveWriter.append
def dying(self, exchange):
    pointer = append(self, exchange)
    copied.append(pointer)
    if len(copied) == {n_records}:
        os.kill(os.getpid(), signal.SIGKILL)
    return pointer
gathering.ArchiveWriter.append = dying
test_gathering.gather(Path({str(output)!r}), Path({str(file)!r}), run_id="dying-{n_records}")
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_memory_stays_at_one_record(tmp_path, articles):
    """A file much larger than what may be held of it."""
    filler = replace(articles[0], url="https://elsewhere.example/x", body=os.urandom(1 << 20), headers=())
    one = ccnews.capture(filler)
    path = tmp_path / ccnews.NAME
    with path.open("wb") as file:
        for _ in range(40):
            file.write(one)
        file.write(ccnews.capture(articles[0]))
    code = (
        "import sys, resource, pathlib; sys.path[:0] = sys.argv[1:3]; import test_gathering;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "found, *_ = test_gathering.gather(pathlib.Path(sys.argv[3]), sys.argv[4]);"
        "print(found[0]['baobaclieu'].counts['taken'], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    words = [str(ccnews.ROOT), str(Path(__file__).parent), str(tmp_path / "output"), str(path)]
    told = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True).stdout
    n_taken, grown_kb = map(int, told.split())
    assert n_taken == 1, grown_kb
    assert grown_kb < 12_000
    shutil.rmtree(tmp_path)
