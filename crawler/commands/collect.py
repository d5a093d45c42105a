"""`scrapy collect`: several sites in one go, each its own process."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import (
    FAILED,
    INTERRUPTED,
    OK,
    WRONG_USE,
    CollectorCommand,
    report_error,
    spider_arguments,
)
from crawler.errors import OptionError, ProfileError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from crawler.collecting import Collection, SiteRun
    from crawler.command import Use


class Command(CollectorCommand):
    """Crawl many sites, a bounded number at once, with one display and one summary."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] [SITE ...]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Crawl several sites, each in its own process, and sum up what came"

    def long_desc(self) -> str:
        """Shown by --help."""
        return f"{self.short_desc()}. Exit code 1 when a site failed, 2 when one is unknown or its profile broken."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="every site that has a profile")
        parser.add_argument("--catalogue", action="store_true",
                            help="papers of seeds/catalogue.toml; a first crawl learns its site")  # fmt: skip
        parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="sites at once (default: cores)")
        parser.add_argument(
            "--on", metavar="ray[://HOST:PORT]", help="spread the crawls over a Ray cluster (docs/scale.md)"
        )
        parser.add_argument("--parts", type=int, default=1, metavar="N",
                            help="with --on: crawl one huge SITE in N parts that share its hosts' slots")  # fmt: skip
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE",
                            help="argument for every crawl, such as archive=FILE")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")
        parser.add_argument("--quiet", action="store_true", help="no progress display")

    def corpus_use(self, opts: argparse.Namespace) -> Use:
        """Crawls publish for themselves; those of a cluster leave it to the one process that joins them."""
        return "changes" if opts.on is not None else ""

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Start the crawls and wait for them."""
        arguments = spider_arguments(opts.spargs)
        if opts.jobs < 0:
            raise OptionError(f"--jobs {opts.jobs}: a number from 1 on is needed")
        sites, broken, addresses = self.choose(args, opts)
        if opts.parts < 1 or (opts.parts > 1 and (opts.on is None or len(sites) != 1)):
            raise OptionError(f"--parts {opts.parts}: is for one SITE and needs --on; a number from 1 on")
        for error in broken:
            report_error(self.name, error)
        with self.collection(opts, arguments, addresses) as collection:
            results = collection.run(sites)
        if opts.json:
            from crawler.inspection.sheets import as_json

            print(as_json([{**result.as_dict(), **self.first_outcome(result, opts)} for result in results]))
        else:
            print_summary(results, self.output_dir)
            self.tell_catalogue(results, opts)
        is_ended = collection.interrupted_by == signal.SIGTERM  # on request and in order: what was not begun can wait
        codes = {result.exit_code for result in results if result.process or not is_ended} | {WRONG_USE for _ in broken}
        return OK if codes <= {OK} else _worst(codes)

    @contextmanager
    def collection(
        self, opts: argparse.Namespace, arguments: dict[str, str], addresses: dict[str, str]
    ) -> Iterator[Collection]:
        """What runs the crawls: processes of this machine, or with --on tasks of a cluster."""
        from crawler.collecting import Collection

        words = (self.output_dir, opts.set, arguments)
        named: dict[str, Any] = {"n_jobs": opts.jobs, "is_quiet": opts.quiet, "addresses": addresses}
        if opts.on is None:
            yield Collection(*words, **named)
            return
        from crawler.cluster.collection import ClusterCollection
        from crawler.cluster.engine import Engine
        from crawler.sites.profile import read_profiles

        profiles, _ = read_profiles(self.seeds_dir)
        with Engine(opts.on, n_cores=opts.jobs or None) as engine:
            yield ClusterCollection(engine, profiles, self.thresholds(), opts.parts, *words, **named)

    def first_outcome(self, result: SiteRun, opts: argparse.Namespace) -> dict[str, Any]:
        """With --catalogue, whether the paper worked."""
        from crawler.cataloguing import outcome

        return outcome(result, self.seeds_dir) if opts.catalogue else {}

    def tell_catalogue(self, results: list[SiteRun], opts: argparse.Namespace) -> None:
        """With --catalogue, who worked."""
        from crawler.cataloguing import report
        from crawler.inspection.lookup import printable

        if opts.catalogue:
            print()
            for line in report(results, self.seeds_dir):
                print(printable(line))

    def choose(self, args: list[str], opts: argparse.Namespace) -> tuple[list[str], list[ProfileError], dict[str, str]]:
        """The sites to crawl, what keeps others of those asked for from it, and home pages of those to be learned."""
        if not opts.catalogue:
            return *self.choose_profiles(args, is_all=opts.all), {}
        if opts.all:
            raise UsageError("either --all or --catalogue, not both", print_help=False)
        from crawler.cataloguing import chosen_papers, first_addresses

        papers = chosen_papers(self.seeds_dir, args)
        addresses = first_addresses(papers, self.seeds_dir)
        known = [key for key in papers if key not in addresses]
        sites, broken = self.choose_profiles(known, is_all=False) if known else ([], [])
        return [key for key in papers if key in {*sites, *addresses}], broken, addresses

    def choose_profiles(self, args: list[str], *, is_all: bool) -> tuple[list[str], list[ProfileError]]:
        """The sites to crawl, and what keeps others of those asked for from being crawled."""
        from crawler.sites.profile import read_profiles

        profiles, broken = read_profiles(self.seeds_dir)
        if is_all and args:
            raise UsageError("either --all or names of sites, not both", print_help=False)
        if is_all and not profiles and not broken:
            raise ProfileError(f"{self.seeds_dir}: no site in it; a site is a folder with a profile.toml")
        names = list(dict.fromkeys(args)) or (sorted({*profiles, *broken}) if is_all else [])
        if not names:
            raise UsageError("which sites? name some, or give --all", print_help=False)
        if unknown := [name for name in names if name not in profiles and name not in broken]:
            known = ", ".join(profiles) or "none"
            raise ProfileError(f"no site {unknown[0]!r} in {self.seeds_dir}; known: {known}")
        return [name for name in names if name in profiles], [broken[name] for name in names if name in broken]


def _worst(codes: set[int]) -> int:
    """Interrupted before failed before wrong input: what the next step of a script should know first."""
    return next((code for code in (INTERRUPTED, FAILED) if code in codes), max(codes))


def print_summary(runs: Sequence[SiteRun], output: Path) -> None:
    """A table of what came, where it lies, and what to type next."""
    from rich.console import Console
    from rich.table import Table

    from crawler.logformatter import one_line

    console = Console(width=None if Console().is_terminal else 120)
    table = Table("site", title=None, box=None, header_style="bold", pad_edge=False)
    for heading in ("fetched", "kept", "duplicates", "rejected", "other pages"):
        table.add_column(heading, justify="right")
    table.add_column("rejected by reason")
    for run in runs:
        table.add_row(*_cells(run))
    console.print(table)
    for run in runs:
        for note in run.manifest.notes if run.manifest else ():
            console.print(f"{run.site}: {one_line(note)}", style="yellow", markup=False, soft_wrap=True)
        if not run.is_ok:
            line = f"{run.site} failed: {one_line(run.complaint)} (log: {run.log_file})"
            console.print(line, style="red", markup=False, soft_wrap=True)
    console.print(
        f"\narticles    {output}/articles     duplicates  {output}/duplicates     rejected  {output}/rejected"
    )
    console.print(f"archive     {output}/archive      manifests   {output}/runs", highlight=False)
    console.print("\nnext: scrapy inspect · scrapy explain URL · scrapy replay SITE", markup=False)
    console.print(f"      python -c 'import pandas; print(pandas.read_parquet(\"{output}/articles\"))'", markup=False)


def _cells(run: SiteRun) -> list[str]:
    if run.manifest is None:
        return [run.site, *["–"] * 5, "failed"]
    counts = run.manifest.counts
    numbers = (counts.fetched + counts.carried_over, counts.kept, counts.duplicates, counts.rejected)
    reasons = ", ".join(f"{reason} {n}" for reason, n in run.manifest.by_reason.items())
    return [run.site, *map(str, numbers), str(counts.not_an_article), reasons]
