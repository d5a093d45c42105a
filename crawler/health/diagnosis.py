"""From the manifests of a site's runs to verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.health.causes import Cause, Level
from crawler.health.rules import RULES
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
    before = [one for one in earlier if one.origin == NETWORK and one.exit_status == FINISHED][:MAX_BEFORE]
    case = Case(now, before)
    found = [finding for rule in RULES if (finding := rule(case))]
    if not found and now.exit_status.startswith("failed: "):
        found.append(Finding(Cause.CRAWL_DIED, Level.BROKEN, now.exit_status.removeprefix("failed: ")))
    found.sort(key=lambda finding: finding.level is not Level.BROKEN)
    return Verdict(now.site, now.run_id, now.ended_at, tuple(found), kept=now.counts.kept)


def died(site: str, run_id: str, at: datetime, outcome: str) -> Verdict:
    """The verdict on a run that left no manifest."""
    finding = Finding(Cause.CRAWL_DIED, Level.BROKEN, f"the crawl left no manifest ({outcome}); logs/{run_id}.log")
    return Verdict(site, run_id, at, (finding,))


def verdicts(runs: Sequence[RunManifest]) -> list[Verdict]:
    """Verdicts on all runs of one site that asked the network, oldest first. `runs`: oldest first."""
    asked = [run for run in runs if run.origin == NETWORK]
    return [diagnose(run, asked[:place][::-1]) for place, run in enumerate(asked)]
