from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pytest
from smallcrawl import extract, fetch, home

from crawler import items
from crawler.archive.exchange import to_page
from crawler.corpus.columns import field_docs
from crawler.corpus.rows import DuplicateArticle, RejectedPage, article_of, article_row, misfit
from crawler.corpus.schema import KEY, MOMENT, ROW_CLASSES, SCHEMAS, SHARE, SIMILARITIES, SOURCES, TEXTS, Dataset
from crawler.corpus.schema_page import schema_page
from crawler.items import Article, FieldSource, Pointer, SeedSimilarity

DOCS = Path(__file__).parents[2] / "docs"
ARROW = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": SHARE,
    "bytes": pa.binary(),
    "datetime": MOMENT,
    "tuple[str, ...]": TEXTS,
    "tuple[FieldSource, ...]": SOURCES,
    "tuple[SeedSimilarity, ...]": SIMILARITIES,
}


def article() -> Article:
    page = to_page(
        fetch(home("a") + "1", "a", 1), Pointer("archive/a/x.warc.gz", 7, 9), site="a", found_via="feed", run_id="r"
    )
    made = extract(page)
    assert isinstance(made, Article)
    return dataclasses.replace(
        made,
        authors=("Bút danh Một", "Bút danh Hai"),
        provenance=(FieldSource("title", "template:h1"),),
        seed_similarities=(SeedSimilarity("a/01", 0.5),),
        modified_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize("dataset", Dataset)
def test_every_field_is_a_column_of_its_type(dataset):
    fields = {field.name: str(field.type) for field in dataclasses.fields(ROW_CLASSES[dataset])}
    schema = SCHEMAS[dataset]
    assert schema.names == list(fields)
    for name, annotation in fields.items():
        column = schema.field(name)
        bare = annotation.removesuffix(" | None")
        assert column.type == (KEY if name == "site" else ARROW[bare]), name
        assert column.nullable == (bare != annotation), name
        assert column.metadata[b"doc"].decode() == field_docs(ROW_CLASSES[dataset])[name] != "", name


def test_no_column_is_a_map():
    assert not any(pa.types.is_map(field.type) for schema in SCHEMAS.values() for field in schema)


def test_schema_page_is_current():
    assert (DOCS / "schema.md").read_text(encoding="utf-8") == schema_page(), (
        "run `python -m crawler.corpus.schema_page`"
    )


def test_a_row_gives_back_its_article():
    one = article()
    table = pa.Table.from_pylist([article_row(one)], schema=SCHEMAS[Dataset.ARTICLES])
    assert article_of(table.to_pylist()[0]) == one


def test_every_annotation_resolves():
    names = vars(items) | {"datetime": datetime}
    for row_class in (Article, RejectedPage, DuplicateArticle):
        assert typing.get_type_hints(row_class, names)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", b"bytes"),
        ("text", "nửa \ud83d cặp"),
        ("kicker", 3),
        ("tags", ["a list"]),
        ("tags", ("a", None)),
        ("authors", ("\udfff",)),
        ("n_words", 1.5),
        ("n_words", True),
        ("n_words", 1 << 63),
        ("language_score", "0.9"),
        ("published_at", datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the case
        ("published_at", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=7)))),
        ("published_at", "2026-01-01"),
        ("fetched_at", None),
        ("signature", "text"),
        ("provenance", ({"field": "title"},)),
        ("provenance", (FieldSource("title", "\ud800"),)),
        ("seed_similarities", (SeedSimilarity("a/01", None),)),
        ("id", "ABC"),
        ("content_hash", ""),
        ("site", "b"),
        ("schema_version", 0),
    ],
)
def test_misfits_are_found_and_named(field, value):
    assert misfit(article(), "a") == ""
    assert misfit(dataclasses.replace(article(), **{field: value}), "a").startswith(f"{field}: ")
