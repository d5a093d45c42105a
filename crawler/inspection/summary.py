"""The corpus at a glance: how much of what there is, how well the fields are filled, what was rejected and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CorpusError
from crawler.inspection.sheets import Sheet, sheet_of
from crawler.inspection.warehouse import condition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.inspection.warehouse import Warehouse

FIELDS = (
    "title", "kicker", "lede", "authors", "source", "section", "tags", "captions", "published_at", "modified_at",
    "language", "licence",
)  # fmt: skip
"""Columns whose fill rate says how well a site is read; the others are always there."""
N_ROWS = 24
"""Months, and runs, that are shown; JSON has all."""
N_SITES = 6
"""Sites with a column of their own among the months."""

SITES = """
WITH a AS (
  SELECT site, count(*) AS articles, sum(n_words)::BIGINT AS words, median(n_words)::BIGINT AS median_words,
    min(published_at)::DATE AS first, max(published_at)::DATE AS last,
    count(*) FILTER (extraction = 'generic') AS without_template
  FROM articles {where} GROUP BY site),
d AS (SELECT site, count(*) AS duplicates FROM duplicates {where} GROUP BY site),
r AS (SELECT site, count(*) AS rejected FROM rejected {where} GROUP BY site)
SELECT site, coalesce(articles, 0) AS articles, coalesce(duplicates, 0) AS duplicates,
  coalesce(rejected, 0) AS rejected, coalesce(words, 0) AS words, median_words, first, last,
  coalesce(without_template, 0) AS without_template
FROM a FULL JOIN d USING (site) FULL JOIN r USING (site) ORDER BY site
"""
MONTHS = """
SELECT site, strftime(published_at, '%Y-%m') AS month, count(*) AS articles, sum(n_words)::BIGINT AS words
FROM articles {where} GROUP BY ALL ORDER BY month NULLS FIRST, site
"""
LENGTHS = """
SELECT CASE WHEN n_words < 100 THEN 0 WHEN n_words < 200 THEN 100 WHEN n_words < 400 THEN 200
  WHEN n_words < 800 THEN 400 WHEN n_words < 1600 THEN 800 WHEN n_words < 3200 THEN 1600 ELSE 3200 END AS words_from,
  count(*) AS articles
FROM articles {where} GROUP BY words_from ORDER BY words_from
"""
LANGUAGES = """
SELECT language, count(*) AS articles, count(*) / sum(count(*)) OVER () AS share
FROM articles {where} GROUP BY language ORDER BY articles DESC, language
"""
RELATIONS = "SELECT site, relation, count(*) AS n FROM duplicates {where} GROUP BY ALL ORDER BY site, n DESC, relation"
REASONS = "SELECT site, reason, count(*) AS n FROM rejected {where} GROUP BY ALL ORDER BY site, n DESC, reason"
GROWTH = """
SELECT run_id, site, started_at, fetched, kept, duplicates, rejected, exit_status, level, causes
FROM runs {where} ORDER BY started_at, run_id
"""
QUERIES = {
    "sites": SITES, "months": MONTHS, "lengths": LENGTHS, "languages": LANGUAGES, "duplicates": RELATIONS,
    "rejected": REASONS, "runs": GROWTH,
}  # fmt: skip
"""Sheets that are one query each, in the order in which they are shown."""


def summarise(warehouse: Warehouse, site: str | None = None) -> Iterator[Sheet]:
    """Sheets of the whole corpus, or of one site, as they become ready.

    Raises CorpusError when a part cannot be read.
    """
    where, values = condition(None, site)
    for title, query in QUERIES.items():
        yield sheet_of(title, warehouse.table(query.format(where=where), values))
        if title == "sites":
            yield filled(warehouse.output, site)


def for_people(sheet: Sheet) -> Sheet:
    """A sheet as it is shown: shares as per cent, months in rows, the last rows of a long one."""
    match sheet.title:
        case "fields filled":
            rows = [(row[0], *(f"{share:.0%}" for share in row[1:])) for row in sheet.rows]
            return Sheet(sheet.title, sheet.columns, rows)
        case "months":
            return _last(_by_month(sheet))
        case "runs":
            return _last(sheet)
    return sheet


def _last(sheet: Sheet) -> Sheet:
    note = f"the last {N_ROWS} of {len(sheet.rows):,}; --json has all" if len(sheet.rows) > N_ROWS else ""
    return Sheet(sheet.title, sheet.columns, sheet.rows[-N_ROWS:], note)


def _by_month(sheet: Sheet) -> Sheet:
    """A row for each month, a column for each of the largest sites."""
    counts: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for site, month, n, _ in sheet.rows:
        counts[month][site] += n
        totals[site] += n
    sites = [site for site, _ in totals.most_common(N_SITES)]
    rows = [
        (month or "no date", found.total(), *(found[site] or None for site in sites)) for month, found in counts.items()
    ]
    return Sheet(sheet.title, ("month", "articles", *sites), rows)


def filled(output: Path, site: str | None = None) -> Sheet:
    """Share of articles that have each of FIELDS, 0 to 1, by site: from the files' footers, where nulls are counted.

    Raises CorpusError when a part cannot be read.
    """
    n_rows: Counter[str] = Counter()
    n_empty: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with CorpusReader(output) as reader:
        for part in reader.parts(Dataset.ARTICLES, site):
            n_rows[part.site] += part.rows
            n_empty[part.site].update(_empty(output / part.path))
    rows = [
        (key, *(round(1 - n_empty[key][name] / max(1, n), 4) for name in FIELDS)) for key, n in sorted(n_rows.items())
    ]
    return Sheet("fields filled", ("site", *FIELDS), rows)


def _empty(path: Path) -> Counter[str]:
    """Rows without a value by column: a null, or a list without an element, which counts as one null."""
    n_empty: Counter[str] = Counter()
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: {' '.join(str(error).split())[:300]}") from error
    for group in range(footer.num_row_groups):
        chunks = footer.row_group(group)
        for place in range(chunks.num_columns):
            name = chunks.column(place).path_in_schema.partition(".")[0]
            if name in FIELDS:
                n_empty[name] += chunks.column(place).statistics.null_count
    return n_empty
