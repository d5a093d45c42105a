"""The fingerprints of the newest articles, those in no run: a row an article, read once for all look-ups of a commit.

A row a fingerprint would be touched at a hundred places by each look-up and by each article, and every commit would
write most of the table anew.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

    from crawler.dedup.runs import Postings as Piece

SCHEMA = "CREATE TABLE IF NOT EXISTS dedup_tail (number INTEGER PRIMARY KEY, keys BLOB NOT NULL)"
_OLD_ROWS = "SELECT number, fingerprint FROM dedup_fingerprint ORDER BY number, fingerprint"


class Tail:
    """The table of SCHEMA. `keys` are spread fingerprints, sorted; every change is part of the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(SCHEMA)
        self._forget()

    def _forget(self) -> None:
        self._read: Piece | None = None
        """What the table had when it was first asked, sorted by key, of equal keys the greater number last."""
        self._new: dict[int, list[int]] = {}
        """Numbers by key of the articles added since."""

    def add(self, number: int, keys: NDArray[np.uint64]) -> None:
        """Enter an article with a number above all before it."""
        self._connection.execute("INSERT INTO dedup_tail VALUES (?, ?)", (number, keys.astype("<u8").tobytes()))
        if self._read is not None:
            for key in keys.tolist():
                self._new.setdefault(key, []).append(number)

    def remove(self, number: int) -> None:
        """Take an article out."""
        found = self._connection.execute("DELETE FROM dedup_tail WHERE number = ? RETURNING keys", (number,)).fetchall()
        if self._read is None or not found:
            return
        keys, numbers = self._read
        is_other = numbers != number
        self._read = keys[is_other], numbers[is_other]
        for key in np.frombuffer(found[0][0], dtype="<u8").tolist():
            if number in self._new.get(key, ()):
                self._new[key].remove(number)

    def clear(self) -> None:
        """Take all out."""
        self._connection.execute("DELETE FROM dedup_tail")
        self._forget()

    def newest(self, keys: NDArray[np.uint64], most: int) -> tuple[NDArray[np.int64], list[int]]:
        """How many articles each key stands for, `most` at most, and the numbers of those added last."""
        old_keys, old_numbers = self._reading()
        added = [self._new.get(key, ())[-most:] for key in keys.tolist()]
        counts = np.fromiter(map(len, added), np.int64, len(added))
        ends = np.searchsorted(old_keys, keys, side="right")
        taken = np.minimum(ends - np.searchsorted(old_keys, keys, side="left"), most - counts)
        before = np.cumsum(taken) - taken
        places = np.repeat(ends - taken - before, taken) + np.arange(taken.sum())
        return counts + taken, [*chain.from_iterable(added), *old_numbers[places].tolist()]

    def piece(self) -> Piece:
        """All keys, sorted, and beside each the number of its article, of equal keys the greater number last."""
        self._forget()
        return self._reading()

    def _reading(self) -> Piece:
        if self._read is None:
            rows = self._connection.execute("SELECT number, keys FROM dedup_tail ORDER BY number").fetchall()
            keys = np.frombuffer(b"".join(row[1] for row in rows), dtype="<u8").astype(np.uint64)
            sizes = [len(row[1]) // 8 for row in rows]
            numbers = np.repeat(np.array([row[0] for row in rows], dtype=np.uint32), sizes)
            order = np.argsort(keys, kind="stable")
            self._read = keys[order], numbers[order]
        return self._read


def convert(connection: sqlite3.Connection) -> None:
    """Make the table of what layout 3 had: a row a fingerprint."""
    tail = Tail(connection)
    keys_of: dict[int, list[int]] = {}
    for number, key in connection.execute(_OLD_ROWS):
        keys_of.setdefault(number, []).append(key)
    for number, keys in keys_of.items():
        tail.add(number, np.array(keys, dtype=np.uint64))
    connection.execute("DROP TABLE dedup_fingerprint")
