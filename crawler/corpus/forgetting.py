"""Articles out of the corpus, the index, the frontier and the archive, on request, for good.

First one transaction: rows become rejects that say nothing of the text, the index loses them, their addresses are left
out for ever; what repeated a forgotten article and is another text finds a new place. Then the archive is cleaned; a
process that dies in between leaves a note in the state, and the next call goes on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.archive.forgetting import take_out
from crawler.corpus.archived import archive_files
from crawler.corpus.reader import CorpusReader
from crawler.corpus.reselection import Changes, Place, rehomed
from crawler.corpus.rewriting import apply
from crawler.corpus.schema import Dataset
from crawler.corpus.unfinished import take_back
from crawler.errors import ArchiveError
from crawler.progress import silent
from crawler.state.forgotten import Target, remember, unclean
from crawler.state.locks import OutputLock
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.rows import Row
    from crawler.dedup.relations import Thresholds
    from crawler.progress import Tell

_COLUMNS = ("site", "url", "archive_file", "archive_offset")
_NAMED = ("id", "content_hash")


@dataclass(slots=True)
class Forgot:
    """What was done."""

    n_pages: int = 0
    """Addresses that are kept out from now on, those of exact copies included."""
    n_rows: int = 0
    """Rows of the three datasets that hold nothing any more."""
    n_rehomed: int = 0
    """Reprints of a forgotten article that have another text and took its place in the corpus."""
    n_answers: int = 0
    """Answers emptied in the archive."""
    problems: list[str] = field(default_factory=list)
    """Archive files that could not be cleaned; call again."""


def settle(output: Path, run_id: str) -> None:
    """Undo what a process that died left half done, so that the corpus can be asked what to forget.

    Raises LockedError while anything else writes to `output`, CorpusError when there is no corpus.
    """
    CorpusReader(output).close()
    with OutputLock(output, run_id), Store(output) as store, store.transaction() as connection:
        take_back(connection, output)


def forget(
    output: Path,
    run_id: str,
    pages: Collection[tuple[str, str]],
    thresholds: Thresholds,
    *,
    has_reprints: bool = False,
    tell: Tell = silent,
) -> Forgot:
    """Forget `pages`, each a site and an address; without any, finish what was begun before.

    Exact copies of their text go with them, wherever they are; with `has_reprints` all that repeats them. `tell` counts
    files of the archive.
    Raises LockedError while anything else writes to `output`, CorpusError when a file cannot be read or written.
    """
    with OutputLock(output, run_id), Store(output) as store:
        with store.transaction() as connection:
            take_back(connection, output)
        forgot = Forgot()
        if pages:
            with CorpusReader(output) as reader:
                chosen = _Choice(reader, set(pages), has_reprints=has_reprints)
                changes = chosen.changes(thresholds)
            forgot.n_pages, forgot.n_rows, forgot.n_rehomed = len(chosen.targets), len(changes.gone), len(changes.kept)
            apply(store, run_id, changes, thresholds, lambda connection: _note(connection, chosen))
        _clean_archive(store, forgot, tell)
    return forgot


def _note(connection: Connection, chosen: _Choice) -> None:
    remember(connection, chosen.targets.values())
    for site, url in chosen.targets:  # what was fetched and not read yet is never read
        connection.execute(
            "UPDATE records SET outcome = 'not_an_article', outcome_run_id = run_id"
            " WHERE site = ? AND url = ? AND outcome IS NULL",
            (site, url),
        )


class _Choice:
    """Which rows go."""

    def __init__(self, reader: CorpusReader, pages: set[tuple[str, str]], *, has_reprints: bool) -> None:
        self._reader = reader
        self.targets = {page: Target(*page) for page in pages}
        self.places: dict[Place, str | None] = {}
        self.ids: set[str] = set()
        self._hashes: set[str] = set()
        n_known = -1
        while n_known < len(self.places):  # a copy brings its id, an id its other addresses
            n_known = len(self.places)
            self._add_rows()
            if has_reprints:
                self._add_reprints()

    def _add_rows(self) -> None:
        urls = {url for _, url in self.targets}
        for wanted in ({"url": urls}, {"id": self.ids}, {"content_hash": self._hashes}):
            for dataset in (Dataset.ARTICLES, Dataset.DUPLICATES):
                for row in self._reader.rows(dataset, (*_COLUMNS, *_NAMED), wanted):
                    if "url" not in wanted or (row["site"], row["url"]) in self.targets:
                        self._add(row, is_kept=dataset is Dataset.ARTICLES)
        for row in self._reader.rows(Dataset.REJECTED, _COLUMNS, {"url": urls}):
            if (row["site"], row["url"]) in self.targets:
                self.places[Place(row["archive_file"], row["archive_offset"])] = None

    def _add(self, row: Row, *, is_kept: bool) -> None:
        page = row["site"], row["url"]
        self.targets[page] = Target(*page, row["id"], row["content_hash"])
        self.places[Place(row["archive_file"], row["archive_offset"])] = row["id"] if is_kept else None
        self.ids.add(row["id"])
        self._hashes.add(row["content_hash"])

    def _add_reprints(self) -> None:
        columns = (*_COLUMNS, *_NAMED, "kept_id")
        for row in self._reader.rows(Dataset.DUPLICATES, columns, {"id": self.ids}):
            self.ids.add(row["kept_id"])
        for row in self._reader.rows(Dataset.DUPLICATES, columns, {"kept_id": self.ids}):
            self._add(row, is_kept=False)

    def changes(self, thresholds: Thresholds) -> Changes:
        """These rows gone, and a place for what repeated them."""
        gone = {article_id for article_id in self.places.values() if article_id is not None}
        changes = rehomed(self._reader, gone, self.places, thresholds)
        changes.gone.update(self.places)
        return changes


def _clean_archive(store: Store, forgot: Forgot, tell: Tell) -> None:
    by_site: defaultdict[str, set[str]] = defaultdict(set)
    for site, url in unclean(store):
        by_site[site].add(url)
    n_done, n_files = 0, sum(len(archive_files(store.output, site)) for site in by_site)
    for site, urls in by_site.items():
        places = _record_places(store, site, urls)
        problems = []
        for path in archive_files(store.output, site):
            tell(n_done, n_files)
            n_done += 1
            file = path.relative_to(store.output).as_posix()
            try:
                forgot.n_answers += take_out(path, urls, places.get(file, ()))
            except ArchiveError as error:
                problems.append(str(error))
        forgot.problems += problems
        if not problems:
            with store.transaction() as connection:
                connection.executemany(
                    "UPDATE forgotten SET is_archive_clean = 1 WHERE site = ? AND url = ?",
                    [(site, url) for url in urls],
                )


def _record_places(store: Store, site: str, urls: set[str]) -> dict[str, set[int]]:
    """Where the answers to these addresses begin, by file: one may bear the address that it was redirected to."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    for url in urls:
        for file, offset in store.rows("SELECT file, offset FROM records WHERE site = ? AND url = ?", (site, url)):
            places[file].add(offset)
    return places
