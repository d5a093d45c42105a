"""Paragraphs that a site repeats from article to article: contact boxes, series intros, legal notices.

Counted while articles are kept, in the state file. Most paragraphs come once and must not fill it: a paragraph that
does not come again is forgotten (lossy counting, Manku and Motwani, VLDB 2002), so that a site
has some ten thousand rows, while whatever stands in one of BUCKET articles or more is still there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.dedup.readings import reading_of, split

if TYPE_CHECKING:
    import sqlite3

BUCKET = 1_000
"""Articles of a site after which paragraphs that came too seldom are forgotten."""
MIN_ARTICLES = 50
"""Kept articles a site must have before anything is called boilerplate: of its first ones nothing is known."""
MIN_REPEATS = 10
"""Articles of the site in which a paragraph must stand to be boilerplate: a contact box stands in more."""
MAX_SHARE = 0.8
"""Share of an article's words in such paragraphs from which it is rejected."""
_MAX_LINE = 300
"""Characters of a paragraph that are kept to be shown."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS dedup_paragraph (
    site TEXT, hash INTEGER, n INTEGER NOT NULL, seen_from INTEGER NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (site, hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dedup_site_size (site TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID
"""
TABLES = ("dedup_paragraph", "dedup_site_size")
_COUNT = """
INSERT INTO dedup_paragraph (site, hash, n, seen_from, line) VALUES (?, ?, 1, ?, '')
ON CONFLICT (site, hash) DO UPDATE SET n = n + 1, line = ?
"""


@dataclass(frozen=True, slots=True)
class RepeatedLine:
    """A paragraph that the site repeats."""

    line: str
    """As it stood in the last article; cut after 300 characters."""
    n: int
    """Articles it stands in, at least: at most one in BUCKET fewer than there are."""
    is_whole: bool
    """Whether `line` is the paragraph and not only its beginning."""


class Paragraphs:
    """Counts in tables of the given connection; every change is part of the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for statement in SCHEMA.split(";"):  # executescript() would commit
            connection.execute(statement)

    def add(self, site: str, text: str) -> None:
        """Count the paragraphs of a kept article, each once."""
        n_articles = self.n_articles(site) + 1
        seen_from = (n_articles - 1) // BUCKET
        self._connection.execute(
            "INSERT INTO dedup_site_size VALUES (?, 1) ON CONFLICT (site) DO UPDATE SET n = n + 1", (site,)
        )
        lines = split(text)
        places = {key: place for place, key, _ in reading_of(text).paragraphs()}
        self._connection.executemany(
            _COUNT, [(site, key, seen_from, lines[place][: _MAX_LINE + 1]) for key, place in places.items()]
        )
        if n_articles % BUCKET == 0:
            query = "DELETE FROM dedup_paragraph WHERE site = ? AND n + seen_from <= ?"
            self._connection.execute(query, (site, n_articles // BUCKET))

    def share(self, site: str, text: str) -> float:
        """Share of the text's words in paragraphs that the site repeats, 0 to 1; 0 for a site's first articles."""
        if self.n_articles(site) < MIN_ARTICLES:
            return 0.0
        words: Counter[int] = Counter()
        for _, key, n_words in reading_of(text).paragraphs():
            words[key] += n_words
        query = "SELECT 1 FROM dedup_paragraph WHERE site = ? AND hash = ? AND n >= ?"
        n_repeated = sum(
            n for key, n in words.items() if self._connection.execute(query, (site, key, MIN_REPEATS)).fetchone()
        )
        return n_repeated / max(1, words.total())

    def lines(self, site: str) -> list[RepeatedLine]:
        """The paragraphs that the site repeats, those first that stand in most articles."""
        rows = self._connection.execute(
            "SELECT line, n FROM dedup_paragraph WHERE site = ? AND n >= ? ORDER BY n DESC, line", (site, MIN_REPEATS)
        )
        return [RepeatedLine(line[:_MAX_LINE], n, len(line) <= _MAX_LINE) for line, n in rows]

    def sites(self) -> list[str]:
        """Sites with an article, by key."""
        return [site for (site,) in self._connection.execute("SELECT site FROM dedup_site_size ORDER BY site")]

    def n_articles(self, site: str) -> int:
        """Articles of the site that were counted."""
        row = self._connection.execute("SELECT n FROM dedup_site_size WHERE site = ?", (site,)).fetchone()
        return int(row[0]) if row else 0

    def remove_site(self, site: str) -> None:
        """Forget a site's counts."""
        for table in TABLES:
            self._connection.execute(f"DELETE FROM {table} WHERE site = ?", (site,))  # noqa: S608 - constants
