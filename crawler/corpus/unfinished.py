"""Files that a process which died published without committing: announced before, taken back here.

Both functions run inside a transaction. Whoever publishes does so inside one too, and SQLite lets in one at a time:
so no living process stands between its announcement and its commit with a file already in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.revising import bring_back
from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from sqlite3 import Connection

NEW, OLD, UNDONE = "new", "old", "undone"
"""Folders of a replacement in a site's staging folder: what comes, what goes, what came too early."""


def take_back(connection: Connection, output: Path, mine: Collection[str] = ()) -> int:
    """Bring the datasets of all sites to what is committed; returns how many files and folders were moved.

    Announced files that are not `mine` and were never committed are removed, and what was moved away for them comes
    back; half-done replacements of a site's partition folders are turned back.
    """
    n_files = sum(
        _take_back_file(output / path) for (path,) in connection.execute("SELECT path FROM intents") if path not in mine
    )
    n_folders = sum(
        _turn_back(output, site, dataset)
        for (site,) in connection.execute("SELECT site FROM swaps").fetchall()
        for dataset in Dataset
    )
    return n_files + n_folders + bring_back(connection, output)


def _take_back_file(path: Path) -> bool:
    if not path.exists():
        return False
    disk.unlink(path)
    disk.sync_folder(path.parent)
    return True


def _turn_back(output: Path, site: str, dataset: Dataset) -> bool:
    place = output / parts.partition(dataset, site)
    staging = parts.staging(output, site)
    old = staging / OLD / dataset.value
    if not old.is_dir():
        return False
    if place.exists():
        undone = staging / UNDONE / dataset.value
        parts.empty(undone)
        disk.make_folders(undone.parent)
        disk.rename(place, undone)
    disk.rename(old, place)
    disk.sync_folder(place.parent)
    return True


def swap(output: Path, site: str) -> None:
    """Put the staged folders of a site in the place of its partitions; `take_back` undoes it until it is committed."""
    staging = parts.staging(output, site)
    for dataset in Dataset:
        place = output / parts.partition(dataset, site)
        # an old folder in staging is the sign that the swap has begun, so there must always be one
        disk.make_folders(place)
        disk.make_folders(staging / OLD)
        disk.make_folders(staging / NEW / dataset.value)
        disk.rename(place, staging / OLD / dataset.value)
        disk.sync_folder(staging / OLD)
        disk.rename(staging / NEW / dataset.value, place)
        disk.sync_folder(place.parent)
