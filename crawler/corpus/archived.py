"""A site whose state was lost, out of its archive: which responses there are, and what they were answers to."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crawler import disk
from crawler.archive.reader import scan_tail
from crawler.state.frontier import Frontier
from crawler.state.records import NewRecord, Records
from crawler.state.urls import FinishedUrl, NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.archive.exchange import Exchange
    from crawler.items import Pointer
    from crawler.state.locks import SiteLock
    from crawler.state.store import Store

ARCHIVE_FOLDER = "archive"
FOUND_VIA = "replay"
HTTP_OK = 200
HTTP_ERROR = 500
ASK_AGAIN = frozenset({408, 429})


def archive_files(output: Path, site: str) -> list[Path]:
    """The archive of a site, oldest file first."""
    return sorted((output / ARCHIVE_FOLDER / site).glob("*.warc.gz"))


def is_unknown(store: Store, site: str) -> bool:
    """Whether the state holds no address of the site: it is new, or its state was lost.

    A run notes its entry points before it asks for anything, so a site with an archive has addresses.
    """
    return not store.rows("SELECT 1 FROM urls WHERE site = ? LIMIT 1", (site,))


def set_unread(connection: Connection, output: Path, site: str) -> None:
    """Mark the archive files of a site as not looked into since its state was made anew: end 0, which no run leaves."""
    for path in archive_files(output, site):
        file = path.relative_to(output).as_posix()
        connection.execute("INSERT INTO archive_ends (file, site, end) VALUES (?, ?, 0)", (file, site))


def has_unread(store: Store, site: str) -> bool:
    """Whether `set_unread` marked a file of the site and no run took it in since."""
    return bool(store.rows("SELECT 1 FROM archive_ends WHERE site = ? AND end = 0 LIMIT 1", (site,)))


def take_in(store: Store, lock: SiteLock, kind_of: Callable[[str], str]) -> list[str]:
    """Make every whole response of the archive a pending record, and its address one that is done.

    What has a record already keeps its outcome; its address learns what a conditional request needs.
    Returns a line for each file that is not whole; it is left as it is. All is one transaction: after a crash it
    begins anew. What a listing led to and was not fetched is found again by the next crawl. Raises ArchiveError when
    a file cannot be read, OSError when it cannot be synced.
    """
    found: list[tuple[NewRecord, FinishedUrl | None]] = []
    problems: list[str] = []
    ends: dict[str, int] = {}
    for path in archive_files(store.output, lock.site):
        disk.sync_file(path)
        tail = scan_tail(path, 0)
        found += [_facts(pointer, exchange, kind_of(exchange.url)) for pointer, exchange in tail]
        problems += [tail.problem] if tail.problem else []
        ends[path.relative_to(store.output).as_posix()] = path.stat().st_size
    records = Records(store, lock.site, lock.run_id)
    with store.transaction():
        known = set(store.rows("SELECT file, offset FROM records WHERE site = ?", (lock.site,)))
        frontier = Frontier(store, lock.site, lock.run_id)
        frontier.add(NewUrl(new.url, new.kind, FOUND_VIA) for new, _ in found)
        frontier.finish(finished for _, finished in found if finished is not None)
        records.append([new for new, _ in found if (new.pointer.file, new.pointer.offset) not in known], [])
        for file, end in ends.items():
            records.set_archive_end(file, end)
    return problems


def _facts(pointer: Pointer, exchange: Exchange, kind: str) -> tuple[NewRecord, FinishedUrl | None]:
    """The record of a response, and what it makes of its address: nothing when the server was overloaded."""
    new = NewRecord(
        url=exchange.url,
        final_url=exchange.url,
        found_via=FOUND_VIA,
        kind=kind,
        status=exchange.status,
        fetched_at=exchange.fetched_at,
        pointer=pointer,
    )
    if exchange.status in ASK_AGAIN or exchange.status >= HTTP_ERROR or exchange.truncated is not None:
        return new, None
    is_whole = exchange.status == HTTP_OK and exchange.refers_to_url is None
    finished = FinishedUrl(
        url=exchange.url,
        fetched_at=exchange.fetched_at,
        etag=exchange.header("etag"),
        last_modified=exchange.header("last-modified"),
        pointer=pointer if is_whole else None,
        content_hash=hashlib.blake2b(exchange.body, digest_size=16).hexdigest() if is_whole else None,
    )
    return new, finished
