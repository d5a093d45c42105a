"""From the manifests of a site's runs to verdicts."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from crawler.health.causes import Cause, Level
from crawler.health.rules import FAILED, RULES, unwritten
from crawler.health.verdicts import Case, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.corpus.manifest import RunManifest

NETWORK = "network"
FINISHED = "finished"
MAX_BEFORE = 10
"""Runs that a run is compared with."""


def diagnose(now: RunManifest, earlier: Sequence[RunManifest]) -> Verdict:
    """The verdict on a run; `earlier`: the site's runs before it, newest first."""
    return verdicts([*reversed(earlier), now])[-1]


def _judge(now: RunManifest, well: Sequence[RunManifest]) -> Verdict:
    """`well`: runs before it that were not broken, newest first."""
    case = Case(now, well)
    found = [finding for rule in RULES if (finding := rule(case))]
    if not found and now.exit_status.startswith(FAILED):
        found.append(Finding(Cause.CRAWL_DIED, Level.BROKEN, now.exit_status.removeprefix(FAILED)))
    if len(found) > 1 and not now.traffic.n_sources:  # what silences every source is not the sources' death
        found = [finding for finding in found if finding.cause is not Cause.SOURCE_DEAD]
    found.sort(key=lambda finding: finding.level is not Level.BROKEN)
    return Verdict(now.site, now.run_id, now.ended_at, tuple(found), kept=now.counts.kept)


def died(site: str, run_id: str, at: datetime, outcome: str, said: str = "") -> Verdict:
    """The verdict on a run that left no manifest; `said`: its last word."""
    words = f"the crawl left no manifest ({outcome}){f': {said}' if said else ''}; logs/{run_id}.log"
    finding = unwritten(said) or Finding(Cause.CRAWL_DIED, Level.BROKEN, words)
    return Verdict(site, run_id, at, (finding,))


def verdicts(runs: Sequence[RunManifest]) -> list[Verdict]:
    """Verdicts on all runs of one site that asked the network, oldest first. `runs`: oldest first.

    A run is compared with those before it that came to their end and were not broken: trouble that lasts does not
    become what is usual.
    """
    judged: list[Verdict] = []
    well: deque[RunManifest] = deque(maxlen=MAX_BEFORE)
    for run in runs:
        if run.origin != NETWORK:
            continue
        verdict = _judge(run, well)
        judged.append(verdict)
        if verdict.level is not Level.BROKEN and run.exit_status == FINISHED:
            well.appendleft(run)
    return judged
