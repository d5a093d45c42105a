"""Rows of the three datasets, and what does not fit into them."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.items import SCHEMA_VERSION, Article, FieldSource, SeedSimilarity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.items import Reason

Row = dict[str, Any]
"""Column name to value, as pyarrow takes it."""

_NO_OFFSET = timedelta(0)
_INT64 = range(-(1 << 63), 1 << 63)
_ID = re.compile(r"[0-9a-f]{32}")
_CONTENT_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """One row of `rejected/`: a page that did not become an article, and why."""

    url: str
    """Address that was asked for."""
    site: str
    """Key of the site; also the Hive partition."""
    reason: str
    """Stable code: docs/reasons.md."""
    detail: str
    """The figure, field or message behind it, for people."""
    fetched_at: datetime
    """When the response arrived. UTC, microseconds."""
    run_id: str
    """Run that wrote the row."""
    archive_file: str
    """WARC file of the response, relative to the output folder."""
    archive_offset: int
    """First byte of the record in that file."""
    archive_length: int
    """Length of the record in bytes, compressed."""
    status: int | None = None
    """HTTP status, or null where an extracted article was rejected."""
    canonical_url: str | None = None
    """One spelling for all addresses of the page, where it is known."""
    title: str | None = None
    """Headline, where it is known."""
    profile_version: str = ""
    """12 hex digits: hash of the profile that was used."""
    extractor_version: str = ""
    """Version of the extraction code and of trafilatura."""
    schema_version: int = SCHEMA_VERSION
    """Version of this schema."""


@dataclass(frozen=True, slots=True)
class DuplicateArticle(Article):
    """One row of `duplicates/`: an article, whole, and which one of the corpus it repeats.

    Whole, so that another member of the cluster can be kept without a crawl, and for reading them side by side.
    """

    kept_id: str = ""
    """Id of the article in `articles/` that it repeats; equal to `id` where the same page was read again."""
    kept_url: str = ""
    """Address of that article."""
    kept_site: str = ""
    """Site of that article."""
    relation: str = ""
    """What it is to that article, a stable code: same_page, revision, or as docs/deduplication.md lists them."""
    likeness: float | None = None
    """How alike the two are, 0 to 1, as measured for the relation; null where it was not measured."""
    kept_published_at: datetime | None = None
    """Publication time of the kept article. UTC, microseconds."""


_ARTICLE_FIELDS = tuple(field.name for field in dataclasses.fields(Article))
_OWN_FIELDS = tuple(field.name for field in dataclasses.fields(DuplicateArticle))[len(_ARTICLE_FIELDS) :]


def article_row(article: Article) -> Row:
    """The row of an article."""
    row = {name: getattr(article, name) for name in _ARTICLE_FIELDS}
    row["provenance"] = [{"field": one.field, "source": one.source} for one in article.provenance]
    row["seed_similarities"] = [{"seed": one.seed, "similarity": one.similarity} for one in article.seed_similarities]
    return row


def duplicate_row(duplicate: DuplicateArticle) -> Row:
    """The row of a duplicate."""
    return article_row(duplicate) | {name: getattr(duplicate, name) for name in _OWN_FIELDS}


def duplicate_of(article: Article, **what: Any) -> DuplicateArticle:
    """`article` as a duplicate; `what`: the fields that DuplicateArticle has and Article has not."""
    return DuplicateArticle(**{name: getattr(article, name) for name in _ARTICLE_FIELDS}, **what)


def article_of(row: Mapping[str, Any]) -> Article:
    """The article of a row of `articles/` or `duplicates/`; columns that this version does not know are left aside."""
    values = {name: row[name] for name in _ARTICLE_FIELDS if name in row}
    values.update({name: tuple(value) for name, value in values.items() if isinstance(value, list)})
    values["provenance"] = tuple(FieldSource(**one) for one in values.get("provenance", ()))
    values["seed_similarities"] = tuple(SeedSimilarity(**one) for one in values.get("seed_similarities", ()))
    return Article(**values)


def rejected_of(article: Article, reason: Reason, detail: str, site: str, run_id: str) -> RejectedPage:
    """The row of an article that is rejected after it was extracted."""
    return RejectedPage(
        url=str(article.url),
        site=site,
        reason=reason.value,
        detail=detail,
        fetched_at=article.fetched_at,
        run_id=run_id,
        archive_file=article.archive_file,
        archive_offset=article.archive_offset,
        archive_length=article.archive_length,
        canonical_url=str(article.canonical_url),
        title=str(article.title),
        profile_version=str(article.profile_version),
        extractor_version=str(article.extractor_version),
    )


def plain_row(row: RejectedPage) -> Row:
    """The row of a rejected page, with text that UTF-8 cannot hold escaped."""
    values = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return {name: _encodable(value) if isinstance(value, str) else value for name, value in values.items()}


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def misfit(article: Article, site: str) -> str:
    """Which field of `article` does not fit the schema, and how; empty when all do.

    Checked are types, text that UTF-8 cannot hold, numbers beyond 64 bits, times without zone or not UTC, and the
    forms of `id`, `content_hash`, `site` and `schema_version`.
    """
    for field, check in _CHECKS.items():
        problem = check(getattr(article, field))
        if problem:
            return f"{field}: {problem}"
    for field, is_right in {
        "id": bool(_ID.fullmatch(article.id)),
        "content_hash": bool(_CONTENT_HASH.fullmatch(article.content_hash)),
        "site": article.site == site,
        "schema_version": article.schema_version == SCHEMA_VERSION,
    }.items():
        if not is_right:
            return f"{field}: {str(getattr(article, field))[:80]!r} is not what it must be"
    return ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        return f"{type(value).__name__} instead of text"
    return "" if value.isascii() or _encodable(value) == value else "holds half a surrogate pair"


def _whole(value: object) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole:
        return f"{type(value).__name__} instead of a whole number"
    return "" if value in _INT64 else "beyond 64 bits"


def _share(value: object) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "" if is_number else f"{type(value).__name__} instead of a number"


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        return f"{type(value).__name__} instead of a time"
    return "" if value.utcoffset() == _NO_OFFSET else "not UTC"


def _bytes(value: object) -> str:
    return "" if isinstance(value, bytes) else f"{type(value).__name__} instead of bytes"


def _texts(value: object) -> str:
    if not isinstance(value, tuple):
        return f"{type(value).__name__} instead of a tuple"
    return next(filter(None, map(_text, value)), "")


def _sources(value: object) -> str:
    if not isinstance(value, tuple) or not all(isinstance(one, FieldSource) for one in value):
        return "not a tuple of FieldSource"
    return next(filter(None, (_text(text) for one in value for text in (one.field, one.source))), "")


def _similarities(value: object) -> str:
    if not isinstance(value, tuple) or not all(isinstance(one, SeedSimilarity) for one in value):
        return "not a tuple of SeedSimilarity"
    return next(filter(None, (_text(one.seed) or _share(one.similarity) for one in value)), "")


_BY_TYPE = {
    "str": _text,
    "int": _whole,
    "float": _share,
    "bytes": _bytes,
    "datetime": _moment,
    "tuple[str, ...]": _texts,
    "tuple[FieldSource, ...]": _sources,
    "tuple[SeedSimilarity, ...]": _similarities,
}


def _check_of(annotation: str) -> Any:
    bare = annotation.removesuffix(" | None")
    check = _BY_TYPE[bare]
    return check if bare == annotation else lambda value: "" if value is None else check(value)


_CHECKS = {field.name: _check_of(str(field.type)) for field in dataclasses.fields(Article)}
