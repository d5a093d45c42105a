"""`scrapy seeds`: every seed, and whether its page still yields what its gold says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.command import FAILED, OK, CollectorCommand
from crawler.errors import ProfileError

if TYPE_CHECKING:
    import argparse

    from crawler.learning.seeds import FieldCheck, Seed


class Command(CollectorCommand):
    """Each seed is a regression test without a line of code; this runs them."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] [SITE ...]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Check every seed: which fields its page yields now, and whether they are right"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Check the seeds of all sites, or of those named."""
        from crawler.learning.seeds import check_seed, load_seeds
        from crawler.sites.folders import site_folders
        from crawler.sites.profile import load_profile

        folders = site_folders(self.seeds_dir)
        sites = args or list(folders)
        if unknown := [site for site in sites if site not in folders and not (self.seeds_dir / site).is_dir()]:
            raise ProfileError(f"no site {unknown[0]!r} in {self.seeds_dir}")
        results: list[tuple[Seed, list[FieldCheck]]] = []
        for site in sites:
            folder = folders.get(site, self.seeds_dir / site)
            profile = load_profile(folder)
            results += [(seed, check_seed(seed, profile)) for seed in load_seeds(folder)]
        _print_json(results) if opts.json else _print_table(results)
        return OK if all(one.is_right for _, checks in results for one in checks) else FAILED


def _print_json(results: list[tuple[Seed, list[FieldCheck]]]) -> None:
    rows = [
        {"seed": seed.name, "fields": {one.field: one.is_right for one in checks}, "has_page": seed.page is not None}
        for seed, checks in results
    ]
    from crawler.inspection.sheets import as_json

    print(as_json(rows))


def _print_table(results: list[tuple[Seed, list[FieldCheck]]]) -> None:
    from crawler.inspection.lookup import printable

    for seed, checks in results:
        wrong = [one for one in checks if not one.is_right]
        filled = [one.field for one in checks if one.found and one.field != "boilerplate"]
        verdict = "no page" if not checks else "FAILS" if wrong else "passes"
        print(f"{seed.name:<32}{verdict:<9}{printable(seed.gold.title or '')[:70]}")
        print(f"{'':<32}fields: {', '.join(filled)}")
        for one in wrong:
            print(f"{'':<32}{one.field}: wanted {_short(one.wanted)}, found {_short(one.found)}")


def _short(text: str) -> str:
    from crawler.inspection.lookup import printable

    return repr(printable(text)[:100]) if text else "nothing"
