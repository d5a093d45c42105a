"""The index of all kept articles: which of them an article repeats. It lives in the state file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.dedup import paragraphs, postings
from crawler.dedup.paragraphs import Paragraphs
from crawler.dedup.postings import PostingLists
from crawler.dedup.readings import reading_of
from crawler.dedup.relations import Thresholds, Version, is_repeat, relate
from crawler.dedup.signatures import SIGNATURE_PARAMETERS, content_hash
from crawler.dedup.sketches import Sketch
from crawler.dedup.tail import convert
from crawler.dedup.winnowing import WINDOW
from crawler.errors import CorpusError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from crawler.dedup.readings import Reading
    from crawler.items import Article

INDEX_PARAMETERS: dict[str, str] = {
    **SIGNATURE_PARAMETERS,
    "index_layout": "4",
    "index_window": f"{WINDOW} shingles",
}
"""What an index and the code that uses it must have in common."""
MAX_COMPARED = 12
"""Candidates compared in full, those first that share most of the shorter text's fingerprints."""
MAX_READ = 256
"""Candidates of which more than the number is read, those that share most fingerprints first."""
MIN_SHARED = 0.1
"""Least share of the shorter text's fingerprints for a candidate; duplicates of the page sets have 0.12 and more."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS dedup_parameter (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dedup_article (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, site TEXT NOT NULL, title TEXT NOT NULL,
    content_hash BLOB NOT NULL, n_fingerprints INTEGER NOT NULL, words BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS dedup_content ON dedup_article (content_hash);
CREATE INDEX IF NOT EXISTS dedup_site ON dedup_article (site)
"""
_BY_ID = "SELECT id, site, title, content_hash, words FROM dedup_article WHERE id = ?"
_BY_CONTENT = (
    "SELECT id, site, title, content_hash, words FROM dedup_article WHERE content_hash = ? ORDER BY number LIMIT 1"
)
_FINGERPRINT_COUNTS = (
    "SELECT number, n_fingerprints FROM dedup_article WHERE number IN (SELECT value FROM json_each(?))"
)
_BY_NUMBERS = (
    "SELECT id, site, title, content_hash, words FROM dedup_article"
    " WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number"
)
_INSERT = "INSERT INTO dedup_article (id, site, title, content_hash, words, n_fingerprints) VALUES (?, ?, ?, ?, ?, ?)"
_TABLES = (*postings.TABLES, "dedup_article", "dedup_parameter", *paragraphs.TABLES)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The kept article that another one repeats."""

    article_id: str
    """Id of the kept article."""
    relation: str
    """A code of `Relation`: what the new article is to the kept one."""
    likeness: float
    """0 to 1; `Relation` says which figure it is."""


class DedupIndex:
    """Kept articles by content hash and fingerprints, in tables `dedup_*` of the given connection and files they name.

    Every change is part of the caller's transaction, every answer true within it: construct it after BEGIN IMMEDIATE,
    and anew after a rollback or when another process may have written.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        parameters: Mapping[str, str] = INDEX_PARAMETERS,
        thresholds: Thresholds | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """Raises CorpusError if the index was made with other parameters. `is_new`: see `PostingLists`."""
        self._connection = connection
        self._thresholds = thresholds or Thresholds()
        for statement in _SCHEMA.split(";"):  # executescript() would commit
            connection.execute(statement)
        _convert(connection)
        _check_parameters(connection, dict(parameters))
        self.paragraphs = Paragraphs(connection)
        self._postings = PostingLists(connection, is_new=is_new)
        self._tail: dict[int, int] = {}
        """Fingerprints of articles that are in no run, as far as they were asked for: all articles of a commit ask."""

    def find(self, article: Article) -> Duplicate | None:
        """The kept article that `article` repeats most, or None; the older one of two that are equally like it.

        An article that is in the index under its own id is a revision of itself.
        """
        reading = reading_of(article.text)
        hashed = _content_hash(article, reading)
        kept = self._one(_BY_ID, article.id) or self._one(_BY_CONTENT, bytes.fromhex(hashed))
        others = [kept] if kept else self._candidates(reading.fingerprints)
        if not others:
            return None
        version = Version(article.id, article.site, article.title, hashed, reading.sketch())
        found = [(other, relate(version, other, self._thresholds)) for other in others]
        duplicates = [pair for pair in found if is_repeat(version, *pair, self._thresholds)]
        if not duplicates:
            return None
        other, likeness = max(duplicates, key=lambda pair: pair[1].n_shared)
        return Duplicate(other.id, str(likeness.relation), likeness.figure)

    def add(self, article: Article) -> None:
        """Remember a kept article, in place of the version it has of the same id."""
        if not self.remove(article.id):
            self.paragraphs.add(article.site, article.text)
        reading = reading_of(article.text)
        hashed, fingerprints = bytes.fromhex(_content_hash(article, reading)), reading.fingerprints
        row = (article.id, article.site, article.title, hashed, reading.words, len(fingerprints))
        self._postings.add(self._connection.execute(_INSERT, row).lastrowid or 0, fingerprints)

    def remove(self, article_id: str) -> bool:
        """Forget a kept article; returns whether there was one of this id. Its paragraphs stay counted."""
        rows = self._all("SELECT number FROM dedup_article WHERE id = ?", article_id)
        self._remove(rows)
        return bool(rows)

    def repeated_share(self, article: Article) -> float:
        """Share of the article's words that its site repeats; see `Paragraphs.share`."""
        return self.paragraphs.share(article.site, article.text)

    def remove_site(self, site: str) -> None:
        """Forget every article of a site."""
        self._remove(self._all("SELECT number FROM dedup_article WHERE site = ?", site))
        self.paragraphs.remove_site(site)

    def count(self) -> int:
        """Number of articles in the index."""
        return int(self._connection.execute("SELECT count(*) FROM dedup_article").fetchone()[0])

    def _one(self, query: str, value: str | bytes) -> Version | None:
        row = self._connection.execute(query, (value,)).fetchone()
        return _stored(row) if row else None

    def _all(self, query: str, value: str) -> list[tuple[int]]:
        return self._connection.execute(query, (value,)).fetchall()

    def _remove(self, rows: Iterable[tuple[int]]) -> None:
        for (number,) in rows:
            self._postings.remove(number)
            self._connection.execute("DELETE FROM dedup_article WHERE number = ?", (number,))

    def _candidates(self, fingerprints: NDArray[np.uint64]) -> list[Version]:
        """Articles that share enough fingerprints to be worth a comparison, in the order they were added."""
        shared = self._postings.shared(fingerprints)
        most = sorted(sorted(shared), key=shared.__getitem__, reverse=True)[:MAX_READ]  # the older one of two first
        shares = {
            number: shared[number] / min(len(fingerprints), n_fingerprints)
            for number, n_fingerprints in self._sizes(most).items()
        }
        worth = [number for number, share in shares.items() if share >= MIN_SHARED]
        if not worth:
            return []
        alive = [number for number, _ in self._connection.execute(_FINGERPRINT_COUNTS, (json.dumps(worth),))]
        best = sorted(alive, key=lambda number: (-shares[number], number))[:MAX_COMPARED]
        return list(map(_stored, self._connection.execute(_BY_NUMBERS, (json.dumps(best),)).fetchall()))

    def _sizes(self, numbers: list[int]) -> dict[int, int]:
        """How many fingerprints articles have; also of some that were removed."""
        known = self._postings.sizes(numbers)
        known.update((number, self._tail[number]) for number in numbers if number in self._tail)
        others = [number for number in numbers if number not in known]
        read = dict(self._connection.execute(_FINGERPRINT_COUNTS, (json.dumps(others),))) if others else {}
        self._tail |= read
        return known | read


def rebuild(
    connection: sqlite3.Connection, articles: Iterable[Article], thresholds: Thresholds | None = None
) -> DedupIndex:
    """Make the index anew from the kept articles of the corpus, also over one made with other parameters.

    Give the articles in the order they were committed: ties go to the older one. Part of the caller's transaction.
    """
    for name in _TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'dedup_run'").fetchone():
        connection.execute("DELETE FROM dedup_run")  # not dropped: no number of a run may come again
    index = DedupIndex(connection, thresholds=thresholds, is_new=True)
    for article in articles:
        index.add(article)
    return index


def _convert(connection: sqlite3.Connection) -> None:
    """An index of layout 3 differs in one table alone."""
    layout = connection.execute("SELECT value FROM dedup_parameter WHERE name = 'index_layout'").fetchone()
    if layout == ("3",):
        convert(connection)
        connection.execute("UPDATE dedup_parameter SET value = '4' WHERE name = 'index_layout'")


def _check_parameters(connection: sqlite3.Connection, parameters: dict[str, str]) -> None:
    stored = dict(connection.execute("SELECT name, value FROM dedup_parameter"))
    if not stored and parameters == INDEX_PARAMETERS:
        connection.executemany("INSERT OR IGNORE INTO dedup_parameter VALUES (?, ?)", parameters.items())
        return
    for wanted, source in ((parameters, "are asked for"), (stored, "made the index")):
        for name in sorted(INDEX_PARAMETERS.keys() | wanted.keys()):
            if wanted.get(name) != INDEX_PARAMETERS.get(name):
                raise CorpusError(
                    f"duplicate index: {name} = {wanted.get(name)!r} {source}, this version has"
                    f" {INDEX_PARAMETERS.get(name)!r}; `scrapy dedup --rebuild` makes the index anew"
                )


def _content_hash(article: Article, reading: Reading) -> str:
    return article.content_hash or content_hash(reading.sketch())


def _stored(row: tuple[str, str, str, bytes, bytes]) -> Version:
    article_id, site, title, hashed, words = row
    return Version(article_id, site, title, hashed.hex(), Sketch.unpack(words))
