"""Replacement: all rows of a site made anew from its archive, and put in the place of the old ones at once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.committer import check_run_id
from crawler.corpus.decided import Decided
from crawler.corpus.decisions import Decider
from crawler.corpus.outcomes import Committed, Outcome, Outcomes
from crawler.corpus.revising import without
from crawler.corpus.schema import Dataset
from crawler.corpus.spool import Spool
from crawler.corpus.unfinished import NEW, swap, take_back
from crawler.dedup.index import DedupIndex
from crawler.errors import CorpusError, FencedError

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.decisions import MakeIndex
    from crawler.corpus.parts import Part
    from crawler.state.store import Store

MAX_PART_ROWS = 10_000
MAX_PART_BYTES = 64 << 20
"""Outcomes in memory while a part is made; the file is about a quarter of it."""
_SPOOL_ROWS = 200


class Replacement(Outcomes):
    """Takes the outcomes of all records of a site (`Records.all`); `finish` replaces the site's rows by theirs.

    Until `finish` has returned, the corpus is as it was, whatever happens. Records without a new outcome have none
    afterwards and are processed at the next crawl. Call `recover` before.
    """

    def __init__(self, store: Store, site: str, run_id: str, *, make_index: MakeIndex = DedupIndex) -> None:
        """The store must hold the site's lock. Raises CorpusError for a bad `run_id` or a full disk."""
        super().__init__(site, run_id)
        check_run_id(run_id)
        self._store = store
        self._make_index = make_index
        self._staging = parts.staging(store.output, site)
        self._waiting: list[Outcome] = []
        with store.plain_errors():
            self._spool = Spool(self._staging)

    def _take(self, outcome: Outcome) -> None:
        self._waiting.append(outcome)
        if len(self._waiting) >= _SPOOL_ROWS:
            self._put_waiting()

    def _put_waiting(self) -> None:
        with self._store.plain_errors():
            self._spool.put(self._waiting)
        self._waiting.clear()

    def finish(self) -> Committed:
        """Decide the duplicates in the order of the records, write the parts and swap the site's folders.

        Other sites' commits wait meanwhile, 2 to 3 seconds per 1,000 articles. Raises CorpusError or FencedError;
        then the corpus is as it was, also if the process dies on the way (`recover` turns back a half-done swap).
        """
        self._put_waiting()
        try:
            committed = self._commit()
        except CorpusError:
            with suppress(CorpusError), self._store.transaction() as connection:
                take_back(connection, self._store.output)
            raise
        self.close()
        return committed

    def close(self) -> None:
        """Forget the spooled outcomes; `finish` does it too."""
        with self._store.plain_errors():
            self._spool.close()
            parts.empty(self._staging)

    def _commit(self) -> Committed:
        self._announce()
        with self._store.transaction() as connection:
            take_back(connection, self._store.output)
            self._check_announced(connection)
            parts.empty(self._staging / NEW)
            index = self._make_index(connection)
            index.remove_site(self.site)
            _forget_site(connection, self.site)
            decided, written = self._write_all(Decider(connection, index, self.site, self.run_id))
            parts.insert_parts(connection, written)
            swap(self._store.output, self.site)
            connection.execute("DELETE FROM swaps WHERE site = ?", (self.site,))
            connection.execute("DELETE FROM intents WHERE site = ?", (self.site,))
            stale_sites = _stale_sites(connection)
        return decided.committed(written, stale_sites)

    def _announce(self) -> None:
        epoch = self._store.epoch(self.site)
        with self._store.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO swaps (site, epoch) VALUES (?, ?)", (self.site, epoch))

    def _check_announced(self, connection: Connection) -> None:
        query = "SELECT 1 FROM swaps WHERE site = ? AND epoch = ?"
        if connection.execute(query, (self.site, self._store.epoch(self.site))).fetchone() is None:
            raise FencedError(f"{self.site}: the announcement of this replacement is gone; nothing was changed")

    def _write_all(self, decider: Decider) -> tuple[Decided, list[Part]]:
        total = Decided()
        written: list[Part] = []
        for number, batch in enumerate(self._spool.batches(MAX_PART_ROWS, MAX_PART_BYTES), start=1):
            paths = {dataset: parts.part_path(dataset, self.site, self.run_id, number) for dataset in Dataset}
            decided = decider.decide(batch, paths)
            self._revise(decided, written)
            written += [
                self._write(self._staging / NEW / dataset.value, dataset, paths[dataset], decided)
                for dataset in Dataset
                if decided.rows[dataset]
            ]
            total.outcomes.update(decided.outcomes)
        return total, written

    def _revise(self, decided: Decided, written: list[Part]) -> None:
        """Take rows whose page has a newer text in this batch out of the parts written before."""
        for path, successors in decided.superseded.items():
            place = next(number for number, part in enumerate(written) if part.path == path)
            draft = self._staging / NEW / Dataset.ARTICLES.value / path.rpartition("/")[2]
            rest = without(draft, successors)
            decided.rows[Dataset.DUPLICATES] += rest.leaving
            disk.unlink(draft)
            del written[place]
            if rest.data:
                parts.write(draft, rest.data)
                written.insert(place, parts.part_of(path, self.run_id, rest.staying.num_rows, rest.data))

    def _write(self, folder: Path, dataset: Dataset, path: str, decided: Decided) -> Part:
        data = parts.encode(dataset, decided.rows[dataset])
        parts.write(folder / path.rpartition("/")[2], data)
        return parts.part_of(path, self.run_id, len(decided.rows[dataset]), data)


def _forget_site(connection: Connection, site: str) -> None:
    connection.execute("DELETE FROM kept WHERE site = ?", (site,))
    connection.execute("DELETE FROM parts WHERE site = ?", (site,))
    connection.execute(
        "UPDATE records SET outcome = NULL, outcome_run_id = NULL, reason = NULL, part = NULL, article_id = NULL"
        " WHERE site = ? AND outcome IS NOT NULL",
        (site,),
    )


def _stale_sites(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT site FROM records WHERE outcome = 'duplicate'"
        " AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.id = records.article_id) ORDER BY site"
    )
    return [row[0] for row in rows]
