"""What a page costs as the corpus grows: addresses, record, duplicates and commit, at each size in the same minutes.

    python benchmarks/growth.py [--sizes 10000 100000 1000000] [--turns 6] [--folder FOLDER]

A state of each size is filled as crawls would have left it: addresses that are done, their records, kept ids, and the
index of duplicates (dedup_growth.py). Then the sizes take turns: 500 new addresses are added, leased eight at a time
and noted as fetched; 500 articles, one in ten a reprint, are decided, written to Parquet and committed. All of it is
what a crawl calls, with full durability; fetching and extraction, which know nothing of the size, are left out.

Prints a curve in Markdown, and says when the last size costs more than 1.3 times the CPU of the first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.dedup_growth import Formulas, Growing, turns
from benchmarks.figures import machine, ratio, spread
from crawler.corpus.committer import Committer
from crawler.corpus.reader import CorpusReader
from crawler.items import Pointer
from crawler.state.frontier import Frontier
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.store import Store
from crawler.state.urls import FinishedUrl, NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.items import Article

SITE, RUN = "a", "a-run"
BATCH, GROUP = 1_000, 8
LIMIT = 1.3
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def address(number: int) -> str:
    """An address of the usual length."""
    return f"https://bao.example/thoi-su/{202001 + number % 60}/mot-tieu-de-dai-vua-phai-cua-bai-bao-{number:x}/"


class Cost(NamedTuple):
    """Of one turn, CPU milliseconds a page."""

    add: float
    note: float
    commit: float
    wall: float
    """All of it by the clock."""

    @property
    def cpu(self) -> float:
        """All of it."""
        return self.add + self.note + self.commit


class Grown:
    """An output folder with `size` articles, to which more come."""

    def __init__(self, folder: Path, size: int, formulas: Formulas) -> None:
        self.size, self.n_known = size, size
        Growing(folder, size, formulas).connection.close()
        self.store = Store(folder)
        self.lock = SiteLock(self.store, SITE, RUN).__enter__()
        self.frontier, self.records = Frontier(self.store, SITE, RUN), Records(self.store, SITE, RUN)
        for first in range(0, size, BATCH):
            self._add(range(first, min(first + BATCH, size)))
        self._finish_all()
        self.committer = Committer(self.store, SITE, RUN)
        self.costs: list[Cost] = []

    def _add(self, numbers: range) -> None:
        self.frontier.add([NewUrl(address(n), "article", "sitemap", n % 5) for n in numbers])

    def _finish_all(self) -> None:
        """What `measure` does with each, at once."""
        with self.store.transaction() as connection:
            connection.execute("UPDATE urls SET state = 'done'")
            connection.execute(
                "INSERT INTO records (site, url, final_url, found_via, kind, status, fetched_at, file, offset, length,"
                " run_id, robots, outcome, outcome_run_id, article_id)"
                " SELECT site, url, url, 'sitemap', 'article', 200, id, 'archive/a/old.warc.gz', id * 10, 10, ?,"
                " 'allowed', 'kept', ?, lower(hex(randomblob(16))) FROM urls",
                (RUN, RUN),
            )
            connection.execute(
                "INSERT INTO kept (id, site, url, content_hash, part)"
                " SELECT article_id, site, url, hex(randomblob(32)), 'articles/site=a/part-old-0001.parquet'"
                " FROM records ORDER BY article_id"
            )

    def measure(self, articles: list[Article]) -> None:
        """One turn."""
        started = time.perf_counter()
        numbers = range(self.n_known, self.n_known + len(articles))
        self.n_known += len(articles)
        add = _spent(lambda: self._add(numbers))
        seqs: list[int] = []
        note = _spent(lambda: seqs.extend(self._note(len(articles))))
        placed = [self._placed(one, number) for one, number in zip(articles, numbers, strict=True)]
        commit = _spent(lambda: self._commit(seqs, placed))
        wall = 1000 * (time.perf_counter() - started)
        self.costs.append(Cost(*(one / len(articles) for one in (add, note, commit, wall))))

    def _note(self, n_pages: int) -> list[int]:
        seqs: list[int] = []
        while len(seqs) < n_pages:
            leased = self.frontier.lease(GROUP, _WHEN)
            pointers = [Pointer("archive/a/new.warc.gz", (self.n_known + len(seqs) + n) * 10, 10) for n in range(GROUP)]
            pairs = list(zip(leased, pointers, strict=False))
            seqs += self.records.append(
                [NewRecord(one.url, one.url, "sitemap", "article", 200, _WHEN, place) for one, place in pairs],
                [FinishedUrl(one.url, _WHEN, '"etag"', pointer=place) for one, place in pairs],
            )
        return seqs

    def _placed(self, article: Article, number: int) -> Article:
        url = address(number)
        return replace(article, site=SITE, url=url, canonical_url=url, run_id=RUN,
                       archive_file="archive/a/new.warc.gz", archive_offset=number * 10, archive_length=10)  # fmt: skip

    def _commit(self, seqs: list[int], articles: list[Article]) -> None:
        for seq, article in zip(seqs, articles, strict=True):
            if misfit := self.committer.keep(seq, article):
                raise SystemExit(f"an article was refused: {misfit}")
        self.committer.flush()

    def check(self, n_new: int) -> None:
        """Whether everything that was committed is there."""
        with CorpusReader(self.store.output) as reader:
            if sum(reader.counts().values()) != n_new:
                raise SystemExit(f"{reader.counts()} instead of {n_new} rows")


def _spent(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


def main() -> int:
    """Fill, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--folder", type=Path, help="where to fill; default: a temporary one")
    options = parser.parse_args()
    formulas = Formulas()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        grown = []
        for size in sorted(options.sizes):
            grown.append(Grown(Path(folder) / str(size), size, formulas))
            print(f"filled {size}", file=sys.stderr, flush=True)
        for number, articles in enumerate(turns(options.turns + 1, formulas)):
            for one in grown:
                one.measure(articles)
                if number == 0:  # the first of each pays for imports and cold pages
                    one.costs.clear()
        for one in grown:
            one.check((options.turns + 1) * len(articles))
        print(f"{options.turns} turns of {len(articles)} pages. {machine(('pyarrow', 'numpy'))}\n")
        report(grown)
    return 0


def report(grown: list[Grown]) -> None:
    """The curve, and whether it rises too much."""
    print("| known addresses and articles | add | lease, note | decide, write, commit | CPU ms/page | first size = 1 |"
          " wall ms/page |\n|---|---|---|---|---|---|---|")  # fmt: skip
    first = [one.cpu for one in grown[0].costs]
    for one in grown:
        cells = [f"{median(getattr(cost, name) for cost in one.costs):.3f}" for name in ("add", "note", "commit")]
        dearer = ratio(first, [cost.cpu for cost in one.costs])
        cells += [
            spread([cost.cpu for cost in one.costs], 2),
            f"{dearer:.2f}",
            spread([cost.wall for cost in one.costs], 2),
        ]
        print(f"| {one.size:,} | {' | '.join(cells)} |")
    if dearer > LIMIT:
        print(f"\nNot reached: {dearer:.2f} times at the largest size, {LIMIT:g} at most.")


if __name__ == "__main__":
    sys.exit(main())
