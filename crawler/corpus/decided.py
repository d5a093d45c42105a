"""What a batch of outcomes comes to: rows to write, what to note at the records, rows whose page has a newer text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crawler.corpus.outcomes import Committed
from crawler.corpus.rows import Row, article_of, duplicate_of, duplicate_row
from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.corpus.parts import Part


class Successor(NamedTuple):
    """What an older text says of the newer one of the same article."""

    kept_id: str
    kept_url: str
    kept_site: str
    relation: str
    likeness: float | None
    kept_published_at: datetime | None

    def duplicate(self, row: Row) -> Row:
        """The row of `articles/` as a row of `duplicates/`."""
        return duplicate_row(duplicate_of(article_of(row), **self._asdict()))


@dataclass(slots=True)
class Decided:
    """Rows to write, by dataset, and what to note at each record."""

    rows: dict[Dataset, list[Row]] = field(default_factory=lambda: {dataset: [] for dataset in Dataset})
    notes: list[tuple[str, str | None, str | None, str | None, str, int]] = field(default_factory=list)
    """outcome, reason, part, article_id, run_id, seq."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Number of notes by outcome."""

    superseded: dict[str, dict[str, Successor]] = field(default_factory=dict)
    """Rows that leave their parts for `duplicates/`: by part and article id, the newer text's facts."""

    def note(self, outcome: str, run_id: str, seq: int, *what: str | None) -> None:
        """Note the outcome of record `seq`; `what`: reason, part, article_id, as far as there are any."""
        reason, part, article_id = (*what, None, None, None)[:3]
        self.notes.append((outcome, reason, part, article_id, run_id, seq))
        self.outcomes[outcome] += 1

    def committed(self, parts: Sequence[Part], stale_sites: Sequence[str] = ()) -> Committed:
        """The counts."""
        n = self.outcomes
        return Committed(n["kept"], n["duplicate"], n["rejected"], n["not_an_article"], parts, stale_sites)
