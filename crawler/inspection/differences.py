"""What two runs differ in: counts by outcome and reason, how well the pages were read, the articles of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.corpus.health import WATCHED
from crawler.corpus.manifest import RUNS_FOLDER, read_manifest
from crawler.errors import OptionError
from crawler.inspection.sheets import Sheet
from crawler.inspection.zones import local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from crawler.corpus.manifest import RunManifest
    from crawler.inspection.warehouse import Warehouse

MAX_TITLES = 20
"""Articles of each run that are named."""
_ROWS = """
SELECT outcome, count(*) AS n FROM (
  SELECT 'articles' AS outcome, run_id FROM articles UNION ALL SELECT 'duplicates', run_id FROM duplicates
  UNION ALL SELECT 'rejected', run_id FROM rejected) WHERE run_id = $run GROUP BY ALL
"""
_TITLES = "SELECT published_at, title, url FROM articles WHERE run_id = $run ORDER BY published_at DESC LIMIT $most"


def difference(warehouse: Warehouse, one: str, other: str, zone: str) -> list[Sheet]:
    """Sheets that compare run `one` with run `other`; times are those of `zone`.

    Raises OptionError for a run that left no manifest.
    """
    before, after = (_manifest(warehouse.output, run_id) for run_id in (one, other))
    sheets = [Sheet("runs", ("figure", one, other, "difference"), list(_figures(before, after, zone)))]
    sheets.append(Sheet("rows in the corpus now", ("dataset", one, other, "difference"), _rows(warehouse, one, other)))
    for run_id in (one, other):
        rows = [tuple(row.values()) for row in warehouse.rows(_TITLES, {"run": run_id, "most": MAX_TITLES})]
        sheets.append(Sheet(f"articles of {run_id}", ("published_at", "title", "url"), rows))
    return sheets


def _manifest(output: Path, run_id: str) -> RunManifest:
    folder = output / RUNS_FOLDER
    path = folder / f"{run_id}.json"
    if path.parent != folder or not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.json"))[-3:]
        raise OptionError(f"no run {run_id!r} in {folder}; the last ones are {', '.join(known) or 'none'}")
    return read_manifest(path)


def _figures(one: RunManifest, other: RunManifest, zone: str) -> Iterator[tuple[Any, ...]]:
    yield "started_at", local(one.started_at, zone), local(other.started_at, zone), None
    for name in ("site", "origin", "exit_status", "profile_version"):
        yield name, getattr(one, name), getattr(other, name), None
    for name in one.versions | other.versions:
        yield f"version of {name}", one.versions.get(name), other.versions.get(name), None
    for name in type(one.counts).__struct_fields__:
        yield _compared(name, getattr(one.counts, name), getattr(other.counts, name))
    for what, before, after in (
        ("rejected", one.by_reason, other.by_reason),
        ("duplicates", one.by_relation, other.by_relation),
        ("addresses", one.frontier, other.frontier),
    ):
        for name in sorted(before | after):
            yield _compared(f"{what}: {name}", before.get(name, 0), after.get(name, 0))
    for name in ("template", *WATCHED):
        yield _compared(f"share with {name}", round(one.reading.share(name), 3), round(other.reading.share(name), 3))


def _compared(name: str, before: float, after: float) -> tuple[Any, ...]:
    return name, before, after, round(after - before, 3)


def _rows(warehouse: Warehouse, one: str, other: str) -> list[tuple[Any, ...]]:
    counts = [{row["outcome"]: row["n"] for row in warehouse.rows(_ROWS, {"run": run_id})} for run_id in (one, other)]
    return [
        _compared(name, *(count.get(name, 0) for count in counts)) for name in ("articles", "duplicates", "rejected")
    ]
