"""Cost and quality of deduplication, in one run: index, other tools, signers, labelled pairs; growth: dedup_growth.py.

python benchmarks/dedup.py index [--sizes 10000 100000]
python benchmarks/dedup.py compare [--sizes 100000] [--peers PYTHON]
python benchmarks/dedup.py sign
python benchmarks/dedup.py pairs [../shared/pages]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.dedup_peers import peak_mb
from crawler.dedup.index import DedupIndex
from crawler.dedup.relations import Thresholds
from crawler.dedup.signatures import minhash, sign
from crawler.dedup.sketches import sketch
from crawler.dedup.wholesale import CLUSTERS_FILE, Columns, deduplicate
from crawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- dedup -->", "<!-- /dedup -->"
N_SYLLABLES = 650
COMMIT_EVERY = 500
MOST = {"datatrove": 2_000}
"""Articles a tool gets at most: it takes 20 ms each."""
DUPLICATE_SHARE = 0.1
_ONSETS = ("b", "ch", "d", "đ", "gi", "h", "kh", "l", "m", "ng", "nh", "ph", "qu", "s", "t", "th", "tr", "v", "x")
_RHYMES = ("a", "ai", "an", "anh", "ao", "âm", "ăng", "e", "em", "inh", "iêu", "oan", "ôi", "ông", "ơi", "uân", "ương")


def synthetic_articles(n: int, seed: int = 1) -> Iterator[Article]:
    """Articles of 650 syllables drawn by Zipf's law; every tenth repeats an earlier one with a cut and a credit."""
    pick = random.Random(seed)  # noqa: S311 - the same texts every time
    recent: list[str] = []
    for number in range(n):
        if recent and pick.random() < DUPLICATE_SHARE:
            text = f"{pick.choice(recent)[: pick.randint(1900, 2600)]} (TTXVN)"
        else:
            drawn = words(pick, N_SYLLABLES)
            sentences = (" ".join(drawn[at : at + 18]).capitalize() for at in range(0, N_SYLLABLES, 18))
            text = ". ".join(sentences)
            recent = [*recent[-99:], text]
        yield _article(f"{number:032x}", f"site{number % 7}", text)


def words(pick: random.Random, n: int) -> list[str]:
    """Syllables drawn by Zipf's law."""
    vocabulary = [onset + rhyme for onset in _ONSETS for rhyme in _RHYMES]
    random.Random(0).shuffle(vocabulary)  # noqa: S311 - the same words every time
    return pick.choices(vocabulary, [1 / (rank + 3) for rank in range(len(vocabulary))], k=n)


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


def measure_comparison(size: int, peers: str) -> None:
    """Clusters of the labelled set and the cost of synthetic articles, here and by other tools; into docs/quality.md.

    `peers`: a Python that has datasketch, datatrove and text-dedup; those it has not are left out. Each tool reads one
    Parquet file and gives clusters, in a process of its own bound to one core, one after the other.
    """
    sys.path.insert(0, str(ROOT / "tests" / "dedup"))
    from labelled import labelled_set

    rows = [row for row in labelled_set(seed=20261122) if row.label != "revision"]
    truth = {row.article.id: str(row.cluster) for row in rows}
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _save(folder / "labelled.parquet", [row.article for row in rows])
        for tool, command in _tools(peers).items():
            found = _run_tool(command, folder / "labelled.parquet", folder / f"{tool}.json")
            if found is None:
                continue
            quality = _quality(truth, json.loads((folder / f"{tool}.json").read_text(encoding="utf-8")))
            lines.append(_comparison_line(tool, quality, *_cost_of(tool, command, size, folder)))
            print(lines[-1], flush=True)
    _write_table(lines, len(rows), len(set(truth.values())))


def _cost_of(tool: str, command: list[str], size: int, folder: Path) -> tuple[int, dict[str, float] | None]:
    size = min(size, MOST.get(tool, size))
    corpus = folder / f"{size}.parquet"
    if not corpus.is_file():
        _save(corpus, synthetic_articles(size))
    return size, _run_tool(command, corpus, folder / "cost.json")


def _tools(peers: str) -> dict[str, list[str]]:
    own = [sys.executable, str(Path(__file__)), "own"]
    other = [peers, str(ROOT / "benchmarks" / "dedup_peers.py")]
    return {"this project": own} | {name: [*other, name] for name in ("datasketch", "text-dedup", "datatrove")}


def _save(path: Path, articles: Iterable[Article]) -> None:
    rows = [{"id": one.id, "text": one.text, "title": one.title, "site": one.site} for one in articles]
    pq.write_table(pa.Table.from_pylist(rows), path)


def _run_tool(command: list[str], corpus: Path, clusters: Path) -> dict[str, float] | None:
    """Seconds and peak memory; None when the tool is not there."""
    one_core = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    done = subprocess.run(
        [*one_core, *command, str(corpus), str(clusters)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{command[-1]}: {done.stderr.strip().splitlines()[-1:]}")
        return None
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure_own(corpus: Path, clusters: Path) -> None:
    """What dedup_peers.py does for the others."""
    start, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as name:
        deduplicate([corpus], Path(name), Columns(), Thresholds())
        found = pq.read_table(Path(name) / CLUSTERS_FILE).to_pylist()
    seconds = time.perf_counter() - start
    clusters.write_text(json.dumps({row["id"]: row["cluster"] for row in found}), encoding="utf-8")
    print(json.dumps({"seconds": seconds, "cpu": time.process_time() - cpu, "peak_mb": peak_mb()}))


def _quality(truth: dict[str, str], found: dict[str, str]) -> tuple[float, float, float]:
    """Precision and recall of pairs in one cluster, and the adjusted Rand index (Hubert and Arabie 1985)."""
    names = {one: found.get(one, one) for one in truth}
    both = sum(math.comb(n, 2) for n in Counter((truth[one], names[one]) for one in truth).values())
    wanted, given = (sum(math.comb(n, 2) for n in Counter(some.values()).values()) for some in (truth, names))
    expected = wanted * given / math.comb(len(truth), 2)
    return both / max(1, given), both / wanted, (both - expected) / ((wanted + given) / 2 - expected)


def _comparison_line(tool: str, quality: tuple[float, float, float], size: int, cost: dict[str, float] | None) -> str:
    cells = [f"{figure:.3f}" for figure in quality]
    if cost is not None:
        times = [f"{cost['seconds']:.0f} s", f"{cost['cpu']:.0f} s", f"{cost['cpu'] / size * 1000:.2f} ms"]
        cells += [f"{size:,}", *times, f"{cost['peak_mb']:.0f} MB"]
    return f"| {tool} | {' | '.join(cells)} |"


def _write_table(lines: list[str], n_rows: int, n_clusters: int) -> None:
    head = [
        f"{n_rows} labelled articles in {n_clusters} clusters (`tests/dedup/labelled.py`), and synthetic articles of",
        "some 3,000 characters, one in ten a cut reprint; one Parquet file in, clusters out, one core, one run.",
        "Time of the processor is what compares: other work ran on this machine.",
        "",
        "| tool | pair precision | pair recall | adjusted Rand index | articles | time | processor | each | peak |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    page = ROOT / "docs" / "quality.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else "# How good is it?\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n## Deduplication\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    page.write_text("\n".join([f"{before}{BEGIN}", *head, *lines, f"{END}{after}"]), encoding="utf-8")


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
    parser.add_argument("part", choices=("index", "compare", "own", "sign", "pairs"))
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("../shared/pages")])
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    options = parser.parse_args()
    if options.part == "index":
        measure_index(options.sizes)
    elif options.part == "compare":
        measure_comparison(max(options.sizes), options.peers)
    elif options.part == "own":
        measure_own(*options.paths)
    elif options.part == "sign":
        measure_signing()
    else:
        measure_pairs(options.paths[0])


if __name__ == "__main__":
    main()
