"""What an engine costs, and how deduplication grows: `python benchmarks/scale.py workers|growth [--rows N ...]`.

workers: `scrapy replay` of a made-up newspaper and `scrapy dedup` of made-up stories (benchmarks/stories.py), on this
machine alone and on Ray with one and two cores. CPU is that of all processes, Ray's own included, from the start of a
command to its end. Ends with an error when two ways give different rows.

growth: `scrapy dedup` for corpora of several sizes, on this machine alone or with `--on ray`, and the exponent of the
growth between each and the next, least squares over all. Corpora stay in --folder for the next time.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
from figures import machine
from newsstand import ROOT, at_full_speed, newspaper, scrapy, write_seeds
from stories import write
from usage import Usage, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SITE = "loopback"
PACKAGES = ("ray", "daft", "pyarrow", "numpy")
TABLES = ("pairs.parquet", "clusters.parquet")
WAYS: dict[str, tuple[str, ...]] = {
    "this machine alone": (),
    "Ray, 1 core": ("--on", "ray", "-j", "1"),
    "Ray, 2 cores": ("--on", "ray", "-j", "2"),
}


def dedup(corpus: Path, out: Path, *on: str) -> Usage:
    """One deduplication."""
    shutil.rmtree(out, ignore_errors=True)
    return measure(scrapy("dedup", corpus, "--out", out, "--quiet", *on), out.with_suffix(".log"), folder=ROOT)


def compare_dedup(folder: Path, n_rows: int) -> Iterator[str]:
    """A line for each way."""
    corpus = write(folder / f"stories-{n_rows}", n_rows)
    expected = None
    for name, words in WAYS.items():
        used = dedup(corpus, folder / "out", *words)
        found = [pq.read_table(folder / "out" / table) for table in TABLES]
        expected = expected or found
        if not all(one.equals(other) for one, other in zip(found, expected, strict=True)):
            raise SystemExit(f"{name}: other tables than {next(iter(WAYS))}")
        yield line(f"dedup, {n_rows:,} rows, {name}", n_rows, used)


def compare_replay(folder: Path, n_pages: int) -> Iterator[str]:
    """A line for each way."""
    with newspaper("loopback.py", n_pages) as site:
        seeds = write_seeds(folder, {SITE: site["profile"]})
        own = {"OUTPUT_DIR": folder / "output", "SEEDS_DIR": seeds}
        measure(scrapy("crawl", SITE, **own, **at_full_speed(8)), folder / "crawl.log", folder=ROOT)
    expected = None
    for name, words in WAYS.items():
        used = measure(scrapy("replay", SITE, *words, **own), folder / "replay.log", folder=ROOT)
        tables = [pq.read_table(path) for path in sorted((folder / "output" / "articles").glob("**/*.parquet"))]
        found = sorted((row["id"], row["text"]) for table in tables for row in table.select(["id", "text"]).to_pylist())
        expected = expected or found
        if found != expected:
            raise SystemExit(f"{name}: other rows than {next(iter(WAYS))}")
        yield line(f"replay, {n_pages:,} pages, {name}", n_pages, used)


def line(name: str, n: int, used: Usage) -> str:
    """Of a table."""
    return (
        f"| {name} | {used.seconds:.0f} | {n / used.seconds:,.0f} | {1000 * used.cpu / n:.2f} | {used.peak_mb:,.0f} |"
    )


def growth(folder: Path, sizes: Sequence[int], *on: str) -> Iterator[str]:
    """A line for each size, and the exponent."""
    cpus = []
    for n_rows in sizes:
        used = dedup(write(folder / f"stories-{n_rows}", n_rows), folder / "out", *on)
        disk = sum(path.stat().st_size for path in (folder / f"stories-{n_rows}").iterdir()) >> 20
        cpus.append(used.cpu)
        yield f"{line(f'{n_rows:,} rows, {disk:,} MB of Parquet', n_rows, used)}"
    if len(sizes) > 1:
        exponent = np.polyfit(np.log(sizes), np.log(cpus), 1)[0]
        yield f"\nCPU grows with rows to the power of {exponent:.2f}."


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["workers", "growth"])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--on", default="", help="growth: `ray` or `ray://…`")
    parser.add_argument("--folder", type=Path, help="where corpora lie from one time to the next")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = options.folder or Path(name)
        print(f"{machine(PACKAGES)}\n\n| | s | rows/s | CPU ms/row | peak MB |\n|---|---|---|---|---|", flush=True)
        if options.what == "growth":
            lines = growth(folder, options.rows, *(("--on", options.on) if options.on else ()))
        else:
            lines = (one for n in options.rows for one in compare_dedup(folder, n))
        for one in lines:
            print(one, flush=True)
        for one in compare_replay(Path(name), options.pages) if options.what == "workers" else ():
            print(one, flush=True)


if __name__ == "__main__":
    main()
