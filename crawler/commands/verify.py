"""`scrapy verify`: does all that was collected agree?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, CollectorCommand

if TYPE_CHECKING:
    import argparse


class Command(CollectorCommand):
    """Every fault with what mends it."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Check that archive, corpus, index, state and manifests agree; say how to mend what does not"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--thorough", action="store_true", help="read every byte, compare every checksum")
        parser.add_argument(
            "--rebuild-state", action="store_true", help="make state.sqlite anew from the Parquet files"
        )
        parser.add_argument("--quiet", action="store_true", help="no progress display")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print faults; exit code 1 when there is one."""
        from crawler.inspection.lookup import printable
        from crawler.inspection.sheets import as_json
        from crawler.inspection.verification import verify
        from crawler.progress import Progress

        if args:
            raise UsageError(f"{args[0]}: verify takes no argument", print_help=False)
        if opts.rebuild_state:
            self.rebuild_state()
        faults = []
        with Progress("verify", "files", is_quiet=opts.quiet) as progress:
            for fault in verify(self.output_dir, is_thorough=opts.thorough, phase=progress.phase):
                faults.append(fault)
                if not opts.json:
                    print(f"{fault.area}: {printable(fault.problem)}\n  mend: {fault.mend}", flush=True)
        if opts.json:
            print(as_json([fault._asdict() for fault in faults]))
        elif not faults:
            print("archive, corpus, index, state and manifests agree")
        return FAILED if faults else OK

    def rebuild_state(self) -> None:
        """Make the state anew, and tell what of."""
        from crawler.corpus.rebuild import rebuild_state

        rebuilt = rebuild_state(self.output_dir)
        print(
            f"state made anew of {rebuilt.n_parts:,} parts with {rebuilt.n_rows:,} rows; the old one: {rebuilt.aside}"
        )
        for problem in rebuilt.problems:
            print(problem)
