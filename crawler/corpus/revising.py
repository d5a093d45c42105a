"""A page's newer text takes the place of the older one: parts that held the older row are written anew without it.

Files never change, so the rest of such a part gets a file of another name. The old file is moved to the site's staging
folder right before the new ones appear, so that no row is ever in the dataset twice; table `retired` announces it, and
whoever comes next moves it back when the process dies before its commit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus import parts
from crawler.corpus.parts import PART_COLUMNS, Part
from crawler.corpus.schema import Dataset
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.decided import Decided, Successor
    from crawler.corpus.rows import Row


RETIRED = "retired"
"""Folder in a site's staging folder."""


class Remainder(NamedTuple):
    """A part without the rows that leave it."""

    data: bytes
    """The new file; empty when no row stays."""
    staying: pa.Table
    leaving: list[Row]
    """Those rows, for `duplicates/`."""


def without(path: Path, successors: Mapping[str, Successor]) -> Remainder:
    """The part at `path` without the articles of these ids. Raises CorpusError when it cannot be read."""
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: {' '.join(str(error).split())[:300]}") from error
    is_leaving = pc.is_in(table["id"], pa.array(sorted(successors), pa.string()))
    leaving = [successors[row["id"]].duplicate(row) for row in table.filter(is_leaving).to_pylist()]
    if len(leaving) != len(successors):
        raise CorpusError(f"{path}: holds {len(leaving)} of {len(successors)} articles it must hold; replay the site")
    staying = table.filter(pc.invert(is_leaving))
    return Remainder(parts.encode_table(staying) if staying.num_rows else b"", staying, leaving)


def revise(connection: Connection, output: Path, decided: Decided, spare: Iterator[str]) -> dict[Path, str]:
    """Write the parts of `decided.superseded` anew; returns the drafts and the paths of `spare` they shall get.

    Inside the transaction of the commit, which it notes everything in. The rows that leave join `decided.rows`.
    Raises CorpusError and OSError.
    """
    drafts = {}
    for path, successors in decided.superseded.items():
        row = connection.execute(f"SELECT {PART_COLUMNS} FROM parts WHERE path = ?", (path,)).fetchone()  # noqa: S608 - a constant
        old = Part(*row)
        rest = without(output / path, successors)
        decided.rows[Dataset.DUPLICATES] += rest.leaving
        connection.execute("DELETE FROM parts WHERE path = ?", (path,))
        if rest.data:
            new_path = next(spare)
            draft = parts.staging(output, old.site) / f"rest-{new_path.rpartition('/')[2]}"
            parts.write(draft, rest.data)
            new = parts.part_of(new_path, old.run_id, rest.staying.num_rows, rest.data)
            parts.insert_parts(connection, [replace(new, schema_version=old.schema_version)])
            _note_moved(connection, new_path, rest.staying)
            drafts[draft] = new_path
    return drafts


def _note_moved(connection: Connection, path: str, staying: pa.Table) -> None:
    columns = staying.select(["id", "archive_file", "archive_offset"]).to_pylist()
    connection.executemany("UPDATE kept SET part = ? WHERE id = ?", [(path, row["id"]) for row in columns])
    connection.executemany(
        "UPDATE records SET part = ? WHERE file = ? AND offset = ?",
        [(path, row["archive_file"], row["archive_offset"]) for row in columns],
    )


def retire(output: Path, site: str, paths: Iterable[str]) -> None:
    """Move announced parts out of the dataset; that they are gone is durable with what is published in their place."""
    for path in paths:
        aside = _aside(output, site, path)
        disk.make_folders(aside.parent)
        disk.rename(output / path, aside)
        disk.sync_folder(aside.parent)


def bring_back(connection: Connection, output: Path) -> int:
    """Undo `retire` where it was not committed; returns how many files came back.

    To be called when the files that were to take their place are gone.
    """
    n_files = 0
    for path, site in connection.execute("SELECT path, site FROM retired").fetchall():
        aside = _aside(output, site, path)
        if aside.exists() and not (output / path).exists():
            disk.rename(aside, output / path)
            disk.sync_folder((output / path).parent)
            n_files += 1
    return n_files


def _aside(output: Path, site: str, path: str) -> Path:
    return parts.staging(output, site) / RETIRED / path.rpartition("/")[2]
