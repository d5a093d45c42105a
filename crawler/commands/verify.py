"""`scrapy verify`: does all that was collected agree?"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, CollectorCommand

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from crawler.inspection.verification import Fault
    from crawler.storage.objects import Objects


class Command(CollectorCommand):
    """Every fault with what mends it."""

    use = "reads"

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
        from crawler.publishing.sharing import has_old_index

        if args:
            raise UsageError(f"{args[0]}: verify takes no argument", print_help=False)
        if opts.rebuild_state:
            self.rebuild_state()
        faults = []
        with Progress("verify", "files", is_quiet=opts.quiet) as progress:
            here = verify(
                self.output_dir, is_thorough=opts.thorough, phase=progress.phase, elsewhere=self.published_ends()
            )
            for fault in chain(here, self.published_faults(is_thorough=opts.thorough)):
                if fault.area == "index" and has_old_index(self.output_dir):
                    continue  # the next command that compares makes it anew
                faults.append(fault)
                if not opts.json:
                    print(f"{fault.area}: {printable(fault.problem)}\n  mend: {fault.mend}", flush=True)
        if opts.json:
            print(as_json([fault._asdict() for fault in faults]))
        elif not faults:
            print("archive, corpus, index, state and manifests agree")
        return FAILED if faults else OK

    @cached_property
    def objects(self) -> Objects | None:
        """What OUTPUT names."""
        from crawler.storage.objects import Objects

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Objects(self.settings["OUTPUT"]) if self.settings["OUTPUT"] else None

    def published_ends(self) -> dict[str, int]:
        """Archive files that need not be in OUTPUT_DIR."""
        from crawler.publishing.checking import archive_ends
        from crawler.publishing.log import CommitLog

        return archive_ends(CommitLog(self.objects).refresh()) if self.objects else {}

    def published_faults(self, *, is_thorough: bool) -> Iterator[Fault]:
        """What is wrong with the objects at OUTPUT."""
        from crawler.inspection.verification import Fault
        from crawler.publishing.checking import check_published

        for found in check_published(self.objects, is_thorough=is_thorough) if self.objects else ():
            yield Fault("storage", *found)

    def rebuild_state(self) -> None:
        """Make the state anew, and tell what of."""
        from crawler.corpus.rebuild import rebuild_state

        rebuilt = rebuild_state(self.output_dir)
        print(
            f"state made anew of {rebuilt.n_parts:,} parts with {rebuilt.n_rows:,} rows; the old one: {rebuilt.aside}"
        )
        for problem in rebuilt.problems:
            print(problem)
