"""What the frontier takes in and gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.items import Pointer
from crawler.state.instants import from_micros, opt_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


LINK = "link"
"""Kind of addresses that their spelling alone leaves out."""


@dataclass(frozen=True, slots=True)
class NewUrl:
    """An address that was found."""

    url: str
    """Canonical; unique per site."""
    kind: str
    """What it should be: article, section, feed, sitemap, robots, home, …"""
    found_via: str
    """How it was found: feed, sitemap, news_sitemap, section, link, seed."""
    priority: int = 0
    """Higher goes first."""
    depth: int = 0
    """Steps from an entry point."""
    lastmod: datetime | None = None
    """Last change its source states, aware."""
    title: str | None = None
    """Headline its source states."""
    reason: str | None = None
    """A rule that leaves it out: it is then remembered as `left_out`, not crawled. None: crawl it."""
    dated_at: datetime | None = None
    """When its page was published, as far as a source or the address tells, aware; of a listing: its newest article."""
    spelling: str | None = None
    """The server wants to be asked for it in this spelling, and redirected the request to it."""
    n_spellings: int = 0
    """How many spellings it wanted in a row."""


@dataclass(frozen=True, slots=True)
class FinishedUrl:
    """A leased address that was answered."""

    url: str
    fetched_at: datetime
    etag: str | None = None
    """ETag of the answer, to ask again with If-None-Match; None keeps the one before."""
    last_modified: str | None = None
    """Last-Modified of the answer, as sent; None keeps the one before."""
    pointer: Pointer | None = None
    """Archive record of the answer with status 200; None (a 304) keeps the one before."""
    content_hash: str | None = None
    """Hash of the answer's body; None keeps the one before."""


@dataclass(frozen=True, slots=True)
class FailedUrl:
    """A leased address that was not answered."""

    url: str
    reason: str
    next_try_at: datetime | None = None
    """When to try again, aware; None: never."""


@dataclass(frozen=True, slots=True)
class KnownUrl:
    """All the frontier knows of one address."""

    url: str
    kind: str
    state: str
    """pending, leased, done, failed or left_out."""
    priority: int
    depth: int
    found_via: str
    discovered_at: datetime
    lastmod: datetime | None
    title: str | None
    attempts: int
    """Failed attempts since the last success."""
    next_try_at: datetime | None
    reason: str | None
    """Why it failed last or was left out."""
    etag: str | None
    last_modified: str | None
    last_fetched_at: datetime | None
    last_run_id: str | None
    content_hash: str | None
    pointer: Pointer | None
    """Archive record of the last answer with status 200."""
    dated_at: datetime | None = None
    """When its page was published, as far as a source or the address tells."""
    spelling: str | None = None
    """To be asked for in this spelling the next time; see NewUrl."""
    n_spellings: int = 0

    @property
    def asked_url(self) -> str:
        """The address to ask the server for."""
        return self.spelling or self.url


COLUMNS = (
    "url, kind, state, priority, depth, found_via, discovered_at, lastmod, title, attempts, next_try_at, reason,"
    " etag, last_modified, last_fetched_at, last_run_id, content_hash, file, offset, length, dated_at,"
    " spelling, n_spellings"
)
"""Of table urls, as `known_url` reads them."""


def known_url(row: Sequence[Any]) -> KnownUrl:
    """A row of `COLUMNS`."""
    url, kind, state, priority, depth, found_via, discovered_at, lastmod, title, attempts, next_try_at, reason = row[
        :12
    ]
    etag, last_modified, last_fetched_at, last_run_id, content_hash, file, offset, length, dated_at = row[12:21]
    return KnownUrl(
        url=url,
        kind=kind,
        state=state,
        priority=priority,
        depth=depth,
        found_via=found_via,
        discovered_at=from_micros(discovered_at),
        lastmod=opt_moment(lastmod),
        title=title,
        attempts=attempts,
        next_try_at=opt_moment(next_try_at),
        reason=reason,
        etag=etag,
        last_modified=last_modified,
        last_fetched_at=opt_moment(last_fetched_at),
        last_run_id=last_run_id,
        content_hash=content_hash,
        pointer=None if file is None else Pointer(file, offset, length),
        dated_at=opt_moment(dated_at),
        spelling=row[21],
        n_spellings=row[22],
    )
