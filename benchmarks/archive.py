"""Cost of the archive per record: append with sync, read by pointer, scan, index.

    python benchmarks/archive.py [FOLDER OF .html OR .html.gz PAGES] [NUMBER OF RECORDS]

Without pages, made-up ones of 60 KB are used. Each page is written twice: as the server sent it (gzip) and plain.
"""

from __future__ import annotations

import gzip
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive import ArchiveIndex, ArchiveWriter, Exchange, decode_body, read_exchange, scan_tail

if TYPE_CHECKING:
    from collections.abc import Callable

SYNC_EVERY = 16


def pages(folder: str | None) -> list[bytes]:
    """Up to 200 page bodies."""
    if folder:
        files = sorted(Path(folder).rglob("*.html*"))
        picked = random.Random(1).sample(files, min(200, len(files)))  # noqa: S311 - a sample, not a secret
        return [gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in picked]
    words = [f"chữ{number}" for number in range(2000)]
    draw = random.Random(1)  # noqa: S311 - made-up pages
    return [
        "".join(
            f"<p class='x{draw.randrange(99)}'>{' '.join(draw.choices(words, k=60))}</p>\n" for _ in range(130)
        ).encode()
        for _ in range(50)
    ]


def timed(name: str, n_records: int, n_bytes: int, run: Callable[[], object]) -> None:
    """Print milliseconds per record and megabytes of file per second."""
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    print(f"{name:24} {seconds / n_records * 1e3:7.3f} ms/record {n_bytes / seconds / 1e6:8.1f} MB/s")


def measure(name: str, bodies: list[bytes], headers: tuple[tuple[str, str], ...], n_records: int) -> None:
    """Write, read, scan and index `n_records`."""
    output = Path(tempfile.mkdtemp())
    writer = ArchiveWriter(output, "bench", 1, max_bytes=1 << 40)
    pointers = []

    def write() -> None:
        for number in range(n_records):
            body = bodies[number % len(bodies)]
            pointers.append(
                writer.append(Exchange(f"https://a.example/{number}", 200, headers, body, datetime.now(UTC)))
            )
            if number % SYNC_EVERY == 0:
                writer.sync()
        writer.close()

    n_bytes = sum(len(bodies[number % len(bodies)]) for number in range(n_records))
    timed(f"{name}: append", n_records, n_bytes, write)
    path = output / pointers[0].file
    size = path.stat().st_size
    print(f"{'':24} {size / n_records:.0f} bytes a record on disk, {n_bytes / n_records:.0f} received")
    timed(f"{name}: read, decode", n_records, size, lambda: [decode_body(read_exchange(output, p)) for p in pointers])
    timed(f"{name}: scan", n_records, size, lambda: list(scan_tail(path, 0)))
    timed(f"{name}: index", n_records, size, lambda: ArchiveIndex([path]))


def main() -> None:
    """Both forms of body."""
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    n_records = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    plain = pages(folder)
    html = (("content-type", "text/html; charset=utf-8"),)
    measure("gzip", [gzip.compress(page, 6) for page in plain], (*html, ("content-encoding", "gzip")), n_records)
    measure("plain", plain, html, n_records)


if __name__ == "__main__":
    main()
