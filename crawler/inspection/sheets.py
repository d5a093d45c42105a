"""Sheets: small tables of results, for a terminal, for a pipe, as JSON."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crawler.inspection.lookup import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

_OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
"""Control characters but the line end, and those that turn, hide or break a line."""
MAX_CELL = 120
"""Characters of a text that a terminal's table shows; a pipe and JSON get it whole."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under headings; numbers stand right."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    note: str = ""
    """A line below the table."""

    def as_dicts(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def sheet_of(title: str, table: pa.Table, note: str = "") -> Sheet:
    """A sheet of all rows of a table."""
    columns = [column.to_pylist() for column in table.columns]
    return Sheet(title, tuple(table.column_names), list(zip(*columns, strict=True)), note)


def show(sheets: Iterable[Sheet]) -> None:
    """Print sheets one below the other: with styles on a terminal, else plain lines that are never cut or wrapped."""
    is_first = True
    for sheet in sheets:
        if not is_first:
            print()  # noqa: T201 - this is what commands show
        is_first = False
        if sys.stdout.isatty():
            _show_styled(sheet)
        else:
            print("\n".join(plain(sheet)))  # noqa: T201 - as above
        sys.stdout.flush()


def _show_styled(sheet: Sheet) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=sheet.title or None, title_justify="left", title_style="bold", box=None, pad_edge=False,
                  header_style="dim", caption=sheet.note or None, caption_justify="left")  # fmt: skip
    for place, name in enumerate(sheet.columns):
        table.add_column(Text(printable(name)), justify="right" if _is_number(sheet, place) else "left")
    for row in sheet.rows:
        table.add_row(*(Text(_cut(cell(value))) for value in row))
    Console().print(table)


def plain(sheet: Sheet) -> Iterator[str]:
    """Lines of a sheet, columns aligned by two spaces."""
    if sheet.title:
        yield sheet.title
    lines = [tuple(map(printable, sheet.columns)), *(tuple(map(cell, row)) for row in sheet.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [_is_number(sheet, place) for place in range(len(widths))]
    for line in lines:
        cells = zip(line, widths, right, strict=True)
        yield "  ".join(
            text.rjust(width) if is_right else text.ljust(width) for text, width, is_right in cells
        ).rstrip()
    if sheet.note:
        yield sheet.note


def cell(value: Any) -> str:
    """A value on one line, without anything that a terminal would obey."""
    match value:
        case None:
            text = "–"
        case bool():
            text = str(value).lower()
        case int():
            text = f"{value:,}"
        case float():
            text = f"{value:,.3f}".rstrip("0").rstrip(".")
        case datetime():
            text = f"{value:%Y-%m-%d %H:%M}"
        case list() | tuple() | dict():
            text = as_json(value, indent=None)
        case _:
            text = value.hex() if isinstance(value, bytes) else str(value)
    return " ".join(printable(text).split())


def as_json(value: Any, indent: int | None = 1) -> str:
    """JSON as people read it: letters as they are, times as ISO strings, bytes in hex.

    What a terminal would obey is written as JSON's escape.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_simple)
    return _OBEYED.sub(lambda found: "".join(json.dumps(char)[1:-1] for char in found[0]), text)


def _simple(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _is_number(sheet: Sheet, place: int) -> bool:
    values = [row[place] for row in sheet.rows if row[place] is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


def show_batches(batches: Iterable[pa.RecordBatch], n_rows: int, *, is_json: bool = False) -> None:
    """Print rows of a query: a table of at most `n_rows` on a terminal, all of them in a pipe and as JSON."""
    if is_json:
        _show_json(batches)
        return
    is_terminal = sys.stdout.isatty()
    found, n_read = [], 0
    for batch in batches:
        found.append(batch)
        n_read += len(batch)
        if is_terminal and n_read > n_rows:
            break
    if found:
        import pyarrow as pa  # a quarter of a second, for this alone

        table = pa.Table.from_batches(found)
        is_cut = is_terminal and n_read > n_rows
        note = f"the first {n_rows:,} rows; a pipe and --json get all" if is_cut else f"{n_read:,} rows"
        show([sheet_of("", table.slice(0, n_rows) if is_cut else table, note)])


def _show_json(batches: Iterable[pa.RecordBatch]) -> None:
    """An array, a row a line, written as it is read."""
    before = "["
    for batch in batches:
        for row in batch.to_pylist():
            print(before, as_json(row, indent=None), sep="\n", end="")  # noqa: T201 - as above
            before = ","
    print("\n]" if before == "," else "[]")  # noqa: T201 - as above
