"""The run manifest: one JSON file per run that says what came in, what came out, and that it adds up."""

from __future__ import annotations

import itertools
from collections import Counter
from contextlib import suppress
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation at run time
from typing import TYPE_CHECKING

import msgspec

from crawler import disk
from crawler.corpus.counts import Counts
from crawler.corpus.health import Reading
from crawler.corpus.outcomes import UNCHANGED
from crawler.corpus.parts import PART_COLUMNS, Part
from crawler.corpus.schema import Dataset
from crawler.corpus.traffic import Traffic
from crawler.errors import CorpusError
from crawler.state.frontier import Frontier
from crawler.state.instants import opt_moment
from crawler.state.leftovers import n_more_left_out
from crawler.state.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crawler.state.frontier import CountKey
    from crawler.state.records import OutcomeKey
    from crawler.state.store import Store

RUNS_FOLDER = "runs"


class RunManifest(msgspec.Struct, frozen=True, kw_only=True):
    """`output/runs/<run_id>.json`. Counts of the frontier are those at the end of the run."""

    run_id: str
    """Site, moment of the start and four random digits; the file is named after it."""
    site: str
    """Key of the site."""
    started_at: datetime
    """When the run began, UTC."""
    ended_at: datetime
    """When the manifest was written, UTC."""
    origin: str
    """`network`, or the archive files that were read."""
    versions: dict[str, str]
    """Of python, scrapy, trafilatura and the schema."""
    profile_version: str
    """As in the rows: changes whenever the profile does."""
    exit_status: str
    """`finished`, or why the run ended before."""
    counts: Counts
    """What became of the pages."""
    by_reason: dict[str, int]
    """Rejected pages by reason."""
    by_relation: dict[str, int]
    """Duplicates by relation."""
    discovered: int
    """Addresses of the site known to the frontier."""
    frontier: dict[str, int]
    """Addresses by state."""
    by_kind: dict[str, dict[str, int]]
    """Addresses by kind and state."""
    failed: dict[str, int]
    """Failed addresses by reason."""
    left_out: dict[str, int]
    """Addresses left out by rule."""
    parts: tuple[Part, ...]
    """Files this run wrote that are in the corpus at its end."""
    unchanged: int = 0
    """Pages that were read again and said the same, among `counts.not_an_article`; known ones that sent no new bytes
    at all (304 and the like) are not counted here."""
    reading: Reading = Reading()
    """How well the site's pages could be read."""
    traffic: Traffic = Traffic()
    """What the site was asked and how it answered."""
    alarms: tuple[str, ...] = ()
    """What fell suddenly against earlier runs."""
    notes: tuple[str, ...] = ()
    """What went not quite as it should: archives that are not whole, a profile without a template."""


def describe_run(
    store: Store,
    site: str,
    run_id: str,
    *,
    started_at: datetime,
    ended_at: datetime,
    origin: str,
    versions: Mapping[str, str],
    profile_version: str,
    exit_status: str,
) -> RunManifest:
    """The manifest of a run, counted from the state. Raises CorpusError when it cannot be read."""
    outcomes = Records(store, site, run_id).outcomes()
    known = Frontier(store, site).counts()
    paths = f"SELECT {PART_COLUMNS} FROM parts WHERE site = ? AND run_id = ? ORDER BY path"  # noqa: S608 - a constant
    return RunManifest(
        run_id=run_id,
        site=site,
        started_at=started_at,
        ended_at=ended_at,
        origin=origin,
        versions=dict(versions),
        profile_version=profile_version,
        exit_status=exit_status,
        counts=_counts(store, site, run_id, outcomes),
        by_reason=_sums((key.reason, n) for key, n in outcomes.items() if key.outcome == "rejected"),
        by_relation=_sums((key.reason, n) for key, n in outcomes.items() if key.outcome == "duplicate"),
        discovered=n_more_left_out(store, site)
        + int(store.rows("SELECT count(*) FROM urls WHERE site = ?", (site,))[0][0]),
        frontier=_sums((key.state, n) for key, n in known.items()),
        by_kind=_by_kind(known),
        failed=_sums((key.reason, n) for key, n in known.items() if key.state == "failed"),
        left_out=_sums((key.reason, n) for key, n in known.items() if key.state == "left_out"),
        unchanged=sum(n for key, n in outcomes.items() if key.reason == UNCHANGED),
        parts=tuple(Part(*row) for row in store.rows(paths, (site, run_id))),
    )


def newest_at(store: Store, site: str) -> datetime | None:
    """Publication of the newest article of the site in the corpus. Raises CorpusError."""
    return opt_moment(store.rows("SELECT max(published_at) FROM kept WHERE site = ?", (site,))[0][0])


def _counts(store: Store, site: str, run_id: str, outcomes: Counter[OutcomeKey]) -> Counts:
    records = Records(store, site, run_id)
    by_outcome = _sums((key.outcome, n) for key, n in outcomes.items())
    n_open = records.n_pending(is_own=True)
    return Counts(
        fetched=records.n_fetched(),
        carried_over=sum(n for key, n in outcomes.items() if key.is_carried_over),
        kept=by_outcome.get("kept", 0),
        duplicates=by_outcome.get("duplicate", 0),
        rejected=by_outcome.get("rejected", 0),
        not_an_article=by_outcome.get("not_an_article", 0),
        open=n_open,
        open_before=records.n_pending() - n_open,
    )


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for key, n in pairs:
        sums[key] += n
    return dict(sorted(sums.items()))


def _by_kind(known: Counter[CountKey]) -> dict[str, dict[str, int]]:
    ordered = sorted(known.items(), key=lambda one: one[0].kind)
    return {
        kind: _sums((key.state, n) for key, n in group)
        for kind, group in itertools.groupby(ordered, key=lambda one: one[0].kind)
    }


def check(manifest: RunManifest) -> list[str]:
    """What does not add up in a manifest, one line each; empty when all does."""
    counts = manifest.counts
    decided = {
        Dataset.ARTICLES: counts.kept,
        Dataset.DUPLICATES: counts.duplicates,
        Dataset.REJECTED: counts.rejected,
    }
    n_out = sum(decided.values()) + counts.not_an_article + counts.open
    sums = [
        ("fetched and carried over", counts.fetched + counts.carried_over, "outcomes and open records", n_out),
        ("rejected", counts.rejected, "reasons of rejection", sum(manifest.by_reason.values())),
        ("duplicates", counts.duplicates, "relations of duplicates", sum(manifest.by_relation.values())),
        ("discovered", manifest.discovered, "states of addresses", sum(manifest.frontier.values())),
        ("failed", manifest.frontier.get("failed", 0), "reasons of failure", sum(manifest.failed.values())),
        ("left out", manifest.frontier.get("left_out", 0), "rules that left out", sum(manifest.left_out.values())),
    ]
    for dataset, n in decided.items():
        n_rows = sum(part.rows for part in manifest.parts if part.dataset == dataset)
        sums.append((f"outcomes for {dataset.value}", n, "rows in its parts", n_rows))
    return [f"{left}: {n}, {right}: {m}" for left, n, right, m in sums if n != m]


def write_manifest(output: Path, manifest: RunManifest) -> Path:
    """Write `output`/runs/<run_id>.json, durably and at once; returns its path.

    Raises CorpusError when it cannot be written.
    """
    path = output / RUNS_FOLDER / f"{manifest.run_id}.json"
    try:
        disk.make_folders(path.parent)
        disk.replace(path, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error
    return path


def read_manifest(path: Path) -> RunManifest:
    """Raises CorpusError naming the file when it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunManifest)
    except (OSError, msgspec.DecodeError) as error:
        raise CorpusError(f"{path}: {error}") from error


def earlier_manifests(output: Path, site: str, run_id: str) -> list[RunManifest]:
    """Manifests of the site's runs but `run_id`, newest first; those that cannot be read are left aside."""
    paths = sorted((output / RUNS_FOLDER).glob(f"{site}-*.json"), reverse=True)
    found: list[RunManifest] = []
    for path in paths:
        with suppress(CorpusError):
            found.append(read_manifest(path))
    return [one for one in found if one.site == site and one.run_id != run_id]


def all_manifests(output: Path) -> list[RunManifest]:
    """Manifests of all runs, oldest first; those that cannot be read are left aside (`scrapy verify` names them)."""
    found: list[RunManifest] = []
    for path in (output / RUNS_FOLDER).glob("*.json"):
        with suppress(CorpusError):
            found.append(read_manifest(path))
    return sorted(found, key=lambda one: (one.started_at, one.run_id))


def summary(manifest: RunManifest) -> str:
    """One line for people."""
    counts = manifest.counts
    reasons = ", ".join(f"{reason} {n}" for reason, n in manifest.by_reason.items())
    carried = f" (+{counts.carried_over} from before)" if counts.carried_over else ""
    return (
        f"{manifest.site}: fetched {counts.fetched}{carried} = kept {counts.kept} + duplicates {counts.duplicates}"
        f" + rejected {counts.rejected}{f' ({reasons})' if reasons else ''} + not an article {counts.not_an_article}"
        f"{f' + left for the next run {counts.open}' if counts.open else ''}"
    )
