"""One run of a site, judged by what it counted and by the runs before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from crawler.health.causes import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.corpus.manifest import RunManifest
    from crawler.health.causes import Cause


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause of trouble, with what shows it."""

    cause: Cause
    level: Level
    evidence: str
    """One line with the figures."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a site did in a run."""

    site: str
    run_id: str
    at: datetime
    findings: tuple[Finding, ...] = ()
    """The worst and most certain first."""
    kept: int = 0
    """Articles that came; a run that is well and brought none says so."""

    @property
    def level(self) -> Level:
        """That of the worst finding."""
        levels = {finding.level for finding in self.findings}
        return next((level for level in (Level.BROKEN, Level.WATCH) if level in levels), Level.OK)

    @property
    def causes(self) -> tuple[str, ...]:
        """Codes of all findings."""
        return tuple(finding.cause.value for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Case:
    """A run and those before it, as the rules see them."""

    now: RunManifest
    before: Sequence[RunManifest]
    """Runs on the network that ended by themselves, newest first."""

    def usual(self, figure: Callable[[RunManifest], float]) -> float | None:
        """Median of a figure over the runs before; None when there are none."""
        return median(figure(one) for one in self.before) if self.before else None

    def share_failed(self, *codes: str) -> float:
        """Share of the run's requests that failed with one of these codes."""
        traffic = self.now.traffic
        return sum(traffic.failures.get(code, 0) for code in codes) / max(traffic.n_requests, 1)

    def share_status(self, *statuses: str) -> float:
        """Share of the run's requests that were answered or failed with one of these statuses."""
        traffic = self.now.traffic
        n = sum(traffic.statuses.get(status, 0) for status in statuses)
        return n / max(traffic.n_requests, 1)

    @property
    def n_decided(self) -> int:
        """Article pages that got an outcome."""
        counts = self.now.counts
        return counts.kept + counts.duplicates + counts.rejected


def days(span: timedelta) -> str:
    """A length of time in words."""
    hours = span / timedelta(hours=1)
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"  # noqa: PLR2004 - two days
