"""The file behind the search field: words of all articles, folded, in SQLite's full text index.

Derived: what is in it can be made anew from the corpus, and is, when its form changed. The index itself keeps neither
texts nor places of words in them (contentless, detail=none), but words and pairs of words that stand side by side:
nearly all Vietnamese syllables stand nearly everywhere, and only pairs tell articles apart. The texts lie beside it,
packed, for snippets, for phrases of more than two words, and so that an article can be taken out again.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from crawler.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

INDEX_FILE = "search.sqlite"
FORM = 2
"""Raised when the tables or `crawler.folding.fold` change; a file of another form is made anew."""
_BUSY_SECONDS = 30.0
_TABLES = """
CREATE TABLE parts (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE articles (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  part INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  site TEXT NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  published_at INTEGER,
  section TEXT,
  source TEXT,
  language TEXT,
  extraction TEXT NOT NULL,
  packed BLOB NOT NULL
) STRICT;
CREATE INDEX articles_by_part ON articles (part);
CREATE TABLE facets (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  n INTEGER NOT NULL,
  UNIQUE (name, value)
) STRICT;
CREATE VIRTUAL TABLE words USING fts5(word, content='', columnsize=0, detail=none, tokenize='ascii');
INSERT INTO words (words, rank) VALUES ('hashsize', 33554432);
"""
"""`hashsize`: bytes of words gathered before they are written as one segment; SQLite's own 1 MiB makes many merges."""


def open_index(output: Path, *, is_read_only: bool = False) -> sqlite3.Connection:
    """The index of an output folder; to write, made when it is missing or of another form.

    Raises CorpusError when it cannot be opened.
    """
    path = output / INDEX_FILE
    try:
        connection = _connect(path, is_read_only=is_read_only)
        if not is_read_only and _form(connection) != FORM:
            connection.close()
            drop_index(output)
            connection = _connect(path)
            connection.executescript(
                f"PRAGMA journal_mode = WAL; BEGIN; {_TABLES} PRAGMA user_version = {FORM}; COMMIT;"
            )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error as error:
        raise CorpusError(f"{path}: {error}; delete it, the next `scrapy serve` makes it anew") from None
    return connection


def drop_index(output: Path) -> None:
    """Delete the index: nothing of any text is left in it."""
    for ending in ("", "-wal", "-shm"):
        (output / f"{INDEX_FILE}{ending}").unlink(missing_ok=True)


def _connect(path: Path, *, is_read_only: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if is_read_only else 'rwc'}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _form(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
