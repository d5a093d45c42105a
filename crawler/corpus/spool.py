"""Outcomes of a replay, on disk until all are known: nothing in the corpus changes before."""

from __future__ import annotations

import dataclasses
import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec

from crawler import disk
from crawler.corpus.outcomes import Outcome
from crawler.corpus.rows import RejectedPage, article_of, article_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SPOOL_FILE = "spool.sqlite"


class Spool:
    """Outcomes by record number, in a file of its own that needs no durability: a replay that dies starts again."""

    def __init__(self, folder: Path) -> None:
        """Start an empty spool in `folder`. Raises OSError and sqlite3.Error, as all methods do."""
        disk.make_folders(folder)
        disk.unlink(folder / SPOOL_FILE)
        self._connection = sqlite3.connect(folder / SPOOL_FILE, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("CREATE TABLE outcomes (seq INTEGER PRIMARY KEY, kind TEXT, row BLOB)")

    def put(self, outcomes: Iterable[Outcome]) -> None:
        """Remember outcomes; a later one of the same record replaces the earlier."""
        self._connection.execute("BEGIN")
        rows = ((outcome.seq, *packed(outcome)) for outcome in outcomes)
        self._connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")

    def batches(self, max_rows: int, max_bytes: int) -> Iterator[list[Outcome]]:
        """All outcomes in the order of their records, cut into lists of at most `max_rows` and about `max_bytes`."""
        batch: list[Outcome] = []
        size = 0
        for seq, kind, row in self._connection.execute("SELECT seq, kind, row FROM outcomes ORDER BY seq"):
            batch.append(unpacked(seq, kind, row))
            size += len(row)
            if len(batch) >= max_rows or size >= max_bytes:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def close(self) -> None:
        """Close the file; it stays in the folder."""
        self._connection.close()


def packed(outcome: Outcome) -> tuple[str, bytes]:
    """Kind and MessagePack of an outcome; `unpacked` gives it back as it was."""
    if outcome.article is not None:
        return "article", msgspec.msgpack.encode(article_row(outcome.article))
    if outcome.rejected is not None:
        return "rejected", msgspec.msgpack.encode(dataclasses.asdict(outcome.rejected))
    return "not_an_article", b""


def unpacked(seq: int, kind: str, row: bytes) -> Outcome:
    """The outcome of a record, from what `packed` made of it."""
    if kind == "not_an_article":
        return Outcome(seq)
    values: dict[str, Any] = msgspec.msgpack.decode(row)
    if kind == "article":
        return Outcome(seq, article=article_of(values))
    return Outcome(seq, rejected=RejectedPage(**values))
