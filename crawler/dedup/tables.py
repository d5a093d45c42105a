"""Parquet files of any corpus, read as rows of texts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.dedup.texts import SCHEMA
from crawler.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.dedup.wholesale import Columns

_READ_ROWS = 256
_READ_BYTES = 1 << 20


def parquet_files(paths: Sequence[Path]) -> list[Path]:
    """The files named and those in the folders named, each once. Raises OptionError when one is not there."""
    found: list[Path] = []
    for path in paths:
        files = sorted(path.glob("**/*.parquet")) if path.is_dir() else [path]
        if not files or not files[0].is_file():
            raise OptionError(f"{path}: {'no Parquet file in it' if path.is_dir() else 'no such file'}")
        found += files
    return list(dict.fromkeys(file.resolve() for file in found))


def read_rows(path: Path, columns: Columns, row_groups: Sequence[int] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows in the schema of `texts`, of all row groups or those named. Raises OptionError for a missing column."""
    with pq.ParquetFile(path, buffer_size=_READ_BYTES) as file:  # else a whole column of a row group is in memory
        there = file.schema_arrow.names
        columns = columns.within(there)
        wanted = {option: name for option, name in asdict(columns).items() if name is not None}
        for option, name in wanted.items():
            if name not in there:
                raise OptionError(f"{path}: no column {name!r}; give --{option}-column, there are {', '.join(there)}")
        for batch in file.iter_batches(_READ_ROWS, row_groups, columns=list(dict.fromkeys(wanted.values()))):
            yield _rows(batch, columns)


def _rows(batch: pa.RecordBatch, columns: Columns) -> pa.RecordBatch:
    """In the schema of `texts`; a row without a site is its own."""
    ids, text = _strings(batch.column(columns.id)), _strings(batch.column(columns.text))
    title = _strings(batch.column(columns.title)) if columns.title else pa.repeat("", len(batch))
    site = _strings(batch.column(columns.site)) if columns.site else ids
    site = pc.if_else(pc.equal(site, ""), ids, site)
    return pa.RecordBatch.from_arrays([ids, site, title, text], schema=SCHEMA)


def _strings(column: pa.Array) -> pa.StringArray:
    try:
        strings = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # dates, lists, bytes that are no UTF-8
        strings = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(strings, "")
