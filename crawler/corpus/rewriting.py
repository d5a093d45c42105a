"""Rows that change places between `articles/` and `duplicates/`, all sites at once: one transaction, or nothing.

Every site concerned gets its folders anew beside the old ones (parts without a change are links to the same file);
the folders are swapped inside the transaction, as a replacement does, and turned back by whoever comes next when the
process dies before the commit.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.keeping import keep
from crawler.corpus.parts import PART_COLUMNS, Part
from crawler.corpus.reader import CorpusReader
from crawler.corpus.reselection import Place, plan
from crawler.corpus.rows import article_of, article_row, duplicate_of, duplicate_row, plain_row, rejected_of
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.corpus.unfinished import NEW, swap, take_back
from crawler.dedup.index import DedupIndex
from crawler.errors import CorpusError
from crawler.items import Reason
from crawler.state.locks import OutputLock
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.reselection import Changes
    from crawler.corpus.rows import Row
    from crawler.dedup.clusters import Policy, Sites
    from crawler.dedup.relations import Thresholds
    from crawler.items import Article

MAX_PART_ROWS = 10_000
_OUTCOME = "UPDATE records SET outcome = ?, reason = ?, article_id = ?, part = ? WHERE file = ? AND offset = ?"
_REPEATS = "UPDATE records SET reason = ?, article_id = ? WHERE file = ? AND offset = ?"
_MOVED = (
    "UPDATE records SET part = (SELECT new FROM moved WHERE old = part) WHERE part IN (SELECT old FROM moved)",
    "UPDATE kept SET part = (SELECT new FROM moved WHERE old = part) WHERE part IN (SELECT old FROM moved)",
)


def reselect(output: Path, run_id: str, policy: Policy, sites: Sites, thresholds: Thresholds) -> Changes:
    """Keep of every cluster the member that `policy` prefers among those that the others repeat.

    Raises LockedError while anything else writes to `output`, CorpusError when a file cannot be read or written; then
    the corpus is as it was, also if the process dies on the way.
    """
    with OutputLock(output, run_id), Store(output) as store:
        with store.transaction() as connection:
            take_back(connection, output)
        with CorpusReader(output) as reader:
            changes = plan(reader, policy, sites, thresholds)
        apply(store, run_id, changes, thresholds)
    return changes


def apply(
    store: Store,
    run_id: str,
    changes: Changes,
    thresholds: Thresholds,
    also: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Make `changes`, and what `also` does, in one transaction. The caller holds the OutputLock."""
    sites = _sites(store, changes)
    with store.plain_errors():
        for (
            site
        ) in sites:  # what a swap left that died right after its commit would look like one that was not committed
            parts.empty(parts.staging(store.output, site))
    with store.transaction() as connection:
        for site in sites:
            connection.execute("INSERT OR REPLACE INTO swaps SELECT site, epoch FROM writers WHERE site = ?", (site,))
    make_index = partial(DedupIndex, thresholds=thresholds)
    try:
        _commit(store, sites, run_id, changes, make_index=make_index, also=also)
    except CorpusError:
        with suppress(CorpusError), store.transaction() as connection:
            take_back(connection, store.output)
        raise
    with store.plain_errors():
        for site in sites:
            parts.empty(parts.staging(store.output, site))


def _sites(store: Store, changes: Changes) -> list[str]:
    query = "SELECT site FROM records WHERE file = ? AND offset = ?"
    return sorted({row[0] for place in _places(changes) for row in store.rows(query, place)})


def _places(changes: Changes) -> list[Place]:
    return [*changes.kept, *changes.repeats, *changes.gone]


def _commit(
    store: Store,
    sites: Iterable[str],
    run_id: str,
    changes: Changes,
    *,
    make_index: Callable[[Connection], DedupIndex],
    also: Callable[[Connection], None],
) -> None:
    with store.transaction() as connection:
        index = make_index(connection)
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS moved (old TEXT PRIMARY KEY, new TEXT NOT NULL)")
        connection.execute("DELETE FROM moved")
        leaving = {one.id for one in changes.repeats.values()} | set(filter(None, changes.gone.values()))
        connection.executemany("DELETE FROM kept WHERE id = ?", [(article_id,) for article_id in leaving])
        for article_id in leaving:
            index.remove(article_id)
        also(connection)
        for site in sites:
            parts.empty(parts.staging(store.output, site) / NEW)
            _Rewriting(connection, store.output, site, run_id, changes=changes, index=index).run()
        for statement in _MOVED:
            connection.execute(statement)
        for site in sites:
            swap(store.output, site)
            connection.execute("DELETE FROM swaps WHERE site = ?", (site,))
        connection.execute("DROP TABLE moved")


class _Rewriting:
    """One site's parts with the changes, in its staging folder and in the open transaction's tables."""

    def __init__(
        self, connection: Connection, output: Path, site: str, run_id: str, *, changes: Changes, index: DedupIndex
    ) -> None:
        self._connection = connection
        self._output = output
        self._site = site
        self._run_id = run_id
        self._changes = changes
        self._index = index
        self._numbers = {dataset: count(1) for dataset in Dataset}
        self._moving: dict[Dataset, list[Row]] = defaultdict(list)

    def run(self) -> None:
        query = f"SELECT {PART_COLUMNS} FROM parts WHERE site = ? ORDER BY path"  # noqa: S608 - a constant
        found = [Part(*row) for row in self._connection.execute(query, (self._site,)).fetchall()]
        touched = self._touched()
        for part in found:
            if part.path in touched:
                self._rewrite(part)
            else:
                self._link(part)
        for dataset, rows in self._moving.items():
            for start in range(0, len(rows), MAX_PART_ROWS):
                some = rows[start : start + MAX_PART_ROWS]
                self._note_moved(dataset, self._write(dataset, some), some)

    def _touched(self) -> set[str]:
        query = "SELECT part FROM records WHERE file = ? AND offset = ? AND site = ?"
        rows = (self._connection.execute(query, (*place, self._site)).fetchone() for place in _places(self._changes))
        return {row[0] for row in rows if row}

    def _staged(self, dataset: Dataset) -> Path:
        return parts.staging(self._output, self._site) / NEW / dataset.value

    def _link(self, part: Part) -> None:
        folder = self._staged(Dataset(part.dataset))
        disk.make_folders(folder)
        disk.link(self._output / part.path, folder / part.path.rpartition("/")[2])

    def _rewrite(self, part: Part) -> None:
        dataset = Dataset(part.dataset)
        with pq.ParquetFile(self._output / part.path) as file:
            rows = file.read(columns=SCHEMAS[dataset].names).to_pylist()
        staying = [row for row in (self._changed(dataset, row) for row in rows) if row is not None]
        self._connection.execute("DELETE FROM parts WHERE path = ?", (part.path,))
        if staying:
            path = self._write(dataset, staying)
            self._connection.execute("INSERT INTO moved VALUES (?, ?)", (part.path, path))

    def _changed(self, dataset: Dataset, row: Row) -> Row | None:
        """The row as it is from now on, or None when it moves to the other dataset."""
        place = Place(row["archive_file"], row["archive_offset"])
        if place in self._changes.gone:
            return self._forgotten(dataset, row)
        if place in self._changes.kept:
            self._moving[Dataset.ARTICLES].append(article_row(article_of(row)))
            return None
        repeats = self._changes.repeats.get(place)
        if repeats is None:
            return row
        changed = duplicate_row(duplicate_of(article_of(row), **repeats.as_fields()))
        if dataset is Dataset.DUPLICATES:
            self._connection.execute(_REPEATS, (repeats.relation, repeats.kept_id, *place))
            return changed
        self._moving[Dataset.DUPLICATES].append(changed)
        return None

    def _forgotten(self, dataset: Dataset, row: Row) -> Row | None:
        """A reject that says nothing of the text; one that was a reject before stays where it is."""
        gone = {"reason": Reason.FORGOTTEN.value, "detail": "", "title": None}
        if dataset is Dataset.REJECTED:
            self._connection.execute(_REPEATS, (gone["reason"], None, row["archive_file"], row["archive_offset"]))
            return row | gone
        rejected = rejected_of(article_of(row), Reason.FORGOTTEN, "", self._site, row["run_id"])
        self._moving[Dataset.REJECTED].append(plain_row(rejected) | gone)
        return None

    def _write(self, dataset: Dataset, rows: list[Row]) -> str:
        path = parts.part_path(dataset, self._site, self._run_id, next(self._numbers[dataset]))
        data = parts.encode(dataset, rows)
        parts.write(self._staged(dataset) / path.rpartition("/")[2], data)
        parts.insert_parts(self._connection, [parts.part_of(path, self._run_id, len(rows), data)])
        return path

    def _note_moved(self, dataset: Dataset, path: str, rows: list[Row]) -> None:
        for row in rows:
            place = (row["archive_file"], row["archive_offset"])
            if dataset is Dataset.DUPLICATES:
                what = ("duplicate", row["relation"], row["kept_id"], path)
            elif dataset is Dataset.REJECTED:
                what = ("rejected", row["reason"], None, path)
            else:
                what = ("kept", None, row["id"], path)
                self._keep(article_of(row), path)
            self._connection.execute(_OUTCOME, (*what, *place))

    def _keep(self, article: Article, path: str) -> None:
        keep(self._connection, article, self._site, path)
        self._index.add(article)
