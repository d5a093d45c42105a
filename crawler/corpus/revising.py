"""A page's newer text takes the place of the older one: parts that held the older row are written anew without it.

Files never change, so the rest of such a part gets a file of another name. The site's folder is made anew beside the
old one, with links to all other parts, and swapped when the newer text is in it: no row is ever missing or there twice.
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
from crawler.corpus.unfinished import NEW
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.decided import Decided, Successor
    from crawler.corpus.rows import Row


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


def revise(connection: Connection, output: Path, site: str, decided: Decided, spare: Iterator[str]) -> None:
    """Stage the folder of the site's articles, with the parts of `decided.superseded` written anew to paths of `spare`.

    Inside the transaction of the commit, which it notes everything in. The rows that leave join `decided.rows`.
    Raises CorpusError and OSError.
    """
    folder = staged(output, site)
    disk.make_folders(folder)
    query = f"SELECT {PART_COLUMNS} FROM parts WHERE site = ? AND dataset = ?"  # noqa: S608 - a constant
    for part in [Part(*row) for row in connection.execute(query, (site, Dataset.ARTICLES.value))]:
        if successors := decided.superseded.get(part.path):
            decided.rows[Dataset.DUPLICATES] += _rewrite(connection, output, part, successors, spare)
        else:
            disk.link(output / part.path, folder / part.path.rpartition("/")[2])


def staged(output: Path, site: str) -> Path:
    """Where the folder of a site's articles is made anew."""
    return parts.staging(output, site) / NEW / Dataset.ARTICLES.value


def _rewrite(
    connection: Connection, output: Path, old: Part, successors: Mapping[str, Successor], spare: Iterator[str]
) -> list[Row]:
    """Stage the part `old` without the articles of `successors`; returns their rows, for `duplicates/`."""
    rest = without(output / old.path, successors)
    connection.execute("DELETE FROM parts WHERE path = ?", (old.path,))
    if rest.data:
        path = next(spare)
        parts.write(staged(output, old.site) / path.rpartition("/")[2], rest.data)
        new = parts.part_of(path, old.run_id, rest.staying.num_rows, rest.data)
        parts.insert_parts(connection, [replace(new, schema_version=old.schema_version)])
        _note_moved(connection, path, rest.staying)
    return rest.leaving


def _note_moved(connection: Connection, path: str, staying: pa.Table) -> None:
    columns = staying.select(["id", "archive_file", "archive_offset"]).to_pylist()
    connection.executemany("UPDATE kept SET part = ? WHERE id = ?", [(path, row["id"]) for row in columns])
    connection.executemany(
        "UPDATE records SET part = ? WHERE file = ? AND offset = ?",
        [(path, row["archive_file"], row["archive_offset"]) for row in columns],
    )
