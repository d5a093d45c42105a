"""The corpus at a glance: how much of what there is, how well the fields are filled, what was rejected and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from crawler.corpus.reader import CorpusReader, SiteCount
from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime

FIELDS = (
    "title", "kicker", "lede", "authors", "source", "section", "tags", "captions", "published_at", "modified_at",
    "language", "licence",
)  # fmt: skip
"""Columns whose fill rate says how well a site is read; the others are always there."""


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """One line of the summary."""

    site: str
    n_articles: int
    n_duplicates: int
    n_rejected: int
    first_published_at: datetime | None
    last_published_at: datetime | None
    n_words: int
    n_generic: int
    """Articles read without the site's template."""
    filled: dict[str, float]
    """Share of articles that have each of FIELDS, 0 to 1."""
    reasons: dict[str, int]
    """Rejects by reason."""

    def as_dict(self) -> dict[str, Any]:
        """For --json; times as ISO strings."""
        return asdict(self) | {
            name: value.isoformat() if value else None
            for name, value in (
                ("first_published_at", self.first_published_at),
                ("last_published_at", self.last_published_at),
            )
        }


def summarise(reader: CorpusReader, site: str | None = None) -> list[SiteSummary]:
    """A summary of each site, or of one.

    Raises CorpusError when a part cannot be read.
    """
    counts = reader.counts()
    sites = sorted({key.site for key in counts} if site is None else {site})
    return [_summarise_site(reader, counts, key) for key in sites]


def _summarise_site(reader: CorpusReader, counts: Counter[SiteCount], site: str) -> SiteSummary:
    columns = [*FIELDS, "n_words", "extraction"]
    table = reader.dataset(Dataset.ARTICLES, site).to_table(columns=columns)
    published = pc.min_max(table["published_at"]).as_py()
    return SiteSummary(
        site=site,
        n_articles=counts[SiteCount(site, Dataset.ARTICLES)],
        n_duplicates=counts[SiteCount(site, Dataset.DUPLICATES)],
        n_rejected=counts[SiteCount(site, Dataset.REJECTED)],
        first_published_at=published["min"],
        last_published_at=published["max"],
        n_words=pc.sum(table["n_words"]).as_py() or 0,
        n_generic=pc.sum(pc.equal(table["extraction"], "generic")).as_py() or 0,
        filled={name: _share_filled(table[name]) for name in FIELDS},
        reasons=dict(reader.reasons(site).most_common()),
    )


def _share_filled(column: Any) -> float:
    if not len(column):
        return 0.0
    lengths = pc.list_value_length(column) if str(column.type).startswith("list") else None
    filled = pc.greater(lengths, 0) if lengths is not None else pc.is_valid(column)
    return float(pc.sum(filled).as_py() or 0) / len(column)
