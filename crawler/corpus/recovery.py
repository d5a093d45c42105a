"""What a process does first on a site's state, whatever became of the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler import disk
from crawler.archive.reader import scan_tail, truncate_torn_tail
from crawler.corpus import parts
from crawler.corpus.answers import digest_of, finished_by, record_of
from crawler.corpus.archived import archive_files, has_unread, is_unknown, take_in
from crawler.corpus.schema import Dataset
from crawler.corpus.sources import check_sources
from crawler.corpus.unfinished import take_back
from crawler.errors import ArchiveError, CorpusError
from crawler.state.frontier import Frontier
from crawler.state.records import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.archive.exchange import Exchange
    from crawler.items import Pointer
    from crawler.state.locks import SiteLock
    from crawler.state.store import Store

HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found unfinished and put right; all zero after an orderly end."""

    n_leased: int
    """Addresses that were being fetched; they wait again."""
    n_records: int
    """Responses that lay in the archive unknown to the state; they are pending records now."""
    n_pending: int
    """Records without an outcome, to be processed before anything is fetched."""
    n_files: int
    """Published files and folders that were never committed, taken back."""
    n_torn_bytes: int
    """Bytes cut off archive files behind their last whole record."""
    problems: tuple[str, ...] = ()
    """Archive files that are not whole, found when a lost state was made anew from them."""


def recover(
    store: Store, lock: SiteLock, *, kind_of: Callable[[str], str] | None = None, is_replay: bool = False
) -> Recovered:
    """Bring archive, state and datasets of a site to what is committed. To be called once after taking the lock.

    When the state knows nothing of the site, it was lost, and every response in the archive becomes a pending record
    of the kind that `kind_of` tells by its address. `is_replay`: all parts will be made anew, so it does not matter
    which of them are there; they stay until the new ones are whole.

    Raises CorpusError when a committed part is missing or has another size, or when parts are there that the state
    does not know; ArchiveError when synced bytes of the archive are gone, or a file that a replay needs. The
    message says what to do.
    """
    output, site = store.output, lock.site
    with store.plain_errors():
        if is_replay:
            check_sources(store, site)
        with store.transaction() as connection:
            n_files = take_back(connection, output)
            if not is_replay:
                _check_not_orphaned(connection, store, site)
                n_files += _remove_strays(connection, output, site)
            connection.execute("DELETE FROM intents WHERE site = ?", (site,))
            connection.execute("DELETE FROM swaps WHERE site = ?", (site,))
        parts.empty(parts.staging(output, site))
        if not is_replay:
            _check_parts(store, site)
        is_lost = is_unknown(store, site) or has_unread(store, site)
        problems = take_in(store, lock, kind_of) if kind_of is not None and is_lost else []
        n_records, n_torn_bytes = _recover_archive(store, lock)
    records = Records(store, site, lock.run_id)
    n_leased = Frontier(store, site).recover()
    return Recovered(n_leased, n_records, records.n_pending(), n_files, n_torn_bytes, tuple(problems))


def _partitions(output: Path, site: str) -> Iterator[tuple[Dataset, Path]]:
    for dataset in Dataset:
        folder = output / parts.partition(dataset, site)
        if folder.is_dir():
            yield dataset, folder


def _check_not_orphaned(connection: Connection, store: Store, site: str) -> None:
    """Parts that the state knows nothing of, and no other parts either: the state was lost, they are no strays."""
    if connection.execute("SELECT 1 FROM parts WHERE site = ? LIMIT 1", (site,)).fetchone():
        return
    for _, folder in _partitions(store.output, site):
        part = next((path for path in folder.iterdir() if parts.PART_NAME.fullmatch(path.name)), None)
        if part is not None:
            advice = f"bring the old file back, or rebuild the rows from the archive: `scrapy replay {site}`"
            raise CorpusError(f"{store.path}: knows nothing of {part}; {advice}")


def _remove_strays(connection: Connection, output: Path, site: str) -> int:
    known = {row[0] for row in connection.execute("SELECT path FROM parts WHERE site = ?", (site,))}
    strays = [
        path
        for dataset, folder in _partitions(output, site)
        for path in folder.iterdir()
        if parts.PART_NAME.fullmatch(path.name) and f"{parts.partition(dataset, site)}/{path.name}" not in known
    ]
    for path in strays:
        disk.unlink(path)
    for folder in {path.parent for path in strays}:
        disk.sync_folder(folder)
    return len(strays)


def _check_parts(store: Store, site: str) -> None:
    for path, size in store.rows("SELECT path, bytes FROM parts WHERE site = ?", (site,)):
        file = store.output / path
        found = file.stat().st_size if file.is_file() else None
        if found != size:
            what = "is missing" if found is None else f"has {found} bytes instead of {size}"
            advice = f"bring it back from a copy, or make the site's rows anew with `scrapy replay {site}`"
            raise CorpusError(f"{file}: committed but {what}; {advice}")


def _recover_archive(store: Store, lock: SiteLock) -> tuple[int, int]:
    n_records = n_torn_bytes = 0
    records = Records(store, lock.site, lock.run_id)
    for path in archive_files(store.output, lock.site):
        file = path.relative_to(store.output).as_posix()
        start = records.archive_end(file)
        if path.stat().st_size > start:
            disk.sync_file(path)  # whoever was killed left it to the system, which may not have written it yet
        tail = scan_tail(path, start)
        for pointer, exchange in tail:
            n_records += _recover_exchange(store, lock, pointer, exchange)
        n_torn_bytes += _truncate(path, tail.end)
        if tail.end > start:
            records.set_archive_end(file, tail.end)
    return n_records, n_torn_bytes


def _truncate(path: Path, end: int) -> int:
    try:
        return truncate_torn_tail(path, end)
    except ArchiveError as error:
        advice = "bring the file back from a copy, or move it away to go on without its pages"
        raise ArchiveError(f"{error}; {advice}") from None


def _recover_exchange(store: Store, lock: SiteLock, pointer: Pointer, exchange: Exchange) -> int:
    """A page that was archived for a leased address is taken as fetched; anything else is fetched again.

    Behind a redirect the address that answered was not the one leased: it is asked again, at the cost of one request.
    """
    frontier = Frontier(store, lock.site)
    known = frontier.get(exchange.url)
    is_usable = exchange.status == HTTP_OK and exchange.refers_to_url is None and exchange.truncated is None
    if known is None or known.state != "leased" or not is_usable:
        return 0
    record = record_of(exchange, known, pointer)
    finished = finished_by(exchange, known, pointer, digest_of(exchange))
    Records(store, lock.site, lock.run_id).append([record], [finished])
    return 1
