"""`scrapy report`: the corpus on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand
from crawler.logformatter import one_line

if TYPE_CHECKING:
    import argparse


class Command(CollectorCommand):
    """One HTML file that works offline, and a dataset card."""

    use = "reads"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Write what the corpus is into one HTML file; with --card a Hugging Face dataset card"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--out", type=Path, metavar="FILE", help="default: report.html in OUTPUT_DIR")
        parser.add_argument("--card", action="store_true", help="write README.md, a dataset card, into OUTPUT_DIR")
        parser.add_argument("--seed", type=int, metavar="N", help="the same twenty articles every time")
        parser.add_argument("--quiet", action="store_true", help="no progress display")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write the page, or the card."""
        from crawler.corpus.reader import CorpusReader
        from crawler.inspection.card import card
        from crawler.inspection.facts import gather
        from crawler.inspection.report import render, write
        from crawler.inspection.sheets import as_json
        from crawler.inspection.warehouse import Warehouse
        from crawler.progress import Progress

        if args:
            raise UsageError(f"{args[0]}: report takes no argument", print_help=False)
        with (
            CorpusReader(self.output_dir) as reader,
            Warehouse(self.output_dir) as warehouse,
            Progress("report", "questions", is_quiet=opts.quiet) as progress,
        ):
            facts = gather(warehouse, reader, opts.seed, progress)
        path = opts.out or self.output_dir / ("README.md" if opts.card else "report.html")
        write(path, card(facts) if opts.card else render(facts))
        print(as_json({"file": str(path), **facts.totals}) if opts.json else one_line(str(path)))
        return OK
