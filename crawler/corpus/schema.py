"""The Arrow schemas of the three datasets, column by column."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import pyarrow as pa

from crawler.corpus.columns import field_docs
from crawler.corpus.rows import DuplicateArticle, RejectedPage
from crawler.dedup.signatures import SIGNATURE_PARAMETERS
from crawler.items import SCHEMA_VERSION, Article

if TYPE_CHECKING:
    from collections.abc import Sequence


class Dataset(enum.StrEnum):
    """A folder of Parquet files below the output folder."""

    ARTICLES = "articles"
    """The corpus."""
    REJECTED = "rejected"
    """Pages that did not become articles, with the reason."""
    DUPLICATES = "duplicates"
    """Articles that repeat one of the corpus, with which and how alike."""


TEXT = pa.string()
TEXTS = pa.list_(pa.field("element", pa.string(), nullable=False))
WHOLE = pa.int64()
SHARE = pa.float64()
MOMENT = pa.timestamp("us", tz="UTC")
BYTES = pa.binary()
KEY = pa.dictionary(pa.int32(), pa.string())
"""Type of `site`: the very one that pandas and pyarrow give a Hive partition, so that file and folder agree."""
SOURCES = pa.list_(
    pa.field(
        "element",
        pa.struct([pa.field("field", TEXT, nullable=False), pa.field("source", TEXT, nullable=False)]),
        nullable=False,
    )
)
SIMILARITIES = pa.list_(
    pa.field(
        "element",
        pa.struct([pa.field("seed", TEXT, nullable=False), pa.field("similarity", SHARE, nullable=False)]),
        nullable=False,
    )
)

Column = tuple[str, pa.DataType, bool]
"""Name, type, may be null."""

_ARTICLES: tuple[Column, ...] = (
    ("id", TEXT, False),
    ("url", TEXT, False),
    ("canonical_url", TEXT, False),
    ("site", KEY, False),
    ("title", TEXT, False),
    ("text", TEXT, False),
    ("fetched_at", MOMENT, False),
    ("run_id", TEXT, False),
    ("archive_file", TEXT, False),
    ("archive_offset", WHOLE, False),
    ("archive_length", WHOLE, False),
    ("kicker", TEXT, True),
    ("lede", TEXT, True),
    ("captions", TEXTS, False),
    ("authors", TEXTS, False),
    ("source", TEXT, True),
    ("section", TEXT, True),
    ("tags", TEXTS, False),
    ("language", TEXT, True),
    ("language_score", SHARE, True),
    ("published_at", MOMENT, True),
    ("published_raw", TEXT, True),
    ("modified_at", MOMENT, True),
    ("modified_raw", TEXT, True),
    ("content_hash", TEXT, False),
    ("signature", BYTES, False),
    ("n_shingles", WHOLE, False),
    ("nearest_seed", TEXT, True),
    ("nearest_seed_similarity", SHARE, True),
    ("seed_similarities", SIMILARITIES, False),
    ("extraction", TEXT, False),
    ("provenance", SOURCES, False),
    ("changes", TEXTS, False),
    ("link_share", SHARE, False),
    ("n_words", WHOLE, False),
    ("n_paragraphs", WHOLE, False),
    ("robots", TEXT, False),
    ("licence", TEXT, True),
    ("opt_outs", TEXTS, False),
    ("profile_version", TEXT, False),
    ("extractor_version", TEXT, False),
    ("schema_version", WHOLE, False),
)

_REJECTED: tuple[Column, ...] = (
    ("url", TEXT, False),
    ("site", KEY, False),
    ("reason", TEXT, False),
    ("detail", TEXT, False),
    ("fetched_at", MOMENT, False),
    ("run_id", TEXT, False),
    ("archive_file", TEXT, False),
    ("archive_offset", WHOLE, False),
    ("archive_length", WHOLE, False),
    ("status", WHOLE, True),
    ("canonical_url", TEXT, True),
    ("title", TEXT, True),
    ("profile_version", TEXT, False),
    ("extractor_version", TEXT, False),
    ("schema_version", WHOLE, False),
)

_DUPLICATES: tuple[Column, ...] = (
    *_ARTICLES,
    ("kept_id", TEXT, False),
    ("kept_url", TEXT, False),
    ("kept_site", TEXT, False),
    ("relation", TEXT, False),
    ("likeness", SHARE, True),
    ("kept_published_at", MOMENT, True),
)


def _schema(dataset: Dataset, columns: Sequence[Column], row_class: type) -> pa.Schema:
    docs = field_docs(row_class)
    fields = [pa.field(name, kind, nullable, {"doc": docs[name]}) for name, kind, nullable in columns]
    metadata = {"dataset": dataset.value, "schema_version": str(SCHEMA_VERSION), **SIGNATURE_PARAMETERS}
    return pa.schema(fields, metadata)


ROW_CLASSES: dict[Dataset, type] = {
    Dataset.ARTICLES: Article,
    Dataset.REJECTED: RejectedPage,
    Dataset.DUPLICATES: DuplicateArticle,
}

SCHEMAS: dict[Dataset, pa.Schema] = {
    Dataset.ARTICLES: _schema(Dataset.ARTICLES, _ARTICLES, Article),
    Dataset.REJECTED: _schema(Dataset.REJECTED, _REJECTED, RejectedPage),
    Dataset.DUPLICATES: _schema(Dataset.DUPLICATES, _DUPLICATES, DuplicateArticle),
}
"""Explicit types; what a column means is in its metadata `doc`, the parameters of the signatures in the schema's."""
