"""Near duplicates by other tools with their own defaults, each on one core: `dedup.py compare` calls it.

python benchmarks/dedup_peers.py TOOL CORPUS.parquet CLUSTERS.json

CORPUS has columns id and text; CLUSTERS becomes {id: cluster} of what the tool calls duplicates. Run it with the Python
of an environment that has the tool. Seconds from the file to the clusters, by the clock and of the processor, and the
peak of memory go to stdout.
"""

from __future__ import annotations

import json
import pickle
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

N_GRAM = 5
_NON_WORD = re.compile(r"\W+")


class Groups:
    """Union and find."""

    def __init__(self) -> None:
        self.parents: dict[str, str] = {}

    def join(self, one: str, other: str) -> None:
        """Put two ids together."""
        self.parents[self.find(other)] = self.find(one)

    def find(self, one: str) -> str:
        """Name of the group."""
        self.parents.setdefault(one, one)
        while self.parents[one] != one:
            self.parents[one] = self.parents[self.parents[one]]
            one = self.parents[one]
        return one

    def named(self) -> dict[str, str]:
        """Group of each id."""
        return {one: self.find(one) for one in self.parents}


def datasketch(corpus: Path) -> dict[str, str]:
    """MinHashLSH of 128 permutations at threshold 0.7 over word 5-grams; one pass of query and insert."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=0.7, num_perm=128)
    groups = Groups()
    for row in pq.read_table(corpus).to_pylist():
        words = _NON_WORD.split(row["text"].lower())
        signature = MinHash(num_perm=128)
        signature.update_batch([" ".join(words[at : at + N_GRAM]).encode() for at in range(len(words) - N_GRAM + 1)])
        for other in lsh.query(signature):
            groups.join(other, row["id"])
        lsh.insert(row["id"], signature)
    return groups.named()


def datatrove(corpus: Path) -> dict[str, str]:
    """The signatures of its first stage for Vietnamese (14 buckets of 8 hashes), equal buckets put together.

    Its sorting of bucket files and reading them again is left out, in its favour.
    """
    from datatrove.pipeline.dedup.minhash import MinhashDedupSignature

    groups = Groups()
    first: dict[tuple[int, ...], str] = {}
    with tempfile.TemporaryDirectory() as folder:
        stage = MinhashDedupSignature(folder, language="vie")
        for row in pq.read_table(corpus).to_pylist():
            shingles = stage.get_shingles(row["text"])
            for number, bucket in enumerate(stage.get_signature(shingles) if shingles.size else []):
                groups.join(first.setdefault((number, *bucket), row["id"]), row["id"])
    return groups.named()


def text_dedup(corpus: Path) -> dict[str, str]:
    """Its command `text_dedup.minhash` with its defaults (5-grams, 256 permutations, threshold 0.7), one process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [sys.executable, "-m", "text_dedup.minhash", "--path", "parquet", "--data_files", str(corpus)]
        options = ["--split", "train", "--column", "text", "--num_proc", "1", "--output", str(out), "--debug"]
        subprocess.run([*command, *options, "--cache_dir", folder], check=True, capture_output=True)
        with (out / "uf.pkl").open("rb") as file:
            saved = pickle.load(file)  # noqa: S301 - written by the line above
    ids = pq.read_table(corpus, columns=["id"])["id"].to_pylist()
    groups = Groups()
    for one, other in saved.parent.items():
        groups.join(ids[int(other)], ids[int(one)])
    return groups.named()


def peak_mb() -> float:
    """Most memory of this process; unlike `ru_maxrss` it does not begin with what the parent had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def main() -> None:
    """Run one tool."""
    tool, corpus, clusters = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    start, cpu = time.perf_counter(), time.process_time()
    found = {"datasketch": datasketch, "datatrove": datatrove, "text-dedup": text_dedup}[tool](corpus)
    seconds = time.perf_counter() - start
    clusters.write_text(json.dumps(found), encoding="utf-8")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - cpu + children.ru_utime + children.ru_stime
    peak = max(peak_mb(), children.ru_maxrss / 1024)
    print(json.dumps({"seconds": seconds, "cpu": spent, "peak_mb": peak}))


if __name__ == "__main__":
    main()
