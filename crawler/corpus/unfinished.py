"""Files that a process which died published without committing: announced before, taken back here.

All functions run inside a transaction. Whoever publishes does so inside one too, and SQLite lets in one at a time:
so no living process stands between its announcement and its commit with a file already in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path
    from sqlite3 import Connection

NEW = "new"
"""Folder in a site's staging folder: a swap takes what comes from here, and leaves here what goes."""
_ASIDE = "-aside"


def take_back(connection: Connection, output: Path, mine: Collection[str] = ()) -> int:
    """Bring the datasets of all sites to what is committed; returns how many files and folders were moved.

    Swaps of a site's partition folders that were not committed are turned back; announced files that are not `mine`
    and were never committed are removed.
    """
    n_folders = sum(
        _turn_back(connection, output, site, dataset)
        for (site,) in connection.execute("SELECT site FROM swaps").fetchall()
        for dataset in Dataset
    )
    n_files = sum(
        _take_back_file(output / path) for (path,) in connection.execute("SELECT path FROM intents") if path not in mine
    )
    return n_files + n_folders


def _take_back_file(path: Path) -> bool:
    if not path.exists():
        return False
    disk.unlink(path)
    disk.sync_folder(path.parent)
    return True


def swap(output: Path, site: str, datasets: Iterable[Dataset] = Dataset) -> None:
    """Put the staged folders of a site in the place of its partitions, each at once: a glob sees the old or the new.

    What was there lies in the staging folder then, and `take_back` brings it back until the swap is committed: its
    announcement, a row of table `swaps`, must go with the same transaction.
    """
    for dataset in datasets:
        place, staged = output / parts.partition(dataset, site), parts.staging(output, site) / NEW / dataset.value
        disk.make_folders(place)
        disk.make_folders(staged)
        for path in place.iterdir():
            if path.is_file() and not parts.PART_NAME.fullmatch(path.name):
                disk.link(path, staged / path.name)  # whose ever it is, it is not ours to remove
        disk.sync_folder(staged)
        _exchange(place, staged)


def _exchange(place: Path, staged: Path) -> None:
    if not disk.exchange(place, staged):
        # for an instant nothing is in place, and what stands aside is the sign of it
        aside = staged.with_name(staged.name + _ASIDE)
        disk.rename(place, aside)
        disk.sync_folder(aside.parent)
        disk.rename(staged, place)
        disk.rename(aside, staged)
    disk.sync_folder(staged.parent)
    disk.sync_folder(place.parent)


def _turn_back(connection: Connection, output: Path, site: str, dataset: Dataset) -> bool:
    place, staged = output / parts.partition(dataset, site), parts.staging(output, site) / NEW / dataset.value
    aside = staged.with_name(staged.name + _ASIDE)
    if aside.is_dir():
        home = staged if place.is_dir() else place
        disk.rename(aside, home)
        disk.sync_folder(home.parent)
    rows = connection.execute("SELECT path FROM parts WHERE site = ? AND dataset = ?", (site, dataset.value))
    if not (staged.is_dir() and _is_swapped(place, staged, {row[0].rpartition("/")[2] for row in rows})):
        return False
    disk.make_folders(place)  # without exchange, a power cut can leave nothing here
    _exchange(place, staged)
    return True


def _is_swapped(place: Path, staged: Path, committed: Collection[str]) -> bool:
    """Whether the folder with the `committed` parts, of which the one to come has some at the most, is the staged one.

    When both have as many (nothing left the old one), the one with parts that are not committed is to come.
    """
    here, there = (
        {path.name for path in folder.glob("*.parquet") if parts.PART_NAME.fullmatch(path.name)}
        for folder in (place, staged)
    )
    n_here, n_there = len(here.intersection(committed)), len(there.intersection(committed))
    return n_there > n_here or (n_there == n_here and here > there)
