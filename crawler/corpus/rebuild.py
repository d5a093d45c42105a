"""A state file that is lost or damaged, made anew from the parts."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.archived import ARCHIVE_FOLDER, set_unread
from crawler.corpus.keeping import keep
from crawler.corpus.rows import article_of
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.dedup.index import DedupIndex
from crawler.errors import CorpusError
from crawler.state.instants import now, to_micros
from crawler.state.locks import OutputLock
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crawler.corpus.decisions import Index, MakeIndex
    from crawler.corpus.rows import Row

_EPOCH = re.compile(r"-(\d{6,})-\d{4,}\.warc\.gz")
_BATCH = 500
_FOUND = """
CREATE TEMP TABLE found (
  site TEXT, url TEXT, status INTEGER, fetched_at INTEGER, file TEXT, offset INTEGER, length INTEGER, run_id TEXT,
  outcome TEXT, reason TEXT, part TEXT, article_id TEXT, UNIQUE (file, offset))
"""
_TO_RECORDS = """
INSERT INTO records (site, url, final_url, found_via, kind, status, fetched_at, file, offset, length, run_id, robots,
  outcome, outcome_run_id, reason, part, article_id)
SELECT site, url, url, 'replay', 'article', status, fetched_at, file, offset, length, run_id, 'unknown',
  outcome, run_id, reason, part, article_id FROM found ORDER BY fetched_at, file, offset
"""
_TO_URLS = """
INSERT INTO urls (site, url, kind, state, priority, depth, found_via, discovered_at, last_fetched_at, last_run_id,
  file, offset, length)
SELECT site, url, 'article', 'done', 0, 0, 'replay', fetched_at, fetched_at, run_id, file, offset, length
FROM found WHERE true ORDER BY fetched_at, file, offset
ON CONFLICT (site, url) DO UPDATE SET last_fetched_at = excluded.last_fetched_at, last_run_id = excluded.last_run_id,
  file = excluded.file, offset = excluded.offset, length = excluded.length
"""
_STILL_FORGOTTEN = (
    """INSERT OR IGNORE INTO forgotten (site, url, forgotten_at, is_archive_clean)
    SELECT site, url, fetched_at, 0 FROM found WHERE outcome = 'rejected' AND reason = 'forgotten'""",
    "UPDATE urls SET state = 'left_out', reason = 'forgotten' WHERE (site, url) IN (SELECT site, url FROM forgotten)",
)


@dataclass(slots=True)
class Rebuilt:
    """What a new state was made of."""

    aside: Path | None = None
    """Where the old file is now; None if there was none."""
    n_parts: int = 0
    n_rows: int = 0
    """Rows of the three datasets, each the outcome of one record."""
    problems: list[str] = field(default_factory=list)
    """Parts that cannot be used, one line each: the next crawl of their site removes them, a replay makes their rows
    anew."""


def rebuild_state(output: Path, *, make_index: MakeIndex = DedupIndex) -> Rebuilt:
    """Move `output`/state.sqlite aside, if there is one, and make it anew; nothing else in the folder is changed.

    Every row of the datasets becomes a record with its outcome and its address is done; the index of duplicates is
    made from the articles. Archived answers without a row (listings, feeds, what was not committed) are taken in by the
    next crawl of their site; addresses not yet fetched are found again. All or nothing: if it fails, do it again.
    Raises LockedError while anything else writes to `output`, CorpusError when a file cannot be written.
    """
    with OutputLock(output, "rebuild"):
        rebuilt = Rebuilt(aside=_move_aside(output))
        with Store(output) as store, store.transaction() as connection:
            take_parts(connection, make_index(connection), output, part_files(output), rebuilt)
            _hold_epochs(connection, output)
    return rebuilt


def take_parts(
    connection: sqlite3.Connection, index: Index, output: Path, files: Iterable[Path], rebuilt: Rebuilt
) -> None:
    """Make records, done addresses, kept articles and index of the rows of parts that the state knows nothing of.

    Inside the caller's transaction; `rebuilt` counts, and names parts that cannot be used.
    """
    connection.execute(_FOUND)
    for path in files:
        _try_part(connection, index, output, path, rebuilt)
    connection.execute(_TO_RECORDS)
    connection.execute(_TO_URLS)
    for statement in _STILL_FORGOTTEN:
        connection.execute(statement)
    connection.execute("DROP TABLE found")


def _move_aside(output: Path) -> Path | None:
    path = output / STATE_FILE
    if not path.exists():
        return None
    aside = path.with_name(f"{STATE_FILE}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    if aside.exists():
        aside = aside.with_name(f"{aside.name}-{time.time_ns()}")
    try:
        for suffix in ("-wal", "-shm", ""):
            source = path.with_name(STATE_FILE + suffix)
            if source.exists():
                disk.rename(source, aside.with_name(aside.name + suffix))
        disk.sync_folder(output)
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error
    return aside


def part_files(output: Path) -> list[Path]:
    """All parts, in the order in which they were written as far as the files tell."""
    found = [path for dataset in Dataset for path in (output / dataset.value).glob("site=*/*.parquet")]
    ours = [path for path in found if parts.PART_NAME.fullmatch(path.name)]
    return sorted(ours, key=lambda path: (path.stat().st_mtime_ns, path))


def _try_part(connection: sqlite3.Connection, index: Index, output: Path, path: Path, rebuilt: Rebuilt) -> None:
    name = path.relative_to(output).as_posix()
    connection.execute("SAVEPOINT part")
    try:
        n_rows = _take_part(connection, index, path, name)
    except sqlite3.IntegrityError:
        connection.execute("ROLLBACK TO part")
        rebuilt.problems.append(f"{name}: has a row that another part has too; left out")
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        connection.execute("ROLLBACK TO part")
        rebuilt.problems.append(f"{name}: not readable ({' '.join(str(error).split())[:200]}); left out")
    else:
        rebuilt.n_parts += 1
        rebuilt.n_rows += n_rows
    connection.execute("RELEASE part")


def _take_part(connection: sqlite3.Connection, index: Index, path: Path, name: str) -> int:
    dataset = Dataset(name.partition("/")[0])
    n_rows = 0
    run_id = ""
    for row in _rows(path, dataset):
        n_rows += 1
        run_id = row["run_id"]
        connection.execute(f"INSERT INTO found VALUES ({'?, ' * 11}?)", _found(dataset, row, name))  # noqa: S608 - marks only
        if dataset is Dataset.ARTICLES:
            _keep(connection, index, row, name)
    data = path.read_bytes()
    part = parts.Part(
        name,
        dataset.value,
        path.parent.name.removeprefix("site="),
        n_rows,
        len(data),
        hashlib.sha256(data).hexdigest(),
        int(row["schema_version"]) if n_rows else 0,
        run_id,
    )
    parts.insert_parts(connection, [part])
    return n_rows


def _rows(path: Path, dataset: Dataset) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=SCHEMAS[dataset].names):
            yield from batch.to_pylist()


def _found(dataset: Dataset, row: Row, name: str) -> tuple[object, ...]:
    outcome, reason, article_id = {
        Dataset.ARTICLES: ("kept", None, row.get("id")),
        Dataset.DUPLICATES: ("duplicate", row.get("relation"), row.get("kept_id")),
        Dataset.REJECTED: ("rejected", row.get("reason"), None),
    }[dataset]
    where = (row["archive_file"], row["archive_offset"], row["archive_length"])
    what = (row["site"], row["url"], row.get("status") or 200, to_micros(row["fetched_at"]))
    return (*what, *where, row["run_id"], outcome, reason, name, article_id)


def _keep(connection: sqlite3.Connection, index: Index, row: Row, name: str) -> None:
    article = article_of(row)
    keep(connection, article, article.site, name)
    index.add(article)


def _hold_epochs(connection: sqlite3.Connection, output: Path) -> None:
    """No epoch may come twice: archive files are named by it. None of these files was looked into."""
    sites = {path.name: path for path in (output / ARCHIVE_FOLDER).glob("*") if path.is_dir()}
    for (site,) in connection.execute("SELECT DISTINCT site FROM parts").fetchall():
        sites.setdefault(site, output / ARCHIVE_FOLDER / site)
    for site, folder in sites.items():
        set_unread(connection, output, site)
        epochs = [int(found[1]) for path in folder.glob("*.warc.gz") if (found := _EPOCH.search(path.name))]
        connection.execute(
            "INSERT INTO writers (site, epoch, run_id, host, pid, started_at) VALUES (?, ?, 'rebuild', '', 0, ?)",
            (site, max(epochs, default=1), to_micros(now())),
        )
