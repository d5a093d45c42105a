"""The corpus at a glance: what its manifest says, before any file of it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.inspection.sheets import Sheet
from crawler.state.store import Store

if TYPE_CHECKING:
    from pathlib import Path

PARTS = """
SELECT count(DISTINCT site) AS sites,
  coalesce(sum(rows) FILTER (WHERE dataset = 'articles'), 0) AS articles,
  coalesce(sum(rows) FILTER (WHERE dataset = 'duplicates'), 0) AS duplicates,
  coalesce(sum(rows) FILTER (WHERE dataset = 'rejected'), 0) AS rejected,
  count(*) AS files, coalesce(sum(bytes), 0) AS bytes
FROM parts WHERE :site IS NULL OR site = :site
"""


def at_a_glance(output: Path, site: str | None = None) -> Sheet:
    """One row: sites, rows of each dataset, and the Parquet files with their bytes.

    Raises CorpusError when there is no corpus in `output`.
    """
    with Store(output, is_read_only=True) as store:
        row = store.rows(PARTS, {"site": site})[0]
    return Sheet("corpus", ("sites", "articles", "duplicates", "rejected", "files", "bytes"), [tuple(row)])
