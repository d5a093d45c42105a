"""`scrapy forget`: articles out of everything, for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, CollectorCommand, run_name
from crawler.errors import OptionError, ProfileError

if TYPE_CHECKING:
    import argparse

    from crawler.corpus.forgetting import Forgot

Pages = set[tuple[str, str]]
"""Site and address."""
_PAGES = """
SELECT DISTINCT site, url FROM (
  SELECT * FROM articles UNION ALL BY NAME SELECT * EXCLUDE (kept_id, kept_url, kept_site, relation, likeness,
  kept_published_at) FROM duplicates) {where}
"""
_ADDRESSES = """
SELECT DISTINCT site, url FROM (
  SELECT site, url, canonical_url FROM articles UNION ALL SELECT site, url, canonical_url FROM duplicates
  UNION ALL SELECT site, url, canonical_url FROM rejected)
WHERE list_contains($urls, url) OR list_contains($urls, canonical_url)
"""


class Command(CollectorCommand):
    """Rights requests: what was asked to go goes, and does not come back."""

    use = "erases"

    def syntax(self) -> str:
        """Usage line."""
        return "[options] URL ... | --site SITE | --where CONDITION"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Take articles out of corpus, index and archive, and keep them out"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--site", metavar="SITE", help="everything of this site")
        parser.add_argument("--where", metavar="CONDITION", help="articles for which this is true, in SQL")
        parser.add_argument("--with-reprints", action="store_true", help="and what repeats them with changes")
        parser.add_argument("--yes", action="store_true", help="do it without asking")
        parser.add_argument("--quiet", action="store_true", help="no progress display")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Ask, forget, tell."""
        from crawler.corpus.forgetting import forget, settle
        from crawler.progress import Progress
        from crawler.viewer.index_file import INDEX_FILE
        from crawler.viewer.indexing import refresh

        run_id = run_name("forget")
        settle(self.output_dir, run_id)
        pages = self.by_address(args) if args else set()
        if opts.site or opts.where:
            pages |= self.by_condition(opts.where, opts.site)
            if not pages:
                raise OptionError("no article fits; nothing was changed")
        if pages and not opts.yes and not _is_sure(pages):
            return FAILED
        with Progress("forget", "files of the archive", is_quiet=opts.quiet) as progress:
            forgot = forget(
                self.output_dir, run_id, pages, self.thresholds(), has_reprints=opts.with_reprints, tell=progress
            )
            if (self.output_dir / INDEX_FILE).is_file():  # of `scrapy serve`
                refresh(self.output_dir, progress.phase("forget: search index", "articles"))
        _tell(forgot, is_json=opts.json)
        return FAILED if forgot.problems else OK

    def by_address(self, urls: list[str]) -> Pages:
        """Pages of these addresses, known or not. Raises ProfileError for one on no site's hosts."""
        from crawler.discovery.urls import canonicalize
        from crawler.inspection.explanation import site_of
        from crawler.inspection.warehouse import Warehouse
        from crawler.sites.profile import read_profiles

        with Warehouse(self.output_dir) as warehouse:
            found = {(row["site"], row["url"]): row for row in warehouse.rows(_ADDRESSES, {"urls": urls})}
        profiles, _ = read_profiles(self.seeds_dir)
        for url in urls:
            try:
                profile = site_of(url, profiles)
            except ProfileError:
                if not any(url in page for page in found):
                    raise
            else:
                found.setdefault((profile.key, canonicalize(url, profile)), {})
        return set(found)

    def by_condition(self, where: str | None, site: str | None) -> Pages:
        """Pages of articles and duplicates for which a condition is true."""
        from crawler.inspection.warehouse import Warehouse, condition

        clause, values = condition(where, site)
        with Warehouse(self.output_dir) as warehouse:
            return {(row["site"], row["url"]) for row in warehouse.rows(_PAGES.format(where=clause), values)}


def _is_sure(pages: Pages) -> bool:
    """Whether a person says so. Raises UsageError where nobody can be asked."""
    from crawler.inspection.lookup import printable

    for _, url in sorted(pages)[:10]:
        print(printable(url))
    if len(pages) > 10:  # noqa: PLR2004 - a screen's worth
        print(f"… and {len(pages) - 10:,} more")
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to ask; give --yes", print_help=False)
    return input(f"Forget {len(pages):,} pages for good, in the archive too? [yes/no] ").strip() == "yes"


def _tell(forgot: Forgot, *, is_json: bool) -> None:
    from crawler.inspection.sheets import as_json

    if is_json:
        print(as_json({name: getattr(forgot, name) for name in forgot.__dataclass_fields__}))
        return
    print(
        f"{forgot.n_pages:,} pages are kept out; {forgot.n_rows:,} rows and {forgot.n_answers:,} answers in the archive"
        f" were emptied; {forgot.n_rehomed:,} reprints with another text are kept now"
    )
    for problem in forgot.problems:
        print(f"not clean yet: {problem}; run `scrapy forget` again", file=sys.stderr)
