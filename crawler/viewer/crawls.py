"""What crawls do now, as the state file has it: no crawl is asked, so none is slowed down."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.state.instants import from_micros, now, opt_moment, to_micros
from crawler.state.locks import LOCKS_FOLDER

if TYPE_CHECKING:
    from crawler.state.store import Store

WINDOW = timedelta(minutes=5)
N_BARS = 60
"""Bars of the drawing: one for each five seconds."""
N_ERRORS = 8
_RATE_SECONDS = 30.0
_OUTCOMES = ("kept", "duplicate", "rejected", "not_an_article")


@dataclass(frozen=True, slots=True)
class Trouble:
    """An address that failed."""

    site: str
    url: str
    reason: str
    attempts: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class SiteCrawl:
    """The last crawl of a site."""

    site: str
    run_id: str
    is_running: bool
    started_at: datetime
    last_at: datetime | None
    """When the last page was fetched."""
    n_fetched: int
    n_open: int
    """Fetched and not yet decided."""
    outcomes: dict[str, int]
    n_waiting: int
    """Addresses in the queue."""
    n_recent: int
    """Pages of the last minute."""


@dataclass(frozen=True, slots=True)
class Live:
    """All that the live page shows."""

    crawls: list[SiteCrawl]
    bars: list[int]
    """Pages of each five seconds of WINDOW, the newest last."""
    troubles: list[Trouble]
    at: datetime

    @property
    def rate(self) -> float:
        """Pages a second over the last half minute, or since the first crawl under way began."""
        begun_at = min((crawl.started_at for crawl in self.crawls if crawl.is_running), default=self.at)
        seconds = (self.at - begun_at).total_seconds() if self.n_running else _RATE_SECONDS
        return sum(self.bars[-6:]) / min(max(seconds, 1.0), _RATE_SECONDS)

    @property
    def n_running(self) -> int:
        """Crawls under way."""
        return sum(crawl.is_running for crawl in self.crawls)


def look(store: Store) -> Live:
    """The state of all crawls, those that run first. Raises CorpusError."""
    at = now()
    writers = store.rows("SELECT site, run_id, started_at FROM writers ORDER BY started_at DESC")
    crawls = [_crawl(store, site, run_id, started_at, at) for site, run_id, started_at in writers]
    crawls.sort(key=lambda one: not one.is_running)
    return Live(crawls, _bars(store, [one.run_id for one in crawls if one.is_running], at), _troubles(store), at)


def _crawl(store: Store, site: str, run_id: str, started_at: int, at: datetime) -> SiteCrawl:
    minute = to_micros(at - timedelta(minutes=1))
    n, n_recent, last_at, n_open = store.rows(
        "SELECT count(*), coalesce(sum(fetched_at > ?), 0), max(fetched_at), coalesce(sum(outcome IS NULL), 0)"
        " FROM records WHERE site = ? AND run_id = ?",
        (minute, site, run_id),
    )[0]
    outcomes = store.rows(
        "SELECT outcome, count(*) FROM records WHERE site = ? AND outcome_run_id = ? GROUP BY outcome", (site, run_id)
    )
    waiting = store.rows(
        "SELECT coalesce(sum(n), 0) FROM url_counts WHERE site = ? AND state IN ('pending', 'leased')", (site,)
    )
    return SiteCrawl(
        site, run_id, _is_running(store, site, run_id), from_micros(started_at), opt_moment(last_at), n, n_open,
        dict.fromkeys(_OUTCOMES, 0) | dict(outcomes), waiting[0][0], n_recent,
    )  # fmt: skip


def _is_running(store: Store, site: str, run_id: str) -> bool:
    """By the signature that its holder writes into the lock's file and takes out at the end; nothing is locked to look.

    A signature of a process that is gone was left by one that was killed.
    """
    path = store.output / LOCKS_FOLDER / f"{site}.lock"
    try:
        words = json.loads(path.read_bytes()[:4096])
        is_here = words["host"] == socket.gethostname()
        return words["run_id"] == run_id and (not is_here or _is_alive(int(words["pid"])))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _bars(store: Store, run_ids: list[str], at: datetime) -> list[int]:
    bars = [0] * N_BARS
    width = int(WINDOW / timedelta(microseconds=1)) // N_BARS
    begin = to_micros(at - WINDOW)
    for run_id in run_ids:
        site = run_id.rsplit("-", 2)[0]
        query = "SELECT fetched_at FROM records WHERE site = ? AND run_id = ? AND fetched_at > ?"
        for (fetched_at,) in store.rows(query, (site, run_id, begin)):
            bars[min((fetched_at - begin) // width, N_BARS - 1)] += 1
    return bars


def _troubles(store: Store) -> list[Trouble]:
    query = (
        "SELECT site, url, coalesce(reason, ''), attempts, next_try_at FROM urls"
        " WHERE state = 'failed' ORDER BY id DESC LIMIT ?"
    )
    rows = store.rows(query, (N_ERRORS,))
    return [Trouble(site, url, reason, n, opt_moment(next_at)) for site, url, reason, n, next_at in rows]
