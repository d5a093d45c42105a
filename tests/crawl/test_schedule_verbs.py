"""`scrapy schedule` as it is typed, over a newspaper on loopback: verbs, limits, signals, a person's own crawl.

`SCHEDULE_LIMITS=1` adds what takes minutes of starting and ending processes.
"""

import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from faulty import newspaper, write_profile
from mail_server import mailbox
from workshop import Workshop

from crawler.health.history import latest_verdicts
from crawler.scheduling import daemon
from crawler.scheduling.jobs import Launcher
from crawler.scheduling.planning import Planner, scheduled_sites
from crawler.scheduling.timetable import Timetable
from crawler.sites.profile import read_profiles
from crawler.state.store import Store

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LONG = pytest.mark.skipif("SCHEDULE_LIMITS" not in os.environ, reason="SCHEDULE_LIMITS=1 tries all limits")
PATIENT = {"DOWNLOAD_TIMEOUT": 30}


class Office:
    """A newspaper with a schedule and its corpus."""

    def __init__(self, folder, paper):
        self.shop = Workshop(folder, site="baobaclieu")
        self.paper = paper
        write_profile(self.shop.seeds, paper.port, extra='schedule = "every 12h"')

    def say(self, verb, *words, **settings):
        done = self.shop.scrapy("schedule", verb, *words, check=False, **settings)
        return done.returncode, done.stdout + done.stderr

    def ask(self, verb, *words, **settings):
        return json.loads(self.shop.scrapy("schedule", verb, *words, "--json", **settings).stdout)

    def n_asked(self):
        return sum(self.paper.asked.values())

    def outcomes(self):
        return [outcome for (outcome,) in self.shop.ask("SELECT outcome FROM scheduled_runs ORDER BY claimed_at")]

    def until_asked(self, n=2):
        """Wait until a crawl hangs at the home page."""
        until(lambda: self.n_asked() >= n)

    def scheduler(self, store, **limits):
        profiles, _ = read_profiles(self.shop.seeds)
        settings = [word for word in self.shop.command(**PATIENT)[3:] if word != "-s"]
        timetable = Timetable(store, Planner(scheduled_sites(profiles)))
        return daemon.Scheduler(timetable, Launcher(self.shop.output, settings), daemon.SystemClock(), **limits)


def until(is_true):
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def office(tmp_path):
    with newspaper() as paper:
        paper.change(editions=[("whole", "2026-11-01T00:00:00Z")] * 6)
        yield Office(tmp_path, paper)


def test_every_verb_does_what_it_says(office):
    (entry,) = office.ask("list")
    assert (entry["site"], entry["state"]) == ("loopback", "waiting")
    plan = office.ask("next", "--days", "7")
    assert [row["site"] for row in plan] == ["loopback"] * len(plan)
    assert len(plan) in (15, 16), "now, and twice a day for a week"
    code, said = office.say("run", "--dry-run")
    assert (code, said.count("loopback"), office.n_asked()) == (0, len(plan), 0)

    assert office.say("pause", "loopback") == (0, "loopback: paused\n")
    assert office.ask("next") == []
    code, _ = office.say("run", "--once")
    assert (code, office.n_asked(), office.ask("history")) == (0, 0, [])
    assert office.say("resume", "loopback") == (0, "loopback: resumed\n")
    (entry,) = office.ask("list")
    assert datetime.fromisoformat(entry["next_due_at"]) > datetime.now(UTC), "from its next due time on"

    code, said = office.say("once", "loopback", SCHEDULE_RUN_PAGES=4)
    assert (code, "loopback: ok" in said) == (0, True), said
    (run,) = office.ask("history")
    assert (run["outcome"], run["missed"]) == ("ok", 0)
    (manifest,) = office.shop.manifests()
    assert manifest["run_id"] == run["run_id"]
    assert 4 <= manifest["counts"]["fetched"] <= 6, "SCHEDULE_RUN_PAGES, and robots.txt and tdmrep.json"
    assert office.say("once", "nosuch")[0] == 2


def test_a_site_that_somebody_crawls_is_crawled_a_little_later(office):
    office.ask("list")  # its first time is due from here on
    office.paper.change(everything="hang")
    crawl = office.shop.start("crawl", "loopback", **PATIENT)
    office.until_asked()
    code, said = office.say("run", "--once")
    assert (code, "loopback: due, and being written by another process; waits for it" in said) == (0, True), said
    assert office.say("once", "loopback")[0] == 1
    assert office.ask("history") == []
    crawl.send_signal(signal.SIGTERM)
    crawl.wait(30)
    office.paper.change(everything="")
    assert office.say("run", "--once")[0] == 0
    assert office.outcomes() == ["ok"]


@LONG
def test_a_refused_crawl_is_tried_again_soon(office, monkeypatch):
    """The site is taken between the look and the start."""
    office.ask("list")  # its first time is due from here on
    office.paper.change(everything="hang")
    crawl = office.shop.start("crawl", "loopback", **PATIENT)
    office.until_asked()
    monkeypatch.setattr(Launcher, "is_busy", lambda *_: False)
    with Store(office.shop.output) as store:
        scheduler = office.scheduler(store)
        scheduler.begin()
        scheduler.run(is_once=True)
        assert office.outcomes() == ["busy"]
        (entry,) = scheduler.timetable.entries()
        assert entry.next_due_at < datetime.now(UTC) + timedelta(minutes=2)
    crawl.kill()
    crawl.wait()


@LONG
@pytest.mark.parametrize("is_frozen", [False, True], ids=["in order", "by force"])
def test_a_crawl_that_takes_too_long_is_ended(office, monkeypatch, is_frozen):
    office.paper.change(everything="hang")
    with Store(office.shop.output) as store:
        scheduler = office.scheduler(store, max_seconds=0.5)
        scheduler.begin()
        monkeypatch.setattr(daemon, "GRACE", timedelta(seconds=1 if is_frozen else 30))
        scheduler.timetable.sync(datetime.now(UTC))
        run = scheduler.timetable.claim("loopback", datetime.now(UTC))
        scheduler._start(run)
        office.until_asked()
        (job,) = scheduler.jobs.values()
        if is_frozen:
            os.kill(job.process.pid, signal.SIGSTOP)
        scheduler.run(is_once=True)
    assert office.outcomes() == ["time_limit"]
    assert job.process.returncode == (-signal.SIGKILL if is_frozen else 0)
    assert bool(office.shop.manifests()) is not is_frozen


@pytest.mark.slow
@pytest.mark.parametrize(("n_signals", "seconds"), [(1, 15), pytest.param(2, 5, marks=LONG)])
def test_a_signal_ends_in_order_and_the_second_at_once(office, n_signals, seconds):
    office.paper.change(everything="hang")
    process = office.shop.start("schedule", "run", **PATIENT)
    office.until_asked()
    begun = time.monotonic()
    for _ in range(n_signals):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    assert process.wait(30) == 0
    assert time.monotonic() - begun < seconds
    assert office.outcomes() == ["stopped"]
    assert len(office.shop.manifests()) == (1 if n_signals == 1 else 0)


@LONG
def test_a_crawl_above_its_memory_ends_in_order_and_says_so(office):
    office.paper.change(everything="hang")
    limits = {"MEMUSAGE_LIMIT_MB": 20, "MEMUSAGE_CHECK_INTERVAL_SECONDS": 0.2}
    code, said = office.say("once", "loopback", **PATIENT, **limits)
    assert (code, "more memory than MEMUSAGE_LIMIT_MB" in said) == (1, True), said
    assert office.outcomes() == ["failed"]
    (verdict,) = latest_verdicts(office.shop.output)
    assert verdict.causes == ("crawl_died",)
    office.paper.change(everything="")
    assert office.say("once", "loopback")[0] == 0
    assert office.shop.manifests()[-1]["counts"]["kept"] == 6


@LONG
def test_people_are_told_of_a_change_by_mail_and_nobody_of_the_password(office):
    pytest.importorskip("apprise")
    with mailbox() as box:
        place = f"mailto://toasoan:bimatlam@127.0.0.1:{box.server_address[1]}"
        alerts = {"ALERT_URLS": f"{place}?from=may@bao.example&to=nguoi@bao.example&mode=insecure"}
        said = ""
        for everything in ("forbidden", "forbidden", ""):
            office.paper.change(everything=everything)
            said += office.say("once", "loopback", **alerts)[1]
        subjects = [str(message_from_string(letter, policy=policy.default)["subject"]) for letter in box.letters]
    assert subjects == ["loopback: broken (wall)", "loopback: ok (well again)"], said
    assert len(box.logins) == len(subjects)
    written = [path.read_bytes() for path in office.shop.output.rglob("*") if path.is_file()]
    assert not [text for text in (said.encode(), *written) if b"bimatlam" in text]


@LONG
def test_a_mail_that_cannot_be_delivered_is_said_without_the_password(office):
    pytest.importorskip("apprise")
    office.paper.change(everything="forbidden")
    address = "mailto://toasoan:bimatlam@127.0.0.1:9?from=may@bao.example&to=nguoi@bao.example&mode=insecure"
    code, said = office.say("once", "loopback", ALERT_URLS=address)
    assert (code, "an alert could not be delivered" in said, "bimatlam" in said) == (0, True, False), said


def test_an_adaptive_site_is_due_soon_after_it_publishes(office):
    """Three articles on each of the last 14 mornings, crawled once at any time of day: the plan knows the morning."""
    ended = datetime.now(HANOI) - timedelta(hours=6, minutes=40)
    last = ended.replace(hour=6, minute=0, second=0, microsecond=0)
    mornings = [last - timedelta(days=day) for day in range(13, -1, -1)]
    times = [morning + timedelta(minutes=minutes) for morning in mornings for minutes in (10, 25, 40)]
    office.paper.change(editions=[("dated", time.isoformat()) for time in times], n_shown=60)
    write_profile(office.shop.seeds, office.paper.port, extra='schedule = "adaptive 2h 20h"')
    office.shop.scrapy("crawl", "loopback")
    plan = [
        datetime.fromisoformat(row["due_at"]).astimezone(HANOI)
        for row in office.ask("next", "--days", "4", SCHEDULE_ARTICLES=2)
    ]
    gaps = [later - earlier for earlier, later in pairwise(plan)]
    assert all(timedelta(hours=2) <= gap <= timedelta(hours=20) for gap in gaps)
    days = {moment.date() for moment in plan if moment.hour == 6 or (moment.hour, moment.minute) == (7, 0)}
    assert len(days) >= 3, "once each morning, while the articles come out"
    assert len(plan) <= 3 * len(days), "and seldom at other times"
