"""Warehouse: the corpus as DuckDB views, read-only and shut in: its SQL reaches no file but the parts, and no network.

Views: articles, rejected, duplicates (the committed parts), and runs and frontier, which are read when a query names
them. Only single SELECT statements run. The configuration is locked once the views are made.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import duckdb

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.errors import CorpusError, OptionError
from crawler.inspection.other_views import OTHER_VIEWS
from crawler.inspection.zones import TIME_ZONE
from crawler.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

QUERY_SECONDS = 120.0
"""After which a query is ended."""
MEMORY = "2GB"
"""Most that a query may hold; it cannot write what does not fit anywhere else."""
_CLOSED = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": MEMORY,
    "temp_directory": "",
}
BATCH_ROWS = 2_048


class Warehouse:
    """Questions in SQL to what is committed in an output folder at the moment it is opened.

    Times are shown, and days and months counted, in `time_zone`. Methods raise OptionError for a query that cannot
    be run, with one line that says why.
    """

    def __init__(self, output: Path, time_zone: str = TIME_ZONE, *, seconds: float = QUERY_SECONDS) -> None:
        """Raises CorpusError when there is no corpus in `output`, or a part is missing."""
        self.output = output
        self._seconds = seconds
        self._made: set[str] = set()
        self._connection = duckdb.connect(":memory:", config=_CLOSED)
        self._connection.execute(f"SET TimeZone = {_quoted(time_zone)}")
        try:
            with CorpusReader(output) as reader:
                files = [self._make_view(dataset, reader) for dataset in Dataset]
        except duckdb.Error as error:
            raise CorpusError(f"{output}: {_one_line(error)}; `scrapy verify` says what is wrong") from None
        self._shut([file for some in files for file in some])

    def _make_view(self, dataset: Dataset, reader: CorpusReader) -> list[str]:
        parts = reader.parts(dataset)
        if not parts:
            self._connection.register("nothing", SCHEMAS[dataset].empty_table())
            self._connection.execute(f"CREATE TABLE {dataset} AS FROM nothing")
            self._connection.unregister("nothing")
            return []
        files = [str((self.output / part.path).absolute()) for part in parts]
        is_mixed = any(part.schema_version != SCHEMA_VERSION for part in parts)
        listed = ", ".join(map(_quoted, files))
        self._connection.execute(
            f"CREATE VIEW {dataset} AS FROM read_parquet([{listed}], hive_partitioning = false,"
            f" union_by_name = {str(is_mixed).lower()})"
        )
        return files

    def _shut(self, files: list[str]) -> None:
        self._connection.execute(f"SET allowed_paths = [{', '.join(map(_quoted, files))}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def batches(self, sql: str, values: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        """What one SELECT gives, a few thousand rows at a time; `values` fill its `$name` places."""
        self._make_others(sql)
        with self._limited():
            self._check(sql)
            relation = self._connection.sql(sql, params=dict(values or {}))
            # the first of them is made even where there is no row: it carries the columns
            yield from relation.to_arrow_reader(BATCH_ROWS)

    def table(self, sql: str, values: Mapping[str, Any] | None = None) -> pa.Table:
        """What one SELECT gives, whole."""
        self._make_others(sql)
        with self._limited():
            self._check(sql)
            return self._connection.sql(sql, params=dict(values or {})).to_arrow_table()

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """`table` as dicts."""
        found: list[dict[str, Any]] = self.table(sql, values).to_pylist()
        return found

    def _make_others(self, sql: str) -> None:
        for name, make in OTHER_VIEWS.items():
            if name not in self._made and re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                self._made.add(name)
                self._connection.register("made", make(self.output))
                self._connection.execute(f"CREATE TABLE {name} AS FROM made")
                self._connection.unregister("made")

    def _check(self, sql: str) -> None:
        statements = self._connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise OptionError("SQL: one SELECT is allowed, nothing else: the corpus is read-only")

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """End what runs too long; make one line of what goes wrong."""
        timer = threading.Timer(self._seconds, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        except duckdb.InterruptException:
            raise OptionError(f"SQL: ended after {self._seconds:g} s; ask for less, or give --seconds") from None
        except duckdb.OutOfMemoryException:
            raise OptionError(f"SQL: needs more than {MEMORY} of memory; ask for fewer columns or rows") from None
        except (duckdb.Error, RuntimeError) as error:
            raise OptionError(f"SQL: {_one_line(error)}") from None
        finally:
            timer.cancel()

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def condition(text: str | None, site: str | None = None) -> tuple[str, dict[str, Any]]:
    """A WHERE clause for a condition as typed and a site, and its values; both are optional."""
    terms = [f"(\n{text}\n)"] if text else []
    terms += ["site = $site"] if site else []
    return ("WHERE " + " AND ".join(terms) if terms else ""), ({"site": site} if site else {})


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).partition("\n\nLINE ")[0].split())[:300]
