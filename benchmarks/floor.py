"""Archive to corpus beside `trafilatura.extract` over the same archive, and beside the least that it could cost.

    python benchmarks/floor.py [FOLDER] [--sets vi_sites,vi_families,en_sites] [--pages 600] [--rounds 3]

The pages of the made-up newspaper, and those of FOLDER (default ../shared/pages) where they are there, each site read
by a template learned from one other page; a set with fewer than `--pages` is read several times under other addresses.
Each is packed into a WARC file as servers send it and read by pools of one process per core, taking turns:

- ours: read, examine, extract, normalise, judge, sign, Parquet;
- theirs: fastwarc and trafilatura (plain_replay.py), JSON lines, once with metadata and once the text alone.

The floor is what no reader of an archive can do without, each step measured in this process over the same pages:
decompress and read records; parse once; the template's selectors; trafilatura on the part they select; signature;
Parquet. Ours is measured the same way, step by step. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import gzip
import pickle
import sys
import tempfile
from collections import defaultdict
from functools import partial
from multiprocessing import get_context
from os import sched_getaffinity
from pathlib import Path
from typing import TYPE_CHECKING

from extraction import learn, load, splits
from figures import machine, ratio, spread
from floor_steps import Case, Clock, floor, own, refine, responses, written
from made_pages import made_pages, page_of
from msgspec import structs
from newsstand import HERE
from usage import Usage, measure

from crawler.archive import ArchiveWriter, Exchange
from crawler.examination import examine
from crawler.items import Article, Page

if TYPE_CHECKING:
    from crawler.items import Reject
    from crawler.sites.profile import SiteProfile

LANGUAGES = ("vi", "en")
PACKAGES = ("trafilatura", "lxml", "pyarrow", "fastwarc")
OURS, WITH_METADATA, TEXT = (
    "ours, everything",
    "fastwarc, trafilatura with metadata",
    "fastwarc, trafilatura, text alone",
)
ROWS = 500
NO_SELECTORS = frozenset({"valid_from", "valid_until", "drop_lines", "drop_blocks", "keep_blocks"})


def pack(folder: Path, pages: list[tuple[SiteProfile, Page]], n_pages: int) -> Case:
    """Write `n_pages` records, compressed as servers send them; too few pages come again."""
    headers = (("content-type", "text/html"), ("content-encoding", "gzip"))
    profiles, n_bytes = {}, 0
    with ArchiveWriter(folder, "bench", 1, max_bytes=1 << 40) as writer:
        for number in range(n_pages):
            profile, page = pages[number % len(pages)]
            url = f"{page.url.removesuffix('.html')}-{number}.html"
            body = gzip.compress(page.body, 6, mtime=0)
            pointer = writer.append(Exchange(url, 200, headers, body, page.fetched_at))
            profiles[url] = profile
            n_bytes += len(page.body)
        writer.sync()
    (folder / "profiles").write_bytes(pickle.dumps(profiles))
    return Case(folder, folder / pointer.file, profiles, n_bytes // n_pages // 1000)


def pages_of_set(folder: Path) -> list[tuple[SiteProfile, Page]]:
    """Pages that a template learned from one other page of their site reads."""
    sites = defaultdict(list)
    for row in load(folder):
        sites[row.site].append(row)
    found = []
    for rows in sites.values():
        seeds, tested = next(splits(rows, 1, 1))
        profile = structs.replace(learn(seeds), languages=LANGUAGES)
        pages = (page_of(row.url, row.body) for row in tested)
        found += [(profile, page) for page in pages if _is_read(examine(page, profile))]
    return found


def _is_read(outcome: Article | Reject) -> bool:
    return isinstance(outcome, Article) and outcome.extraction == "template"


def replay(folder: Path) -> None:
    """Ours: the archive of `folder` into Parquet beside it, by a pool."""
    profiles = pickle.loads((folder / "profiles").read_bytes())  # noqa: S301 - written by pack
    warc = next(folder.rglob("*.warc.gz"))
    with get_context("fork").Pool(len(sched_getaffinity(0))) as pool:
        found = pool.imap(partial(refine, profiles=profiles), responses(warc), chunksize=4)
        articles = [one for one in found if one]
    for number, data in enumerate(written(articles)):
        (folder / f"{number}.parquet").write_bytes(data)


def race(case: Case, n_rounds: int) -> dict[str, list[Usage]]:
    """Everybody over the archive, in turns."""
    n_workers = len(sched_getaffinity(0))
    plain = (sys.executable, HERE / "plain_replay.py", case.folder, n_workers, case.folder / "lines.jsonl")
    commands = {
        OURS: (sys.executable, __file__, "--replay", case.folder),
        WITH_METADATA: plain,
        TEXT: (*plain, "text"),
    }
    taken: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(n_rounds):
        for name, command in commands.items():
            taken[name].append(measure(command, case.folder / "log"))
    return taken


def report(name: str, case: Case, taken: dict[str, list[Usage]], least: Clock, ours: Clock) -> None:
    """Two tables."""
    n = len(case.profiles)
    print(f"\n**{name}**: {n} pages, {case.n_kb} KB on average\n")
    print("| archive to corpus | CPU ms/page | pages/s | peak MB | CPU, ours = 1 | pages/s, ours = 1 |")
    print("|---|---|---|---|---|---|")
    own_cpu, own_seconds = [one.cpu for one in taken[OURS]], [one.seconds for one in taken[OURS]]
    for who, usages in taken.items():
        cpu, seconds = [one.cpu for one in usages], [one.seconds for one in usages]
        figures = spread([1000 * one / n for one in cpu]), spread([n / one for one in seconds])
        peak = max(one.peak_mb for one in usages)
        faster = 1 / ratio(own_seconds, seconds)
        print(f"| {who} | {' | '.join(figures)} | {peak:.0f} | {ratio(own_cpu, cpu):.2f} | {faster:.2f} |")
    print("\n| CPU ms/page, one process | steps | sum | floor = 1 |\n|---|---|---|---|")
    for who, clock in (("floor", least), ("ours", ours)):
        steps = ", ".join(f"{step} {spent:.2f}" for step, spent in clock.steps.items())
        print(f"| {who} | {steps} | {clock.total:.2f} | {clock.total / least.total:.2f} |")


def main() -> None:
    """Every set in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/pages"))
    parser.add_argument("--sets", default="vi_sites,vi_families,en_sites")
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--replay", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        replay(options.replay)
        return
    print(f"{options.rounds} rounds. {machine(PACKAGES)}")
    for name in ("the made-up newspaper", *options.sets.split(",")):
        if name in options.sets.split(",") and not (options.folder / name / "gold.jsonl").is_file():
            print(f"\n**{name}**: no pages in {options.folder}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            if name in options.sets.split(","):
                pages = pages_of_set(options.folder / name)
            else:
                profile, made = made_pages(min(options.pages, 400))
                pages = [(profile, page) for page in made]
            case = pack(Path(folder), pages, options.pages)
            report(name, case, race(case, options.rounds), floor(case), own(case))


if __name__ == "__main__":
    main()
