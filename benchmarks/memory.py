"""Memory of a long crawl: `python benchmarks/memory.py [--pages 200000] [--minutes 40] [--concurrency 16]`.

`scrapy crawl` collects an endless newspaper (endless.py) without waiting between requests. Prints a curve in Markdown:
pages fetched, memory of the crawler and of its workers (anonymous, shared pages counted once), and what all processes
hold together, with mapped files, which the system takes back when it needs room; since the line before, usual (the
median) and largest. Fails when the peak is over 600 MB or when the last tenth usually needs 10 % more memory of its own
than the time after the first fifth: what merging runs of the index takes for seconds is no growth. Linux only.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from newsstand import ROOT, at_full_speed, newspaper, scrapy, write_seeds
from usage import family

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE = "vo_tan"
MAX_MB = 600
MAX_GROWTH = 1.10
WARM_SHARE = 0.2
LOOK_SECONDS = 1.0


class Look(NamedTuple):
    """The processes at one moment."""

    n_pages: int
    crawler_mb: float
    workers_mb: float
    all_mb: float
    seconds: float

    @property
    def own_mb(self) -> float:
        """Without mapped files."""
        return self.crawler_mb + self.workers_mb


def watch(process: subprocess.Popen[bytes], progress: Path, seconds: float) -> Iterator[Look]:
    """Look at the crawl until it ends, or is ended in order after `seconds`."""
    started = time.monotonic()
    n_pages = 0
    is_ended = False
    while process.poll() is None:
        if not is_ended and time.monotonic() - started > seconds:
            process.terminate()
            is_ended = True
        with suppress(OSError, ValueError):
            n_pages = json.loads(progress.read_text(encoding="utf-8"))["fetched"]
        own, *others = list(family(process.pid))
        crawler, workers = _held_mb(own), [_held_mb(pid) for pid in others]
        mapped = sum(mapped for _, mapped in (crawler, *workers))
        own_mb, workers_mb = crawler[0], sum(anonymous for anonymous, _ in workers)
        yield Look(n_pages, own_mb, workers_mb, own_mb + workers_mb + mapped, time.monotonic() - started)
        time.sleep(LOOK_SECONDS)


def _held_mb(pid: int) -> tuple[float, float]:
    """Proportional share of anonymous memory and of mapped files; nothing when the process is gone."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = {name: int(size) / 1024 for name, size in re.findall(r"^(Pss|Pss_Anon):\s+(\d+)", text, re.MULTILINE)}
        if len(found) == len(("Pss", "Pss_Anon")):
            return found["Pss_Anon"], found["Pss"] - found["Pss_Anon"]
    return 0.0, 0.0


def crawl(folder: Path, site: dict[str, Any], options: argparse.Namespace) -> list[Look]:
    """Collect the newspaper and look on."""
    progress = folder / "progress.json"
    folders = {"SEEDS_DIR": write_seeds(folder, {SITE: site["profile"]}), "OUTPUT_DIR": folder / "output"}
    command = scrapy("crawl", SITE, **folders, **at_full_speed(options.concurrency), PROGRESS_FILE=progress)
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process:
        looks: list[Look] = []
        for look in watch(process, progress, 60 * options.minutes):
            if not looks or look.n_pages // 1000 > looks[-1].n_pages // 1000:
                print(
                    f"{look.n_pages} pages, {look.crawler_mb:.0f} + {look.workers_mb:.0f} of {look.all_mb:.0f} MB",
                    file=sys.stderr,
                    flush=True,
                )
            looks.append(look)
    if process.returncode:
        print(f"the crawl ended with {process.returncode}:\n{(folder / 'log').read_text()[-2000:]}", file=sys.stderr)
    return looks


def curve(looks: list[Look], n_lines: int) -> Iterator[str]:
    """The table: the largest figures of every stretch of pages."""
    yield "| pages | seconds | crawler, MB: usual | largest | workers, MB | all, with mapped files, MB |"
    yield "|---|---|---|---|---|---|"
    total = looks[-1].n_pages
    for number in range(n_lines):
        low, high = total * number // n_lines, total * (number + 1) // n_lines
        some = [look for look in looks if low < look.n_pages <= high]
        if some:
            usual = median(one.crawler_mb for one in some)
            columns = [usual, *(max(one[name] for one in some) for name in (1, 2, 3))]
            yield f"| {high:,} | {some[-1].seconds:.0f} | {' | '.join(f'{column:.0f}' for column in columns)} |"


def verdict(looks: list[Look]) -> tuple[float, float]:
    """The peak in MB, and the last tenth's median over that of the tenth after the first fifth."""
    total = looks[-1].n_pages
    warm = [one.own_mb for one in looks if WARM_SHARE * total < one.n_pages <= (WARM_SHARE + 0.1) * total]
    late = [one.own_mb for one in looks if one.n_pages > 0.9 * total]
    return max(one.all_mb for one in looks), (median(late) if late else 0.0) / (median(warm) if warm else 1.0)


def main() -> None:
    """Crawl once, print the curve, fail when it is not flat."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200_000)
    parser.add_argument("--minutes", type=float, default=1e6, help="end the crawl after this time")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--lines", type=int, default=10)
    options = parser.parse_args()
    with newspaper("endless.py", options.pages) as site, tempfile.TemporaryDirectory() as folder:
        looks = crawl(Path(folder), site, options)
    peak, growth = verdict(looks)
    print("\n".join(curve(looks, options.lines)))
    print(f"\nPeak {peak:.0f} MB; the last tenth needs {growth:.2f} times what the time after the first fifth needs.")
    if peak > MAX_MB or growth > MAX_GROWTH:
        raise SystemExit(f"more than {MAX_MB} MB or {MAX_GROWTH} times")


if __name__ == "__main__":
    main()
