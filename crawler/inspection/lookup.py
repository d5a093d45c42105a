"""Single articles: by id, by address, at random; and text that is safe to print."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from crawler.corpus.reader import CorpusReader
    from crawler.items import Article


def find_article(reader: CorpusReader, *, article_id: str | None = None, url: str | None = None) -> Article | None:
    """The article with `article_id`, or whose address or canonical address is `url`; None when there is none."""
    if article_id is None:
        wanted = (ds.field("url") == url) | (ds.field("canonical_url") == url)
        rows = reader.dataset(Dataset.ARTICLES).to_table(columns=["id"], filter=wanted)["id"].to_pylist()
        article_id = rows[0] if rows else None
    return reader.article(article_id) if article_id else None


def sample_articles(reader: CorpusReader, n: int, *, site: str | None = None, seed: int | None = None) -> list[Article]:
    """`n` articles drawn at random, the same ones for the same `seed`."""
    ids = sorted(reader.dataset(Dataset.ARTICLES, site).to_table(columns=["id"])["id"].to_pylist())
    chosen = random.Random(seed).sample(ids, min(n, len(ids)))  # noqa: S311 - no secret depends on it
    return sorted(reader.articles(chosen), key=lambda article: chosen.index(article.id))


def printable(text: str) -> str:
    """`text` without control characters, which a terminal would obey; line ends stay."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
