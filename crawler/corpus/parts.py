"""Parts: single Parquet files of a dataset. They are made in memory, written aside and published by rename."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.rows import Row

STAGING_FOLDER = "staging"
PART_NAME = re.compile(r"part-[A-Za-z0-9][A-Za-z0-9_.-]*-\d{4,}\.parquet")
"""Names of our own files: nothing else in a dataset's folder is ever removed."""
MAX_GROUP_ROWS = 5_000
MAX_GROUP_BYTES = 16 << 20
"""A row group is read as a whole: small enough to look at a few rows, large enough to compress and scan well."""
ZSTD_LEVEL = 3
"""Level 9 makes articles 30 % smaller for five times the time (docs/performance.md)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file as the manifest knows it."""

    path: str
    """Relative to the output folder, with forward slashes."""
    dataset: str
    """`articles`, `rejected` or `duplicates`."""
    site: str
    """Key of the site."""
    rows: int
    """Rows in it."""
    bytes: int
    """Its size."""
    sha256: str
    """Of the whole file, in hex."""
    schema_version: int
    """Version of its columns."""
    run_id: str
    """The run that wrote it."""


PART_COLUMNS = "path, dataset, site, rows, bytes, sha256, schema_version, run_id"
"""Of table parts, in the order of the fields of `Part`."""


def partition(dataset: Dataset, site: str) -> str:
    """Folder of a site in a dataset, relative to the output folder."""
    return f"{dataset.value}/site={site}"


def part_path(dataset: Dataset, site: str, run_id: str, number: int) -> str:
    """Path of a part, relative to the output folder."""
    return f"{partition(dataset, site)}/part-{run_id}-{number:04d}.parquet"


def staging(output: Path, site: str) -> Path:
    """Where a site's files are written before they are published: the same file system, outside every dataset."""
    return output / STAGING_FOLDER / site


def encode(dataset: Dataset, rows: Sequence[Row]) -> bytes:
    """A whole Parquet file: zstd, page checksums, row groups of at most 5,000 rows and about 16 MB.

    The parameters of the signatures stand in the file's metadata. Rows must fit the schema, as `rows.misfit` checks.
    """
    return encode_table(pa.Table.from_pylist(list(rows), schema=SCHEMAS[dataset]))


def encode_table(table: pa.Table) -> bytes:
    """The same of rows that are in a table already."""
    per_row = max(1, table.nbytes // max(1, table.num_rows))
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        row_group_size=max(1, min(MAX_GROUP_ROWS, MAX_GROUP_BYTES // per_row)),
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        write_page_checksum=True,
    )
    return buffer.getvalue()


def part_of(path: str, run_id: str, n_rows: int, data: bytes) -> Part:
    """The manifest's row of the file `data` that gets `path`."""
    folder, partition_folder, _ = path.split("/")
    site = partition_folder.removeprefix("site=")
    return Part(path, folder, site, n_rows, len(data), hashlib.sha256(data).hexdigest(), SCHEMA_VERSION, run_id)


def write(path: Path, data: bytes) -> None:
    """Write a staged file, which must not exist, so that its content survives a power cut."""
    disk.make_folders(path.parent)
    with disk.create(path) as file:
        file.write(data)
        file.sync()


def publish(draft: Path, path: Path) -> None:
    """Give a staged file its place in the dataset: readers see all of it or nothing."""
    disk.make_folders(path.parent)
    disk.rename(draft, path)
    disk.sync_folder(path.parent)


def insert_parts(connection: Connection, parts: Sequence[Part]) -> None:
    """Put parts into the manifest, inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO parts (path, dataset, site, rows, bytes, sha256, schema_version, run_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [dataclasses.astuple(part) for part in parts],
    )


def empty(folder: Path) -> None:
    """Remove all that is in `folder`, and the folder; one that is gone already is no error."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            empty(path)
        else:
            disk.unlink(path)
    folder.rmdir()


def number_of(path: str) -> int:
    """The number in a part's name."""
    return int(path.rpartition("-")[2].removesuffix(".parquet"))
