"""What a newspaper that answers nothing costs others: `python benchmarks/fairness.py [--pages 200] [--rounds 3]`.

An endless newspaper (endless.py) is collected alone, beside a second site that stalls on every request (`scrapy
collect` of both), and as one of two hosts of a site of which the other stalls. Prints pages per second of the one that
answers, medians of the rounds, in Markdown. Fails when one is more than 10 % below alone.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from newsstand import ROOT, newspaper, scrapy, write_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping

QUICK, STALLING = "tra_loi", "im_lang"
SETTINGS = {
    "ALLOW_PRIVATE_HOSTS": 1,
    "DOWNLOAD_DELAY": 0.1,
    "DOWNLOAD_TIMEOUT": 3,
    "FETCH_ATTEMPTS": 1,
    "HOST_FAILURES_MAX": 3,
    "EXTRACTION_WORKERS": 1,
}
LEAST = 0.9


def pages_per_second(profiles: Mapping[str, str], host: str) -> float:
    """Collect the sites at once; how fast `host` was read, from its first article to its last."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = {"SEEDS_DIR": write_seeds(folder, profiles), "OUTPUT_DIR": folder / "output", **SETTINGS}
        command = scrapy("collect", *profiles, "--jobs", "2", **own)
        # a site that never answers fails, as it should
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        with sqlite3.connect(folder / "output" / "state.sqlite") as connection:
            query = (
                "SELECT count(*), min(fetched_at), max(fetched_at) FROM records WHERE kind = 'article' AND url GLOB ?"
            )
            n_pages, first, last = connection.execute(query, (f"http://{host}/*",)).fetchone()
        connection.close()
    return (n_pages - 1) / ((last - first) / 1e6)


def with_two_hosts(quick: Mapping[str, Any], stalling: Mapping[str, Any]) -> str:
    """One profile of both hosts; the sitemap of the one that stalls is asked for first."""
    hosts = f'hosts = ["{stalling["host"]}", "{quick["host"]}"]'
    profile = re.sub(r"hosts = \[[^\]]*\]", hosts, quick["profile"])
    sections = [f'"http://{stalling["host"]}/muc-{number}/"' for number in range(30)]
    return profile.replace("article_url", f"sections = [{', '.join(sections)}]\narticle_url", 1)


def main() -> None:
    """Alternate between the three, so that a busy minute of the machine hits each alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    n_pages = options.pages
    stall = ("--stalling", "--address", "127.0.0.2")
    with newspaper("endless.py", n_pages) as quick, newspaper("endless.py", n_pages, *stall) as stalling:
        cases = {
            "alone": {QUICK: quick["profile"]},
            "beside a site that stalls": {QUICK: quick["profile"], STALLING: stalling["profile"]},
            "beside a host of its own site that stalls": {QUICK: with_two_hosts(quick, stalling)},
        }
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for number in range(options.rounds):
            for name, profiles in cases.items():
                taken[name].append(pages_per_second(profiles, quick["host"]))
                print(f"round {number + 1}, {name}: {taken[name][-1]:.2f} pages/s", file=sys.stderr, flush=True)
    alone = median(taken["alone"])
    print("| | pages/s | alone = 1 |\n|---|---|---|")
    for name, speeds in taken.items():
        print(f"| {name} | {median(speeds):.2f} ({min(speeds):.2f}–{max(speeds):.2f}) | {median(speeds) / alone:.2f} |")
    if min(median(speeds) for speeds in taken.values()) < LEAST * alone:
        raise SystemExit(f"less than {LEAST} of what it reads alone")


if __name__ == "__main__":
    main()
