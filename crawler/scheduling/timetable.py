"""The timetable in `state.sqlite`: who is due, who runs, what ran. A due time is claimed once, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.options import new_run_id
from crawler.state.instants import from_micros, opt_moment, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from crawler.scheduling.planning import Planner
    from crawler.state.store import Store

_RUN_COLUMNS = "site, due_at, run_id, n_missed, claimed_at, pid, ended_at, outcome"


@dataclass(frozen=True, slots=True)
class Entry:
    """A site in the timetable."""

    site: str
    rule: str
    next_due_at: datetime
    is_paused: bool
    is_running: bool


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A due time that was claimed."""

    site: str
    due_at: datetime
    run_id: str
    n_missed: int
    """Later due times that this run stands for: the machine slept, or nobody looked."""
    claimed_at: datetime
    pid: int | None
    """Process of the crawl; None until it was started."""
    ended_at: datetime | None = None
    outcome: str | None = None
    """`ok`, `failed` (exit code 1 and above), `killed`, `stopped`, `time_limit`, `lost` (nobody saw it end), `busy`
    (something else wrote the site; it is due again soon)."""


class Timetable:
    """All methods are one transaction; any number of processes may use the same file."""

    def __init__(self, store: Store, planner: Planner) -> None:
        self._store = store
        self._planner = planner

    def sync(self, now: datetime) -> None:
        """Take over the sites' rules: new ones (due at once when never crawled), changed ones, and those that went."""
        with self._store.transaction() as connection:
            known = dict(connection.execute("SELECT site, rule FROM schedules").fetchall())
            crawled = {site for (site,) in connection.execute("SELECT site FROM writers").fetchall()}
            for key in known.keys() - self._planner.sites.keys():
                connection.execute("DELETE FROM schedules WHERE site = ?", (key,))
            for key, site in self._planner.sites.items():
                rule = f"{site.text} ({site.zone})"
                if known.get(key) == rule:
                    continue
                due_at = self._planner.next_after(key, now) if key in known or key in crawled else now
                connection.execute(
                    "INSERT INTO schedules (site, rule, next_due_at, is_paused) VALUES (?, ?, ?, 0)"
                    " ON CONFLICT (site) DO UPDATE SET rule = excluded.rule, next_due_at = excluded.next_due_at",
                    (key, rule, to_micros(due_at)),
                )

    def realign(self, now: datetime) -> None:
        """Forget due times that a clock once too far ahead has set: each site's next is its first that never ran."""
        with self._store.transaction() as connection:
            for entry in self._entries(connection):
                due_at = self._planner.next_after(entry.site, now)
                while due_at < entry.next_due_at and _has_run(connection, entry.site, due_at):
                    due_at = self._planner.next_after(entry.site, due_at)
                if due_at < entry.next_due_at:
                    self._set_due(connection, entry.site, due_at)

    def entries(self) -> list[Entry]:
        """All scheduled sites, the next due first."""
        with self._store.transaction() as connection:
            return self._entries(connection)

    def due(self, now: datetime) -> list[str]:
        """Sites that are due, neither paused nor running, the longest waiting first."""
        return [
            entry.site
            for entry in self.entries()
            if entry.next_due_at <= now and not entry.is_paused and not entry.is_running
        ]

    def claim(self, site: str, now: datetime) -> ScheduledRun | None:
        """Take the site's due time for oneself, and every one missed with it; None when somebody else was quicker."""
        with self._store.transaction() as connection:
            entry = next((one for one in self._entries(connection) if one.site == site), None)
            if entry is None or entry.is_paused or entry.is_running or entry.next_due_at > now:
                return None
            self._set_due(connection, site, self._planner.next_after(site, now))
            if _has_run(connection, site, entry.next_due_at):  # the clock went back over it
                return None
            n_missed = self._planner.n_missed(site, entry.next_due_at, now)
            return self._insert(connection, site, entry.next_due_at, n_missed, now)

    def claim_now(self, site: str, now: datetime) -> ScheduledRun | None:
        """A run out of turn, which moves no due time; None while one is running."""
        with self._store.transaction() as connection:
            if _is_running(connection, site):
                return None
            return self._insert(connection, site, now, 0, now)

    def begun(self, run: ScheduledRun, pid: int) -> None:
        """The crawl of a claimed due time is a process now."""
        with self._store.transaction() as connection:
            connection.execute("UPDATE scheduled_runs SET pid = ? WHERE run_id = ?", (pid, run.run_id))

    def ended(self, run: ScheduledRun, now: datetime, outcome: str) -> None:
        """It is over; said twice, the first counts."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE scheduled_runs SET ended_at = ?, outcome = ? WHERE run_id = ? AND ended_at IS NULL",
                (to_micros(now), outcome, run.run_id),
            )

    def postpone(self, run: ScheduledRun, until: datetime) -> None:
        """The site could not be crawled at its time: it is due again at `until`, unless it is due before."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE schedules SET next_due_at = min(next_due_at, ?) WHERE site = ?", (to_micros(until), run.site)
            )

    def pause(self, site: str, now: datetime, *, is_paused: bool) -> bool:
        """Leave a site out, or take it in again from its next due time on; False when it has no schedule."""
        with self._store.transaction() as connection:
            done = connection.execute("UPDATE schedules SET is_paused = ? WHERE site = ?", (is_paused, site)).rowcount
            if done and not is_paused:
                self._set_due(connection, site, self._planner.next_after(site, now))
            return bool(done)

    def open_runs(self) -> list[ScheduledRun]:
        """Claimed and not over, as far as anybody wrote down."""
        query = f"SELECT {_RUN_COLUMNS} FROM scheduled_runs WHERE ended_at IS NULL ORDER BY claimed_at"  # noqa: S608 - constant
        return [_run(row) for row in self._store.rows(query)]

    def history(self, site: str | None = None, limit: int = 20) -> list[ScheduledRun]:
        """The latest runs, newest first."""
        query = f"""
            SELECT {_RUN_COLUMNS} FROM scheduled_runs WHERE (:site IS NULL OR site = :site)
            ORDER BY claimed_at DESC, due_at DESC LIMIT :limit"""  # noqa: S608 - constant
        return [_run(row) for row in self._store.rows(query, {"site": site, "limit": limit})]

    def has_taken_lock(self, run: ScheduledRun) -> bool:
        """Whether the crawl of this run ever began to write its site."""
        return bool(self._store.rows("SELECT 1 FROM writers WHERE site = ? AND run_id = ?", (run.site, run.run_id)))

    def _entries(self, connection: sqlite3.Connection) -> list[Entry]:
        rows = connection.execute(
            "SELECT site, rule, next_due_at, is_paused, EXISTS (SELECT 1 FROM scheduled_runs AS r"
            " WHERE r.site = s.site AND r.ended_at IS NULL) FROM schedules AS s ORDER BY next_due_at, site"
        ).fetchall()
        known = self._planner.sites
        return [
            Entry(site, rule, from_micros(due_at), bool(is_paused), bool(is_running))
            for site, rule, due_at, is_paused, is_running in rows
            if site in known
        ]

    def _set_due(self, connection: sqlite3.Connection, site: str, due_at: datetime) -> None:
        connection.execute("UPDATE schedules SET next_due_at = ? WHERE site = ?", (to_micros(due_at), site))

    def _insert(
        self, connection: sqlite3.Connection, site: str, due_at: datetime, n_missed: int, now: datetime
    ) -> ScheduledRun:
        run = ScheduledRun(site, due_at, new_run_id(site, now), n_missed, now, None)
        connection.execute(
            "INSERT INTO scheduled_runs (site, due_at, run_id, n_missed, claimed_at) VALUES (?, ?, ?, ?, ?)",
            (site, to_micros(due_at), run.run_id, n_missed, to_micros(now)),
        )
        return run


def _is_running(connection: sqlite3.Connection, site: str) -> bool:
    query = "SELECT 1 FROM scheduled_runs WHERE site = ? AND ended_at IS NULL"
    return connection.execute(query, (site,)).fetchone() is not None


def _has_run(connection: sqlite3.Connection, site: str, due_at: datetime) -> bool:
    query = "SELECT 1 FROM scheduled_runs WHERE site = ? AND due_at = ?"
    return connection.execute(query, (site, to_micros(due_at))).fetchone() is not None


def _run(row: tuple[str, int, str, int, int, int | None, int | None, str | None]) -> ScheduledRun:
    site, due_at, run_id, n_missed, claimed_at, pid, ended_at, outcome = row
    moments = from_micros(due_at), from_micros(claimed_at)
    return ScheduledRun(site, moments[0], run_id, n_missed, moments[1], pid, opt_moment(ended_at), outcome)
