"""Tables for SQL that do not lie in Parquet: runs out of their manifests, the frontier out of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crawler.corpus.manifest import all_manifests
from crawler.corpus.schema import KEY, MOMENT, TEXT, WHOLE
from crawler.health.history import judged_runs
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.corpus.manifest import RunManifest
    from crawler.health import Verdict

COUNTS = pa.map_(TEXT, WHOLE)
RUNS = pa.schema(
    [
        ("run_id", TEXT), ("site", TEXT), ("started_at", MOMENT), ("ended_at", MOMENT), ("origin", TEXT),
        ("exit_status", TEXT), ("fetched", WHOLE), ("carried_over", WHOLE), ("kept", WHOLE), ("duplicates", WHOLE),
        ("rejected", WHOLE), ("not_an_article", WHOLE), ("open", WHOLE), ("discovered", WHOLE),
        ("by_reason", COUNTS), ("by_relation", COUNTS), ("alarms", pa.list_(TEXT)), ("notes", pa.list_(TEXT)),
        ("level", TEXT), ("causes", pa.list_(TEXT)),
    ]
)  # fmt: skip
FRONTIER = pa.schema(
    [
        ("site", KEY), ("url", TEXT), ("kind", TEXT), ("state", TEXT), ("reason", TEXT), ("found_via", TEXT),
        ("priority", WHOLE), ("depth", WHOLE), ("attempts", WHOLE), ("title", TEXT), ("last_run_id", TEXT),
        ("discovered_at", MOMENT), ("lastmod", MOMENT), ("next_try_at", MOMENT), ("last_fetched_at", MOMENT),
    ]
)  # fmt: skip
"""Moments are whole microseconds since 1970 in SQLite, and so they are in Arrow."""
_BATCH = 20_000


def runs(output: Path) -> pa.Table:
    """One row per run that left a manifest, oldest first; `level` and `causes` are null where no network was asked."""
    manifests = all_manifests(output)
    judged = judged_runs(manifests)
    return pa.Table.from_pylist([_run(one, judged.get(one.run_id)) for one in manifests], schema=RUNS)


def _run(manifest: RunManifest, verdict: Verdict | None) -> dict[str, Any]:
    values = {name: getattr(manifest, name) for name in RUNS.names if hasattr(manifest, name)}
    counts = {name: getattr(manifest.counts, name) for name in RUNS.names if hasattr(manifest.counts, name)}
    maps = {name: list(values[name].items()) for name in ("by_reason", "by_relation")}
    health = {"level": verdict.level.value, "causes": list(verdict.causes)} if verdict else {}
    return values | counts | maps | health


def frontier(output: Path) -> pa.Table:
    """One row per address that was found."""
    batches = []
    last = 0
    with Store(output, is_read_only=True) as store:
        query = f"SELECT id, {', '.join(FRONTIER.names)} FROM urls WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608 - constants
        while rows := store.rows(query, (last, _BATCH)):
            last = rows[-1][0]
            columns = list(zip(*rows, strict=True))[1:]
            arrays = [_array(column, field.type) for column, field in zip(columns, FRONTIER, strict=True)]
            batches.append(pa.RecordBatch.from_arrays(arrays, schema=FRONTIER))
    return pa.Table.from_batches(batches, FRONTIER)


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if kind == KEY:
        return pa.array(values, TEXT).dictionary_encode().cast(KEY)
    return pa.array(values, WHOLE).cast(MOMENT) if kind == MOMENT else pa.array(values, kind)


OTHER_VIEWS: dict[str, Callable[[Path], pa.Table]] = {"runs": runs, "frontier": frontier}
"""Name in SQL to what makes its table; made when a query names it, because it takes a moment."""
