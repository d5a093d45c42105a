"""Many small parts become few large ones: the rows stay as they are, in the order in which they were committed.

A site's folders are made anew beside the old ones, large parts as links to the same file, and swapped inside the
transaction that notes them, as a replacement does: a process that dies leaves the old ones or the new ones.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.parts import PART_COLUMNS, Part
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.corpus.unfinished import NEW, swap, take_back
from crawler.errors import CorpusError
from crawler.items import SCHEMA_VERSION
from crawler.progress import silent
from crawler.state.locks import OutputLock
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.progress import Tell

MAX_PART_ROWS = 10_000
MAX_PART_BYTES = 64 << 20
"""Of a part that is made: as large as a replay makes them, small enough to hold in memory."""
_MOVED = (
    "UPDATE records SET part = :new WHERE part = :old",
    "UPDATE kept SET part = :new WHERE part = :old",
    "DELETE FROM parts WHERE path = :old",
)


@dataclass(slots=True)
class Compacted:
    """What was done."""

    n_sites: int = 0
    n_before: int = 0
    """Parts of all sites."""
    n_after: int = 0


def compact(output: Path, run_id: str, tell: Tell = silent) -> Compacted:
    """Merge neighbouring parts up to MAX_PART_ROWS, one site after the other.

    `tell` counts parts. Raises LockedError while anything else writes to `output`, CorpusError when a file cannot be
    read or written; then sites whose turn was not over are as they were.
    """
    done = Compacted()
    with OutputLock(output, run_id), Store(output) as store:
        with store.transaction() as connection:
            take_back(connection, output)
        sites = [row[0] for row in store.rows("SELECT DISTINCT site FROM parts ORDER BY site")]
        (n_parts,) = store.rows("SELECT count(*) FROM parts")[0]
        for site in sites:
            groups = _groups(store, site)
            counted = _counted(groups, done, lambda n_done: tell(n_done, n_parts))
            if any(len(group) > 1 for group in groups):
                done.n_sites += 1
                _compact_site(store, site, run_id, counted)
            else:
                deque(counted, 0)
    return done


def _counted(groups: Iterable[list[Part]], done: Compacted, tell: Callable[[int], None]) -> Iterator[list[Part]]:
    for group in groups:
        yield group
        done.n_before += len(group)
        done.n_after += 1
        tell(done.n_before)


def _groups(store: Store, site: str) -> list[list[Part]]:
    """Parts that become one, in the order in which they were committed; most stay alone."""
    query = f"SELECT {PART_COLUMNS} FROM parts WHERE site = ? ORDER BY dataset, rowid"  # noqa: S608 - a constant
    groups: list[list[Part]] = []
    for part in (Part(*row) for row in store.rows(query, (site,))):
        if groups and _fits(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _fits(group: Sequence[Part], part: Part) -> bool:
    members = (*group, part)
    return (
        group[0].dataset == part.dataset
        and {one.schema_version for one in members} == {SCHEMA_VERSION}
        and sum(one.rows for one in members) <= MAX_PART_ROWS
        and sum(one.bytes for one in members) <= MAX_PART_BYTES
    )


def _compact_site(store: Store, site: str, run_id: str, groups: Iterable[Sequence[Part]]) -> None:
    staging = parts.staging(store.output, site)
    with store.plain_errors():
        parts.empty(staging)
    with store.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO swaps SELECT site, epoch FROM writers WHERE site = ?", (site,))
    try:
        with store.transaction() as connection:
            for number, group in enumerate(groups, start=1):
                _stage(connection, store.output, group, run_id, number)
            swap(store.output, site)
            connection.execute("DELETE FROM swaps WHERE site = ?", (site,))
    except CorpusError:
        with suppress(CorpusError), store.transaction() as connection:
            take_back(connection, store.output)
        raise
    with store.plain_errors():
        parts.empty(staging)


def _stage(connection: Connection, output: Path, group: Sequence[Part], run_id: str, number: int) -> None:
    """Link a part that stays, write those that become one; in the staging folder and the open transaction."""
    first = group[0]
    folder = parts.staging(output, first.site) / NEW / first.dataset
    disk.make_folders(folder)
    if len(group) == 1:
        disk.link(output / first.path, folder / first.path.rpartition("/")[2])
        return
    dataset = Dataset(first.dataset)
    table = pa.concat_tables(_tables(output, group))
    data = parts.encode_table(table)
    path = parts.part_path(dataset, first.site, run_id, number)
    parts.write(folder / path.rpartition("/")[2], data)
    parts.insert_parts(connection, [parts.part_of(path, run_id, table.num_rows, data)])
    for part in group:
        for statement in _MOVED:
            connection.execute(statement, {"old": part.path, "new": path})


def _tables(output: Path, group: Sequence[Part]) -> Iterator[pa.Table]:
    for part in group:
        try:
            with pq.ParquetFile(output / part.path) as file:
                table = file.read(columns=SCHEMAS[Dataset(part.dataset)].names)
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{output / part.path}: {' '.join(str(error).split())[:300]}") from error
        yield table.cast(SCHEMAS[Dataset(part.dataset)])
