"""A site in a folder of its own while a node works on it: what it needs goes out, what came of it comes back.

The archive is the corpus' own: the folder has a link to it, so that no byte of it is copied. State goes out as rows
and comes back as rows; outcomes come back undecided and are decided once more, after all that came before them in the
corpus. Coming back is harmless when done twice: records are known by file and offset, and an outcome is given once.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from crawler import disk
from crawler.corpus.committer import Committer
from crawler.corpus.handover import handed_over
from crawler.corpus.manifest import (
    RUNS_FOLDER,
    RunManifest,
    check,
    describe_run,
    earlier_manifests,
    newest_at,
    read_manifest,
    write_manifest,
)
from crawler.errors import CorpusError
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from sqlite3 import Connection

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


def shard_folder(output: Path, site: str) -> Path:
    """Where a node works on a site: an output folder."""
    return output / SHARDS_FOLDER / site


def check_out(store: Store, site: str) -> Path:
    """Make the folder of a site; the caller holds its lock in `store`. Raises CorpusError."""
    folder = shard_folder(store.output, site)
    with store.plain_errors():
        _remove(folder)
        draft = folder.with_name(f".{site}.draft")
        _remove(draft)
        disk.make_folders(draft / "archive")
        disk.make_folders(store.output / "archive" / site)
        (draft / "archive" / site).symlink_to((store.output / "archive" / site).absolute())
        disk.make_folders(draft / RUNS_FOLDER)
        for manifest in earlier_manifests(store.output, site, "")[:_MAX_MANIFESTS]:
            name = f"{manifest.run_id}.json"
            shutil.copyfile(store.output / RUNS_FOLDER / name, draft / RUNS_FOLDER / name)
        with Store(draft) as shard, shard.transaction() as connection:
            for table, condition in _OUT.items():
                _copy(store, connection, table, site, which=condition)
            for statement in _TOUCHED.split(";\n"):
                connection.execute(statement)
        disk.rename(draft, folder)
    return folder


def is_out(output: Path, site: str) -> bool:
    """Whether the folder of a site is there: of a collection that goes on, or that died."""
    return (shard_folder(output, site) / STATE_FILE).is_file()


def check_in(store: Store, lock: SiteLock, *, make_index: MakeIndex) -> RunManifest | None:
    """Bring back what the folder of a site holds, and remove it; returns the manifest of its run, if that ended.

    Nobody may work in the folder any more. Raises CollectorError; what was not brought back stays in the folder.
    """
    folder = shard_folder(store.output, lock.site)
    with Store(folder) as shard:
        _bring_rows(store, shard, lock.site)
        run_id, epoch = shard.rows("SELECT run_id, epoch FROM writers WHERE site = ?", (lock.site,))[0]
        committer = Committer(store, lock.site, run_id, make_index=make_index)
        for file, offset, outcome in handed_over(shard):
            committer.take(replace(outcome, seq=_seq(store, file, offset)))
            if committer.is_due:
                committer.flush()
        committer.flush()
    manifest = _retold(store, lock.site, run_id, folder)
    with store.transaction() as connection:  # archive files of the folder's epochs exist
        connection.execute("UPDATE writers SET epoch = max(epoch, ?) WHERE site = ?", (epoch, lock.site))
        lock.epoch = connection.execute("SELECT epoch FROM writers WHERE site = ?", (lock.site,)).fetchone()[0]
    store.hold(lock.site, lock.epoch)
    with store.plain_errors():
        _remove(folder)
    return manifest


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        aside = folder.with_name(f".{folder.name}.gone")
        shutil.rmtree(aside, ignore_errors=True)
        disk.rename(folder, aside)
        shutil.rmtree(aside)  # the link to the archive is removed, not followed


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


def _bring_rows(store: Store, shard: Store, site: str) -> None:
    """All rows but the outcomes, in one transaction."""
    with store.transaction() as connection:
        _bring_urls(connection, shard, site)
        _bring_records(connection, shard, site)
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
    query = f"{wanted} WHERE site = ? AND id > ? ORDER BY id LIMIT ?"
    last = 0
    while rows := shard.rows(query, (site, last, _BATCH)):
        head = f"INSERT INTO urls ({', '.join(columns)})"
        _insert(connection, head, [row[1:] for row in rows], f"ON CONFLICT (site, url) DO UPDATE SET {update}")
        last = rows[-1][0]


def _bring_records(connection: Connection, shard: Store, site: str) -> None:
    """Records that the crawl appended, without their outcomes, in order."""
    decided = {"seq", "outcome", "outcome_run_id", "reason", "part", "article_id"}
    columns = ", ".join(name for name in _columns(shard, "records") if name not in decided)
    query = f"SELECT seq, {columns} FROM records WHERE site = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - constants
    last = 0
    while rows := shard.rows(query, (site, last, _BATCH)):
        _insert(connection, f"INSERT INTO records ({columns})", [row[1:] for row in rows], "ON CONFLICT DO NOTHING")
        last = rows[-1][0]


def _retold(store: Store, site: str, run_id: str, folder: Path) -> RunManifest | None:
    """The run's own manifest with the counts of the whole corpus, written there."""
    path = folder / RUNS_FOLDER / f"{run_id}.json"
    if not path.is_file():
        return None
    told = read_manifest(path)
    manifest = describe_run(
        store,
        site,
        run_id,
        started_at=told.started_at,
        ended_at=told.ended_at,
        origin=told.origin,
        versions=told.versions,
        profile_version=told.profile_version,
        exit_status=told.exit_status,
    )
    traffic = msgspec.structs.replace(told.traffic, newest_at=newest_at(store, site))
    said = {"alarms": told.alarms, "notes": told.notes, "reading": told.reading, "traffic": traffic}
    manifest = msgspec.structs.replace(manifest, **said)
    written = write_manifest(store.output, manifest)
    if problems := check(manifest):
        raise CorpusError(f"{written}: does not add up: {'; '.join(problems)}")
    return manifest
