"""Articles taken out on request: what the state remembers of them so that they stay out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crawler.state.instants import now, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from crawler.items import Article
    from crawler.state.store import Store

_REMEMBER = """
INSERT INTO forgotten (site, url, article_id, content_hash, forgotten_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (site, url) DO UPDATE SET is_archive_clean = 0,
  article_id = coalesce(excluded.article_id, article_id), content_hash = coalesce(excluded.content_hash, content_hash)
"""
_LEAVE_OUT = """
INSERT INTO urls (site, url, kind, state, priority, depth, found_via, discovered_at, reason)
VALUES (?, ?, 'article', 'left_out', 0, 0, 'forgotten', ?, 'forgotten')
ON CONFLICT (site, url) DO UPDATE SET state = 'left_out', reason = 'forgotten', next_try_at = NULL, title = NULL,
  etag = NULL, last_modified = NULL, content_hash = NULL, file = NULL, offset = NULL, length = NULL
"""


class Target(NamedTuple):
    """A page to forget. A trigger of the state keeps its address out of every queue."""

    site: str
    url: str
    article_id: str | None = None
    content_hash: str | None = None
    """Of its text: exact copies under other addresses are the same text, and are forgotten with it."""


class Forgotten:
    """What is forgotten, seen from one site; inside the caller's transaction."""

    def __init__(self, connection: Connection, site: str) -> None:
        self._connection = connection
        self._site = site

    def is_url(self, url: str) -> bool:
        """Whether this address of the site is forgotten."""
        query = "SELECT 1 FROM forgotten WHERE site = ? AND url = ?"
        return self._connection.execute(query, (self._site, url)).fetchone() is not None

    def holds(self, article: Article) -> bool:
        """Whether the article is one of the forgotten: its address, its id or its text.

        One that comes under a new address is remembered under that one, too, and not fetched again.
        """
        if self.is_url(article.url):
            return True
        query = "SELECT 1 FROM forgotten WHERE article_id = ? OR content_hash = ?"
        if self._connection.execute(query, (article.id, article.content_hash)).fetchone() is None:
            return False
        remember(self._connection, [Target(self._site, article.url, article.id, article.content_hash)])
        return True


def remember(connection: Connection, targets: Iterable[Target]) -> None:
    """Keep `targets` out from now on: never fetched again, rejected when they come out of the archive."""
    at = to_micros(now())
    for target in targets:
        connection.execute(_REMEMBER, (*target, at))
        connection.execute(_LEAVE_OUT, (target.site, target.url, at))


def unclean(store: Store) -> list[tuple[str, str]]:
    """Site and address of what is forgotten and may still be in the archive."""
    return sorted(forgotten_pages(store, "NOT is_archive_clean"))


def forgotten_pages(store: Store, condition: str = "1") -> set[tuple[str, str]]:
    """Site and address of what is forgotten; nothing in a state that an older release wrote."""
    if not store.rows("SELECT 1 FROM sqlite_master WHERE name = 'forgotten'"):
        return set()
    return {tuple(row) for row in store.rows(f"SELECT site, url FROM forgotten WHERE {condition}")}  # noqa: S608 - constants
