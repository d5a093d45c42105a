"""The scheduler: starts the crawl of every due site, a bounded number at once, and writes down what came of it."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from crawler.errors import CollectorError, LockedError
from crawler.scheduling.jobs import BUSY, end_at_once, end_in_order
from crawler.scheduling.timetable import ScheduledRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crawler.scheduling.jobs import Job
    from crawler.scheduling.timetable import Timetable

STEP = 1.0
"""Seconds between two looks at the clock and the crawls."""
GRACE = timedelta(seconds=30)
"""How long a crawl may take to end in order."""
BACKWARDS = timedelta(minutes=1)
"""A clock that goes back further than this was wrong before."""
RETRY = timedelta(minutes=1)
"""When a site is due again that something else wrote just as its crawl began."""
MAX_REMEMBERED = 1_000
TIME_LIMIT, STOPPED = "time_limit", "stopped"
logger = logging.getLogger(__name__)


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """Aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; a signal's handler runs meanwhile."""
        time.sleep(seconds)


class Starter(Protocol):
    """What starts crawls: crawler.scheduling.jobs.Launcher."""

    def start(self, run: ScheduledRun) -> Job:
        """Start one."""

    def adopt(self, run: ScheduledRun) -> Job | None:
        """Take over one that another scheduler started."""

    def is_busy(self, site: str) -> bool:
        """Whether something else writes the site, so that its crawl has to wait."""


class Scheduler:
    """One turn is `tick`; `run` turns until it is told to `stop`."""

    def __init__(
        self,
        timetable: Timetable,
        starter: Starter,
        clock: Clock,
        *,
        n_jobs: int = 1,
        max_seconds: float = 0.0,
        on_end: Callable[[ScheduledRun, str], None] | None = None,
    ) -> None:
        """`n_jobs` crawls at once; one that runs longer than `max_seconds` is ended in order (0: no limit)."""
        self.timetable = timetable
        self._starter = starter
        self._clock = clock
        self._n_jobs = n_jobs
        self._max_seconds = timedelta(seconds=max_seconds)
        self._on_end = on_end
        self.jobs: dict[str, Job] = {}
        self.outcomes: dict[str, str] = {}
        """How the runs ended that this scheduler saw end, by run_id; the latest thousand."""
        self._told: dict[str, tuple[str, datetime]] = {}
        self._last_look = clock.now()
        self._n_stops = 0
        self._busy: set[str] = set()

    def begin(self) -> None:
        """Take over the timetable: new rules, and the runs that an earlier scheduler did not see end."""
        now = self._clock.now()
        self.timetable.sync(now)
        self.timetable.realign(now)
        for run in self.timetable.open_runs():
            self._take_over(run)

    def tick(self) -> None:
        """Write down what ended, end what runs too long, start what is due and has a place."""
        now = self._clock.now()
        if now < self._last_look - BACKWARDS:
            self.timetable.realign(now)
        self._last_look = now
        for job in list(self.jobs.values()):
            self._look_after(job, now)
        if self._n_stops:
            return
        for site in self._startable(now)[: max(self._n_jobs - len(self.jobs), 0)]:
            if run := self.timetable.claim(site, self._clock.now()):
                self._start(run)

    def _startable(self, now: datetime) -> list[str]:
        """Sites that are due; one that something else writes waits, its due time unclaimed."""
        due = self.timetable.due(now)
        busy = {site for site in due if self._starter.is_busy(site)}
        for site in sorted(busy - self._busy):
            logger.warning("%s: due, and being written by another process; waits for it", site)
        self._busy = busy
        return [site for site in due if site not in busy]

    def run(self, *, is_once: bool = False) -> None:
        """Turn until told to stop, or, `is_once`, until what is due now has ended."""
        while True:
            self.tick()
            if not self.jobs and (self._n_stops or (is_once and not self._startable(self._clock.now()))):
                return
            self._clock.sleep(STEP)

    def run_now(self, sites: Iterable[str]) -> dict[str, str]:
        """Crawl sites out of turn, as many at once as there are places; outcomes of those not running already."""
        waiting, runs = list(dict.fromkeys(sites)), dict[str, ScheduledRun]()
        while (waiting or self.jobs) and not (self._n_stops and not self.jobs):
            while waiting and len(self.jobs) < self._n_jobs and not self._n_stops:
                site = waiting.pop(0)
                is_free = not self._starter.is_busy(site)
                if is_free and (run := self.timetable.claim_now(site, self._clock.now())):
                    runs[run.run_id] = run
                    self._start(run)
            for job in list(self.jobs.values()):
                self._look_after(job, self._clock.now())
            self._clock.sleep(STEP if self.jobs else 0)
        return {runs[run_id].site: outcome for run_id, outcome in self.outcomes.items() if run_id in runs}

    def stop(self) -> None:
        """Start nothing more and end the crawls in order; called again, at once."""
        self._n_stops += 1
        for job in self.jobs.values():
            self._end(job, STOPPED)
            if self._n_stops > 1:
                end_at_once(job)

    def _take_over(self, run: ScheduledRun) -> None:
        job = self._starter.adopt(run)
        if job is None and self.timetable.has_taken_lock(run):
            self._conclude(run, "lost")
        elif job is None:
            self._start(run)
        else:
            self.jobs[run.run_id] = job

    def _start(self, run: ScheduledRun) -> None:
        try:
            job = self._starter.start(run)
        except (LockedError, OSError) as error:
            logger.warning("%s: not started: %s", run.site, error)
            self._conclude(run, "failed")
            return
        self.jobs[run.run_id] = job
        if pid := getattr(getattr(job, "process", None), "pid", None):
            self.timetable.begun(run, pid)

    def _look_after(self, job: Job, now: datetime) -> None:
        outcome = job.outcome()
        if outcome is not None:
            why, _ = self._told.pop(job.run.run_id, (outcome, now))
            self.jobs.pop(job.run.run_id)
            self._conclude(job.run, why)
        elif job.run.run_id in self._told:
            if now - self._told[job.run.run_id][1] > GRACE:
                end_at_once(job)
        elif self._max_seconds and now - job.run.claimed_at > self._max_seconds:
            self._end(job, TIME_LIMIT)

    def _end(self, job: Job, why: str) -> None:
        self._told.setdefault(job.run.run_id, (why, self._clock.now()))
        end_in_order(job)

    def _conclude(self, run: ScheduledRun, outcome: str) -> None:
        self.timetable.ended(run, self._clock.now(), outcome)
        if outcome == BUSY:
            self.timetable.postpone(run, self._clock.now() + RETRY)
        self.outcomes[run.run_id] = outcome
        if len(self.outcomes) > MAX_REMEMBERED:
            self.outcomes.pop(next(iter(self.outcomes)))
        logger.info("%s: %s (%s)", run.site, outcome, run.run_id)
        if self._on_end is not None:
            try:
                self._on_end(run, outcome)
            except CollectorError as error:  # what looks at the run must not stop the next
                logger.warning("%s: %s", run.site, error)
