"""`scrapy explain URL`: every stage's verdict on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand, report_error, spider_arguments
from crawler.errors import ProfileError
from crawler.items import Reject
from crawler.logformatter import one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from crawler.inspection.explanation import Explanation
    from crawler.items import Article


class Command(CollectorCommand):
    """Why a page is in the corpus, or why it is not."""

    def syntax(self) -> str:
        """Usage line."""
        return "[options] URL"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Show what every stage says of one archived page: address, fields, quality rules, duplicates"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE",
                            help="archive=FILE: take the page from this WARC file")  # fmt: skip
        parser.add_argument("--text", action="store_true", help="print the extracted text as well")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print the explanation."""
        from crawler.inspection.explanation import explain, site_of
        from crawler.inspection.lookup import printable
        from crawler.refinement.thresholds import Thresholds
        from crawler.sites.profile import read_profiles

        if len(args) != 1:
            raise UsageError("one address is needed: scrapy explain URL", print_help=False)
        archive = [Path(name) for name in spider_arguments(opts.spargs).get("archive", "").split(",") if name]
        profiles, broken = read_profiles(self.seeds_dir)
        try:
            profile = site_of(args[0], profiles)
        except ProfileError:
            for error in broken.values():
                report_error(self.name, error)
            raise
        quality = Thresholds.from_settings(dict(self.settings or {}))
        explanation = explain(
            args[0], profile, output=self.output_dir, seeds_dir=self.seeds_dir, archive=archive, quality=quality
        )
        for name, value in _lines(explanation):
            print(f"{name:<16}{one_line(value)}")
        if opts.text and explanation.normalised is not None:
            print(f"\n{printable(explanation.normalised.text)}")
        return OK


def _lines(explanation: Explanation) -> Iterator[tuple[str, str]]:
    yield "address", explanation.url
    yield "  looks like", f"{explanation.address.kind} ({explanation.address.reason})"
    if (known := explanation.known) is not None:
        reason = f" ({known.reason})" if known.reason else ""
        yield "  frontier", f"{known.kind}, found via {known.found_via}, {known.state}{reason}"
    if (page := explanation.page) is not None:
        yield "fetched", f"status {page.status}, {len(page.body):,} bytes, {page.fetched_at:%Y-%m-%d %H:%M:%S} UTC"
        yield "  archive", f"{page.pointer.file} at byte {page.pointer.offset}, {page.pointer.length} bytes"
    extracted = explanation.extracted
    if isinstance(extracted, Reject):
        yield "extraction", f"rejected: {extracted.reason} {extracted.detail}"
    elif extracted is not None:
        yield "extraction", f"{extracted.extraction}; {extracted.n_words} words, {extracted.n_paragraphs} paragraphs"
        yield from _fields(extracted)
    if explanation.normalised is not None:
        yield "normalise", ", ".join(explanation.normalised.changes) or "nothing to change"
    yield from _judgement(explanation)
    yield from _end(explanation)


def _fields(article: Article) -> Iterator[tuple[str, str]]:
    for one in article.provenance:
        value = getattr(article, one.field, None)
        shown = ", ".join(value) if isinstance(value, tuple) and all(isinstance(v, str) for v in value) else str(value)
        yield f"  {one.field}", f"{' '.join(shown.split())[:160]}   [{one.source}]"


def _judgement(explanation: Explanation) -> Iterator[tuple[str, str]]:
    for one in explanation.verdicts:
        mark = "ok" if one.is_passed else f"REJECT {one.reason}"
        yield (
            "judge" if one is explanation.verdicts[0] else "",
            f"{one.rule:<28}{one.value:>10.3f}  of {one.threshold:g}  {mark}",
        )
    if not isinstance(judged := explanation.judged, Reject) and judged is not None:
        yield "language", f"{judged.language} ({judged.language_score})"


def _end(explanation: Explanation) -> Iterator[tuple[str, str]]:
    if (signed := explanation.signed) is not None:
        yield "topic", f"nearest seed {signed.nearest_seed}, similarity {signed.nearest_seed_similarity}"
        duplicate = explanation.duplicate
        if duplicate is None:
            yield "duplicates", "repeats nothing in the corpus"
        elif duplicate.article_id == signed.id:
            yield "duplicates", "is in the corpus itself"
        else:
            yield "duplicates", f"{duplicate.relation} of {duplicate.article_id}, likeness {duplicate.likeness:.3f}"
    outcome, reason, article_id = explanation.outcome or (None, None, None)
    yield "outcome", " ".join(filter(None, [outcome or "not processed yet", reason, article_id]))
