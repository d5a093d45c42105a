"""Which responses lie in the archive, and what became of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.items import Pointer
from crawler.state.frontier import Frontier
from crawler.state.instants import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from crawler.state.store import Store
    from crawler.state.urls import FailedUrl, FinishedUrl, NewUrl

_COLUMNS = "seq, site, url, final_url, found_via, kind, status, fetched_at, file, offset, length, run_id, robots"
_INSERT = """
INSERT INTO records (site, url, final_url, found_via, kind, status, fetched_at, file, offset, length, run_id, robots)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (file, offset) DO NOTHING RETURNING seq
"""
_END = """
INSERT INTO archive_ends (file, site, end) VALUES (?, ?, ?)
ON CONFLICT (file) DO UPDATE SET end = max(end, excluded.end)
"""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A response in the archive that shall be given an outcome."""

    url: str
    """Canonical address that was asked for."""
    final_url: str
    """Address that answered."""
    found_via: str
    kind: str
    """Kind of the address in the frontier."""
    status: int
    fetched_at: datetime
    pointer: Pointer
    robots: str = "allowed"


@dataclass(frozen=True, slots=True)
class Record:
    """A response in the archive, as it is known to the state."""

    seq: int
    """Its place in the order of all records of all sites."""
    site: str
    url: str
    final_url: str
    found_via: str
    kind: str
    status: int
    fetched_at: datetime
    pointer: Pointer
    run_id: str
    """Run that fetched it."""
    robots: str


class OutcomeKey(NamedTuple):
    """What `Records.outcomes` counts by."""

    outcome: str
    """kept, duplicate, rejected, not_an_article; empty: none yet."""
    reason: str
    """Reason of the rejection, relation of the duplicate; else empty."""
    is_carried_over: bool
    """The record was fetched by an earlier run than the one that gave it this outcome."""


class Records:
    """The records of one site. Methods raise CorpusError and FencedError as `Store.transaction` does."""

    def __init__(self, store: Store, site: str, run_id: str = "") -> None:
        """`run_id` is noted with what is appended."""
        self._store = store
        self._site = site
        self._run_id = run_id
        self._frontier = Frontier(store, site, run_id)

    def append(
        self,
        records: Sequence[NewRecord],
        finished: Iterable[FinishedUrl] = (),
        found: Iterable[NewUrl] = (),
        failed: Iterable[FailedUrl] = (),
    ) -> list[int]:
        """Transaction 1: these responses are archived, these addresses done, these links found, these failed.

        To be called after the archive was synced to disk, never before. Harmless when done twice: a record is known
        by file and offset. Returns the `seq` of each of `records`, in order.
        """
        with self._store.transaction() as connection:
            seqs = [self._append(record) for record in records]
            connection.executemany(_END, (self._end(record.pointer) for record in records))
            self._frontier.finish(finished)
            self._frontier.fail(failed)
            self._frontier.add(found)
        return seqs

    def _append(self, record: NewRecord) -> int:
        pointer = record.pointer
        where = (pointer.file, pointer.offset, pointer.length)
        what = (record.url, record.final_url, record.found_via, record.kind, record.status)
        values = (self._site, *what, to_micros(record.fetched_at), *where, self._run_id, record.robots)
        with self._store.transaction() as connection:
            rows = (
                connection.execute(_INSERT, values).fetchall()
                or connection.execute("SELECT seq FROM records WHERE file = ? AND offset = ?", where[:2]).fetchall()
            )
        return int(rows[0][0])

    def _end(self, pointer: Pointer) -> tuple[str, str, int]:
        return pointer.file, self._site, pointer.offset + pointer.length

    def pending(self, *, batch: int = 500) -> Iterator[Record]:
        """Records without an outcome, in order: to be processed again at the start of a run, links included.

        Reads `batch` at a time; records that get their outcome meanwhile do no harm.
        """
        yield from self._iterate("outcome IS NULL", batch)

    def all(self, *, batch: int = 500) -> Iterator[Record]:
        """All records of the site, in order: what a replay reads."""
        yield from self._iterate("1", batch)

    def newest_robots(self) -> list[Record]:
        """The last record of each robots.txt and tdmrep.json."""
        query = (
            f"SELECT {_COLUMNS}, max(seq) FROM records"  # noqa: S608 - constants
            " WHERE site = ? AND kind = 'robots' GROUP BY url"
        )
        return [_record(row[:-1]) for row in self._store.rows(query, (self._site,))]

    def _iterate(self, condition: str, batch: int) -> Iterator[Record]:
        query = f"SELECT {_COLUMNS} FROM records WHERE site = ? AND seq > ? AND {condition} ORDER BY seq LIMIT ?"  # noqa: S608 - constants
        last = 0
        while rows := self._store.rows(query, (self._site, last, batch)):
            yield from (_record(row) for row in rows)
            last = rows[-1][0]

    def archive_end(self, file: str) -> int:
        """Committed end of an archive `file` (relative to the output folder): bytes after it may be torn."""
        rows = self._store.rows("SELECT end FROM archive_ends WHERE file = ?", (file,))
        return int(rows[0][0]) if rows else 0

    def archive_ends(self) -> dict[str, int]:
        """`archive_end` of every file of the site."""
        return dict(self._store.rows("SELECT file, end FROM archive_ends WHERE site = ?", (self._site,)))

    def set_archive_end(self, file: str, end: int) -> None:
        """Note that `file` was found whole up to `end`, so that the next start need not scan it again."""
        with self._store.transaction() as connection:
            connection.execute(_END, (file, self._site, end))

    def n_fetched(self) -> int:
        """Records that this run appended."""
        query = "SELECT count(*) FROM records WHERE site = ? AND run_id = ?"
        return int(self._store.rows(query, (self._site, self._run_id))[0][0])

    def n_articles(self) -> int:
        """Records of pages that were expected to be articles."""
        query = "SELECT count(*) FROM records WHERE site = ? AND kind = 'article'"
        return int(self._store.rows(query, (self._site,))[0][0])

    def n_pending(self, *, is_own: bool = False) -> int:
        """Records of the site without an outcome; `is_own`: only those this run appended."""
        query = "SELECT count(*) FROM records WHERE site = ? AND outcome IS NULL AND (? OR run_id = ?)"
        return int(self._store.rows(query, (self._site, not is_own, self._run_id))[0][0])

    def outcomes(self) -> Counter[OutcomeKey]:
        """Records that this run gave an outcome, by outcome, reason and whether an earlier run fetched them."""
        rows = self._store.rows(
            "SELECT outcome, coalesce(reason, ''), run_id <> outcome_run_id, count(*) FROM records"
            " WHERE site = ? AND outcome_run_id = ? GROUP BY 1, 2, 3",
            (self._site, self._run_id),
        )
        return Counter({OutcomeKey(row[0], row[1], bool(row[2])): row[3] for row in rows})


def _record(row: Sequence[Any]) -> Record:
    seq, site, url, final_url, found_via, kind, status, fetched_at, file, offset, length, run_id, robots = row
    return Record(
        seq=seq,
        site=site,
        url=url,
        final_url=final_url,
        found_via=found_via,
        kind=kind,
        status=status,
        fetched_at=from_micros(fetched_at),
        pointer=Pointer(file, offset, length),
        run_id=run_id,
        robots=robots,
    )
