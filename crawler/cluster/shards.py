"""A site in a folder of its own while a node works on it: what it needs goes out, what came of it comes back.

Archive files go out as hard links and come back by a rename: no byte of them is copied. State goes out as rows and
comes back as rows; outcomes come back undecided and are decided once more, after all that came before them in the
corpus. Coming back is harmless when done twice: records are known by file and offset, and an outcome is given once.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler import disk
from crawler.cluster.division import EPOCHS, OTHER_PART, part_of, triggers
from crawler.cluster.retelling import retold, told
from crawler.corpus.archived import archive_files
from crawler.corpus.committer import Committer
from crawler.corpus.handover import handed_over
from crawler.corpus.manifest import RUNS_FOLDER, RunManifest, earlier_manifests
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.cluster.division import Part
    from crawler.corpus.decisions import MakeIndex
    from crawler.state.locks import SiteLock

SHARDS_FOLDER = "shards"
_MAX_MANIFESTS = 20
"""Earlier runs that a crawl compares itself with."""
_OUT = {
    "writers": "1",
    "urls": "1",
    "records": "outcome IS NULL OR kind = 'robots'",
    "archive_ends": "1",
    "forgotten": "1",
    "more_left_out": "1",
    "guards": "1",
}
"""Tables with rows of a site, and which of them a crawl needs."""
_TOUCHED = """
CREATE TABLE touched (id INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER touched_new AFTER INSERT ON urls BEGIN INSERT OR IGNORE INTO touched VALUES (new.id); END;
CREATE TRIGGER touched_old AFTER UPDATE ON urls BEGIN INSERT OR IGNORE INTO touched VALUES (new.id); END
"""
_BATCH = 5_000


def shard_folder(output: Path, site: str, part: Part | None = None) -> Path:
    """Where a node works on a site, or on a part of it: an output folder."""
    return output / SHARDS_FOLDER / (site if part is None else f"{site}~{part.number}")


def parts_out(output: Path, site: str) -> list[Path]:
    """The folders of the parts of a site that are there, in order."""
    folders = (output / SHARDS_FOLDER).glob(f"{site}~*")
    return sorted(
        (path for path in folders if (path / STATE_FILE).is_file()), key=lambda path: int(path.name.rpartition("~")[2])
    )


def _out_of(part: Part) -> dict[str, str]:
    """What a part needs: its own addresses; nothing that points into archive files it has not."""
    return _OUT | {"urls": f"{part_of('url', part.n_parts)} = {part.number}", "records": "0", "archive_ends": "0"}


def check_out(store: Store, site: str, part: Part | None = None) -> Path:
    """Make the folder of a site, or of a part of it; the caller holds its lock in `store`. Raises CorpusError.

    Parts get no archive files: what one looks after at its start, another may be writing.
    """
    folder = shard_folder(store.output, site, part)
    with store.plain_errors():
        _remove(folder)
        draft = folder.with_name(f".{folder.name}.draft")
        _remove(draft)
        disk.make_folders(draft / "archive" / site)
        disk.make_folders(store.output / "archive" / site)
        for path in archive_files(store.output, site) if part is None else ():
            disk.link(path, draft / "archive" / site / path.name)
        disk.make_folders(draft / RUNS_FOLDER)
        for manifest in earlier_manifests(store.output, site, "")[:_MAX_MANIFESTS]:
            name = f"{manifest.run_id}.json"
            shutil.copyfile(store.output / RUNS_FOLDER / name, draft / RUNS_FOLDER / name)
        with Store(draft) as shard, shard.transaction() as connection:
            for table, condition in (_OUT if part is None else _out_of(part)).items():
                _copy(store, connection, table, site, which=condition)
            for statement in (*_TOUCHED.split(";\n"), *(triggers(part) if part else ())):
                connection.execute(statement)
            if part is not None:
                connection.execute("UPDATE writers SET epoch = epoch + ?", (EPOCHS * (1 + part.number),))
        disk.rename(draft, folder)
    return folder


def is_out(output: Path, site: str) -> bool:
    """Whether the folder of a site is there: of a collection that goes on, or that died."""
    return (shard_folder(output, site) / STATE_FILE).is_file()


def check_in(
    store: Store, lock: SiteLock, *, make_index: MakeIndex, folder: Path | None = None, run_id: str = ""
) -> RunManifest | None:
    """Bring back what the folder of a site holds, and remove it; returns the manifest of its run, if that ended.

    `folder`, `run_id`: of a part, and what its records are noted under. Nobody may work in the folder any more.
    Raises CollectorError; what was not brought back stays in the folder.
    """
    place = folder or shard_folder(store.output, lock.site)
    _bring_archive(store, place, lock.site)
    with Store(place) as shard:
        own_id, epoch = shard.rows("SELECT run_id, epoch FROM writers WHERE site = ?", (lock.site,))[0]
        _bring_rows(store, shard, lock.site, run_id)
        committer = Committer(store, lock.site, run_id or own_id, make_index=make_index)
        for file, offset, outcome in handed_over(shard):
            committer.take(replace(outcome, seq=_seq(store, file, offset)))
            if committer.is_due:
                committer.flush()
        committer.flush()
    manifest = retold(store, lock.site, own_id, told(place, own_id)) if folder is None else None
    with store.transaction() as connection:  # archive files of the folder's epochs exist
        connection.execute("UPDATE writers SET epoch = max(epoch, ?) WHERE site = ?", (epoch, lock.site))
        lock.epoch = connection.execute("SELECT epoch FROM writers WHERE site = ?", (lock.site,)).fetchone()[0]
    store.hold(lock.site, lock.epoch)
    with store.plain_errors():
        _remove(place)
    return manifest


def _bring_archive(store: Store, folder: Path, site: str) -> None:
    """Move the files that are new; one that is a link to what is there already stays, as POSIX has it.

    What a record points to was synced before the folder's state knew of the record; bytes behind the last one are
    synced by `recover` before anybody relies on them. So only the names are new here.
    """
    target = store.output / "archive" / site
    with store.plain_errors():
        for path in sorted((folder / "archive" / site).glob("*.warc.gz")):
            disk.rename(path, target / path.name)
        disk.sync_folder(target)


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        aside = folder.with_name(f".{folder.name}.gone")
        shutil.rmtree(aside, ignore_errors=True)
        disk.rename(folder, aside)
        shutil.rmtree(aside)


def _columns(store: Store, table: str) -> list[str]:
    return [row[1] for row in store.rows(f"PRAGMA table_info({table})")]


def _copy(
    source: Store, target: Connection, table: str, site: str, *, which: str = "1", tail: str = "ON CONFLICT DO NOTHING"
) -> None:
    """Rows of a site, in the order they lie in, which is that of their numbers where they have one."""
    columns = ", ".join(_columns(source, table))
    rows = source.rows(f"SELECT {columns} FROM {table} WHERE site = ? AND ({which}) ORDER BY 1", (site,))  # noqa: S608 - constants
    _insert(target, f"INSERT INTO {table} ({columns})", rows, tail)


def _insert(connection: Connection, head: str, rows: Sequence[Any], tail: str = "") -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"{head} VALUES ({places}) {tail}", rows)


def _seq(store: Store, file: str, offset: int) -> int:
    return int(store.rows("SELECT seq FROM records WHERE file = ? AND offset = ?", (file, offset))[0][0])


def _bring_rows(store: Store, shard: Store, site: str, run_id: str) -> None:
    """All rows but the outcomes, in one transaction."""
    with store.transaction() as connection:
        _bring_urls(connection, shard, site)
        _bring_records(connection, shard, site, run_id)
        for table in ("guards", "more_left_out"):
            connection.execute(f"DELETE FROM {table} WHERE site = ?", (site,))  # noqa: S608 - constants
            _copy(shard, connection, table, site)
        end = "ON CONFLICT (file) DO UPDATE SET end = max(end, excluded.end)"
        _copy(shard, connection, "archive_ends", site, tail=end)


def _bring_urls(connection: Connection, shard: Store, site: str) -> None:
    """Addresses that the crawl found or changed; new ones keep their order among each other."""
    columns = [name for name in _columns(shard, "urls") if name != "id"]
    update = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in {"site", "url"})
    wanted = f"SELECT id, {', '.join(columns)} FROM urls JOIN touched USING (id)"  # noqa: S608 - constants
    query = f"{wanted} WHERE site = ? AND reason IS NOT ? AND id > ? ORDER BY id LIMIT ?"
    last = 0
    while rows := shard.rows(query, (site, OTHER_PART, last, _BATCH)):
        head = f"INSERT INTO urls ({', '.join(columns)})"
        _insert(connection, head, [row[1:] for row in rows], f"ON CONFLICT (site, url) DO UPDATE SET {update}")
        last = rows[-1][0]


def _bring_records(connection: Connection, shard: Store, site: str, run_id: str) -> None:
    """Records that the crawl appended, without their outcomes, in order; `run_id`: who shall have fetched them."""
    decided = {"seq", "outcome", "outcome_run_id", "reason", "part", "article_id"}
    columns = ", ".join(name for name in _columns(shard, "records") if name not in decided)
    query = f"SELECT seq, {columns} FROM records WHERE site = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - constants
    last = 0
    while rows := shard.rows(query, (site, last, _BATCH)):
        facts = [row[1:] for row in rows]
        if run_id:
            place = columns.split(", ").index("run_id")
            facts = [(*row[:place], run_id, *row[place + 1 :]) for row in facts]
        _insert(connection, f"INSERT INTO records ({columns})", facts, "ON CONFLICT DO NOTHING")
        last = rows[-1][0]
