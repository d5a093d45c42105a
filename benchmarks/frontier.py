"""Cost of the frontier's operations at a size: `python benchmarks/frontier.py [N_URLS]` (default 100,000).

Prints CPU milliseconds per operation, of this process, on a file on disk with full durability.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.items import Pointer
from crawler.state.frontier import Frontier
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.store import Store
from crawler.state.urls import FailedUrl, FinishedUrl, NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 1_000
ROUNDS = 200
GROUP = 8


def url(number: int) -> str:
    """An address of the usual length."""
    return f"https://bao.example/thoi-su/{202001 + number % 60}/mot-tieu-de-dai-vua-phai-cua-bai-bao-{number:x}/"


def report(name: str, n: int, work: Callable[[], object]) -> None:
    """Do `work`, which is `n` operations, and print its cost."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{name:44} {n:>9} ops {cpu / n * 1000:8.4f} ms CPU/op {wall / n * 1000:8.4f} ms wall/op")


def measure(store: Store, n_urls: int) -> None:
    """Every operation of a crawl, at `n_urls` known addresses."""
    frontier, records = Frontier(store, "a", "r"), Records(store, "a", "r")
    now = datetime.now(UTC)

    def add() -> None:
        for start in range(0, n_urls, BATCH):
            frontier.add(
                [NewUrl(url(n), "article", "sitemap", n % 5) for n in range(start, min(start + BATCH, n_urls))]
            )

    def add_again() -> None:
        frontier.add([NewUrl(url(n), "article", "sitemap", lastmod=now) for n in range(0, n_urls, n_urls // BATCH)])

    def crawl() -> None:
        for n in range(ROUNDS):
            leased = frontier.lease(GROUP, now)
            pointers = [Pointer(f"archive/a/{n}", 10 * i, 10) for i in range(len(leased))]
            records.append(
                [
                    NewRecord(one.url, one.url, "sitemap", "article", 200, now, pointer)
                    for one, pointer in zip(leased, pointers, strict=True)
                ],
                [
                    FinishedUrl(one.url, now, '"etag"', pointer=pointer)
                    for one, pointer in zip(leased, pointers, strict=True)
                ],
            )

    def fail() -> None:
        for _ in range(ROUNDS):
            later = now + timedelta(hours=1)
            frontier.fail([FailedUrl(one.url, "timeout", later) for one in frontier.lease(GROUP, now)])

    report(f"add, batches of {BATCH}", n_urls, add)
    report("add known ones with a newer lastmod", BATCH, add_again)
    report(f"lease {GROUP}, then transaction 1 with {GROUP}", GROUP * ROUNDS, crawl)
    report(f"lease {GROUP}, then fail {GROUP}", GROUP * ROUNDS, fail)
    report(
        f"is_known, {BATCH} at a time",
        BATCH * 10,
        lambda: [frontier.is_known([url(n * 7) for n in range(BATCH)]) for _ in range(10)],
    )
    report("get", ROUNDS, lambda: [frontier.get(url(n)) for n in range(ROUNDS)])
    report("counts", ROUNDS, lambda: [frontier.counts() for _ in range(ROUNDS)])
    report("has_due", ROUNDS, lambda: [frontier.has_due(now) for _ in range(ROUNDS)])
    report("recover", 1, frontier.recover)


def main() -> None:
    """Measure in a folder of its own."""
    n_urls = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store, SiteLock(store, "a", "r"):
        measure(store, n_urls)
        print(f"state file: {store.path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
