"""`scrapy list`: the sites that can be crawled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand, report_error
from crawler.logformatter import one_line

if TYPE_CHECKING:
    import argparse


class Command(CollectorCommand):
    """Keys of the sites, one a line; a profile that cannot be used is named on stderr."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "List the sites that can be crawled; name the profiles that cannot be used"

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:  # noqa: ARG002 - it has no option
        """Print them; exit code 2 when a profile is broken."""
        from scrapy.spiderloader import get_spider_loader

        from crawler.sites.profile import read_profiles

        if args:
            raise UsageError(f"{args[0]}: list takes no argument", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        _, broken = read_profiles(self.seeds_dir)
        for site in sorted(set(get_spider_loader(self.settings).list()) - broken.keys()):
            print(one_line(site))
        for error in broken.values():
            report_error(self.name, error)
        return max((error.exit_code for error in broken.values()), default=OK)
