"""Bring the search index to what is committed: parts that came are read, what is gone is taken out."""

from __future__ import annotations

import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CorpusError
from crawler.folding import syllables
from crawler.progress import silent
from crawler.state.instants import to_micros
from crawler.viewer.index_file import open_index

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.corpus.parts import Part
    from crawler.progress import Tell

FACETS = ("site", "section", "source", "language", "extraction")
"""Columns that a search can be narrowed by; each value is a word of the index, so that narrowing is as fast."""
SHIFT = 20
"""Articles are numbered by the second of their publication, so many bits for those of the same second."""
UNDATED = -(1 << 60)
"""Where the numbers of articles without a date begin: behind all others, newest first."""
JOINT = "\N{MIDDLE DOT}"
"""Between the words of a pair; a letter to SQLite, as all beyond ASCII is, and to `fold` none."""
_BATCH = 2_000
_COLUMNS = ["id", "content_hash", "url", "title", "text", "published_at", *FACETS]
_INSERT = (
    "INSERT INTO articles (n, id, part, content_hash, url, title, published_at, site, section, source, language,"
    " extraction, packed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class Refreshed:
    """What a refresh did."""

    n_added: int = 0
    n_removed: int = 0


def refresh(output: Path, tell: Tell = silent) -> Refreshed:
    """Index parts that are new and take out the articles of parts that are gone; a transaction for each part.

    `tell` counts articles. Raises CorpusError when a part cannot be read.
    """
    done = Refreshed()
    with closing(open_index(output)) as connection, CorpusReader(output) as reader:
        parts = reader.parts(Dataset.ARTICLES)
        known = {path for (path,) in connection.execute("SELECT path FROM parts")}
        fresh = [part for part in parts if part.path not in known]
        n_rows, n_done = sum(part.rows for part in fresh), 0
        for part in fresh:
            with _transaction(connection):
                _add_part(connection, output, part, done)
            n_done += part.rows
            tell(n_done, n_rows)
        for path in known - {part.path for part in parts}:
            with _transaction(connection):
                _remove_part(connection, path, done)
        if done.n_removed:  # the words of a removed article stay in old segments until these are merged
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return done


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _add_part(connection: sqlite3.Connection, output: Path, part: Part, done: Refreshed) -> None:
    number = connection.execute(
        "INSERT INTO parts (path) VALUES (?) ON CONFLICT DO NOTHING RETURNING number", (part.path,)
    ).fetchone()
    if number is None:  # another server was quicker
        return
    facets = _Facets(connection)
    rows = [row for row in _rows(output / part.path) if not _is_known(connection, row, number[0], done)]
    for row in rows:
        row["n"] = _number(row)
    for row in sorted(rows, key=lambda one: int(one["n"])):  # in order, the words make one segment
        _add(connection, row, number[0], facets)
    facets.save()
    done.n_added += len(rows)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH, columns=_COLUMNS):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: {' '.join(str(error).split())[:300]}") from error


def _is_known(connection: sqlite3.Connection, row: dict[str, Any], part: int, done: Refreshed) -> bool:
    """Whether the article only moved to another file; an older text of it is taken out."""
    found = connection.execute("SELECT n, content_hash FROM articles WHERE id = ?", (row["id"],)).fetchone()
    if found is None:
        return False
    if found[1] == row["content_hash"]:
        connection.execute("UPDATE articles SET part = ? WHERE n = ?", (part, found[0]))
        return True
    _remove(connection, found[0], _Facets(connection), done)
    return False


def _number(row: dict[str, Any]) -> int:
    noise = int(row["id"][:16], 16)
    if row["published_at"] is None:
        return UNDATED + (noise >> 8)
    return (int(row["published_at"].timestamp() // 1) << SHIFT) + (noise & ((1 << SHIFT) - 1))


def _add(connection: sqlite3.Connection, row: dict[str, Any], part: int, facets: _Facets) -> None:
    n = row["n"]
    while connection.execute("SELECT 1 FROM articles WHERE n = ?", (n,)).fetchone():
        n += 1
    published_at = to_micros(row["published_at"]) if row["published_at"] else None
    packed = zlib.compress(row["text"].encode(), 1)
    known = [row["id"], part, row["content_hash"], row["url"], row["title"], published_at]
    connection.execute(_INSERT, (n, *known, *(row[name] for name in FACETS), packed))
    found = f"{article_words(row['title'], row['text'])} {facets.words({name: row[name] for name in FACETS}, 1)}"
    connection.execute("INSERT INTO words (rowid, word) VALUES (?, ?)", (n, found))


def _remove_part(connection: sqlite3.Connection, path: str, done: Refreshed) -> None:
    facets = _Facets(connection)
    query = "SELECT n FROM articles WHERE part = (SELECT number FROM parts WHERE path = ?)"
    for (n,) in connection.execute(query, (path,)).fetchall():
        _remove(connection, n, facets, done)
    facets.save()
    connection.execute("DELETE FROM parts WHERE path = ?", (path,))


def _remove(connection: sqlite3.Connection, n: int, facets: _Facets, done: Refreshed) -> None:
    query = f"SELECT title, packed, {', '.join(FACETS)} FROM articles WHERE n = ?"  # noqa: S608 - constants
    title, packed, *values = connection.execute(query, (n,)).fetchone()
    spelled = facets.words(dict(zip(FACETS, values, strict=True)), -1)
    found = f"{article_words(title, zlib.decompress(packed).decode())} {spelled}"
    connection.execute("INSERT INTO words (words, rowid, word) VALUES ('delete', ?, ?)", (n, found))
    connection.execute("DELETE FROM articles WHERE n = ?", (n,))
    done.n_removed += 1


class _Facets:
    """The words that stand for values, and how many articles have each."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT name, value, number FROM facets").fetchall()
        self._numbers: dict[tuple[str, str], int] = {(name, value): number for name, value, number in rows}
        self._changes: dict[int, int] = {}

    def words(self, values: dict[str, str | None], step: int) -> str:
        """As words of the index; counts each up or down by `step`."""
        numbers = [self._number(name, value) for name, value in values.items() if value]
        for number in numbers:
            self._changes[number] = self._changes.get(number, 0) + step
        return " ".join(map(facet_word, numbers))

    def _number(self, name: str, value: str) -> int:
        if (name, value) not in self._numbers:
            query = "INSERT INTO facets (name, value, n) VALUES (?, ?, 0) RETURNING number"
            self._numbers[name, value] = self._connection.execute(query, (name, value)).fetchone()[0]
        return self._numbers[name, value]

    def save(self) -> None:
        changes = [(change, number) for number, change in self._changes.items()]
        self._connection.executemany("UPDATE facets SET n = n + ? WHERE number = ?", changes)


def facet_word(number: int) -> str:
    """How the index spells a value: folded text has no such word."""
    return f"{JOINT}{number}"


def article_words(title: str, text: str) -> str:
    """The folded words of an article and its pairs, each once."""
    titles, words = syllables(title), syllables(text)
    return " ".join({*titles, *words, *word_pairs(titles), *word_pairs(words)})


def word_pairs(words: Sequence[str]) -> list[str]:
    """How the index spells words that stand side by side."""
    return [f"{one}{JOINT}{other}" for one, other in pairwise(words)]
