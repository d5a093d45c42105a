"""One site's crawl on a node: the same command as everywhere, in the site's own folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.cluster.engine import call_actor
from crawler.cluster.leases import LEASE_SECONDS, Lease
from crawler.cluster.slots import SlotServer
from crawler.corpus import parts
from crawler.crawling.workers import die_with_parent
from crawler.state.locks import LOCKS_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crawler.errors import CollectorError

FAILED, INTERRUPTED = 1, 130
"""Exit codes, as in crawler.command."""
NOT_BEGUN = -1
"""What stands for the exit code of a crawl that was stopped before it began."""
POLL_SECONDS = 0.2
STOP_FILE = "stop"
"""Holds the number of the signal that ends the crawl in order: the folder can be reached from everywhere."""


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """What a node needs to know."""

    folder: str
    """Of the site, an output folder that all nodes can reach."""
    project: str
    """Where scrapy.cfg is."""
    words: tuple[str, ...]
    """The command after `scrapy`."""
    log_file: str
    lease_seconds: float = LEASE_SECONDS
    slots: str = ""
    """Name of the actor that gives slots of hosts, where several crawls share one."""


def crawl(job: CrawlJob) -> int:
    """Crawl to the end and return the exit code; goes on where the folder's last commit is.

    Begun anew on another node, it waits until nothing stirs in the folder any more. Raises LockedError when something
    does, FencedError when this process was taken for dead.
    """
    folder = Path(job.folder)
    lease = Lease(folder, seconds=job.lease_seconds)
    lease.take(patience=10 * job.lease_seconds)
    if (folder / STOP_FILE).exists():
        return NOT_BEGUN
    parts.empty(folder / LOCKS_FOLDER)  # of a holder that is gone; a file server may not know that yet
    with _slots(job) as words:
        process = _start(job, words, lease)
        try:
            code = _wait(process, lease, folder / STOP_FILE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    lease.release()
    return FAILED if code < 0 else code


@contextmanager
def _slots(job: CrawlJob) -> Iterator[tuple[str, ...]]:
    """What a crawl is told of where it gets slots."""
    if not job.slots:
        yield ()
        return
    with SlotServer(partial(call_actor, job.slots)) as server:
        yield "-s", f"CRAWL_SLOT={server.path}"


def _start(job: CrawlJob, more: Sequence[str], lease: Lease) -> subprocess.Popen[bytes]:
    die: Callable[[], None] = partial(die_with_parent, os.getpid(), signal.SIGKILL)
    with Path(job.log_file).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "scrapy", *job.words, *more],
            cwd=job.project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=die,  # noqa: PLW1509 - one system call, and Ray's worker runs tasks in its main thread
        )
    lease.pids.append(process.pid)
    lease.stir()
    return process


def _wait(process: subprocess.Popen[bytes], lease: Lease, stop: Path) -> int:
    is_told = False
    while (code := process.poll()) is None:
        lease.beat()
        if not is_told and stop.exists():
            is_told = True
            process.send_signal(int(stop.read_text(encoding="ascii") or signal.SIGINT))
        time.sleep(POLL_SECONDS)
    return code


class Ended:
    """A crawl that could not begin, in the place of its process."""

    returncode = FAILED

    def poll(self) -> int:
        """It is over."""
        return self.returncode


def say(log_file: Path, error: CollectorError) -> None:
    """Write the last line of a log: what `scrapy collect` shows of a crawl that failed."""
    with suppress(OSError), log_file.open("a", encoding="utf-8") as log:
        log.write(f"{error}\n")
