"""`scrapy inspect`: what is in the corpus, is it clean, what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand
from crawler.errors import OptionError, ProfileError
from crawler.state.store import STATE_FILE

if TYPE_CHECKING:
    import argparse

    from crawler.corpus.reader import CorpusReader
    from crawler.inspection.summary import SiteSummary
    from crawler.items import Article


class Command(CollectorCommand):
    """Totals, fill rates, rejects, and articles printed whole."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] [SITE]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Show what is in the corpus: totals, fields filled, rejects, sample articles"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--sample", type=int, default=1, metavar="N", help="articles to print whole (default: 1)")
        parser.add_argument("--id", metavar="ID", help="print the article with this id")
        parser.add_argument("--url", metavar="URL", help="print the article of this address")
        parser.add_argument("--cluster", metavar="ID", help="print an article beside those that repeat it")
        parser.add_argument("--duplicates", action="store_true", help="who reprints whom, with counts")
        parser.add_argument("--seed", type=int, default=None, metavar="N", help="make the sample repeatable")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print the summary, or single articles."""
        from crawler.corpus.reader import CorpusReader
        from crawler.inspection.summary import summarise

        if len(args) > 1:
            raise UsageError("at most one site", print_help=False)
        site = args[0] if args else None
        if site is not None:
            self.check_site(site)
        if opts.sample < 0:
            raise UsageError(f"--sample {opts.sample}: a number from 0 on is needed", print_help=False)
        with CorpusReader(self.output_dir) as reader:
            if opts.id or opts.url:
                return self.show_article(reader, opts)
            if opts.cluster:
                return self.show_cluster(reader, opts)
            if opts.duplicates:
                return self.show_duplicates(reader, opts)
            summaries = summarise(reader, site)
            if opts.json:
                print(json.dumps([one.as_dict() for one in summaries], ensure_ascii=False, indent=1))
                return OK
            _print_summary(summaries)
            for article in _sample(reader, site, opts.sample, opts.seed):
                _print_article(article)
        return OK

    def check_site(self, site: str) -> None:
        """Raises ProfileError for a site that has neither a profile nor rows."""
        from crawler.corpus.reader import CorpusReader
        from crawler.sites.profile import PROFILE_FILE

        known = {path.parent.name for path in self.seeds_dir.glob(f"*/{PROFILE_FILE}")}
        if site not in known and (self.output_dir / STATE_FILE).is_file():
            with CorpusReader(self.output_dir) as reader:
                known |= {key.site for key in reader.counts()}
        if site not in known:
            raise ProfileError(f"no site {site!r} in {self.seeds_dir}; known: {', '.join(sorted(known)) or 'none'}")

    def show_article(self, reader: CorpusReader, opts: argparse.Namespace) -> int:
        """Print one article, or say that there is none."""
        from crawler.inspection.lookup import find_article

        article = find_article(reader, article_id=opts.id, url=opts.url)
        if article is None:
            name, value = ("id", opts.id) if opts.id else ("address", opts.url)
            raise OptionError(f"no article with {name} {value} in {self.output_dir}; scrapy explain URL says why")
        print(json.dumps(_plain(article), ensure_ascii=False, indent=1)) if opts.json else _print_article(article)
        return OK

    def show_cluster(self, reader: CorpusReader, opts: argparse.Namespace) -> int:
        """Print an article and those that repeat it side by side."""
        from rich.console import Console

        from crawler.inspection.repeats import find_cluster
        from crawler.inspection.side_by_side import comparison

        cluster = find_cluster(reader, opts.cluster)
        if cluster is None:
            raise OptionError(f"no article and no duplicate with id {opts.cluster} in {self.output_dir}")
        if opts.json:
            rows = [
                _plain(one.article) | {"relation": one.relation, "likeness": one.likeness} for one in cluster.repeats
            ]
            print(json.dumps({"kept": _plain(cluster.kept), "repeats": rows}, ensure_ascii=False, indent=1))
            return OK
        console = Console(width=None if Console().is_terminal else 140)
        for repeat in cluster.repeats:
            console.print(comparison(cluster.kept, repeat), "")
        if not cluster.repeats:
            print(f"{cluster.kept.id}: nothing in {self.output_dir} repeats it")
        return OK

    def show_duplicates(self, reader: CorpusReader, opts: argparse.Namespace) -> int:
        """Print who reprints whom."""
        from rich.console import Console
        from rich.table import Table

        from crawler.inspection.repeats import who_reprints_whom

        found = who_reprints_whom(reader)
        if opts.json:
            print(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=1))
            return OK
        table = Table("site", "repeats", box=None, header_style="bold", pad_edge=False)
        table.add_column("articles", justify="right")
        table.add_column("relations")
        for one in found:
            table.add_row(
                one.site, one.kept_site, f"{one.n:,}", ", ".join(f"{r} {n}" for r, n in one.relations.items())
            )
        Console(width=None if Console().is_terminal else 140).print(table)
        return OK


def _sample(reader: CorpusReader, site: str | None, n: int, seed: int | None) -> list[Article]:
    from crawler.inspection.lookup import sample_articles

    return sample_articles(reader, n, site=site, seed=seed)


def _print_summary(summaries: list[SiteSummary]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if Console().is_terminal else 140)
    totals = Table("site", box=None, header_style="bold", pad_edge=False)
    for heading in ("articles", "duplicates", "rejected", "words", "first", "last", "without template"):
        totals.add_column(heading, justify="right")
    for one in summaries:
        days = (f"{at:%Y-%m-%d}" if at else "–" for at in (one.first_published_at, one.last_published_at))
        numbers = (one.n_articles, one.n_duplicates, one.n_rejected, one.n_words)
        totals.add_row(one.site, *(f"{n:,}" for n in numbers), *days, f"{one.n_generic:,}")
    console.print(totals)
    filled = Table("fields filled", box=None, header_style="bold", pad_edge=False)
    for one in summaries:
        filled.add_column(one.site, justify="right")
    for name in summaries[0].filled if summaries else ():
        filled.add_row(name, *(f"{one.filled[name]:.0%}" for one in summaries))
    console.print("\n", filled, sep="")
    reasons = [
        f"{one.site}: " + ", ".join(f"{r} {n}" for r, n in one.reasons.items()) for one in summaries if one.reasons
    ]
    console.print("\n[bold]rejected[/bold]")
    for line in reasons or ["nothing"]:
        console.print(line, markup=False, highlight=False)


def _print_article(article: Article) -> None:
    from crawler.inspection.lookup import printable

    local = article.published_at.astimezone() if article.published_at else None
    facts: dict[str, Any] = {
        "address": article.url,
        "kicker": article.kicker,
        "published": f"{local:%Y-%m-%d %H:%M %z} (from {article.published_raw!r})" if local else None,
        "authors": ", ".join(article.authors),
        "source": article.source,
        "section": article.section,
        "tags": ", ".join(article.tags),
        "captions": " | ".join(article.captions),
        "extraction": f"{article.extraction}; nearest seed {article.nearest_seed}",
        "id": article.id,
    }
    print(f"\n{'─' * 100}\n{printable(article.title)}\n")
    for name, value in facts.items():
        if value:
            print(f"  {name:<11}{printable(str(value))}")
    print(f"\n{printable(article.text)}")


def _plain(article: Article) -> dict[str, Any]:
    values = asdict(article)
    values["signature"] = article.signature.hex()
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
