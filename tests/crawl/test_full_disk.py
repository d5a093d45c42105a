"""A disk that fills up, at any moment: one line says so, and the same command goes on when there is room.

`CRAWL_DISKS` sets how many sizes are tried (30 for the long form), from none at all to nearly enough;
one is half of it.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import duckdb
import pandas as pd
import polars as pl
import pytest
from workshop import ROOT, Workshop

from crawler.archive import ArchiveIndex
from crawler.corpus.checks import check_corpus

DEMO = ROOT / "seeds" / "demo.warc.gz"
N_ARTICLES = 13
CAPACITY = 16 << 20
N_DISKS = int(os.environ.get("CRAWL_DISKS", "1"))
NEEDED = 1_150_000
"""Bytes that the crawl of these tests takes; the log of the state makes it now more, now less."""
ENOUGH = 900_000
"""Of more than this it may be the last bytes that are missing, or none."""
SIZES = [NEEDED * number // (N_DISKS + 1) for number in range(1 if N_DISKS == 1 else 0, N_DISKS + 1)]
_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.fixture
def disk(request, tmp_path):
    """A file system of CAPACITY bytes: mounted where we may; else the test is run again where we may, or skipped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={CAPACITY}", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0:
        yield folder
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    elif shutil.which("unshare") is None or subprocess.run([*_NAMESPACE, "true"], check=False).returncode != 0:
        pytest.skip("this system lets nobody mount a small file system in a user namespace")
    else:
        command = [*_NAMESPACE, sys.executable, "-m", "pytest", "--basetemp", str(tmp_path / "inside")]
        again = subprocess.run([*command, request.node.nodeid], cwd=ROOT, capture_output=True, text=True, check=False)
        assert again.returncode == 0, again.stdout
        assert "1 passed" in again.stdout
        yield None


@pytest.mark.slow
@pytest.mark.parametrize("n_bytes", SIZES)
def test_a_full_disk_is_said_and_costs_nothing(tmp_path, disk, n_bytes):
    if disk is None:
        return
    shop = Workshop(tmp_path)
    shop.output = disk / "output"
    command = ("crawl", "baobaclieu", "-a", f"archive={DEMO}")
    filler = disk / "filler"
    filler.write_bytes(bytes(CAPACITY - n_bytes))
    done = shop.scrapy(*command, check=False)
    assert done.returncode == 1 or n_bytes > ENOUGH
    if done.returncode:
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"scrapy crawl: {shop.output}")
        assert "free some" in line
    assert_readable(shop.output)
    filler.unlink()
    shop.scrapy(*command)
    assert_whole(shop)


@pytest.mark.slow
@pytest.mark.parametrize("n_bytes", SIZES[1::2] or SIZES)
def test_a_kill_on_a_full_disk_costs_nothing(tmp_path, disk, n_bytes):
    """The state file as much as all others: it stands on the same disk, with its log."""
    if disk is None:
        return
    shop = Workshop(tmp_path)
    shop.output = disk / "output"
    command = ("crawl", "baobaclieu", "-a", f"archive={DEMO}")
    filler = disk / "filler"
    filler.write_bytes(bytes(CAPACITY - n_bytes))
    seed = int(os.environ.get("CRAWL_SEED", str(time.time_ns() % 1_000_000)))
    print(f"repeat with CRAWL_SEED={seed}")  # noqa: T201 - shown when it fails
    dice = random.Random(f"{seed} {n_bytes}")  # noqa: S311 - moments, no secrets
    for _ in range(min(N_DISKS, 2)):
        process = shop.start(*command)
        with suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.05, 1.5))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert_readable(shop.output)
    filler.unlink()
    shop.scrapy(*command)
    assert_whole(shop)


def assert_readable(output):
    files = sorted(output.glob("*/site=*/*.parquet"))
    for path in files:
        assert len(pd.read_parquet(path)) == len(pl.read_parquet(path)) > 0
    ids = [key for path in files if "articles" in path.parts for key in pd.read_parquet(path)["id"]]
    assert len(ids) == len(set(ids))


def assert_whole(shop):
    assert check_corpus(shop.output, is_thorough=True) == []
    articles = pd.read_parquet(shop.output / "articles")
    assert articles["url"].is_unique
    assert len(articles) == N_ARTICLES
    pattern = f"{shop.output}/articles/**/*.parquet"
    assert duckdb.read_parquet(pattern).count("*").fetchall() == [(N_ARTICLES,)]
    assert ArchiveIndex(sorted((shop.output / "archive").rglob("*.warc.gz"))).problems == []
    manifest = shop.manifests()[-1]
    counts = manifest["counts"]
    outcomes = ("kept", "duplicates", "rejected", "not_an_article", "open")
    assert counts["fetched"] + counts["carried_over"] == sum(counts[name] for name in outcomes)
    assert manifest["discovered"] == sum(manifest["frontier"].values())
