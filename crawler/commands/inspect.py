"""`scrapy inspect`: what is in the corpus, is it clean, what is missing."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand
from crawler.errors import OptionError, ProfileError
from crawler.state.store import STATE_FILE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from crawler.corpus.reader import CorpusReader
    from crawler.inspection.sheets import Sheet
    from crawler.inspection.warehouse import Warehouse
    from crawler.items import Article

VIEWS = ("id", "url", "search", "sql", "diff", "cluster", "duplicates", "export", "files")
"""Options that say what is shown; without one it is the summary."""
N_HITS = 20
"""Hits that a search shows."""
N_ROWS = 1_000
"""Rows of SQL that a terminal shows; a pipe and JSON get all."""


class Command(CollectorCommand):
    """The summary, single articles, search, SQL, comparisons, export."""

    use = "reads"

    def syntax(self) -> str:
        """Usage line."""
        return "[options] [SITE]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Look into the corpus: summary, articles, search, SQL, duplicates, runs compared, export"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        add = parser.add_argument
        add("--sample", type=int, metavar="N", help="print N articles drawn at random (with the summary: 1)")
        add("--seed", type=int, metavar="N", help="make the sample repeatable")
        add("--site", metavar="SITE", help="this site only; the same as SITE")
        add("--where", metavar="CONDITION", help='articles for which this is true, in SQL: "n_words > 2000"')
        add("--id", metavar="ID", help="print the article with this id")
        add("--url", metavar="URL", help="print the article of this address")
        add("--search", action="append", metavar="PHRASE", help="articles with this phrase, with or without its marks")
        add("--limit", type=int, default=N_HITS, metavar="N", help=f"hits to show (default: {N_HITS}; 0: all)")
        add("--sql", metavar="SELECT", help="a query over articles, rejected, duplicates, runs, frontier")
        add("--seconds", type=float, metavar="S", help="end a query after this time (default: 120)")
        add("--diff", nargs=2, metavar="RUN", help="compare two runs")
        add("--cluster", metavar="ID", help="print an article beside those that repeat it")
        add("--duplicates", action="store_true", help="who reprints whom, with counts")
        add("--export", type=Path, metavar="FILE", help="write articles to FILE.jsonl, FILE.csv or FILE.parquet")
        add("--files", action="store_true", help="print which files the articles are in, for other programs")
        add("--quiet", action="store_true", help="no progress display of an export")
        add("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print what was asked for."""
        self.opts = opts
        if opts.sample is not None and opts.sample < 0:
            raise UsageError(f"--sample {opts.sample}: a number from 0 on is needed", print_help=False)
        views = [name for name in VIEWS if getattr(opts, name)]
        if len(views) > 1:
            raise UsageError(f"--{views[0]} and --{views[1]}: one at a time", print_help=False)
        view = views[0] if views else "summary" if opts.where is None else "sample"
        with ExitStack() as self.opened:
            self.site = self.checked_site(args)
            getattr(self, f"show_{view}")()
        return OK

    @cached_property
    def reader(self) -> CorpusReader:
        """The corpus."""
        from crawler.corpus.reader import CorpusReader

        return self.opened.enter_context(CorpusReader(self.output_dir))

    @cached_property
    def warehouse(self) -> Warehouse:
        """The corpus for SQL."""
        from crawler.inspection.warehouse import QUERY_SECONDS, Warehouse

        seconds = self.opts.seconds or QUERY_SECONDS
        return self.opened.enter_context(Warehouse(self.output_dir, self.zone, seconds=seconds))

    @property
    def zone(self) -> str:
        """Time zone in which times are shown."""
        return self.zone_of(self.site)

    def zone_of(self, site: str | None) -> str:
        """Time zone of a site."""
        from crawler.inspection.zones import zone_of

        return zone_of(self.seeds_dir, site)

    def checked_site(self, args: list[str]) -> str | None:
        """The site that was named. Raises ProfileError for one that has neither a profile nor rows."""
        from crawler.sites.folders import site_folders

        named = [*args, *filter(None, [self.opts.site])]
        if len(named) > 1:
            raise UsageError("at most one site", print_help=False)
        if not named:
            return None
        known = set(site_folders(self.seeds_dir))
        if named[0] not in known and (self.output_dir / STATE_FILE).is_file():
            known |= {key.site for key in self.reader.counts()}
        if named[0] not in known:
            raise ProfileError(f"no site {named[0]!r} in {self.seeds_dir}; known: {', '.join(sorted(known)) or 'none'}")
        return str(named[0])

    def show_summary(self) -> None:
        """Sheets as they become ready, and an article."""
        from crawler.inspection.glance import at_a_glance
        from crawler.inspection.sheets import as_json, show

        sheets = chain((at_a_glance(self.output_dir, self.site),), self.counted_sheets())
        if self.opts.json:
            print(as_json({sheet.title: sheet.as_dicts() for sheet in sheets}))
            return
        show(sheets)
        self.show_sample()

    def counted_sheets(self) -> Iterator[Sheet]:
        """What needs the rows and all that reads them: nothing of it is imported before it is asked for."""
        from crawler.inspection.summary import for_people, summarise

        sheets = summarise(self.warehouse, self.site)
        yield from sheets if self.opts.json else map(for_people, sheets)

    def show_sample(self) -> None:
        """Articles drawn at random."""
        from crawler.inspection.lookup import articles_of, sample_ids

        n = 1 if self.opts.sample is None else self.opts.sample
        ids = sample_ids(self.warehouse, n, site=self.site, where=self.opts.where, seed=self.opts.seed) if n else []
        self.show_articles(articles_of(self.reader, ids))

    def show_articles(self, articles: Iterable[Article]) -> None:
        """Articles, whole."""
        from crawler.inspection.article_page import page, plain_article
        from crawler.inspection.sheets import as_json

        if self.opts.json:
            print(as_json([plain_article(article) for article in articles]))
            return
        for article in articles:
            print("\n".join(page(article, self.zone_of(article.site))))

    def show_id(self) -> None:
        """One article, or that there is none."""
        from crawler.inspection.article_page import plain_article
        from crawler.inspection.lookup import find_article
        from crawler.inspection.sheets import as_json

        article = find_article(self.reader, article_id=self.opts.id, url=self.opts.url)
        if article is None:
            name, value = ("id", self.opts.id) if self.opts.id else ("address", self.opts.url)
            raise OptionError(f"no article with {name} {value} in {self.output_dir}; scrapy explain URL says why")
        if self.opts.json:
            print(as_json(plain_article(article)))
        else:
            self.show_articles([article])

    show_url = show_id

    def show_search(self) -> None:
        """Hits as they are found, the words highlighted."""
        from crawler.inspection.hits import show_hits
        from crawler.inspection.search import search

        found = search(self.reader, self.opts.search, self.site)
        show_hits(islice(found, self.opts.limit or None), self.opts.limit, self.zone, is_json=self.opts.json)

    def show_sql(self) -> None:
        """Rows of a query."""
        from crawler.inspection.sheets import show_batches

        show_batches(self.warehouse.batches(self.opts.sql), N_ROWS, is_json=self.opts.json)

    def show_diff(self) -> None:
        """Two runs side by side."""
        from crawler.inspection.differences import difference

        one, other = self.opts.diff
        self.show_sheets(difference(self.warehouse, one, other, self.zone))

    def show_sheets(self, sheets: list[Sheet]) -> None:
        """Sheets, or one object with all of them."""
        from crawler.inspection.sheets import as_json, show

        if self.opts.json:
            print(as_json({sheet.title: sheet.as_dicts() for sheet in sheets}))
        else:
            show(sheets)

    def show_cluster(self) -> None:
        """An article and those that repeat it, side by side."""
        from crawler.inspection.side_by_side import show_cluster

        if not show_cluster(self.reader, self.opts.cluster, is_json=self.opts.json):
            raise OptionError(f"no article and no duplicate with id {self.opts.cluster} in {self.output_dir}")

    def show_duplicates(self) -> None:
        """Who reprints whom."""
        from crawler.inspection.repeats import who_reprints_whom
        from crawler.inspection.sheets import Sheet, as_json, show

        found = who_reprints_whom(self.reader)
        if self.opts.json:
            print(as_json([one._asdict() for one in found]))
            return
        rows = [(*one[:3], ", ".join(f"{name} {n:,}" for name, n in one.relations.items())) for one in found]
        show([Sheet("", ("site", "repeats", "articles", "relations"), rows)])

    def show_export(self) -> None:
        """Articles into a file."""
        from crawler.inspection.exporting import export
        from crawler.inspection.sheets import as_json
        from crawler.inspection.warehouse import condition
        from crawler.progress import Progress

        clause, values = condition(self.opts.where, self.site)
        batches = self.warehouse.batches(f"SELECT * FROM articles {clause}", values)  # noqa: S608 - read-only
        with Progress("export", "articles", is_quiet=self.opts.quiet) as progress:
            n_rows = export(batches, self.opts.export, progress)
        facts = as_json({"file": str(self.opts.export), "articles": n_rows})
        print(facts if self.opts.json else f"{self.opts.export}: {n_rows:,} articles")

    def show_files(self) -> None:
        """What is committed at this moment, one path or address a line."""
        from crawler.inspection.sheets import as_json
        from crawler.publishing.sharing import article_files

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        files = article_files(self.reader, self.output_dir, self.settings["OUTPUT"], self.site)
        print(as_json(files) if self.opts.json else "\n".join(files))
