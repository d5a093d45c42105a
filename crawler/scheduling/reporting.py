"""What is said after a scheduled crawl: its verdict, an alert when that is news, the history as data."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.corpus.manifest import earlier_manifests, read_manifest
from crawler.errors import CollectorError
from crawler.health import Level, diagnose
from crawler.health.alerts import tell_changes
from crawler.health.diagnosis import died
from crawler.health.endings import last_word
from crawler.health.history import write_history
from crawler.scheduling.jobs import BUSY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.health import Verdict
    from crawler.scheduling.timetable import ScheduledRun


class Reporter:
    """Called with each run that ended."""

    def __init__(self, output: Path, alert_addresses: Sequence[str] = (), *, is_json: bool = False) -> None:
        """`is_json`: lines on stderr are JSON objects."""
        self._output = output
        self._addresses = alert_addresses
        self._is_json = is_json

    def __call__(self, run: ScheduledRun, outcome: str) -> None:
        """Say how it went. Raises CollectorError when the history cannot be written or an alert not delivered."""
        if outcome == BUSY:  # nothing was tried
            return
        now = self._judge(run, outcome)
        self._say(run, outcome, now)
        write_history(self._output)
        if self._addresses:
            tell_changes(self._output, self._addresses, now)

    def _judge(self, run: ScheduledRun, outcome: str) -> Verdict:
        try:
            manifest = read_manifest(self._output / "runs" / f"{run.run_id}.json")
        except CollectorError:
            said = last_word(self._output, run.run_id)
            return died(run.site, run.run_id, datetime.now(UTC), outcome, said)
        return diagnose(manifest, earlier_manifests(self._output, run.site, run.run_id))

    def _say(self, run: ScheduledRun, outcome: str, verdict: Verdict) -> None:
        causes = [f"{finding.cause.value}: {finding.evidence}" for finding in verdict.findings]
        facts: dict[str, Any] = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "site": run.site, "outcome": outcome}
        facts |= {"health": verdict.level.value, "kept": verdict.kept, "causes": causes, "run_id": run.run_id}
        if self._is_json:
            line = json.dumps(facts, ensure_ascii=False)
        else:
            what = "; ".join(causes) or (f"{verdict.kept} new articles" if verdict.kept else "nothing new published")
            health = "" if verdict.level is Level.OK else f" {verdict.level.value.upper()}"
            line = f"{facts['at']} {run.site}: {outcome}{health}: {what} ({run.run_id})"
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is how the scheduler speaks
