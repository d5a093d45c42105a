"""How fast a large corpus is looked at: `scrapy inspect` as it is typed, each command in a process of its own.

    python benchmarks/inspection.py [--rows 1000000] [--sites 40] [--keep FOLDER]

The corpus is made up (made_corpus.py).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from typing import TYPE_CHECKING

from made_corpus import made, parse
from newsstand import ROOT, scrapy

from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from pathlib import Path

RARE = "hoa ban nở sớm trên đỉnh đèo"
"""A phrase that stands in no article: its search reads everything."""


def timed(output: Path, *words: str) -> tuple[float, float]:
    """Seconds to the first and to the last byte that the command prints."""
    command = scrapy(*words, OUTPUT_DIR=output)
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as child:
        first = 0.0
        for _ in child.stdout or ():
            first = first or time.monotonic() - started
    if child.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {child.returncode}")
    return first, time.monotonic() - started


def main() -> None:
    """Make the corpus, ask the questions, print a table."""
    options = parse(__doc__)
    with made(options) as output:
        size = sum(file.stat().st_size for file in output.rglob("*.parquet"))
        what = f"{options.rows:,} articles of {options.sites} sites, {size / 1e9:.1f} GB of Parquet"
        print(f"{what}, {os.cpu_count()} cores\n")
        print("| command | first output, s | all, s |\n|---|---|---|")
        article_id = hashlib.blake2b(f"{Dataset.ARTICLES} 500".encode(), digest_size=16).hexdigest()
        for words in (
            ("list",),
            ("inspect", "--sample", "0"),
            ("inspect", "bao_so_01", "--sample", "0"),
            ("inspect", "--id", article_id),
            ("inspect", "--sample", "5"),
            ("inspect", "--where", "n_words > 2000", "--sample", "5"),
            ("inspect", "--search", "dang vien"),
            ("inspect", "--search", RARE),
            ("inspect", "--sql", "SELECT site, count(*), avg(n_words) FROM articles GROUP BY ALL"),
            ("inspect", "--duplicates"),
        ):
            first, last = timed(output, *words)
            print(f"| `scrapy {' '.join(words).replace(article_id, 'ID')}` | {first:.2f} | {last:.2f} |", flush=True)


if __name__ == "__main__":
    main()
