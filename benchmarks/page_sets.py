"""Saved pages with their gold text, and how near a text comes to it."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Scores = tuple[float, float, float]
"""Precision, recall and F1."""


@dataclass
class Row:
    """A page and its gold."""

    id: str
    site: str
    url: str
    text: str
    body: bytes


@dataclass
class Tally:
    """Scores of one system on one set."""

    by_page: dict[tuple[str, str], list[Scores]] = field(default_factory=lambda: defaultdict(list))
    """Scores of each reading, by site and page."""
    cpu: float = 0.0

    @property
    def scores(self) -> list[Scores]:
        """Mean scores of each page."""
        return [mean(scores) for scores in self.by_page.values()]

    @property
    def readings(self) -> list[Scores]:
        """Scores of each reading: a page that was read twice stands there twice. What the floors are about."""
        return [score for scores in self.by_page.values() for score in scores]

    @property
    def by_site(self) -> dict[str, list[float]]:
        """Mean F1 of each page, by site."""
        sites: dict[str, list[float]] = defaultdict(list)
        for (site, _), scores in self.by_page.items():
            sites[site].append(mean(scores)[2])
        return sites

    @property
    def share(self) -> float:
        """Share of pages with F1 of 0.99 and more."""
        shares = [sum(one[2] >= 0.99 for one in scores) / len(scores) for scores in self.by_page.values()]
        return sum(shares) / len(shares)

    @property
    def milliseconds(self) -> float:
        """CPU of one reading."""
        return 1000 * self.cpu / len(self.readings)


def mean(scores: list[Scores]) -> Scores:
    """Mean of each part."""
    precision, recall, f1 = (sum(parts) / len(scores) for parts in zip(*scores, strict=True))
    return precision, recall, f1


def load(folder: Path) -> Iterator[Row]:
    """Pages of a set that have gold text."""
    for line in (folder / "gold.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row.get("text"):
            body = gzip.decompress((folder / "pages" / f"{row['id']}.html.gz").read_bytes())
            site = row.get("site") or "?"
            yield Row(row["id"], site, row.get("url") or f"https://{site}/{row['id']}", row["text"], body)


def score(gold: str, text: str) -> Scores:
    """Precision, recall and F1 of the multiset of words."""
    wanted, found = (Counter(re.findall(r"\w+", part.lower())) for part in (gold, text))
    both = sum((wanted & found).values())
    precision, recall = both / max(1, sum(found.values())), both / max(1, sum(wanted.values()))
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0
