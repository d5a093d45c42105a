"""What anybody would write to read an archive again: `python benchmarks/plain_replay.py FOLDER N_WORKERS OUT [text]`.

fastwarc reads the WARC files, a process pool calls trafilatura, the texts go to JSON lines; with `text` without title,
date and author.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import trafilatura
from fastwarc import ArchiveIterator, WarcRecordType

if TYPE_CHECKING:
    from collections.abc import Iterator


def pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Address and body of every page that looks like an article's."""
    for path in sorted(folder.rglob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, auto_decode="content"):
                if record.headers["WARC-Target-URI"].endswith(".html"):
                    yield record.headers["WARC-Target-URI"], record.reader.read()


def extract(page: tuple[str, bytes]) -> str:
    """A line of JSON: text, title, date and what else trafilatura finds."""
    url, body = page
    return trafilatura.extract(body, url=url, output_format="json", with_metadata=True) or json.dumps({"url": url})


def extract_text(page: tuple[str, bytes]) -> str:
    """The same with the text alone."""
    url, body = page
    return json.dumps({"url": url, "text": trafilatura.extract(body, url=url)})


def main() -> None:
    """Print nothing; write OUT."""
    read = extract_text if sys.argv[4:] == ["text"] else extract
    folder, n_workers, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with multiprocessing.Pool(n_workers) as pool, out.open("w", encoding="utf-8") as lines:
        for line in pool.imap_unordered(read, pages(folder), chunksize=4):
            lines.write(line + "\n")


if __name__ == "__main__":
    main()
