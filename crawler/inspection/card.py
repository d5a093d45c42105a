"""A Hugging Face dataset card: what a stranger must know before using the corpus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crawler.corpus.schema import SCHEMAS, Dataset

if TYPE_CHECKING:
    from crawler.inspection.facts import Facts

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
"""Classes of size that the hub knows, by the number of rows below which they end."""
_DTYPES = {"timestamp[us, tz=UTC]": "timestamp[us, tz=UTC]", "double": "float64"}

_HEAD = """# News corpus

{articles} articles of {sites} news sites, {words} words, published {first} to {last}. Each text stands in it once:
{duplicates} articles that repeat another one are in the configuration `duplicates`, with which and how alike;
{rejected} pages that did not become articles are in `rejected`, with the reason."""
_REST = """
## Collection

Collected by crawling the sites' feeds, sitemaps and section pages. robots.txt is obeyed; column `robots` has its
verdict, `opt_outs` the signals against mining that a page gives, `licence` the licence that it states. The article's
text is selected by a template learned from examples of the site (`extraction` says where it did not fit), its encoding
is normalised (`changes`), and nothing else of it is changed. Times are UTC.

## Rights

The rights in the articles remain with their publishers and authors. Check which use the law and the publishers' terms
allow before you share or train on them. Names of persons stand in the texts as they were published. Ask the maintainer
of this dataset to take an article out; it is kept out of later versions."""


def card(facts: Facts) -> str:
    """README.md: YAML that the hub reads, then Markdown for people. JSON is YAML: nothing needs quoting by hand."""
    totals = facts.totals
    languages = [row["language"] for row in facts.rows["languages"] if row["language"]]
    head = {
        "language": languages,
        "pretty_name": "News corpus",
        "license": "other",
        "license_name": "rights-remain-with-the-publishers",
        "task_categories": ["text-generation", "summarization"],
        "tags": ["news"],
        "size_categories": [next((name for end, name in SIZES if totals["articles"] < end), "n>10M")],
        "configs": [
            {"config_name": one.value, "data_files": f"{one.value}/**/*.parquet", "default": one is Dataset.ARTICLES}
            for one in Dataset
        ],
        "dataset_info": [
            {
                "config_name": Dataset.ARTICLES.value,
                "features": [_feature(field) for field in SCHEMAS[Dataset.ARTICLES]],
                "splits": [{"name": "train", "num_bytes": facts.n_article_bytes, "num_examples": totals["articles"]}],
                "download_size": facts.n_article_bytes,
                "dataset_size": facts.n_article_bytes,
            }
        ],
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    return "\n".join(["---", *lines, "---", "", *_text(facts), ""])


def _feature(field: pa.Field) -> dict[str, Any]:
    kind = field.type
    if pa.types.is_list(kind):
        item = kind.value_type
        if pa.types.is_struct(item):
            return {"name": field.name, "list": [_feature(one) for one in item]}
        return {"name": field.name, "list": _dtype(item)}
    return {"name": field.name, "dtype": _dtype(kind)}


def _dtype(kind: pa.DataType) -> str:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return _DTYPES.get(str(kind), str(kind))


def _text(facts: Facts) -> list[str]:
    totals = facts.totals
    sites = [f"| {row['site']} | {row['articles']:,} | {row['words']:,} | {row['first']} | {row['last']} |"
             for row in facts.rows["sites"]]  # fmt: skip
    columns = [f"| `{field.name}` | {field.metadata[b'doc'].decode()} |" for field in SCHEMAS[Dataset.ARTICLES]]
    head = _HEAD.format(**{name: f"{value:,}" if isinstance(value, int) else value for name, value in totals.items()})
    table = ("", "## Sites", "", "| site | articles | words | first | last |", "|---|---|---|---|---|", *sites)
    return [head, *table, "", "## Columns", "", "| column | meaning |", "|---|---|", *columns, _REST]
