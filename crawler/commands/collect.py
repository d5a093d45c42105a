"""`scrapy collect`: several sites in one go, each its own process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.command import FAILED, OK, CollectorCommand
from crawler.errors import ProfileError

if TYPE_CHECKING:
    import argparse


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
        return f"{self.short_desc()}. Exit code 1 when a site failed, 2 when one is unknown."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="every site that has a profile")
        parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="sites at once (default: cores)")
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE",
                            help="argument for every crawl, such as archive=FILE")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")
        parser.add_argument("--quiet", action="store_true", help="no progress display")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Start the crawls and wait for them."""
        from crawler.collecting import Collection, print_summary
        from crawler.sites.profile import load_profiles

        profiles = load_profiles(self.seeds_dir)
        sites = list(profiles) if opts.all else args
        if not sites:
            raise UsageError("which sites? name some, or give --all", print_help=False)
        if unknown := [site for site in sites if site not in profiles]:
            raise ProfileError(f"no site {unknown[0]!r} in {self.seeds_dir}; known: {', '.join(profiles) or 'none'}")
        arguments = arglist_to_dict(opts.spargs)
        collection = Collection(self.output_dir, opts.set, arguments, n_jobs=opts.jobs, is_quiet=opts.quiet)
        results = collection.run(sites)
        if opts.json:
            print(json.dumps([result.as_dict() for result in results], ensure_ascii=False, indent=1))
        else:
            print_summary(results, self.output_dir)
        return OK if all(result.is_ok for result in results) else FAILED
