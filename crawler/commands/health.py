"""`scrapy health`: how each site does, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crawler.command import FAILED, OK, CollectorCommand
from crawler.errors import OptionError

if TYPE_CHECKING:
    import argparse

    from crawler.health import Verdict


class Command(CollectorCommand):
    """The verdict on the last run of each site."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] [SITE ...]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Say how each site does: ok, watch or broken, by which cause, and what to do next"

    def long_desc(self) -> str:
        """Shown by --help."""
        return f"{self.short_desc()}. Exit code 1 when a site is broken."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--metrics", action="store_true", help="print OpenMetrics text, for those who monitor")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print verdicts; also writes runs/history.parquet anew."""
        from crawler.health import Level
        from crawler.health.history import latest_verdicts, write_history
        from crawler.health.metrics import openmetrics

        if not self.output_dir.is_dir():
            raise OptionError(f"{self.output_dir}: no such folder; nothing was collected yet")
        if opts.metrics:
            print(openmetrics(self.output_dir), end="")
            return OK
        found = latest_verdicts(self.output_dir, args)
        if missing := set(args) - {verdict.site for verdict in found}:
            raise OptionError(f"{min(missing)}: no run on the network yet")
        write_history(self.output_dir)
        _show(found, is_json=opts.json)
        return FAILED if any(verdict.level is Level.BROKEN for verdict in found) else OK


def _show(found: list[Verdict], *, is_json: bool) -> None:
    from crawler.inspection.sheets import Sheet, as_json, show
    from crawler.inspection.zones import TIME_ZONE

    if is_json:
        print(as_json([_facts(verdict) for verdict in found]))
        return
    if not found:
        print("no site was crawled on the network yet")
        return
    zone = ZoneInfo(TIME_ZONE)
    rows = [
        (one.site, one.level.value, ", ".join(one.causes) or _nothing(one), one.at.astimezone(zone), one.kept)
        for one in found
    ]
    show([Sheet("", ("site", "health", "causes", "last run", "kept"), rows)])
    for verdict in found:
        for finding in verdict.findings:
            print(f"\n{verdict.site}: {finding.cause.value}: {finding.evidence}")
            print(f"  next: {finding.cause.advice(verdict.site)}")


def _nothing(verdict: Verdict) -> str:
    """A run that is well and brought nothing says so."""
    return "" if verdict.kept else "nothing new published"


def _facts(verdict: Verdict) -> dict[str, Any]:
    findings = [
        {
            "cause": one.cause.value,
            "level": one.level.value,
            "evidence": one.evidence,
            "next": one.cause.advice(verdict.site),
        }
        for one in verdict.findings
    ]
    facts = {"site": verdict.site, "run_id": verdict.run_id, "level": verdict.level.value, "at": verdict.at}
    return facts | {"kept": verdict.kept, "findings": findings}
