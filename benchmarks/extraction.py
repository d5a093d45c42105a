r"""Text of saved pages against their gold: ours with 0, 1 and 5 seeds a site, beside trafilatura and others.

    python benchmarks/extraction.py [FOLDER] [--sets vi_sites,vi] [--seeds 0,1,5] [--choices 2] [--sites]
    (with newspaper4k and readability-lxml: the Python of an environment that has them and this project's dependencies)

FOLDER holds page sets: `<set>/gold.jsonl` and `<set>/pages/<id>.html.gz`. Words are compared as multisets (lower-cased
\w+): mean precision, recall and F1 over the pages, and the share of pages with F1 of 0.99 and more. No page is read by
a template that it taught: `--choices` seeds (or sets of five) are drawn per site, more where else a page would never be
read, and the scores of a page are averaged first, so that every row of a table is about the same pages (but with one
choice). A site with too few pages for five seeds is read page by page, each with all others as seeds. Where the gold
text holds the title, each system's own title is added to its text. Time is CPU, parsing included, of the reading alone.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.page_sets import Tally, load, score
from benchmarks.readers import readers
from crawler.errors import LearningError
from crawler.extraction.article import extract
from crawler.extraction.document import parse
from crawler.items import Article, Page, Pointer
from crawler.learning.gold import SeedPage, gold_from_text
from crawler.learning.template import learn_template
from crawler.refinement.normalise import normalise
from crawler.sites.profile import SiteProfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.page_sets import Row

SETS = ("vi_sites", "vi_families", "en_sites", "vi", "aeb")
TITLED = frozenset({"en_sites"})
"""Sets whose gold text begins with the title."""

MAX_BEHIND = 0.003
"""A site read worse than by trafilatura by more than this is named."""


def main() -> None:
    """Print one table per set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/pages"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", default="0,1,5")
    parser.add_argument("--choices", type=int, default=2)
    parser.add_argument(
        "--sites",
        action="store_true",
        help="a line per site as well, and the sites that are read worse than by trafilatura",
    )
    arguments = parser.parse_args()
    for name in arguments.sets.split(","):
        rows = list(load(arguments.folder / name))
        tallies = {who: others(rows, reader, is_titled=name in TITLED) for who, reader in readers()}
        for n_seeds in map(int, arguments.seeds.split(",")):
            tallies[f"ours, {n_seeds} seeds"] = ours(rows, n_seeds, arguments.choices, is_titled=name in TITLED)
        report(name, len(rows), tallies, with_sites=arguments.sites)


def others(rows: list[Row], reader: Callable[[Row], tuple[str, str]], *, is_titled: bool) -> Tally:
    """Scores of another system."""
    tally = Tally()
    for row in rows:
        start = time.process_time()
        try:
            title, text = reader(row)
        except Exception:  # noqa: BLE001 - what another system makes of a page is its score, a failure too
            title, text = "", ""
        tally.cpu += time.process_time() - start
        tally.by_page[row.site, row.id].append(score(row.text, f"{title}\n{text}" if is_titled else text))
    return tally


def ours(rows: list[Row], n_seeds: int, n_choices: int, *, is_titled: bool) -> Tally:
    """Our scores with `n_seeds` seeds a site."""
    tally = Tally()
    sites: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sites[row.site].append(row)
    for site_rows in sites.values():
        for seeds, tested in splits(site_rows, n_seeds, n_choices):
            profile = learn(seeds)
            for row in tested:
                start = time.process_time()
                article = read(row, profile)
                tally.cpu += time.process_time() - start
                title, text = (article.title, article.text) if article else ("", "")
                tally.by_page[row.site, row.id].append(score(row.text, f"{title}\n{text}" if is_titled else text))
    return tally


def splits(rows: list[Row], n_seeds: int, n_choices: int) -> Iterator[tuple[list[Row], list[Row]]]:
    """(seeds, pages to read) of a site."""
    if not n_seeds:
        yield [], rows
    elif len(rows) <= n_seeds:
        for row in rows:
            yield [other for other in rows if other is not row], [row]
    else:
        drawn = random.Random(0).sample(rows, len(rows))  # noqa: S311 - repeatable, no secret
        n_tested = len(rows) - n_seeds
        enough = n_choices if n_choices == 1 else max(n_choices, math.ceil(len(rows) / n_tested))
        for choice in range(enough):
            seeds = [drawn[(choice * n_tested + n) % len(rows)] for n in range(n_seeds)]
            yield seeds, [row for row in rows if row not in seeds]


def learn(seeds: list[Row]) -> SiteProfile:
    """A profile from the seeds' pages and texts, empty where they teach nothing."""
    profile = SiteProfile(hosts=("site.example",))
    pages = [SeedPage(parse(row.body, row.url), gold_from_text(row.text)) for row in seeds]
    try:
        learned = learn_template(pages)
    except LearningError:
        return profile
    return SiteProfile(hosts=profile.hosts, templates=learned.templates)


def read(row: Row, profile: SiteProfile) -> Article | None:
    """The article as the collector would store it."""
    outcome = extract(page_of(row), profile)
    return normalise(outcome) if isinstance(outcome, Article) else None


def page_of(row: Row) -> Page:
    """The page as the collector would have fetched it."""
    return Page(
        url=row.url,
        final_url=row.url,
        status=200,
        headers=(),
        body=row.body,
        fetched_at=datetime.now(UTC),
        site=row.site,
        found_via="replay",
        pointer=Pointer("", 0, 0),
    )


def report(name: str, n_pages: int, tallies: dict[str, Tally], *, with_sites: bool) -> None:
    """Print a set's table, and one of its sites."""
    print(f"\n### {name}: {n_pages} pages\n\n| | P | R | F1 | F1 ≥ 0.99 | CPU ms a page |\n|---|---|---|---|---|---|")
    for who, tally in tallies.items():
        scores = tally.scores
        means = " | ".join(f"{sum(one[part] for one in scores) / len(scores):.4f}" for part in range(3))
        print(f"| {who} | {means} | {tally.share:.3f} | {tally.milliseconds:.1f} |")
    if with_sites:
        print(f"\n| site | {' | '.join(tallies)} |\n|---|{'---|' * len(tallies)}")
        for site in next(iter(tallies.values())).by_site:
            values = [tally.by_site.get(site, [0.0]) for tally in tallies.values()]
            print(f"| {site} | {' | '.join(f'{sum(f1s) / len(f1s):.4f}' for f1s in values)} |")
        report_behind(tallies)


def report_behind(tallies: dict[str, Tally]) -> None:
    """Print the sites that ours reads more than `MAX_BEHIND` below trafilatura."""
    theirs = tallies["trafilatura"].by_site
    for who, tally in tallies.items():
        for site, f1s in tally.by_site.items() if who.startswith("ours") else ():
            behind = sum(theirs[site]) / len(theirs[site]) - sum(f1s) / len(f1s)
            if behind > MAX_BEHIND:
                print(f"\n{who}: {100 * behind:.1f} points behind trafilatura on {site}")


if __name__ == "__main__":
    main()
