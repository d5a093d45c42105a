"""Committer: the only way into the corpus while a site is crawled."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from crawler.corpus import parts
from crawler.corpus.decisions import Decider
from crawler.corpus.keeping import revised_parts
from crawler.corpus.outcomes import Committed, Outcome, Outcomes
from crawler.corpus.revising import revise, staged
from crawler.corpus.schema import Dataset
from crawler.corpus.unfinished import NEW, swap, take_back
from crawler.dedup.index import DedupIndex
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from sqlite3 import Connection

    from crawler.corpus.decided import Decided
    from crawler.corpus.decisions import MakeIndex
    from crawler.corpus.parts import Part
    from crawler.state.store import Store

MAX_ROWS = 1_000
"""Outcomes in memory before a commit is due: parts of some hundred rows compress well, compaction joins them."""
MAX_AGE = 60.0
"""Seconds after which a commit is due, however few outcomes wait: a kill costs at most this much work, no data."""

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def check_run_id(run_id: str) -> None:
    """Raises CorpusError for a run id that cannot be part of a file name."""
    if not _RUN_ID.fullmatch(run_id):
        raise CorpusError(f"{run_id!r} cannot be a run id: letters, digits, `_`, `-` and `.` only")


class Committer(Outcomes):
    """Collects outcomes in memory; `flush` makes rows of them: transaction 2, all or nothing.

    The caller calls `flush` when `is_due`, and once at the end. What was not flushed when the process dies is not
    lost: its records have no outcome and are processed again at the next start (`Records.pending`).
    """

    def __init__(
        self,
        store: Store,
        site: str,
        run_id: str,
        *,
        make_index: MakeIndex = DedupIndex,
        max_rows: int = MAX_ROWS,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The store must hold the site's lock. `make_index` gets the connection inside each commit's transaction.

        Raises CorpusError for a bad `run_id`.
        """
        super().__init__(site, run_id)
        check_run_id(run_id)
        self._store = store
        self._make_index = make_index
        self._max_rows = max_rows
        self._max_age = max_age
        self._clock = clock
        self._waiting: dict[int, Outcome] = {}
        self._waiting_since = 0.0

    def _take(self, outcome: Outcome) -> None:
        if not self._waiting:
            self._waiting_since = self._clock()
        self._waiting[outcome.seq] = outcome

    @property
    def n_waiting(self) -> int:
        """Outcomes not yet committed."""
        return len(self._waiting)

    @property
    def is_due(self) -> bool:
        """Whether `flush` should be called now: enough outcomes, or old ones."""
        is_old = bool(self._waiting) and self._clock() - self._waiting_since >= self._max_age
        return is_old or len(self._waiting) >= self._max_rows

    def flush(self) -> Committed:
        """Commit everything that waits.

        Raises CorpusError (disk full and the like; names the path) or FencedError; then nothing was committed, all
        still waits, and another `flush` may be tried.
        """
        batch = dict(self._waiting)
        if not batch:
            return Committed()
        try:
            committed = self._commit(batch)
        except CorpusError:
            # a file may be in place already: only under the write lock is it known whether it was committed
            with suppress(CorpusError), self._store.transaction() as connection:
                take_back(connection, self._store.output)
            raise
        for seq, outcome in batch.items():
            if self._waiting.get(seq) is outcome:
                del self._waiting[seq]
        self._waiting_since = self._clock()
        return committed

    def _commit(self, batch: dict[int, Outcome]) -> Committed:
        paths, spare = self._announce(batch)
        output = self._store.output
        with self._store.transaction() as connection:
            take_back(connection, output, mine=[*paths.values(), *spare])
            decided = Decider(connection, self._make_index(connection), self.site, self.run_id).decide(
                batch.values(), paths
            )
            if decided.superseded:
                revise(connection, output, self.site, decided, iter(spare))
            published = self._publish(decided, paths)
            if decided.superseded:
                swap(output, self.site, [Dataset.ARTICLES])
            for table in ("intents", "swaps"):
                connection.execute(f"DELETE FROM {table} WHERE site = ?", (self.site,))  # noqa: S608 - two constants
        with suppress(OSError):  # committed; the next start removes what is left
            parts.empty(parts.staging(output, self.site) / NEW)
        return decided.committed(published)

    def _announce(self, batch: Mapping[int, Outcome]) -> tuple[dict[Dataset, str], list[str]]:
        """Paths of the parts to come, and of those that older parts with a revised article are written anew to."""
        epoch = self._store.epoch(self.site)
        with self._store.plain_errors():
            parts.empty(parts.staging(self._store.output, self.site) / NEW)
        articles = [one.article for one in batch.values() if one.article is not None]
        with self._store.transaction() as connection:
            number = self._next_number(connection)
            path_of = partial(parts.part_path, site=self.site, run_id=self.run_id)
            paths = {dataset: path_of(dataset, number=number) for dataset in Dataset}
            old = revised_parts(connection, self.site, articles)
            spare = [path_of(Dataset.ARTICLES, number=number + n) for n in range(1, len(old) + 1)]
            if old:
                connection.execute("INSERT OR REPLACE INTO swaps (site, epoch) VALUES (?, ?)", (self.site, epoch))
            connection.executemany(
                "INSERT INTO intents (path, site, epoch) VALUES (?, ?, ?)",
                [(path, self.site, epoch) for path in [*paths.values(), *spare]],
            )
        return paths, spare

    def _next_number(self, connection: Connection) -> int:
        query = "SELECT path FROM parts WHERE path GLOB ? UNION ALL SELECT path FROM intents WHERE path GLOB ?"
        numbers = [0]
        for dataset in Dataset:
            names = parts.part_path(dataset, self.site, self.run_id, 0).removesuffix("0000.parquet") + "*"
            numbers += [parts.number_of(path) for (path,) in connection.execute(query, (names, names))]
        return 1 + max(numbers)

    def _publish(self, decided: Decided, paths: Mapping[Dataset, str]) -> list[Part]:
        """Write the new parts, note them in the manifest, and put them in place; or with the articles to be swapped."""
        written = []
        output = self._store.output
        for dataset, rows in decided.rows.items():
            if not rows:
                continue
            data = parts.encode(dataset, rows)
            name = paths[dataset].rpartition("/")[2]
            if dataset is Dataset.ARTICLES and decided.superseded:
                parts.write(staged(output, self.site) / name, data)
            else:
                draft = parts.staging(output, self.site) / f"{dataset.value}-{name}"
                parts.write(draft, data)
                parts.publish(draft, output / paths[dataset])
            written.append(parts.part_of(paths[dataset], self.run_id, len(rows), data))
        with self._store.transaction() as connection:
            parts.insert_parts(connection, written)
        return written
