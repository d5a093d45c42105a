"""Months of scheduling in seconds: an injected clock, kills, sleeps, wrong clocks, two schedulers at once."""

import random
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crawler.errors import LockedError
from crawler.scheduling.daemon import Scheduler
from crawler.scheduling.jobs import Job
from crawler.scheduling.planning import Planner, ScheduledSite
from crawler.scheduling.timetable import Timetable
from crawler.sites.schedules import parse_schedule
from crawler.state.store import Store

# fsyncs are not what is tried here: a memory disk where there is one
DISK = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - folders of their own are made in it
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
RULES = ["every 6h", "every 45m", "30 5,17 * * *", "0 * * * *", "every 1d", "30 2 * * *"]
ZONES = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"]
"""The last leaves out 2:30 on 8 March 2026, the second on 29 March."""
SPRING = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(dir=DISK) as name:
        yield Path(name)


class FakeClock:
    def __init__(self, begin=BEGIN):
        self.moment = begin

    def now(self):
        return self.moment

    def sleep(self, seconds):
        self.moment += timedelta(seconds=seconds)


class FakeJob(Job):
    def __init__(self, run, world, seconds):
        super().__init__(run)
        self.world = world
        self.ends_at = world.clock.now() + timedelta(seconds=seconds)
        self.is_over = False

    def outcome(self):
        # a clock that is set back brings no process back to life
        self.is_over = self.is_over or self.world.clock.now() >= self.ends_at
        return "ok" if self.is_over else None

    def signal(self, signum):  # noqa: ARG002 - as Job's
        self.is_over = True


class World:
    """Crawls that live on when their scheduler dies; what a real machine keeps in processes and locks."""

    def __init__(self, clock, chance):
        self.clock = clock
        self.chance = chance
        self.jobs = {}
        self.started = []
        self.overlaps = []
        self.busy = set()
        """Sites that somebody else crawls."""

    def start(self, run):
        running = self.jobs.get(run.site)
        if running is not None and running.outcome() is None:
            self.overlaps.append(run.site)
            raise LockedError(run.site)
        self.jobs[run.site] = FakeJob(run, self, self.chance.expovariate(1 / 600))
        self.started.append(run)
        return self.jobs[run.site]

    def is_busy(self, site):
        return site in self.busy

    def adopt(self, run):
        job = self.jobs.get(run.site)
        return job if job is not None and job.run.run_id == run.run_id else None


def planner_of(n_sites):
    rules = {f"site{n:02}": (RULES[n % len(RULES)], ZONES[n // len(RULES) % len(ZONES)]) for n in range(n_sites)}
    sites = {key: ScheduledSite(key, text, zone, parse_schedule(text)) for key, (text, zone) in rules.items()}
    return Planner(sites, spread_seconds=300)


class Machine:
    """One machine, on which schedulers come and go."""

    def __init__(self, folder, n_sites, seed, begin=BEGIN):
        self.clock = FakeClock(begin)
        self.chance = random.Random(seed)  # noqa: S311 - moments, no secrets
        self.world = World(self.clock, self.chance)
        self.planner = planner_of(n_sites)
        self.stores = []
        self.folder = folder
        self.schedulers = []
        self.boot()

    def boot(self):
        store = Store(self.folder)
        self.stores.append(store)
        scheduler = Scheduler(Timetable(store, self.planner), self.world, self.clock, n_jobs=50)
        scheduler.begin()
        self.schedulers.append(scheduler)

    def kill(self):
        self.schedulers.pop(0)
        self.stores.pop(0).close()

    def pass_time(self, minutes):
        for _ in range(minutes):
            for scheduler in self.schedulers:
                scheduler.tick()
            self.clock.sleep(60)

    def check(self):
        assert self.world.overlaps == []
        due = Counter((run.site, run.due_at) for run in self.world.started)
        assert all(n == 1 for n in due.values())

    def check_none_missing(self):
        """Every due time between two runs of a site is counted as missed by one of them."""
        by_site = defaultdict(list)
        for run in self.world.started:
            by_site[run.site].append(run)
        for site, runs in by_site.items():
            for run, later in pairwise(runs):
                stood_for = self.planner.n_missed(site, run.due_at, later.due_at)
                assert stood_for == run.n_missed + 1, (site, run, later)

    def check_nobody_waits(self):
        """After a turn with room for all, what is due and not crawled is being crawled or paused."""
        for scheduler in self.schedulers:
            scheduler.tick()
            assert scheduler.timetable.due(self.clock.now()) == []

    def close(self):
        for store in self.stores:
            store.close()


@pytest.mark.slow
@pytest.mark.parametrize("begin", [BEGIN, SPRING], ids=["autumn", "spring"])
def test_a_month_with_kills_a_long_sleep_and_two_schedulers(folder, begin):
    machine = Machine(folder, 40, seed=20261122, begin=begin)
    for day in range(31):
        machine.pass_time(machine.chance.randrange(30, 90))
        if day == 10:
            machine.clock.sleep(9 * 3600)
        if day in (5, 20):
            machine.boot()
        if day % 3 == 0:
            machine.kill()
            machine.clock.sleep(machine.chance.randrange(0, 4000))
            if not machine.schedulers:
                machine.boot()
        machine.clock.sleep(20 * 3600 if day % 7 == 6 else 3 * 3600)
    machine.pass_time(120)
    machine.check()
    machine.check_none_missing()
    machine.check_nobody_waits()
    assert {run.site for run in machine.world.started} == set(machine.planner.sites)
    machine.close()


@settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
class Life(RuleBasedStateMachine):
    """Any order of what can happen to a scheduler."""

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed):
        self.folder = tempfile.TemporaryDirectory(dir=DISK)
        self.machine = Machine(Path(self.folder.name), 6, seed)
        self.is_clock_sound = True

    @rule(minutes=st.integers(1, 200))
    def work(self, minutes):
        self.machine.pass_time(minutes)

    @rule(hours=st.integers(1, 40))
    def sleep(self, hours):
        self.machine.clock.sleep(hours * 3600)

    @rule(minutes=st.integers(-180, 180))
    def set_clock(self, minutes):
        self.machine.clock.sleep(minutes * 60)
        self.is_clock_sound &= minutes >= 0

    @rule(site=st.integers(0, 5), is_busy=st.booleans())
    def somebody_else_crawls(self, site, is_busy):
        busy = self.machine.world.busy
        busy.add(f"site{site:02}") if is_busy else busy.discard(f"site{site:02}")

    @rule()
    def kill_one(self):
        if self.machine.schedulers:
            self.machine.kill()

    @rule()
    def boot_one(self):
        if len(self.machine.schedulers) < 2:
            self.machine.boot()

    @invariant()
    def every_due_time_once_and_no_overlap(self):
        if hasattr(self, "machine"):
            self.machine.check()
            if self.is_clock_sound:
                self.machine.check_none_missing()

    def teardown(self):
        if hasattr(self, "machine"):
            self.machine.close()
            self.folder.cleanup()


TestLife = Life.TestCase


def test_a_clock_that_was_years_ahead_does_not_silence_a_site(folder):
    machine = Machine(folder, 5, seed=1)
    machine.pass_time(10)
    machine.clock.moment = BEGIN + timedelta(days=900)
    machine.pass_time(60)
    machine.clock.moment = BEGIN + timedelta(days=1)
    n_before = Counter(run.site for run in machine.world.started)
    machine.world.jobs.clear()
    machine.kill()
    machine.boot()
    for run in machine.schedulers[0].timetable.open_runs():
        machine.schedulers[0].timetable.ended(run, machine.clock.now(), "lost")
    machine.pass_time(25 * 60)
    n_after = Counter(run.site for run in machine.world.started)
    assert all(n_after[site] > n_before[site] for site in machine.planner.sites)
    machine.check()
    machine.close()
