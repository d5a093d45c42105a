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

    from crawler.archive.exchange import Exchange
    from crawler.items import Pointer
    from crawler.state.locks import SiteLock
    from crawler.state.store import Store

ARCHIVE_FOLDER = "archive"
FOUND_VIA = "replay"
HTTP_OK = 200


def archive_files(output: Path, site: str) -> list[Path]:
    """The archive of a site, oldest file first."""
    return sorted((output / ARCHIVE_FOLDER / site).glob("*.warc.gz"))


def is_unknown(store: Store, site: str) -> bool:
    """Whether the state holds no address of the site: it is new, or its state was lost.

    A run notes its entry points before it asks for anything, so a site with an archive has addresses.
    """
    return not store.rows("SELECT 1 FROM urls WHERE site = ? LIMIT 1", (site,))


def take_in(store: Store, lock: SiteLock, kind_of: Callable[[str], str]) -> list[str]:
    """Make every whole response of the archive a pending record, and its address one that is done.

    Returns a line for each file that is not whole; it is left as it is. All is one transaction: after a crash it
    begins anew. What a listing led to and was not fetched is found again by the next crawl. Raises ArchiveError when
    a file cannot be read, OSError when it cannot be synced.
    """
    found: list[tuple[NewRecord, FinishedUrl]] = []
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
        Frontier(store, lock.site, lock.run_id).add(NewUrl(new.url, new.kind, FOUND_VIA) for new, _ in found)
        records.append([new for new, _ in found], [finished for _, finished in found])
        for file, end in ends.items():
            records.set_archive_end(file, end)
    return problems


def _facts(pointer: Pointer, exchange: Exchange, kind: str) -> tuple[NewRecord, FinishedUrl]:
    new = NewRecord(
        url=exchange.url,
        final_url=exchange.url,
        found_via=FOUND_VIA,
        kind=kind,
        status=exchange.status,
        fetched_at=exchange.fetched_at,
        pointer=pointer,
    )
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
