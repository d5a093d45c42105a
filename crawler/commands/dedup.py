"""`scrapy dedup`: duplicates of a whole Parquet corpus; and care for the duplicates of our own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w
from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand, run_name
from crawler.errors import OptionError, ProfileError
from crawler.progress import Progress

if TYPE_CHECKING:
    import argparse

    from crawler.command import Use
    from crawler.dedup.clusters import Policy
    from crawler.dedup.paragraphs import RepeatedLine

ALL_SITES = "*"
OUT = "deduplicated"


class Command(CollectorCommand):
    """Deduplicate files, or apply a policy to the corpus, rebuild its index, show what sites repeat."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] FILE_OR_FOLDER ... | --apply-policy | --rebuild | --boilerplate [SITE]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Find duplicates in any Parquet corpus; choose anew which ones stay in ours; rebuild the index"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--text-column", default="text", metavar="C", help="column of the text (default: text)")
        parser.add_argument("--id-column", default="id", metavar="C", help="column that names a row (default: id)")
        parser.add_argument("--title-column", metavar="C", help="column of the title (default: title, if there is one)")
        parser.add_argument("--site-column", metavar="C", help="column of the source (default: site, if there is one)")
        parser.add_argument("--out", type=Path, metavar="FOLDER",
                            help=f"for pairs.parquet and clusters.parquet (default: {OUT})")  # fmt: skip
        parser.add_argument("--on", metavar="ray[://HOST:PORT]", help="deduplicate files on a Ray cluster")
        parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="with --on ray: cores to use")
        parser.add_argument("--apply-policy", action="store_true", help="keep of every cluster whom DEDUP_POLICY names")
        parser.add_argument("--rebuild", action="store_true", help="make the index anew from the corpus")
        parser.add_argument("--boilerplate", nargs="?", const=ALL_SITES, metavar="SITE",
                            help="paragraphs that sites repeat, as lines for their profiles")  # fmt: skip
        parser.add_argument("--quiet", action="store_true", help="no progress display")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def corpus_use(self, opts: argparse.Namespace) -> Use:
        """A policy changes it; the index is each folder's own."""
        if opts.apply_policy:
            return "changes"
        return "reads" if opts.rebuild else ""

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do the one thing that was asked for."""
        wanted = [bool(args), opts.apply_policy, opts.rebuild, opts.boilerplate is not None]
        if sum(wanted) != 1:
            raise UsageError(
                "name files or folders, or give one of --apply-policy, --rebuild, --boilerplate", print_help=False
            )
        if opts.on is not None and not args:
            raise UsageError("--on is for files and folders", print_help=False)
        if args:
            return self.deduplicate([Path(name) for name in args], opts)
        if opts.apply_policy:
            return self.apply_policy(opts)
        return self.rebuild(opts) if opts.rebuild else self.show_boilerplate(opts)

    def deduplicate(self, paths: list[Path], opts: argparse.Namespace) -> int:
        """Write the duplicates in any Parquet files."""
        from crawler.dedup.wholesale import Columns, deduplicate
        from crawler.inspection.sheets import as_json

        columns = Columns(opts.text_column, opts.id_column, opts.title_column, opts.site_column)
        out = opts.out or Path(OUT)
        with Progress("dedup", "rows", is_quiet=opts.quiet) as progress:
            if opts.on is None:
                done = deduplicate(paths, out, columns, self.thresholds(), progress.phase)
            else:
                from crawler.cluster.engine import Engine
                from crawler.cluster.wholesale import deduplicate_on

                with Engine(opts.on, n_cores=opts.jobs or None) as engine:
                    done = deduplicate_on(engine, paths, out, columns, self.thresholds(), phase=progress.phase)
        counts = {"rows": done.n_rows, "clusters": done.n_clusters, "repeats": done.n_repeats}
        if opts.json:
            print(as_json(counts | {"relations": done.relations}))
            return OK
        relations = ", ".join(f"{relation} {n:,}" for relation, n in done.relations.most_common())
        print(f"{done.n_rows:,} rows: {done.n_clusters:,} clusters, {done.n_repeats:,} rows repeat another one")
        print(f"pairs: {relations or 'none'}\n{out}/pairs.parquet  {out}/clusters.parquet")
        return OK

    def apply_policy(self, opts: argparse.Namespace) -> int:
        """Let members of clusters change places."""
        from crawler.corpus.rewriting import reselect
        from crawler.dedup.clusters import Sites
        from crawler.inspection.sheets import as_json
        from crawler.sites.profile import read_profiles

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        profiles, _ = read_profiles(self.seeds_dir)
        own = self.settings.getlist("DEDUP_OWN_SITES")
        sites = Sites({key: profile.name for key, profile in profiles.items()}, own)
        policy = self.policy(own)
        with Progress("dedup: choosing anew", "clusters", is_quiet=opts.quiet):
            changes = reselect(self.output_dir, run_name("policy"), policy, sites, self.thresholds())
        counts = {"clusters": changes.n_clusters, "changed": len(changes.kept), "unfit": changes.n_unfit}
        if opts.json:
            print(as_json(counts))
        else:
            print(
                f"{policy}: {changes.n_clusters:,} clusters, another article is kept in {len(changes.kept):,};"
                f" in {changes.n_unfit:,} the preferred one says too little to stand for all"
            )
        return OK

    def rebuild(self, opts: argparse.Namespace) -> int:
        """Make the index anew."""
        from crawler.corpus.reindexing import rebuild_index
        from crawler.inspection.sheets import as_json

        with Progress("dedup: index", "articles", is_quiet=opts.quiet) as progress:
            n = rebuild_index(self.output_dir, run_name("rebuild"), self.thresholds(), progress)
        print(as_json({"articles": n}) if opts.json else f"index made of {n:,} articles")
        return OK

    def show_boilerplate(self, opts: argparse.Namespace) -> int:
        """Print what sites repeat, as TOML for their profiles."""
        from crawler.corpus.reader import CorpusReader
        from crawler.dedup.index import DedupIndex
        from crawler.inspection.lookup import printable
        from crawler.inspection.sheets import as_json
        from crawler.state.store import Store

        CorpusReader(self.output_dir).close()
        with Store(self.output_dir) as store, store.transaction() as connection:
            paragraphs = DedupIndex(connection).paragraphs
            known = paragraphs.sites()
            found = {site: paragraphs.lines(site) for site in known if opts.boilerplate in {site, ALL_SITES}}
            n_articles = {site: paragraphs.n_articles(site) for site in found}
        if not found and opts.boilerplate != ALL_SITES:
            raise ProfileError(
                f"no article of site {opts.boilerplate!r} in {self.output_dir}; there are: {', '.join(known)}"
            )
        if opts.json:
            print(as_json({site: [(one.n, one.line) for one in lines] for site, lines in found.items()}))
            return OK
        for site, lines in found.items():
            print(printable(_toml(site, n_articles[site], lines)))
        return OK

    def policy(self, own_sites: list[str]) -> Policy:
        """DEDUP_POLICY. Raises OptionError for one that does not exist, or that needs DEDUP_OWN_SITES."""
        from crawler.dedup.clusters import Policy

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        name = self.settings["DEDUP_POLICY"]
        if name not in list(Policy):
            raise OptionError(f"DEDUP_POLICY={name}: no such policy; there are {', '.join(Policy)}")
        if name == Policy.OWN_SITE and not own_sites:
            raise OptionError(f"DEDUP_POLICY={name}: give DEDUP_OWN_SITES, the keys of the sites in order")
        return Policy(name)


def _toml(site: str, n_articles: int, lines: list[RepeatedLine]) -> str:
    if not lines:
        return f"# {site}: nothing is repeated in its {n_articles:,} articles"
    counts = [f"# {one.n:>7,}  {one.line}{'' if one.is_whole else ' …'}" for one in lines]
    whole = [one.line for one in lines if one.is_whole]
    head = f"# {site}: paragraphs that stand in many of its {n_articles:,} articles; those that are no article text go"
    place = f"# into [[templates]] of seeds/{site}/profile.toml"
    return "\n".join([head, place, *counts, tomli_w.dumps({"drop_lines": whole}).rstrip(), ""])
