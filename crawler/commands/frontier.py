"""`scrapy frontier SITE`: what waits, what failed and why, what was left out, and what of it all is in the corpus."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, CollectorCommand
from crawler.errors import OptionError
from crawler.logformatter import one_line

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from rich.console import Console

    from crawler.inspection.completeness import MonthCount
    from crawler.state.store import Store
    from crawler.state.survey import Survey
    from crawler.state.urls import KnownUrl

STATE_NAMES = ("pending", "in_flight", "done", "failed", "left_out", "disallowed")
PLAIN_WIDTH = 200
"""Columns of a table that is not for a terminal."""


class Command(CollectorCommand):
    """Reads the state only; a crawl may be running."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] SITE"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Show what waits, what failed and why, what was left out by which rule"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--urls", action="store_true", help="print addresses, one a line")
        parser.add_argument("--state", choices=STATE_NAMES, help="with --urls: only those of this state")
        parser.add_argument("--reason", metavar="CODE", help="with --urls: only those with this reason or rule")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="with --urls: at most N, 0 for all")
        parser.add_argument("--completeness", action="store_true", help="what was announced and kept, by month")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print one of the views; exit code 1 when the counts do not add up."""
        from crawler.state.store import Store
        from crawler.state.survey import sites

        if len(args) != 1:
            raise UsageError("one site is needed", print_help=False)
        if opts.limit < 0:
            raise UsageError(f"--limit {opts.limit}: a number from 0 on is needed", print_help=False)
        if (opts.state or opts.reason) and not opts.urls:
            raise UsageError("--state and --reason go with --urls", print_help=False)
        with Store(self.output_dir, is_read_only=True) as store:
            if args[0] not in (known := sites(store)):
                raise OptionError(f"nothing is known of {args[0]!r} in {self.output_dir}; known: {', '.join(known)}")
            if opts.urls:
                return show_urls(store, args[0], opts)
            if opts.completeness:
                return show_completeness(store, args[0], is_json=opts.json)
            return show_survey(store, args[0], is_json=opts.json)


def show_urls(store: Store, site: str, opts: argparse.Namespace) -> int:
    """Addresses, one a line: state, reason, tries, next try, address; between them tabs."""
    from crawler.inspection.sheets import as_json
    from crawler.state.survey import addresses

    found = addresses(store, site, state=opts.state, reason=opts.reason, limit=opts.limit)
    if opts.json:
        print(as_json([_facts(one) for one in found]))
        return OK
    for one in found:
        cells = (one.state, one.reason or "–", f"{one.attempts} tries", _time(one.next_try_at), one.url)
        print("\t".join(map(one_line, cells)))
    return OK


def show_survey(store: Store, site: str, *, is_json: bool) -> int:
    """The whole frontier in four tables, and the sum that must come out."""
    from crawler.inspection.sheets import as_json
    from crawler.state.survey import survey

    found = survey(store, site)
    if is_json:
        print(as_json(asdict(found)))
    else:
        _print_survey(found, site)
    return FAILED if found.problems else OK


def show_completeness(store: Store, site: str, *, is_json: bool) -> int:
    """Announced and kept by month, and what became of the rest."""
    from crawler.inspection.completeness import completeness, in_all
    from crawler.inspection.sheets import as_json

    months = completeness(store, site)
    if is_json:
        print(as_json([asdict(one) | {"share": round(one.share, 4)} for one in (*months, in_all(months))]))
        return OK
    rows = [_month_cells(one) for one in (*months, in_all(months))]
    _print_table(_console(), "announced and kept", "month|announced|fetched|kept|share|the others are|named by", rows)
    return OK


def _month_cells(one: MonthCount) -> list[str]:
    numbers = (f"{n:,}" for n in (one.announced, one.fetched, one.kept))
    gap = ", ".join(f"{name} {n:,}" for name, n in one.gap.items()) or "–"
    return [one.month, *numbers, f"{one.share:.0%}", gap, ", ".join(f"{k} {n:,}" for k, n in one.by_source.items())]


def _print_survey(found: Survey, site: str) -> None:
    console = _console()
    waiting = [
        [one.host, f"{one.priority:,}", f"{one.depth:,}", one.kind, f"{one.n:,}", _time(one.next_try_at)]
        for one in found.waiting
    ]
    _print_table(console, "waiting", "host|priority|depth|kind|addresses|not before", waiting)
    failures = [
        [one.reason, f"{one.n:,}", f"{one.attempts:,}", _next_try(one.next_try_at), " ".join(one.examples)]
        for one in found.failures
    ]
    _print_table(console, "failed", "reason|addresses|tries|next try|such as", failures)
    rules = [[one.rule, f"{one.n:,}", " ".join(one.examples)] for one in found.rules]
    _print_table(console, "left out", "rule|addresses|such as", rules)
    console.print(
        f"{site}: discovered {found.discovered:,} = done {found.done:,} + failed {found.failed:,}"
        f" + disallowed {found.disallowed:,} + left out {found.left_out:,} + pending {found.pending:,}"
        f" + in flight {found.in_flight:,}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for problem in found.problems:
        console.print(f"does not add up: {problem}", markup=False, highlight=False, soft_wrap=True)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if Console().is_terminal else PLAIN_WIDTH)


def _print_table(console: Console, title: str, headings: str, rows: list[list[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(f"{title}: nothing" if not rows else title, style="bold"))
    if rows:
        table = Table(box=None, header_style="dim", pad_edge=False)
        numbers = {"priority", "depth", "addresses", "tries", "announced", "fetched", "kept", "share"}
        for heading in headings.split("|"):
            table.add_column(heading, justify="right" if heading in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(one_line(cell)) for cell in row))
        console.print(table)
    console.print()


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "–"


def _next_try(moment: datetime | None) -> str:
    return _time(moment) if moment else "with the next run"


def _facts(one: KnownUrl) -> dict[str, Any]:
    facts = asdict(one)
    del facts["content_hash"]
    return facts
