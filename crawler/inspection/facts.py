"""What the report says of the corpus: each figure by the one query that stands beside its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.corpus.schema import Dataset
from crawler.inspection.lookup import articles_of, sample_ids
from crawler.inspection.summary import GROWTH, LANGUAGES, LENGTHS, MONTHS, REASONS, RELATIONS, SITES, filled
from crawler.progress import silent

if TYPE_CHECKING:
    from crawler.corpus.reader import CorpusReader
    from crawler.inspection.sheets import Sheet
    from crawler.inspection.warehouse import Warehouse
    from crawler.items import Article
    from crawler.progress import Tell

N_SAMPLE = 20
N_TOP = 15
QUERIES: dict[str, str] = {
    "totals": """
SELECT count(*) AS articles, count(DISTINCT site) AS sites, coalesce(sum(n_words), 0)::BIGINT AS words,
  coalesce(sum(length(text)), 0)::BIGINT AS characters, min(published_at)::DATE AS first,
  max(published_at)::DATE AS last, (SELECT count(*) FROM duplicates) AS duplicates,
  (SELECT count(*) FROM rejected) AS rejected,
  (SELECT count(*) FROM runs) AS runs FROM articles""",
    "growth": """
SELECT day, sum(n) OVER (ORDER BY day)::BIGINT AS articles
FROM (SELECT fetched_at::DATE AS day, count(*) AS n FROM articles GROUP BY day) ORDER BY day""",
    "sites": SITES,
    "months": MONTHS,
    "lengths": LENGTHS,
    "languages": LANGUAGES,
    "reasons": "SELECT reason, count(*) AS n FROM rejected GROUP BY reason ORDER BY n DESC, reason",
    "reasons_by_site": REASONS,
    "relations": RELATIONS,
    "reprints": f"""
SELECT site, kept_site, count(*) AS n FROM duplicates WHERE site <> kept_site
GROUP BY ALL ORDER BY n DESC, site, kept_site LIMIT {N_TOP}""",  # noqa: S608 - a constant
    "sections": f"""
SELECT section, count(*) AS n FROM articles WHERE section IS NOT NULL
GROUP BY section ORDER BY n DESC, section LIMIT {N_TOP}""",  # noqa: S608 - a constant
    "authors": f"""
SELECT author, count(*) AS n FROM (SELECT unnest(authors) AS author FROM articles)
GROUP BY author ORDER BY n DESC, author LIMIT {N_TOP}""",  # noqa: S608 - a constant
    "runs": GROWTH,
    "health": """
SELECT site, arg_max(started_at, started_at) AS last_run_at, arg_max(exit_status, started_at) AS exit_status,
  arg_max(fetched, started_at) AS fetched, arg_max(kept, started_at) AS kept, arg_max(level, started_at) AS level,
  arg_max(causes, started_at) AS causes
FROM runs GROUP BY site ORDER BY site""",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the report shows."""

    rows: dict[str, list[dict[str, Any]]]
    """Rows of each of QUERIES."""
    filled: Sheet
    articles: list[Article]
    n_parts: int
    n_bytes: int
    n_article_bytes: int
    """Of the files of `articles/` alone."""

    @property
    def totals(self) -> dict[str, Any]:
        """The figures at the top."""
        return self.rows["totals"][0]


def gather(warehouse: Warehouse, reader: CorpusReader, seed: int | None = None, tell: Tell = silent) -> Facts:
    """Ask everything; `tell` counts questions.

    Raises OptionError for a query that takes too long, CorpusError for an unreadable part.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, query in QUERIES.items():
        tell(len(rows), len(QUERIES))
        rows[name] = warehouse.rows(query.replace("{where}", ""))
    parts = reader.parts()
    articles = articles_of(reader, sample_ids(warehouse, N_SAMPLE, seed=seed))
    sizes = [(part.dataset, part.bytes) for part in parts]
    return Facts(
        rows,
        filled(warehouse.output),
        articles,
        n_parts=len(parts),
        n_bytes=sum(size for _, size in sizes),
        n_article_bytes=sum(size for dataset, size in sizes if dataset == Dataset.ARTICLES),
    )
