"""Bring a published site into a working folder: its rows' files, its archive where that is needed, its state."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.archived import archive_files, set_unread
from crawler.corpus.rebuild import Rebuilt, take_parts
from crawler.corpus.unfinished import NEW, swap, take_back
from crawler.errors import CorpusError, StorageError
from crawler.publishing.commits import part_key, run_key, segment_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.decisions import Index, MakeIndex
    from crawler.corpus.parts import Part
    from crawler.publishing.commits import Published, Segment
    from crawler.state.store import Store
    from crawler.storage.objects import Objects

_OF_SITE = ("kept", "parts", "records", "urls", "url_counts", "archive_ends", "guards", "more_left_out")


def is_same(store: Store, published: Published, site: str) -> bool:
    """Whether the working folder has the very files that are published of a site."""
    own = dict(store.rows("SELECT path, sha256 FROM parts WHERE site = ?", (site,)))
    return own == {path: part.sha256 for path, part in published.site_parts(site).items()}


def restore_site(store: Store, objects: Objects, published: Published, site: str, make_index: MakeIndex) -> list[str]:
    """Make the working folder's rows and state of `site` those that are published; its archive files stay.

    The caller holds the site. Archived pages that are nobody's row are taken in by the next crawl. Returns a line for
    each part that cannot be used. Raises StorageError and CorpusError; then the next start begins anew.
    """
    wanted = published.site_parts(site)
    staging = parts.staging(store.output, site)
    with store.transaction() as connection:
        take_back(connection, store.output)
    with store.plain_errors():
        parts.empty(staging)
        for part in wanted.values():
            _stage(store.output, objects, part)
    with store.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO swaps SELECT site, epoch FROM writers WHERE site = ?", (site,))
    try:
        with store.transaction() as connection:
            rebuilt = _apply(connection, store.output, site, wanted, make_index(connection))
    except CorpusError:
        with suppress(CorpusError), store.transaction() as connection:
            take_back(connection, store.output)
        raise
    with store.plain_errors():
        parts.empty(staging)
    return rebuilt.problems


def _stage(output: Path, objects: Objects, part: Part) -> None:
    """Put a part where the swap takes it from: a link to the file that is here, or fetched."""
    place = output / part.path
    draft = parts.staging(output, part.site) / NEW / part.dataset / place.name
    if place.is_file() and place.stat().st_size == part.bytes and _sha256(place) == part.sha256:
        disk.make_folders(draft.parent)
        disk.link(place, draft)
        return
    data = b"".join(objects.pieces(part_key(part), part.bytes))
    _check(data, part.sha256, objects.address(part_key(part)))
    parts.write(draft, data)


def _apply(connection: Connection, output: Path, site: str, wanted: Iterable[str], index: Index) -> Rebuilt:
    rebuilt = Rebuilt()
    index.remove_site(site)
    for table in _OF_SITE:
        connection.execute(f"DELETE FROM {table} WHERE site = ?", (site,))  # noqa: S608 - constants
    swap(output, site)
    take_parts(connection, index, output, [output / path for path in wanted], rebuilt)
    set_unread(connection, output, site)
    if not archive_files(output, site):  # what is published was cleaned before its commit
        connection.execute("UPDATE forgotten SET is_archive_clean = 1 WHERE site = ?", (site,))
    for table in ("intents", "swaps"):
        connection.execute(f"DELETE FROM {table} WHERE site = ?", (site,))  # noqa: S608 - constants
    return rebuilt


def _check(data: bytes, sha256: str, where: str) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StorageError(f"{where}: its SHA-256 is not what its commit says; bring it back from a copy")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore_archive(store: Store, objects: Objects, published: Published, site: str) -> int:
    """Fetch the archive files of a site that are not here, or shorter than published; returns how many.

    They count as not looked into. Raises StorageError and CorpusError.
    """
    n_files = 0
    for file, segments in published.site_archive(site).items():
        path = store.output / file
        if not path.is_file() or path.stat().st_size < segments[-1].end:
            with store.plain_errors():
                _fetch(objects, file, segments, path)
            n_files += 1
    if n_files:
        with store.transaction() as connection:
            _add_unread(connection, store, published.site_archive(site), site)
    return n_files


def _fetch(objects: Objects, file: str, segments: Sequence[Segment], path: Path) -> None:
    disk.make_folders(path.parent)
    with disk.replacing(path) as copy:
        for segment in segments:
            if copy.tell() != segment.start:
                raise CorpusError(f"{objects.address(file)}: bytes {copy.tell()} to {segment.start} were not published")
            key = segment_key(file, segment)
            data = b"".join(objects.pieces(key, segment.end - segment.start))
            _check(data, segment.sha256, objects.address(key))
            copy.write(data)


def _add_unread(connection: Connection, store: Store, files: Iterable[str], site: str) -> None:
    for file in files:
        if (store.output / file).is_file():
            connection.execute(
                "INSERT INTO archive_ends (file, site, end) VALUES (?, ?, 0) ON CONFLICT (file) DO NOTHING",
                (file, site),
            )


def restore_runs(output: Path, objects: Objects, published: Published) -> None:
    """Fetch run manifests that are not here. Raises StorageError, OSError."""
    folder = output / "runs"
    disk.make_folders(folder)
    for run in published.runs:
        path = folder / f"{run}.json"
        if not path.is_file():
            disk.replace(path, objects.get(run_key(run)))
