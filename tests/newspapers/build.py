"""Write seeds/demo.warc.gz, the seeds' pages and gold.jsonl from the templates and articles in this folder.

Run it as `.venv/bin/python tests/newspapers/build.py`; it gives the same bytes every time.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from newsroom import SITES, Newsroom, Sheet
from pack import pack
from press import HERE, SEEDS


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything the builder writes."""

    archive: bytes
    gold: str
    seed_pages: dict[str, tuple[str, bytes]]
    """Site key to address and page of its seed."""


@cache
def all_sheets() -> tuple[Sheet, ...]:
    """Responses of every site, in the order of the archive."""
    return tuple(sheet for key in SITES for sheet in Newsroom(key).sheets())


def build() -> Edition:
    """Render and pack all sites."""
    sheets = all_sheets()
    expected = [sheet.expected for sheet in sheets if sheet.expected]
    return Edition(
        pack(sheet.response for sheet in sheets),
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in expected),
        {
            sheet.expected["site"]: (sheet.response.url, sheet.response.body)
            for sheet in sheets
            if sheet.expected and sheet.expected.get("is_seed")
        },
    )


def write(edition: Edition) -> None:
    """Put the edition where the project looks for it."""
    (SEEDS / "demo.warc.gz").write_bytes(edition.archive)
    (HERE / "gold.jsonl").write_text(edition.gold, "utf-8")
    for site, (url, body) in edition.seed_pages.items():
        (SEEDS / site / "01.html.gz").write_bytes(gzip.compress(body, 9, mtime=0))
        record_address(site, url)


def record_address(site: str, url: str) -> None:
    """Keep the address of the seed's page beside its gold fields."""
    path = SEEDS / site / "01.json"
    gold: dict[str, Any] = json.loads(path.read_text("utf-8")) | {"url": url}
    path.write_text(json.dumps(gold, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    write(build())
