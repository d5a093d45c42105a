"""Two nodes, of which one dies in the middle of a crawl, a replay and a deduplication: the rows of one machine.

CLUSTER=full .venv/bin/pytest tests/cluster/test_lost_nodes.py
"""

import json
import os
import subprocess
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from nodes import descendants
from rows import assert_same
from workshop import Workshop

from benchmarks import stories
from crawler.corpus.checks import check_corpus

SITES = ("bantochuc_lamdong", "bao_ngaydang")
IS_FULL = os.environ.get("CLUSTER") == "full"
N_ROWS = int(os.environ.get("CLUSTER_ROWS", "6000"))
SECONDS = 240
pytestmark = pytest.mark.skipif(not IS_FULL, reason="takes minutes; CLUSTER=full")


class Newsroom(Workshop):
    """Two papers."""

    def __init__(self, folder, ports):
        super().__init__(folder, ports[SITES[0]], SITES[0])
        other = Workshop(folder / "other", ports[SITES[1]], SITES[1])
        (other.seeds / SITES[1]).rename(self.seeds / SITES[1])


@pytest.fixture(scope="module")
def alone(tmp_path_factory, newspapers):
    """What one process makes of the papers, one after the other."""
    newsroom = Newsroom(tmp_path_factory.mktemp("alone"), newspapers.ports)
    newsroom.scrapy("collect", "--all", "-j", "1", CONCURRENT_REQUESTS=1)
    return newsroom


def busy(node):
    """Whether a task runs on a node."""
    names = []
    for pid in descendants(node.pid):
        with suppress(OSError):
            names.append(Path(f"/proc/{pid}/cmdline").read_bytes())
    return any(name.startswith(b"ray::call") for name in names)


def run_and_lose(nodes, node, command, is_time):
    """Start a command, end the node as soon as `is_time`, and wait for the command."""
    process = subprocess.Popen(command, cwd=Path.cwd(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + SECONDS
    while not (busy(node) and is_time()):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    nodes.kill(node)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    return said


@pytest.mark.slow
def test_rows_survive_nodes(nodes, newspapers, alone, tmp_path):
    on = f"ray://{nodes.address}"
    node = nodes.add()
    newsroom = Newsroom(tmp_path, newspapers.ports)

    def is_half_way():
        logs = newsroom.output.glob("shards/*/archive/*/*.warc.gz")
        return sum(path.stat().st_size for path in logs) > 60_000

    collect = newsroom.command("collect", "--all", "--on", on, CONCURRENT_REQUESTS=1, DOWNLOAD_DELAY=0.3)
    run_and_lose(nodes, node, collect, is_half_way)
    assert_same(newsroom.output, alone.output)
    assert check_corpus(newsroom.output, is_thorough=True) == []
    assert not list(newsroom.output.glob("shards/*"))

    node = nodes.add()
    for site in SITES:
        alone.scrapy("replay", site)
    run_and_lose(nodes, node, newsroom.command("replay", SITES[1], "--on", on), lambda: True)
    newsroom.scrapy("replay", SITES[0])
    assert_same(newsroom.output, alone.output)
    assert check_corpus(newsroom.output, is_thorough=True) == []

    node = nodes.add()
    corpus = stories.write(tmp_path / "corpus", N_ROWS)
    alone.scrapy("dedup", str(corpus), "--out", str(tmp_path / "here"))
    there = newsroom.command("dedup", str(corpus), "--out", str(tmp_path / "there"), "--on", on)
    run_and_lose(nodes, node, there, lambda: True)
    for name in ("pairs.parquet", "clusters.parquet"):
        assert pq.read_table(tmp_path / "here" / name).equals(pq.read_table(tmp_path / "there" / name))


@pytest.mark.slow
def test_parts_of_a_site_on_two_nodes(nodes, newspapers, tmp_path):
    site, delay = SITES[1], 0.2
    one = Workshop(tmp_path / "one", newspapers.ports[site], site)
    one.scrapy("crawl", site)
    nodes.add()
    newspapers.log.write_text("", encoding="utf-8")
    parts = Workshop(tmp_path / "parts", newspapers.ports[site], site)
    command = parts.command("collect", site, "--on", f"ray://{nodes.address}", "--parts", "2", DOWNLOAD_DELAY=delay)
    done = subprocess.run(command, cwd=Path.cwd(), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_same(parts.output, one.output)
    assert check_corpus(parts.output, is_thorough=True) == []
    entries = [json.loads(line) for line in newspapers.log.read_text(encoding="utf-8").splitlines()]
    times = sorted(entry["time"] for entry in entries if entry["site"] == site)
    assert min(after - before for before, after in pairwise(times)) >= delay * 0.95
