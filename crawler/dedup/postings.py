"""Which articles share a fingerprint: a small table for the newest ones, sorted runs on disk for all others.

A log-structured merge tree (O'Neil et al., Acta Informatica 1996). Inserting goes to a table that stays in the cache; a
look-up computes a place in a handful of files. The state file names the runs, so that they change with the corpus or
not at all: a run is written and synced before the transaction that names it ends, and files that no committed state
names are removed by the next one.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crawler import disk
from crawler.dedup.runs import Run, merged, remove_others, spread, write_run
from crawler.dedup.tail import Tail
from crawler.errors import CorpusError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from crawler.dedup.runs import Postings as Piece

    Fingerprints = Sequence[int] | NDArray[np.uint64]

FOLDER = "index"
"""Of the runs, beside the state file."""
MAX_POSTINGS = 64
"""Articles looked at per fingerprint, newest first: a passage in more of them than this is boilerplate."""
TAIL_ARTICLES = 4_096
"""Articles in the table: some 4 MB, which a commit reads once, 20 ms."""
MERGE_RATIO = 3
"""A run is merged with the newer ones unless it is more than so many times as long as all of them: four runs at most
up to a million articles, and an entry is written 7.5 times until then (simulated; twice would be six runs and 6.5)."""
MAX_RUN = 1 << 26
"""Entries of a run that is not merged any more (a million articles): a commit waits for some seconds at most."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS dedup_removed (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS dedup_run (
    run INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER NOT NULL, last INTEGER NOT NULL)
"""
TABLES = ("dedup_fingerprint", "dedup_tail", "dedup_removed")
"""The first one is of an older layout."""


class _Named(NamedTuple):
    number: int
    last: int
    """Number of the article added last."""
    run: Run

    @property
    def first(self) -> int:
        """Number of the first article that may be in it."""
        return self.last - len(self.run.sizes) + 1


class PostingLists:
    """The tables of SCHEMA in a connection, and the files that `dedup_run` names.

    A connection without a file keeps all in the table. Every change is part
    of the caller's transaction.
    """

    def __init__(self, connection: sqlite3.Connection, *, is_new: bool = False) -> None:
        """`is_new`: the caller has emptied the tables in this transaction, so that files cannot be judged by them.

        Raises CorpusError when a file that the tables name is missing or damaged, or cannot be removed.
        """
        self._connection = connection
        for statement in SCHEMA.split(";"):  # executescript() would commit
            connection.execute(statement)
        self._tail = Tail(connection)
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

    def add(self, number: int, fingerprints: Fingerprints) -> None:
        """Enter an article with a number above all before it. Raises CorpusError when a run cannot be written."""
        self._tail.add(number, _keys(fingerprints))
        if self._folder is not None and number - self._sealed >= TAIL_ARTICLES:
            self._seal(number)

    def remove(self, number: int) -> None:
        """Take an article out; from runs it goes when they are merged, until then its number means nothing."""
        if number <= self._sealed:
            self._connection.execute("INSERT OR IGNORE INTO dedup_removed VALUES (?)", (number,))
        else:
            self._tail.remove(number)

    def shared(self, fingerprints: Fingerprints) -> Counter[int]:
        """How many of the fingerprints each article has, of the MAX_POSTINGS newest with each."""
        keys = _keys(fingerprints)
        taken, numbers = self._tail.newest(keys, MAX_POSTINGS)
        left = MAX_POSTINGS - taken
        found = Counter(numbers)
        for one in reversed(self._runs):
            taken, numbers = one.run.newest(keys, left)
            left -= taken
            found.update(numbers)
        return found

    def sizes(self, numbers: Sequence[int]) -> dict[int, int]:
        """How many fingerprints articles have, of those that are in runs."""
        wanted = np.array(numbers, dtype=np.int64)
        found: dict[int, int] = {}
        for one in self._runs:
            here = wanted[(wanted >= one.first) & (wanted <= one.last)]
            found.update(zip(here.tolist(), one.run.sizes[here - one.first].tolist(), strict=True))
        return found

    def _seal(self, last: int) -> None:
        """Make a run of the table."""
        piece = self._tail.piece()
        self._write(iter([piece] if piece[0].size else []), len(piece[0]), range(self._sealed + 1, last + 1))
        self._tail.clear()
        self._merge(last)

    def _merge(self, last: int) -> None:
        """Make one run of the newest one and of those before it that are not much longer."""
        some = self._mergeable()
        if len(some) > 1:
            runs, span = [one.run for one in some], range(some[0].first, last + 1)
            self._write(merged(runs, self._is_alive(last)), sum(map(len, runs)), span)
            self._connection.executemany("DELETE FROM dedup_run WHERE run = ?", [(one.number,) for one in some])
            self._connection.execute("DELETE FROM dedup_removed WHERE number >= ?", (span.start,))
            self._open(is_judged=False)

    def _write(self, pieces: Iterator[Piece], n_most: int, span: range) -> None:
        assert self._folder is not None  # noqa: S101 - its callers have asked
        cursor = self._connection.execute("INSERT INTO dedup_run (n, last) VALUES (0, ?)", (span.stop - 1,))
        try:
            n = write_run(self._folder, _name(cursor.lastrowid or 0), pieces, n_most, span)
        except OSError as error:
            raise CorpusError(disk.describe(error)) from error
        self._connection.execute("UPDATE dedup_run SET n = ? WHERE run = ?", (n, cursor.lastrowid))
        self._open(is_judged=False)

    def _mergeable(self) -> list[_Named]:
        """The newest runs from the first on that is at most MERGE_RATIO times as long as those after it."""
        sizes = [len(one.run) for one in self._runs]
        total, start = 0, len(sizes)
        while start and total + sizes[start - 1] <= MAX_RUN and (not total or sizes[start - 1] <= MERGE_RATIO * total):
            start -= 1
            total += sizes[start]
        return self._runs[start:]

    def _is_alive(self, last: int) -> NDArray[np.bool_]:
        alive = np.ones(last + 1, dtype=np.bool_)
        alive[[number for (number,) in self._connection.execute("SELECT number FROM dedup_removed")]] = False
        return alive


def _keys(fingerprints: Fingerprints) -> NDArray[np.uint64]:
    """In order, so that each page of the table is touched once."""
    return np.sort(spread(np.array(fingerprints, dtype=np.uint64)))


def _name(run: int) -> str:
    return f"run-{run:08d}"
