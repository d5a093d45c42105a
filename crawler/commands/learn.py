"""`scrapy learn`: example articles become a site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, report_error
from crawler.commands.crawl import Command as CrawlCommand
from crawler.errors import CollectorError, LearningError

if TYPE_CHECKING:
    import argparse

    from crawler.learning.site import Example, Lesson
    from crawler.sites.profile import SiteProfile


class Command(CrawlCommand):
    """Fetches what is needed (politely, into the archive), learns from it, shows the lesson, writes the site."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] URL ... | FILE.txt ... | URL FILE.txt | SITE --relearn"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Learn a site from one to five example articles: addresses, texts, or both"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--site", metavar="KEY", help="key of the site (default: made from its host)")
        parser.add_argument("--seed", action="append", default=[], metavar="FILE",
                            help="text of an example, one per address; alone: looked for on the site")  # fmt: skip
        parser.add_argument("--home", metavar="URL", help="the site, where neither an address nor the seed names it")
        parser.add_argument("--relearn", action="store_true", help="learn a known site again from its seeds")
        parser.add_argument("--yes", action="store_true", help="write changes to a known site without asking")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy."""
        if not args and not opts.seed:
            raise UsageError("what from? scrapy learn URL …, or FILE.txt with the text of an example", print_help=False)
        try:
            self.exitcode = self.learn(args, opts)
        except CollectorError as error:
            self.exitcode = report_error("learn", error)

    def learn(self, args: list[str], opts: argparse.Namespace) -> int:
        """Gather, learn, show, write; returns the exit code."""
        from crawler.crawling.offline import OfflineSource
        from crawler.learning.seeds import load_seeds
        from crawler.learning.site import learn_site
        from crawler.progress import Progress

        folder, profile, examples = self.task(args, opts)
        known = load_seeds(folder) if folder.is_dir() else []
        archive = [Path(name) for name in opts.spargs.get("archive", "").split(",") if name]
        urls = [one.url for one in examples if one.url] + [seed.gold.url for seed in known if seed.gold.url]
        files = archive or self.gather(profile, urls)
        with Progress("learning", "steps"):
            lesson = learn_site(examples, known, OfflineSource(files, profile), profile)
        return self.conclude_lesson(folder, lesson, is_sure=opts.yes)

    def task(self, args: list[str], opts: argparse.Namespace) -> tuple[Path, SiteProfile, list[Example]]:
        """The site's folder, the profile to begin with, and the new examples."""
        from crawler.learning.examples import choose_site, known_site, read_examples

        if opts.relearn:
            return *known_site(self.seeds_dir, args), []
        examples = read_examples(args, opts.seed)
        return *choose_site(self.seeds_dir, examples, opts.home or "", opts.site or ""), examples

    @property
    def seeds_dir(self) -> Path:
        """SEEDS_DIR."""
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Path(self.settings["SEEDS_DIR"])

    def gather(self, profile: SiteProfile, urls: list[str]) -> list[Path]:
        """Fetch the examples and what announces articles into the archive; returns the site's archive files."""
        from crawler.spiders.gathering import gathering_spider

        assert self.settings is not None and self.crawler_process is not None  # noqa: S101, PT018 - Scrapy sets both
        self.fetch(self._create_crawler(gathering_spider(profile, urls)), {})
        files = sorted((Path(self.settings["OUTPUT_DIR"]) / "archive" / profile.key).glob("*.warc.gz"))
        if not files:
            raise LearningError(f"{profile.home_url}: nothing could be fetched; is the address right?")
        return files

    def conclude_lesson(self, folder: Path, lesson: Lesson, *, is_sure: bool) -> int:
        """Show what was learned and write it, after a look at what changes in a known site."""
        from crawler.inspection.lookup import printable
        from crawler.learning.writing import difference, merged, write_lesson

        profile = merged(folder, lesson)
        changes = difference(folder, profile)
        print_lesson(lesson, profile)
        if changes:
            print(f"\nwhat changes in {folder}/profile.toml:\n{printable(changes)}")
            if not is_sure and not confirmed():
                print("nothing written")
                return FAILED
        write_lesson(folder, lesson, profile)
        print(f"\nwritten: {folder}  (correct the gold or a selector and run it again: corrections win and stay)")
        again = f"scrapy replay {folder.name} (reads again what is archived) · " if changes else ""
        print(f"next: scrapy seeds {folder.name} · {again}scrapy crawl {folder.name}")
        return OK


def confirmed() -> bool:
    """Ask on a terminal; elsewhere the answer is no, and --yes says yes."""
    if not sys.stdin.isatty():
        print("not a terminal: give --yes to write this")
        return False
    return input("write this? [y/N] ").strip().lower() in {"y", "yes"}


def print_lesson(lesson: Lesson, profile: SiteProfile) -> None:
    """What was learned and how sure it is, with each article beside its seed."""
    from crawler.inspection.lookup import printable
    from crawler.learning.writing import beside
    from crawler.sites.saving import templates_toml

    sources = profile.sources
    print(f"site {profile.key} ({', '.join(profile.hosts)})")
    for name, values in (
        ("feeds", sources.feeds), ("sitemaps", sources.sitemaps), ("sections", sources.sections),
        ("article addresses", sources.article_url),
    ):  # fmt: skip
        print(f"  {name}: {printable(', '.join(values)) or 'none found'}")
    print("\n" + printable(templates_toml(profile)))
    print("how sure: " + ", ".join(f"{field} {share:.0%}" for field, share in lesson.report.confidence))
    for line in (*lesson.report.problems, *lesson.uncertain):
        print(f"  look at: {printable(line)}")
    if lesson.report.repeating:
        print("lines that repeat: " + "; ".join(printable(line)[:80] for line in lesson.report.repeating[:10]))
    for seed, checks in lesson.checks:
        print(f"\nseed {seed.name}: {printable(seed.gold.url or '')}")
        for one in checks:
            if one.field != "text":
                mark = "ok   " if one.is_right else "WRONG"
                shown = one.found if one.is_right else f"{one.found!r}, the seed says {one.wanted!r}"
                if one.found or one.wanted:
                    print(f"  {mark} {one.field:<13}{printable(shown)[:200]}")
        for line in beside(checks):
            print(f"  {printable(line)}")
