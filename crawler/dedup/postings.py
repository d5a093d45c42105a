"""Which articles share a fingerprint: a small table for the newest ones, sorted runs on disk for all others.

A log-structured merge tree (O'Neil et al., Acta Informatica 1996). Inserting goes to a table that stays in the cache; a
look-up is a binary search in a handful of files. The state file names the runs, so that they change with the corpus or
not at all: a run is written and synced before the transaction that names it ends, and files that no committed state
names are removed by the next one.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crawler import disk
from crawler.dedup.runs import Run, merged, remove_others, write_run
from crawler.errors import CorpusError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from crawler.dedup.runs import Postings as Piece

FOLDER = "index"
"""Of the runs, beside the state file."""
MAX_POSTINGS = 64
"""Articles looked at per fingerprint, newest first: a passage in more of them than this is boilerplate."""
TAIL_ARTICLES = 4_096
"""Articles in the table: some 6 MB of pages, which every commit touches anywhere."""
FAN_IN = 4
"""Runs of one size that become one: an entry is written once more each time the index grows fourfold."""
MAX_RUN = 1 << 25
"""Entries of a run that is not merged any more (500,000 articles): a commit never waits longer than some seconds."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS dedup_fingerprint (
    fingerprint INTEGER, number INTEGER, PRIMARY KEY (fingerprint, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dedup_run (
    run INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER NOT NULL, last INTEGER NOT NULL)
"""
_NEWEST = "SELECT number FROM dedup_fingerprint WHERE fingerprint = ? ORDER BY number DESC LIMIT ?"


class _Named(NamedTuple):
    number: int
    last: int
    """Number of the article added last."""
    run: Run


class PostingLists:
    """Tables `dedup_fingerprint` and `dedup_run` of a connection, and the files that the second one names.

    A connection without a file keeps all in the table. Every change is part of the caller's transaction.
    """

    def __init__(
        self, connection: sqlite3.Connection, live_numbers: Callable[[], Iterable[int]], *, is_new: bool = False
    ) -> None:
        """`live_numbers`: of all articles that were not removed; asked when runs are merged.

        `is_new`: the caller has emptied the tables in this transaction, so that files cannot be judged by them.

        Raises CorpusError when a file that the tables name is missing or damaged, or cannot be removed.
        """
        self._connection = connection
        self._live_numbers = live_numbers
        for statement in SCHEMA.split(";"):  # executescript() would commit
            connection.execute(statement)
        path = next((row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"), "")
        self._folder = Path(path).with_name(FOLDER) if path else None
        self._open(is_judged=not is_new)

    def _open(self, *, is_judged: bool) -> None:
        rows = self._connection.execute("SELECT run, n, last FROM dedup_run ORDER BY last").fetchall()
        self._sealed = rows[-1][2] if rows else 0
        self._runs: list[_Named] = []
        if self._folder is None:
            return
        if is_judged:
            try:
                remove_others(self._folder, {_name(run) for run, _, _ in rows})
            except OSError as error:
                raise CorpusError(disk.describe(error)) from error
        self._runs = [_Named(run, last, Run(self._folder, _name(run), n)) for run, n, last in rows if n]

    def add(self, number: int, fingerprints: Sequence[int]) -> None:
        """Enter an article with a number above all before it. Raises CorpusError when a run cannot be written."""
        self._connection.executemany(
            "INSERT INTO dedup_fingerprint VALUES (?, ?)", [(fingerprint, number) for fingerprint in fingerprints]
        )
        if self._folder is not None and number - self._sealed >= TAIL_ARTICLES:
            self._seal(number)

    def remove(self, number: int, fingerprints: Sequence[int]) -> None:
        """Take an article out; from runs it goes when they are merged, until then its number means nothing."""
        if number > self._sealed:
            self._connection.executemany(
                "DELETE FROM dedup_fingerprint WHERE fingerprint = ? AND number = ?",
                [(fingerprint, number) for fingerprint in fingerprints],
            )

    def shared(self, fingerprints: Sequence[int]) -> Counter[int]:
        """How many of the fingerprints each article has, of the MAX_POSTINGS newest with each."""
        found: Counter[int] = Counter()
        counts = []
        for fingerprint in fingerprints:
            rows = self._connection.execute(_NEWEST, (fingerprint, MAX_POSTINGS)).fetchall()
            counts.append(len(rows))
            found.update(number for (number,) in rows)
        wanted = np.array(fingerprints, dtype=np.uint64)
        left = MAX_POSTINGS - np.array(counts, dtype=np.int64)
        for one in reversed(self._runs):
            taken, numbers = one.run.newest(wanted, left)
            left -= taken
            found.update(numbers)
        return found

    def _seal(self, last: int) -> None:
        """Make a run of the table, and one of runs as long as there are FAN_IN of a size."""
        rows = self._connection.execute("SELECT fingerprint, number FROM dedup_fingerprint ORDER BY 1, 2")
        self._write(_pieces(rows), last)
        self._connection.execute("DELETE FROM dedup_fingerprint")
        while (some := self._mergeable()) is not None:
            last = self._runs[-1].last
            self._write(merged([one.run for one in some], self._is_alive(last)), last)
            self._connection.executemany("DELETE FROM dedup_run WHERE run = ?", [(one.number,) for one in some])
            self._open(is_judged=False)

    def _write(self, pieces: Iterator[Piece], last: int) -> None:
        assert self._folder is not None  # noqa: S101 - its callers have asked
        cursor = self._connection.execute("INSERT INTO dedup_run (n, last) VALUES (0, ?)", (last,))
        try:
            n = write_run(self._folder, _name(cursor.lastrowid or 0), pieces)
        except OSError as error:
            raise CorpusError(disk.describe(error)) from error
        self._connection.execute("UPDATE dedup_run SET n = ? WHERE run = ?", (n, cursor.lastrowid))
        self._open(is_judged=False)

    def _mergeable(self) -> list[_Named] | None:
        """The newest FAN_IN runs when they are of one size and what they make is not too long."""
        newest = self._runs[-FAN_IN:]
        sizes = [len(one.run) for one in newest]
        if len(newest) < FAN_IN or max(sizes) >= FAN_IN * min(sizes) or sum(sizes) > MAX_RUN:
            return None
        return newest

    def _is_alive(self, last: int) -> NDArray[np.bool_]:
        alive = np.zeros(last + 1, dtype=np.bool_)
        numbers = np.fromiter(self._live_numbers(), dtype=np.int64)
        alive[numbers[numbers <= last]] = True
        return alive


def _pieces(rows: sqlite3.Cursor) -> Iterator[Piece]:
    while some := rows.fetchmany(1 << 16):
        fingerprints, numbers = zip(*some, strict=True)
        yield np.array(fingerprints, dtype=np.uint64), np.array(numbers, dtype=np.uint32)


def _name(run: int) -> str:
    return f"run-{run:08d}"
