"""Figures for those who monitor: OpenMetrics text, to be served or written for a node exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.corpus.manifest import all_manifests
from crawler.health.causes import Level
from crawler.health.history import by_site, latest_verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crawler.corpus.manifest import RunManifest

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_LEVELS = {Level.OK: 0, Level.WATCH: 1, Level.BROKEN: 2}
_Figure = tuple[str, "Callable[[RunManifest], float | None]"]
_FIGURES: dict[str, _Figure] = {
    "run_ended_timestamp_seconds": ("End of the last run.", lambda run: run.ended_at.timestamp()),
    "run_duration_seconds": ("Length of the last run.", lambda run: (run.ended_at - run.started_at).total_seconds()),
    "newest_article_timestamp_seconds": (
        "Publication of the newest article.",
        lambda run: run.traffic.newest_at.timestamp() if run.traffic.newest_at else None,
    ),
    "answer_seconds": ("Median time to an answer in the last run.", lambda run: run.traffic.latency),
}
_COUNTERS = ("fetched", "kept", "duplicates", "rejected")


def openmetrics(output: Path) -> str:
    """All figures of a corpus (OpenMetrics 1.0): verdict, time and duration of the last run, pages by what became."""
    sites = by_site(all_manifests(output))
    return "\n".join([*_levels(output), *_times(sites), *_pages(sites), "# EOF\n"])


def _levels(output: Path) -> Iterator[str]:
    yield "# TYPE news_corpus_health gauge"
    yield "# HELP news_corpus_health Verdict on the last run: 0 ok, 1 watch, 2 broken."
    judged = latest_verdicts(output)
    for verdict in judged:
        yield f"news_corpus_health{_labels(site=verdict.site)} {_LEVELS[verdict.level]}"
    yield "# TYPE news_corpus_trouble gauge"
    yield "# HELP news_corpus_trouble 1 for each cause that the last run shows."
    for verdict in judged:
        for cause in verdict.causes:
            yield f"news_corpus_trouble{_labels(site=verdict.site, cause=cause)} 1"


def _times(sites: dict[str, list[RunManifest]]) -> Iterator[str]:
    for name, (what, figure) in _FIGURES.items():
        yield f"# TYPE news_corpus_{name} gauge"
        yield f"# UNIT news_corpus_{name} seconds"
        yield f"# HELP news_corpus_{name} {what}"
        for site, runs in sites.items():
            value = figure(runs[-1])
            if value is not None:
                yield f"news_corpus_{name}{_labels(site=site)} {value:.3f}"


def _pages(sites: dict[str, list[RunManifest]]) -> Iterator[str]:
    yield "# TYPE news_corpus_pages counter"
    yield "# HELP news_corpus_pages Pages of all runs by what became of them."
    for site, runs in sites.items():
        for name in _COUNTERS:
            total = sum(getattr(run.counts, name) for run in runs)
            yield f"news_corpus_pages_total{_labels(site=site, outcome=name)} {total}"
    yield "# TYPE news_corpus_runs counter"
    yield "# HELP news_corpus_runs Runs that left a manifest."
    for site, runs in sites.items():
        yield f"news_corpus_runs_total{_labels(site=site)} {len(runs)}"


def _labels(**labels: str) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
