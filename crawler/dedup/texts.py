"""The texts of a whole corpus while it is deduplicated: on disk, each distinct text once, in an order of its own.

The order is that of the content hashes, so that nothing that is decided along it depends on the order of arrival.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crawler.dedup.relations import Version
from crawler.dedup.signatures import content_hash
from crawler.dedup.sketches import Sketch, sketch
from crawler.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_SCHEMA = """
CREATE TABLE text (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, id TEXT NOT NULL, site TEXT NOT NULL, title TEXT NOT NULL,
    words BLOB NOT NULL, fingerprints BLOB NOT NULL);
CREATE TABLE row (id TEXT PRIMARY KEY, site TEXT NOT NULL, n_words INTEGER NOT NULL, number INTEGER) WITHOUT ROWID
"""
_ADD_TEXT = """
INSERT INTO text (hash, id, site, title, words, fingerprints) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET id = excluded.id, site = excluded.site, title = excluded.title WHERE excluded.id < id
"""
_CACHED = 2_000
"""Versions in memory: about 20 KB each."""
_FAST = 1
"""Level of compression: the file lives for minutes."""


class NewText(NamedTuple):
    """A row of the corpus."""

    id: str
    site: str
    """Two equal texts of one site are one story under two addresses."""
    title: str
    text: str


class Texts:
    """Texts in a file that needs no durability. `rank`: place of a distinct text among all of them."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "texts.sqlite", isolation_level=None)
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -65536", "locking_mode = EXCLUSIVE"):
            self._connection.execute(f"PRAGMA {pragma}")
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)
        self._numbers: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._versions: OrderedDict[int, Version] = OrderedDict()

    def add(self, texts: Iterable[NewText]) -> None:
        """Take rows. Raises OptionError for an id that was there before."""
        self._connection.execute("BEGIN")
        for new in texts:
            self._add(new)
        self._connection.execute("COMMIT")

    def _add(self, new: NewText) -> None:
        sketched = sketch(new.text)
        hashed = bytes.fromhex(content_hash(sketched)) if sketched.words else None
        if hashed:
            fingerprints = np.array(sketched.fingerprints, dtype=np.uint64).tobytes()
            row = (hashed, new.id, new.site, new.title, sketched.pack(_FAST), fingerprints)
            self._connection.execute(_ADD_TEXT, row)
        try:
            self._connection.execute(
                "INSERT INTO row VALUES (?, ?, ?, (SELECT number FROM text WHERE hash = ?))",
                (new.id, new.site, len(sketched.words), hashed),
            )
        except sqlite3.IntegrityError:
            raise OptionError(f"id {new.id!r} stands in two rows; name a column that tells them apart") from None

    def seal(self) -> int:
        """Give the texts their ranks when all are there; returns how many distinct ones there are."""
        rows = self._connection.execute("SELECT number FROM text ORDER BY hash")
        self._numbers = np.fromiter((number for (number,) in rows), dtype=np.int64)
        return len(self._numbers)

    def fingerprints(self) -> Iterator[NDArray[np.uint64]]:
        """Of all distinct texts, by rank."""
        query = "SELECT fingerprints FROM text WHERE number = ?"
        for number in self._numbers.tolist():
            (values,) = self._connection.execute(query, (number,)).fetchone()
            yield np.frombuffer(values, dtype=np.uint64)

    def version(self, rank: int) -> Version:
        """A distinct text; of several rows that have it, the one with the least id stands for all."""
        if rank not in self._versions:
            query = "SELECT id, site, title, hash, words FROM text WHERE number = ?"
            row = self._connection.execute(query, (int(self._numbers[rank]),)).fetchone()
            article_id, site, title, hashed, packed = row
            self._versions[rank] = Version(article_id, site, title, hashed.hex(), Sketch.unpack(packed))
            if len(self._versions) > _CACHED:
                self._versions.popitem(last=False)
        self._versions.move_to_end(rank)
        return self._versions[rank]

    def copies(self) -> Iterator[tuple[str, str, bool]]:
        """Rows whose text another row has too: id, id of the row that stands for both, whether of one site."""
        yield from self._connection.execute(
            "SELECT row.id, text.id, row.site = text.site FROM row JOIN text USING (number) WHERE row.id <> text.id"
        )

    def n_rows(self) -> int:
        """Rows taken."""
        return int(self._connection.execute("SELECT count(*) FROM row").fetchone()[0])

    def n_words(self, row_id: str) -> int:
        """Words of a row's text."""
        return int(self._connection.execute("SELECT n_words FROM row WHERE id = ?", (row_id,)).fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
