"""Ordinary faults of hosts, disks and processes: the crawl ends, says what happened, and loses nothing."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from faulty import Paper, newspaper, sentences, write_profile
from scrapy.exceptions import CannotResolveHostError
from twisted.internet.error import DNSLookupError
from workshop import ROOT, STARTER, Workshop

from crawler.archive import ArchiveIndex
from crawler.crawling.downloader import failure_code
from crawler.crawling.retries import MAX_PAUSE, has_end, retry_moment
from crawler.crawling.workers import ExtractionPool
from crawler.discovery.traps import MAX_REDIRECTS
from crawler.extensions import describe
from crawler.items import Reason, Reject
from crawler.resolver import GuardResolver

DEMO = ROOT / "seeds" / "demo.warc.gz"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
N_HUNG = 20

# fault, state and reason of its address in the end, outcomes of what was archived for it
OUTCOMES = [
    ("whole", "done", None, ["kept"]),
    ("chunked", "done", None, ["kept"]),
    ("short", "done", None, ["kept"]),
    ("chunk-endless", "done", None, ["kept"]),
    ("gzip-lie", "done", None, ["kept"]),
    ("gzip-secret", "done", None, ["kept"]),
    ("deflate-raw", "done", None, ["kept"]),
    ("coding-unknown", "done", None, ["kept"]),
    ("status-odd", "done", None, ["kept"]),
    ("flaky", "done", None, ["kept", "not_an_article"]),
    ("busy", "done", None, ["kept", "not_an_article"]),
    ("cut", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("reset-in-body", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("chunk-cut", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("chunk-nonsense", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("chunk-huge", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("gzip-cut", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("brotli-cut", "failed", "truncated", ["not_an_article", "rejected truncated"]),
    ("hostile-title", "done", None, ["kept"]),
    ("bad-gzip", "done", None, ["rejected extraction_error"]),
    ("bomb", "done", None, ["rejected too_large"]),
    ("reset", "failed", "connection_lost", []),
    ("silent", "failed", "connection_lost", []),
    ("no-http", "failed", "connection_lost", []),
    ("stall", "failed", "timeout", []),
    ("drip", "failed", "timeout", []),
    ("endless", "failed", "too_large", []),
    ("huge-header", "failed", "connection_lost", []),
    ("many-headers", "failed", "too_large", []),
    ("empty", "done", None, ["rejected not_html"]),
    ("no-content", "done", None, ["rejected not_html"]),
    ("gone", "done", None, ["rejected http_error"]),
    ("unmodified", "done", None, ["rejected http_error"]),
    ("poison", "done", None, ["rejected *"]),
    ("loop", "done", None, ["not_an_article"]),
    ("self", "done", None, ["rejected http_error"]),
    ("chain", "done", None, ["not_an_article"]),
    ("respelled", "done", None, ["kept", "not_an_article", "not_an_article", "not_an_article"]),
    ("respelled-for-ever", "done", None, [*["not_an_article"] * 4, "rejected http_error"]),
    ("cookie-wall", "done", None, ["not_an_article", "rejected http_error"]),
    ("bad-location", "done", None, ["rejected http_error"]),
    ("no-location", "done", None, ["rejected http_error"]),
    ("inside", "done", None, ["not_an_article"]),
    ("private", "done", None, ["not_an_article"]),
    ("header-noai", "done", None, ["kept"]),
    ("header-tdm", "done", None, ["kept"]),
    ("meta-noai", "done", None, ["kept"]),
    ("meta-tdm", "done", None, ["kept"]),
]
OPT_OUTS = {
    "header-noai": ["noai", "noimageai"],
    "header-tdm": ["tdm-reservation"],
    "meta-noai": ["noai"],
    "meta-tdm": ["tdm-reservation"],
}
# further hosts of the same site: what the newspaper there is like, reason of its article's failure
HOSTS = {
    "http://nosuch.invalid": "robots_unreachable",
    "gone": "robots_unreachable",
    "own-certificate": "robots_unreachable",
    "vanishing": "connection_refused",
}
COMPLAINTS = {
    "http://nosuch.invalid": "unknown_host",
    "gone": "connection_refused",
    "own-certificate": "tls_error",
}


def shop_for(folder, paper, site="loopback"):
    shop = Workshop(folder, site="baobaclieu")
    shop.site = site
    write_profile(shop.seeds, paper.port, site)
    return shop


def assert_adds_up(manifest):
    counts = manifest["counts"]
    outcomes = ("kept", "duplicates", "rejected", "not_an_article", "open")
    assert counts["fetched"] + counts["carried_over"] == sum(counts[name] for name in outcomes)
    assert manifest["discovered"] == sum(manifest["frontier"].values())


@pytest.fixture(scope="module")
def faulty_crawl(tmp_path_factory):
    """All faults in one crawl; hosts of the same site that cannot be reached beside it."""
    others = {
        "gone": Paper(),
        "own-certificate": Paper("whole", is_tls=True),
        "vanishing": Paper("whole", last_answers=["/robots.txt"]),
    }
    others["gone"].close()
    bases = {name: others[name].base if name in others else name for name in HOSTS}
    links = [f"{base}/bai/whole-1.html" for base in bases.values()]
    links.append("/%2e%2e/..%2f../etc/passwd%00;%0a%1b[31m")
    with newspaper(*(fault for fault, *_ in OUTCOMES), links=links) as paper:
        shop = Workshop(tmp_path_factory.mktemp("faulty"), site="baobaclieu")
        shop.site = "loopback"
        write_profile(shop.seeds, paper.port, hosts=[base.partition("://")[2] for base in bases.values()])
        done = shop.scrapy(
            "crawl", "loopback", DOWNLOAD_TIMEOUT=3, DOWNLOAD_MAXSIZE=9_000_000, EXTRACTION_TIMEOUT=2, FETCH_ATTEMPTS=2,
            HOST_FAILURES_MAX=1000, CONCURRENT_REQUESTS_PER_DOMAIN=8,
        )  # fmt: skip
        yield shop, paper, done, bases
    for other in others.values():
        other.close()


def test_crawl_of_a_faulty_host_ends_and_adds_up(faulty_crawl):
    shop, paper, _, _ = faulty_crawl
    (manifest,) = shop.manifests()
    assert_adds_up(manifest)
    assert manifest["counts"]["open"] == 0
    assert shop.check_sum().discovered == manifest["discovered"]
    assert manifest["left_out"] == {"off_site": 2, "trap_redirects": 1}
    for state in ("failed", "left_out"):
        rows = shop.ask("SELECT reason, count(*) FROM urls WHERE state = ? GROUP BY 1", state)
        assert manifest[state] == dict(rows), "every address has its reason, in state and manifest"
    assert {state for (state,) in shop.ask("SELECT DISTINCT state FROM urls")} == {"done", "failed", "left_out"}
    assert paper.asked["/robots.txt"] == 1
    assert sum(n for path, n in paper.asked.items() if "/chain-" in path) == MAX_REDIRECTS + 1
    busy = [at for at, path in paper.times if "/busy-" in path]
    assert busy[1] - busy[0] > 1.9, "Retry-After: 2"
    between = [at for at, _ in paper.times if busy[0] <= at <= busy[1]]
    assert max(later - earlier for earlier, later in pairwise(between)) > 1.5, "the whole host is left alone"


@pytest.mark.parametrize("name", HOSTS)
def test_host_that_cannot_be_reached(faulty_crawl, name):
    shop, _, done, bases = faulty_crawl
    url = f"{bases[name]}/bai/whole-1.html"
    assert shop.ask("SELECT state, reason FROM urls WHERE url = ?", url) == [("failed", HOSTS[name])], done.stderr
    if name in COMPLAINTS:
        assert f"{bases[name]}/robots.txt: {COMPLAINTS[name]}; nothing may be fetched" in done.stderr


@pytest.mark.parametrize(("fault", "state", "reason", "outcomes"), OUTCOMES, ids=[row[0] for row in OUTCOMES])
def test_fault(faulty_crawl, fault, state, reason, outcomes):
    shop, paper, done, _ = faulty_crawl
    url = f"{paper.base}/bai/{fault}-1.html"
    assert shop.ask("SELECT state, reason FROM urls WHERE url = ?", url) == [(state, reason)], done.stderr
    found = shop.ask("SELECT outcome, coalesce(reason, '') FROM records WHERE url = ?", url)
    assert len(found) == len(outcomes)
    assert all(map(fnmatch, sorted(" ".join(filter(None, row)) for row in found), outcomes)), found
    if "kept" in outcomes:
        row = pd.read_parquet(shop.output / "articles").set_index("url").loc[url]
        assert row["text"].split("\n\n") == sentences(f"{fault}-1")
        assert list(row["opt_outs"]) == OPT_OUTS.get(fault, [])


def test_nothing_a_page_says_is_obeyed_by_the_terminal_or_names_a_file(faulty_crawl):
    shop, paper, done, _ = faulty_crawl
    url = f"{paper.base}/bai/hostile-title-1.html"
    commands = [("explain", url), ("frontier", "loopback", "--urls", "--limit", "0"), ("list",)]
    said = [shop.scrapy(*words) for words in commands] + [done]
    assert "bin/sh" in said[0].stdout
    assert "passwd" in said[1].stdout
    assert said[2].stdout.split() == ["baobaclieu", "loopback"]
    for one in said:
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", (one.stdout + one.stderr).replace("\t", "")), one
    for path in shop.output.rglob("*"):
        assert re.fullmatch(r"[a-z0-9_=TZ.-]+", path.name), "no name of a file comes from a page"
        assert "pwned" not in path.name
        assert "passwd" not in path.name


def test_hosts_that_refuse_end_the_run_with_one_line(tmp_path):
    with newspaper() as gone, newspaper("whole", robots="503 Busy") as mute, newspaper("closed-for-today") as resting:
        gone.close()
        cases = [
            (gone, r"127.0.0.1:\d+/robots.txt: connection_refused; nothing may be fetched"),
            (mute, r"127.0.0.1:\d+/robots.txt: status 503; nothing may be fetched"),
            (resting, "asks to be left alone until 20.* UTC; try again then"),
        ]

        def crawl(number):
            shop = shop_for(tmp_path / str(number), cases[number][0])
            return shop, shop.scrapy("crawl", "loopback", check=False, FETCH_ATTEMPTS=2)

        with ThreadPoolExecutor(3) as several:
            answers = list(several.map(crawl, range(len(cases))))
        for (shop, done), (_, complaint) in zip(answers, cases, strict=True):
            assert done.returncode == 1
            *_, line = done.stderr.splitlines()
            assert line.startswith("scrapy crawl: ")
            assert re.search(complaint, line), done.stderr
            assert_adds_up(shop.manifests()[0])
            shop.check_sum()
        assert mute.asked == {"/robots.txt": 2}, "nothing else is asked, and nothing without leave"
        (waiting,) = answers[2][0].ask("SELECT state, next_try_at FROM urls WHERE url LIKE '%closed%'")
        assert waiting[0] == "pending"
        assert datetime.fromtimestamp(waiting[1] / 1e6, UTC) > datetime.now(UTC) + timedelta(minutes=110)


def processes_of(session):
    """Living processes of a session: a crawl, its fork server and its workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return found


def end_by(shop, paper, sign, signals, **settings):
    """Start a crawl, wait until a path with `sign` was asked for, send signals, see how and how fast it ends."""
    words = shop.command("crawl", "loopback", **{"CONCURRENT_REQUESTS_PER_DOMAIN": 4, **settings})[3:]
    with STARTER.start(words) as started:
        deadline = time.monotonic() + 30
        while not any(sign in path for path in paper.asked) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.0)
        began = time.monotonic()
        for signum in signals:
            os.kill(started.pid, signum)
            time.sleep(0.2)
        try:
            code = started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            code = None
        took = time.monotonic() - began
        # moments, and on a loaded machine what a worker that was just being started needs to look up
        deadline = time.monotonic() + 20.0
        while (left := processes_of(started.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
    return code, took, left


def test_signals_end_a_crawl_in_order_or_at_once(tmp_path):
    """Hung requests and busy workers keep nobody waiting; the next run takes up what was in hand."""
    cases = [
        # ten seconds are promised; two more for a machine that runs four crawls at once
        ("hang", [signal.SIGTERM], 0, 12.0, {"CONCURRENT_REQUESTS_PER_DOMAIN": 20, "CONCURRENT_REQUESTS": 20}),
        ("poison", [signal.SIGINT], 130, 12.0, {"EXTRACTION_TIMEOUT": 60}),
        ("hang", [signal.SIGINT, signal.SIGINT], 130, 4.0, {}),
        ("poison", [signal.SIGKILL], -signal.SIGKILL, 4.0, {"EXTRACTION_TIMEOUT": 60}),
    ]

    def run(number):
        fault, signals, *_, settings = cases[number]
        links = [f"/bai/{fault}-{n}.html" for n in range(1, N_HUNG + 1 if fault == "hang" else 4)]
        with newspaper("whole", n_pages=3, links=links) as paper:
            shop = shop_for(tmp_path / str(number), paper)
            return shop, *end_by(shop, paper, fault, signals, **settings)

    with ThreadPoolExecutor(4) as several:
        results = list(several.map(run, range(len(cases))))
    for (shop, code, took, left), (_, _, wanted, limit, _) in zip(results, cases, strict=True):
        assert (code, left) == (wanted, [])
        assert took < limit
        shop.check_sum()
        assert not shop.ask("SELECT 1 FROM urls WHERE state = 'failed'")
    for shop, *_ in results[:2]:
        (manifest,) = shop.manifests()
        assert_adds_up(manifest)
        assert manifest["exit_status"] == "shutdown"
        assert not shop.ask("SELECT 1 FROM urls WHERE state = 'leased'")
        assert manifest["counts"]["kept"] == 3
    assert results[0][0].manifests()[0]["frontier"]["pending"] == N_HUNG
    assert results[1][0].manifests()[0]["counts"]["open"] > 0, "pages that were cut off have no outcome yet"


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """One site's part of the demonstration, collected."""
    shop = Workshop(tmp_path_factory.mktemp("collected"))
    shop.scrapy("crawl", "baobaclieu", "-a", f"archive={DEMO}")
    return shop


def test_replay_makes_rows_and_state_from_the_archive_alone(collected, tmp_path):
    shop = Workshop(tmp_path)
    shutil.copytree(collected.output, shop.output)
    before = {name: read(shop, name) for name in ("articles", "duplicates", "rejected")}
    forget(shop, "state.sqlite*", *before)
    shop.scrapy("replay", "baobaclieu")
    pd.testing.assert_frame_equal(read(shop, "articles"), before["articles"])
    for name in ("duplicates", "rejected"):
        assert list(read(shop, name)["url"]) == list(before[name]["url"])
    kinds = dict(shop.ask("SELECT kind, count(*) FROM urls WHERE state = 'done' GROUP BY 1"))
    assert {"home", "listing", "article"} <= kinds.keys()


def read(shop, dataset):
    rows = pd.read_parquet(shop.output / dataset).drop(columns="run_id")
    return rows.sort_values("url").reset_index(drop=True)


def forget(shop, *names):
    for path in [path for name in names for path in shop.output.glob(name)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_worker_that_dies_or_hangs_costs_one_page():
    async def try_all():
        pool = ExtractionPool(1, 5.0, 1_500)
        try:
            died = await pool.call(os.abort, seconds=5)
            hung = await pool.call(time.sleep, 60, seconds=0.3)
            too_much = await pool.call(bytes, 3 << 30, seconds=5)
            fine = await pool.call(len, "abc", seconds=5)
        finally:
            pool.close()
        return died, hung, too_much, fine, await pool.call(len, "abc", seconds=5)

    died, hung, too_much, fine, closed = asyncio.run(try_all())
    assert died.reason is Reason.EXTRACTION_CRASHED
    assert hung == Reject(Reason.EXTRACTION_TIMEOUT, "0.3 s")
    assert too_much == Reject(Reason.EXTRACTION_CRASHED, "out of memory")
    assert fine == 3
    assert closed is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", None),
        ("120", NOW + timedelta(minutes=2)),
        (" 7 ", NOW + timedelta(seconds=7)),
        ("9" * 400, NOW + MAX_PAUSE),
        ("Sun, 01 Mar 2026 12:30:00 GMT", NOW + timedelta(minutes=30)),
        ("Sun, 01 Mar 2026 12:30:00", NOW + timedelta(minutes=30)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None),
        ("Sun, 01 Mar 2099 11:00:00 GMT", NOW + MAX_PAUSE),
        ("Sun, 99 Mar 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after(value, moment):
    assert retry_moment(value, NOW) == moment


@pytest.mark.parametrize(
    ("body", "is_whole"),
    [
        (b"<html><body><p>a</p></body></html>\n", True),
        (b"<html><body><p>a</p></BODY >", True),
        (b"<urlset><url/></urlset>", True),
        (b"<html><body><p>a", False),
        (b"", False),
        (b"</html>" + b" " * 10_000, False),
    ],
)
def test_end_of_a_page(body, is_whole):
    assert has_end(body) is is_whole


def test_progress_is_one_line():
    line = describe("bao", {"fetched": 1200, "rejected": 3, "waiting": 40}, 60.0)
    assert line == "bao: 1,200 fetched, 3 rejected, 40 waiting; 20.0 pages/s, 2 s left"


def test_names_that_lead_inside_are_refused():
    resolver = GuardResolver.__new__(GuardResolver)
    resolver.allow_private = False
    refused = CannotResolveHostError("metadata.example")
    assert failure_code(refused, "http://metadata.example/") == "unknown_host"
    with pytest.raises(DNSLookupError, match="no public address"):
        resolver._checked("169.254.169.254", "metadata.example")
    assert failure_code(refused, "http://metadata.example/") == "private_address"
    assert resolver._checked("93.184.215.14", "paper.example") == "93.184.215.14"


def damage_header(path):
    path.write_bytes(b"spoilt" * 2000)


def damage_middle(path):
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(os.urandom(3 * 4096))


@pytest.mark.parametrize("damage", [damage_header, damage_middle, Path.unlink])
def test_damaged_state_is_said_moved_aside_and_made_anew(collected, tmp_path, damage):
    shop = Workshop(tmp_path)
    shutil.copytree(collected.output, shop.output)
    before = {name: read(shop, name) for name in ("articles", "duplicates", "rejected")}
    archived = {path: path.stat().st_size for path in shop.output.glob("archive/*/*.warc.gz")}
    for path in (shop.output / "articles").glob("site=*/*.parquet"):
        path.unlink()  # what was archived and not committed is not lost either
    forget(shop, "state.sqlite-*")
    damage(shop.output / "state.sqlite")
    done = shop.scrapy("crawl", "baobaclieu", "-a", f"archive={DEMO}")
    (line,) = done.stderr.splitlines()
    assert re.search(r"/state.sqlite: (damaged \(.*\)|gone); .*made anew from 2 rows of the corpus", line)
    assert len(list(shop.output.glob("state.sqlite.damaged-*"))) == (damage is not Path.unlink)
    for name, rows in before.items():
        pd.testing.assert_frame_equal(read(shop, name), rows)
    (manifest,) = [one for one in shop.manifests() if one["run_id"] not in {m["run_id"] for m in collected.manifests()}]
    assert_adds_up(manifest)
    asked = shop.ask("SELECT url FROM records WHERE run_id = ? AND kind = 'article'", manifest["run_id"])
    new_files = [path for path in shop.output.glob("archive/*/*.warc.gz") if path not in archived]
    fetched = [url for url in ArchiveIndex(new_files).urls() if url.endswith(".html")]
    assert fetched == [], "no article is fetched again"
    assert len(asked) == len(before["articles"])


def test_a_stage_that_fails_on_every_page_fails_the_run(tmp_path):
    shop = Workshop(tmp_path)
    stages = json.dumps({"crawler.pipelines.ExtractPipeline": 100, "tests.newspaper.broken.Stage": 150})
    done = shop.scrapy(
        "crawl", "baobaclieu", "-a", f"archive={DEMO}", check=False, ITEM_PIPELINES=stages, LOG_FILE="/dev/null"
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    told = "scrapy crawl: baobaclieu: all 14 pages ended in an internal error (TypeError: no such thing as Article)"
    assert line.startswith(told)
    (manifest,) = shop.manifests()
    assert_adds_up(manifest)
    assert manifest["exit_status"].startswith("failed: baobaclieu: all 14 pages")
