"""Cost and quality of deduplication, in one run: index cost at growing sizes, signers, labelled pairs.

python benchmarks/dedup.py index [--sizes 10000 100000]
python benchmarks/dedup.py sign
python benchmarks/dedup.py pairs [../shared/pages]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from crawler.dedup.index import DedupIndex
from crawler.dedup.signatures import minhash, sign
from crawler.dedup.sketches import sketch
from crawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N_SYLLABLES = 650
COMMIT_EVERY = 500
DUPLICATE_SHARE = 0.1
_ONSETS = ("b", "ch", "d", "đ", "gi", "h", "kh", "l", "m", "ng", "nh", "ph", "qu", "s", "t", "th", "tr", "v", "x")
_RHYMES = ("a", "ai", "an", "anh", "ao", "âm", "ăng", "e", "em", "inh", "iêu", "oan", "ôi", "ông", "ơi", "uân", "ương")


def synthetic_articles(n: int, seed: int = 1) -> Iterator[Article]:
    """Articles of 650 syllables drawn by Zipf's law; every tenth repeats an earlier one with a cut and a credit."""
    pick = random.Random(seed)  # noqa: S311 - the same texts every time
    vocabulary = [onset + rhyme for onset in _ONSETS for rhyme in _RHYMES]
    pick.shuffle(vocabulary)
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    recent: list[str] = []
    for number in range(n):
        if recent and pick.random() < DUPLICATE_SHARE:
            text = f"{pick.choice(recent)[: pick.randint(1900, 2600)]} (TTXVN)"
        else:
            words = pick.choices(vocabulary, weights, k=N_SYLLABLES)
            sentences = (" ".join(words[at : at + 18]).capitalize() for at in range(0, N_SYLLABLES, 18))
            text = ". ".join(sentences)
            recent = [*recent[-99:], text]
        yield _article(f"{number:032x}", f"site{number % 7}", text)


def _article(article_id: str, site: str, text: str, title: str = "Tin") -> Article:
    return Article(
        id=article_id,
        url="",
        canonical_url="",
        site=site,
        title=title,
        text=text,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        run_id="",
        archive_file="",
        archive_offset=0,
        archive_length=0,
    )


def measure_index(sizes: list[int]) -> None:
    """Look-up and insert per article over the last tenth before each size, on disk, committed every 500 articles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.sqlite"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        index = DedupIndex(connection)
        seconds: list[float] = []
        n_found = 0
        for number, article in enumerate(map(sign, synthetic_articles(max(sizes))), start=1):
            start = time.perf_counter()
            if number % COMMIT_EVERY == 1:
                connection.execute("BEGIN IMMEDIATE")
            if index.find(article):
                n_found += 1
            else:
                index.add(article)
            if number % COMMIT_EVERY == 0 or number == max(sizes):
                connection.execute("COMMIT")
            seconds.append(time.perf_counter() - start)
            if number in sizes:
                _print_size(path, connection, index, seconds, n_found)


def _print_size(
    path: Path, connection: sqlite3.Connection, index: DedupIndex, seconds: list[float], n_found: int
) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    last = seconds[-len(seconds) // 10 :]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(seconds):>9} seen {index.count():>9} kept {n_found:>7} duplicates"
        f" {sum(last) / len(last) * 1000:7.2f} ms each {path.stat().st_size / index.count():7.0f} bytes each"
        f" {peak:6.0f} MB peak"
    )


def measure_signing(n: int = 2000) -> None:
    """Milliseconds per article of each step, and of other MinHash libraries where they are installed."""
    texts = [article.text for article in synthetic_articles(n)]
    sketches = [sketch(text) for text in texts]
    _print_cost("tokens", lambda: [sketch(text) for text in texts], n)
    _print_cost("shingles", lambda: [one.distinct for one in sketches], n)
    _print_cost("rensa from hashes", lambda: [minhash(one.distinct) for one in sketches], n)
    _print_cost("fingerprints", lambda: [one.fingerprints for one in sketches], n)
    articles = [_article("0", "s", text) for text in texts]
    _print_cost("sign, all", lambda: [sign(article) for article in articles], n)
    try:
        from datasketch import MinHash
    except ImportError:
        print("datasketch is not installed")
        return
    shingled = [[" ".join(one.folded[at : at + 5]).encode() for at in range(len(one.folded) - 4)] for one in sketches]
    _print_cost("datasketch update_batch", lambda: [_datasketch(MinHash, shingles) for shingles in shingled[:200]], 200)


def _datasketch(make: Callable[..., object], shingles: list[bytes]) -> object:
    signature = make(num_perm=128)
    signature.update_batch(shingles)  # type: ignore[attr-defined]
    return signature


def _print_cost(name: str, work: Callable[[], object], n: int) -> None:
    start = time.process_time()
    work()
    print(f"{name:<28}{(time.process_time() - start) / n * 1000:8.3f} ms")


def measure_pairs(pages: Path) -> None:
    """What the index says of labelled pairs of real articles, in both orders of arrival."""
    gold = (pages / "vi_fragments" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["id"]: row for row in map(json.loads, gold)}
    articles = {key: sign(_article(key, key, row["text"], row["title"])) for key, row in rows.items()}
    pairs = (pages / "neardup" / "vn_baomoi_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in map(json.loads, pairs):
        for kept, new in ((pair["a"], pair["b"]), (pair["b"], pair["a"])):
            index = DedupIndex(sqlite3.connect(":memory:", isolation_level=None))
            index.add(articles[kept])
            found = index.find(replace(articles[new], run_id="2"))
            verdicts[pair["label"]][found.relation if found else "none"] += 1
    for label, counts in verdicts.items():
        share = 1 - counts["none"] / counts.total()
        print(f"{label:<12}{counts.total():>6} looked up, called a duplicate {share:7.4f}  {dict(counts)}")


def main() -> None:
    """Run the part that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("index", "sign", "pairs"))
    parser.add_argument("pages", nargs="?", type=Path, default=Path("../shared/pages"))
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    options = parser.parse_args()
    if options.part == "index":
        measure_index(options.sizes)
    elif options.part == "sign":
        measure_signing()
    else:
        measure_pairs(options.pages)


if __name__ == "__main__":
    main()
