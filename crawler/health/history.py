"""Runs and verdicts as data: `output/runs/history.parquet`, a row per run, made anew from the manifests."""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.corpus.manifest import RUNS_FOLDER, all_manifests
from crawler.corpus.schema import MOMENT, TEXT, WHOLE
from crawler.errors import CorpusError
from crawler.health.diagnosis import verdicts
from crawler.health.endings import unended

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crawler.corpus.manifest import RunManifest
    from crawler.health.verdicts import Verdict

HISTORY_FILE = "history.parquet"
_COUNTS = ("fetched", "carried_over", "kept", "duplicates", "rejected", "not_an_article", "open")
HISTORY = pa.schema(
    [
        ("run_id", TEXT), ("site", TEXT), ("started_at", MOMENT), ("ended_at", MOMENT), ("origin", TEXT),
        ("exit_status", TEXT), *((name, WHOLE) for name in _COUNTS), ("discovered", WHOLE), ("requests", WHOLE),
        ("failures", WHOLE), ("latency", pa.float64()), ("newest_at", MOMENT), ("level", TEXT),
        ("causes", pa.list_(TEXT)), ("evidence", pa.list_(TEXT)), ("alarms", pa.list_(TEXT)), ("notes", pa.list_(TEXT)),
    ]
)  # fmt: skip
"""`level` and `causes` are null for runs over archives: they say nothing about the site."""


def by_site(runs: Iterable[RunManifest]) -> dict[str, list[RunManifest]]:
    """Runs of each site, oldest first as they came."""
    ordered = sorted(runs, key=lambda run: run.site)
    return {site: list(group) for site, group in groupby(ordered, key=lambda run: run.site)}


def latest_verdicts(output: Path, sites: Iterable[str] = ()) -> list[Verdict]:
    """The verdict on the last run of each site, or of `sites` only, by site."""
    runs, wanted = all_manifests(output), set(sites)
    found = {site: judged[-1] for site, of_site in by_site(runs).items() if (judged := verdicts(of_site))}
    found |= unended(output, known=frozenset(run.run_id for run in runs))
    return [found[site] for site in sorted(found) if not wanted or site in wanted]


def judged_runs(runs: Iterable[RunManifest]) -> dict[str, Verdict]:
    """The verdict on each run that asked the network, by run_id; `runs` oldest first."""
    return {verdict.run_id: verdict for of_site in by_site(runs).values() for verdict in verdicts(of_site)}


def history(output: Path) -> pa.Table:
    """All runs with their verdicts, by site and time."""
    runs = all_manifests(output)
    judged = judged_runs(runs)
    rows = [_row(run, judged.get(run.run_id)) for run in sorted(runs, key=lambda run: run.site)]
    return pa.Table.from_pylist(rows, schema=HISTORY)


def write_history(output: Path) -> Path:
    """Write `output`/runs/history.parquet, durably and at once; returns its path. Raises CorpusError."""
    path = output / RUNS_FOLDER / HISTORY_FILE
    buffer = io.BytesIO()
    pq.write_table(history(output), buffer, compression="zstd")
    try:
        disk.make_folders(path.parent)
        disk.replace(path, buffer.getvalue())
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error
    return path


def _row(run: RunManifest, verdict: Verdict | None) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in HISTORY.names if hasattr(run, name)}
    row |= {name: getattr(run.counts, name) for name in _COUNTS}
    traffic = run.traffic
    row |= {"requests": traffic.n_requests, "failures": sum(traffic.failures.values())}
    row |= {"latency": traffic.latency, "newest_at": traffic.newest_at}
    if verdict is not None:
        evidence = [finding.evidence for finding in verdict.findings]
        row |= {"level": verdict.level.value, "causes": list(verdict.causes), "evidence": evidence}
    return row
