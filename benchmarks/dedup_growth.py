"""What the index costs as it grows: look-up, insert, commit, making and merging runs, memory, bytes.

python benchmarks/dedup_growth.py [--sizes 100000 1000000] [--turns 8]

Indexes are filled run by run, and the runs merged as adding articles one by one would: each has fingerprints of its
own that are drawn at random and those of FORMULAS sentences that many articles share. Then articles of 650 syllables,
one in ten a reprint, are looked up and added. Sizes take turns, so that a noisy machine is noisy for all.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from benchmarks.dedup import synthetic_articles, words
from crawler.dedup.index import DedupIndex
from crawler.dedup.postings import TAIL_ARTICLES, PostingLists
from crawler.dedup.runs import spread
from crawler.dedup.signatures import sign
from crawler.dedup.sketches import sketch
from crawler.dedup.winnowing import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crawler.items import Article

N_OWN = 60
"""Fingerprints of an article of 650 syllables, about, beside those of its formulas."""
COMMIT_EVERY = 500
N_FORMULAS, FORMULAS, FORMULA_SYLLABLES = 20_000, 2, 30
"""Sentences that articles share, by Zipf's law; how many each article has; their length."""
_INSERT = "INSERT INTO dedup_article (id, site, title, content_hash, words, n_fingerprints) VALUES (?, ?, ?, ?, ?, ?)"


class Formulas:
    """Sentences that come again in articles that have nothing else in common."""

    def __init__(self) -> None:
        pick = random.Random(0)  # noqa: S311 - the same sentences every time
        self.sentences = [" ".join(words(pick, FORMULA_SYLLABLES)) for _ in range(N_FORMULAS)]
        self.fingerprints = [sketch(one).fingerprints for one in self.sentences]
        weights = 1 / np.arange(4, N_FORMULAS + 4)
        self._weights = weights / weights.sum()

    def draw(self, dice: np.random.Generator, n: int) -> list[list[int]]:
        """Places of the formulas of `n` articles."""
        drawn: list[list[int]] = dice.choice(N_FORMULAS, (n, FORMULAS), p=self._weights).tolist()
        return drawn

    def worked_in(self, article: Article, places: list[int]) -> Article:
        """The article with formulas before and after its text."""
        first, last = (f"{self.sentences[place].capitalize()}." for place in places)
        return replace(article, text=f"{first} {article.text} {last}")


def own_fingerprints(dice: np.random.Generator, n: int) -> NDArray[np.uint64]:
    """What a window leaves of 48-bit hashes: the least of WINDOW, so most are small."""
    least = 1 - dice.random((n, N_OWN)) ** (1 / WINDOW)
    return (least * (1 << 48)).astype(np.uint64)


class Growing:
    """An index on disk, filled to a size, with what that cost."""

    def __init__(self, folder: Path, size: int, formulas: Formulas) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.size = folder, size
        self.connection = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.merging: list[float] = []
        self.costs: list[tuple[float, float]] = []
        self.connection.execute("BEGIN IMMEDIATE")
        DedupIndex(self.connection)
        dice = np.random.default_rng(size)
        for start in range(0, size, TAIL_ARTICLES):
            self._fill(dice, range(start + 1, min(start + TAIL_ARTICLES, size) + 1), formulas)
            self.connection.execute("COMMIT")
            self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute("COMMIT")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.execute("PRAGMA synchronous=FULL")

    def _fill(self, dice: np.random.Generator, numbers: range, formulas: Formulas) -> None:
        """Articles of one run."""
        keys, owners, sizes = _entries(dice, numbers, formulas)
        packed = sketch(next(synthetic_articles(1, seed=numbers.start)).text).pack()
        rows = ((dice.bytes(16).hex(), f"site{n % 7}", "Tin", dice.bytes(32), packed, n) for n in sizes)
        self.connection.executemany(_INSERT, rows)
        lists = PostingLists(self.connection)
        start = time.process_time()
        lists._write(iter([(keys, owners)]), len(keys), numbers)  # noqa: SLF001 - what adding would write, at once
        lists._merge(numbers[-1])  # noqa: SLF001 - the same
        self.merging.append(time.process_time() - start)

    def measure(self, articles: list[Article]) -> None:
        """Look up, add and commit; remember seconds and seconds of the processor, each."""
        start, cpu = time.perf_counter(), time.process_time()
        for at in range(0, len(articles), COMMIT_EVERY):
            self.connection.execute("BEGIN IMMEDIATE")
            index = DedupIndex(self.connection)
            for article in articles[at : at + COMMIT_EVERY]:
                if not index.find(article):
                    index.add(article)
            self.connection.execute("COMMIT")
        n = len(articles)
        self.costs.append(((time.perf_counter() - start) / n * 1000, (time.process_time() - cpu) / n * 1000))

    def line(self, peak: tuple[float, float]) -> str:
        """All figures; times in milliseconds an article."""
        times, cpu = zip(*self.costs, strict=True)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        used = sum(file.stat().st_size for file in self.folder.glob("**/*") if file.is_file())
        runs = sum(file.stat().st_size for file in self.folder.glob("index/*"))
        ((n_runs,),) = self.connection.execute("SELECT count(*) FROM dedup_run")
        return (
            f"| {self.size:,} | {statistics.median(times):.2f} | {statistics.median(cpu):.2f}, least {min(cpu):.2f} |"
            f" {sum(self.merging) / self.size * 1000:.3f}, longest {max(self.merging, default=0):.1f} s |"
            f" {used / self.size:.0f}, of which runs {runs / self.size:.0f} | {n_runs} | {peak[0]:.0f}, {peak[1]:.0f} |"
        )


def _entries(
    dice: np.random.Generator, numbers: range, formulas: Formulas
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], list[int]]:
    """Sorted keys and their articles, and how many each article has."""
    shared = [
        sorted({one for place in some for one in formulas.fingerprints[place]})
        for some in formulas.draw(dice, len(numbers))
    ]
    counts = [len(some) for some in shared]
    owners = np.concatenate([np.repeat(numbers, N_OWN), np.repeat(numbers, counts)]).astype(np.uint32)
    own = own_fingerprints(dice, len(numbers)).ravel()
    keys = spread(np.concatenate([own, np.array([one for some in shared for one in some], dtype=np.uint64)]))
    order = np.lexsort((owners, keys))
    return keys[order], owners[order], [N_OWN + n for n in counts]


def memory() -> tuple[float, float]:
    """Peak of the process and what it holds now without mapped files, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    return peak, next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), math.nan)


def turns(n: int, formulas: Formulas) -> Iterator[list[Article]]:
    """COMMIT_EVERY articles that no turn before had."""
    for turn in range(n):
        dice = np.random.default_rng(turn + 2)
        articles = synthetic_articles(COMMIT_EVERY, seed=turn + 2)
        places = formulas.draw(dice, COMMIT_EVERY)
        worked_in = (formulas.worked_in(one, some) for one, some in zip(articles, places, strict=True))
        yield [sign(replace(one, id=dice.bytes(16).hex())) for one in worked_in]


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--folder", type=Path, help="where to fill; default: a temporary one")
    options = parser.parse_args()
    formulas = Formulas()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        peaks = []
        grown = []
        for size in sorted(options.sizes):
            grown.append(Growing(folder / str(size), size, formulas))
            peaks.append(memory())
            print(f"filled {size}, peak {peaks[-1][0]:.0f} MB", flush=True)
        for articles in turns(options.turns, formulas):
            for one in grown:
                one.measure(articles)
        print("| articles | each, ms | processor, ms | runs, ms | bytes each | runs | peak, own memory, MB |")
        for one, peak in zip(grown, peaks, strict=True):
            print(one.line(peak))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
