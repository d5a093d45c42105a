"""Verdicts on real crawls: a newspaper that publishes day by day is well, and each trouble it can have gets its name.

`HEALTHY_RUNS` sets how many crawls of the healthy newspaper there are (50 for the long form).
"""

import json
import os
import random
import resource
import shutil
import socket
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from faulty import newspaper, write_profile
from workshop import Workshop

from crawler.health import Cause, Level
from crawler.health.history import latest_verdicts
from crawler.scheduling.jobs import Launcher, end_at_once, end_in_order
from crawler.scheduling.timetable import ScheduledRun
from crawler.state.locks import is_being_written

N_RUNS = int(os.environ.get("HEALTHY_RUNS", "5"))
QUICK = {"FETCH_ATTEMPTS": 2, "FETCH_BACKOFF": 0.05, "DOWNLOAD_TIMEOUT": 1, "RECHECK_AFTER": "3600"}
NORMAL = {"everything": "", "is_tls": False, "robots": "404 Not Found", "sitemap": True}
DAYS = timedelta(days=9)


class Desk:
    """A newspaper and the corpus of it."""

    def __init__(self, folder, paper):
        self.shop = Workshop(folder, site="baobaclieu")
        self.shop.site = "loopback"
        self.paper = paper
        self.editions = []
        self.n_runs = 0
        write_profile(self.shop.seeds, paper.port)

    def copy(self, folder):
        """The same newspaper with the same past."""
        other = Desk(folder, self.paper)
        shutil.copytree(self.shop.output, other.shop.output)
        other.editions, other.n_runs = [*self.editions], self.n_runs
        self.paper.change(editions=other.editions, **NORMAL)
        return other

    def point_at(self, base):
        """Let the profile name another host."""
        path = self.shop.seeds / "loopback" / "profile.toml"
        text = path.read_text(encoding="utf-8").replace(f"http://127.0.0.1:{self.paper.port}", base)
        path.write_text(
            text.replace(f'"127.0.0.1:{self.paper.port}"', f'"{base.partition("://")[2]}"'), encoding="utf-8"
        )

    def publish(self, *faults, age=timedelta()):
        at = f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%SZ}"
        self.editions += [(fault, at) for fault in faults]
        self.paper.change(editions=self.editions)

    def crawl(self, **settings):
        """One crawl, and the verdict on it."""
        self.n_runs += 1
        run_id = f"loopback-20260101T000000Z-{self.n_runs:04}"
        done = self.shop.scrapy("crawl", "loopback", "-a", f"run_id={run_id}", check=False, **(QUICK | settings))
        (verdict,) = latest_verdicts(self.shop.output)
        return done, verdict

    def pass_time(self, span):
        """What happened so far was so much earlier."""
        for path in (self.shop.output / "runs").glob("*.json"):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for fields, name in ((manifest, "started_at"), (manifest, "ended_at"), (manifest["traffic"], "newest_at")):
                if fields[name]:
                    fields[name] = (datetime.fromisoformat(fields[name]) - span).isoformat()
            path.write_text(json.dumps(manifest), encoding="utf-8")
        micros = span // timedelta(microseconds=1)
        with closing(sqlite3.connect(self.shop.output / "state.sqlite")) as connection, connection:
            connection.execute("UPDATE kept SET published_at = published_at - ?", (micros,))
            connection.execute("UPDATE urls SET last_fetched_at = last_fetched_at - ?", (micros,))
        self.editions = [
            (fault, f"{datetime.fromisoformat(at) - span:%Y-%m-%dT%H:%M:%SZ}") for fault, at in self.editions
        ]


@pytest.mark.slow
def test_a_newspaper_that_publishes_day_by_day_is_well(tmp_path):
    chance = random.Random(20261122)  # noqa: S311 - news, no secrets
    with newspaper() as paper:
        desk = Desk(tmp_path, paper)
        found = []
        for n in range(N_RUNS):
            news = ["dated"] * (chance.randrange(1, 6) if n % 4 != 3 else 0)  # nobody writes at night
            odd = [fault for fault in ("thin", "copy", "gone", "flaky", "cut") if chance.random() < 0.12]
            desk.publish(*news, *odd)
            _, verdict = desk.crawl()
            found.append(verdict.findings)
            desk.pass_time(timedelta(hours=6))
    assert found == [()] * N_RUNS


def lose_name(desk):
    desk.point_at("http://bao.invalid")


def expire_certificate(desk):
    desk.point_at(desk.paper.base.replace("http:", "https:"))
    desk.paper.change(is_tls=True)


def refuse_connections(desk):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    desk.point_at(f"http://127.0.0.1:{port}")


def behave(**fields):
    """A newspaper that answers in another way."""
    return lambda desk: desk.paper.change(**fields)


def publish(*faults):
    """New articles with something wrong with them."""
    return lambda desk: desk.publish(*faults)


def fall_silent(desk):
    desk.pass_time(DAYS)
    desk.paper.change(editions=desk.editions)


TROUBLE = [
    # cause, what happens to the newspaper, level
    (Cause.DNS_GONE, lose_name, Level.BROKEN),
    (Cause.CERTIFICATE, expire_certificate, Level.BROKEN),
    (Cause.UNREACHABLE, refuse_connections, Level.BROKEN),
    (Cause.UNREACHABLE, behave(everything="reset", robots="reset"), Level.BROKEN),
    (Cause.UNREACHABLE, behave(everything="hang", robots="hangs"), Level.BROKEN),
    (Cause.WALL, behave(everything="forbidden"), Level.BROKEN),
    (Cause.WALL, publish(*["login"] * 6), Level.BROKEN),
    (Cause.SERVER_ERRORS, behave(everything="down", robots="502 Bad"), Level.BROKEN),
    (Cause.ROBOTS_CHANGED, behave(robots="User-agent: *\nDisallow: /\n"), Level.BROKEN),
    (Cause.ROBOTS_CHANGED, behave(robots="to itself"), Level.BROKEN),
    (Cause.LAYOUT_CHANGED, publish(*["relaid"] * 6), Level.BROKEN),
    (Cause.SOURCE_DEAD, behave(sitemap=False), Level.WATCH),
    (Cause.MOVED, behave(everything="elsewhere"), Level.BROKEN),
    (Cause.ONLY_OLD, fall_silent, Level.WATCH),
    (Cause.ALL_DUPLICATES, publish(*["copy"] * 6), Level.BROKEN),
    (Cause.SOFT_404, publish(*["missing"] * 6), Level.BROKEN),
    (Cause.REJECTS, publish(*["thin"] * 6), Level.BROKEN),
    (Cause.SLOW, publish(*["hang"] * 2), Level.BROKEN),
    (Cause.ASKED_TO_WAIT, behave(everything="closed_for_today"), Level.WATCH),
]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A newspaper that was crawled twice and did well."""
    with newspaper() as paper:
        desk = Desk(tmp_path_factory.mktemp("healthy"), paper)
        for n in (4, 5):
            desk.publish(*["dated"] * n)
            _, verdict = desk.crawl()
            assert verdict.findings == ()
            desk.pass_time(timedelta(hours=6))
        yield desk


@pytest.mark.slow
@pytest.mark.parametrize(("cause", "happen", "level"), TROUBLE, ids=[f"{n}-{row[0]}" for n, row in enumerate(TROUBLE)])
def test_trouble_is_named_first_with_evidence(healthy, tmp_path, cause, happen, level):
    desk = healthy.copy(tmp_path)
    happen(desk)
    done, verdict = desk.crawl()
    assert verdict.findings, done.stderr
    assert (verdict.findings[0].cause, verdict.level) == (cause, level), verdict.findings
    assert f"loopback: {level}: {cause}: {verdict.findings[0].evidence}" in done.stderr


def begin(desk):
    """A crawl that waits for an answer, started by the launcher of the scheduler, which keeps its log."""
    desk.publish("hang")
    address = f"/bai/hang-{len(desk.editions)}.html"
    n_before = desk.paper.asked[address]
    settings = desk.shop.command(DOWNLOAD_TIMEOUT=30)[3:]
    launcher = Launcher(desk.shop.output, [pair for pair in settings if pair != "-s"])
    at = datetime.now(UTC)
    job = launcher.start(ScheduledRun("loopback", at, "loopback-20260102T000000Z-0001", 0, at, None))
    until(lambda: desk.paper.asked[address] > n_before)
    return job


def until(is_true):
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_crawl_that_is_killed_is_not_passed_over(healthy, tmp_path):
    desk = healthy.copy(tmp_path)
    job = begin(desk)
    assert latest_verdicts(desk.shop.output)[0].level is Level.OK, "it still runs"
    end_at_once(job)
    until(job.outcome)
    (verdict,) = latest_verdicts(desk.shop.output)
    assert (verdict.level, verdict.causes) == (Level.BROKEN, (Cause.CRAWL_DIED,))
    assert latest_verdicts(desk.shop.output)[0].run_id == job.run.run_id
    until(lambda: not is_being_written(desk.shop.output, "loopback"))  # its workers notice a moment later
    done, verdict = desk.crawl()
    assert Cause.CRAWL_DIED not in verdict.causes, done.stderr


@pytest.mark.slow
def test_a_crawl_that_cannot_write_says_so(healthy, tmp_path):
    desk = healthy.copy(tmp_path)
    job = begin(desk)
    resource.prlimit(job.process.pid, resource.RLIMIT_FSIZE, (50_000, 50_000))  # the log has room, the state has not
    end_in_order(job)
    until(job.outcome)
    (verdict,) = latest_verdicts(desk.shop.output)
    assert (job.outcome(), verdict.level, verdict.causes) == ("failed", Level.BROKEN, (Cause.NO_DISK,)), verdict
