"""`scrapy inspect --export`: articles into one file for other programs, whole or not at all."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.errors import CorpusError, OptionError
from crawler.inspection.sheets import as_json
from crawler.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crawler.progress import Tell

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What a spreadsheet may take for the beginning of a formula or command (OWASP, CSV injection; `|` and `%` for DDE)."""
_GUARD = "'"


def export(batches: Iterator[pa.RecordBatch], path: Path, tell: Tell = silent) -> int:
    """Write rows to `path`, whose ending says how: .jsonl, .csv or .parquet; returns how many.

    The file appears when it is whole; one that is there is replaced then. `tell` counts rows.
    Raises OptionError for another ending, CorpusError when it cannot be written.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise OptionError(f"--export {path}: the name must end in {', '.join(_WRITERS)}")
    try:
        with disk.replacing(path) as file:
            return write(_counted(batches, tell), file)
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error


def _counted(batches: Iterator[pa.RecordBatch], tell: Tell) -> Iterator[pa.RecordBatch]:
    n_done = 0
    for batch in batches:
        yield batch
        n_done += len(batch)
        tell(n_done, 0)


def _write_jsonl(batches: Iterator[pa.RecordBatch], file: disk.File) -> int:
    n_rows = 0
    for batch in batches:
        n_rows += len(batch)
        file.write("".join(f"{as_json(row, indent=None)}\n" for row in batch.to_pylist()).encode())
    return n_rows


def _write_csv(batches: Iterator[pa.RecordBatch], file: disk.File) -> int:
    """With a byte order mark: without it Excel reads Vietnamese as cp1252."""
    n_rows = 0
    for batch in batches:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        if not file.tell():
            buffer.write("\ufeff")
            writer.writerow(batch.schema.names)
        writer.writerows([_cell(value) for value in row.values()] for row in batch.to_pylist())
        file.write(buffer.getvalue().encode())
        n_rows += len(batch)
    return n_rows


def _cell(value: Any) -> Any:
    """Text that no spreadsheet computes; lists as JSON, times as ISO strings."""
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else as_json(value, indent=None).strip('"')
    return _GUARD + text if text.startswith(FORMULA) else text


def _write_parquet(batches: Iterator[pa.RecordBatch], file: disk.File) -> int:
    """The columns of articles keep the types and the docs of the corpus."""
    n_rows = 0
    writer: pq.ParquetWriter | None = None
    for batch in batches:
        table = _typed(pa.Table.from_batches([batch]))
        writer = writer or pq.ParquetWriter(pa.PythonFile(file, mode="w"), table.schema, compression="zstd")
        writer.write_table(table)
        n_rows += len(table)
    if writer is not None:
        writer.close()
    return n_rows


def _typed(table: pa.Table) -> pa.Table:
    schema = SCHEMAS[Dataset.ARTICLES]
    if table.schema.names != schema.names:
        return table
    columns = [
        column.dictionary_encode().cast(field.type) if pa.types.is_dictionary(field.type) else column.cast(field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.table(columns, schema)


_WRITERS: dict[str, Callable[[Iterator[pa.RecordBatch], disk.File], int]] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
