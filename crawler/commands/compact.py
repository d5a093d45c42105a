"""`scrapy compact`: many small parts become few large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand, run_name

if TYPE_CHECKING:
    import argparse


class Command(CollectorCommand):
    """The same rows in fewer files."""

    use = "changes"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Merge small Parquet files of the corpus into larger ones"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--quiet", action="store_true", help="no progress display")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Merge, and tell."""
        from crawler.corpus.compaction import compact
        from crawler.corpus.reader import CorpusReader
        from crawler.inspection.sheets import as_json
        from crawler.progress import Progress

        if args:
            raise UsageError(f"{args[0]}: compact takes no argument", print_help=False)

        CorpusReader(self.output_dir).close()
        with Progress("compact", "parts", is_quiet=opts.quiet) as progress:
            done = compact(self.output_dir, run_name("compact"), progress)
        counts = {"sites": done.n_sites, "parts_before": done.n_before, "parts_after": done.n_after}
        text = f"{done.n_sites:,} sites changed: {done.n_before:,} parts before, {done.n_after:,} now"
        print(as_json(counts) if opts.json else text)
        return OK
