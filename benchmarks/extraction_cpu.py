"""CPU of `extract` with learned templates beside `trafilatura.extract`, which gives the text alone, on the same pages.

    python benchmarks/extraction_cpu.py [FOLDER] [--sets vi_sites,vi] [--seeds 1,5] [--rounds 2]

FOLDER and seeds are those of `benchmarks/extraction.py` (one choice of seeds). Both read each page in turns in one
process; what counts is their ratio, over the pages that the template read, and over all pages of the set.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import trafilatura

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.extraction import learn, page_of, splits
from benchmarks.page_sets import load
from crawler.extraction.article import extract
from crawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.page_sets import Row
    from crawler.sites.profile import SiteProfile

SETS = ("vi_sites", "vi_families", "en_sites", "vi")
N_WARM = 5
"""Pages read before the clock counts: imports and caches."""


@dataclass
class Cost:
    """CPU seconds of both on some pages."""

    n_pages: int = 0
    ours: float = 0.0
    theirs: float = 0.0

    def add(self, ours: float, theirs: float) -> None:
        """Count a page."""
        self.n_pages += 1
        self.ours += ours
        self.theirs += theirs

    def cells(self, n_rounds: int) -> str:
        """Pages, CPU ms of both and their ratio as cells of a table."""
        if not self.n_pages:
            return "0 | | | |"
        ours, theirs = (1000 * seconds / self.n_pages for seconds in (self.ours, self.theirs))
        return f"{self.n_pages // n_rounds} | {ours:.1f} | {theirs:.1f} | {self.ours / self.theirs:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/pages"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", default="1,5")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    print("| set, seeds | pages | ours | theirs | ratio | all pages | ours | theirs | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.sets.split(","):
        rows = list(load(arguments.folder / name))
        for n_seeds in map(int, arguments.seeds.split(",")):
            templated, everything = measure(rows, n_seeds, arguments.rounds)
            cells = f"{templated.cells(arguments.rounds)} {everything.cells(arguments.rounds)}"
            print(f"| `{name}`, {n_seeds} | {cells}", flush=True)


def measure(rows: list[Row], n_seeds: int, n_rounds: int) -> tuple[Cost, Cost]:
    """What the pages that a template read cost, and what all did."""
    todo = list(pairs(rows, n_seeds))
    for row, profile in todo[:N_WARM]:
        timed(row, profile)
    templated, everything = Cost(), Cost()
    for _ in range(n_rounds):
        for row, profile in todo:
            ours, theirs, is_templated = timed(row, profile)
            everything.add(ours, theirs)
            if is_templated:
                templated.add(ours, theirs)
    return templated, everything


def pairs(rows: list[Row], n_seeds: int) -> Iterator[tuple[Row, SiteProfile]]:
    """Each page that is no seed, with what its site's seeds taught; sites of a single page teach nothing."""
    sites: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sites[row.site].append(row)
    for site_rows in sites.values():
        for seeds, tested in splits(site_rows, n_seeds, 1) if len(site_rows) > 1 else ():
            profile = learn(seeds)
            yield from ((row, profile) for row in tested)


def timed(row: Row, profile: SiteProfile) -> tuple[float, float, bool]:
    """CPU seconds of ours and theirs for a page, and whether a template read it."""
    page = page_of(row)
    started = time.process_time()
    article = extract(page, profile)
    between = time.process_time()
    trafilatura.extract(row.body)
    ended = time.process_time()
    return between - started, ended - between, isinstance(article, Article) and article.extraction == "template"


if __name__ == "__main__":
    main()
