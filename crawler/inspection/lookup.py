"""Single articles: by id, by address, at random; and text that is safe to print."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.corpus.reader import CorpusReader
    from crawler.inspection.warehouse import Warehouse
    from crawler.items import Article


def find_article(reader: CorpusReader, *, article_id: str | None = None, url: str | None = None) -> Article | None:
    """The article with `article_id`, or whose address or canonical address is `url`; None when there is none."""
    if article_id is None:
        import pyarrow.dataset as ds

        from crawler.corpus.schema import Dataset

        wanted = (ds.field("url") == url) | (ds.field("canonical_url") == url)
        rows = reader.dataset(Dataset.ARTICLES).to_table(columns=["id"], filter=wanted)["id"].to_pylist()
        article_id = rows[0] if rows else None
    return reader.article(article_id) if article_id else None


def sample_ids(
    warehouse: Warehouse, n: int, *, site: str | None = None, where: str | None = None, seed: int | None = None
) -> list[str]:
    """Ids of `n` articles drawn at random, the same ones for the same `seed`; `where`: a condition in SQL.

    Raises OptionError for a condition that cannot be used.
    """
    from crawler.inspection.warehouse import condition

    clause, values = condition(where, site)
    ids = warehouse.table(f"SELECT id FROM articles {clause}", values)["id"]  # noqa: S608 - read-only
    chosen = random.Random(seed).sample(range(len(ids)), min(n, len(ids)))  # noqa: S311 - no secret depends on it
    return [ids[place].as_py() for place in chosen]


def articles_of(reader: CorpusReader, ids: Sequence[str]) -> list[Article]:
    """The articles of `ids`, in their order."""
    return [article for article in map(reader.article, ids) if article is not None]


def printable(text: str) -> str:
    """`text` without control characters, which a terminal would obey; line ends stay."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
