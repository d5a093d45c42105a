"""The whole pipeline beside what everybody writes first, on the same pages in the same minutes.

    python benchmarks/crawl.py [--pages 600] [--rounds 3] [--concurrency 16]

A made-up newspaper (newssite.py, loopback.py) is collected by `scrapy crawl` with all that belongs to it (archive,
extraction, quality, topic, duplicates, Parquet) and by a plain spider that calls trafilatura in its callback. Then the
archive is replayed, and read by trafilatura in a process pool of the same size. Prints tables in Markdown: medians
and, in brackets, least and most of the rounds. Start-up is part of every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from figures import machine, spread
from newsstand import HERE, ROOT, at_full_speed, newspaper, scrapy, write_seeds
from usage import Usage, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SITE = "do_luong"
CRAWL, CRAWL_TEXT, CRAWL_META = (
    "`scrapy crawl`, everything",
    "plain spider, text only",
    "plain spider, text and metadata",
)
REPLAY, POOL = "`scrapy replay`, everything", "fastwarc, trafilatura in a pool, text and metadata"
PACKAGES = ("scrapy", "twisted", "trafilatura", "lxml", "pyarrow", "fastwarc", "pebble")


class Bench:
    """One newspaper, and a folder for what comes of it."""

    def __init__(self, folder: Path, site: dict[str, Any], options: argparse.Namespace) -> None:
        self.folder = folder
        self.options = options
        self.url = f"http://{site['host']}/sitemap.xml"
        self.output = folder / "output"
        self.seeds = write_seeds(folder, {SITE: site["profile"]})

    def crawl(self) -> Usage:
        """Everything, into an empty output folder."""
        shutil.rmtree(self.output, ignore_errors=True)
        used = self._scrapy("crawl", SITE, **at_full_speed(self.options.concurrency))
        self._check_rows()
        return used

    def plain(self, has_metadata: str) -> Usage:
        """The plain spider."""
        lines = self.folder / "pages.jsonl"
        lines.unlink(missing_ok=True)
        spider = ("runspider", HERE / "plain_spider.py", "-a", f"sitemap={self.url}", "-a", f"metadata={has_metadata}")
        n = self.options.concurrency
        used = self._scrapy(
            *spider, "-o", lines, CONCURRENT_REQUESTS=n, CONCURRENT_REQUESTS_PER_DOMAIN=n, project=False
        )
        self._check_lines(lines)
        return used

    def replay(self) -> Usage:
        """The site's rows anew from the archive of the last crawl."""
        used = self._scrapy("replay", SITE)
        self._check_rows()
        return used

    def pool(self) -> Usage:
        """The same archive through trafilatura."""
        lines = self.folder / "replayed.jsonl"
        n_workers = len(os.sched_getaffinity(0))
        command = [sys.executable, HERE / "plain_replay.py", self.output / "archive", n_workers, lines]
        used = measure(command, self.folder / "log")
        self._check_lines(lines)
        return used

    def _scrapy(self, *words: object, project: bool = True, **settings: object) -> Usage:
        own = {"OUTPUT_DIR": self.output, "SEEDS_DIR": self.seeds} if project else {}
        command = scrapy(*words, **own, **settings)
        return measure(command, self.folder / "log", folder=ROOT if project else self.folder)

    def _check_rows(self) -> None:
        newest = max((self.output / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime)
        counts = json.loads(newest.read_text(encoding="utf-8"))["counts"]
        if counts["kept"] + counts["duplicates"] != self.options.pages:
            raise SystemExit(f"not all {self.options.pages} articles came through: {counts}")

    def _check_lines(self, path: Path) -> None:
        with path.open(encoding="utf-8") as lines:
            n_texts = sum(bool(json.loads(line).get("text")) for line in lines)
        if n_texts < self.options.pages * 0.99:
            raise SystemExit(f"{n_texts} of {self.options.pages} articles in {path}")


def table(rows: dict[str, list[Usage]], n_pages: int) -> Iterator[str]:
    """A row per competitor, the first one's figures as the measure of the others."""
    yield "| | pages/s | CPU ms/page | peak MB | pages/s, ours = 1 | CPU, ours = 1 |"
    yield "|---|---|---|---|---|---|"
    ours = next(iter(rows.values()))
    for name, usages in rows.items():
        speed, cpu = [n_pages / one.seconds for one in usages], [1000 * one.cpu / n_pages for one in usages]
        ratios = [(mine.seconds / one.seconds, one.cpu / mine.cpu) for mine, one in zip(ours, usages, strict=True)]
        faster, dearer = (median(ratio) for ratio in zip(*ratios, strict=True))
        peak = max(one.peak_mb for one in usages)
        yield f"| {name} | {spread(speed)} | {spread(cpu)} | {peak:.0f} | {faster:.2f} | {dearer:.2f} |"


def circumstances(sizes: Sequence[int], options: argparse.Namespace) -> str:
    """Where and with what the figures were taken."""
    return (
        f"{len(sizes)} articles of {sizes[0] // 1000} to {sizes[-1] // 1000} KB,"
        f" {options.concurrency} requests at once, {options.rounds} alternating rounds. {machine(PACKAGES)}"
    )


def main() -> None:
    """Alternate between all of them, so that a busy minute of the machine hits each alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    taken: dict[str, list[Usage]] = defaultdict(list)
    with newspaper("loopback.py", options.pages) as site, tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), site, options)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            taken[CRAWL].append(bench.crawl())
            taken[CRAWL_TEXT].append(bench.plain(""))
            taken[CRAWL_META].append(bench.plain("1"))
            taken[REPLAY].append(bench.replay())
            taken[POOL].append(bench.pool())
    print(circumstances(site["sizes"], options))
    for title, names in (("Live", (CRAWL, CRAWL_TEXT, CRAWL_META)), ("From the archive", (REPLAY, POOL))):
        print(f"\n**{title}**\n")
        print("\n".join(table({name: taken[name] for name in names}, options.pages)))


if __name__ == "__main__":
    main()
