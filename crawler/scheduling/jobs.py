"""Crawls as processes that outlive their scheduler: each holds a lock that tells whether it still runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from crawler.corpus.manifest import read_manifest
from crawler.errors import CollectorError, LockedError
from crawler.health.endings import last_word
from crawler.state.locks import LOCKS_FOLDER, FileLock, is_being_written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.scheduling.timetable import ScheduledRun

FOLDER = "schedule"
OK, FAILED, KILLED, LOST, BUSY = "ok", "failed", "killed", "lost", "busy"
REFUSED = "being written by"
"""What a crawl complains of when another process writes its site."""


class Job(ABC):
    """A crawl that was started at its time."""

    def __init__(self, run: ScheduledRun) -> None:
        self.run = run

    @abstractmethod
    def outcome(self) -> str | None:
        """How it ended; None while it runs."""

    @abstractmethod
    def signal(self, signum: int) -> None:
        """Send a signal to it, if it still runs."""


class Crawl(Job):
    """A crawl that is a child of this process."""

    def __init__(self, run: ScheduledRun, process: subprocess.Popen[bytes], output: Path) -> None:
        super().__init__(run)
        self.process = process
        self._output = output

    def outcome(self) -> str | None:
        """By its exit code, and when it failed by its last word."""
        code = self.process.poll()
        if code is None:
            return None
        if code > 0 and REFUSED in last_word(self._output, self.run.run_id):
            return BUSY
        return OK if code == 0 else KILLED if code < 0 else FAILED

    def signal(self, signum: int) -> None:
        """To the process alone: its workers end with it."""
        self.process.send_signal(signum)


class Orphan(Job):
    """A crawl that an earlier scheduler started and did not see end."""

    def __init__(self, run: ScheduledRun, output: Path) -> None:
        super().__init__(run)
        self._output = output

    def outcome(self) -> str | None:
        """By its lock, and when that is free by its manifest."""
        if is_locked(self._output, self.run.site):
            return None
        return OK if has_manifest(self._output, self.run) else LOST

    def signal(self, signum: int) -> None:
        """To the process that was written down: while the lock is held, the number is still its own."""
        if self.run.pid is not None and self.outcome() is None:
            with suppress(ProcessLookupError):
                os.kill(self.run.pid, signum)


class Launcher:
    """Starts `scrapy crawl SITE`."""

    def __init__(self, output: Path, settings: Sequence[str] = (), *, max_pages: int = 0) -> None:
        """`settings` are NAME=VALUE for every crawl; `max_pages` of a run, 0: as the profile says."""
        self.output = output
        self._settings = settings
        self._max_pages = max_pages

    def start(self, run: ScheduledRun) -> Job:
        """Start it. Raises LockedError when a crawl that was started before still runs; OSError."""
        lock = _lock(self.output, run.site)
        lock.take(run.run_id)
        log_file = self.output / "logs" / f"{run.run_id}.log"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log_file.open("ab") as errors:
                # a session of its own: Ctrl-C reaches the crawls through the scheduler, and a crawl survives its death
                process = subprocess.Popen(  # noqa: S603 - our own command
                    self._command(run, log_file),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    start_new_session=True,
                    pass_fds=(lock.fileno(),),
                )
        finally:
            lock.forget()
        return Crawl(run, process, self.output)

    def is_busy(self, site: str) -> bool:
        """Whether something else writes the site now: a crawl that a person started, a compaction."""
        return is_being_written(self.output, site)

    def adopt(self, run: ScheduledRun) -> Job | None:
        """The job of a run that another scheduler claimed; None when its crawl was never started."""
        orphan = Orphan(run, self.output)
        is_known = run.pid is not None or orphan.outcome() is None or has_manifest(self.output, run)
        return orphan if is_known else None

    def _command(self, run: ScheduledRun, log_file: Path) -> list[str]:
        arguments = {"run_id": run.run_id} | ({"max_pages": str(self._max_pages)} if self._max_pages else {})
        command = [sys.executable, "-m", "scrapy", "crawl", run.site, "--logfile", str(log_file)]
        for name, value in arguments.items():
            command += ["-a", f"{name}={value}"]
        for setting in self._settings:
            command += ["-s", setting]
        return command


def is_locked(output: Path, site: str) -> bool:
    """Whether a crawl that a scheduler started runs on the site."""
    lock = _lock(output, site)
    try:
        lock.take("look")
    except LockedError:
        return True
    lock.drop()
    return False


def has_manifest(output: Path, run: ScheduledRun) -> bool:
    """Whether the crawl came to its end."""
    with suppress(CollectorError):
        return bool(read_manifest(output / "runs" / f"{run.run_id}.json").run_id)
    return False


def end_in_order(job: Job) -> None:
    """Ask it to end: it commits what it has."""
    job.signal(signal.SIGTERM)


def end_at_once(job: Job) -> None:
    """Kill it; nothing committed is lost."""
    job.signal(signal.SIGKILL)


@contextmanager
def scheduler_lock(output: Path) -> Iterator[None]:
    """Held by the one scheduler of an output folder. Raises LockedError, naming the process, when there is another."""
    lock = FileLock(output / LOCKS_FOLDER / FOLDER / "scheduler", f"the schedule of {output}")
    lock.take("schedule")
    try:
        yield
    finally:
        lock.drop()


def _lock(output: Path, site: str) -> FileLock:
    return FileLock(output / LOCKS_FOLDER / FOLDER / f"{site}.run", site)
